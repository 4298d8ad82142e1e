//! Plain data into typed values, with the messages of Go's encoding/json.
//!
//! Field names match exactly or, failing that, without regard to case. All problems are found; the one that comes first in the
//! text's sorted form is reported, as Go's decoder does.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_yaml::Span;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::tree::json::kind_name;

/// Reads one value and collects what is wrong with it.
pub(crate) struct Decoder {
    strict: bool,
    /// Numbers and booleans become strings where the type has one.
    converts: bool,
    root: &'static str,
    problems: Vec<(Vec<Step>, String)>,
    place: Vec<Step>,
    structs: Vec<&'static str>,
    go_path: Vec<String>,
}

/// A step towards what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl Decoder {
    /// A decoder that refuses fields which the type lacks.
    pub(crate) fn strict(root: &'static str) -> Decoder {
        Decoder { strict: true, ..Decoder::lenient(root) }
    }

    /// A decoder that ignores fields which the type lacks.
    pub(crate) fn lenient(root: &'static str) -> Decoder {
        Decoder {
            strict: false,
            converts: false,
            root,
            problems: Vec::new(),
            place: Vec::new(),
            structs: vec![root],
            go_path: Vec::new(),
        }
    }

    /// The same decoder, which makes strings of numbers and booleans where the type has a string, as `sigs.k8s.io/yaml`
    /// does that knows what it decodes into. It does not look into embedded structs.
    pub(crate) fn converting(self) -> Decoder {
        Decoder { converts: true, ..self }
    }

    /// The fields of the whole value; `None` for null and for what is no object.
    pub(crate) fn object<'v, 'd>(&'d mut self, value: &'v Value) -> Option<Fields<'v, 'd>> {
        match value {
            Value::Object(map) => Some(Fields { decoder: self, map, seen: BTreeSet::new(), embedded: "" }),
            Value::Null => None,
            other => {
                let (kind, root) = (kind_name(other), self.root);
                self.report(format!("json: cannot unmarshal {kind} into Go value of type types.{root}"));
                None
            }
        }
    }

    /// The first problem, if there was any.
    pub(crate) fn finish(self) -> Result<()> {
        self.finish_with(|_| Span::NONE)
    }

    /// The first problem, if there was any, with its part of the text.
    pub(crate) fn finish_with(mut self, span_of: impl FnOnce(&[Step]) -> Span) -> Result<()> {
        self.problems.sort();
        let Some((path, message)) = self.problems.into_iter().next() else { return Ok(()) };
        let (error, span) = (Error::new(message), span_of(&path));
        Err(if span.is_known() { error.at(span) } else { error })
    }

    fn converted(&self, value: &Value) -> Option<String> {
        let embedded = self.go_path.iter().any(|part| part.contains('.'));
        if !self.converts || embedded {
            return None;
        }
        match value {
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) if number.is_f64() => number.as_f64().map(plimsoll_yaml::format_yaml),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn report(&mut self, message: String) {
        self.problems.push((self.place.clone(), message));
    }

    fn mismatch(&mut self, found: &Value, wanted: &str) {
        let kind = match found {
            Value::Number(number) if wanted == "int64" || wanted == "int" => format!("number {number}"),
            other => kind_name(other).to_owned(),
        };
        let owner = self.structs.last().copied().unwrap_or_default();
        let path = self.go_path.join(".");
        self.report(format!(
            "json: cannot unmarshal {kind} into Go struct field {owner}.{path} of type {wanted}"
        ));
    }
}

/// The fields of one object.
pub(crate) struct Fields<'v, 'd> {
    decoder: &'d mut Decoder,
    map: &'v Map<String, Value>,
    seen: BTreeSet<&'v str>,
    embedded: &'static str,
}

