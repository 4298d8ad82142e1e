//! What a kind's schema says of its fields: how lists join, what is filled in, which forms of a scalar are equal, and what the
//! server drops. Built-in kinds and custom resources come to the same [`Types`].
//!
//! Nothing here validates: a value of another shape than its schema says is compared as it is.

mod built_in;
mod open_api;
mod written_back;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::defaults::ServerDefault;
use crate::severity::SeverityRule;

pub(crate) use built_in::{BuiltIn, rows};

/// The schema of a custom resource.
#[derive(Debug)]
pub struct Schema {
    types: Types,
    root: usize,
}

impl Schema {
    /// The schema of one version of a custom resource, from `spec.versions[*].schema.openAPIV3Schema` of its definition, which is
    /// of this kind and group.
    #[must_use]
    pub fn of_open_api(open_api: &Value, kind: &str, group: &str) -> Schema {
        let mut types = Types::default();
        let root = open_api::read_root(open_api, &mut types);
        written_back::mark(&mut types, root, kind, group);
        Schema { types, root }
    }

    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    pub(crate) fn root(&self) -> usize {
        self.root
    }
}

/// Types that refer to one another by number.
#[derive(Debug, Default)]
pub(crate) struct Types {
    pub(crate) types: Vec<Type>,
}

/// A mapping with known keys.
#[derive(Debug, Default)]
pub(crate) struct Type {
    /// `core.v1.PodSpec`; empty for what a custom resource defines.
    pub(crate) name: Box<str>,
    pub(crate) fields: BTreeMap<Box<str>, Field>,
    /// Whether keys that are not listed are kept.
    pub(crate) is_open: bool,
}

/// A key of a [`Type`].
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) shape: Shape,
    /// Whether an empty value says something else than none, and is kept.
    pub(crate) keeps_empty: bool,
    pub(crate) defaults: Vec<ServerDefault>,
    pub(crate) severities: Vec<SeverityRule>,
    /// Whether it cannot be changed once the resource exists.
    pub(crate) is_immutable: bool,
}

/// What kind of value stands somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Anything: compared as it is written.
    Any,
    Scalar(Form),
    /// Keys of the writer's choice.
    Map(Box<Shape>),
    List(Box<Shape>, Joining),
    /// A type, by its number.
    Struct(usize),
}

/// Which spellings of a scalar are one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Only the same.
    Plain,
    /// `1000m` and `1`.
    Quantity,
    /// `60s` and `1m0s`.
    Duration,
    /// The same moment in another offset or precision.
    Time,
    /// The same bytes.
    Base64,
}

/// How the items of a list are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Joining {
    /// By their place, or in any order where that says nothing.
    Atomic { is_ordered: bool },
    /// By their value.
    Set,
    /// By the values of these keys.
    Map { keys: Vec<Box<str>>, is_ordered: bool },
}

impl Field {
    pub(crate) fn of_shape(shape: Shape) -> Field {
        Field { shape, keeps_empty: false, defaults: Vec::new(), severities: Vec::new(), is_immutable: false }
    }
}

impl Types {
    pub(crate) fn add(&mut self, one: Type) -> usize {
        self.types.push(one);
        self.types.len() - 1
    }

    pub(crate) fn field(&self, type_number: usize, key: &str) -> Option<&Field> {
        self.types.get(type_number)?.fields.get(key)
    }
}
