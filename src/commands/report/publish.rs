//! `plimsoll report publish`: one issue for each environment, a webhook, metrics.
//!
//! Metrics are written first: they need nobody. Then the issues, then the webhook, each environment on its own, so that one
//! that fails stops no other. What could not be published is a failure: publishing is all that this command is for.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::commands::forge_target::ForgeTarget;
use crate::commands::runner::Runner;
use crate::commands::{Outcome, report_files, tell};
use crate::config::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::forge::comments::CommentPlace;
use crate::forge::issues::{Issue, IssueSeries, IssueText};
use crate::forge::webhook::{self, SignedMessage, WebhookAddress};
use crate::forge::{Clock, Exchange, ForgeError, GitHub, Identity, SystemClock};
use crate::report::destination::Destination;
use crate::report::drift::model::{DriftReport, Identity as ResourceIdentity, State, Verdict};
use crate::report::drift::wording;
use crate::report::github::drift_issue::{self, Existing, Plan};
use crate::report::github::workflow;
use crate::report::metrics::{self, Timing};
use crate::terminal::Terminal;

/// The variable that holds the webhook's key.
const WEBHOOK_KEY: &str = "PLIMSOLL_WEBHOOK_SECRET";

/// Arguments of `plimsoll report publish`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll report publish --repository owner/name --from drift.json
  plimsoll report publish --repository owner/name --from drift.json --metrics plimsoll.prom
  plimsoll report publish --repository owner/name --from drift.json --webhook https://hooks.example/x
                         signed with the key in PLIMSOLL_WEBHOOK_SECRET

The token is read from GITHUB_TOKEN and needs `issues: write`. An issue opens on drift, is rewritten
as facts change, gets a comment when the set of findings changes, and closes when a complete check
is clean. Shards of one check are joined first, by `plimsoll report merge`. Exit status: 0 where all
was published, whatever it says; 1 where something could not be.")]
pub struct Arguments {
    /// Where to write.
    #[command(flatten)]
    pub target: ForgeTarget,
    /// Reports of `plimsoll check -o json`, of each environment one.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub from: Vec<Destination>,
    /// Send a signed summary here, without values; the key is read from PLIMSOLL_WEBHOOK_SECRET.
    #[arg(long, value_name = "URL")]
    pub webhook: Option<WebhookAddress>,
    /// Write metrics in Prometheus' text format to this file.
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// When the check began, in seconds since 1970, for the metric of its duration.
    #[arg(long, value_name = "SECONDS")]
    pub started: Option<u64>,
}

/// Publishes reports.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let runner = Runner::of_environment();
    let reports = report_files::read_drifts(&arguments.from)?;
    let clock = SystemClock::starting_now();
    let now = clock.unix_seconds();
    let mut problems = Diagnostics::new();
    for report in reports.iter().filter(|report| !drift_issue::is_plain_name(&report.environment)) {
        let name: String = report.environment.escape_default().take(100).collect();
        problems.push(Diagnostic::error(
            Code::new("report::invalid"),
            format!("`{name}` cannot be the name of an environment"),
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if let Some(path) = &arguments.metrics {
        let duration = arguments.started.map(|started| now.saturating_sub(started));
        problems
            .extend(write_metrics(path, &reports, Timing { ended: now, duration }).err().unwrap_or_default());
    }
    let github = arguments.target.connect(&runner)?;
    let changed = publish_issues(arguments, &github, &reports, now, &runner, terminal, &mut problems);
    if let Some(address) = &arguments.webhook {
        let sent = call_webhook(address, &reports, &changed, now, &runner, &clock);
        problems.extend(sent.err().unwrap_or_default());
    }
    problems.extend(runner.add_outputs(&workflow::outputs(&outputs(&reports))).err().unwrap_or_default());
    Ok(if problems.is_empty() { ExitStatus::Clean } else { tell(&problems, terminal) })
}

/// Brings every issue to what its report says; gives the environments whose set of findings changed.
pub fn publish_issues<E: Exchange, C: Clock>(
    arguments: &Arguments,
    github: &GitHub<E, C>,
    reports: &[DriftReport],
    now: u64,
    runner: &Runner,
    terminal: &mut Terminal,
    problems: &mut Diagnostics,
) -> Vec<String> {
    let mut changed = Vec::new();
    let prepared = github.identity(arguments.target.author.as_deref()).and_then(|author| {
        let series = series(arguments, &author);
        github.issues(series).map(|issues| (author.clone(), issues))
    });
    let (author, issues) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            problems.push(error.diagnostic());
            return changed;
        }
    };
    let series = series(arguments, &author);
    for report in reports {
        let marker = drift_issue::marker(&report.environment);
        let issue = GitHub::<E, C>::find_issue(&issues, &marker);
        let existing = issue.map(|issue| Existing {
            body: issue.body.as_deref().unwrap_or_default(),
            is_open: issue.state == "open",
        });
        let plan = drift_issue::plan(report, existing, &moment(now), runner.run.as_deref());
        let Some(plan) = plan else {
            terminal.message(&format!(
                "{}: {}, nothing to write",
                report.environment,
                wording::verdict(report)
            ));
            continue;
        };
        if issue.is_none() || plan.comment.is_some() {
            changed.push(report.environment.clone());
        }
        match publish_issue(github, series, issue, &plan, &marker) {
            Ok(done) => terminal.message(&format!("{}: {done}", report.environment)),
            Err(error) => {
                problems.extend(Diagnostics::from(error.diagnostic()).in_environment(&report.environment));
            }
        }
    }
    changed
}

