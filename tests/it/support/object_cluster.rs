//! A cluster made of objects: what an API server says of them, with discovery in both forms, lists and single objects.
//!
//! It checks no rights but refuses what a test names, and knows no selectors and no pages; who needs those has a real server.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use plimsoll_resource::split_api_version;
use serde_json::{Value, json};

use super::server::{Answer, Received, Server};

/// A kind as discovery tells it.
pub(crate) struct ServedKind<'a> {
    pub(crate) api_version: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) plural: String,
    pub(crate) is_namespaced: bool,
}

/// The aggregated discovery of the core group, or of all others.
pub(crate) fn aggregated_discovery<'a>(kinds: impl Iterator<Item = ServedKind<'a>>, is_core: bool) -> Value {
    let mut groups: BTreeMap<&str, BTreeMap<&str, Vec<Value>>> = BTreeMap::new();
    for served in kinds {
        let (group, version) = split_api_version(served.api_version);
        if group.is_empty() == is_core {
            let scope = if served.is_namespaced { "Namespaced" } else { "Cluster" };
            let resource = json!({"resource": served.plural, "responseKind": {"kind": served.kind}, "scope": scope,
                "verbs": ["create", "delete", "get", "list"]});
            groups.entry(group).or_default().entry(version).or_default().push(resource);
        }
    }
    let items = groups.into_iter().map(|(group, versions)| {
        let versions = versions
            .into_iter()
            .map(|(version, resources)| json!({"version": version, "freshness": "Current", "resources": resources}));
        json!({"metadata": {"name": group}, "versions": versions.collect::<Vec<_>>()})
    });
    json!({"kind": "APIGroupDiscoveryList", "items": items.collect::<Vec<_>>()})
}

/// What lives, and what is refused.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectCluster {
    pub(crate) objects: Vec<Value>,
    /// Statuses by paths.
    pub(crate) refused: BTreeMap<String, u16>,
    kinds: BTreeSet<(String, String, bool)>,
}

impl ObjectCluster {
    /// A cluster that serves the kinds of these objects.
    pub(crate) fn of(objects: Vec<Value>) -> ObjectCluster {
        let text = |object: &Value, key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let kinds = objects.iter().map(|object| {
            let is_namespaced = object.pointer("/metadata/namespace").is_some();
            (text(object, "apiVersion"), text(object, "kind"), is_namespaced)
        });
        ObjectCluster { kinds: kinds.collect(), objects, refused: BTreeMap::new() }
    }

    /// Serves it until the process ends.
    pub(crate) fn serve(self) -> Server {
        Server::start(None, move |request| self.answer(request))
    }

    fn answer(&self, request: &Received) -> Answer {
        let path = request.target.split('?').next().unwrap_or_default();
        if let Some(status) = self.refused.get(path) {
            return Answer::of_status(*status, r#"{"kind":"Status","status":"Failure"}"#);
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["api"] | ["apis"] => Answer::ok(self.aggregated(parts == ["api"]).to_string()),
            ["apis", group, version] => self.plain(&format!("{group}/{version}")),
            ["apis", group, version, rest @ ..] => self.of_kind(&format!("{group}/{version}"), rest),
            ["api", version, rest @ ..] => self.of_kind(version, rest),
            _ => found(None),
        }
    }

    fn aggregated(&self, is_core: bool) -> Value {
        let kinds = self.kinds.iter().map(|(api_version, kind, is_namespaced)| ServedKind {
            api_version,
            kind,
            plural: plural(kind),
            is_namespaced: *is_namespaced,
        });
        aggregated_discovery(kinds, is_core)
    }

    fn plain(&self, api_version: &str) -> Answer {
        let of_version = self.kinds.iter().filter(|(own, _, _)| own == api_version);
        let resources: Vec<Value> = of_version
            .map(|(_, kind, is_namespaced)| json!({"name": plural(kind), "kind": kind, "namespaced": is_namespaced}))
            .collect();
        let list = json!({"kind": "APIResourceList", "groupVersion": api_version, "resources": resources});
        found((!resources.is_empty()).then_some(list))
    }

    fn of_kind(&self, api_version: &str, rest: &[&str]) -> Answer {
        let (namespace, kind, name) = match rest {
            ["namespaces", namespace, kind] => (Some(*namespace), *kind, None),
            ["namespaces", namespace, kind, name] => (Some(*namespace), *kind, Some(*name)),
            [kind] => (None, *kind, None),
            [kind, name] => (None, *kind, Some(*name)),
            _ => return found(None),
        };
        let is_served = |(own, one, _): &(String, String, bool)| own == api_version && plural(one) == kind;
        if !self.kinds.iter().any(is_served) {
            return found(None);
        }
        let mut objects = self.objects.iter().filter(|object| {
            object["apiVersion"] == api_version
                && object["kind"].as_str().is_some_and(|own| plural(own) == kind)
                && namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
        });
        if let Some(name) = name {
            return found(objects.find(|object| object["metadata"]["name"] == name).cloned());
        }
        // Items of a list do not say what they are.
        let items: Vec<Value> = objects
            .map(|object| {
                let mut item = object.clone();
                if let Some(fields) = item.as_object_mut() {
                    fields.retain(|key, _| key != "apiVersion" && key != "kind");
                }
                item
            })
            .collect();
        Answer::ok(json!({"kind": "List", "metadata": {"resourceVersion": "1"}, "items": items}).to_string())
    }
}

/// Writes a kubeconfig with the context `mgmt` for a port of the loopback.
pub(crate) fn kubeconfig(folder: &Path, port: u16) -> PathBuf {
    let path = folder.join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: mgmt\nclusters: [{{name: mgmt, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\nusers: [{{name: reader, user: {{}}}}]\ncontexts: [{{name: mgmt, context: {{cluster: mgmt, user: reader}}}}]\n"
    );
    std::fs::write(&path, text).expect("the folder is ours");
    path
}

fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{lower}s"),
    }
}

fn found(object: Option<Value>) -> Answer {
    match object {
        Some(object) => Answer::ok(object.to_string()),
        None => Answer::of_status(404, r#"{"kind":"Status","status":"Failure","code":404}"#),
    }
}
