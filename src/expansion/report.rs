//! Problems of expansion as diagnostics, with places in the environment's files.

use plimsoll_crossplane::expansion::{Expansion, Problem, ProblemKind};
use serde_json::Value;

use super::source_lines::{place_at, steps_of_path, steps_of_pointer};
use super::{Sources, name_of};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};

/// The code of a claim whose version is not served, which the API server refuses.
pub(crate) const UNKNOWN_VERSION: &str = "claim::unknown-version";

/// The problems of an expansion.
pub(super) fn diagnostics(sources: &dyn Sources, values: &[&Value], expansion: &Expansion) -> Diagnostics {
    expansion.problems.iter().map(|problem| diagnostic(sources, values, problem)).collect()
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
