//! A tree with spans against a JSON Schema: every problem, each at its place.
//!
//! Knows the keywords that our own schemas use: `$ref`, `type`, `properties`, `required`, `additionalProperties`, `items`,
//! `minItems`, `enum`, `const`, `minLength`, `maxLength`, `pattern`, `anyOf` and `oneOf`. Of several alternatives the
//! problems of the one that the value was meant to be are told. A value is never quoted, unless it is a slip of a known
//! word: what stands in the wrong place may be a secret.

use plimsoll_yaml::{Node, Span, Tag};
use regex::Regex;
use serde_json::{Map, Value};

use super::Document;
use super::mending::{Change, Mending, stand_in};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean, nearest};

/// The problems of a document, and what would make them go away.
#[must_use]
pub(super) fn check(document: &Document, schema: &Value) -> (Diagnostics, Vec<Mending>) {
    let mut walk = Walk { document, root: schema, found: Diagnostics::new(), mendings: Vec::new() };
    walk.node(document.root(), schema, &Field::root());
    (walk.found, walk.mendings)
}

struct Walk<'a> {
    document: &'a Document,
    root: &'a Value,
    found: Diagnostics,
    mendings: Vec<Mending>,
}

/// The path of a value, as it is told.
#[derive(Debug, Clone)]
struct Field(String);

impl Field {
    fn root() -> Field {
        Field(String::new())
    }

    fn key(&self, key: &str) -> Field {
        Field(if self.0.is_empty() { key.to_owned() } else { format!("{}.{key}", self.0) })
    }

