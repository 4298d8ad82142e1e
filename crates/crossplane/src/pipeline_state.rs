//! What functions of a pipeline see and change.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::number::with_float_numbers;
use crate::provenance::Provenance;

/// What exists and what the pipeline was given: the same for every function of it.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The composite resource as it is in the cluster.
    pub composite: Arc<Value>,
    /// Connection details of the composite resource.
    pub composite_connection: BTreeMap<String, Vec<u8>>,
    /// Composed resources by the name of their template.
    pub resources: Arc<BTreeMap<String, ObservedResource>>,
}

/// A composed resource that exists.
#[derive(Debug, Clone, Default)]
pub struct ObservedResource {
    /// The resource.
    pub resource: Arc<Value>,
    /// The contents of its connection secret.
    pub connection: BTreeMap<String, Vec<u8>>,
}

/// What the functions so far want, and what they told each other.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The composite resource; functions set its status.
    pub composite: Value,
    /// Whether the composite resource is ready.
    pub composite_ready: Ready,
    /// Connection details of the composite resource.
    pub connection: BTreeMap<String, Vec<u8>>,
    /// Composed resources by the name of their template.
    pub resources: Arc<BTreeMap<String, DesiredResource>>,
    /// Context keys, the environment among them.
    pub context: Map<String, Value>,
    /// How the composed resources came to be, by the name of their template.
    pub provenance: Arc<BTreeMap<String, Arc<Provenance>>>,
    /// Resources that a missing value holds back.
    pub held_back: Vec<HeldBack>,
    /// The place in the pipeline of the step that runs.
    pub step: usize,
}

impl Desired {
    /// Desires a composed resource, and keeps how it came to be.
    pub(crate) fn compose(&mut self, name: &str, resource: DesiredResource, provenance: Arc<Provenance>) {
        Arc::make_mut(&mut self.resources).insert(name.to_owned(), resource);
        self.explain(name, provenance);
    }

    /// Keeps how a composed resource came to be.
    pub(crate) fn explain(&mut self, name: &str, provenance: Arc<Provenance>) {
        Arc::make_mut(&mut self.provenance).insert(name.to_owned(), provenance);
    }
}

/// A composed resource that is not made yet, since a value that it must have is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The name of its template.
    pub resource: String,
    /// The field paths of the composite resource or the environment that its patch reads.
    pub reads: Vec<String>,
    /// Points to the patch in the Composition.
    pub pointer: String,
}

/// A composed resource that should exist.
#[derive(Debug, Clone, Default)]
pub struct DesiredResource {
    /// The resource, as it crosses from a function to Crossplane.
    pub resource: Arc<Value>,
    /// Whether a function found it ready.
    pub ready: Ready,
}

impl DesiredResource {
    /// A resource that crosses from a function to Crossplane.
    #[must_use]
    pub fn new(resource: Value, ready: Ready) -> DesiredResource {
        DesiredResource { resource: Arc::new(with_float_numbers(resource)), ready }
    }
}

/// Readiness as functions tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ready {
    /// Nobody said.
    #[default]
    Unspecified,
    /// Ready.
    True,
    /// Not ready.
    False,
}

/// A result that does not stop the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionResult {
    /// How grave it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// A word for it, where the function gives one.
    pub reason: Option<String>,
}

/// How grave a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something may not be as the user expects.
    Warning,
    /// For information.
    Normal,
}

impl FunctionResult {
    /// A warning.
    #[must_use]
    pub fn warning(message: String) -> FunctionResult {
        FunctionResult { severity: Severity::Warning, message, reason: None }
    }
}

/// The message of a result that stops the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fatal(pub String);

/// The context key of the environment.
pub const ENVIRONMENT_KEY: &str = "apiextensions.crossplane.io/environment";
