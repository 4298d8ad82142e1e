//! Which Composition a composite resource is composed by.
//!
//! Follows crossplane v2.2.1 `internal/controller/apiextensions/composite/api.go`: what the definition enforces, else what the
//! resource refers to, else what the definition has as default where the resource selects nothing, else one whose labels fit.
//! Where several fit, Crossplane takes any; that is a problem here.

use serde_json::Value;

use super::ProblemKind;
use super::catalog::{Catalog, Definition, text};
use crate::xrd::XrdScope;

/// Why no Composition was selected.
pub(super) struct NotSelected {
    pub(super) kind: ProblemKind,
    pub(super) message: String,
    pub(super) field: Option<String>,
}

/// Where a composite resource of this definition keeps what is Crossplane's own.
pub(super) fn machinery_path(definition: &Definition<'_>) -> &'static str {
    if definition.scope == XrdScope::LegacyCluster { "/spec" } else { "/spec/crossplane" }
}

/// Selects the Composition: its place among the catalog's.
pub(super) fn select(
    catalog: &Catalog<'_>,
    definition: &Definition<'_>,
    composite: &Value,
) -> Result<usize, NotSelected> {
    let machinery = composite.pointer(machinery_path(definition)).unwrap_or(&Value::Null);
    let field = |name: &str| {
        Some(format!("{}.{name}", machinery_path(definition).trim_start_matches('/').replace('/', ".")))
    };
    let enforced = text(definition.xrd, "/spec/enforcedCompositionRef/name");
    let referred = text(machinery, "/compositionRef/name");
    let selector = machinery.get("compositionSelector").filter(|selector| selector.is_object());
    let default = text(definition.xrd, "/spec/defaultCompositionRef/name");
    let named = match (enforced, referred, selector) {
        ("", "", None) => (default, None),
        ("", "", Some(_)) => ("", None),
        ("", referred, _) => (referred, field("compositionRef.name")),
        (enforced, _, _) => (enforced, None),
    };
    if let (name @ [_, ..], field) = (named.0.as_bytes(), named.1) {
        let name = String::from_utf8_lossy(name);
        return by_name(catalog, composite, &name, field);
    }
    let labels = selector.and_then(|selector| selector.get("matchLabels")).and_then(Value::as_object);
    let candidates: Vec<usize> = (0..catalog.compositions.len())
        .filter(|index| {
            catalog.compositions.get(*index).is_some_and(|composition| {
                composes(composition.value, composite)
                    && labels.into_iter().flatten().all(|(key, wanted)| {
                        composition.value.pointer("/metadata/labels").and_then(|labels| labels.get(key))
                            == Some(wanted)
                    })
            })
        })
        .collect();
    let kind = format!("{} {}", text(composite, "/apiVersion"), text(composite, "/kind"));
    let field = selector.and(field("compositionSelector"));
    match candidates.as_slice() {
        [one] => Ok(*one),
        [] => {
            let what = if selector.is_some() { " with the labels that are selected" } else { "" };
            let message = format!("there is no Composition for `{kind}`{what}");
            Err(NotSelected { kind: ProblemKind::NoComposition, message, field })
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .filter_map(|index| catalog.compositions.get(*index))
                .map(|composition| format!("`{}`", text(composition.value, "/metadata/name")))
                .collect();
            let message = format!(
                "Crossplane would take any of {} Compositions for `{kind}`: {}",
                several.len(),
                names.join(", ")
            );
            Err(NotSelected { kind: ProblemKind::SeveralCompositions, message, field })
        }
    }
}

fn by_name(
    catalog: &Catalog<'_>,
    composite: &Value,
    name: &str,
    field: Option<String>,
) -> Result<usize, NotSelected> {
    let index =
        catalog.compositions.iter().position(|composition| text(composition.value, "/metadata/name") == name);
    let wrong = |message: String| NotSelected { kind: ProblemKind::NoComposition, message, field };
    let Some(index) = index else { return Err(wrong(format!("there is no Composition `{name}`"))) };
    match catalog.compositions.get(index) {
        Some(composition) if composes(composition.value, composite) => Ok(index),
        _ => Err(wrong(format!(
            "the Composition `{name}` is not for `{} {}`",
            text(composite, "/apiVersion"),
            text(composite, "/kind")
        ))),
    }
}

fn composes(composition: &Value, composite: &Value) -> bool {
    ["apiVersion", "kind"].iter().all(|key| {
        text(composition, &format!("/spec/compositeTypeRef/{key}")) == text(composite, &format!("/{key}"))
    })
}

/// The revision that a composite resource keeps to, which only the cluster has.
pub(super) fn pinned_revision(definition: &Definition<'_>, composite: &Value) -> Option<String> {
    let machinery = composite.pointer(machinery_path(definition))?;
    let revision = text(machinery, "/compositionRevisionRef/name");
    (text(machinery, "/compositionUpdatePolicy") == "Manual" && !revision.is_empty())
        .then(|| revision.to_owned())
}
