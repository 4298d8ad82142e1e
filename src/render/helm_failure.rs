//! What stops a chart, as diagnostics: the place in the template with the chain of includes, or the value that does not fit.
//!
//! Reasons may quote values, and values may be secrets: one that looks like it holds a secret is not repeated.

use plimsoll_helm::{Error, ErrorKind};

use super::helm_templates::ChartTemplates;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::secrets::mask;

/// The problems that an error stands for.
pub(super) fn diagnose(error: &Error, chart_file: &str, templates: Option<&ChartTemplates>) -> Diagnostics {
    let (code, help) = kind(error.kind());
    let violations = error.detail().map(|detail| detail.violations.as_slice()).unwrap_or_default();
    if !violations.is_empty() {
        let of_value = |violation: &plimsoll_helm::Violation| {
            let said = format!("{}: {}", violation.pointer, violation.message);
            let message = if mask::may_hold_secret(&said, "") {
                format!("the value does not fit the schema of chart `{}`", violation.chart)
            } else {
                format!(
                    "the value does not fit the schema of chart `{}`: {}",
                    violation.chart,
                    one_line(&violation.message)
                )
            };
            Diagnostic::error(Code::new(code), message)
                .at(Place::file(chart_file))
                .with_field(violation.pointer.clone())
                .with_help(help)
        };
        return violations.iter().map(of_value).collect();
    }
    let reason = match error.detail() {
        Some(detail) if !detail.reason.is_empty() => one_line(&detail.reason),
        _ => one_line(&error.to_string()),
    };
    let message = if mask::may_hold_secret(&reason, "") {
        "the chart fails; its words may hold a secret and are not shown".to_owned()
    } else {
        reason
    };
    let mut diagnostic = Diagnostic::error(Code::new(code), message).with_help(help);
    let mut places: Vec<Place> = Vec::new();
    let frames = error.detail().map(|detail| detail.chain.as_slice()).unwrap_or_default();
    for frame in frames.iter().rev() {
        let place = templates.and_then(|templates| templates.place(&frame.location, &frame.expression));
        places.extend(place.filter(|place| !places.iter().any(|known| known.label() == place.label())));
    }
    let mut places = places.into_iter();
    diagnostic = diagnostic.at(places.next().unwrap_or_else(|| Place::file(chart_file)));
    for outer in places {
        diagnostic = diagnostic.with_link("included from", Place { excerpt: None, ..outer });
    }
    diagnostic.into()
}

fn kind(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::Chart => ("helm::chart", "`chart` names a folder with a Chart.yaml, or a packaged chart"),
        ErrorKind::Values => ("helm::values", "look at the release's name and at the values"),
        ErrorKind::Dependencies => {
            ("helm::dependencies", "put the chart's dependencies into its `charts/`, and commit them")
        }
        ErrorKind::Schema => ("helm::schema", "set the value as the chart's values.schema.json has it"),
        ErrorKind::KubeVersion => ("helm::kube-version", "set `kubeVersion` to the cluster's version"),
        ErrorKind::Parse | ErrorKind::Execution => {
            ("helm::template", "set the values that the template asks for, or mend the template")
        }
        ErrorKind::Manifest => {
            ("helm::manifest", "look at the indentation and the quotes of what the template gives")
        }
        ErrorKind::Limit => ("helm::too-much", "look for a loop that is larger than it was meant to be"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
