//! Who wrote a field, as `metadata.managedFields` keeps it.
//!
//! The entry that names a field most exactly is its writer: the field itself before a whole that holds it, that before a part of
//! it. An entry that was merged into `ancient-changes`, or that was cleared, says nothing. The trie is that of
//! sigs.k8s.io/structured-merge-diff v6, `FieldsV1`.

use plimsoll_yaml::{FieldPath, Step};
use serde_json::{Map, Value};

use crate::finding::Writer;
use crate::sides::{at, text};

/// The entries of one live resource.
#[derive(Debug)]
pub(crate) struct Writers<'v> {
    entries: Vec<Entry<'v>>,
    live: &'v Value,
}

/// One entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'v> {
    pub(crate) manager: &'v str,
    operation: &'v str,
    time: &'v str,
    pub(crate) subresource: &'v str,
    fields: &'v Value,
}

/// How exactly an entry names a path; the later the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    Part,
    Whole(usize),
    Itself,
}

impl<'v> Writers<'v> {
    /// The entries of a live resource.
    pub(crate) fn of(live: &'v Value) -> Writers<'v> {
        let entries =
            at(at(live, "metadata"), "managedFields").as_array().map(Vec::as_slice).unwrap_or_default();
        let entries = entries
            .iter()
            .filter(|entry| entry.get("fieldsV1").is_some())
            .map(|entry| Entry {
                manager: text(entry, "manager"),
                operation: text(entry, "operation"),
                time: text(entry, "time"),
                subresource: text(entry, "subresource"),
                fields: at(entry, "fieldsV1"),
            })
            .filter(|entry| !matches!(entry.manager, "" | "ancient-changes" | "before-first-apply"))
            .collect();
        Writers { entries, live }
    }

    /// The entry that wrote a path; of several that name it alike, one of no deployer, then the latest.
    pub(crate) fn writer(&self, path: &FieldPath, is_deployer: &dyn Fn(&str) -> bool) -> Option<Entry<'v>> {
        let ranked = self.entries.iter().filter_map(|entry| {
            let exactness = exactness(entry.fields, &path.steps, self.live, 0)?;
            Some(((exactness, !is_deployer(entry.manager), entry.time), entry))
        });
        ranked.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, entry)| *entry)
    }

    /// The managers that own most of the resource, as whoever created it does.
    pub(crate) fn main(&self) -> Vec<&'v str> {
        let own = self.entries.iter().filter(|entry| entry.subresource.is_empty());
        let shares: Vec<(&str, usize)> = own.map(|entry| (entry.manager, leaves(entry.fields))).collect();
        let total: usize = shares.iter().map(|(_, share)| share).sum();
        shares
            .into_iter()
            .filter(|(_, share)| share.saturating_mul(2) > total)
            .map(|(manager, _)| manager)
            .collect()
    }
}

impl Entry<'_> {
    /// The writer, as a finding names it.
    pub(crate) fn to_writer(self) -> Writer {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Writer { manager: self.manager.to_owned(), operation: some(self.operation), at: some(self.time) }
    }
}

fn leaves(fields: &Value) -> usize {
    let Some(map) = fields.as_object() else { return 0 };
    let children = map.iter().filter(|(key, _)| *key != "." && *key != "f:metadata" && *key != "f:status");
    let count: usize = children.map(|(_, child)| leaves(child).max(1)).sum();
    count
}

fn exactness(fields: &Value, steps: &[Step], live: &Value, depth: usize) -> Option<Exactness> {
    let map = fields.as_object()?;
    let Some((step, rest)) = steps.split_first() else {
        let is_itself = map.is_empty() || map.contains_key(".");
        return Some(if is_itself { Exactness::Itself } else { Exactness::Part });
    };
    if map.is_empty() {
        return Some(Exactness::Whole(depth));
    }
    let one = FieldPath { steps: vec![step.clone()] };
    let below = one.find_value(live).unwrap_or(&Value::Null);
    let child = match step {
        Step::Key(key) => map.get(&format!("f:{key}")),
        Step::Item(wanted) => {
            item(map, |named| wanted.iter().all(|(key, value)| shows(at(named, key), value)))
        }
        Step::Index(_) => item(map, |named| match (named, below) {
            (Value::Object(named), Value::Object(found)) => {
                named.iter().all(|(key, value)| found.get(key) == Some(value))
            }
            (named, found) => named == found,
        }),
        Step::Any => None,
    }?;
    exactness(child, rest, below, depth + 1)
}

/// The child of a list whose key, `k:{...}` or `v:...`, fits.
fn item(map: &Map<String, Value>, fits: impl Fn(&Value) -> bool) -> Option<&Value> {
    let mut children = map.iter().filter_map(|(key, child)| {
        let named = key.strip_prefix("k:").or_else(|| key.strip_prefix("v:"))?;
        Some((serde_json::from_str::<Value>(named).ok()?, child))
    });
    children.find(|(named, _)| fits(named)).map(|(_, child)| child)
}

fn shows(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Object(_) | Value::Array(_) => false,
        scalar => *scalar.to_string() == *wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Writers;

    #[test]
    fn the_most_exact_entry_is_the_writer() {
        let entry = |manager: &str, time: &str, fields: serde_json::Value| json!({"manager": manager, "operation": "Update", "time": time, "fieldsV1": fields});
        let live = json!({
            "metadata": {"managedFields": [
                entry("ancient-changes", "", json!({"f:spec": {"f:a": {}}})),
                entry("deployer", "2026-01-02T00:00:00Z", json!({"f:spec": {".": {}, "f:a": {}, "f:rules": {}}})),
                entry("editor", "2026-01-01T00:00:00Z", json!({"f:spec": {"f:a": {}}})),
                entry("adder", "", json!({"f:spec": {"f:list": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}}})),
                entry("labeller", "", json!({"f:metadata": {"f:finalizers": {"v:\"x/y\"": {}}}})),
            ], "finalizers": ["x/y"]},
            "spec": {"a": 1, "rules": [1], "list": [{"port": 80, "protocol": "TCP"}]},
        });
        let writers = Writers::of(&live);
        let manager = |path: &str| {
            let path = path.parse().expect("a path");
            writers.writer(&path, &|manager| manager == "deployer").map(|entry| entry.manager)
        };
        assert_eq!(manager("spec.a"), Some("editor"));
        assert_eq!(manager("spec.rules[0]"), Some("deployer"));
        assert_eq!(manager("spec.list[port=80,protocol=TCP]"), Some("adder"));
        assert_eq!(manager("spec.list[port=81,protocol=TCP]"), None);
        assert_eq!(manager("metadata.finalizers[0]"), Some("labeller"));
        assert_eq!(manager("spec.b"), None);
    }
}
