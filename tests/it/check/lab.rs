//! A real cluster for tests: etcd and kube-apiserver on 127.0.0.1, and kubectl as the one who changes things.
//!
//! The programs are peers (`PLIMSOLL_PEER_ETCD`, `..._KUBE_APISERVER`, `..._KUBECTL`); without them, or without openssl for
//! the certificates, the tests are skipped and say so. The check reads as a user who may get and list and nothing else.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(super) use crate::support::peer;

/// How long the API server may take to be ready.
const START: Duration = Duration::from_secs(90);

/// A running cluster; it ends when this is dropped.
pub(crate) struct Cluster {
    folder: TempDir,
    processes: Vec<Child>,
    kubectl: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts a cluster; none where a program that it needs is missing.
    pub(crate) fn start() -> Option<Cluster> {
        Cluster::start_with(&[])
    }

    /// Starts a cluster that asks a server at this port whose a token is that it does not know itself.
    pub(crate) fn start_with_reviews(port: u16) -> Option<Cluster> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let webhook = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: reviews\nclusters: [{{name: reviews, cluster: {{server: \"http://127.0.0.1:{port}/\"}}}}]\nusers: [{{name: server, user: {{}}}}]\ncontexts: [{{name: reviews, context: {{cluster: reviews, user: server}}}}]\n"
        );
        let path = folder.path().join("reviews.yaml");
        std::fs::write(&path, webhook).expect("the folder is ours");
        // It is read once, before the server is ready.
        Cluster::start_with(&[format!("--authentication-token-webhook-config-file={}", path.display())])
    }

    fn start_with(more: &[String]) -> Option<Cluster> {
        let (etcd, api_server, kubectl) = (peer("ETCD")?, peer("KUBE_APISERVER")?, peer("KUBECTL")?);
        let folder = tempfile::tempdir().expect("a temporary folder");
        if !certificates(folder.path()) {
            say("skipped: openssl, which makes the certificates of a test cluster, is not here");
            return None;
        }
        let [etcd_port, peer_port, port] = free_ports();
        let at = |port: u16| format!("http://127.0.0.1:{port}");
        let root = folder.path().to_owned();
        let path = |name: &str| root.join(name).display().to_string();
        let tokens = "admin-token,admin,admin,\"system:masters\"\nreader-token,reader,reader,\"readers\"\nnobody-token,nobody,nobody,\"\"\n";
        std::fs::write(folder.path().join("tokens.csv"), tokens).expect("the folder is ours");
        let mut cluster = Cluster { processes: Vec::new(), kubectl, port, folder };
        let store = Command::new(etcd)
            .args([format!("--data-dir={}", path("etcd")), format!("--listen-client-urls={}", at(etcd_port))])
            .args([
                format!("--advertise-client-urls={}", at(etcd_port)),
                format!("--listen-peer-urls={}", at(peer_port)),
            ])
            .args([
                format!("--initial-advertise-peer-urls={}", at(peer_port)),
                format!("--initial-cluster=default={}", at(peer_port)),
            ])
            .args(["--unsafe-no-fsync", "--log-level=error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        cluster.processes.push(store.expect("etcd starts"));
        let server = Command::new(api_server)
            .args([format!("--etcd-servers={}", at(etcd_port)), format!("--secure-port={port}")])
            .args([
                format!("--tls-cert-file={}", path("server.crt")),
                format!("--tls-private-key-file={}", path("server.key")),
            ])
            .args([
                format!("--token-auth-file={}", path("tokens.csv")),
                format!("--client-ca-file={}", path("ca.crt")),
                format!("--cert-dir={}", path("certs")),
            ])
            .args([
                format!("--service-account-key-file={}", path("server.key")),
                format!("--service-account-signing-key-file={}", path("server.key")),
            ])
            .args([
                "--service-account-issuer=https://cluster.example",
                "--service-cluster-ip-range=10.0.0.0/24",
            ])
            .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--authorization-mode=RBAC"])
            .args(["--disable-admission-plugins=ServiceAccount", "--profiling=false"])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        cluster.processes.push(server.expect("kube-apiserver starts"));
        for user in ["admin", "reader", "nobody"] {
            cluster.write_kubeconfig(user, &format!("{{token: {user}-token}}"));
        }
        let certificate =
            format!("{{client-certificate: {}, client-key: {}}}", path("client.crt"), path("client.key"));
        cluster.write_kubeconfig("certificate", &certificate);
        cluster.wait_until_ready();
        cluster.kubectl(&["create", "clusterrole", "read-all", "--verb=get,list", "--resource=*.*"]);
        cluster.kubectl(&[
            "create",
            "clusterrolebinding",
            "readers",
            "--clusterrole=read-all",
            "--group=readers",
        ]);
        Some(cluster)
    }

    /// The kubeconfig of a user: admin, reader or nobody; as `certificate` the reader has a certificate and no token.
    pub(super) fn kubeconfig(&self, user: &str) -> PathBuf {
        self.folder.path().join(format!("{user}.yaml"))
    }

    /// The address of the API server.
    pub(crate) fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The authority that the server's certificate comes from, in PEM.
    pub(crate) fn authority(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("ca.crt")).expect("the folder is ours")
    }

    /// A folder that is gone with the cluster.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The administrator's kubeconfig with everything in it, as one is handed on in a Secret.
    pub(super) fn inline_kubeconfig(&self) -> String {
        self.kubectl(&["config", "view", "--raw", "--flatten"])
    }

    /// Waits until every definition of a custom resource is served.
    pub(super) fn wait_for_definitions(&self) {
        self.kubectl(&[
            "wait",
            "--for=condition=Established",
            "customresourcedefinitions",
            "--all",
            "--timeout=60s",
        ]);
    }

    /// Runs kubectl as the administrator, and gives what it printed.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.run_kubectl(arguments);
        assert!(
            output.status.success(),
            "kubectl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn run_kubectl(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = Command::new(&self.kubectl);
        command.args(arguments).env("KUBECONFIG", self.kubeconfig("admin")).env("HOME", self.folder.path());
        command.output().expect("kubectl starts")
    }

    fn write_kubeconfig(&self, user: &str, credentials: &str) {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters:\n  - name: lab\n    cluster:\n      server: {}\n      certificate-authority: {}\nusers:\n  - name: {user}\n    user: {credentials}\ncontexts:\n  - name: lab\n    context: {{cluster: lab, user: {user}}}\n",
            self.address(),
            self.folder.path().join("ca.crt").display()
        );
        std::fs::write(self.kubeconfig(user), text).expect("the folder is ours");
    }

    fn wait_until_ready(&self) {
        let begin = Instant::now();
        while begin.elapsed() < START {
            if self.run_kubectl(&["get", "--raw", "/readyz"]).status.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        panic!("the API server was not ready after {START:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Ports of the loopback that nothing listens on.
pub(super) fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let listeners: [TcpListener; COUNT] =
        std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").expect("a port of the loopback is free"));
    listeners.map(|listener| listener.local_addr().map(|address| address.port()).unwrap_or_default())
}

/// An authority, and the certificates of the server and of a reader that come from it.
fn certificates(folder: &Path) -> bool {
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let signed = |name: &str, subject: &str, extensions: &str| {
        std::fs::write(folder.join("extensions"), extensions).is_ok()
            && openssl(&format!(
                "req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj {subject}"
            ))
            && openssl(&format!(
                "x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out {name}.crt -days 2 -extfile extensions"
            ))
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=lab-ca -days 2")
        && signed("server", "/CN=127.0.0.1", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        && signed("client", "/O=readers/CN=reader", "extendedKeyUsage=clientAuth\n")
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn say(line: &str) {
    eprintln!("{line}");
}