    fn index(&self, index: usize) -> Field {
        Field(format!("{}[{index}]", self.0))
    }
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &Node, schema: &'a Value, field: &Field) {
        let whole_schema = self.resolve(schema);
        let Some(schema) = whole_schema.as_object() else { return };
        if let Some(alternatives) = alternatives(schema) {
            self.alternatives(node, alternatives, field);
            return;
        }
        if let Some(types) = schema.get("type")
            && !type_names(types).any(|name| is_of_type(node, name))
        {
            let expected: Vec<&str> = type_names(types).filter(|name| *name != "null").map(article).collect();
            let message = format!("{} is {}, expected {}", label(field), kind(node), expected.join(" or "));
            let help = (types == "string" && node.is_scalar() && !node.is_null())
                .then(|| "write it in quotes".to_owned());
            self.report("config::wrong-type", message, node, field, help);
            self.replace(node, whole_schema, field);
            return;
        }
        self.known_values(node, schema, field);
        self.text(node, schema, field);
        if node.is_mapping() {
            self.mapping(node, schema, field);
        }
        if let Some(items) = node.items() {
            if let Some(least) = schema.get("minItems").and_then(Value::as_u64)
                && (items.len() as u64) < least
            {
                self.report("config::wrong-value", format!("{} is empty", label(field)), node, field, None);
            }
            if let Some(item_schema) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    self.node(item, item_schema, &field.index(index));
                }
            }
        }
    }

    fn mapping(&mut self, node: &Node, schema: &'a Map<String, Value>, field: &Field) {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        let known = || properties.unwrap_or(&empty).keys().map(String::as_str);
        for entry in node.entries().unwrap_or_default() {
            let Some(key) = entry.key.scalar_text() else {
                self.report("config::wrong-type", "a key is no string".to_owned(), &entry.key, field, None);
                self.change(field, entry.key.span(), Change::Key(None));
                continue;
            };
            match (properties.and_then(|properties| properties.get(key)), schema.get("additionalProperties"))
            {
                (Some(property), _) => self.node(&entry.value, property, &field.key(key)),
                (None, Some(Value::Bool(false))) => {
                    let meant = nearest(key, known()).map(str::to_owned);
                    self.change(&field.key(key), entry.key.span(), Change::Key(meant));
                    let help = did_you_mean(key, known()).or_else(|| {
                        let names: Vec<String> = known().map(|name| format!("`{name}`")).collect();
                        (!names.is_empty()).then(|| format!("known keys are {}", names.join(", ")))
                    });
                    self.report(
                        "config::unknown-key",
                        format!("unknown key `{key}`"),
                        &entry.key,
                        field,
                        help,
                    );
                }
                (None, Some(additional @ Value::Object(_))) => {
                    self.node(&entry.value, additional, &field.key(key));
                }
                (None, _) => {}
            }
        }
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(key) = required.as_str().filter(|key| node.get(key).is_none()) {
                let help = properties
                    .and_then(|properties| properties.get(key)?.get("description")?.as_str())
                    .map(|description| format!("`{key}`: {}", lower_first(description)));
                self.report("config::missing-key", format!("missing key `{key}`"), node, field, help);
                if let Some(schema) = properties.and_then(|properties| properties.get(key)) {
                    let value = stand_in(schema, node.span(), &|schema| self.resolve(schema));
                    self.change(&field.key(key), node.span(), Change::Missing(key.to_owned(), value));
                }
            }
        }
    }

    /// `enum` and `const`.
    fn known_values(&mut self, node: &Node, schema: &Map<String, Value>, field: &Field) {
        let single = schema.get("const").map(std::slice::from_ref);
        let Some(allowed) =
            single.or_else(|| schema.get("enum").and_then(Value::as_array).map(Vec::as_slice))
        else {
            return;
        };
        let names: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        if !node.as_str().is_some_and(|text| names.contains(&text)) {
            self.unknown_value(node, &names, field);
        }
    }

    fn unknown_value(&mut self, node: &Node, names: &[&str], field: &Field) {
        let suggestion = node.scalar_text().and_then(|text| did_you_mean(text, names.iter().copied()));
        let message = match (&suggestion, node.scalar_text()) {
            (Some(_), Some(text)) => format!("{} cannot be `{text}`", label(field)),
            _ => format!("{} is not one of the values it can have", label(field)),
        };
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let help = suggestion.unwrap_or_else(|| format!("it can be {}", listed.join(", ")));
        self.report("config::wrong-value", message, node, field, Some(help));
        let meant = node.scalar_text().and_then(|text| nearest(text, names.iter().copied()));
        if let Some(meant) = meant.or(names.first().copied()) {
            let value = Node::string(meant).with_span(node.span());
            self.change(field, node.span(), Change::Value(value));
        }
    }

    fn text(&mut self, node: &Node, schema: &Map<String, Value>, field: &Field) {
        let Some(text) = node.as_str() else { return };
        let length = text.chars().count() as u64;
        let limit = |name: &str| schema.get(name).and_then(Value::as_u64);
        if limit("minLength").is_some_and(|least| length < least) {
            self.report("config::wrong-value", format!("{} is empty", label(field)), node, field, None);
        } else if limit("maxLength").is_some_and(|most| length > most) {
            let message =
                format!("{} is longer than {} characters", label(field), limit("maxLength").unwrap_or(0));
            self.report("config::wrong-value", message, node, field, None);
        } else if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(text))
        {
            let message = format!("{} does not have the form that it must have", label(field));
            self.report(
                "config::wrong-value",
                message,
                node,
                field,
                Some(format!("it must match `{pattern}`")),
            );
        }
    }

    fn alternatives(&mut self, node: &Node, alternatives: &'a [Value], field: &Field) {
        let resolved: Vec<&'a Value> = alternatives.iter().map(|schema| self.resolve(schema)).collect();
        let constants: Vec<&str> =
            resolved.iter().filter_map(|schema| schema.get("const")?.as_str()).collect();
        if constants.len() == resolved.len() {
            if !node.as_str().is_some_and(|text| constants.contains(&text)) {
                self.unknown_value(node, &constants, field);
            }
            return;
        }
        let (nulls, resolved): (Vec<_>, Vec<_>) =
            resolved.into_iter().partition(|schema| schema.get("type").is_some_and(|name| name == "null"));
        match resolved.as_slice() {
            _ if node.is_null() && !nulls.is_empty() => return,
            [only] if !nulls.is_empty() => return self.node(node, only, field),
            _ => {}
        }
        let objects: Vec<&'a Value> =
            resolved.into_iter().filter(|schema| schema.get("properties").is_some()).collect();
        // An object of one key names its alternative by that key.
        let chosen = match objects.as_slice() {
            [only] => Some(*only),
            several => several.iter().copied().find(|schema| {
                let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
                required.filter_map(Value::as_str).any(|key| node.get(key).is_some())
            }),
        };
        match chosen {
            Some(_) if self.excluding(node, &objects, field) => {}
            Some(schema) => self.node(node, schema, field),
            None => self.no_alternative(node, &objects, field),
        }
    }

    /// Whether an object names several alternatives, which is reported.
    fn excluding(&mut self, node: &Node, objects: &[&Value], field: &Field) -> bool {
        let names_alternative = |key: &str| {
            let required = objects.iter().filter_map(|schema| schema.get("required")?.as_array()).flatten();
            objects.len() > 1 && required.filter_map(Value::as_str).any(|required| required == key)
        };
        let named: Vec<(&Node, &str)> = node
            .entries()
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| Some((&entry.key, entry.key.scalar_text()?)))
            .filter(|(_, key)| names_alternative(key))
            .collect();
        let [(_, first), (second, other), ..] = named.as_slice() else { return false };
        let message = format!("`{first}` and `{other}` exclude each other");
        let help = "keep one of them; in a list, make two items of it".to_owned();
        self.report("config::invalid", message, second, field, Some(help));
        self.change(field, second.span(), Change::Key(None));
        true
    }

    fn no_alternative(&mut self, node: &Node, objects: &[&'a Value], field: &Field) {
        let names: Vec<&str> = objects
            .iter()
            .flat_map(|schema| schema.get("properties").and_then(Value::as_object))
            .flat_map(|properties| properties.keys().map(String::as_str))
            .collect();
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let help = format!("it needs one of {}", listed.join(", "));
        let first = node.entries().and_then(|entries| entries.first());
        match first.and_then(|entry| Some((entry, entry.key.scalar_text()?))) {
            Some((entry, key)) => {
                match nearest(key, names.iter().copied()) {
                    Some(meant) => {
                        self.change(&field.key(key), entry.key.span(), Change::Key(Some(meant.to_owned())));
                    }
                    None => self.replace_by_first(node, objects, field),
                }
                let help = did_you_mean(key, names).unwrap_or(help);
                self.report(
                    "config::unknown-key",
                    format!("unknown key `{key}`"),
                    &entry.key,
                    field,
                    Some(help),
                );
            }
            None => {
                let message = format!("{} is {}, expected an object", label(field), kind(node));
                self.report("config::wrong-type", message, node, field, Some(help));
                self.replace_by_first(node, objects, field);
            }
        }
    }

    fn replace_by_first(&mut self, node: &Node, schemas: &[&'a Value], field: &Field) {
        if let Some(first) = schemas.first() {
            self.replace(node, first, field);
        }
    }

    /// Lets the least value that conforms stand in for a node.
    fn replace(&mut self, node: &Node, schema: &'a Value, field: &Field) {
        let value = stand_in(schema, node.span(), &|schema| self.resolve(schema));
        self.change(field, node.span(), Change::Value(value));
    }

    fn change(&mut self, field: &Field, span: Span, change: Change) {
        self.mendings.push(Mending { field: field.0.clone(), span, change });
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        target.and_then(|pointer| self.root.pointer(pointer)).unwrap_or(schema)
    }

    fn report(
        &mut self,
        code: &'static str,
        message: String,
        node: &Node,
        field: &Field,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::error(Code::new(code), message)
            .at(self.document.place(node))
            .with_optional_help(help);
        diagnostic.field = (!field.0.is_empty()).then(|| field.0.clone());
        self.found.push(diagnostic);
    }
}

fn alternatives(schema: &Map<String, Value>) -> Option<&[Value]> {
    schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array).map(Vec::as_slice)
}

