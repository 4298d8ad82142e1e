//! This repository's own environment `dev`, deployed by the real kustomize-controller: layer after layer from the committed tree,
//! checked, changed behind its back, corrected, and pruned.
//!
//! The source side is the test's: it serves the tarball of the committed tree and says so in the status of the GitRepository. What
//! other controllers would do, Crossplane above all, the test does by writing the conditions that each layer waits for.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::development::{define, definition_files, rendered, told};
use super::lab::{Cluster, peer};
use crate::support::TemporaryRepository;
use crate::support::server::{Answer, Server};

/// How long the controller may take for one step.
const PATIENCE: Duration = Duration::from_secs(240);

/// The layers, each waiting for the one before it.
const LAYERS: [&str; 4] = ["platform", "network", "deps", "app"];

/// What tells that a layer has begun: a kind that no other layer has.
const FIRST_OF_LAYER: [&str; 4] = ["providers", "networks", "dependencies", "statefulsets"];

/// The conditions that other controllers would set, by resource.
const CONDITIONS: [(&str, &[&str]); 8] = [
    ("providers.pkg.crossplane.io", &["Installed", "Healthy"]),
    ("functions.pkg.crossplane.io", &["Installed", "Healthy"]),
    ("compositeresourcedefinitions.apiextensions.crossplane.io", &["Established"]),
    ("managedresourceactivationpolicies.apiextensions.crossplane.io", &["Healthy"]),
    ("networks.platform.plimsoll.dev,dependencies.platform.plimsoll.dev", &["Synced", "Ready"]),
    ("secretstores.external-secrets.io", &["Ready"]),
    ("externalsecrets.external-secrets.io", &["Ready"]),
    ("pushsecrets.external-secrets.io", &["Ready"]),
];

#[test]
fn flux_applies_dev_layer_by_layer_and_a_check_agrees() {
    let Some(program) = peer("KUSTOMIZE_CONTROLLER") else { return };
    let Some(mut files) = definition_files() else { return };
    // The controller watches every kind of source, and does not begin before all of them are there.
    let Some(sources) = peer("SOURCE_CONTROLLER_DEFINITIONS") else { return };
    let entries = std::fs::read_dir(sources).expect("the definitions of sources");
    files.extend(
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some()),
    );
    files.sort();
    files.dedup();
    let Some(cluster) = Cluster::start() else { return };
    let repository = rendered(&cluster);
    define(&cluster, &repository, &files);
    let source = Source::start();
    bootstrap(&cluster, &repository);
    let controller = Controller::start(&program, &cluster);
    let flux = Flux { cluster: &cluster, source: &source, controller: &controller };

    flux.publish(&repository);
    flux.wait("all layers are ready", || {
        flux.play_the_others();
        flux.begun_layers_wait_for_those_before();
        LAYERS.iter().all(|layer| flux.is_ready(layer))
    });
    assert_eq!(check(&repository), (0, Vec::new()), "what Flux applied is what Git says");

    cluster.kubectl(&[
        "set",
        "image",
        "deployment/langfuse-web",
        "-n",
        "langfuse",
        "web=registry.example/langfuse:by-hand",
    ]);
    let by_hand =
        "app Deployment langfuse/langfuse-web changed: spec.template.spec.containers[name=web].image changed";
    assert_eq!(check(&repository), (2, vec![by_hand.to_owned()]), "told before Flux corrects it");
    flux.reconcile("app");
    flux.wait("the image is corrected", || {
        flux.play_the_others();
        !flux.get("deployment/langfuse-web", "langfuse").to_string().contains("by-hand")
    });
    assert_eq!(check(&repository), (0, Vec::new()), "Flux put it right");

    assert!(!flux.get("networkpolicy/web", "langfuse").is_null(), "it was applied");
    without_the_policy(&repository);
    let extra = "app NetworkPolicy langfuse/web extra: ";
    let (status, findings) = check(&repository);
    assert!(status == 2 && findings.iter().any(|one| one.starts_with(extra)), "{findings:?}");
    flux.publish(&repository);
    flux.wait("the policy is pruned", || {
        flux.play_the_others();
        flux.get("networkpolicy/web", "langfuse").is_null()
    });
    assert_eq!(check(&repository), (0, Vec::new()), "what left Git left the cluster");
}

