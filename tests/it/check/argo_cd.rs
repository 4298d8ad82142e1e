//! This repository's own environment `dev` under Argo CD: the real application controller and repository server, with a real Redis,
//! sync the committed tree wave after wave from a Git repository, and it is checked, changed behind their back, corrected, and
//! pruned.
//!
//! Runs where it is asked for (`cargo xtask test --with argo-cd`), since Argo CD takes long to build. Follows Argo CD 3.2.11.
//!
//! The API server, the web interface, Dex and the notifications of Argo CD do not run: nothing that is applied depends on them.
//! One API server stands in for both clusters, the workload cluster by a Secret as one that Argo CD is told of.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::development::{define, definition_files, rendered};
use super::gitops::{Tool, deploys_corrects_and_prunes, wait};
use super::lab::{Cluster, free_ports, peer};
use super::process::Process;
use crate::support::TemporaryRepository;

/// The definitions that the application controller watches.
const DEFINITIONS: [&str; 3] = ["application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml"];

#[test]
fn argo_cd_syncs_dev_wave_by_wave_and_a_check_agrees() {
    let Some(program) = peer("ARGO_CD") else { return };
    let Some(redis) = peer("REDIS") else { return };
    let Some(definitions) = peer("ARGO_CD_DEFINITIONS") else { return };
    let Some(mut files) = definition_files() else { return };
    files.extend(DEFINITIONS.map(|file| definitions.join(file)));
    let Some(cluster) = Cluster::start() else { return };
    let remote = cluster.folder().join("environments.git");
    let repository = rendered(&cluster, |repository| choose_argo_cd(repository, &remote));
    define(&cluster, &repository, &files);
    repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", &remote.display().to_string()]);
    repository.git(&["push", "--quiet", &remote.display().to_string(), "main"]);
    install(&cluster);
    let argo_cd = ArgoCd::start(&cluster, &remote, &program, &redis);
    begin(&cluster, &repository);

    // Nobody plays Crossplane yet: the first layer is applied and under way, and no other is even made.
    wait(&argo_cd, "the first layer is applied and under way", || {
        argo_cd.was_applied("platform") && argo_cd.health("platform") == "Progressing"
    });
    let made = cluster.kubectl(&["get", "applications.argoproj.io", "-n", "argocd", "-o", "name"]);
    assert_eq!(made.lines().count(), 2, "the one that holds the others, and the first: {made}");
    deploys_corrects_and_prunes(&argo_cd, &repository);
}

/// Chooses Argo CD in the inputs of the environment, as docs/gitops.md says.
fn choose_argo_cd(repository: &TemporaryRepository, remote: &Path) {
    let path = "overlays/dev/environment.yaml";
    let text = std::fs::read_to_string(repository.path().join(path)).expect("the environment");
    let begin = text.find("  sync:\n").expect("the environment is synced");
    let end = text.find("  lint:\n").expect("the environment has rules");
    let sync = format!(
        "  sync:\n    argocd: {{url: \"file://{}\", clusters: {{workload: langfuse-dev}}}}\n",
        remote.display()
    );
    repository.write(path, &format!("{}{sync}{}", &text[..begin], &text[end..]));
    for layer in ["platform", "network"] {
        let path = format!("overlays/dev/{layer}/values.yaml");
        assert!(!repository.path().join(&path).exists(), "{path} would be lost");
        repository.write(&path, "gitops: {tool: ArgoCD, namespace: argocd}\n");
    }
}

/// What is there before the environment is: Argo CD's namespace and its own objects as its installation brings them, among them an
/// `argocd-cm` without keys, and the workload cluster.
fn install(cluster: &Cluster) {
    let authority = STANDARD.encode(cluster.authority());
    let access = json!({"bearerToken": "admin-token", "tlsClientConfig": {"caData": authority}});
    let part_of = json!({"app.kubernetes.io/part-of": "argocd"});
    let object = |kind: &str, name: &str, labels: &Value, data: Value| {
        let mut object = json!({"apiVersion": "v1", "kind": kind,
            "metadata": {"name": name, "namespace": "argocd", "labels": labels}});
        object[if kind == "Secret" { "stringData" } else { "data" }] = data;
        object
    };
    let items = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}),
        object("ConfigMap", "argocd-cm", &part_of, json!({})),
        object(
            "Secret",
            "argocd-secret",
            &part_of,
            json!({"server.secretkey": "not-used-by-these-programs"}),
        ),
        object(
            "Secret",
            "cluster-langfuse-dev",
            &json!({"argocd.argoproj.io/secret-type": "cluster"}),
            json!({"name": "langfuse-dev", "server": cluster.address(), "config": access.to_string()}),
        ),
    ];
    let path = cluster.folder().join("argo-cd.json");
    std::fs::write(&path, json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string())
        .expect("a file");
    cluster.kubectl(&["apply", "--server-side", "-f", &path.display().to_string()]);
}

