//! `plimsoll check`: whether the live systems are what Git says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::check::aws::{Checked, Writers};
use crate::check::desired::{self, Tree};
use crate::check::policy;
use crate::check::run::{self, CheckRequest};
use crate::check::scope::CheckScope;
use crate::check::shard::Shard;
use crate::check::snapshot::{self, LiveSnapshot};
use crate::commands::inputs::{Revision, Selection, git_problem};
use crate::commands::places::{self, Document};
use crate::commands::{Outcome, tell};
use crate::config::date::Date;
use crate::config::environment::Platform;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::git::{GitError, Repository};
use crate::live::aws::Location;
use crate::live::kube::ExecPlugins;
use crate::report::destination::Destination;
use crate::report::drift::format::{self, Format, Output};
use crate::report::drift::model::DriftReport;
use crate::report::drift::text::Color;
use crate::terminal::Terminal;

/// Arguments of `plimsoll check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll check --env dev                            what differs, for people
  plimsoll check --env dev -o json=drift.json -o text the same, and for programs
  plimsoll check --all -o junit=drift.xml             every environment, for a dashboard of tests
  plimsoll check --env dev --layer app                one layer
  plimsoll check --env dev --shard 2/8 --run 4711     the second of eight parts, joined by `plimsoll report merge`
  plimsoll check --env dev --shard 2/8 --run 4711 -o json=s3://reports/dev/4711
                                                      the same, where shards on many machines meet
  plimsoll check --env dev --revision v1.4            what another revision says
  plimsoll check --env dev --print-policy             the rights that it needs
  plimsoll check --env dev --print-policy --only aws  the same as an IAM policy alone

Reads with the verbs get and list alone. Exit status: 0 clean, 2 drift, 3 where part could not be
read and nothing else was found, 1 where nothing could be read.")]
pub struct Arguments {
    /// The environments.
    #[command(flatten)]
    pub selection: Selection,
    /// Only this layer; repeatable.
    #[arg(long, value_name = "LAYER")]
    pub layer: Vec<String>,
    /// Only these platforms.
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub only: Vec<PlatformName>,
    /// Only this part of the resources: the first of four is 1/4.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// What all shards of one check have in common, such as the number of a workflow's run.
    #[arg(long, value_name = "ID", default_value = "")]
    pub run: String,
    /// How many requests a cluster or account gets at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    pub concurrency: usize,
    /// How long reading may take: 90, 90s, 2m.
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = parse_time)]
    pub timeout: Duration,
    /// The revision whose files are compared.
    #[arg(long, value_name = "REVISION", default_value = "HEAD", conflicts_with = "work_tree")]
    pub revision: String,
    /// Compare the files as they lie in the work tree.
    #[arg(long)]
    pub work_tree: bool,
    /// The repository, if it is not the current directory's; it may be bare.
    #[arg(long, value_name = "PATH")]
    pub repo: Option<PathBuf>,
    /// Let a kubeconfig run programs for its credentials.
    #[arg(long)]
    pub allow_exec_plugins: bool,
    /// Compare what `plimsoll snapshot` wrote, and ask nobody.
    #[arg(long, value_name = "FILE", conflicts_with = "who")]
    pub from_snapshot: Option<Destination>,
    /// Print the least rights that the check needs, as an IAM policy and as manifests, and check nothing.
    #[arg(long, conflicts_with = "from_snapshot")]
    pub print_policy: bool,
    /// Ask CloudTrail who made each change in AWS; it answers two questions a second.
    #[arg(long)]
    pub who: bool,
    /// How to print the report: text, json, yaml, markdown, junit or html, and the file or the place in S3
    /// (s3://BUCKET/PREFIX) that it goes to; repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text")]
    pub output: Vec<Output>,
}

/// A platform on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PlatformName {
    /// Kubernetes clusters.
    Kubernetes,
    /// The AWS account.
    Aws,
}

