//! Resources that functions ask for besides what they are given.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// The resources that a pipeline may read: what the user supplies in place of a cluster.
#[derive(Debug, Clone, Default)]
pub struct RequiredResources {
    source: Arc<Source>,
    was_asked: Arc<AtomicBool>,
    /// Whether the resources that these are the same as were asked for, by whomever.
    were_asked: Option<Arc<AtomicBool>>,
}

#[derive(Default)]
struct Source {
    resources: OnceLock<Vec<Value>>,
    make: Option<Box<dyn Fn() -> Vec<Value> + Send + Sync>>,
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Source").field("resources", &self.resources).finish_non_exhaustive()
    }
}

/// What a function asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceSelector {
    /// The API version, which must be the same.
    pub api_version: String,
    /// The kind, which must be the same.
    pub kind: String,
    /// Which resources of the kind.
    pub matching: Matching,
}

/// Which resources of a kind are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// All of them.
    All,
    /// The one with this name.
    Name(String),
    /// Those with all these labels.
    Labels(Vec<(String, String)>),
}

impl RequiredResources {
    /// The resources.
    #[must_use]
    pub fn new(resources: Vec<Value>) -> RequiredResources {
        let source = Source { resources: OnceLock::from(sorted(resources)), make: None };
        RequiredResources { source: Arc::new(source), ..RequiredResources::default() }
    }

    /// Resources that are made when a function first asks for some.
    #[must_use]
    pub fn made_when_asked(make: impl Fn() -> Vec<Value> + Send + Sync + 'static) -> RequiredResources {
        let source = Source { resources: OnceLock::new(), make: Some(Box::new(make)) };
        RequiredResources { source: Arc::new(source), ..RequiredResources::default() }
    }

    /// The same resources, which nobody has asked for yet.
    #[must_use]
    pub fn watched(&self) -> RequiredResources {
        RequiredResources {
            source: Arc::clone(&self.source),
            was_asked: Arc::default(),
            were_asked: Some(Arc::clone(&self.was_asked)),
        }
    }

    /// Whether a function looked for resources, of these or of [watched](Self::watched) ones.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
    }

    fn resources(&self) -> &[Value] {
        for flag in std::iter::once(&self.was_asked).chain(&self.were_asked) {
            flag.store(true, Ordering::Relaxed);
        }
        let make = || sorted(self.source.make.as_ref().map(|make| make()).unwrap_or_default());
        self.source.resources.get_or_init(make)
    }

    /// Whether the user supplied none, which functions are told apart from having supplied none that fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources().is_empty()
    }

    /// The resources that fit; of those asked for by name the first.
    #[must_use]
    pub fn select(&self, selector: &ResourceSelector) -> Vec<&Value> {
        let has = |resource: &Value, key: &str, wanted: &str| {
            resource.get(key).and_then(Value::as_str).unwrap_or_default() == wanted
        };
        let mut selected = self.resources().iter().filter(|resource| {
            has(resource, "apiVersion", &selector.api_version)
                && has(resource, "kind", &selector.kind)
                && match &selector.matching {
                    Matching::All => true,
                    Matching::Name(name) => name_of(resource) == name,
                    Matching::Labels(labels) => labels.iter().all(|(key, value)| {
                        resource
                            .pointer("/metadata/labels")
                            .and_then(|labels| labels.get(key))
                            .and_then(Value::as_str)
                            == Some(value)
                    }),
                }
        });
        match selector.matching {
            Matching::Name(_) => selected.next().into_iter().collect(),
            _ => selected.collect(),
        }
    }
}

/// In the order of their names, as Crossplane gives them.
fn sorted(mut resources: Vec<Value>) -> Vec<Value> {
    resources.sort_by(|one, other| name_of(one).cmp(name_of(other)));
    resources
}

fn name_of(resource: &Value) -> &str {
    resource.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
