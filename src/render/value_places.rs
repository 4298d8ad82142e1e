//! Where a value of a chart is set: the line of the values file that has the last word on it.

use plimsoll_resource::FileTree;
use plimsoll_yaml::{Budget, Dialect, Span};
use serde_json::Value;

use crate::diagnostic::Place;
use crate::secrets::mask;

/// The values files of a source, and the values in the environment itself.
pub(super) struct ValuePlaces<'a> {
    pub(super) tree: &'a FileTree,
    /// The files, each over those before it.
    pub(super) files: Vec<String>,
    /// The values in the environment, which are over all files.
    pub(super) object: &'a std::collections::BTreeMap<String, Value>,
    /// The source in the environment.
    pub(super) source: &'a Place,
}

impl ValuePlaces<'_> {
    /// The place of the value that these keys lead to; `None` where nobody sets it.
    pub(super) fn find(&self, path: &[String]) -> Option<Place> {
        let (first, rest) = path.split_first()?;
        let set_here = self.object.get(first).and_then(|value| value.pointer(&pointer(rest)));
        if set_here.is_some() {
            return Some(self.source.clone());
        }
        self.files.iter().rev().find_map(|file| {
            let (place, depth) = deepest(self.tree, file, path)?;
            (depth == path.len()).then_some(place)
        })
    }
}

/// The place of the key in a values file, or of the nearest around it; the file where its text is only known after rendering.
pub(super) fn nearest(tree: &FileTree, file: &str, path: &[String]) -> Place {
    deepest(tree, file, path).map_or_else(|| Place::file(file), |(place, _)| place)
}

/// The place of as many of the keys as the file has, and how many these are.
fn deepest(tree: &FileTree, file: &str, path: &[String]) -> Option<(Place, usize)> {
    let text = std::str::from_utf8(tree.get(file)?).ok()?;
    let root = plimsoll_yaml::parse_one(text, Dialect::Helm, &Budget::DEFAULT).ok()?;
    let mut node = &root;
    let mut found: Option<(Span, usize)> = None;
    for (position, key) in path.iter().enumerate() {
        let next = if let Some(entries) = node.entries() {
            let entry = entries.iter().find(|entry| entry.key.scalar_text() == Some(key.as_str()));
            entry.map(|entry| (entry.key.span(), &entry.value))
        } else {
            let item = key.parse().ok().and_then(|index: usize| node.items()?.get(index));
            item.map(|item| (item.span(), item))
        };
        let Some((span, value)) = next else { break };
        found = Some((span, position + 1));
        node = value;
    }
    let (span, depth) = found?;
    Some((mask::without_secrets(Place::of_span(file, text, span), text), depth))
}

fn pointer(keys: &[String]) -> String {
    keys.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}
