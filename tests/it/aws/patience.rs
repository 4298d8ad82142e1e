//! `--timeout` ends a check, whatever the other side does, with a report of what was read.
//!
//! The stand-ins never answer, answer a byte at a time, always throttle, or break off, with or without a word on whose account it
//! is; many resources wait for them. The same is asked of a management cluster that hangs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::object_cluster::kubeconfig;
use crate::support::{Run, TemporaryRepository};

/// How long the checks may read.
const TIME: Duration = Duration::from_secs(3);

/// How much longer a check may take: for its start, and for the report, in a build for tests on a busy machine.
const GRACE: Duration = Duration::from_secs(10);

/// How many buckets are declared.
const BUCKETS: usize = 400;

/// What the identity of the caller is.
const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/reader</Arn><UserId>AIDA</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// How a server misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It accepts and says nothing.
    Silent,
    /// It sends a byte now and then.
    Dripping,
    /// It refuses everything as too much.
    Throttling,
    /// It ends every connection without an answer.
    BreakingOff,
}

/// Whether a server says whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identified {
    Yes,
    No,
}

#[test]
fn a_check_ends_in_its_time_whatever_aws_does() {
    let repository = many_buckets();
    let mut wrong = Vec::new();
    for manner in [Manner::Silent, Manner::Dripping, Manner::Throttling, Manner::BreakingOff] {
        for identified in [Identified::Yes, Identified::No] {
            let port = misbehave(manner, identified);
            let (run, took) = check(&repository, port, 9, &["--only", "aws"]);
            wrong.extend(
                judge(&run, took, BUCKETS).map(|words| format!("{manner:?} {identified:?}: {words}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_check_ends_in_its_time_whatever_the_management_cluster_does() {
    let repository = many_buckets();
    let mut wrong = Vec::new();
    for manner in [Manner::Silent, Manner::Dripping, Manner::Throttling, Manner::BreakingOff] {
        let cluster = misbehave(manner, Identified::No);
        let aws = misbehave(manner, Identified::Yes);
        let (run, took) = check(&repository, aws, cluster, &[]);
        wrong.extend(judge(&run, took, 2 * BUCKETS).map(|words| format!("{manner:?}: {words}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a check that could read nothing.
fn judge(run: &Run, took: Duration, resources: usize) -> Option<String> {
    if took > TIME + GRACE {
        return Some(format!("it took {took:?}"));
    }
    let Ok(report) = serde_json::from_str::<Value>(&run.stdout) else {
        return Some(format!("there is no report\n{run}"));
    };
    let unknown = report["summary"]["unknown"].as_u64().unwrap_or_default();
    let is_right = run.status == 1 && report["complete"] == false && unknown == resources as u64;
    (!is_right).then(|| format!("status {}, {} of {resources} unknown\n{}", run.status, unknown, run.stderr))
}

fn many_buckets() -> TemporaryRepository {
    let repository = TemporaryRepository::new();
    repository.write(
        "overlays/lab/environment.yaml",
        "apiVersion: plimsoll.dev/v1alpha1\nkind: Environment\nmetadata: {name: lab}\nspec:\n  aws: {accountId: \"111122223333\", region: eu-central-1}\n  clusters: {management: {context: mgmt}}\n  layers: [{name: storage, destination: management, sources: [{manifests: {path: base}}]}]\n",
    );
    for number in 0..BUCKETS {
        let text = format!(
            "apiVersion: s3.aws.m.upbound.io/v1beta1\nkind: Bucket\nmetadata: {{name: bucket-{number:04}, namespace: harbour}}\nspec: {{forProvider: {{region: eu-central-1}}}}\n"
        );
        repository.write(&format!("environments/lab/storage/harbour/bucket-{number:04}.yaml"), &text);
    }
    repository.commit("many buckets");
    repository
}

fn check(repository: &TemporaryRepository, aws: u16, cluster: u16, more: &[&str]) -> (Run, Duration) {
    let time = format!("{}s", TIME.as_secs());
    let mut command = repository.command();
    for name in ["AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"] {
        command.env_remove(name);
    }
    command
        .env("KUBECONFIG", kubeconfig(repository.path(), cluster))
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{aws}"))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command.args(["check", "--env", "lab", "-o", "json", "--timeout", &time]).args(more);
    let begin = Instant::now();
    let run = Run::of_command(&mut command);
    (run, begin.elapsed())
}

/// Starts a server that misbehaves until the process ends.
fn misbehave(manner: Manner, identified: Identified) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream, manner, identified));
        }
    });
    port
}

fn answer(mut stream: TcpStream, manner: Manner, identified: Identified) {
    let mut request = [0; 16384];
    let Ok(length) = stream.read(&mut request) else { return };
    let mut text = String::from_utf8_lossy(&request[..length]).into_owned();
    if text.contains("/sts/aws4_request") && identified == Identified::Yes {
        // The body may come by itself.
        while !text.contains("GetCallerIdentity") {
            let Ok(length @ 1..) = stream.read(&mut request) else { break };
            text.push_str(&String::from_utf8_lossy(&request[..length]));
        }
        let head =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", IDENTITY.len());
        let _ = stream.write_all(format!("{head}{IDENTITY}").as_bytes());
        return;
    }
    match manner {
        Manner::Silent => std::thread::sleep(Duration::from_secs(300)),
        Manner::Dripping => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 100000\r\n\r\n");
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        Manner::Throttling => {
            let body =
                "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
            let head = format!(
                "HTTP/1.1 503 Slow Down\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
        Manner::BreakingOff => {}
    }
}
