//! A drift report as the issue of its environment: what it says, whether it is open, and what is worth a comment.
//!
//! Rules: it opens on drift; its text is replaced as facts change; a comment is written only when the set of findings changes;
//! it closes when a complete check is clean. A check that is not complete closes nothing, and what it did not find again counts
//! as still there.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::document::{Block, Document, Rank, Section};
use super::issue_state::{IssueState, key};
use super::{TEXT_LIMIT, inert};
use crate::report::drift::model::{DriftReport, Resource, Severity, State, Verdict};
use crate::report::drift::{remedy, wording};

/// The label of all drift issues.
pub const LABEL: &str = "plimsoll-drift";

/// The most fields of one resource that are shown.
const FIELDS: usize = 40;

/// What is to be done with the issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Whether it is open.
    pub is_open: bool,
    /// What is worth telling those who follow it: a marker that makes the comment one, and its text.
    pub comment: Option<(String, String)>,
}

/// The issue as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Existing<'a> {
    /// Its text.
    pub body: &'a str,
    /// Whether it is open.
    pub is_open: bool,
}

/// The first line of an environment's issue, by which it is found again.
#[must_use]
pub fn marker(environment: &str) -> String {
    format!("<!-- plimsoll:drift-issue:v1 environment={environment} -->")
}

/// The environment whose issue this text is.
#[must_use]
pub fn environment_of(text: &str) -> Option<&str> {
    let line = text.lines().next()?.trim();
    line.strip_prefix("<!-- plimsoll:drift-issue:v1 environment=")?.strip_suffix(" -->")
}

/// Whether a name can stand in a marker.
#[must_use]
pub fn is_plain_name(environment: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=100).contains(&environment.len()) && environment.bytes().all(is_plain) && !environment.contains("--")
}

/// What to do with an environment's issue after a check; nothing where there is none and none is needed.
#[must_use]
pub fn plan(
    report: &DriftReport,
    existing: Option<Existing<'_>>,
    now: &str,
    run: Option<&str>,
) -> Option<Plan> {
    let before = existing.and_then(|issue| IssueState::of_text(issue.body)).unwrap_or_default();
    let findings = findings(report);
    let mut keys: BTreeSet<String> =
        findings.iter().filter_map(|one| one.fingerprint.as_deref()).map(key).collect();
    let unconfirmed: Vec<String> = match report.complete {
        true => Vec::new(),
        false => {
            before.times().into_keys().filter(|known| !keys.contains(*known)).map(str::to_owned).collect()
        }
    };
    keys.extend(unconfirmed.iter().cloned());
    let is_open = match (report.verdict, existing) {
        (Verdict::Drift, _) => true,
        (Verdict::Clean, Some(_)) => false,
        (Verdict::Incomplete, Some(issue)) => issue.is_open,
        (Verdict::Clean | Verdict::Incomplete, None) => return None,
    };
    let mut state = before.after(&keys, now);
    if report.complete {
        state.complete = Some(now.to_owned());
    }
    let is_settled = existing.is_some_and(|issue| !issue.is_open) && before.set == state.set;
    if is_settled && report.verdict == Verdict::Clean {
        // Nobody needs to be told again that nothing is wrong.
        return None;
    }
    let comment =
        existing.and_then(|issue| comment(&before, &state, report, is_open && !issue.is_open, &keys));
    let title = match is_open {
        true => format!("Drift in {}", report.environment),
        false => format!("Drift in {} (gone)", report.environment),
    };
    let body = body(report, &findings, &state, unconfirmed.len(), run);
    Some(Plan { title, body, is_open, comment })
}

/// What differs, worst first. What leads to Git's values is none.
fn findings(report: &DriftReport) -> Vec<&Resource> {
    let mut findings: Vec<&Resource> = report
        .resources
        .iter()
        .filter(|resource| match resource.state {
            State::InSync | State::Unknown => false,
            State::Pending => !resource.settles,
            State::Changed | State::Missing | State::Extra => true,
        })
        .collect();
    findings.sort_by_key(|resource| std::cmp::Reverse(resource.severity));
    findings
}

fn comment(
    before: &IssueState,
    after: &IssueState,
    report: &DriftReport,
    is_reopened: bool,
    keys: &BTreeSet<String>,
) -> Option<(String, String)> {
    if before.set == after.set {
        return None;
    }
    let marker = format!("<!-- plimsoll:drift-change:v1 {} {} -->", after.changes, after.set);
    let known: BTreeSet<&str> = before.times().into_keys().collect();
    let new = keys.iter().filter(|key| !known.contains(key.as_str())).count();
    let gone = known.iter().filter(|key| !keys.contains(**key)).count();
    let at = inert::code(&wording::revision(report));
    let said = if keys.is_empty() {
        format!("No drift any more: a complete check at {at} is clean.")
    } else if is_reopened {
        format!("Drift is back: {} at {at}.", count(keys.len(), "finding"))
    } else {
        format!("{new} new, {gone} gone; {} at {at}.", count(keys.len(), "finding"))
    };
    let text = format!("{marker}\n{said}\n");
    Some((marker, text))
}

