//! Charts from OCI registries: a real one with a password, and one of our own for what a real one would never do.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Scene, chart, settled, sha256};
use crate::support::peer;
use crate::support::server::{Answer, Server, is_listening};

const CHART_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const CONFIGURATION: &str = "application/vnd.cncf.helm.config.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn manifest(package: &[u8]) -> String {
    let descriptor = |kind: &str, bytes: &[u8]| {
        format!(
            "{{\"mediaType\": \"{kind}\", \"digest\": \"sha256:{}\", \"size\": {}}}",
            sha256(bytes),
            bytes.len()
        )
    };
    format!(
        "{{\"schemaVersion\": 2, \"mediaType\": \"{MANIFEST}\", \"config\": {}, \"layers\": [{}]}}",
        descriptor(CONFIGURATION, b"{}"),
        descriptor(CHART_LAYER, package)
    )
}

/// A registry of the distribution project, which ends with the value.
pub(super) struct Registry {
    process: Child,
    pub(super) port: u16,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Registry {
    /// Starts a registry that wants the password `secret` of `reader`.
    pub(super) fn start(program: &std::path::Path, folder: &std::path::Path) -> Registry {
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
            listener.local_addr().expect("it is bound").port()
        };
        let password = "reader:$2a$10$w0YIho/9tbRQQpVLXVKCQ.t/XXsdwGw3tRySeQsl.Rz2dTHsO2z46\n";
        std::fs::write(folder.join("htpasswd"), password).expect("a file");
        let configuration = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {0}/registry}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\"}}\nauth: {{htpasswd: {{realm: tests, path: {0}/htpasswd}}}}\n",
            folder.display()
        );
        std::fs::write(folder.join("registry.yaml"), configuration).expect("a file");
        let process = Command::new(program)
            .arg("serve")
            .arg(folder.join("registry.yaml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry starts");
        let registry = Registry { process, port };
        let started = Instant::now();
        while !is_listening(port) {
            assert!(started.elapsed() < Duration::from_secs(30), "the registry does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// Sends something as the user who may; gives the `Location` of the answer.
    fn send(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> String {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost:{}\r\nauthorization: Basic cmVhZGVyOnNlY3JldA==\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("the registry reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the registry answers");
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {target}: {answer}");
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default();
        location.split_once("/v2/").map_or_else(String::new, |(_, path)| format!("/v2/{}", path.trim()))
    }

    fn push(&self, repository: &str, tag: &str, package: &[u8]) {
        self.push_image(repository, tag, &manifest(package), &[package]);
    }

    /// Pushes layers, an empty configuration, and a manifest that names them.
    pub(super) fn push_image(&self, repository: &str, tag: &str, manifest: &str, layers: &[&[u8]]) {
        for bytes in layers.iter().copied().chain([b"{}".as_slice()]) {
            let upload = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), "text/plain", b"");
            let target = format!("{upload}&digest=sha256:{}", sha256(bytes));
            self.send("PUT", &target, "application/octet-stream", bytes);
        }
        let target = format!("/v2/{repository}/manifests/{tag}");
        self.send("PUT", &target, MANIFEST, manifest.as_bytes());
    }
}

#[test]
fn a_chart_is_pulled_from_a_real_registry_with_a_password() {
    let Some(program) = peer("REGISTRY") else { return };
    let scene = Scene::new();
    let registry = Registry::start(&program, scene.home.path());
    registry.push("team/shop", "1.2.3_build.5", &chart("shop", "1.2.3+build.5"));
    let host = format!("localhost:{}", registry.port);
    scene.declare(&format!(
        "        - helm: {{chart: \"oci://{host}/team/shop\", version: 1.2.3+build.5, release: web}}\n"
    ));
    let denied = scene.run(&["fetch", "--env", "dev"]);
    assert_eq!(denied.status, 1);
    let told = settled(&denied.stderr, &[registry.port]);
    let expected = "error[fetch::denied]: `localhost:PORT` does not give the chart `oci://localhost:PORT/team/shop 1.2.3+build.5`\n";
    assert!(told.starts_with(expected), "{told}");
    assert!(told.ends_with("= caused by: its status is 401 Unauthorized\n   = environment: dev\n"), "{told}");
    assert_eq!(scene.cached(), 0);

    scene.log_in(&host, "cmVhZGVyOnNlY3JldA==");
    scene.run(&["fetch", "--env", "dev"]).assert(
        0,
        "dev: 1 pinned, 1 downloaded; wrote overlays/dev/plimsoll.fetch.yaml\n",
        "",
    );
    let run = scene.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(scene.rendered("configmap-web-shop.yaml").contains("version: 1.2.3+build.5"));

    scene.declare(&format!(
        "        - helm: {{chart: \"oci://{host}/team/shop\", version: 9.9.9, release: web}}\n"
    ));
    let missing = scene.run(&["fetch", "--env", "dev"]);
    let told = settled(&missing.stderr, &[registry.port]);
    let expected = "error[fetch::not-found]: `localhost:PORT` does not have the chart `oci://localhost:PORT/team/shop 9.9.9`\n";
    assert!(told.starts_with(expected), "{told}");
}

/// A registry that gives a chart to whoever shows the token of the server that it names.
fn with_tokens(realm: String, package: Vec<u8>) -> Server {
    Server::start(None, move |request| {
        if request.header("authorization") != Some("Bearer granted") {
            let challenge =
                format!("Bearer realm=\"{realm}\",service=\"tests\",scope=\"repository:team/shop:pull\"");
            return Answer::of_status(401, "").with("www-authenticate", &challenge);
        }
        match request.target.as_str() {
            "/v2/team/shop/manifests/1.2.3" => Answer::ok(manifest(&package)),
            target if target.starts_with("/v2/team/shop/blobs/sha256:") => Answer::ok(package.clone()),
            _ => Answer::of_status(404, ""),
        }
    })
}

fn source(registry: &Server) -> String {
    format!(
        "        - helm: {{chart: \"oci://localhost:{}/team/shop\", version: 1.2.3, release: web}}\n",
        registry.port
    )
}

#[test]
fn a_token_is_asked_for_with_the_password_of_the_registry() {
    let scene = Scene::new();
    let tokens = Server::start(None, |request| match request.header("authorization") {
        Some("Basic bWU6c2VjcmV0") if request.target.contains("scope=repository%3Ateam%2Fshop%3Apull") => {
            Answer::ok("{\"token\": \"granted\"}")
        }
        _ => Answer::of_status(401, ""),
    });
    let registry = with_tokens(format!("{}/token", tokens.address()), chart("shop", "1.2.3"));
    scene.declare(&source(&registry));
    assert_eq!(scene.run(&["fetch", "--env", "dev"]).status, 1);
    scene.log_in(&format!("localhost:{}", registry.port), "bWU6c2VjcmV0");
    let run = scene.run(&["fetch", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(tokens.received().iter().any(|request| request.target.contains("service=tests")));
    let passwords = registry.received();
    let is_password = |value: &str| value.starts_with("Basic ");
    assert!(!passwords.iter().any(|request| request.header("authorization").is_some_and(is_password)));
}

#[test]
fn a_password_is_not_sent_to_a_token_server_of_somebody_else() {
    let scene = Scene::new();
    let foreign = Server::start(None, |_| Answer::ok("{\"token\": \"granted\"}"));
    let realm = format!("http://127.0.0.1:{}/token", foreign.port);
    let registry = with_tokens(realm, chart("shop", "1.2.3"));
    scene.declare(&source(&registry));
    scene.log_in(&format!("localhost:{}", registry.port), "bWU6c2VjcmV0");
    let run = scene.run(&["fetch", "--env", "dev"]);
    let told = settled(&run.stderr, &[registry.port]);
    let expected = "error[fetch::denied]: `localhost:PORT` names a token server that cannot be used\n";
    assert!(told.starts_with(expected), "{told}");
    assert!(
        told.ends_with("= caused by: it lies under another domain, and credentials are not sent there\n   = environment: dev\n"),
        "{told}"
    );
    assert_eq!((run.status, foreign.received().len(), scene.cached()), (1, 0, 0));
}

#[test]
fn a_layer_that_is_not_what_its_manifest_says_is_refused() {
    let scene = Scene::new();
    let (promised, sent) = (chart("shop", "1.2.3"), chart("shop", "1.2.4"));
    let length = promised.len().max(sent.len());
    let padded = move |mut bytes: Vec<u8>| {
        bytes.resize(length, 0);
        bytes
    };
    let (promised, sent) = (padded(promised), padded(sent));
    let registry = Server::start(None, move |request| {
        if request.target.contains("/manifests/") {
            Answer::ok(manifest(&promised))
        } else {
            Answer::ok(sent.clone())
        }
    });
    scene.declare(&source(&registry));
    let run = scene.run(&["fetch", "--env", "dev"]);
    let expected = format!(
        "error[fetch::mismatch]: the chart `oci://localhost:{}/team/shop 1.2.3` is not what its manifest says\n",
        registry.port
    );
    assert!(run.status == 1 && run.stderr.starts_with(&expected), "{run}");
    assert_eq!(scene.cached(), 0);
}

#[cfg(unix)]
#[test]
fn a_credential_helper_is_started_only_where_it_is_allowed() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let registry = Server::start(None, move |request| {
        match (request.header("authorization"), request.target.contains("/manifests/")) {
            (Some("Basic bWU6c2VjcmV0"), true) => Answer::ok(manifest(&package)),
            (Some("Basic bWU6c2VjcmV0"), false) => Answer::ok(package.clone()),
            _ => Answer::of_status(401, "").with("www-authenticate", "Basic realm=\"tests\""),
        }
    });
    scene.declare(&source(&registry));
    let home = scene.home.path();
    let configuration = format!("{{\"credHelpers\": {{\"localhost:{}\": \"tests\"}}}}", registry.port);
    std::fs::write(home.join("config.json"), configuration).expect("a file");
    let helper = home.join("docker-credential-tests");
    let script = format!(
        "#!/bin/sh\ntouch {}/started\necho '{{\"Username\": \"me\", \"Secret\": \"secret\"}}'\n",
        home.display()
    );
    std::fs::write(&helper, script).expect("a file");
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let path = format!("{}:{}", home.display(), std::env::var("PATH").unwrap_or_default());
    let run = |arguments: &[&str]| {
        crate::support::Run::of_command(scene.command().env("PATH", &path).args(arguments))
    };

    let refused = run(&["fetch", "--env", "dev"]);
    let told = settled(&refused.stderr, &[registry.port]);
    let expected = "error[fetch::denied]: the credentials of `localhost:PORT` are kept by a program, `docker-credential-tests`\n";
    assert!(refused.status == 1 && told.starts_with(expected), "{told}");
    assert!(told.ends_with("= help: `--allow-credential-helpers` lets it be started\n"), "{told}");
    assert!(!home.join("started").exists());
    let allowed = run(&["fetch", "--env", "dev", "--allow-credential-helpers"]);
    assert_eq!(allowed.status, 0, "{allowed}");
    assert!(home.join("started").exists());
}
