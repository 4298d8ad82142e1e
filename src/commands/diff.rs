//! `plimsoll diff`: what a change of the inputs does to the rendered environments.
//!
//! Both revisions are rendered from Git's own trees, side by side; nothing is checked out and nothing is written. A side that
//! does not render is told and makes the comparison incomplete; it is never taken for an empty one.

use std::collections::BTreeSet;
use std::path::Path;

use crate::commands::inputs::{EnvironmentInputs, Revision, Selection, exists, git_problem, load_again};
use crate::commands::{Outcome, tell, version};
use crate::config::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::diff::{self, RenderedSide};
use crate::exit::ExitStatus;
use crate::git::{CommitId, ReadBlobs, Repository};
use crate::pager;
use crate::render::{RenderRequest, RenderedEnvironment, render, render_pair};
use crate::report::diff::model::{
    API_VERSION, DiffReport, EnvironmentDiff, KIND, LayerDiff, Presence, Side, SideError, Summary, Verdict,
};
use crate::report::diff::text::Coloring;
use crate::report::diff::{github, html, markdown, model, text};
use crate::report::output::{Format, Output, print_value, write};
use crate::terminal::Terminal;

/// What `--head` calls the files as they lie on disk.
const WORK_TREE: &str = "WORKTREE";

/// Arguments of `plimsoll diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll diff --env dev                        what this branch changes, since it left main
  plimsoll diff --env dev --head WORKTREE        the same with what is not committed yet
  plimsoll diff --all --base v1.2.0              what changed since a release, in every environment
  plimsoll diff --env dev --base HEAD~1 -o json  one commit, for programs
  plimsoll diff --all -o markdown=diff.md -o json=diff.json --exit-code

`+` comes, `-` goes, `~` changes, `!` is risky. Secrets are never shown. Exit status: 0, or with
--exit-code 2 where something differs; 1 where the head does not render, 3 where the base does not,
4 where the head would write a secret.")]
pub struct Arguments {
    /// The environments.
    #[command(flatten)]
    pub selection: Selection,
    /// The revision to compare with, taken where the head left it; the default branch where none is named.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// The revision to look at; WORKTREE is the files as they lie on disk.
    #[arg(long, value_name = "REF", default_value = "HEAD")]
    pub head: String,
    /// Compare with the base itself, not with where the head left it.
    #[arg(long, requires = "base")]
    pub exact_base: bool,
    /// How to print the report: text, json, yaml, markdown, github or html, and the file it goes to; repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text", value_parser = output)]
    pub output: Vec<Output>,
    /// Exit with 2 where something differs.
    #[arg(long)]
    pub exit_code: bool,
    /// Do not show the report in a pager, even on a terminal.
    #[arg(long)]
    pub no_pager: bool,
}

fn output(text: &str) -> Result<Output, String> {
    Output::of(
        text,
        &[Format::Text, Format::Json, Format::Yaml, Format::Markdown, Format::Github, Format::Html],
    )
}

/// Compares the environments.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let repository = Repository::discover(Path::new(".")).map_err(|error| git_problem(&error))?;
    let points = Points::of(arguments, &repository)?;
    if points.are_one() {
        terminal.message(
            "note: base and head are one commit; `--head WORKTREE` compares what is not committed, `--base` another revision",
        );
    }
    let mut environments = Vec::new();
    let mut status = ExitStatus::Clean;
    for name in points.names(&arguments.selection, &repository)? {
        terminal.progress(&format!("{name}: rendering both sides"));
        let compared = compare(&repository, &points, &name)?;
        for (side, found) in &compared.failed {
            let of_side = tell(found, terminal);
            status = status.or(if *side == Side::Head { of_side } else { ExitStatus::Incomplete });
        }
        environments.push(compared.environment);
    }
    let report = report(environments);
    if arguments.exit_code && report.summary.has_changes() {
        status = status.or(ExitStatus::Different);
    }
    let unwritten = print(arguments, &report, terminal);
    Ok(if unwritten.is_empty() { status } else { status.or(tell(&unwritten, terminal)) })
}

fn print(arguments: &Arguments, report: &DiffReport, terminal: &mut Terminal) -> Diagnostics {
    let colored = terminal.colors_data();
    let printed = |output: &Output| match output.format {
        Format::Text if colored && output.path.is_none() => text::print(report, Coloring::Colored),
        Format::Text => text::print(report, Coloring::Plain),
        Format::Markdown => markdown::print(report),
        Format::Github => github::print(report),
        Format::Html => html::print(report),
        format => print_value(&serde_json::to_value(report).unwrap_or_default(), format),
    };
    if let [Output { format: Format::Text, path: None }] = arguments.output.as_slice()
        && terminal.shows_data()
        && !arguments.no_pager
        && let Some(output) = arguments.output.first()
        && pager::show(&printed(output))
    {
        return Diagnostics::new();
    }
    write(&arguments.output, terminal, printed)
}

