//! A file with unknown keys, as it was probably meant, so that what else is wrong with it is told in the same run.
//!
//! A slip of a known key counts as that key, any other unknown key as absent. What comes of it is only looked at for further
//! problems and never rendered.

use plimsoll_yaml::{Dialect, Node, Numbers, Span};

use super::Document;
use super::environment::Environment;

/// A key that the schema does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownKey {
    /// Where it stands.
    pub(super) span: Span,
    /// The key that was probably meant.
    pub(super) meant: Option<String>,
}

/// The environment that a file probably means; none where more than its keys is wrong.
#[must_use]
pub(super) fn mended(document: &Document, unknown: &[UnknownKey]) -> Option<(Environment, Document)> {
    let mut root = document.root().clone();
    mend(&mut root, unknown);
    let value = root.to_value(Dialect::Yaml12, Numbers::AsWritten).ok()?;
    let environment = serde_json::from_value(value).ok()?;
    Some((environment, document.with_root(root)))
}

fn mend(node: &mut Node, unknown: &[UnknownKey]) {
    for item in node.items_mut().into_iter().flatten() {
        mend(item, unknown);
    }
    let known: Vec<String> = node
        .entries()
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| Some(entry.key.scalar_text()?.to_owned()))
        .collect();
    let Some(entries) = node.entries_mut() else { return };
    entries.retain_mut(|entry| {
        let span = entry.key.span();
        let Some(slip) = unknown.iter().find(|slip| slip.span == span) else { return true };
        match slip.meant.as_ref().filter(|meant| !known.contains(meant)) {
            Some(meant) => {
                let tag = entry.key.tag();
                entry.key.set_scalar(meant.as_str(), tag);
                true
            }
            None => false,
        }
    });
    for entry in entries {
        mend(&mut entry.value, unknown);
    }
}
