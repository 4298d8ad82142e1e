//! `plimsoll render`: environments into files, and the files into a commit.
//!
//! Every environment is rendered before any is written, so that one that fails leaves all as they were.

use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_resource::FileTree;

use crate::commands::inputs::{EnvironmentInputs, Revision, Selection, git_problem, load};
use crate::commands::{Outcome, tell, version};
use crate::config::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::exit::ExitStatus;
use crate::git::{Adoption, CommitId, CommitRequest, NoObserver, OwnedPaths, Repository, SavedFile, Target};
use crate::lint::chart_sizes::{self, DEFAULT_SIZE};
use crate::render::lock::{self, Lock};
use crate::render::{RenderRequest, RenderedEnvironment, UNKNOWN_VALUE, render};
use crate::report::output::{Output, Report};
use crate::report::render::{LayerSummary, Provenance, RenderOutcome, RenderReport, commit_message, value};
use crate::terminal::Terminal;

/// Arguments of `plimsoll render`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll render --env dev && git push     render, commit on the current branch, publish
  plimsoll render --all --check             exit 2 with a list where Git is not what the inputs say
  plimsoll render --env dev --dry-run       what would change
  plimsoll render --env dev --no-commit     write the files, commit nothing
  plimsoll render --env dev --branch next   commit to a branch without touching HEAD
  plimsoll render --env dev --repo ../envs  commit to another clone, or to a bare repository

Inputs are read from the work tree of the current directory's repository. Only files that
plimsoll.lock.yaml lists are ever replaced or deleted. Git hooks are not run.")]
pub struct Arguments {
    /// The environments.
    #[command(flatten)]
    pub selection: Selection,
    /// Write nothing; compare with what Git and the work tree have.
    #[arg(long, conflicts_with_all = ["adopt", "no_commit", "dry_run"])]
    pub check: bool,
    /// Take over files that were edited by hand or are in the way.
    #[arg(long)]
    pub adopt: bool,
    /// Write the files into the work tree and commit nothing.
    #[arg(long, conflicts_with_all = ["branch", "dry_run"])]
    pub no_commit: bool,
    /// Commit to this branch, without touching HEAD where it is on another.
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// The repository to commit to, if it is not the one that the inputs lie in.
    #[arg(long, value_name = "PATH")]
    pub repo: Option<PathBuf>,
    /// Write nothing; tell what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Refuse values that a chart does not know and sizes that nobody chose, instead of warning of them.
    #[arg(long)]
    pub strict_values: bool,
    /// How to print the report: text, json or yaml, and the file it goes to; repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text")]
    pub output: Vec<Output>,
}

/// Renders the environments.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let mut reports = Vec::new();
    let outcome = render_all(arguments, terminal, &mut reports);
    let nothing = Diagnostics::new();
    let (status, found) = match &outcome {
        Ok(status) => (*status, &nothing),
        Err(found) => (ExitStatus::Clean, found),
    };
    let lists = arguments.check || arguments.dry_run;
    let text: String = reports.iter().filter(|_| lists).map(RenderReport::list).collect();
    let report = Report { text: &text, value: &value(&reports, found) };
    let unwritten = report.write(&arguments.output, terminal);
    let status = if found.is_empty() { status } else { status.or(tell(found, terminal)) };
    Ok(if unwritten.is_empty() { status } else { status.or(tell(&unwritten, terminal)) })
}

fn render_all(
    arguments: &Arguments,
    terminal: &mut Terminal,
    reports: &mut Vec<RenderReport>,
) -> Result<ExitStatus, Diagnostics> {
    let git = |error: crate::git::GitError| git_problem(&error);
    let source = Repository::discover(Path::new(".")).map_err(git)?;
    let other = arguments.repo.as_deref().map(Repository::open).transpose().map_err(git)?;
    let target = RenderTarget::of(other.as_ref().unwrap_or(&source), arguments.branch.as_deref())?;
    let names = arguments.selection.names(&source, Revision::WorkTree)?;
    let mut rendered = Vec::new();
    let mut found = Diagnostics::new();
    for name in &names {
        let started = Instant::now();
        terminal.progress(&format!("{name}: rendering"));
        let result = load(&source, Revision::WorkTree, name)
            .and_then(|inputs| render_one(&inputs, &target, arguments));
        match result {
            Ok(one) => rendered.push(one),
            Err(problems) => found.extend(problems),
        }
        if terminal.verbosity() > 0 {
            terminal
                .message(&format!("{name}: rendered in {:.1} ms", started.elapsed().as_secs_f64() * 1000.0));
        }
    }
    if found.has_errors() {
        return Err(found);
    }
    let mut status = ExitStatus::Clean;
    for one in rendered {
        terminal.progress(&format!("{}: comparing and writing", one.environment.name));
        let report = finish(arguments, &source, &target, one, terminal)?;
        if terminal.verbosity() > 0 && !(arguments.check || arguments.dry_run) {
            terminal.message_text(&report.list());
        }
        if !report.remarks.is_empty() {
            tell(&report.remarks, terminal);
        }
        terminal.message_text(&report.summary());
        if report.outcome == RenderOutcome::Stale {
            status = status.or(ExitStatus::Different);
        }
        reports.push(report);
    }
    Ok(status)
}

