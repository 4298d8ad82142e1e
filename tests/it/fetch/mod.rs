//! `plimsoll fetch` against servers on loopback: an HTTP server with TLS, a real OCI registry, and Git's own HTTP backend.

mod charts;
mod git;
mod registry;
mod schemas;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::ServerConfig;
use tempfile::TempDir;

use crate::support::server::certificate;
use crate::support::{Run, TemporaryRepository};

/// A repository with a cache, a Docker configuration and a trusted certificate of its own.
struct Scene {
    repository: TemporaryRepository,
    home: TempDir,
    tls: Arc<ServerConfig>,
}

impl Scene {
    fn new() -> Scene {
        let home = tempfile::tempdir().expect("a temporary folder");
        let tls = certificate(home.path());
        Scene { repository: TemporaryRepository::new(), home, tls }
    }

    /// Makes `dev` an environment of these sources.
    fn declare(&self, sources: &str) {
        let environment = format!(
            "apiVersion: plimsoll.dev/v1alpha1\nkind: Environment\nmetadata: {{name: dev}}\nspec:\n  clusters: {{workload: {{}}}}\n  \
             layers:\n    - name: app\n      destination: workload\n      namespace: shop\n      sources:\n{sources}"
        );
        self.repository.write("overlays/dev/environment.yaml", &environment);
        self.repository.commit("inputs");
    }

    /// Keeps credentials, as `docker login` does: host and `base64(user:password)`.
    fn log_in(&self, host: &str, auth: &str) {
        let text = format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"{auth}\"}}}}}}");
        std::fs::write(self.home.path().join("config.json"), text).expect("a file");
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of_command(self.command().args(arguments))
    }

    fn command(&self) -> std::process::Command {
        let mut command = self.repository.command();
        command
            .env("XDG_CACHE_HOME", self.home.path())
            .env("DOCKER_CONFIG", self.home.path())
            .env("SSL_CERT_FILE", self.home.path().join("ca.pem"))
            .env("NO_PROXY", "localhost,127.0.0.1");
        command
    }

    fn contents(&self) -> PathBuf {
        self.home.path().join("plimsoll/fetched/sha256")
    }

    /// How many files the cache holds.
    fn cached(&self) -> usize {
        std::fs::read_dir(self.contents()).map_or(0, Iterator::count)
    }

    fn pins(&self) -> String {
        std::fs::read_to_string(self.repository.path().join("overlays/dev/plimsoll.fetch.yaml"))
            .unwrap_or_default()
    }

    fn rendered(&self, path: &str) -> String {
        std::fs::read_to_string(self.repository.path().join("environments/dev/app/shop").join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// A packaged chart with one ConfigMap that says its version.
fn chart(name: &str, version: &str) -> Vec<u8> {
    packaged(&[
        (&format!("{name}/Chart.yaml"), &format!("apiVersion: v2\nname: {name}\nversion: {version}\n")),
        (&format!("{name}/values.yaml"), "greeting: hello\n"),
        (
            &format!("{name}/templates/config.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}}\n\
             data: {version: {{ .Chart.Version | quote }}, greeting: {{ .Values.greeting | quote }}}\n",
        ),
    ])
}

fn packaged(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).expect("an archive in memory");
    }
    let encoder = archive.into_inner().expect("an archive in memory");
    encoder.finish().expect("an archive in memory")
}

fn sha256(bytes: &[u8]) -> String {
    plimsoll::render::digest::sha256(bytes)
}

/// The text without ports and digests, which differ from run to run.
fn settled(text: &str, ports: &[u16]) -> String {
    ports.iter().fold(text.to_owned(), |text, port| text.replace(&format!(":{port}"), ":PORT"))
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("the folder is there");
}