/// Applies what the environment's README says: the project, the keys of `argocd-cm` and the Application that holds the others.
fn begin(cluster: &Cluster, repository: &TemporaryRepository) {
    let readme = std::fs::read_to_string(repository.path().join("environments/dev/README.md"));
    let readme = readme.expect("the environment has a README");
    let command = readme.lines().find_map(|line| line.strip_prefix("kubectl "));
    let command = command.expect("the README has the command that starts the syncing");
    let arguments: Vec<String> = command
        .split(' ')
        .map(|word| match word.strip_prefix("environments/") {
            Some(file) => repository.path().join("environments").join(file).display().to_string(),
            None => word.to_owned(),
        })
        .collect();
    cluster.kubectl(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Argo CD, running.
struct ArgoCd<'a> {
    cluster: &'a Cluster,
    remote: &'a Path,
    controller: Process,
    repository_server: Process,
    _redis: Process,
}

impl<'a> ArgoCd<'a> {
    fn start(cluster: &'a Cluster, remote: &'a Path, program: &Path, redis: &Path) -> ArgoCd<'a> {
        let [redis_port, repository_port, repository_metrics, controller_metrics] = free_ports();
        let folder = cluster.folder();
        let part = |name: &str| {
            let mut command = Command::new(program);
            command
                .args([name, "--logformat=text", &format!("--redis=127.0.0.1:{redis_port}")])
                .env("ARGOCD_ASK_PASS_SOCK", folder.join("ask-pass.sock"))
                .env("ARGOCD_PLUGINSOCKFILEPATH", folder.join("plugins"))
                .env("ARGOCD_SSH_DATA_PATH", folder)
                .env("ARGOCD_TLS_DATA_PATH", folder)
                .env("ARGOCD_GPG_ENABLED", "false");
            command
        };
        let cache = Process::start(
            "redis",
            cluster,
            Command::new(redis)
                .args(["--bind", "127.0.0.1", "--port", &redis_port.to_string(), "--save", "", "--dir"])
                .arg(folder),
        );
        let repository_server = Process::start(
            "argocd-repo-server",
            cluster,
            part("repo-server")
                .args(["--address=127.0.0.1", "--metrics-address=127.0.0.1", "--disable-tls"])
                .args([format!("--port={repository_port}"), format!("--metrics-port={repository_metrics}")]),
        );
        // The controller takes its own cluster from the kubeconfig, and has no setting for where its metrics are served.
        let controller = Process::start(
            "argocd-application-controller",
            cluster,
            part("application-controller")
                .env("ARGOCD_FAKE_IN_CLUSTER", "true")
                // Says in the status of an Application which resource its health waits for.
                .env("ARGOCD_APPLICATION_CONTROLLER_PERSIST_RESOURCE_HEALTH", "true")
                .env("KUBECONFIG", cluster.kubeconfig("admin"))
                .args(["--namespace=argocd", "--repo-server-plaintext"])
                .args([
                    format!("--repo-server=127.0.0.1:{repository_port}"),
                    format!("--metrics-port={controller_metrics}"),
                ]),
        );
        ArgoCd { cluster, remote, controller, repository_server, _redis: cache }
    }

    fn application(&self, layer: &str) -> Value {
        self.others().get(&format!("applications.argoproj.io/dev-{layer}"), "argocd")
    }

    fn health(&self, layer: &str) -> Value {
        self.application(layer).pointer("/status/health/status").cloned().unwrap_or_default()
    }

    /// An Application has a history once a sync of it succeeded.
    fn was_applied(&self, layer: &str) -> bool {
        self.application(layer).pointer("/status/history/0").is_some()
    }
}

impl Tool for ArgoCd<'_> {
    fn cluster(&self) -> &Cluster {
        self.cluster
    }

    /// Pushes, and asks every Application to look, as the host of a repository does by a webhook.
    fn publish(&self, repository: &TemporaryRepository) {
        repository.git(&["push", "--quiet", &self.remote.display().to_string(), "main"]);
        self.cluster.kubectl(&[
            "annotate",
            "--overwrite",
            "applications.argoproj.io",
            "--all",
            "-n",
            "argocd",
            "argocd.argoproj.io/refresh=normal",
        ]);
    }

    fn is_ready(&self, layer: &str) -> bool {
        let application = self.application(layer);
        self.was_ready(layer) && application.pointer("/status/sync/status") == Some(&json!("Synced"))
    }

    fn was_ready(&self, layer: &str) -> bool {
        self.was_applied(layer) && self.health(layer) == "Healthy"
    }

    /// The controller heals at once, so it is held still meanwhile.
    fn behind_its_back(&self, act: &dyn Fn()) {
        self.controller.signal("STOP");
        act();
        self.controller.signal("CONT");
    }

    fn report(&self) -> String {
        let applications = self.cluster.kubectl(&["get", "applications.argoproj.io", "-A", "-o", "yaml"]);
        let words = [self.controller.last_words(), self.repository_server.last_words()];
        format!("{applications}\n{}", words.join("\n"))
    }
}
