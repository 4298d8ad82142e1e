//! This repository's own environment `dev`, deployed by the real kustomize-controller: layer after layer from the committed tree,
//! checked, changed behind its back, corrected, and pruned.
//!
//! The source side is the test's: it serves the tarball of the committed tree and says so in the status of the GitRepository. What
//! other controllers would do, Crossplane above all, the test does by writing the conditions that each layer waits for.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::development::{define, definition_files, rendered};
use super::gitops::{Tool, deploys_corrects_and_prunes};
use super::lab::{Cluster, peer};
use super::played::{condition, has_condition, now};
use super::process::Process;
use crate::support::TemporaryRepository;
use crate::support::server::{Answer, Server};

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
    let repository = rendered(&cluster, |_| {});
    define(&cluster, &repository, &files);
    let source = Source::start();
    bootstrap(&cluster, &repository);
    let controller = controller(&program, &cluster);
    let flux = Flux { cluster: &cluster, source, controller };
    flux.publish(&repository);
    deploys_corrects_and_prunes(&flux, &repository);
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

fn controller(program: &Path, cluster: &Cluster) -> Process {
    let mut command = Command::new(program);
    command
        .args(["--metrics-addr=127.0.0.1:0", "--health-addr=127.0.0.1:0", "--requeue-dependency=1s"])
        .args(["--watch-all-namespaces=true", "--log-encoding=console"])
        .env("KUBECONFIG", cluster.kubeconfig("admin"))
        .env("RUNTIME_NAMESPACE", "flux-system");
    Process::start("kustomize-controller", cluster, &mut command)
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

struct Flux<'a> {
    cluster: &'a Cluster,
    source: Source,
    controller: Process,
}

impl Flux<'_> {
    fn kustomization(&self, layer: &str) -> Value {
        self.others().get(&format!("kustomization/dev-{layer}"), "flux-system")
    }
}

impl Tool for Flux<'_> {
    fn cluster(&self) -> &Cluster {
        self.cluster
    }

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
        self.others().set_status("gitrepository", "dev", Some("flux-system"), &status);
    }

    fn is_ready(&self, layer: &str) -> bool {
        has_condition(&self.kustomization(layer), "Ready")
    }

    /// Once a layer was ready it may be on its way again, but it was applied then.
    fn was_ready(&self, layer: &str) -> bool {
        self.kustomization(layer).pointer("/status/lastAppliedRevision").is_some_and(Value::is_string)
    }

    /// Flux looks every ten minutes, and at what it is asked to.
    fn behind_its_back(&self, act: &dyn Fn()) {
        act();
        let annotation = format!("reconcile.fluxcd.io/requestedAt={}", now());
        self.cluster.kubectl(&[
            "annotate",
            "--overwrite",
            "kustomization/dev-app",
            "-n",
            "flux-system",
            &annotation,
        ]);
    }

    fn report(&self) -> String {
        let layers = self.cluster.kubectl(&["get", "kustomizations", "-A", "-o", "wide"]);
        format!("{layers}\n{}", self.controller.last_words())
    }
}