/// What a check says: its status and a line for each resource that is not in sync.
fn check(repository: &TemporaryRepository) -> (i32, Vec<String>) {
    let run = repository.run(&["check", "--env", "dev", "--only", "kubernetes", "-o", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    (run.status, told(&report))
}

/// Renders and commits the environment without one network policy.
fn without_the_policy(repository: &TemporaryRepository) {
    let path = "overlays/dev/environment.yaml";
    let text = std::fs::read_to_string(repository.path().join(path)).expect("the environment");
    let source = "        - templates: {path: base/app}\n";
    let patch = "      patches:\n        - target: {kind: NetworkPolicy, name: web}\n          patch: |-\n            $patch: delete\n            apiVersion: networking.k8s.io/v1\n            kind: NetworkPolicy\n            metadata: {name: web}\n";
    assert!(text.contains(source), "the layer has its source");
    repository.write(path, &text.replace(source, &format!("{source}{patch}")));
    repository.commit("a policy less");
    let run = repository.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
}

/// What is there before Flux begins: its namespace, the way to the workload cluster, and the objects that apply the layers.
fn bootstrap(cluster: &Cluster, repository: &TemporaryRepository) {
    cluster.kubectl(&["create", "namespace", "flux-system"]);
    let inline = cluster.inline_kubeconfig();
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "langfuse-dev-kubeconfig", "namespace": "flux-system"},
        "stringData": {"kubeconfig": inline}});
    let path = repository.path().join("secret.json");
    std::fs::write(&path, secret.to_string()).expect("a file");
    cluster.kubectl(&["apply", "-f", &path.display().to_string()]);
    std::fs::remove_file(path).expect("a file");
    let sync = repository.path().join("environments/dev/sync").display().to_string();
    cluster.kubectl(&["apply", "--server-side", "--field-manager=kustomize-controller", "-R", "-f", &sync]);
}

/// The tarball of the committed tree, over HTTP.
struct Source {
    server: Server,
    archive: Arc<Mutex<Vec<u8>>>,
}

impl Source {
    fn start() -> Source {
        let archive: Arc<Mutex<Vec<u8>>> = Arc::default();
        let served = Arc::clone(&archive);
        let server = Server::start(None, move |_| {
            Answer::ok(served.lock().expect("no thread panics with it").clone())
        });
        Source { server, archive }
    }
}

/// A running controller; it ends when this is dropped.
struct Controller {
    process: Child,
    log: PathBuf,
}

impl Controller {
    fn start(program: &Path, cluster: &Cluster) -> Controller {
        let log = cluster.folder().join("kustomize-controller.log");
        let file = std::fs::File::create(&log).expect("the folder is ours");
        let process = Command::new(program)
            .args(["--metrics-addr=127.0.0.1:0", "--health-addr=127.0.0.1:0", "--requeue-dependency=1s"])
            .args(["--watch-all-namespaces=true", "--log-encoding=console"])
            .env("KUBECONFIG", cluster.kubeconfig("admin"))
            .env("RUNTIME_NAMESPACE", "flux-system")
            .env("HOME", cluster.folder())
            .env("TMPDIR", cluster.folder())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn();
        Controller { process: process.expect("kustomize-controller starts"), log }
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Flux<'a> {
    cluster: &'a Cluster,
    source: &'a Source,
    controller: &'a Controller,
}

impl Flux<'_> {
    /// Serves the committed tree and says so, as source-controller does.
    fn publish(&self, repository: &TemporaryRepository) {
        let path = self.cluster.folder().join("tree.tar.gz");
        repository.git(&["archive", "--format=tar.gz", "-o", &path.display().to_string(), "HEAD^{tree}"]);
        let bytes = std::fs::read(&path).expect("the archive was written");
        let digest = Command::new("sha256sum").arg(&path).output().expect("sha256sum starts");
        let digest = String::from_utf8_lossy(&digest.stdout).split(' ').next().unwrap_or_default().to_owned();
        let revision = format!("main@sha1:{}", repository.git(&["rev-parse", "HEAD"]).trim());
        let url = format!("http://127.0.0.1:{}/{digest}.tar.gz", self.source.server.port);
        let size = bytes.len();
        *self.source.archive.lock().expect("no thread panics with it") = bytes;
        let status = json!({"status": {
            "observedGeneration": 1,
            "artifact": {"digest": format!("sha256:{digest}"), "lastUpdateTime": now(), "path": "tree.tar.gz",
                "revision": revision, "size": size, "url": url},
            "conditions": [condition("Ready", "Succeeded")]}});
        self.set_status("gitrepository", "dev", Some("flux-system"), &status);
    }

    /// Asks for a layer to be applied again now.
    fn reconcile(&self, layer: &str) {
        let annotation = format!("reconcile.fluxcd.io/requestedAt={}", now());
        let name = format!("kustomization/dev-{layer}");
        self.cluster.kubectl(&["annotate", "--overwrite", &name, "-n", "flux-system", &annotation]);
    }