fn type_names(types: &Value) -> impl Iterator<Item = &str> {
    let several = types.as_array().map(Vec::as_slice).unwrap_or_default();
    types.as_str().into_iter().chain(several.iter().filter_map(Value::as_str))
}

fn is_of_type(node: &Node, name: &str) -> bool {
    match name {
        "object" => node.is_mapping(),
        "array" => node.is_sequence(),
        "string" => node.as_str().is_some(),
        "boolean" => node.tag() == Tag::Bool,
        "integer" => node.tag() == Tag::Int,
        "number" => matches!(node.tag(), Tag::Int | Tag::Float),
        "null" => node.is_null(),
        _ => false,
    }
}

fn article(name: &str) -> &str {
    match name {
        "object" => "an object",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        other => other,
    }
}

/// What a node is, without saying what it holds.
fn kind(node: &Node) -> &'static str {
    match node.tag() {
        Tag::Null => "null",
        Tag::Bool => "true or false",
        Tag::Int | Tag::Float => "a number",
        Tag::Sequence => "a list",
        Tag::Mapping => "an object",
        Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge | Tag::Custom => "a string",
    }
}

fn label(field: &Field) -> String {
    if field.0.is_empty() { "the file".to_owned() } else { format!("`{}`", field.0) }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if !text.starts_with("AWS") => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}
