//! A file that does not conform to its schema, as it was probably meant, so that what else is wrong with it is told in the
//! same run.
//!
//! A slip of a known key counts as that key, any other unknown key as absent; what is missing or of a wrong type is stood in
//! for by the least value that conforms. What comes of it is only looked at for further problems and never rendered. A
//! stand-in lies at the place of the problem that it stands for, so that nothing is told of it twice.

use plimsoll_yaml::{Dialect, Entry, Node, Numbers, Span, Tag};
use serde_json::Value;

use super::Document;
use super::environment::Environment;

/// What makes one problem of a file go away.
#[derive(Debug, Clone)]
pub(super) struct Mending {
    /// The path of the value that is changed, as it is told.
    pub(super) field: String,
    /// Where the key, the value, or the mapping without a key stands.
    pub(super) span: Span,
    /// What is changed there.
    pub(super) change: Change,
}

/// A change of a file.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// A key is the other one that was probably meant, or none.
    Key(Option<String>),
    /// A value is another.
    Value(Node),
    /// A mapping has one key more.
    Missing(String, Node),
}

impl Mending {
    /// Whether a name that is written in the file may be lost by it, so that others seem to refer to nothing.
    pub(super) fn may_lose_names(&self) -> bool {
        let in_layer = |rest: &str| matches!(rest.split_once(']'), Some((_, "" | ".name")));
        match &self.change {
            Change::Key(Some(_)) => false,
            Change::Key(None) => self.field.strip_prefix("spec.").is_some_and(|key| !key.contains('.')),
            Change::Value(_) | Change::Missing(..) => {
                matches!(self.field.as_str(), "" | "spec" | "spec.clusters" | "spec.layers")
                    || self.field.strip_prefix("spec.layers[").is_some_and(in_layer)
            }
        }
    }
}

/// The environment that a file probably means; none where that cannot be told.
#[must_use]
pub(super) fn mended(document: &Document, mendings: &[Mending]) -> Option<(Environment, Document)> {
    let mut root = document.root().clone();
    mend(&mut root, mendings);
    let value = root.to_value(Dialect::Yaml12, Numbers::AsWritten).ok()?;
    let environment = serde_json::from_value(value).ok()?;
    Some((environment, document.with_root(root)))
}

/// The least value that conforms to a schema, at a place. `resolve` follows references.
pub(super) fn stand_in<'a>(schema: &'a Value, span: Span, resolve: &impl Fn(&'a Value) -> &'a Value) -> Node {
    let schema = resolve(schema);
    let constant = schema.get("const").or_else(|| schema.get("enum")?.get(0)).and_then(Value::as_str);
    let alternatives = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    let types = schema.get("type");
    let name = types.and_then(|types| types.as_str().or_else(|| types.get(0)?.as_str()));
    let node = match (constant, alternatives.and_then(|alternatives| alternatives.first()), name) {
        (Some(constant), ..) => Node::string(constant),
        (None, Some(first), _) => stand_in(first, span, resolve),
        (None, None, Some("string")) => Node::string(""),
        (None, None, Some("boolean")) => Node::bool(false),
        (None, None, Some("integer" | "number")) => Node::int(0),
        (None, None, Some("array")) => Node::sequence(Vec::new()),
        (None, None, Some("object")) => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let entries = required.filter_map(Value::as_str).filter_map(|key| {
                let value = stand_in(schema.get("properties")?.get(key)?, span, resolve);
                Some(Entry { key: Node::string(key).with_span(span), value })
            });
            Node::mapping(entries.collect())
        }
        _ => Node::scalar("null", Tag::Null),
    };
    node.with_span(span)
}

fn mend(node: &mut Node, mendings: &[Mending]) {
    let span = node.span();
    let here = || mendings.iter().filter(|mending| mending.span == span);
    let stand_in = here().find_map(|mending| match &mending.change {
        Change::Value(stand_in) => Some(stand_in),
        Change::Key(_) | Change::Missing(..) => None,
    });
    if let Some(stand_in) = stand_in {
        *node = stand_in.clone();
        return;
    }
    for item in node.items_mut().into_iter().flatten() {
        mend(item, mendings);
    }
    mend_keys(node, mendings);
    for entry in node.entries_mut().into_iter().flatten() {
        mend(&mut entry.value, mendings);
    }
    // Last, since a slip may turn out to be the missing key, and nothing in what stands in is to be mended.
    for mending in here() {
        if let Change::Missing(key, stand_in) = &mending.change
            && node.get(key).is_none()
            && let Some(entries) = node.entries_mut()
        {
            entries.push(Entry { key: Node::string(key).with_span(span), value: stand_in.clone() });
        }
    }
}

fn mend_keys(node: &mut Node, mendings: &[Mending]) {
    let known: Vec<String> = node
        .entries()
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| Some(entry.key.scalar_text()?.to_owned()))
        .collect();
    let Some(entries) = node.entries_mut() else { return };
    entries.retain_mut(|entry| {
        let span = entry.key.span();
        let meant = mendings.iter().find_map(|mending| match &mending.change {
            Change::Key(meant) if mending.span == span => Some(meant),
            Change::Key(_) | Change::Value(_) | Change::Missing(..) => None,
        });
        let Some(meant) = meant else { return true };
        match meant.as_ref().filter(|meant| !known.contains(meant)) {
            Some(meant) => {
                let tag = entry.key.tag();
                entry.key.set_scalar(meant.as_str(), tag);
                true
            }
            None => false,
        }
    });
}
