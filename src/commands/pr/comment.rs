//! `plimsoll pr comment`: one comment on a pull request, from diff reports.
//!
//! The job's summary, annotations and step outputs come first and the comment last, and a comment that fails is told but
//! changes nothing about the exit status: the verdict is that of the reports.

use std::collections::BTreeMap;

use crate::commands::forge_target::ForgeTarget;
use crate::commands::runner::Runner;
use crate::commands::{Outcome, report_files, tell};
use crate::diagnostic::Diagnostics;
use crate::exit::ExitStatus;
use crate::forge::comments::{CommentPlace, WhenAbsent};
use crate::forge::issues::IssueSeries;
use crate::forge::pulls::PullRequest;
use crate::forge::{Clock, Exchange, ForgeError, GitHub, Identity, RepositoryName};
use crate::report::destination::Destination;
use crate::report::diff::model::{DiffReport, Verdict};
use crate::report::github::diff_comment::{self, LastDrift, MARKER, Surroundings};
use crate::report::github::issue_state::IssueState;
use crate::report::github::{SUMMARY_LIMIT, TEXT_LIMIT, drift_issue, inert, workflow};
use crate::terminal::Terminal;

/// Arguments of `plimsoll pr comment`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll diff --all --base origin/main -o json=diff.json
  plimsoll pr comment --repository owner/name --pull-request 7 --from diff.json
  plimsoll pr comment --repository owner/name --head-sha \"$HEAD_SHA\" --from diff.json
                         in a workflow_run job, which knows the commit and not the number
  plimsoll pr comment --repository owner/name --pull-request 7 --from diff.json --dry-run
                         print it, send nothing

The token is read from GITHUB_TOKEN and needs `pull-requests: write`. A report that is not about
the newest commit of the pull request is not told. A comment that fails, also for want of a token,
is told as an error and does not change the exit status: 0, or with --exit-code 2 where something
changes and 3 where a side does not render; 1 where a report cannot be read.")]
pub struct Arguments {
    /// Where to write.
    #[command(flatten)]
    pub target: ForgeTarget,
    /// The number of the pull request.
    #[arg(long, value_name = "N", required_unless_present = "head_sha")]
    pub pull_request: Option<u64>,
    /// The newest commit of the pull request, by which it is found, or checked.
    #[arg(long, value_name = "SHA", value_parser = commit)]
    pub head_sha: Option<String>,
    /// Reports of `plimsoll diff -o json`.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub from: Vec<Destination>,
    /// The address of what has all details; in a workflow that of its run.
    #[arg(long, value_name = "URL", value_parser = address)]
    pub details_url: Option<String>,
    /// The name of the artifact that has all details.
    #[arg(long, value_name = "NAME")]
    pub artifact: Option<String>,
    /// Exit with 2 where something changes, with 3 where a side does not render.
    #[arg(long)]
    pub exit_code: bool,
    /// Print the comment and send nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What became of the comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The word of the step output.
    pub word: &'static str,
    /// The comment's address, where there is a comment.
    pub url: Option<String>,
}

/// Tells a pull request what it changes.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let runner = Runner::of_environment();
    let report = report_files::read_diffs(&arguments.from)?;
    let status = match (arguments.exit_code, report.verdict) {
        (true, Verdict::Changed) => ExitStatus::Different,
        (true, Verdict::Incomplete) => ExitStatus::Incomplete,
        _ => ExitStatus::Clean,
    };
    let mut surroundings = Surroundings {
        drift: BTreeMap::new(),
        details: arguments.details_url.clone().or_else(|| runner.run.clone()),
        artifact: arguments.artifact.clone(),
    };
    if arguments.dry_run {
        terminal.data(&diff_comment::text(&report, &surroundings, TEXT_LIMIT).text);
        return Ok(status);
    }
    let mut problems = Diagnostics::new();
    let summary = diff_comment::text(&report, &surroundings, SUMMARY_LIMIT).text;
    problems.extend(runner.add_summary(&summary).err().unwrap_or_default());
    if runner.is_workflow {
        terminal.data(&workflow::annotations(&report));
    }
    let connected = arguments.target.connect(&runner);
    let posted = connected.and_then(|github| post(arguments, &github, &report, &mut surroundings, terminal));
    let (posted, failure) = match posted {
        Ok(posted) => (posted, None),
        Err(problem) => (Posted { word: "failed", url: None }, Some(problem)),
    };
    let outputs = outputs(&report, &posted);
    problems.extend(runner.add_outputs(&workflow::outputs(&outputs)).err().unwrap_or_default());
    match &posted.url {
        Some(url) => terminal.message(&format!("comment {}: {url}", posted.word)),
        None => terminal.message(&format!("comment {}", posted.word)),
    }
    if let Some(problem) = failure {
        let message = problem.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; ");
        if runner.is_workflow {
            terminal.data(&workflow::annotation("warning", None, "no comment", &message));
        }
        // It is told as the error that it is, and the verdict stays the reports' own.
        tell(&problem, terminal);
    }
    Ok(if problems.is_empty() { status } else { status.or(tell(&problems, terminal)) })
}