/// The two revisions.
struct Points {
    base: Point,
    head: Point,
}

struct Point {
    revision: Revision,
    told: model::Revision,
}

impl Points {
    fn of(arguments: &Arguments, repository: &Repository) -> Result<Points, Diagnostics> {
        let git = |error: crate::git::GitError| git_problem(&error);
        let (head, head_commit) = if arguments.head == WORK_TREE {
            let commit = repository.resolve("HEAD").map_err(git)?;
            let told = model::Revision { name: WORK_TREE.to_owned(), commit: None, is_merge_base: false };
            (Point { revision: Revision::WorkTree, told }, commit)
        } else {
            let commit = repository.resolve(&arguments.head).map_err(git)?;
            (Point::of_commit(&arguments.head, commit), commit)
        };
        let name = match &arguments.base {
            Some(name) => name.clone(),
            None => repository.default_branch().map_err(git)?.ok_or_else(no_base)?,
        };
        let named = repository.resolve(&name).map_err(git)?;
        let base = if arguments.exact_base {
            Point::of_commit(&name, named)
        } else {
            let parted = repository.merge_base(named, head_commit).map_err(git)?;
            let parted = parted.ok_or_else(|| no_merge_base(&name, repository.is_shallow()))?;
            let mut point = Point::of_commit(&name, parted);
            point.told.is_merge_base = parted != named;
            point
        };
        Ok(Points { base, head })
    }

    fn are_one(&self) -> bool {
        self.base.told.commit == self.head.told.commit
    }

    /// The environments to compare: those that were asked for, or all that either side has.
    fn names(&self, selection: &Selection, repository: &Repository) -> Result<Vec<String>, Diagnostics> {
        if !selection.all {
            return selection.names(repository, self.head.revision);
        }
        let sides = [self.head.revision, self.base.revision].map(|side| selection.names(repository, side));
        if let [Err(found), Err(_)] = sides {
            return Err(found);
        }
        let names: BTreeSet<String> = sides.into_iter().flatten().flatten().collect();
        Ok(names.into_iter().collect())
    }
}

impl Point {
    fn of_commit(name: &str, commit: CommitId) -> Point {
        let told =
            model::Revision { name: name.to_owned(), commit: Some(commit.to_string()), is_merge_base: false };
        Point { revision: Revision::Commit(commit), told }
    }
}

fn no_base() -> Diagnostics {
    Diagnostic::error(Code::new("diff::no-base"), "there is no default branch to compare with")
        .with_help("name a revision: `--base REF`")
        .into()
}

fn no_merge_base(name: &str, is_shallow: bool) -> Diagnostics {
    let help = if is_shallow {
        "this clone has only a part of the history; fetch the rest (`git fetch --unshallow`, in GitHub Actions `fetch-depth: 0`)"
    } else {
        "the two have no history in common; `--exact-base` compares them all the same"
    };
    Diagnostic::error(Code::new("diff::no-merge-base"), format!("cannot find where the head left `{name}`"))
        .with_help(help)
        .into()
}

/// A compared environment, and the sides of it that do not render.
struct Compared {
    environment: EnvironmentDiff,
    failed: Vec<(Side, Diagnostics)>,
}