/// Where commits go.
struct RenderTarget<'a> {
    repository: &'a Repository,
    target: Target,
    base: Option<CommitId>,
    has_work_tree: bool,
}

impl RenderTarget<'_> {
    fn of<'a>(repository: &'a Repository, branch: Option<&str>) -> Result<RenderTarget<'a>, Diagnostics> {
        let git = |error: crate::git::GitError| git_problem(&error);
        let head = repository.head().map_err(git)?;
        let (target, base, follows) = match branch {
            None => (Target::Head, head, true),
            Some(branch) => {
                let base = repository.resolve(&format!("refs/heads/{branch}")).ok().or(head);
                let follows = repository.head_branch().map_err(git)?.as_deref() == Some(branch);
                (Target::Branch(branch.to_owned()), base, follows)
            }
        };
        Ok(RenderTarget { repository, target, base, has_work_tree: follows && !repository.is_bare() })
    }
}

/// A rendered environment with what was owned before.
struct Rendered {
    environment: RenderedEnvironment,
    lock: Lock,
    files: FileTree,
    committed: OwnedPaths,
    work_tree: OwnedPaths,
    folders: Vec<String>,
}

fn render_one(
    inputs: &EnvironmentInputs,
    target: &RenderTarget<'_>,
    arguments: &Arguments,
) -> Result<Rendered, Diagnostics> {
    let EnvironmentInputs { environment, document, tree } = inputs;
    let lock_path = lock::path(&environment.metadata.name);
    let git = |error: crate::git::GitError| git_problem(&error);
    let committed = match target.base {
        Some(commit) => target.repository.read_committed_file(commit, &lock_path).map_err(git)?,
        None => None,
    };
    let work_tree = match target.has_work_tree {
        true => target.repository.read_work_file(&lock_path).map_err(git)?,
        false => None,
    };
    let committed_lock = committed.as_deref().map(|bytes| Lock::parse(&lock_path, bytes)).transpose()?;
    let work_tree_lock = match (&work_tree, &committed) {
        (Some(bytes), before) if Some(bytes) != before.as_ref() => Some(Lock::parse(&lock_path, bytes)?),
        _ => committed_lock.clone().filter(|_| work_tree.is_some()),
    };
    let request = RenderRequest { environment, document, tree, today: Date::today() };
    let mut rendered = render(request)?;
    let lock = Lock::of(&rendered, request);
    let too_large = chart_sizes::too_large(environment, &rendered);
    rendered.remarks.extend(too_large.in_environment(&environment.metadata.name));
    if arguments.strict_values {
        refuse_values(&rendered.remarks)?;
    }
    let mut files = rendered.files.clone();
    // A lock that another version of the program wrote is not stale for that alone.
    let text = match (&committed_lock, &committed) {
        (Some(before), Some(bytes)) if before.differs_only_in_version(&lock) => bytes.clone(),
        _ => lock.to_yaml().into_bytes(),
    };
    files
        .insert(&lock_path, text)
        .map_err(|error| Diagnostic::error(Code::new("render::output-path"), error.to_string()))?;
    let owned = |lock: Option<&Lock>, bytes: Option<&Vec<u8>>| {
        lock.zip(bytes).map_or_else(OwnedPaths::new, |(lock, bytes)| lock.owned(bytes))
    };
    let mut folders: Vec<String> =
        tree.iter().filter_map(|(path, _)| path.split('/').next().map(str::to_owned)).collect();
    folders.dedup();
    folders.retain(|folder| folder != ".git");
    Ok(Rendered {
        committed: owned(committed_lock.as_ref(), committed.as_ref()),
        work_tree: owned(work_tree_lock.as_ref(), work_tree.as_ref()),
        environment: rendered,
        lock,
        files,
        folders,
    })
}

