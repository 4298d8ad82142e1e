//! Problems of expansion as diagnostics, with places in the environment's files.

use plimsoll_crossplane::expansion::{Expansion, Problem, ProblemKind};
use plimsoll_crossplane::supplied_output::SuppliedOutput;
use serde_json::Value;

use super::source_lines::{place_at, steps_of_path, steps_of_pointer};
use super::{Sources, name_of};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};

/// The code of a claim whose version is not served, which the API server refuses.
pub(crate) const UNKNOWN_VERSION: &str = "claim::unknown-version";

/// The problems of an expansion.
pub(super) fn diagnostics(sources: &dyn Sources, values: &[&Value], expansion: &Expansion) -> Diagnostics {
    let of_claims = expansion.problems.iter().map(|problem| diagnostic(sources, values, problem));
    let idle = sources.supplied().outputs.iter().filter(|output| !has_step_for(values, output));
    of_claims
        .chain(idle.map(|output| {
            let step = output.step.as_deref().map(|step| format!(", step `{step}`")).unwrap_or_default();
            let message = format!("no pipeline asks the function `{}`{step}", output.function);
            Diagnostic::warning(Code::new("claim::function-output"), message)
                .with_help("correct the names in the FunctionOutput, or take it away")
        }))
        .collect()
}

/// Whether a Composition has a step that an output is for.
fn has_step_for(values: &[&Value], output: &SuppliedOutput) -> bool {
    values.iter().filter(|value| value.get("kind").and_then(Value::as_str) == Some("Composition")).any(
        |composition| {
            let steps = composition.pointer("/spec/pipeline").and_then(Value::as_array).into_iter().flatten();
            let is_composition = output.composition.as_ref().is_none_or(|name| *name == name_of(composition));
            is_composition
                && steps.into_iter().any(|step| {
                    let text = |pointer: &str| step.pointer(pointer).and_then(Value::as_str);
                    text("/functionRef/name") == Some(output.function.as_str())
                        && output.step.as_deref().is_none_or(|name| text("/step") == Some(name))
                })
        },
    )
}

fn diagnostic(sources: &dyn Sources, values: &[&Value], problem: &Problem) -> Diagnostic {
    let (code, severity, help) = words(problem.kind);
    let claim = values.get(problem.resource);
    let of_claim = claim.map(|claim| {
        let kind = claim.get("kind").and_then(Value::as_str).unwrap_or_default();
        format!("{kind} `{}`: ", name_of(claim))
    });
    let message = format!("{}{}", of_claim.unwrap_or_default(), problem.message);
    let mut diagnostic = match severity {
        Severity::Error => Diagnostic::error(Code::new(code), message),
        _ => Diagnostic::warning(Code::new(code), message),
    };
    let steps = problem.field.as_deref().map_or_else(|| vec!["kind".to_owned()], steps_of_path);
    let at_claim = place_at(sources, problem.resource, &steps);
    let in_composition = problem
        .composition
        .as_ref()
        .and_then(|(index, pointer)| place_at(sources, *index, &steps_of_pointer(pointer)));
    match (in_composition, at_claim) {
        (Some(place), claim) => {
            diagnostic = diagnostic.at(place);
            if let Some(claim) = claim {
                diagnostic = diagnostic.with_link("expanded from", claim);
            }
        }
        (None, Some(place)) => diagnostic = diagnostic.at(place),
        (None, None) => {}
    }
    diagnostic.with_help(help)
}

fn words(kind: ProblemKind) -> (&'static str, Severity, &'static str) {
    match kind {
        ProblemKind::UnknownVersion => {
            (UNKNOWN_VERSION, Severity::Error, "use a version that the definition serves")
        }
        ProblemKind::NoComposition => (
            "claim::no-composition",
            Severity::Error,
            "add the Composition to the platform layer, or correct the reference or selector",
        ),
        ProblemKind::SeveralCompositions => (
            "claim::several-compositions",
            Severity::Error,
            "name one in `compositionRef`, or give the definition a `defaultCompositionRef`",
        ),
        ProblemKind::PinnedRevision => (
            "claim::pinned-revision",
            Severity::Warning,
            "the newest revision is expanded, which is what Git has; the live one may differ",
        ),
        ProblemKind::Pipeline => {
            ("claim::pipeline", Severity::Error, "mend the step, or the claim that it cannot work with")
        }
        ProblemKind::UnknownFunction => (
            "claim::unknown-function",
            Severity::Error,
            "supply what the function answers in `overlays/<env>/function-outputs.yaml`, or to `crossplane expand` with \
             `--function-output FILE`",
        ),
        ProblemKind::Cycle => {
            ("claim::cycle", Severity::Error, "take the composite out of its own Composition")
        }
        ProblemKind::NeverMade => (
            "claim::never-made",
            Severity::Warning,
            "set the field in the claim, or make the patch optional; until then the claim never gets ready",
        ),
    }
}