/// Brings the comment to what the report says.
pub fn post<E: Exchange, C: Clock>(
    arguments: &Arguments,
    github: &GitHub<E, C>,
    report: &DiffReport,
    surroundings: &mut Surroundings,
    terminal: &mut Terminal,
) -> Result<Posted, Diagnostics> {
    let told = |error: ForgeError| Diagnostics::from(error.diagnostic());
    let repository = &arguments.target.repository;
    let skipped = |word: &'static str| Ok(Posted { word, url: None });
    let Some(pull_request) = find(arguments, github)? else {
        terminal.message("no open pull request has this commit as its newest");
        return skipped("stale");
    };
    let heads = report.environments.iter().filter_map(|environment| environment.head.commit.as_deref());
    if let Some(other) = heads.into_iter().find(|head| !pull_request.is_at(head)) {
        let newest = &pull_request.head.sha;
        terminal.message(&format!(
            "the report is about `{}`, the pull request is at `{newest}`",
            inert_commit(other)
        ));
        return skipped("stale");
    }
    let author = github.identity(arguments.target.author.as_deref()).map_err(told)?;
    match last_drift(github, repository, &author) {
        Ok(drift) => surroundings.drift = drift,
        // A token for comments alone may not list issues; the table says that it is not known.
        Err(ForgeError::Refused { .. }) => {}
        Err(error) => return Err(told(error)),
    }
    let body = diff_comment::text(report, surroundings, TEXT_LIMIT).text;
    let when_absent = if diff_comment::has_news(report) { WhenAbsent::Create } else { WhenAbsent::Leave };
    let place = CommentPlace { repository, number: pull_request.number, marker: MARKER, author: &author };
    let (written, url) = github.keep_comment(place, &body, when_absent).map_err(told)?;
    Ok(Posted { word: written.word(), url })
}

/// The pull request to tell. Its number is never taken from a report.
fn find<E: Exchange, C: Clock>(
    arguments: &Arguments,
    github: &GitHub<E, C>,
) -> Result<Option<PullRequest>, Diagnostics> {
    let repository = &arguments.target.repository;
    let found = match (arguments.pull_request, &arguments.head_sha) {
        (Some(number), None) => github.pull_request(repository, number).map(Some),
        (Some(number), Some(head)) => {
            github.pull_request(repository, number).map(|found| Some(found).filter(|found| found.is_at(head)))
        }
        (None, Some(head)) => github.pull_request_of(repository, head),
        (None, None) => Ok(None),
    };
    found.map_err(|error| error.diagnostic().into())
}

/// What the drift issues say of each environment.
fn last_drift<E: Exchange, C: Clock>(
    github: &GitHub<E, C>,
    repository: &RepositoryName,
    author: &Identity,
) -> Result<BTreeMap<String, LastDrift>, ForgeError> {
    let mut drift = BTreeMap::new();
    for issue in github.issues(IssueSeries { repository, label: drift_issue::LABEL, author })? {
        let body = issue.body.as_deref().unwrap_or_default();
        let environment = drift_issue::environment_of(body);
        if let Some((environment, state)) = environment.zip(IssueState::of_text(body)) {
            let findings = if issue.state == "open" { state.findings } else { 0 };
            let since = state.oldest().map(str::to_owned);
            drift.entry(environment.to_owned()).or_insert(LastDrift { findings, since, issue: issue.number });
        }
    }
    Ok(drift)
}

fn outputs(report: &DiffReport, posted: &Posted) -> Vec<(&'static str, String)> {
    let verdict = match report.verdict {
        Verdict::Unchanged => "unchanged",
        Verdict::Changed => "changed",
        Verdict::Incomplete => "incomplete",
    };
    let summary = &report.summary;
    let mut outputs = vec![
        ("verdict", verdict.to_owned()),
        ("changed", (report.verdict == Verdict::Changed).to_string()),
        ("resources-added", summary.added.to_string()),
        ("resources-changed", summary.changed.to_string()),
        ("resources-removed", summary.removed.to_string()),
        ("risky", summary.risky.to_string()),
        ("comment", posted.word.to_owned()),
    ];
    outputs.extend(posted.url.clone().map(|url| ("comment-url", url)));
    outputs
}

/// A commit of a report, which a stranger may have written.
fn inert_commit(commit: &str) -> String {
    commit.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

fn commit(text: &str) -> Result<String, String> {
    let is_commit = [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_commit { Ok(text.to_lowercase()) } else { Err("a commit has 40 hexadecimal digits".to_owned()) }
}

fn address(text: &str) -> Result<String, String> {
    inert::address(text).map(str::to_owned).ok_or_else(|| "it is no plain URL".to_owned())
}
