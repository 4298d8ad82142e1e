//! `plimsoll fetch`: what environments take from elsewhere into the cache, and their pins into Git's work tree.
//!
//! The only command of the rendering half that uses the network. An environment's pins are written once all of it has been
//! fetched; of several environments each stands for itself.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_resource::FileTree;
use serde_json::{Value, json};

use crate::commands::inputs::{EnvironmentInputs, Revision, Selection, git_problem, load};
use crate::commands::{Outcome, tell};
use crate::config::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::exit::ExitStatus;
use crate::fetch::cache::Cache;
use crate::fetch::credentials::{Credentials, Helpers};
use crate::fetch::pins::{self, Pins};
use crate::fetch::schemas::{WantedSchemas, fetch_schemas};
use crate::fetch::{FetchedEnvironment, Fetcher, Network, fetch_environment, pinned};
use crate::git::Repository;
use crate::render::{RenderRequest, RenderedEnvironment, render};
use crate::report::output::{Output, Report};
use crate::terminal::Terminal;

/// Arguments of `plimsoll fetch`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll fetch --env dev                download what dev takes from elsewhere, write its pins
  plimsoll fetch --all --locked           in CI: download exactly what is pinned, change nothing
  plimsoll fetch --all --revision main    what another revision has pinned, for `plimsoll diff`
  plimsoll fetch --env dev --schemas      also what the provider packages of dev define
  plimsoll fetch --prune                  take away from the cache what nothing needs any more

Pins are written to overlays/<env>/plimsoll.fetch.yaml and belong into Git. What is pinned never changes
by itself: delete an entry to take what its address gives now. Credentials are those of Docker's
config.json.")]
pub struct Arguments {
    /// The environment; may be given more than once.
    #[arg(long, value_name = "NAME", required_unless_present_any = ["all", "prune"])]
    pub env: Vec<String>,
    /// Every environment that has an `overlays/<env>/environment.yaml`.
    #[arg(long, conflicts_with = "env")]
    pub all: bool,
    /// Also pin what the provider packages of the environment define, so that their resources are validated by it.
    #[arg(long)]
    pub schemas: bool,
    /// Also pin the CustomResourceDefinitions in this folder, a path from the repository's root.
    #[arg(long, value_name = "FOLDER")]
    pub schemas_from: Option<String>,
    /// Fail where something is not pinned yet, or no longer needed, and write nothing but the cache.
    #[arg(long)]
    pub locked: bool,
    /// Fetch what this commit, branch or tag has pinned; nothing is written but the cache.
    #[arg(long, value_name = "REVISION")]
    pub revision: Option<String>,
    /// Take away from the cache what no repository on this machine needs any more.
    #[arg(long)]
    pub prune: bool,
    /// Start the credential helpers that Docker's config.json names, which are programs.
    #[arg(long)]
    pub allow_credential_helpers: bool,
    /// How to print the report: text, json or yaml, and the file it goes to; repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text")]
    pub output: Vec<Output>,
}

/// What became of one environment.
struct EnvironmentReport {
    name: String,
    fetched: FetchedEnvironment,
    is_changed: bool,
}

/// Fetches.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let cache = Cache::of_user()?;
    let mut reports = Vec::new();
    let mut found = Diagnostics::new();
    if arguments.all || !arguments.env.is_empty() {
        found = fetch_all(arguments, &cache, &mut reports, terminal)?;
    }
    let mut text: String = reports.iter().map(EnvironmentReport::line).collect();
    if arguments.prune && !found.has_errors() {
        let pruned = cache.prune()?;
        text.push_str(&format!(
            "pruned {} of the cache, {}\n",
            count(pruned.files, "file"),
            size(pruned.bytes)
        ));
    }
    let value = json!({"environments": reports.iter().map(EnvironmentReport::value).collect::<Vec<_>>()});
    let unwritten = Report { text: &text, value: &value }.write(&arguments.output, terminal);
    found.extend(unwritten.into_iter().collect());
    Ok(if found.is_empty() { ExitStatus::Clean } else { tell(&found, terminal) })
}

