//! The types of the built-in kinds, from the tables under `data/`.
//!
//! The tables follow Kubernetes 1.35.4. A version that they lack is looked up as its kind's own: what is there is compared by
//! value alone.

use std::collections::BTreeMap;

use super::{Field, Form, Joining, Shape, Type, Types};
use crate::defaults::ServerDefault;
use crate::severity::SeverityRule;

/// Every built-in kind with its type.
#[derive(Debug, Default)]
pub(crate) struct BuiltIn {
    pub(crate) types: Types,
    kinds: BTreeMap<(Box<str>, Box<str>), usize>,
    names: BTreeMap<Box<str>, usize>,
}

impl BuiltIn {
    /// The tables, read.
    pub(crate) fn read() -> BuiltIn {
        let mut built_in = BuiltIn::default();
        let lines: Vec<(&str, &str)> = rows(include_str!("../../data/types.tsv"))
            .filter_map(|row| Some((*row.first()?, row.get(1).copied().unwrap_or_default())))
            .collect();
        for (name, _) in &lines {
            let number = built_in.types.add(Type { name: (*name).into(), ..Type::default() });
            built_in.names.insert((*name).into(), number);
        }
        for (number, (_, fields)) in lines.iter().enumerate() {
            let fields = fields.split(' ').filter_map(|field| built_in.field(field)).collect();
            if let Some(one) = built_in.types.types.get_mut(number) {
                one.fields = fields;
            }
        }
        for row in rows(include_str!("../../data/kinds.tsv")) {
            if let [api_version, kind, name] = row[..]
                && let Some(number) = built_in.names.get(name)
            {
                built_in.kinds.insert((api_version.into(), kind.into()), *number);
            }
        }
        built_in.add_facts();
        built_in
    }

    /// The type of a kind.
    pub(crate) fn kind(&self, api_version: &str, kind: &str) -> Option<usize> {
        self.kinds.get(&(Box::from(api_version), Box::from(kind))).copied()
    }

    /// A type by its name.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    fn field(&self, text: &str) -> Option<(Box<str>, Field)> {
        let (key, code) = text.rsplit_once(':')?;
        let (code, keeps_empty) = match code.strip_suffix('?') {
            Some(code) => (code, true),
            None => (code, false),
        };
        Some((key.into(), Field { keeps_empty, ..Field::of_shape(self.shape(code)) }))
    }

    fn shape(&self, code: &str) -> Shape {
        if let Some(inner) = code.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return Shape::Map(Box::new(self.shape(inner)));
        }
        if let Some((item, kind)) = code.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
            return Shape::List(Box::new(self.shape(item)), joining(kind));
        }
        match code {
            "*" => Shape::Any,
            "s" | "i" | "n" | "b" | "x" => Shape::Scalar(Form::Plain),
            "q" => Shape::Scalar(Form::Quantity),
            "t" | "u" => Shape::Scalar(Form::Time),
            "d" => Shape::Scalar(Form::Duration),
            "y" => Shape::Scalar(Form::Base64),
            name => self.named(name).map_or(Shape::Any, Shape::Struct),
        }
    }

    fn field_mut(&mut self, name: &str, key: &str) -> Option<&mut Field> {
        let number = self.named(name)?;
        self.types.types.get_mut(number)?.fields.get_mut(key)
    }

    fn add_facts(&mut self) {
        for row in rows(include_str!("../../data/defaults.tsv")) {
            if let [name, key, value, conditions @ ..] = &row[..]
                && let Some(default) = ServerDefault::parse(value, conditions)
                && let Some(field) = self.field_mut(name, key)
            {
                field.defaults.push(default);
            }
        }
        for row in rows(include_str!("../../data/ordered.tsv")) {
            if let [name, key] = row[..]
                && let Some(Field { shape: Shape::List(_, joining), .. }) = self.field_mut(name, key)
                && let Joining::Atomic { is_ordered } | Joining::Map { is_ordered, .. } = joining
            {
                *is_ordered = true;
            }
        }
        for row in rows(include_str!("../../data/immutable.tsv")) {
            if let [name, keys] = row[..] {
                self.mark_immutable(name, keys);
            }
        }
        for row in rows(include_str!("../../data/severity.tsv")) {
            if let [name, key, change, value, severity] = row[..]
                && let Some(rule) = SeverityRule::parse(key, change, value, severity)
            {
                self.add_severity(name, key, &rule);
            }
        }
    }

    /// Marks the fields that a list of names means; `*` all but those after it with a `-`.
    fn mark_immutable(&mut self, name: &str, keys: &str) {
        let keys: Vec<&str> = keys.split(' ').collect();
        let Some(one) = self.named(name).and_then(|number| self.types.types.get_mut(number)) else { return };
        for (key, field) in &mut one.fields {
            let is_excepted =
                keys.iter().any(|other| other.strip_prefix('-').is_some_and(|other| other == key.as_ref()));
            field.is_immutable |= keys.contains(&key.as_ref()) || (keys.contains(&"*") && !is_excepted);
        }
    }

    fn add_severity(&mut self, name: &str, key: &str, rule: &SeverityRule) {
        let Some(one) = self.named(name).and_then(|number| self.types.types.get_mut(number)) else { return };
        let key = key.split('/').next().unwrap_or_default();
        for (own, field) in &mut one.fields {
            if key == "*" || key == own.as_ref() {
                field.severities.push(rule.clone());
            }
        }
    }
}

fn joining(kind: &str) -> Joining {
    match kind.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(keys) => Joining::Map { keys: keys.split(',').map(Box::from).collect(), is_ordered: false },
        None if kind == "set" => Joining::Set,
        None => Joining::Atomic { is_ordered: false },
    }
}

/// The rows of a table, without its comments.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}
