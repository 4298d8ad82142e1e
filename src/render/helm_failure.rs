//! What stops a chart, as diagnostics: the place in the template with the chain of includes and the value that is asked for
//! there, or the value that does not fit, where it is set.
//!
//! Reasons may quote values, and values may be secrets: one that looks like it holds a secret is not repeated.

use plimsoll_helm::{Error, ErrorKind, Frame};

use super::helm_templates::ChartTemplates;
use super::value_places::ValuePlaces;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::secrets::mask;

/// The chart that failed: its templates, and where its values come from, as far as that is known.
#[derive(Clone, Copy)]
pub(super) struct FailedChart<'a> {
    pub(super) templates: &'a ChartTemplates,
    pub(super) values: Option<&'a ValuePlaces<'a>>,
}

/// The problems that an error stands for. A chart that could not be loaded has no templates.
pub(super) fn diagnose(error: &Error, chart_file: &str, chart: Option<FailedChart<'_>>) -> Diagnostics {
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
            let set = chart.and_then(|chart| chart.values?.find(&violation.path));
            Diagnostic::error(Code::new(code), message)
                .at(set.unwrap_or_else(|| Place::file(chart_file)))
                .with_field(violation.path.join("."))
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
    if let Some(value) = value_asked_for(frames) {
        diagnostic = diagnostic.with_field(value);
    }
    for frame in frames.iter().rev() {
        let place = chart.and_then(|chart| match frame.location.line {
            // What a template made is not at one of its lines.
            0 => Some(Place::file(chart.templates.file(&frame.location.template))),
            _ => chart.templates.place(&frame.location, &frame.expression),
        });
        places.extend(place.filter(|place| !places.iter().any(|known| known.label() == place.label())));
    }
    let mut places = places.into_iter();
    diagnostic = diagnostic.at(places.next().unwrap_or_else(|| Place::file(chart_file)));
    for outer in places {
        diagnostic = diagnostic.with_link("included from", Place { excerpt: None, ..outer });
    }
    diagnostic.into()
}

/// The value that the innermost template asks for which asks for one, as a path from the root of the user's values.
fn value_asked_for(frames: &[Frame]) -> Option<String> {
    let path = frames.iter().rev().find_map(|frame| value_in(&frame.expression))?;
    if path == "global" || path.starts_with("global.") {
        return Some(path);
    }
    // Named templates see the values of the chart whose file is rendered, and that is the outermost.
    let file = frames.first().map_or("", |frame| &*frame.location.template);
    let mut from_root = String::new();
    let mut parts = file.split('/').skip(1);
    while let (Some("charts"), Some(name)) = (parts.next(), parts.next()) {
        from_root.push_str(name);
        from_root.push('.');
    }
    Some(from_root + &path)
}

/// The first path behind `.Values` in an expression; what stands in quotes is text.
fn value_in(expression: &str) -> Option<String> {
    let code = expression.split('"').step_by(2);
    code.filter_map(|code| code.split_once(".Values.")).find_map(|(_, rest)| {
        let is_part = |character: char| character.is_alphanumeric() || "._".contains(character);
        let path = rest.split(|character| !is_part(character)).next().unwrap_or_default();
        let path = path.trim_end_matches('.');
        (!path.is_empty()).then(|| path.to_owned())
    })
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

#[cfg(test)]
mod tests {
    use super::value_in;

    #[test]
    fn the_value_of_an_expression_is_no_text_in_quotes() {
        let found = |expression: &str| value_in(expression).unwrap_or_default();
        assert_eq!(found("required \".Values.a is needed\" .Values.b.c"), "b.c");
        assert_eq!(found("$.Values.list | first"), "list");
        assert_eq!(found("include \"x\" ."), "");
    }
}