fn fetch_all(
    arguments: &Arguments,
    cache: &Cache,
    reports: &mut Vec<EnvironmentReport>,
    terminal: &mut Terminal,
) -> Result<Diagnostics, Diagnostics> {
    let repository = Repository::discover(Path::new(".")).map_err(|error| git_problem(&error))?;
    let revision = match &arguments.revision {
        None => Revision::WorkTree,
        Some(name) => Revision::Commit(repository.resolve(name).map_err(|error| git_problem(&error))?),
    };
    let selection = Selection { env: arguments.env.clone(), all: arguments.all };
    let names = selection.names(&repository, revision)?;
    let helpers = if arguments.allow_credential_helpers { Helpers::Allowed } else { Helpers::Forbidden };
    let credentials = Credentials::of_user(helpers)?;
    let terminal = RefCell::new(terminal);
    let progress = |line: &str| terminal.borrow_mut().progress(line);
    let network = Network::new(credentials, &progress)?;
    let fetcher = Fetcher::new(&network, cache)?;
    let mut found = Diagnostics::new();
    for name in &names {
        match fetch_one(name, arguments, &repository, revision, &fetcher) {
            Ok(report) => reports.push(report),
            Err(problems) => found.extend(problems.in_environment(name)),
        }
    }
    if let Some(folder) = repository.work_tree() {
        let used = used_digests(&repository, reports)?;
        cache.remember(folder, &used)?;
    }
    Ok(found)
}

fn fetch_one(
    name: &str,
    arguments: &Arguments,
    repository: &Repository,
    revision: Revision,
    fetcher: &Fetcher<'_>,
) -> Result<EnvironmentReport, Diagnostics> {
    let inputs = load(repository, revision, name)?;
    let path = pins::path(name);
    let before = match inputs.tree.get(&path) {
        Some(bytes) => Pins::parse(&path, bytes)?,
        None => Pins::default(),
    };
    let mut fetched = fetch_environment(&inputs, &before, fetcher)?;
    let wanted = WantedSchemas { of_packages: arguments.schemas, folder: arguments.schemas_from.clone() };
    if wanted.of_packages || wanted.folder.is_some() || before.definitions().next().is_some() {
        let rendered = render_with(&inputs, &fetched.pins)?;
        let read_folder = |folder: &str| read_definitions(repository, folder);
        let (schemas, downloaded) = fetch_schemas(&wanted, &rendered, &before, fetcher, &read_folder)?;
        fetched.pins.packages = schemas.packages;
        fetched.pins.folders = schemas.folders;
        fetched.downloaded += downloaded;
    }
    let is_changed = fetched.pins != before;
    if is_changed && (arguments.locked || arguments.revision.is_some()) {
        return Err(stale(&path, &before, &fetched.pins));
    }
    if is_changed {
        write(repository, &path, &fetched.pins)?;
    }
    Ok(EnvironmentReport { name: name.to_owned(), fetched, is_changed })
}

/// Renders the environment with what was fetched just now, and without the definitions that are fetched next.
fn render_with(inputs: &EnvironmentInputs, pins: &Pins) -> Result<RenderedEnvironment, Diagnostics> {
    let name = &inputs.environment.metadata.name;
    let mut tree = inputs.tree.clone();
    // The path is one of ours.
    let _ = tree.insert(&pins::path(name), pins.to_yaml().into_bytes());
    pinned::add_to(&mut tree, name)?;
    render(RenderRequest {
        environment: &inputs.environment,
        document: &inputs.document,
        tree: &tree,
        today: Date::today(),
    })
}

/// The files of a folder of definitions, which may lie outside of the repository.
fn read_definitions(repository: &Repository, folder: &str) -> Result<FileTree, Diagnostics> {
    let root = repository.work_tree().unwrap_or(Path::new("."));
    let mut files = FileTree::new();
    let mut waiting = vec![root.join(folder)];
    while let Some(path) = waiting.pop() {
        let failed = |error: std::io::Error| {
            Diagnostic::error(Code::new("fetch::package"), format!("could not read `{}`", path.display()))
                .with_cause(error.to_string())
        };
        if path.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(failed)? {
                waiting.push(entry.map_err(failed)?.path());
            }
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let bytes = std::fs::read(&path).map_err(failed)?;
            let name = path.strip_prefix(root.join(folder)).unwrap_or(&path).display().to_string();
            files.insert(&name, bytes).map_err(|error| failed(std::io::Error::other(error)))?;
        }
    }
    Ok(files)
}