/// Values that a chart does not know, and sizes that nobody chose, as errors.
fn refuse_values(remarks: &Diagnostics) -> Result<(), Diagnostics> {
    let is_of_values = |remark: &&Diagnostic| [UNKNOWN_VALUE, DEFAULT_SIZE].contains(&remark.code.name());
    let refused: Diagnostics = remarks
        .iter()
        .filter(is_of_values)
        .map(|remark| Diagnostic { severity: Severity::Error, ..remark.clone() })
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

fn finish(
    arguments: &Arguments,
    source: &Repository,
    target: &RenderTarget<'_>,
    rendered: Rendered,
    terminal: &mut Terminal,
) -> Result<RenderReport, Diagnostics> {
    let Rendered { environment, lock, files, committed, work_tree, folders } = rendered;
    let prefix = format!("environments/{}", environment.name);
    let request = CommitRequest {
        target: &target.target,
        prefix: &prefix,
        contents: &files,
        committed: &committed,
        work_tree: &work_tree,
        adoption: if arguments.adopt { Adoption::Adopt } else { Adoption::Refuse },
    };
    let git = |error: crate::git::GitError| git_problem(&error).in_environment(&environment.name);
    let mut report = RenderReport {
        environment: environment.name.clone(),
        outcome: RenderOutcome::Unchanged,
        changes: Vec::new(),
        work_tree: Vec::new(),
        hand_edits: Vec::new(),
        refusals: Vec::new(),
        layers: Vec::new(),
        permitted: environment.permitted.clone(),
        remarks: environment.remarks.clone(),
        inputs: lock.inputs.digest.clone(),
    };
    if arguments.check {
        let comparison = target.repository.compare(&request).map_err(git)?;
        if !comparison.is_clean() {
            report.outcome = RenderOutcome::Stale;
        }
        report.changes = comparison.stale;
        report.work_tree = comparison.work_tree;
        report.hand_edits = comparison.hand_edits;
        report.refusals = comparison.refusals;
        report.layers = LayerSummary::of(&environment, &report.changes);
        return Ok(report);
    }
    let plan = target.repository.plan(&request).map_err(git)?;
    report.changes = plan.changes().to_vec();
    report.layers = LayerSummary::of(&environment, &report.changes);
    if arguments.dry_run {
        if !plan.is_empty() {
            report.outcome = RenderOutcome::Planned;
        }
    } else if arguments.no_commit {
        let written = target.repository.write(&plan, &NoObserver).map_err(git)?;
        if !written.paths.is_empty() {
            report.outcome = RenderOutcome::Written;
        }
        tell_saved(&written.saved, terminal);
    } else {
        let provenance = provenance(source, &folders, &lock)?;
        let message = commit_message(&environment.name, &report.changes, &provenance);
        let committed = target.repository.commit(&plan, &message, &NoObserver).map_err(git)?;
        if let Some(commit) = committed.commit {
            report.outcome =
                RenderOutcome::Committed { commit: commit.to_string(), reference: committed.reference };
        } else if !plan.is_empty() {
            report.outcome = RenderOutcome::Written;
        }
        tell_saved(&committed.saved, terminal);
    }
    Ok(report)
}

fn provenance(source: &Repository, folders: &[String], lock: &Lock) -> Result<Provenance, Diagnostics> {
    let git = |error: crate::git::GitError| git_problem(&error);
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let source = match source.head().map_err(git)? {
        Some(commit) if source.is_dirty(&folders).map_err(git)? => format!("{commit} dirty"),
        Some(commit) => commit.to_string(),
        None => "none dirty".to_owned(),
    };
    Ok(Provenance { source, inputs: lock.inputs.digest.clone(), version: version::VERSION.to_owned() })
}

/// What an adoption replaced that was nowhere else.
fn tell_saved(saved: &[SavedFile], terminal: &mut Terminal) {
    for file in saved {
        terminal.message(&format!(
            "`{}` was replaced; `git cat-file -p {}` shows what it was",
            file.path, file.blob
        ));
    }
}