/// Checks the environments.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let git = |error: GitError| git_problem(&error);
    let repository = match &arguments.repo {
        Some(path) => Repository::open(path).map_err(git)?,
        None => Repository::discover(Path::new(".")).map_err(git)?,
    };
    let (tree, revision) = if arguments.work_tree {
        (Tree::WorkTree, Revision::WorkTree)
    } else {
        let commit = repository.resolve(&arguments.revision).map_err(git)?;
        (Tree::Commit(commit), Revision::Commit(commit))
    };
    named_run(arguments)?;
    let request = request(arguments);
    let mut declared = Vec::new();
    let mut found = Diagnostics::new();
    for name in arguments.selection.names(&repository, revision)? {
        match desired::read(&repository, tree, &name).and_then(|desired| known_layers(desired, &request)) {
            Ok(desired) => declared.push(desired),
            Err(problems) => found.extend(problems),
        }
    }
    if found.has_errors() {
        return Err(found);
    }
    if arguments.print_policy {
        terminal.data(&policy::print(&declared, &request, &locations(&arguments.output)));
        return Ok(ExitStatus::Clean);
    }
    let snapshot = arguments.from_snapshot.as_ref().map(|from| snapshot_of(from, &declared)).transpose()?;
    let runtime = reading_runtime()?;
    let mut reports = Vec::new();
    let mut status = ExitStatus::Clean;
    for desired in &declared {
        let name = &desired.environment.metadata.name;
        terminal.progress(&format!("{name}: reading {} resources", desired.resources.len()));
        let read = match &snapshot {
            Some(snapshot) => runtime.block_on(snapshot::compare(desired, &request, snapshot)),
            None => runtime.block_on(run::read(desired, &request)),
        };
        let Checked { outcome, ledger, uncompared } = match read {
            Ok(read) => read,
            Err(problems) => {
                status = status.or(tell(&problems, terminal));
                continue;
            }
        };
        if terminal.verbosity() > 0 {
            for attempt in &ledger.attempts {
                terminal.message(&attempt.to_string());
            }
        }
        if !uncompared.is_empty() {
            tell(&not_compared(name, uncompared).into(), terminal);
        }
        let mut unreachable = Diagnostics::new();
        for target in outcome.targets.iter().filter(|target| !target.was_read) {
            let prefix = format!("{}:", target.name);
            let causes = outcome
                .unreadable
                .iter()
                .filter(|one| one.target == target.name || one.target.starts_with(&prefix))
                .map(|one| one.cause.clone());
            let mut diagnostic = Diagnostic::warning(
                Code::new("check::unreachable"),
                format!("nothing of `{}` could be read", target.name),
            )
            .in_environment(name.clone());
            let mut seen = std::collections::BTreeSet::new();
            diagnostic.causes.extend(causes.filter(|cause| seen.insert(cause.clone())).take(3));
            unreachable.push(diagnostic);
        }
        if !unreachable.is_empty() {
            tell(&unreachable, terminal);
        }
        let (report, one) = run::report(desired, &request, outcome);
        status = status.or(one);
        reports.push(report);
    }
    // What still looks up a name is not waited for.
    runtime.shutdown_background();
    let unwritten = write(&reports, &arguments.output, terminal);
    Ok(if unwritten.is_empty() { status } else { status.or(tell(&unwritten, terminal)) })
}

/// What the tables of AWS do not know is no drift and not clean either: it is told.
fn not_compared(environment: &str, parameters: Vec<String>) -> Diagnostic {
    let message = format!("{} parameter(s) of AWS resources are not compared", parameters.len());
    let mut diagnostic =
        Diagnostic::warning(Code::new("check::not-compared"), message).in_environment(environment.to_owned());
    diagnostic.causes.extend(parameters.into_iter().take(10));
    diagnostic
}

fn request(arguments: &Arguments) -> CheckRequest {
    let scope = CheckScope { layers: arguments.layer.iter().cloned().collect(), shard: arguments.shard };
    let plugins = if arguments.allow_exec_plugins { ExecPlugins::Allowed } else { ExecPlugins::Refused };
    CheckRequest {
        only: platforms(&arguments.only),
        run: arguments.run.clone(),
        writers: if arguments.who { Writers::Asked } else { Writers::NotAsked },
        ..request_of(scope, arguments.concurrency, arguments.timeout, plugins)
    }
}

/// The platforms that names on the command line stand for.
pub(super) fn platforms(names: &[PlatformName]) -> Vec<Platform> {
    let platforms = names.iter().map(|platform| match platform {
        PlatformName::Kubernetes => Platform::Kubernetes,
        PlatformName::Aws => Platform::Aws,
    });
    platforms.collect()
}

/// A request for every platform, judged today.
pub(super) fn request_of(
    scope: CheckScope,
    concurrency: usize,
    timeout: Duration,
    plugins: ExecPlugins,
) -> CheckRequest {
    CheckRequest {
        scope,
        only: Vec::new(),
        concurrency,
        timeout,
        plugins,
        run: String::new(),
        today: Date::today(),
        writers: Writers::NotAsked,
    }
}

/// What live systems are read on.
pub(super) fn reading_runtime() -> Result<tokio::runtime::Runtime, Diagnostics> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        let message = "the system gives no threads to read with";
        Diagnostic::error(Code::new("check::system"), message).with_cause(error.to_string()).into()
    })
}

