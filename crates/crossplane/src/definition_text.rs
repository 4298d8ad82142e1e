//! CustomResourceDefinitions as far as they are wanted: without descriptions, and without the schemas of kinds that no resource is
//! of, which are looked through for what no schema may hold and then forgotten.
//!
//! Provider packages have hundreds of definitions with thousands of descriptions, of which a few kinds are used. A definition
//! that is out of the ordinary is read as a whole: one that is written in a way that needs the whole grammar, names its kind
//! behind its versions, or may hold a keyword that is refused.

use std::borrow::Cow;

use plimsoll_yaml::{
    Budget, Collection, Dialect, GivenUp, Listener, Numbers, Span, Style, ValueBuilder, listen,
};
use serde_json::Value;

use crate::definitions::GroupVersionKind;
use crate::manifest::{object_in, objects_of, split_stream};
use crate::number::round_trip;
use crate::schema::UNSUPPORTED;

/// The objects of a text with definitions, given whether there are resources of a kind. Else as [`crate::manifest::load_objects`].
pub fn load_definitions(
    text: &[u8],
    is_wanted: &dyn Fn(&GroupVersionKind) -> bool,
) -> Result<Vec<Value>, String> {
    let mut objects = Vec::new();
    for document in split_stream(text) {
        match definition(document, is_wanted) {
            Ok(definition) => objects.push(definition),
            Err(GivenUp) => objects.extend(objects_of(object_in(document)?)),
        }
    }
    Ok(objects)
}

fn definition(document: &[u8], is_wanted: &dyn Fn(&GroupVersionKind) -> bool) -> Result<Value, GivenUp> {
    let mut reader = DefinitionReader {
        builder: ValueBuilder::new(Dialect::Helm, Numbers::AsWritten),
        open: Vec::new(),
        key: String::new(),
        kind: GroupVersionKind { group: String::new(), version: String::new(), kind: String::new() },
        left_out: None,
        is_definition: false,
        is_wanted,
    };
    listen(document, Dialect::Helm, &Budget::DEFAULT, &mut reader)?;
    if !reader.is_definition {
        return Err(GivenUp);
    }
    reader.builder.finish().map(round_trip)
}

/// A keyword that is refused with another value.
const MUST_BE_TRUE: &str = "x-kubernetes-preserve-unknown-fields";

/// What an open collection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Root,
    Spec,
    Names,
    Versions,
    Version,
    VersionSchema,
    /// A schema, or a list of schemas.
    Schema,
    /// Schemas by the names of fields.
    Properties,
    Other,
}

struct Open {
    role: Role,
    /// Of a mapping: whether a key comes next.
    awaits_key: Option<bool>,
}

struct DefinitionReader<'w> {
    builder: ValueBuilder,
    open: Vec<Open>,
    /// The last key of the innermost mapping.
    key: String,
    kind: GroupVersionKind,
    /// How many collections are open where the value ends that is left out: an entry, or the schema of a version.
    left_out: Option<(usize, LeftOut)>,
    is_definition: bool,
    is_wanted: &'w dyn Fn(&GroupVersionKind) -> bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeftOut {
    Description,
    Schema,
}

