//! `plimsoll report publish --webhook`, sent for real to a server with TLS on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::server::{Answer, Received, Server, certificate};
use crate::support::{Run, plimsoll};

const KEY: &str = "key-of-the-webhook";

/// What the live systems have, which nobody outside shall be told.
const LIVE_VALUE: &str = "a-value-that-lives";

fn drift() -> Value {
    json!({
        "apiVersion": "plimsoll.dev/v1alpha1", "kind": "DriftReport", "environment": "dev", "revision": "c0ffee",
        "verdict": "drift", "complete": true,
        "summary": {"resources": 3, "inSync": 2, "changed": 1, "missing": 0, "extra": 0, "pending": 0, "unknown": 0,
            "ignoredFields": 0},
        "resources": [{
            "id": {"platform": "kubernetes", "cluster": "workload", "group": "apps", "kind": "Deployment",
                "namespace": "shop", "name": "web"},
            "layer": "app", "state": "changed", "severity": "medium", "cause": null,
            "source": {"file": "environments/dev/app/shop/deployment-web.yaml", "line": 1},
            "fingerprint": "fingerprint-of-web",
            "fields": [{"path": "spec.template.spec.containers[name=web].image", "change": "changed",
                "desired": "a-value-of-git", "live": LIVE_VALUE, "line": 20, "severity": "medium",
                "needsReplace": false, "by": null}],
        }],
        "ignored": [], "unreadable": [],
    })
}

/// The part of GitHub that a first issue needs.
fn github() -> Server {
    Server::start(None, |request| match (request.method.as_str(), request.target.as_str()) {
        (_, "/graphql") => Answer::ok(json!({"data": {"viewer": {"login": "bot"}}}).to_string()),
        ("GET", _) => Answer::ok("[]"),
        _ => {
            let body: Value = serde_json::from_slice(&request.body).expect("JSON is sent");
            let issue = json!({"number": 1, "html_url": "https://github.example/1", "title": body["title"],
                "body": body["body"], "state": "open", "user": {"login": "bot"}, "labels": [{"name": "plimsoll-drift"}]});
            Answer::of_status(201, issue.to_string())
        }
    })
}

/// A server with TLS that answers so, whose certificate the program is told to trust.
struct Webhook {
    home: tempfile::TempDir,
    server: Server,
}

impl Webhook {
    fn start(handler: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Webhook {
        let home = tempfile::tempdir().expect("a folder");
        let tls = certificate(home.path());
        Webhook { server: Server::start(Some(tls), handler), home }
    }

    fn report(&self) -> PathBuf {
        let path = self.home.path().join("drift.json");
        std::fs::write(&path, drift().to_string()).expect("a report");
        path
    }

    fn command(&self, address: &str, certificates: &Path) -> Command {
        let github = github();
        let mut command = plimsoll(self.home.path());
        command
            .args(["report", "publish", "--repository", "o/r", "--github-api", &github.address()])
            .args(["--webhook", address, "--from"])
            .arg(self.report())
            .env("GITHUB_TOKEN", "token")
            .env("PLIMSOLL_WEBHOOK_SECRET", KEY)
            .env("SSL_CERT_FILE", certificates)
            .env("NO_PROXY", "localhost,127.0.0.1");
        for name in
            ["GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_API_URL", "SSL_CERT_DIR"]
        {
            command.env_remove(name);
        }
        command
    }

    fn publish(&self) -> Run {
        let address = format!("{}/hooks/AWAY", self.server.address());
        Run::of_command(&mut self.command(&address, &self.home.path().join("ca.pem")))
    }
}

/// HMAC-SHA256 in hexadecimal digits.
fn hmac(key: &str, text: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("keys have any length");
    hmac.update(text.as_bytes());
    hmac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_arrives_is_signed_and_holds_no_value() {
    let webhook = Webhook::start(|_| Answer::of_status(204, ""));
    webhook.publish().assert(0, "", "dev: opened https://github.example/1\n");
    let received = webhook.server.received();
    let [message] = received.as_slice() else { panic!("one message, not {received:#?}") };
    assert_eq!((message.method.as_str(), message.target.as_str()), ("POST", "/hooks/AWAY"));
    let body = String::from_utf8(message.body.clone()).expect("UTF-8");
    let time = message.header("x-plimsoll-timestamp").expect("a time");
    assert_eq!(
        message.header("x-plimsoll-signature-256"),
        Some(format!("sha256={}", hmac(KEY, &format!("{time}.{body}"))).as_str())
    );
    for kept_back in [LIVE_VALUE, "a-value-of-git", "containers[name=web]", KEY] {
        assert!(!body.contains(kept_back), "{kept_back} in {body}");
    }
    assert_eq!(message.header("authorization"), None, "the token is GitHub's alone");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        body,
        json!({
            "apiVersion": "plimsoll.dev/v1alpha1", "kind": "DriftNotice", "run": null,
            "environments": [{
                "environment": "dev", "revision": "c0ffee", "verdict": "drift", "complete": true,
                "findingsChanged": true, "summary": drift()["summary"],
                "findings": [{"platform": "kubernetes", "resource": "Deployment.apps shop/web", "layer": "app",
                    "state": "changed", "severity": "medium", "fingerprint": "fingerprint-of-web", "fields": 1}],
            }],
        })
    );
}

#[test]
fn a_server_that_stumbles_is_called_again() {
    let calls = AtomicUsize::new(0);
    let webhook = Webhook::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::of_status(503, "later"),
        _ => Answer::ok("thanks"),
    });
    assert_eq!(webhook.publish().status, 0);
    let received = webhook.server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].body, received[1].body);
}

#[test]
fn what_the_server_refuses_or_sends_elsewhere_is_a_failure() {
    let webhook =
        Webhook::start(|_| Answer::of_status(302, "").with("location", "https://localhost:1/elsewhere"));
    let run = webhook.publish();
    run.assert(
        1,
        "",
        "dev: opened https://github.example/1\n\
         error[webhook::failed]: the webhook did not take the message: status 302\n  \
         = help: the issues are written all the same; run the command again when the server takes messages\n",
    );
    assert_eq!(webhook.server.received().len(), 1, "no redirect is followed");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let webhook = Webhook::start(|_| Answer::ok(""));
    let others = tempfile::tempdir().expect("a folder");
    certificate(others.path());
    let address = webhook.server.address();
    let run = Run::of_command(&mut webhook.command(&address, &others.path().join("ca.pem")));
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("error[webhook::failed]: the webhook did not take the message: "), "{run}");
    assert!(webhook.server.received().is_empty(), "nothing is sent before it is known to whom");
}

#[test]
fn without_a_key_and_without_tls_nothing_is_sent() {
    let webhook = Webhook::start(|_| Answer::ok(""));
    let address = webhook.server.address();
    let run = Run::of_command(
        webhook.command(&address, &webhook.home.path().join("ca.pem")).env_remove("PLIMSOLL_WEBHOOK_SECRET"),
    );
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("error[forge::token]: `PLIMSOLL_WEBHOOK_SECRET` is not set"), "{run}");
    let plain = address.replace("https://", "http://");
    let run = Run::of_command(&mut webhook.command(&plain, &webhook.home.path().join("ca.pem")));
    assert_eq!(run.status, 64, "{run}");
    assert!(run.stderr.contains("it must begin with `https://`"), "{run}");
    assert!(webhook.server.received().is_empty());
}
