//! A cluster made of what a real API server once said: the cases of the comparison, served as an API server serves them, with
//! discovery, pages, metadata and definitions.
//!
//! It needs no program beside the tests, so it can be asked often and made to fail at will.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_resource::{Scope, Scopes, split_api_version};
use plimsoll_yaml::{Budget, Dialect, Numbers, parse_one};
use serde_json::{Value, json};

use crate::support::TemporaryRepository;
use crate::support::expected::package;
use crate::support::object_cluster::{ServedKind, aggregated_discovery};
use crate::support::server::{Answer, Received, Server};

/// How many items a page has, whatever is asked for.
const PAGE: usize = 3;

/// The namespace of what names none, which belongs to the repository.
const NAMESPACE: &str = "shop";

/// Writes the environment, with its account and clusters as YAML.
pub(super) fn write_environment(repository: &TemporaryRepository, targets: &str) {
    let text = format!(
        "apiVersion: plimsoll.dev/v1alpha1\nkind: Environment\nmetadata: {{name: dev}}\nspec:\n{targets}  layers: [{{name: app, destination: workload, namespace: {NAMESPACE}, sources: [{{manifests: {{path: base/app}}}}]}}]\n  drift: {{own: {{namespaces: [{NAMESPACE}]}}}}\n"
    );
    repository.write("overlays/dev/environment.yaml", &text);
    repository.commit("the environment");
}

