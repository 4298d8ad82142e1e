//! How a cluster is reached, and what it means that it cannot be, or in part.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::recorded_cluster::{RecordedCluster, write_environment, write_kubeconfig};
use crate::support::server::{Answer, Received, Server, certificate};
use crate::support::{Run, TemporaryRepository};

fn states(run: &Run) -> Vec<(String, String, String)> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report["resources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(&one["id"]["group"]), text(&one["state"]), text(&one["cause"])))
        .collect()
}

fn check(repository: &TemporaryRepository, more: &[&str]) -> Run {
    let arguments = ["check", "--env", "dev", "-o", "json"];
    repository.run(&arguments.iter().chain(more).copied().collect::<Vec<_>>())
}

/// Every resource is unknown, for this cause, and the check could not run.
#[track_caller]
fn assert_unreachable(run: &Run, cause: &str) {
    assert_eq!(run.status, 1, "{run}");
    for (_, state, own) in states(run) {
        assert_eq!((state.as_str(), own.as_str()), ("unknown", cause), "{run}");
    }
}

fn needs_token(cluster: &RecordedCluster, request: &Received) -> Answer {
    match request.header("authorization") {
        Some("Bearer let-me-read") => cluster.answer(request),
        _ => Answer::of_status(401, ""),
    }
}

