//! Pods as rules see them: the templates of workloads with their containers and environment variables.

use serde_json::Value;

use super::selectors;
use super::world::{LintResource, World, items, text};

/// A workload with the template of its pods.
#[derive(Clone, Copy)]
pub(super) struct Workload<'w> {
    pub(super) index: usize,
    pub(super) resource: &'w LintResource,
    template: &'w Value,
    prefix: &'static str,
}

/// A container with its path in the resource.
#[derive(Clone)]
pub(super) struct Container<'w> {
    pub(super) value: &'w Value,
    pub(super) path: String,
    pub(super) is_init: bool,
}

/// An environment variable with its path in the resource.
pub(super) struct Variable<'w> {
    pub(super) name: &'w str,
    /// The value that is written out.
    pub(super) value: Option<&'w str>,
    pub(super) entry: &'w Value,
    pub(super) path: String,
}

/// Where each kind of workload has its template.
const TEMPLATES: [(&str, &str, &str, &str); 7] = [
    ("apps", "Deployment", "/spec/template", "spec.template."),
    ("apps", "StatefulSet", "/spec/template", "spec.template."),
    ("apps", "DaemonSet", "/spec/template", "spec.template."),
    ("apps", "ReplicaSet", "/spec/template", "spec.template."),
    ("batch", "Job", "/spec/template", "spec.template."),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template", "spec.jobTemplate.spec.template."),
    ("", "Pod", "", ""),
];

impl World {
    /// All workloads.
    pub(super) fn workloads(&self) -> impl Iterator<Item = Workload<'_>> {
        TEMPLATES.iter().flat_map(move |(group, kind, pointer, prefix)| {
            self.of_kind(group, kind).filter_map(move |(index, resource)| {
                let template = resource.value.pointer(pointer)?;
                Some(Workload { index, resource, template, prefix })
            })
        })
    }

    /// The workloads whose pods a selector matches, in the cluster and namespace of a resource.
    pub(super) fn selected<'w>(
        &'w self,
        beside: &'w LintResource,
        selector: &'w Value,
    ) -> impl Iterator<Item = Workload<'w>> {
        self.workloads().filter(move |workload| {
            workload.resource.cluster == beside.cluster
                && workload.resource.id.namespace == beside.id.namespace
                && selectors::matches(selector, workload.labels())
        })
    }
}

impl<'w> Workload<'w> {
    /// The labels of its pods.
    pub(super) fn labels(&self) -> Option<&'w Value> {
        self.template.pointer("/metadata/labels")
    }

    /// A text of the pod's spec.
    pub(super) fn pod_text(&self, field: &str) -> &'w str {
        text(self.template, &format!("/spec/{field}"))
    }

    /// The pod's spec.
    pub(super) fn spec(&self) -> &'w Value {
        self.template.get("spec").unwrap_or(&Value::Null)
    }

    /// The path of a field of the pod's spec.
    pub(super) fn path(&self, field: &str) -> String {
        format!("{}spec.{field}", self.prefix)
    }

    /// How many pods it has; one where it does not say, or an autoscaler does.
    pub(super) fn replicas(&self) -> u64 {
        self.resource.value.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1)
    }

    /// The containers, those that run before the others first.
    pub(super) fn containers(&self) -> Vec<Container<'w>> {
        let spec = self.spec();
        let of = |list: &'static str, is_init: bool| {
            let path = self.path(list);
            items(spec, &format!("/{list}")).enumerate().map(move |(index, value)| Container {
                value,
                path: format!("{path}[{index}]"),
                is_init,
            })
        };
        of("initContainers", true).chain(of("containers", false)).collect()
    }

    /// Whether a container has a port of this name, or of this number.
    pub(super) fn has_port(&self, port: &Value) -> bool {
        self.containers().iter().any(|container| container.has_port(port))
    }
}

impl<'w> Container<'w> {
    /// A text of the container.
    pub(super) fn text(&self, pointer: &str) -> &'w str {
        text(self.value, pointer)
    }

    /// Whether it has a port of this name, or of this number.
    pub(super) fn has_port(&self, port: &Value) -> bool {
        items(self.value, "/ports").any(|own| match port {
            Value::String(name) => text(own, "/name") == name,
            number => own.get("containerPort") == Some(number),
        })
    }

    /// Its environment variables.
    pub(super) fn variables(&self) -> Vec<Variable<'w>> {
        items(self.value, "/env")
            .enumerate()
            .map(|(index, entry)| Variable {
                name: text(entry, "/name"),
                value: entry.get("value").and_then(Value::as_str),
                entry,
                path: format!("{}.env[{index}]", self.path),
            })
            .collect()
    }
}
