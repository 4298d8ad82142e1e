//! Where the values of a composed resource come from: a template's base, a patch, or a program of the pipeline.
//!
//! Places in the Composition are JSON pointers, places in the composite resource are Crossplane's field paths; whoever has the
//! files turns both into lines. Nothing is kept of values, only of how they came about.

use std::sync::Arc;

use crate::field_path::{Segment, Segments};

/// How a composed resource came to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// What the resource began as.
    pub base: Base,
    /// The patches that wrote to it, in their order.
    pub writes: Vec<Arc<Write>>,
}

/// What a composed resource began as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// The base of a template, whose fields stand in the Composition one by one.
    Template {
        /// Points to the base in the Composition.
        pointer: String,
    },
    /// The output of a step that is a program, such as a Go template.
    Program {
        /// Points to the program, or to its step.
        pointer: String,
    },
}

impl Default for Base {
    fn default() -> Base {
        Base::Program { pointer: String::new() }
    }
}

/// A patch that wrote to a composed resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The field path that was written, perhaps with wildcards; `None` where the text is no path.
    pub target: Option<Segments>,
    /// The field paths that were read.
    pub reads: Vec<String>,
    /// What was read.
    pub source: WriteSource,
    /// Whether the value was taken as it is, so that what is below it can be followed.
    pub is_copy: bool,
    /// Points to the patch in the Composition.
    pub pointer: String,
}

/// What a patch reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteSource {
    /// The composite resource.
    Composite,
    /// The environment of the pipeline.
    Environment,
}

/// Where one value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueOrigin {
    /// Fields of the composite resource, by a patch.
    Composite {
        /// Field paths in the composite resource; several where a patch combines them.
        paths: Vec<String>,
        /// Points to the patch in the Composition.
        patch: String,
    },
    /// A text of the Composition: points to it.
    Composition(String),
    /// The environment of the pipeline, by a patch: points to it.
    Environment(String),
    /// Crossplane itself, which names, labels and annotates what it composes.
    Crossplane,
}

/// Fields that Crossplane sets on every composed resource, after all functions.
const SET_BY_CROSSPLANE: [&[&str]; 6] = [
    &["metadata", "annotations", "crossplane.io/composition-resource-name"],
    &["metadata", "labels", "crossplane.io/composite"],
    &["metadata", "labels", "crossplane.io/claim-name"],
    &["metadata", "labels", "crossplane.io/claim-namespace"],
    &["metadata", "namespace"],
    &["metadata", "ownerReferences"],
];

impl Provenance {
    /// A resource that began as something, with no patch so far.
    #[must_use]
    pub(crate) fn of(base: Base) -> Arc<Provenance> {
        Arc::new(Provenance { base, writes: Vec::new() })
    }

    /// Where the value at a path of the composed resource comes from.
    #[must_use]
    pub fn origin(&self, path: &Segments) -> ValueOrigin {
        for write in self.writes.iter().rev() {
            let Some(below) = write.target.as_ref().and_then(|target| suffix(target, path)) else { continue };
            if write.source == WriteSource::Environment {
                return ValueOrigin::Environment(write.pointer.clone());
            }
            let paths = match (write.reads.as_slice(), write.is_copy) {
                ([read], true) => vec![extended(read, below)],
                (reads, _) => reads.to_vec(),
            };
            return ValueOrigin::Composite { paths, patch: write.pointer.clone() };
        }
        if is_set_by_crossplane(path) {
            return ValueOrigin::Crossplane;
        }
        match &self.base {
            Base::Template { pointer } => ValueOrigin::Composition(below_pointer(pointer, path)),
            Base::Program { pointer } => ValueOrigin::Composition(pointer.clone()),
        }
    }
}

fn is_set_by_crossplane(path: &Segments) -> bool {
    SET_BY_CROSSPLANE.iter().any(|fields| {
        path.0.len() >= fields.len()
            && path
                .0
                .iter()
                .zip(*fields)
                .all(|(segment, field)| matches!(segment, Segment::Field(name) if name == field))
    })
}

/// What of the path lies below the target, where the target covers it.
fn suffix<'p>(target: &Segments, path: &'p Segments) -> Option<&'p [Segment]> {
    let (head, below) = path.0.split_at_checked(target.0.len())?;
    let covers = target
        .0
        .iter()
        .zip(head)
        .all(|(own, other)| matches!(own, Segment::Field(name) if name == "*") || own == other);
    covers.then_some(below)
}

fn extended(read: &str, below: &[Segment]) -> String {
    match Segments::parse(read) {
        Ok(mut segments) => {
            segments.0.extend_from_slice(below);
            segments.to_string()
        }
        Err(_) => read.to_owned(),
    }
}

/// The pointer to a path below a place.
fn below_pointer(pointer: &str, path: &Segments) -> String {
    path.0.iter().fold(pointer.to_owned(), |pointer, segment| match segment {
        Segment::Field(name) => format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
        Segment::Index(index) => format!("{pointer}/{index}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(target: &str, reads: &[&str], is_copy: bool) -> Arc<Write> {
        Arc::new(Write {
            target: Segments::parse(target).ok(),
            reads: reads.iter().map(|read| (*read).to_owned()).collect(),
            source: WriteSource::Composite,
            is_copy,
            pointer: "/patch".to_owned(),
        })
    }

    #[test]
    fn the_last_patch_that_covers_a_path_counts_then_the_base() {
        let provenance = Provenance {
            base: Base::Template { pointer: "/base".to_owned() },
            writes: vec![
                write("spec.tags", &["spec.tags"], true),
                write("spec.tags.Name", &["metadata.name"], false),
                write("spec.rules[*].port", &["spec.port"], true),
            ],
        };
        let origin = |path: &str| provenance.origin(&Segments::parse(path).unwrap());
        let composite =
            |path: &str| ValueOrigin::Composite { paths: vec![path.to_owned()], patch: "/patch".to_owned() };
        assert_eq!(origin("spec.tags.team"), composite("spec.tags.team"));
        assert_eq!(origin("spec.tags.Name"), composite("metadata.name"));
        assert_eq!(origin("spec.rules[3].port"), composite("spec.port"));
        assert_eq!(origin("spec.size"), ValueOrigin::Composition("/base/spec/size".to_owned()));
        assert_eq!(origin("metadata.labels[crossplane.io/composite]"), ValueOrigin::Crossplane);
        assert_eq!(
            origin("metadata.annotations[a/b]"),
            ValueOrigin::Composition("/base/metadata/annotations/a~1b".to_owned())
        );
    }
}
