//! Paths to fields, in the notation of reports and ignore rules: `spec.containers[name=web].ports[containerPort=80,protocol=TCP]`.
//!
//! A key of `A-Z a-z 0-9 _ / -` alone stands bare, any other in `["..."]` with `\"` and `\\`. An item of a list is named by its
//! merge keys or, where the list has none, by its index `[3]`. A value with `,`, `]` or a leading `"`, or an empty one, stands in
//! double quotes. `*` is any one key or item. The empty path is the whole document.
//!
//! Invariant: what a path prints is parsed as the same path.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::float::format_json;
use crate::node::Node;

/// A path from the root of a document to a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath {
    /// The steps, from the root on.
    pub steps: Vec<Step>,
}

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// The item with this index, from 0.
    Index(usize),
    /// The item whose fields have these values: `[name=web]`.
    Item(Vec<(String, String)>),
    /// Any key or item: `*`.
    Any,
}

/// Why a text is no [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPathError {
    /// What is missing or wrong.
    pub message: &'static str,
    /// Where in the text, in bytes.
    pub offset: usize,
}

impl fmt::Display for FieldPathError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at offset {}", self.message, self.offset)
    }
}

impl std::error::Error for FieldPathError {}

impl FieldPath {
    /// The path of the whole document.
    pub const ROOT: FieldPath = FieldPath { steps: Vec::new() };

    /// The path of these keys.
    #[must_use]
    pub fn of_keys(keys: &[&str]) -> FieldPath {
        FieldPath { steps: keys.iter().map(|key| Step::Key((*key).to_owned())).collect() }
    }

    /// The path one step further.
    #[must_use]
    pub fn join(&self, step: Step) -> FieldPath {
        let mut steps = self.steps.clone();
        steps.push(step);
        FieldPath { steps }
    }

    /// Whether the other path is this one or below it, where `*` stands for any one step.
    #[must_use]
    pub fn covers(&self, other: &FieldPath) -> bool {
        self.steps.len() <= other.steps.len()
            && self.steps.iter().zip(&other.steps).all(|(own, other)| *own == Step::Any || own == other)
    }

    /// The first node at the path.
    #[must_use]
    pub fn find<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        self.find_all(root).into_iter().next()
    }

    /// The nodes at the path, in the order of the document; more than one only by `*` and by items that are alike.
    #[must_use]
    pub fn find_all<'n>(&self, root: &'n Node) -> Vec<&'n Node> {
        self.steps.iter().fold(vec![root], |nodes, step| {
            nodes.into_iter().flat_map(|node| children_of_node(node, step)).collect()
        })
    }

    /// The first value at the path.
    #[must_use]
    pub fn find_value<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.find_all_values(root).into_iter().next()
    }

    /// The values at the path; more than one only by `*` and by items that are alike.
    #[must_use]
    pub fn find_all_values<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        self.steps.iter().fold(vec![root], |values, step| {
            values.into_iter().flat_map(|value| children_of_value(value, step)).collect()
        })
    }
}

fn children_of_node<'n>(node: &'n Node, step: &Step) -> Vec<&'n Node> {
    let items = node.items().unwrap_or_default();
    let entries = node.entries().unwrap_or_default();
    match step {
        Step::Key(key) => node.get(key).into_iter().collect(),
        Step::Index(index) => items.get(*index).into_iter().collect(),
        Step::Any => items.iter().chain(entries.iter().map(|entry| &entry.value)).collect(),
        Step::Item(fields) => {
            let has_all = |item: &&Node| {
                fields.iter().all(|(key, wanted)| {
                    item.get(key).is_some_and(|value| value.scalar_text() == Some(wanted))
                })
            };
            items.iter().filter(has_all).collect()
        }
    }
}

fn children_of_value<'v>(value: &'v Value, step: &Step) -> Vec<&'v Value> {
    match (step, value) {
        (Step::Key(key), Value::Object(map)) => map.get(key).into_iter().collect(),
        (Step::Index(index), Value::Array(items)) => items.get(*index).into_iter().collect(),
        (Step::Any, Value::Object(map)) => map.values().collect(),
        (Step::Any, Value::Array(items)) => items.iter().collect(),
        (Step::Item(fields), Value::Array(items)) => {
            let has_all = |item: &&Value| {
                fields.iter().all(|(key, wanted)| {
                    item.get(key).and_then(scalar_text).is_some_and(|text| text == *wanted)
                })
            };
            items.iter().filter(has_all).collect()
        }
        _ => Vec::new(),
    }
}