impl<'v> Fields<'v, '_> {
    /// Names the embedded Go struct that the fields read next belong to, which messages show.
    pub(crate) fn embedded(&mut self, path: &'static str) {
        self.embedded = path;
    }

    /// A string; empty where it is missing or null.
    pub(crate) fn string(&mut self, name: &str) -> String {
        self.optional_string(name).unwrap_or_default()
    }

    /// A string, if it is there.
    pub(crate) fn optional_string(&mut self, name: &str) -> Option<String> {
        self.typed_string(name, "string")
    }

    /// A string of a named Go type.
    pub(crate) fn typed_string(&mut self, name: &str, go_type: &str) -> Option<String> {
        self.read(name, |decoder, value| match value {
            Value::String(text) => Some(text.clone()),
            other => {
                let text = decoder.converted(other);
                if text.is_none() {
                    decoder.mismatch(other, go_type);
                }
                text
            }
        })
    }

    /// A boolean; false where it is missing.
    pub(crate) fn bool(&mut self, name: &str) -> bool {
        let read = self.read(name, |decoder, value| match value {
            Value::Bool(value) => Some(*value),
            other => {
                decoder.mismatch(other, "bool");
                None
            }
        });
        read.unwrap_or_default()
    }

    /// An integer; zero where it is missing.
    pub(crate) fn int(&mut self, name: &str, go_type: &str) -> i64 {
        let read = self.read(name, |decoder, value| match value.as_i64() {
            Some(number) => Some(number),
            None => {
                decoder.mismatch(value, go_type);
                None
            }
        });
        read.unwrap_or_default()
    }

    /// A list of strings.
    pub(crate) fn strings(&mut self, name: &str) -> Vec<String> {
        let read = self.read(name, |decoder, value| match value {
            Value::Array(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        decoder.place.push(Step::Index(index));
                        let text = match item {
                            Value::String(text) => text.clone(),
                            Value::Null => String::new(),
                            other => decoder.converted(other).unwrap_or_else(|| {
                                decoder.mismatch(other, "string");
                                String::new()
                            }),
                        };
                        decoder.place.pop();
                        text
                    })
                    .collect(),
            ),
            other => {
                decoder.mismatch(other, "[]string");
                None
            }
        });
        read.unwrap_or_default()
    }

    /// A map of strings; `None` where it is missing or null.
    pub(crate) fn string_map(&mut self, name: &str) -> Option<BTreeMap<String, String>> {
        self.read(name, |decoder, value| match value {
            Value::Object(map) => {
                let mut read = BTreeMap::new();
                for (key, item) in map {
                    decoder.place.push(Step::Key(key.clone()));
                    match item {
                        Value::String(text) => drop(read.insert(key.clone(), text.clone())),
                        Value::Null => drop(read.insert(key.clone(), String::new())),
                        other => match decoder.converted(other) {
                            Some(text) => drop(read.insert(key.clone(), text)),
                            None => decoder.mismatch(other, "string"),
                        },
                    }
                    decoder.place.pop();
                }
                Some(read)
            }
            other => {
                decoder.mismatch(other, "map[string]string");
                None
            }
        })
    }

    /// Any value.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.read(name, |_, value| Some(value.clone()))
    }

    /// An object of a Go struct.
    pub(crate) fn structure<T>(
        &mut self,
        name: &str,
        go_struct: &'static str,
        read: impl FnOnce(&mut Fields<'_, '_>) -> T,
    ) -> Option<T> {
        self.read(name, |decoder, value| decoder.structure(value, go_struct, read))
    }

    /// A list of objects of a Go struct; `None` where it is missing or null.
    pub(crate) fn optional_structures<T>(
        &mut self,
        name: &str,
        go_struct: &'static str,
        mut read: impl FnMut(&mut Fields<'_, '_>) -> T,
    ) -> Option<Vec<T>>
    where
        T: Default,
    {
        self.read(name, |decoder, value| match value {
            Value::Array(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        decoder.place.push(Step::Index(index));
                        let item = decoder.structure(item, go_struct, &mut read).unwrap_or_default();
                        decoder.place.pop();
                        item
                    })
                    .collect(),
            ),
            other => {
                decoder.mismatch(other, &format!("[]types.{go_struct}"));
                None
            }
        })
    }

    /// A list of objects of a Go struct.
    pub(crate) fn structures<T: Default>(
        &mut self,
        name: &str,
        go_struct: &'static str,
        read: impl FnMut(&mut Fields<'_, '_>) -> T,
    ) -> Vec<T> {
        self.optional_structures(name, go_struct, read).unwrap_or_default()
    }

    /// All fields as they are.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'v str, &'v Value)> {
        self.map.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether the field is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some_and(|(_, value)| !value.is_null())
    }

    fn read<T>(&mut self, name: &str, read: impl FnOnce(&mut Decoder, &'v Value) -> Option<T>) -> Option<T> {
        let (key, value) = self.find(name)?;
        self.seen.insert(key);
        if value.is_null() {
            return None;
        }
        let path =
            if self.embedded.is_empty() { name.to_owned() } else { format!("{}.{name}", self.embedded) };
        self.decoder.place.push(Step::Key(key.to_owned()));
        self.decoder.go_path.push(path);
        let read = read(self.decoder, value);
        self.decoder.go_path.pop();
        self.decoder.place.pop();
        read
    }

    fn find(&self, name: &str) -> Option<(&'v str, &'v Value)> {
        let exact = self.map.get_key_value(name);
        let found = exact.or_else(|| self.map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
        found.map(|(key, value)| (key.as_str(), value))
    }

    fn report_unknown(&mut self) {
        if !self.decoder.strict {
            return;
        }
        for key in self.map.keys().filter(|key| !self.seen.contains(key.as_str())) {
            self.decoder.place.push(Step::Key(key.clone()));
            self.decoder.report(format!("json: unknown field {}", crate::go::quote(key)));
            self.decoder.place.pop();
        }
    }
}

impl Drop for Fields<'_, '_> {
    /// What was not asked for by now is unknown.
    fn drop(&mut self) {
        self.report_unknown();
    }
}

impl Decoder {
    fn structure<T>(
        &mut self,
        value: &Value,
        go_struct: &'static str,
        read: impl FnOnce(&mut Fields<'_, '_>) -> T,
    ) -> Option<T> {
        match value {
            Value::Object(map) => {
                self.structs.push(go_struct);
                let mut fields = Fields { decoder: self, map, seen: BTreeSet::new(), embedded: "" };
                let structure = read(&mut fields);
                drop(fields);
                self.structs.pop();
                Some(structure)
            }
            Value::Null => None,
            other => {
                self.mismatch(other, &format!("types.{go_struct}"));
                None
            }
        }
    }
}
