//! Cases as files: requests, answers and plans, each a YAML file beside its expected text.
//!
//! `UPDATE_EXPECTED=1` rewrites the expected side, but never on CI.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_aws::{
    Account, Call, CallFailure, Change, ManagedResource, Plan, Response, State, read, request,
};
use plimsoll_yaml::{Budget, Dialect, Numbers, parse_one};
use serde_json::Value;

#[test]
fn requests_are_written_as_expected() {
    run("requests", |case| {
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        match request(&text("service"), &text("operation"), "eu-central-1", &case["params"]) {
            Err(error) => format!("error: {error}\n"),
            Ok(request) => {
                let mut shown = format!("{} {}\n", request.method, request.path);
                for (name, value) in &request.query {
                    let _ = writeln!(shown, "?{name}={value}");
                }
                for (name, value) in &request.headers {
                    let _ = writeln!(shown, "{name}: {value}");
                }
                let _ = writeln!(shown, "signed for {}", request.signing_name);
                if !request.body.is_empty() {
                    let _ =
                        writeln!(shown, "\n{}", String::from_utf8_lossy(&request.body).replace('&', "\n&"));
                }
                shown
            }
        }
    });
}

#[test]
fn answers_are_read_as_expected() {
    run("answers", |case| {
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        let headers: Vec<(String, String)> = case["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let status = case["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
        let body = text("body");
        let response = Response { status, headers: &headers, body: body.as_bytes() };
        match read(&text("service"), &text("operation"), &response) {
            Ok(value) => format!("{value:#}\n"),
            Err(error) => format!("error: {error}\n"),
        }
    });
}

#[test]
fn plans_end_as_expected() {
    run("plans", |case| {
        let resources: Vec<ManagedResource> = case["resources"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|manifest| ManagedResource { manifest: manifest.clone(), observed: None })
            .collect();
        let account = Account {
            id: "111122223333".to_owned(),
            partition: "aws".to_owned(),
            region: "eu-central-1".to_owned(),
        };
        let mut shown = String::new();
        let mut plan = Plan::new(&resources, account);
        loop {
            let calls = plan.next_calls();
            if calls.is_empty() {
                break;
            }
            for call in calls {
                let _ = writeln!(shown, "ask {}:{} {}", call.service, call.operation, call.params);
                plan.answer(call.id, answer_of(&case["answers"], &call));
            }
        }
        for result in plan.finish() {
            let severity = result.severity.map(|severity| format!(" {severity:?}").to_lowercase());
            let cause = result.cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
            let state = state_word(result.state);
            let severity = severity.unwrap_or_default();
            let settles = if result.settles { " settles" } else { "" };
            let _ = writeln!(shown, "{} {}: {state}{severity}{cause}{settles}", result.kind, result.name);
            for difference in result.differences {
                let change = match difference.change {
                    Change::Changed => "changed",
                    Change::Removed => "removed",
                    Change::Added => "added",
                    Change::Reordered => "reordered",
                };
                let side = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
                let _ = writeln!(
                    shown,
                    "  {} {change} {}: {} -> {}{}",
                    difference.path,
                    format!("{:?}", difference.severity).to_lowercase(),
                    side(difference.desired),
                    side(difference.live),
                    if difference.needs_replace { " (needs replace)" } else { "" },
                );
            }
            for path in result.uncompared {
                let _ = writeln!(shown, "  {path} is not compared");
            }
        }
        shown
    });
}

fn state_word(state: State) -> &'static str {
    match state {
        State::InSync => "in sync",
        State::Changed => "changed",
        State::Missing => "missing",
        State::Extra => "extra",
        State::Pending => "pending",
        State::Unknown => "unknown",
        State::ClusterOnly => "in the cluster only",
        State::Unsupported => "unsupported",
    }
}

/// The first recorded answer to an operation whose `params` the call has; none is a refusal.
fn answer_of(answers: &Value, call: &Call) -> Result<Value, CallFailure> {
    let is_it = |answer: &&Value| {
        answer["operation"] == call.operation.as_str()
            && answer["params"]
                .as_object()
                .into_iter()
                .flatten()
                .all(|(name, value)| call.params.get(name) == Some(value))
    };
    let found = answers.as_array().into_iter().flatten().find(is_it);
    let failure = |code: &str| CallFailure { code: code.to_owned(), message: String::new() };
    let Some(found) = found else { return Err(failure("AccessDenied")) };
    match found["error"].as_str() {
        Some(code) => Err(failure(code)),
        None => Ok(found["answer"].clone()),
    }
}

fn run(area: &str, judge: impl Fn(&Value) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(area);
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let update = std::env::var_os("UPDATE_EXPECTED").is_some() && std::env::var_os("CI").is_none();
    let mut failed = Vec::new();
    for path in cases {
        let text = fs::read_to_string(&path).expect("a case can be read");
        let case = parse_one(&text, Dialect::Kustomize, &Budget::DEFAULT)
            .expect("a case is YAML")
            .to_value(Dialect::Kustomize, Numbers::AsWritten)
            .expect("a case is data");
        let got = judge(&case);
        let beside = path.with_extension("expected");
        if update {
            fs::write(&beside, &got).expect("the expected side can be written");
        } else if fs::read_to_string(&beside).ok().as_deref() != Some(got.as_str()) {
            failed.push(format!("{}:\n{got}", path.display()));
        }
    }
    assert!(failed.is_empty(), "other than expected:\n{}", failed.join("\n"));
}
