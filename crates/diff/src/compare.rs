//! Two values into the fields that differ.
//!
//! Maps are compared key by key, lists as [`list`](crate::list) pairs their items, texts that hold YAML or JSON as what they
//! hold. A part that only one side has is one change with the whole part as its value. `null` is a value: the difference
//! between a key with null and no key is told.

use plimsoll_kustomize::{SchemaRef, Schemas};
use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

use crate::change::{FieldChange, FieldChangeKind, Location};
use crate::embedded;
use crate::list::{self, Pairing};

/// Texts within texts within texts are compared inside; those within these as a whole.
const DEEPEST_TEXT: usize = 3;

/// The fields that differ between two versions of a resource, in the order of their paths.
#[must_use]
pub fn compare(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut comparison =
        Comparison { location: Location { paths: vec![FieldPath::ROOT] }, found: Vec::new() };
    comparison.values(before, after, schema_of(after));
    comparison.found.sort_by(|one, other| one.location.cmp(&other.location));
    comparison.found
}

/// The parts of a resource that comes or goes, each as a whole: its keys but those that name it.
#[must_use]
pub fn parts(resource: &Value, kind: FieldChangeKind) -> Vec<FieldChange> {
    let mut parts = Vec::new();
    let mut push = |keys: &[&str], value: &Value| {
        let (before, after) = match kind {
            FieldChangeKind::Removed => (Some(value.clone()), None),
            _ => (None, Some(value.clone())),
        };
        let location = Location { paths: vec![FieldPath::of_keys(keys)] };
        parts.push(FieldChange { location, kind, before, after });
    };
    for (key, value) in resource.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("apiVersion" | "kind", _) => {}
            ("metadata", Value::Object(metadata)) => {
                let told = metadata.iter().filter(|(key, _)| !matches!(key.as_str(), "name" | "namespace"));
                told.for_each(|(key, value)| push(&["metadata", key], value));
            }
            (key, value) => push(&[key], value),
        }
    }
    parts
}

fn schema_of(resource: &Value) -> Option<SchemaRef> {
    let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
    Schemas::new().of_resource(text("apiVersion"), text("kind"))
}

struct Comparison {
    location: Location,
    found: Vec<FieldChange>,
}

impl Comparison {
    fn values(&mut self, before: &Value, after: &Value, schema: Option<SchemaRef>) {
        if before == after {
            return;
        }
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
                for key in keys {
                    let schema = schema.as_ref().and_then(|schema| schema.field(key));
                    self.below(Step::Key(key.clone()), |inner| {
                        inner.optional(old.get(key), new.get(key), schema);
                    });
                }
            }
            (Value::Array(old), Value::Array(new)) => self.lists(before, after, old, new, schema),
            (Value::String(old), Value::String(new)) => self.texts(before, after, old, new),
            _ => self.push(FieldChangeKind::Changed, Some(before), Some(after)),
        }
    }

    fn optional(&mut self, before: Option<&Value>, after: Option<&Value>, schema: Option<SchemaRef>) {
        match (before, after) {
            (Some(before), Some(after)) => self.values(before, after, schema),
            (Some(_), None) => self.push(FieldChangeKind::Removed, before, None),
            (None, Some(_)) => self.push(FieldChangeKind::Added, None, after),
            (None, None) => {}
        }
    }

    fn lists(
        &mut self,
        before: &Value,
        after: &Value,
        old: &[Value],
        new: &[Value],
        schema: Option<SchemaRef>,
    ) {
        let Pairing { pairs, is_reordered } = list::pair(old, new, schema.as_ref());
        let items = schema.as_ref().and_then(SchemaRef::elements);
        if is_reordered {
            self.push(FieldChangeKind::Reordered, Some(before), Some(after));
        }
        for pair in pairs {
            let before = pair.before.and_then(|index| old.get(index));
            let after = pair.after.and_then(|index| new.get(index));
            let items = items.clone();
            self.below(pair.step, |inner| inner.optional(before, after, items));
        }
    }

    fn texts(&mut self, before: &Value, after: &Value, old: &str, new: &str) {
        let inside = (self.location.paths.len() <= DEEPEST_TEXT)
            .then(|| Some((embedded::parse(old)?, embedded::parse(new)?)))
            .flatten();
        match inside {
            // Where only layout and comments differ, the text as a whole is what changes.
            Some((old, new)) if old != new && old.is_object() == new.is_object() => {
                self.location.paths.push(FieldPath::ROOT);
                self.values(&old, &new, None);
                self.location.paths.pop();
            }
            _ => self.push(FieldChangeKind::Changed, Some(before), Some(after)),
        }
    }

    fn below(&mut self, step: Step, visit: impl FnOnce(&mut Comparison)) {
        if let Some(path) = self.location.paths.last_mut() {
            path.steps.push(step);
        }
        visit(self);
        if let Some(path) = self.location.paths.last_mut() {
            path.steps.pop();
        }
    }

    fn push(&mut self, kind: FieldChangeKind, before: Option<&Value>, after: Option<&Value>) {
        let (before, after) = (before.cloned(), after.cloned());
        self.found.push(FieldChange { location: self.location.clone(), kind, before, after });
    }
}
