//! Where a comparison stands: the path from the root, with both sides of every step above.
//!
//! A place borrows the one it was reached from, so that going down costs nothing and a path is only written out for a finding.

use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

use crate::schema::Field;

/// Metadata that names the resource, or that the server keeps for itself.
const OWN_METADATA: [&str; 11] = [
    "name",
    "namespace",
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

/// One step further than its parent.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: PlaceStep<'p>,
    /// The mapping that the step was made in, and what both sides have there.
    pub(crate) frame: Frame<'p>,
    /// The field of its type that the step leads to.
    pub(crate) field: Option<&'p Field>,
    /// Whether the left side is what Git declares, and not what the server fills in.
    pub(crate) is_declared: bool,
    /// How many steps it is from the root.
    pub(crate) depth: usize,
}

/// A step, as one of a [`FieldPath`].
#[derive(Clone, Copy)]
pub(crate) enum PlaceStep<'p> {
    Root,
    Key(&'p str),
    Index(usize),
    Item(&'p [(String, String)]),
}

/// Both sides of a mapping, with the name of its type.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'p> {
    pub(crate) type_name: &'p str,
    pub(crate) desired: &'p Value,
    pub(crate) live: &'p Value,
}

impl<'p> Place<'p> {
    /// The root of a resource.
    pub(crate) fn root(frame: Frame<'p>) -> Place<'p> {
        Place { parent: None, step: PlaceStep::Root, frame, field: None, is_declared: true, depth: 0 }
    }

    /// One step further.
    pub(crate) fn down(&'p self, step: PlaceStep<'p>, frame: Frame<'p>) -> Place<'p> {
        Place {
            parent: Some(self),
            step,
            frame,
            field: None,
            is_declared: self.is_declared,
            depth: self.depth + 1,
        }
    }

    /// The same place, as a field of a type.
    pub(crate) fn of_field(mut self, field: Option<&'p Field>) -> Place<'p> {
        self.field = field;
        self
    }

    /// The same place, with what the server fills in as its left side.
    pub(crate) fn undeclared(mut self) -> Place<'p> {
        self.is_declared = false;
        self
    }

    /// The same place, with a left side that everything is asked of.
    pub(crate) fn declared(mut self) -> Place<'p> {
        self.is_declared = true;
        self
    }

    /// The key of the step, or of the nearest one above that has one.
    pub(crate) fn key(&self) -> Option<&'p str> {
        match self.step {
            PlaceStep::Key(key) => Some(key),
            _ => self.parent.and_then(Place::key),
        }
    }

    /// The place and those above it, from here up.
    pub(crate) fn upwards(&'p self) -> impl Iterator<Item = &'p Place<'p>> {
        std::iter::successors(Some(self), |place| place.parent)
    }

    /// The key of the step itself.
    pub(crate) fn own_key(&self) -> Option<&'p str> {
        match self.step {
            PlaceStep::Key(key) => Some(key),
            _ => None,
        }
    }

    /// Whether a key of the mapping here names the resource, or is kept by the server for itself.
    pub(crate) fn is_own(&self, key: &str) -> bool {
        match (self.step, self.parent) {
            (PlaceStep::Root, _) => matches!(key, "apiVersion" | "kind" | "metadata" | "status"),
            (PlaceStep::Key("metadata"), Some(Place { step: PlaceStep::Root, .. })) => {
                OWN_METADATA.contains(&key)
            }
            _ => false,
        }
    }

    /// The path, written out.
    pub(crate) fn path(&self) -> FieldPath {
        let mut steps: Vec<Step> = self
            .upwards()
            .filter_map(|place| match place.step {
                PlaceStep::Root => None,
                PlaceStep::Key(key) => Some(Step::Key(key.to_owned())),
                PlaceStep::Index(index) => Some(Step::Index(index)),
                PlaceStep::Item(fields) => Some(Step::Item(fields.to_vec())),
            })
            .collect();
        steps.reverse();
        FieldPath { steps }
    }
}