#[test]
fn a_token_opens_the_cluster_and_is_never_shown() {
    let (repository, server) = RecordedCluster::of_cases(&["silent"]).serve(needs_token);
    assert_unreachable(&check(&repository, &[]), "Unauthorized");
    write_kubeconfig(&repository, server.port, "{token: let-me-read}");
    let run = check(&repository, &["-vv"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(!run.to_string().contains("let-me-read"), "{run}");
    write_kubeconfig(&repository, server.port, "{token: let-me-in-wrongly}");
    let run = check(&repository, &["-vv"]);
    assert_unreachable(&run, "Unauthorized");
    assert!(!run.to_string().contains("let-me-in-wrongly"), "{run}");
}

#[test]
fn a_program_for_credentials_runs_only_if_that_is_allowed() {
    let (repository, server) = RecordedCluster::of_cases(&["silent"]).serve(needs_token);
    let script = "touch started; echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"let-me-read\"}}'";
    let exec = serde_json::json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh",
        "args": ["-c", script], "interactiveMode": "Never"}});
    write_kubeconfig(&repository, server.port, &exec.to_string());
    let run = check(&repository, &[]);
    assert_unreachable(&run, "ExecPluginRefused");
    assert!(run.stderr.contains("--allow-exec-plugins"), "{run}");
    assert!(!repository.path().join("started").exists(), "no program was started");
    let run = check(&repository, &["--allow-exec-plugins"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(repository.path().join("started").exists(), "the program gave the token");
}

#[test]
fn without_a_kubeconfig_and_outside_of_a_pod_nothing_can_be_read() {
    let (repository, _server) = RecordedCluster::of_cases(&["silent"]).serve(RecordedCluster::answer);
    write_environment(&repository, "  clusters: {workload: {}}\n");
    let mut command = repository.command();
    command.env_remove("KUBECONFIG").env_remove("KUBERNETES_SERVICE_HOST");
    let run = Run::of_command(command.args(["check", "--env", "dev", "-o", "json"]));
    assert_unreachable(&run, "NoAccess");
    let run = Run::of_command(
        repository.command().env("KUBECONFIG", "kubeconfig").args(["check", "--env", "dev", "-o", "json"]),
    );
    assert_eq!(run.status, 0, "{run}");
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    let (repository, _server) = RecordedCluster::of_cases(&["silent"]).serve(|_, _| {
        std::thread::sleep(std::time::Duration::from_secs(20));
        Answer::none()
    });
    assert_unreachable(&check(&repository, &["--timeout", "1s"]), "Timeout");
}

#[test]
fn what_one_half_of_discovery_would_tell_is_unknown() {
    for (path, is_of_half) in [
        ("/api", (|group: &str| group.is_empty()) as fn(&str) -> bool),
        ("/apis", |group: &str| !group.is_empty()),
    ] {
        let (repository, _server) = RecordedCluster::of_cases(&["silent"]).serve(move |cluster, request| {
            if request.target == path { Answer::of_status(403, "") } else { cluster.answer(request) }
        });
        let run = check(&repository, &[]);
        assert_eq!(run.status, 3, "{run}");
        for (group, state, cause) in states(&run) {
            let expected = if is_of_half(&group) { ("unknown", "Forbidden") } else { ("inSync", "") };
            assert_eq!((state.as_str(), cause.as_str()), expected, "{path}, group `{group}`: {run}");
        }
        assert!(run.stdout.contains(&format!("kubernetes:workload:discovery:{path}\"")), "{run}");
    }
}

#[test]
fn a_difference_without_the_definition_is_unknown() {
    let forbids = |cluster: &RecordedCluster, request: &Received| {
        if request.target.contains("customresourcedefinitions") {
            return Answer::of_status(403, "");
        }
        cluster.answer(request)
    };
    let (repository, _server) = RecordedCluster::of_cases(&["silent", "changed"]).serve(forbids);
    let run = check(&repository, &[]);
    let unknown = states(&run).into_iter().filter(|(_, state, _)| state == "unknown");
    let groups: std::collections::BTreeSet<String> = unknown.map(|(group, ..)| group).collect();
    assert_eq!(groups, ["a.broad", "argoproj.io"].map(str::to_owned).into(), "{run}");
    assert!(
        run.stdout
            .contains("kubernetes:workload:apiextensions.k8s.io/customresourcedefinitions:broads.a.broad")
    );
}

/// The account of a pod: a token and an authority in files of a fixed folder, and the address in the environment. The folder is
/// the check's own, in a namespace of mounts; where the system gives none, the test is skipped.
#[test]
fn inside_of_a_pod_its_account_is_used() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cluster = RecordedCluster::of_cases(&["silent"]);
    let (repository, _server) = cluster.clone().serve(needs_token);
    let api_server =
        Server::start(Some(certificate(folder.path())), move |request| needs_token(&cluster, request));
    write_environment(&repository, "  clusters: {workload: {}}\n");
    std::fs::write(folder.path().join("token"), "let-me-read").expect("a file");
    std::fs::write(folder.path().join("namespace"), "shop").expect("a file");
    std::fs::rename(folder.path().join("ca.pem"), folder.path().join("ca.crt")).expect("a file");
    let account = "/var/run/secrets/kubernetes.io/serviceaccount";
    let own_mounts = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-ec", script, "sh"]);
        command.arg(folder.path()).current_dir(repository.path());
        command
    };
    // The temporary folder may lie below what is hidden, so its files are read before.
    let mount = format!(
        "[ \"$(readlink -f /var/run)\" = /run ]; cd \"$1\"; token=$(cat token); ca=$(cat ca.crt); mount -t tmpfs none /run; mkdir -p {account}; cd {account}; echo \"$ca\" > ca.crt; printf %s \"$token\" > token; printf shop > namespace"
    );
    if !own_mounts(&mount).output().is_ok_and(|output| output.status.success()) {
        skipped("the system gives no namespace of mounts");
        return;
    }
    let program = repository.command();
    let script = format!(
        "{mount}; cd '{}'; exec '{}' check --env dev -o json",
        repository.path().display(),
        program.get_program().to_string_lossy()
    );
    let mut command = own_mounts(&script);
    command.env_clear().envs(program.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env_remove("KUBECONFIG");
    command
        .env("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        .env("KUBERNETES_SERVICE_PORT", api_server.port.to_string());
    let run = Run::of_command(&mut command);
    assert_eq!(run.status, 0, "{run}");
    assert!(!api_server.received().is_empty(), "the cluster of the pod was asked");
    assert!(!run.to_string().contains("let-me-read"), "{run}");
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// EKS tells the address and the authority of a cluster; the token is made here, and shown to the cluster alone.
#[test]
fn an_eks_cluster_is_reached_by_its_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cluster = RecordedCluster::of_cases(&["silent"]);
    let (repository, _server) = cluster.clone().serve(RecordedCluster::answer);
    let api_server = Server::start(Some(certificate(folder.path())), move |request| {
        match request.header("authorization") {
            Some(token) if token.starts_with("Bearer k8s-aws-v1.") => cluster.answer(request),
            _ => Answer::of_status(401, ""),
        }
    });
    let authority = std::fs::read(folder.path().join("ca.pem")).expect("a file");
    let authority = STANDARD.encode(authority);
    let description = serde_json::json!({"cluster": {"name": "shop", "status": "ACTIVE", "endpoint": api_server.address(),
        "certificateAuthority": {"data": authority}}});
    let eks = Server::start(None, move |request| match request.target.as_str() {
        "/clusters/shop" => Answer::ok(description.to_string()).with("content-type", "application/json"),
        _ => Answer::of_status(404, r#"{"message": "No cluster found"}"#)
            .with("x-amzn-errortype", "ResourceNotFoundException"),
    });
    for (name, status) in [("shop", 0), ("other", 1)] {
        let aws = format!(
            "  aws: {{accountId: \"111122223333\", region: eu-central-1, endpointUrl: \"http://127.0.0.1:{}\"}}\n  clusters: {{workload: {{eks: {{name: {name}}}}}}}\n",
            eks.port
        );
        write_environment(&repository, &aws);
        let mut command = repository.command();
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "never-show-this");
        let arguments = ["check", "--env", "dev", "--only", "kubernetes", "-o", "json"];
        let run = Run::of_command(command.args(arguments));
        assert_eq!(run.status, status, "{run}");
        assert!(!run.to_string().contains("never-show-this"), "{run}");
    }
}
