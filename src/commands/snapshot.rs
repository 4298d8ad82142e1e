//! `plimsoll snapshot`: what lives, read once, to be compared elsewhere without credentials.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::check::desired::{self, Tree};
use crate::check::run::CheckRequest;
use crate::check::scope::CheckScope;
use crate::check::snapshot;
use crate::commands::check::{PlatformName, parse_time, platforms, reading_runtime, request_of};
use crate::commands::inputs::git_problem;
use crate::commands::places::{self, Document};
use crate::commands::{Outcome, tell};
use crate::diagnostic::{Code, Diagnostic};
use crate::exit::ExitStatus;
use crate::git::{GitError, Repository};
use crate::live::kube::ExecPlugins;
use crate::report::destination::Destination;
use crate::report::json_text;
use crate::terminal::Terminal;

/// Arguments of `plimsoll snapshot`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll snapshot --env dev --to dev.snapshot.json     where clusters and account can be reached
  plimsoll check --env dev --from-snapshot dev.snapshot.json
                                                         where they cannot
  plimsoll snapshot --env dev --to s3://reports/dev      into S3, as dev.snapshot.json

A snapshot holds no value of a Secret: of each key that Git declares only whether it equals the
revision that the snapshot names. Of other texts that look like secrets it holds only those that Git
has too. Exit status: 3 where part could not be read.")]
pub struct Arguments {
    /// The environment.
    #[arg(long, value_name = "NAME")]
    pub env: String,
    /// The file to write, or a place in S3: s3://BUCKET/PREFIX.
    #[arg(long, value_name = "FILE")]
    pub to: Destination,
    /// Only these platforms; what is left out is unknown to a check of the snapshot.
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub only: Vec<PlatformName>,
    /// The revision that says what is declared.
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    pub revision: String,
    /// The repository, if it is not the current directory's; it may be bare.
    #[arg(long, value_name = "PATH")]
    pub repo: Option<PathBuf>,
    /// How many requests a cluster gets at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    pub concurrency: usize,
    /// How long reading may take: 90, 90s, 2m.
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = parse_time)]
    pub timeout: Duration,
    /// Let a kubeconfig run programs for its credentials.
    #[arg(long)]
    pub allow_exec_plugins: bool,
}

/// Takes a snapshot.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let git = |error: GitError| git_problem(&error);
    let repository = match &arguments.repo {
        Some(path) => Repository::open(path).map_err(git)?,
        None => Repository::discover(Path::new(".")).map_err(git)?,
    };
    let commit = repository.resolve(&arguments.revision).map_err(git)?;
    let desired = desired::read(&repository, Tree::Commit(commit), &arguments.env)?;
    let plugins = if arguments.allow_exec_plugins { ExecPlugins::Allowed } else { ExecPlugins::Refused };
    let request = CheckRequest {
        only: platforms(&arguments.only),
        ..request_of(CheckScope::default(), arguments.concurrency, arguments.timeout, plugins)
    };
    terminal.progress(&format!("{}: reading", arguments.env));
    let runtime = reading_runtime()?;
    let taken = runtime.block_on(snapshot::take(&desired, &request));
    // What still looks up a name is not waited for.
    runtime.shutdown_background();
    let (outcome, snapshot) = taken?;
    let name = format!("{}.snapshot.json", arguments.env);
    let bytes = json_text(&json!(snapshot)).into_bytes();
    places::write(&arguments.to, Document { name: &name, media_type: "application/json", bytes })?;
    let mut status = ExitStatus::Clean;
    if !outcome.unreadable.is_empty() {
        let mut diagnostic = Diagnostic::warning(
            Code::new("snapshot::incomplete"),
            format!("the snapshot lacks {} part(s) that could not be read", outcome.unreadable.len()),
        )
        .in_environment(arguments.env.clone());
        diagnostic
            .causes
            .extend(outcome.unreadable.iter().take(10).map(|one| format!("{}: {}", one.target, one.cause)));
        tell(&diagnostic.into(), terminal);
        let nothing = outcome.targets.iter().all(|target| !target.was_read);
        status = if nothing { ExitStatus::Failed } else { ExitStatus::Incomplete };
    }
    Ok(status)
}