fn body(
    report: &DriftReport,
    findings: &[&Resource],
    state: &IssueState,
    unconfirmed: usize,
    run: Option<&str>,
) -> String {
    let environment = inert::code(&report.environment);
    let mut head = format!("{}\n{}\n", marker(&report.environment), state.line());
    let at = inert::code(&wording::revision(report));
    let since =
        state.oldest().map(|since| format!(", the oldest since {}", inert::code(since))).unwrap_or_default();
    let _ = match report.verdict {
        Verdict::Drift => writeln!(
            head,
            "**{}** in {environment} at {at}{since}: what lives is not what the repository says.\n",
            count(findings.len(), "finding"),
        ),
        Verdict::Clean => {
            writeln!(head, "No drift in {environment} at {at}: the last complete check is clean.\n")
        }
        Verdict::Incomplete => {
            writeln!(head, "Not known: the last check of {environment} at {at} is incomplete.\n")
        }
    };
    if !report.complete {
        let kept = match unconfirmed {
            0 => String::new(),
            number => {
                format!(" {} of earlier checks could not be looked at again.", count(number, "finding"))
            }
        };
        let _ = writeln!(
            head,
            "> [!WARNING]\n> The check is incomplete: {} and {} could not be read. What is not known is not clean.{kept}\n",
            count(report.unreadable.len(), "target"),
            count(usize::try_from(report.summary.unknown).unwrap_or(usize::MAX), "resource"),
        );
    }
    let times = state.times();
    let first_seen = |resource: &Resource| {
        let key = key(resource.fingerprint.as_deref()?);
        times.get(key.as_str()).map(|time| (*time).to_owned())
    };
    let rows = findings.iter().map(|resource| {
        format!(
            "| {} | {} | {} | {} | {} |\n",
            severity_word(resource.severity),
            inert::cell(&wording::name(&resource.id)),
            wording::state(resource.state),
            inert::cell(&resource.layer),
            first_seen(resource).map_or_else(|| "not known".to_owned(), |time| inert::cell(&time)),
        )
    });
    let table = Section::ranked(
        "| severity | resource | state | layer | first seen |\n|---|---|---|---|---|\n".to_owned(),
        rows.collect(),
        "\n".to_owned(),
        Rank::Overview,
    );
    let details = Section {
        open: "#### What differs\n\n".to_owned(),
        blocks: findings
            .iter()
            .map(|resource| Block { text: detail(resource), rank: Rank::Detail })
            .collect(),
        close: String::new(),
    };
    let unreadable = report.unreadable.iter().map(|unreadable| {
        format!("- {}: {}\n", inert::code(&unreadable.target), inert::code(&unreadable.cause))
    });
    let unreadable =
        Section::ranked("#### Not read\n\n".to_owned(), unreadable.collect(), "\n".to_owned(), Rank::Table);
    let complete = state.complete.as_deref().unwrap_or("never");
    let address = run.and_then(inert::address);
    let link = address.map(|address| format!(" · [run]({address})")).unwrap_or_default();
    let foot = format!(
        "<sub>last complete check: {} · closes by itself when a complete check is clean{link}</sub>\n",
        inert::code(complete)
    );
    let document = Document { head, sections: vec![table, unreadable, details], foot };
    let rest = |omitted| {
        let rest = match (omitted, address) {
            (0, _) => return String::new(),
            (_, Some(address)) => format!("[the run]({address}) has the whole report"),
            (_, None) => "the report of `plimsoll check` has all of it".to_owned(),
        };
        format!("**{} left out for length**: {rest}.\n\n", count(omitted, "part"))
    };
    document.fit(TEXT_LIMIT, rest).text
}

fn detail(resource: &Resource) -> String {
    let mut text = format!(
        "<details><summary>{} {}: {}</summary>\n\n",
        severity_word(resource.severity),
        inert::html_code(&wording::name(&resource.id)),
        wording::state(resource.state),
    );
    let mut facts = vec![wording::place(&resource.id)];
    facts.extend(resource.via.as_ref().map(wording::via));
    facts.extend(wording::source(resource));
    facts.extend(resource.cause.clone());
    for fact in facts {
        let _ = writeln!(text, "- {}", inert::code(&fact));
    }
    if !resource.fields.is_empty() {
        text.push_str("\n| field | | Git | live | by |\n|---|---|---|---|---|\n");
    }
    for field in resource.fields.iter().take(FIELDS) {
        let shown = |value: Option<&serde_json::Value>| {
            value.map(|value| inert::cell(&wording::value(Some(value)))).unwrap_or_default()
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            inert::cell(&field.path),
            wording::change(field.change),
            shown(field.desired.as_ref()),
            shown(field.live.as_ref()),
            wording::writer(field, &resource.id).map(|writer| inert::cell(&writer)).unwrap_or_default(),
        );
    }
    if resource.fields.len() > FIELDS {
        let _ = writeln!(text, "\nand {} more fields", resource.fields.len() - FIELDS);
    }
    let remedies = remedy::remedies(resource);
    if !remedies.is_empty() {
        text.push('\n');
    }
    for remedy in remedies {
        let _ = writeln!(text, "- {}", inert::code(&remedy));
    }
    text.push_str("\n</details>\n\n");
    text
}

fn severity_word(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => ":red_circle: critical",
        Some(Severity::High) => ":orange_circle: high",
        Some(Severity::Medium) => ":yellow_circle: medium",
        Some(Severity::Low) => ":white_circle: low",
        None => "not known",
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("{number} {noun}") } else { format!("{number} {noun}s") }
}