fn series<'a>(arguments: &'a Arguments, author: &'a Identity) -> IssueSeries<'a> {
    IssueSeries { repository: &arguments.target.repository, label: drift_issue::LABEL, author }
}

/// The comment comes before the text that remembers it, so that what is cut off between the two is told on the next run; its
/// own marker keeps it from being told twice.
fn publish_issue<E: Exchange, C: Clock>(
    github: &GitHub<E, C>,
    series: IssueSeries<'_>,
    issue: Option<&Issue>,
    plan: &Plan,
    marker: &str,
) -> Result<String, ForgeError> {
    let text = IssueText { title: plan.title.clone(), body: plan.body.clone(), is_open: plan.is_open };
    let Some(issue) = issue else {
        let opened = github.open_issue(series, &text, marker)?;
        return Ok(format!("opened {}", opened.html_url));
    };
    github.close_doubles(series, marker)?;
    if let Some((marker, body)) = &plan.comment {
        let IssueSeries { repository, author, .. } = series;
        let place = CommentPlace { repository, number: issue.number, marker, author };
        github.add_comment_once(place, body)?;
    }
    let written = github.keep_issue(series.repository, issue, &text)?;
    let word = match (issue.state == "open", plan.is_open) {
        (false, true) => "reopened",
        (true, false) => "closed",
        _ if written => "updated",
        _ => "unchanged",
    };
    Ok(format!("{word} {}", issue.html_url))
}

fn write_metrics(path: &Path, reports: &[DriftReport], timing: Timing) -> Result<(), Diagnostics> {
    let previous = std::fs::read_to_string(path).ok();
    let text = metrics::print(reports, timing, previous.as_deref());
    // A collector may read at any moment; it must never see half a file.
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path)).map_err(|error| {
        Diagnostic::error(Code::new("output::write"), format!("could not write `{}`", path.display()))
            .with_cause(error.to_string())
            .into()
    })
}

fn call_webhook(
    address: &WebhookAddress,
    reports: &[DriftReport],
    changed: &[String],
    now: u64,
    runner: &Runner,
    clock: &SystemClock,
) -> Result<(), Diagnostics> {
    let key = std::env::var(WEBHOOK_KEY).ok().filter(|key| !key.is_empty());
    let Some(key) = key else {
        return Err(Diagnostic::error(Code::new("forge::token"), format!("`{WEBHOOK_KEY}` is not set"))
            .with_help("the webhook's messages are signed with it")
            .into());
    };
    let body = message(reports, changed, runner.run.as_deref()).to_string();
    let message = SignedMessage::sign(body, key.as_bytes(), now);
    webhook::send(address, &message, clock).map_err(|error| error.diagnostic().into())
}

/// What the webhook is told: which resources, how they stand, and no value.
fn message(reports: &[DriftReport], changed: &[String], run: Option<&str>) -> Value {
    let environments: Vec<Value> = reports
        .iter()
        .map(|report| {
            let findings: Vec<Value> = report
                .resources
                .iter()
                .filter(|resource| resource.state != State::InSync)
                .map(|resource| {
                    let platform = match resource.id {
                        ResourceIdentity::Kubernetes(_) => "kubernetes",
                        ResourceIdentity::Aws(_) => "aws",
                    };
                    json!({
                        "platform": platform,
                        "resource": wording::name(&resource.id),
                        "layer": resource.layer,
                        "state": resource.state,
                        "severity": resource.severity,
                        "fingerprint": resource.fingerprint,
                        "fields": resource.fields.len(),
                    })
                })
                .collect();
            json!({
                "environment": report.environment,
                "revision": report.revision,
                "verdict": report.verdict,
                "complete": report.complete,
                "findingsChanged": changed.contains(&report.environment),
                "summary": report.summary,
                "findings": findings,
            })
        })
        .collect();
    json!({"apiVersion": "plimsoll.dev/v1alpha1", "kind": "DriftNotice", "environments": environments, "run": run})
}

fn outputs(reports: &[DriftReport]) -> Vec<(&'static str, String)> {
    let of = |verdict| reports.iter().filter(|report| report.verdict == verdict).count();
    vec![
        ("drifted", (of(Verdict::Drift) > 0).to_string()),
        ("incomplete", reports.iter().any(|report| !report.complete).to_string()),
        ("environments-drifted", of(Verdict::Drift).to_string()),
        ("environments-incomplete", of(Verdict::Incomplete).to_string()),
    ]
}

/// A moment as people and programs read it: `2026-11-24T03:17:00Z`.
fn moment(unix_seconds: u64) -> String {
    let (day, second) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", Date::of_day_number(day))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(moment(1_795_490_220), "2026-11-24T03:17:00Z");
        assert_eq!(moment(951_782_400), "2000-02-29T00:00:00Z");
    }
}