    /// Waits until something holds.
    fn wait(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            if Instant::now() > end {
                let log = std::fs::read_to_string(&self.controller.log).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(20).collect();
                let layers = self.cluster.kubectl(&["get", "kustomizations", "-A", "-o", "wide"]);
                panic!("{what}: not after {PATIENCE:?}\n{layers}\n{}", last.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn is_ready(&self, layer: &str) -> bool {
        has_condition(&self.get(&format!("kustomization/dev-{layer}"), "flux-system"), "Ready")
    }

    /// No object of a layer is there before the layer that it depends on is ready.
    fn begun_layers_wait_for_those_before(&self) {
        for (number, kind) in FIRST_OF_LAYER.iter().enumerate().skip(1) {
            let begun = !self.list(kind).is_empty();
            // Once a layer was ready it may be on its way again, but it was applied then.
            let before = LAYERS[number - 1];
            let applied = self.get(&format!("kustomization/dev-{before}"), "flux-system");
            let was_applied = applied.pointer("/status/lastAppliedRevision").is_some_and(Value::is_string);
            assert!(!begun || was_applied, "{} begins before {before} is ready", LAYERS[number]);
        }
    }

    /// Does what other controllers would: conditions of custom resources, and the status of workloads.
    fn play_the_others(&self) {
        for (kinds, types) in CONDITIONS {
            for object in self.list(kinds) {
                if !types.iter().all(|name| has_condition(&object, name)) {
                    let conditions: Vec<Value> = types.iter().map(|name| condition(name, "Played")).collect();
                    self.set_status_of(&object, &json!({"status": {"conditions": conditions}}));
                }
            }
        }
        for object in self.list("deployments.apps,statefulsets.apps") {
            let generation = &object["metadata"]["generation"];
            if object["status"]["observedGeneration"] == *generation {
                continue;
            }
            let replicas = &object["spec"]["replicas"];
            let status = if object["kind"] == "Deployment" {
                json!({"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas,
                    "readyReplicas": replicas, "availableReplicas": replicas,
                    "conditions": [condition("Available", "Played"), condition("Progressing", "NewReplicaSetAvailable")]})
            } else {
                json!({"observedGeneration": generation, "replicas": replicas, "readyReplicas": replicas,
                    "currentReplicas": replicas, "updatedReplicas": replicas, "availableReplicas": replicas,
                    "currentRevision": "played", "updateRevision": "played"})
            };
            self.set_status_of(&object, &json!({"status": status}));
        }
        for object in self.list("poddisruptionbudgets.policy") {
            if object["status"]["observedGeneration"] != object["metadata"]["generation"] {
                let status = json!({"observedGeneration": object["metadata"]["generation"], "currentHealthy": 1,
                    "desiredHealthy": 1, "disruptionsAllowed": 0, "expectedPods": 1});
                self.set_status_of(&object, &json!({"status": status}));
            }
        }
    }

    fn list(&self, kinds: &str) -> Vec<Value> {
        let text = self.cluster.kubectl(&["get", kinds, "-A", "-o", "json"]);
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        list["items"].as_array().cloned().unwrap_or_default()
    }

    /// An object; null where it is not there.
    fn get(&self, name: &str, namespace: &str) -> Value {
        let text = self.cluster.kubectl(&["get", name, "-n", namespace, "-o", "json", "--ignore-not-found"]);
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn set_status_of(&self, object: &Value, status: &Value) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let group = text("/apiVersion").and_then(|version| version.split_once('/')).map(|(group, _)| group);
        let kind = text("/kind").unwrap_or_default().to_lowercase();
        let kind = group.map_or_else(|| kind.clone(), |group| format!("{kind}.{group}"));
        let name = text("/metadata/name").unwrap_or_default();
        self.set_status(&kind, name, text("/metadata/namespace"), status);
    }

    fn set_status(&self, kind: &str, name: &str, namespace: Option<&str>, status: &Value) {
        let status = status.to_string();
        let mut arguments = vec!["patch", kind, name, "--subresource=status", "--type=merge", "-p", &status];
        arguments.extend(namespace.into_iter().flat_map(|namespace| ["-n", namespace]));
        self.cluster.kubectl(&arguments);
    }
}

fn has_condition(object: &Value, name: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|one| one["type"] == name && one["status"] == "True")
}

fn condition(name: &str, reason: &str) -> Value {
    json!({"type": name, "status": "True", "reason": reason, "message": "", "lastTransitionTime": now()})
}

/// The time, as Kubernetes writes it.
fn now() -> String {
    let output = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