/// What is pinned and not needed, and what is needed and not pinned.
fn stale(path: &str, before: &Pins, after: &Pins) -> Diagnostics {
    let (before, after): (BTreeSet<String>, BTreeSet<String>) =
        (before.names().collect(), after.names().collect());
    let problem = |name: &String, what: &str| {
        Diagnostic::error(Code::new("fetch::stale"), format!("`{name}` {what}"))
            .at(Place::file(path))
            .with_help("run `plimsoll fetch` without `--locked` or `--revision`, and commit the pins")
    };
    let unpinned = after.difference(&before).map(|name| problem(name, "is needed and not pinned"));
    let unneeded = before.difference(&after).map(|name| problem(name, "is pinned and not needed"));
    unpinned.chain(unneeded).collect()
}

/// Writes pins whole or not at all; an environment that takes nothing from elsewhere has no file.
fn write(repository: &Repository, path: &str, pins: &Pins) -> Result<(), Diagnostics> {
    let folder = repository.work_tree().ok_or_else(|| {
        Diagnostic::error(
            Code::new("output::write"),
            "pins are written into a work tree, and the repository is bare",
        )
    })?;
    let target = folder.join(path);
    // Other processes may write the same pins at the same time.
    let temporary = target.with_extension(format!("yaml.{}", std::process::id()));
    let written = if pins.is_empty() {
        std::fs::remove_file(&target)
    } else {
        std::fs::write(&temporary, pins.to_yaml()).and_then(|()| std::fs::rename(&temporary, &target))
    };
    written.map_err(|error| {
        Diagnostic::error(Code::new("output::write"), format!("could not write `{path}`"))
            .with_cause(error.to_string())
            .into()
    })
}

/// What all environments of the work tree have pinned, and what was fetched now.
fn used_digests(
    repository: &Repository,
    reports: &[EnvironmentReport],
) -> Result<BTreeSet<String>, Diagnostics> {
    let everything = Selection { env: Vec::new(), all: true };
    let mut used = BTreeSet::new();
    for name in everything.names(repository, Revision::WorkTree).unwrap_or_default() {
        let path = pins::path(&name);
        let bytes = repository.read_work_file(&path).map_err(|error| git_problem(&error))?;
        if let Some(pins) = bytes.and_then(|bytes| Pins::parse(&path, &bytes).ok()) {
            used.extend(pins.digests().map(str::to_owned));
        }
    }
    used.extend(reports.iter().flat_map(|report| report.fetched.pins.digests()).map(str::to_owned));
    Ok(used)
}

impl EnvironmentReport {
    fn pinned(&self) -> usize {
        self.fetched.pins.digests().count()
    }

    fn line(&self) -> String {
        let name = &self.name;
        if self.pinned() == 0 {
            return format!("{name}: nothing comes from elsewhere\n");
        }
        let written = if self.is_changed { format!("; wrote {}", pins::path(name)) } else { String::new() };
        format!("{name}: {} pinned, {} downloaded{written}\n", self.pinned(), self.fetched.downloaded)
    }

    fn value(&self) -> Value {
        let pins = &self.fetched.pins;
        let charts = pins.charts.iter().map(|(address, sha256)| {
            json!({"repository": address.repository, "name": address.name, "version": address.version, "sha256": sha256})
        });
        let remotes = pins
            .remotes
            .iter()
            .map(|(address, pin)| json!({"address": address, "commit": pin.commit, "sha256": pin.sha256}));
        let packages = pins
            .packages
            .iter()
            .map(|(package, pin)| json!({"package": package, "digest": pin.digest, "sha256": pin.sha256}));
        let folders = pins.folders.iter().map(|(folder, sha256)| json!({"folder": folder, "sha256": sha256}));
        json!({
            "environment": self.name,
            "downloaded": self.fetched.downloaded,
            "changed": self.is_changed,
            "charts": charts.collect::<Vec<_>>(),
            "remotes": remotes.collect::<Vec<_>>(),
            "packages": packages.collect::<Vec<_>>(),
            "folders": folders.collect::<Vec<_>>(),
        })
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