/// Reads a snapshot, which must be of the environment.
fn snapshot_of(from: &Destination, declared: &[desired::Desired]) -> Result<LiveSnapshot, Diagnostics> {
    let unusable = |cause: String| {
        let message = format!("`{from}` cannot be compared");
        Diagnostics::from(
            Diagnostic::error(Code::new("snapshot::unusable"), message)
                .with_cause(cause)
                .with_help("give a file that `plimsoll snapshot` wrote for the same environment"),
        )
    };
    let bytes = places::read(from, snapshot::LONGEST).map_err(unusable)?;
    let snapshot: LiveSnapshot = serde_json::from_slice(&bytes).map_err(|error| {
        unusable(format!("it is no snapshot: line {}, column {}", error.line(), error.column()))
    })?;
    if snapshot.kind != snapshot::KIND || snapshot.api_version != snapshot::API_VERSION {
        return Err(unusable("it is no snapshot of this version".to_owned()));
    }
    match declared.iter().find(|desired| desired.environment.metadata.name != snapshot.environment) {
        None => Ok(snapshot),
        Some(desired) => Err(unusable(format!(
            "it is of `{}`, and `{}` is checked",
            snapshot.environment, desired.environment.metadata.name
        ))),
    }
}

/// Refuses a layer that the environment does not have: a check of nothing must not look clean.
fn known_layers(desired: desired::Desired, request: &CheckRequest) -> Result<desired::Desired, Diagnostics> {
    let spec = &desired.environment.spec;
    let names: Vec<&str> =
        spec.layers.iter().map(|layer| layer.name.as_str()).chain([desired::SYNC_LAYER]).collect();
    let unknown: Diagnostics = request
        .scope
        .layers
        .iter()
        .filter(|layer| !names.contains(&layer.as_str()))
        .map(|layer| {
            Diagnostic::error(Code::new("check::unknown-layer"), format!("there is no layer `{layer}`"))
                .in_environment(desired.environment.metadata.name.clone())
                .with_help(format!("the layers are {}", names.join(", ")))
        })
        .collect();
    if unknown.is_empty() { Ok(desired) } else { Err(unknown) }
}

/// Writes reports to every output; gives what could not be written.
pub fn write(reports: &[DriftReport], outputs: &[Output], terminal: &mut Terminal) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for output in outputs {
        let Some(destination) = &output.destination else {
            let color = if terminal.colors_data() { Color::On } else { Color::Off };
            terminal.data(&format::print(reports, output.format, color));
            continue;
        };
        let name = file_name(reports, output.format);
        let bytes = format::print(reports, output.format, Color::Off).into_bytes();
        let document = Document { name: &name, media_type: output.format.media_type(), bytes };
        problems.extend(places::write(destination, document).err().unwrap_or_default());
    }
    problems
}

/// What a report is called below a prefix: the same in every try of the same part, so that a later one takes the place of an
/// earlier one.
fn file_name(reports: &[DriftReport], format: Format) -> String {
    let (environment, shard) = match reports {
        [report] => (report.environment.as_str(), report.shard.as_ref()),
        reports => ("environments", reports.first().and_then(|report| report.shard.as_ref())),
    };
    let shard = shard.map(|shard| format!("-shard-{}-of-{}", shard.index, shard.of)).unwrap_or_default();
    format!("{environment}{shard}.{}", format.extension())
}

/// The places in S3 that reports go to.
fn locations(outputs: &[Output]) -> Vec<Location> {
    let stores = outputs.iter().filter_map(|output| match &output.destination {
        Some(Destination::Store(location)) => Some(location.clone()),
        _ => None,
    });
    stores.collect()
}

/// Refuses shards that meet in S3 without a name for their run: what an earlier run left there would pass for this one's.
fn named_run(arguments: &Arguments) -> Result<(), Diagnostics> {
    if arguments.shard.is_none() || !arguments.run.is_empty() || locations(&arguments.output).is_empty() {
        return Ok(());
    }
    let message = "a shard's report that goes to S3 needs the name of its run";
    Err(Diagnostic::error(Code::new("check::unnamed-run"), message)
        .with_help("give all shards of one check the same `--run`, such as the number of a workflow's run")
        .into())
}

/// Reads a time: `90`, `90s`, `2m`.
pub(super) fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|character: char| !character.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let number: u64 = number.parse().map_err(|_| "a time is written 90, 90s or 2m".to_owned())?;
    let seconds = match unit {
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        _ => None,
    };
    let seconds = seconds.ok_or_else(|| "a time is written 90, 90s or 2m".to_owned())?;
    if (1..=86_400).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err("a time is one second to one day".to_owned())
    }
}