/// Writes the kubeconfig of a server, with a user as YAML.
pub(super) fn write_kubeconfig(repository: &TemporaryRepository, port: u16, user: &str) {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters: [{{name: lab, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\nusers: [{{name: lab, user: {user}}}]\ncontexts: [{{name: lab, context: {{cluster: lab, user: lab}}}}]\n"
    );
    repository.write("kubeconfig", &text);
}

/// What is declared and what lives.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordedCluster {
    /// The declared resources, as files.
    pub(super) files: BTreeMap<String, String>,
    kinds: BTreeMap<(String, String), Kind>,
    objects: BTreeMap<String, Vec<Value>>,
    definitions: BTreeMap<String, Value>,
    count: usize,
}

#[derive(Debug, Clone)]
struct Kind {
    plural: String,
    scope: Scope,
}

impl RecordedCluster {
    /// The cases of these folders, each under a name of its own.
    pub(super) fn of_cases(folders: &[&str]) -> RecordedCluster {
        let root = package().join("crates/drift/tests/compare");
        let mut cluster = RecordedCluster::default();
        for file in folders.iter().flat_map(|folder| cases(&root.join(folder))) {
            let text = std::fs::read_to_string(&file).expect("a case can be read");
            let case = parse_one(&text, Dialect::Helm, &Budget::DEFAULT).expect("a case is YAML");
            let mut case = case.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data");
            // Neighbours are declared elsewhere; a namespace and a definition are known by their names.
            let is_alone = case.get("neighbours").is_none();
            let kind = case.pointer("/desired/kind").or(case.pointer("/live/kind")).cloned();
            let keeps_name =
                kind.is_none_or(|kind| kind == "Namespace" || kind == "CustomResourceDefinition");
            if is_alone && !keeps_name {
                cluster.count += 1;
                for name in ["/desired/metadata/name", "/live/metadata/name"] {
                    if let Some(name) = case.pointer_mut(name) {
                        *name = json!(format!("{}-{}", name.as_str().unwrap_or_default(), cluster.count));
                    }
                }
                cluster.take(&case);
            }
        }
        cluster
    }

    fn namespace(&self, object: &Value) -> Option<String> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let scope = scope_of(object);
        (scope == Scope::Namespaced).then(|| text("/metadata/namespace").unwrap_or(NAMESPACE).to_owned())
    }

    fn take(&mut self, case: &Value) {
        let number = self.count;
        let either = case.get("desired").or(case.get("live")).expect("a case has a side");
        let text = |key: &str| either[key].as_str().expect("a resource says what it is").to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let plural = format!("{}s", kind.to_lowercase());
        let known = Kind { plural: plural.clone(), scope: scope_of(either) };
        self.kinds.insert((api_version.clone(), kind.clone()), known);
        let namespace = self.namespace(either);
        if let Some(desired) = case.get("desired") {
            let path = format!("environments/dev/app/case-{number:03}.yaml");
            self.files.insert(path, desired.to_string());
        }
        if let Some(live) = case.get("live") {
            let mut live = live.clone();
            if let Some(namespace) = &namespace {
                live["metadata"]["namespace"] = json!(namespace);
            }
            live["metadata"]["uid"] = json!(format!("uid-{number}"));
            self.objects.entry(collection(&api_version, &plural)).or_default().push(live);
        }
        if let Some(schema) = case.get("schema") {
            let (group, version) = split_api_version(&api_version);
            let name = format!("{plural}.{group}");
            let versions = json!([{"name": version, "schema": {"openAPIV3Schema": schema}}]);
            let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {"name": name}, "spec": {"versions": versions}});
            self.definitions.insert(name, definition);
        }
    }

    /// A repository that declares all of it, and a server that stands in for the cluster.
    pub(super) fn serve(
        self,
        answer: impl Fn(&RecordedCluster, &Received) -> Answer + Send + Sync + 'static,
    ) -> (TemporaryRepository, Server) {
        let repository = TemporaryRepository::new();
        for (path, text) in &self.files {
            repository.write(path, text);
        }
        let server = Server::start(None, move |request| answer(&self, request));
        write_kubeconfig(&repository, server.port, "{}");
        let kubeconfig = repository.path().join("kubeconfig");
        let clusters = format!("  clusters: {{workload: {{kubeconfig: \"{}\"}}}}\n", kubeconfig.display());
        write_environment(&repository, &clusters);
        (repository, server)
    }

    /// What the API server answers.
    pub(super) fn answer(&self, request: &Received) -> Answer {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let is_metadata =
            request.header("accept").is_some_and(|accept| accept.contains("PartialObjectMetadata"));
        match path {
            "/api" | "/apis" => Answer::ok(self.discovery(path == "/api").to_string()),
            _ => match path.strip_prefix("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/") {
                Some(name) => found(self.definitions.get(name).cloned()),
                None => self.collection(path, query, is_metadata),
            },
        }
    }

    fn discovery(&self, is_core: bool) -> Value {
        let kinds = self.kinds.iter().map(|((api_version, kind), known)| ServedKind {
            api_version,
            kind,
            plural: known.plural.clone(),
            is_namespaced: known.scope == Scope::Namespaced,
        });
        aggregated_discovery(kinds, is_core)
    }

    fn collection(&self, path: &str, query: &str, is_metadata: bool) -> Answer {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let (head, rest) = parts.split_at(if parts.first() == Some(&"api") { 2 } else { 3 });
        let api_version = head.get(1..).unwrap_or_default().join("/");
        let (namespace, plural, name) = match rest {
            ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
            ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
            [plural] => (None, *plural, None),
            [plural, name] => (None, *plural, Some(*name)),
            _ => return found(None),
        };
        let is_served =
            self.kinds.iter().any(|((own, _), kind)| *own == api_version && kind.plural == plural);
        if !is_served {
            return found(None);
        }
        let all = self.objects.get(&collection(&api_version, plural)).map(Vec::as_slice).unwrap_or_default();
        let in_namespace =
            |object: &&Value| namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace);
        if let Some(name) = name {
            let wanted = |object: &&Value| object["metadata"]["name"] == name;
            return found(all.iter().filter(in_namespace).find(wanted).cloned());
        }
        let begin =
            query.split('&').find_map(|part| part.strip_prefix("continue=")?.parse().ok()).unwrap_or(0);
        let of_namespace: Vec<&Value> = all.iter().filter(in_namespace).collect();
        let page = of_namespace.iter().skip(begin).take(PAGE).map(|object| shown(object, is_metadata));
        let mut metadata = json!({"resourceVersion": "1"});
        if begin + PAGE < of_namespace.len() {
            metadata["continue"] = json!((begin + PAGE).to_string());
        }
        let list = json!({"kind": "List", "metadata": metadata, "items": page.collect::<Vec<_>>()});
        Answer::ok(list.to_string())
    }
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the cases are there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// A custom resource lies where its case says.
fn scope_of(object: &Value) -> Scope {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let (group, _) = split_api_version(text("apiVersion"));
    let is_somewhere = object.pointer("/metadata/namespace").is_some();
    let custom = if is_somewhere { Scope::Namespaced } else { Scope::Cluster };
    Scopes::built_in().of(group, text("kind")).unwrap_or(custom)
}

fn collection(api_version: &str, plural: &str) -> String {
    format!("{api_version}/{plural}")
}

/// An item of a list, which does not say what it is.
fn shown(object: &Value, is_metadata: bool) -> Value {
    if is_metadata {
        return json!({"metadata": object["metadata"]});
    }
    let mut item = object.clone();
    item.as_object_mut()
        .expect("a resource is a mapping")
        .retain(|key, _| key != "apiVersion" && key != "kind");
    item
}

fn found(object: Option<Value>) -> Answer {
    match object {
        Some(object) => Answer::ok(object.to_string()),
        None => Answer::of_status(404, r#"{"kind":"Status","status":"Failure","code":404}"#),
    }
}