impl DefinitionReader<'_> {
    fn role(&self) -> Role {
        self.open.last().map_or(Role::Other, |open| open.role)
    }

    /// What a collection is that opens here.
    fn role_within(&self) -> Role {
        let Some(open) = self.open.last() else { return Role::Root };
        match (open.role, self.key.as_str()) {
            (Role::Root, "spec") => Role::Spec,
            (Role::Spec, "names") => Role::Names,
            (Role::Spec, "versions") => Role::Versions,
            (Role::Versions, _) => Role::Version,
            (Role::Version, "schema") => Role::VersionSchema,
            (Role::VersionSchema, "openAPIV3Schema") | (Role::Properties, _) => Role::Schema,
            // The items of a list of schemas.
            (Role::Schema, _) if open.awaits_key.is_none() => Role::Schema,
            (Role::Schema, "properties") => Role::Properties,
            (Role::Schema, "items" | "additionalProperties" | "not" | "allOf" | "anyOf" | "oneOf") => {
                Role::Schema
            }
            _ => Role::Other,
        }
    }

    /// Takes a key; whether its value is left out.
    fn take_key(&mut self, key: &str) -> Result<bool, GivenUp> {
        self.key.clear();
        self.key.push_str(key);
        if self.left_out.is_some() {
            let is_refused = self.role() == Role::Schema && UNSUPPORTED.iter().any(|(word, _)| *word == key);
            return if is_refused { Err(GivenUp) } else { Ok(true) };
        }
        let left_out = match (self.role(), key) {
            (Role::Schema, "description") => LeftOut::Description,
            (Role::Version, "schema") if self.is_unwanted() => LeftOut::Schema,
            // Its place is behind the names, which say whether it is wanted.
            (Role::Spec, "versions") if self.kind.group.is_empty() || self.kind.kind.is_empty() => {
                return Err(GivenUp);
            }
            _ => return Ok(false),
        };
        self.left_out = Some((self.open.len(), left_out));
        Ok(true)
    }

    fn is_unwanted(&self) -> bool {
        !self.kind.version.is_empty() && !(self.is_wanted)(&self.kind)
    }

    fn take_value(&mut self, text: &str) -> Result<(), GivenUp> {
        match (self.role(), self.key.as_str()) {
            (Role::Root, "apiVersion") if text != "apiextensions.k8s.io/v1" => return Err(GivenUp),
            (Role::Root, "kind") if text != "CustomResourceDefinition" => return Err(GivenUp),
            (Role::Root, "kind") => self.is_definition = true,
            (Role::Spec, "group") => text.clone_into(&mut self.kind.group),
            (Role::Names, "kind") => text.clone_into(&mut self.kind.kind),
            (Role::Version, "name") => text.clone_into(&mut self.kind.version),
            _ => {}
        }
        Ok(())
    }

    /// A value ends: of what is left out no more is.
    fn end_value(&mut self) {
        if let Some(open) = self.open.last_mut()
            && open.awaits_key.is_some()
        {
            open.awaits_key = Some(true);
        }
        if self.left_out.is_some_and(|(depth, _)| self.open.len() <= depth) {
            self.left_out = None;
        }
    }
}

impl<'s> Listener<'s> for DefinitionReader<'_> {
    fn scalar(&mut self, text: Cow<'s, str>, style: Style, span: Span) -> Result<(), GivenUp> {
        if let Some(open) = self.open.last_mut()
            && open.awaits_key == Some(true)
        {
            open.awaits_key = Some(false);
            return if self.take_key(&text)? { Ok(()) } else { self.builder.scalar(text, style, span) };
        }
        if self.left_out.is_none() {
            self.take_value(&text)?;
            self.builder.scalar(text, style, span)?;
        } else if self.role() == Role::Schema && self.key == MUST_BE_TRUE && text != "true" {
            return Err(GivenUp);
        }
        self.end_value();
        Ok(())
    }

    fn open(&mut self, collection: Collection, style: Style, start: u32) -> Result<(), GivenUp> {
        let is_mapping = collection == Collection::Mapping;
        let role = self.role_within();
        let is_list_of_items = !is_mapping && self.role() == Role::Schema && self.key == "items";
        if role == Role::Version {
            self.kind.version.clear();
        }
        match self.left_out {
            Some((_, LeftOut::Schema)) if is_list_of_items => return Err(GivenUp),
            Some(_) => {}
            None => self.builder.open(collection, style, start)?,
        }
        self.open.push(Open { role, awaits_key: is_mapping.then_some(true) });
        Ok(())
    }

    fn close(&mut self, end: Option<u32>) -> Result<(), GivenUp> {
        self.open.pop();
        if self.left_out.is_none() {
            self.builder.close(end)?;
        }
        self.end_value();
        Ok(())
    }
}