/// The text of a scalar; a whole number is `80` whether it is kept as an integer or as a float.
fn scalar_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) if number.is_f64() => format_json(number.as_f64()?).map(Cow::Owned),
        Value::Object(_) | Value::Array(_) => None,
        other => Some(Cow::Owned(other.to_string())),
    }
}

fn is_bare(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '/' | '-')
}

impl fmt::Display for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match step {
                Step::Key(key) if !key.is_empty() && key.chars().all(is_bare) => write!(out, "{dot}{key}")?,
                Step::Key(key) => write!(out, "[{}]", Quoted(key))?,
                Step::Index(index) => write!(out, "[{index}]")?,
                Step::Any => write!(out, "{dot}*")?,
                Step::Item(fields) => write_item(out, fields)?,
            }
        }
        Ok(())
    }
}

fn write_item(out: &mut fmt::Formatter<'_>, fields: &[(String, String)]) -> fmt::Result {
    out.write_str("[")?;
    for (index, (key, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.write_str(",")?;
        }
        if !key.is_empty() && key.chars().all(is_bare) {
            out.write_str(key)?;
        } else {
            write!(out, "{}", Quoted(key))?;
        }
        if value.is_empty() || value.starts_with('"') || value.contains([',', ']']) {
            write!(out, "={}", Quoted(value))?;
        } else {
            write!(out, "={value}")?;
        }
    }
    out.write_str("]")
}

struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

impl FromStr for FieldPath {
    type Err = FieldPathError;

    fn from_str(text: &str) -> Result<FieldPath, FieldPathError> {
        let mut reader = Reader { text, rest: text };
        let mut steps = Vec::new();
        while !reader.rest.is_empty() {
            if reader.take("[") {
                steps.push(reader.bracket()?);
                continue;
            }
            if !steps.is_empty() && !reader.take(".") {
                return Err(reader.error("a `.` or `[` is missing"));
            }
            steps.push(reader.bare_step()?);
        }
        Ok(FieldPath { steps })
    }
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn error(&self, message: &'static str) -> FieldPathError {
        FieldPathError { message, offset: self.text.len() - self.rest.len() }
    }

    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'t str {
        let (taken, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn bare(&mut self) -> Result<&'t str, FieldPathError> {
        let key = self.take_until(|character| !is_bare(character));
        if key.is_empty() { Err(self.error("a key is missing")) } else { Ok(key) }
    }

    fn bare_step(&mut self) -> Result<Step, FieldPathError> {
        if self.take("*") {
            return Ok(Step::Any);
        }
        self.bare().map(|key| Step::Key(key.to_owned()))
    }

    /// What stands between `[` and `]`.
    fn bracket(&mut self) -> Result<Step, FieldPathError> {
        if self.take("*") {
            return self.close(Step::Any);
        }
        let start = self.rest;
        if self.rest.starts_with('"') {
            let key = self.quoted()?;
            if !self.rest.starts_with('=') {
                return self.close(Step::Key(key));
            }
            self.rest = start;
        }
        let digits = self.take_until(|character| !character.is_ascii_digit());
        if !digits.is_empty() && self.rest.starts_with(']') {
            let Ok(index) = digits.parse() else { return Err(self.error("the index is too large")) };
            return self.close(Step::Index(index));
        }
        self.rest = start;
        let mut fields = Vec::new();
        loop {
            let key = if self.rest.starts_with('"') { self.quoted()? } else { self.bare()?.to_owned() };
            if !self.take("=") {
                return Err(self.error("a `=` is missing"));
            }
            let value = if self.rest.starts_with('"') {
                self.quoted()?
            } else {
                self.take_until(|character| matches!(character, ',' | ']')).to_owned()
            };
            fields.push((key, value));
            if !self.take(",") {
                return self.close(Step::Item(fields));
            }
        }
    }

    fn close(&mut self, step: Step) -> Result<Step, FieldPathError> {
        if self.take("]") { Ok(step) } else { Err(self.error("a `]` is missing")) }
    }

    fn quoted(&mut self) -> Result<String, FieldPathError> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    _ => return Err(self.error("only `\\\"` and `\\\\` are escapes")),
                },
                _ => text.push(character),
            }
        }
        Err(self.error("a closing `\"` is missing"))
    }
}