fn compare(repository: &Repository, points: &Points, name: &str) -> Result<Compared, Diagnostics> {
    let has = |point: &Point| exists(repository, point.revision, name);
    let (in_base, in_head) = (has(&points.base)?, has(&points.head)?);
    let presence = match (in_base, in_head) {
        (true, false) => Presence::Removed,
        (false, true) => Presence::Added,
        _ => Presence::Both,
    };
    let known = ReadBlobs::default();
    let inputs = |point: &Point| load_again(repository, point.revision, name, &known);
    let base = (in_base || !in_head).then(|| inputs(&points.base));
    let head = (in_head || !in_base).then(|| inputs(&points.head));
    if let (false, Some(Err(found))) = (in_base || in_head, &head) {
        return Err(found.clone());
    }
    let (base, head) = render_sides(base, head);
    let mut failed = Vec::new();
    let mut side = |side: Side, rendered: Option<Result<RenderedEnvironment, Diagnostics>>| match rendered {
        Some(Ok(environment)) => Some(environment),
        Some(Err(found)) => {
            failed.push((side, found));
            None
        }
        None => None,
    };
    let (base, head) = (side(Side::Base, base), side(Side::Head, head));
    let layers = match failed.is_empty() {
        true => compare_rendered(base.as_ref(), head.as_ref(), &mut failed),
        false => Vec::new(),
    };
    let errors: Vec<SideError> = failed.iter().flat_map(|(side, found)| side_errors(*side, found)).collect();
    let mut summary = Summary::default();
    layers.iter().for_each(|layer| summary.add(&layer.summary));
    summary.errors = u32::try_from(failed.len()).unwrap_or(u32::MAX);
    let verdict = if summary.errors > 0 {
        Verdict::Incomplete
    } else if summary.has_changes() || presence != Presence::Both {
        Verdict::Changed
    } else {
        Verdict::Unchanged
    };
    let environment = EnvironmentDiff {
        name: name.to_owned(),
        verdict,
        presence,
        base: points.base.told.clone(),
        head: points.head.told.clone(),
        layers,
        errors,
        summary,
    };
    Ok(Compared { environment, failed })
}

/// Compares what was rendered, and what its claims become where that can be told of both sides.
fn compare_rendered(
    base: Option<&RenderedEnvironment>,
    head: Option<&RenderedEnvironment>,
    failed: &mut Vec<(Side, Diagnostics)>,
) -> Vec<LayerDiff> {
    let expand = |side: Option<&RenderedEnvironment>| side.map_or(Ok(Vec::new()), diff::managed);
    let (of_base, of_head) = rayon::join(|| expand(base), || expand(head));
    let mut managed = [Vec::new(), Vec::new()];
    match (of_base, of_head) {
        (Ok(base), Ok(head)) => managed = [base, head],
        (base, head) => {
            failed.extend(base.err().map(|found| (Side::Base, found)));
            failed.extend(head.err().map(|found| (Side::Head, found)));
        }
    }
    let [of_base, of_head] = &managed;
    diff::compare_layers(
        base.map(|environment| RenderedSide { environment, managed: of_base }),
        head.map(|environment| RenderedSide { environment, managed: of_head }),
    )
}

type Loaded = Option<Result<EnvironmentInputs, Diagnostics>>;
type Rendered = Option<Result<RenderedEnvironment, Diagnostics>>;

/// Renders both sides at once; only one where both read the same.
fn render_sides(base: Loaded, head: Loaded) -> (Rendered, Rendered) {
    let today = Date::today();
    let request = |inputs: &EnvironmentInputs| -> Result<RenderedEnvironment, Diagnostics> {
        let EnvironmentInputs { environment, document, tree } = inputs;
        render(RenderRequest { environment, document, tree, today })
    };
    match (base, head) {
        (Some(Ok(base)), Some(Ok(head))) if base.tree == head.tree => {
            let both = request(&head);
            (Some(both.clone()), Some(both))
        }
        (Some(Ok(base)), Some(Ok(head))) => {
            let (of_base, of_head) = render_pair(
                RenderRequest {
                    environment: &base.environment,
                    document: &base.document,
                    tree: &base.tree,
                    today,
                },
                RenderRequest {
                    environment: &head.environment,
                    document: &head.document,
                    tree: &head.tree,
                    today,
                },
            );
            (Some(of_base), Some(of_head))
        }
        (base, head) => {
            let rendered = |side: Loaded| side.map(|inputs| inputs.and_then(|inputs| request(&inputs)));
            (rendered(base), rendered(head))
        }
    }
}

fn side_errors(side: Side, found: &Diagnostics) -> Vec<SideError> {
    found
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| SideError {
            side,
            code: diagnostic.code.name().to_owned(),
            message: diagnostic.message.clone(),
            file: diagnostic.place.as_ref().map(|place| place.file.clone()),
            line: diagnostic.place.as_ref().and_then(|place| Some(place.position?.line)),
            help: diagnostic.help.clone(),
        })
        .collect()
}

fn report(mut environments: Vec<EnvironmentDiff>) -> DiffReport {
    let groups = diff::fold(&mut environments);
    let mut summary = Summary::default();
    environments.iter().for_each(|environment| summary.add(&environment.summary));
    DiffReport {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        tool_version: version::VERSION.to_owned(),
        verdict: environments
            .iter()
            .map(|environment| environment.verdict)
            .max()
            .unwrap_or(Verdict::Unchanged),
        environments,
        groups,
        summary,
    }
}
