//! Every workflow of ours from its event to its end, and with it every script of every step: nothing is left that only a real
//! runner has executed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::double::{Faults, GitHubDouble, RepositoryState, TOKEN};
use crate::reports;
use crate::runner::{Event, Machine, REPOSITORY, Ran, Script};
use crate::workflows;

/// A repository that `plimsoll init` began, rendered.
fn begun(double: &GitHubDouble) -> Machine {
    double.put(REPOSITORY, RepositoryState::default());
    let machine = Machine::new(double);
    let clone = machine.path("clone");
    plimsoll(&clone, &["init"]);
    machine.push(&[], "begin");
    plimsoll(&clone, &["render", "--all"]);
    machine.push(&[], "push");
    machine.release("");
    machine
}

/// The program in the clone of somebody who works on the repository.
fn plimsoll(clone: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .current_dir(clone)
        .args(arguments)
        .env_clear()
        .envs([("GIT_AUTHOR_NAME", "S"), ("GIT_AUTHOR_EMAIL", "s@example.org")])
        .envs([("GIT_COMMITTER_NAME", "S"), ("GIT_COMMITTER_EMAIL", "s@example.org")])
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn edit(machine: &Machine, path: &str, from: &str, to: &str) -> String {
    let text = machine.file(&format!("clone/{path}"));
    assert!(text.contains(from), "{path} has no {from}");
    text.replace(from, to)
}

/// The pull request 7 from a branch, as its event tells it.
fn pull_request(machine: &Machine, branch: &'static str) -> Event {
    let clone = machine.path("clone");
    let commit = machine.git(&clone, &["rev-parse", branch]);
    let base = machine.git(&clone, &["rev-parse", "main"]);
    let payload = json!({"pull_request": {"number": 7, "head": {"sha": commit}, "base": {"sha": base}}});
    Event { name: "pull_request", payload, commit, branch }
}

/// The end of a run of `diff`, as the other half is told it.
fn workflow_run(machine: &Machine, ran: &Ran, head: &str) -> Event {
    let payload = json!({"workflow_run": {
        "id": ran.number, "event": "pull_request", "head_sha": head,
        "html_url": format!("https://github.example/o/r/actions/runs/{}", ran.number),
    }});
    let commit = machine.git(&machine.path("clone"), &["rev-parse", "main"]);
    Event { name: "workflow_run", payload, commit, branch: "main" }
}

/// A pull request is compared without a right to write, and commented by a job that runs nothing of it, through faults.
fn a_pull_request_gets_one_comment() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    let clone = machine.path("clone");
    machine.git(&clone, &["checkout", "--quiet", "-b", "change"]);
    let path = "base/app/deployment.yaml";
    let head = machine.push(&[(path, &edit(&machine, path, "replicas: 1", "replicas: 0"))], "scale down");
    machine.git(&clone, &["checkout", "--quiet", "main"]);
    machine.push(&[("notes.md", "unrelated\n")], "main moves on");

    let compared = machine.run("diff.yml", &pull_request(&machine, "change"));
    assert!(compared.is_success, "{}", compared.printed);
    assert!(compared.summary.contains("What changes: 1 changed"), "{}", compared.summary);
    assert!(double.repository(REPOSITORY).log.is_empty(), "the first half asks the API for nothing");

    for seed in 0..3 {
        let mut state = double.repository(REPOSITORY);
        state.pull_requests = vec![(6, "0".repeat(40), true), (7, head.clone(), true)];
        state.faults = Faults::short_of_seed(seed, 3, 60);
        double.put(REPOSITORY, state);
        let told = machine.run("diff-comment.yml", &workflow_run(&machine, &compared, &head));
        assert!(told.is_success, "{}", told.printed);
        assert!(!told.printed.contains(TOKEN));
    }
    let state = double.repository(REPOSITORY);
    let comments = state.own_comments();
    assert_eq!(comments.len(), 1, "{comments:#?}");
    assert_eq!(comments[0].issue, 7);
    let body = &comments[0].body;
    assert!(body.contains("### 1 changed in 1 of 1 environment, :warning: 1 risky"), "{body}");
    assert!(
        body.contains(&format!("[run](https://github.example/o/r/actions/runs/{})", compared.number)),
        "{body}"
    );

    let push = Event { name: "workflow_run", ..workflow_run(&machine, &compared, &head) };
    let of_push = Event { payload: json!({"workflow_run": {"event": "push", "id": 1}}), ..push };
    let before = double.repository(REPOSITORY).log.len();
    assert!(machine.run("diff-comment.yml", &of_push).is_success);
    assert_eq!(double.repository(REPOSITORY).log.len(), before, "other events are not for it");
    machine.executed.take()
}

/// What does not render fails the job and is told in the comment all the same.
fn a_pull_request_that_does_not_render_is_told() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    machine.git(&machine.path("clone"), &["checkout", "--quiet", "-b", "broken"]);
    let head = machine.push(&[("base/app/service.yaml", "kind: [\n")], "break");
    let compared = machine.run("diff.yml", &pull_request(&machine, "broken"));
    assert!(!compared.is_success, "{}", compared.printed);
    double.put(REPOSITORY, RepositoryState::with_pull_request(7, &head));
    let told = machine.run("diff-comment.yml", &workflow_run(&machine, &compared, &head));
    assert!(told.is_success, "{}", told.printed);
    let body = double.repository(REPOSITORY).own_comments()[0].body.clone();
    assert!(body.contains("### :x: 1 of 1 environment cannot be rendered"), "{body}");

    // A run without a report, such as one that was cancelled, has nothing to tell: that is a failure, and no comment.
    let none = Ran { number: 1, is_success: false, printed: String::new(), summary: String::new() };
    assert!(!machine.run("diff-comment.yml", &workflow_run(&machine, &none, &head)).is_success);
    assert_eq!(double.repository(REPOSITORY).own_comments().len(), 1);
    machine.executed.take()
}

/// Inputs that change on main are rendered and pushed; a push that somebody overtakes is rendered anew on theirs.
fn a_push_is_rendered_on_what_is_newest() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    let path = "base/app/deployment.yaml";
    let more = edit(&machine, path, "replicas: 1", "replicas: 3");
    let commit = machine.push(&[(path, &more)], "more replicas");
    machine
        .git(machine.path("clone").parent().expect("a folder"), &["clone", "--quiet", "origin.git", "other"]);
    let other = edit(&machine, "base/app/service.yaml", "port: 80\n", "port: 8080\n");
    std::fs::write(machine.path("service.yaml"), other).expect("a file");
    // While the program renders for the first time, somebody else changes another input.
    machine.release(
        "if [ \"$1\" = render ] && [ ! -e '@FORGE@/raced' ]; then\n\
         touch '@FORGE@/raced'\n\
         cp '@FORGE@/service.yaml' '@FORGE@/other/base/app/service.yaml'\n\
         git -C '@FORGE@/other' -c user.name=O -c user.email=o@example.org commit --quiet --all -m 'other port'\n\
         git -C '@FORGE@/other' push --quiet\nfi",
    );
    let push = || Event { name: "push", payload: json!({}), commit: commit.clone(), branch: "main" };
    let ran = machine.run("render.yml", &push());
    assert!(ran.is_success, "{}", ran.printed);
    assert!(!ran.printed.contains(TOKEN), "{}", ran.printed);
    let origin = machine.path("origin.git");
    let subjects = machine.git(&origin, &["log", "--format=%s", "-3", "main"]);
    assert!(subjects.ends_with("\nother port\nmore replicas"), "{subjects}");
    let rendered = machine.git(
        &origin,
        &["grep", "--no-line-number", "-hE", "replicas: 3|port: 8080", "main", "--", "environments"],
    );
    assert_eq!(rendered.lines().count(), 2, "{rendered}");
    let author = machine.git(&origin, &["log", "--format=%an <%ae>", "-1", "main"]);
    assert_eq!(author, "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>");

    let tip = machine.git(&origin, &["rev-parse", "main"]);
    assert!(machine.run("render.yml", &push()).is_success);
    assert_eq!(machine.git(&origin, &["rev-parse", "main"]), tip, "there was nothing to do");
    machine.executed.take()
}

/// `plimsoll check` of one shard, which needs clusters, is played: its report is the file of its shard. All else is real.
const PLAYED_CHECK: &str = "if [ \"$1\" = check ]; then\n\
    [ \"$AWS_ROLE_ARN\" = arn:aws:iam::111122223333:role/drift ]\n\
    [ \"$(cat \"$AWS_WEB_IDENTITY_TOKEN_FILE\")\" = a-web-identity ]\n\
    [ \"$(cat \"$KUBECONFIG\")\" = a-kubeconfig ]\n\
    while [ \"$1\" != --shard ]; do shift; done\n\
    shard=\"$2\" run=\"$4\"; [ -e \"@FORGE@/shard-${shard%%/*}.json\" ] || exit 1; eval \"report=\\${$#}\"\n\
    sed \"s/THE-RUN/$run/\" \"@FORGE@/shard-${shard%%/*}.json\" >\"${report#json=}\"\n\
    exit \"$(cat '@FORGE@/check-status')\"\nfi";

/// The forge's service of identities, as its `curl` call sees it.
const IDENTITY: &str = "case \"$*\" in\n\
    *'Authorization: bearer asks-for-identity https://identity.example/token?api-version=2&audience=sts.amazonaws.com')\n\
    echo '{\"value\": \"a-web-identity\"}' ;;\n*) echo \"curl: $*\" >&2; exit 22 ;;\nesac\n";

/// Shards are checked with credentials of their own, joined, and kept as one issue, through faults; a lost shard closes nothing.
fn drift_opens_and_closes_one_issue() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    machine.release(PLAYED_CHECK);
    machine.stand_in("curl", IDENTITY);
    let commit = machine.git(&machine.path("clone"), &["rev-parse", "main"]);
    let schedule = || Event { name: "schedule", payload: json!({}), commit: commit.clone(), branch: "main" };
    let idle = machine.run("drift-check.yml", &schedule());
    assert!(
        idle.is_success && idle.printed.is_empty(),
        "without a role nothing is checked: {}",
        idle.printed
    );

    machine
        .variables
        .borrow_mut()
        .insert("PLIMSOLL_DRIFT_ROLE".to_owned(), json!("arn:aws:iam::111122223333:role/drift"));
    machine.secrets.borrow_mut().insert("PLIMSOLL_KUBECONFIG".to_owned(), json!("a-kubeconfig"));
    let check = |status: u8, shards: [Option<Value>; 2], seed: u64| {
        for (index, shard) in (1..).zip(shards) {
            let path = machine.path(&format!("shard-{index}.json"));
            match shard {
                Some(mut report) => {
                    report["shard"] = json!({"index": index, "of": 2, "run": "THE-RUN"});
                    std::fs::write(path, report.to_string()).expect("a report");
                }
                None => drop(std::fs::remove_file(path)),
            }
        }
        std::fs::write(machine.path("check-status"), status.to_string()).expect("a status");
        let mut state = double.repository(REPOSITORY);
        state.faults = Faults::short_of_seed(seed, 2, 50);
        double.put(REPOSITORY, state);
        machine.run("drift-check.yml", &schedule())
    };
    let issue = || {
        let issues = double.repository(REPOSITORY).issues;
        assert_eq!(issues.len(), 1, "{issues:#?}");
        issues[0].clone()
    };

    let drifted = check(2, [Some(reports::drift(&["web"], &[])), Some(reports::drift(&[], &[]))], 1);
    assert!(drifted.is_success, "{}", drifted.printed);
    assert!(drifted.summary.contains("langfuse/web"), "{}", drifted.summary);
    assert!(issue().is_open && issue().body.contains("langfuse/web"), "{}", issue().body);
    let metrics = machine.file(&format!("artifacts/{}/drift/plimsoll.prom", drifted.number));
    assert!(
        metrics.contains("plimsoll_drifted_resources{environment=\"dev\",severity=\"medium\"} 1"),
        "{metrics}"
    );
    for secret in ["a-web-identity", "a-kubeconfig", "asks-for-identity", TOKEN] {
        assert!(!drifted.printed.contains(secret), "{secret}");
    }

    let lost = check(0, [Some(reports::drift(&[], &[])), None], 2);
    assert!(!lost.is_success, "a shard that fails fails the run: {}", lost.printed);
    assert!(
        issue().is_open && issue().body.contains("The check is incomplete"),
        "{}\n{}",
        lost.printed,
        issue().body
    );

    let clean = check(0, [Some(reports::drift(&[], &[])), Some(reports::drift(&[], &[]))], 3);
    assert!(clean.is_success, "{}", clean.printed);
    assert!(!issue().is_open);

    let back = check(2, [Some(reports::drift(&[], &[])), Some(reports::drift(&["web"], &[]))], 4);
    assert!(back.is_success && issue().is_open, "{}", back.printed);

    let failed = check(1, [None, None], 5);
    assert!(!failed.is_success && issue().is_open, "{}", failed.printed);
    machine.executed.take()
}

/// `cargo`, as far as a release needs it.
const CARGO: &str = "echo \"cargo $*\" >>'@FORGE@/cargo.log'\n\
    case \"$1\" in\n\
    metadata) echo '{\"packages\": [{\"name\": \"plimsoll\", \"version\": \"1.2.3\"}]}' ;;\n\
    build) mkdir -p target/dist target/release\n\
      printf '#!/bin/sh\\necho built\\n' >target/dist/plimsoll; chmod +x target/dist/plimsoll\n\
      cp target/dist/plimsoll target/release/ ;;\n\
    cyclonedx) echo '{\"bomFormat\": \"CycloneDX\"}' >plimsoll.json ;;\n\
    install) ;;\n\
    *) exit 1 ;;\n\
    esac\n";

/// `docker`, as far as an image needs it.
const DOCKER: &str = "echo \"docker $*\" >>'@FORGE@/docker.log'\n\
    case \"$1 $2\" in\n\
    'login ghcr.io') [ \"$(cat)\" = token-of-the-double ] ;;\n\
    'buildx create') ;;\n\
    'buildx build') cp Dockerfile '@FORGE@/Dockerfile'; ls amd64/plimsoll arm64/plimsoll >/dev/null\n\
      echo '{\"containerimage.digest\": \"sha256:0123\"}' >metadata.json ;;\n\
    *) exit 1 ;;\n\
    esac\n";

/// A tag becomes archives with sums and bills of materials in a draft, and an image; another tag than the version's becomes nothing.
fn a_tag_becomes_a_draft_and_an_image() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    machine.stand_in("cargo", CARGO);
    machine.stand_in("docker", DOCKER);
    let commit = machine.git(&machine.path("clone"), &["rev-parse", "main"]);
    let tag =
        |name: &'static str| Event { name: "push", payload: json!({}), commit: commit.clone(), branch: name };
    let wrong = machine.run("release.yml", &tag("v9.9.9"));
    assert!(
        !wrong.is_success && wrong.printed.contains("::error::the tag is not v1.2.3"),
        "{}",
        wrong.printed
    );
    assert!(!machine.path("released").exists());

    let ran = machine.run("release.yml", &tag("v1.2.3"));
    assert!(ran.is_success, "{}", ran.printed);
    let released = machine.path("released");
    for target in ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] {
        for name in [format!("plimsoll-{target}.tar.gz"), format!("plimsoll-{target}.cdx.json")] {
            assert!(released.join(&name).is_file(), "{name}");
        }
        let sums = Command::new("sha256sum")
            .current_dir(&released)
            .args(["--check", "--quiet", "--strict", &format!("plimsoll-{target}.sha256")])
            .status()
            .expect("sha256sum starts");
        assert!(sums.success(), "{target}");
    }
    let archives = ["x86_64", "aarch64"].map(|target| {
        std::fs::read(released.join(format!("plimsoll-{target}-unknown-linux-gnu.tar.gz")))
            .expect("an archive")
    });
    assert!(archives[0] == archives[1], "the same program makes the same archive, whenever it is packed");
    assert!(machine.file("released.log").contains("--draft\n"), "a person publishes it");
    assert!(machine.file("Dockerfile").contains("nonroot"));
    let docker = machine.file("docker.log");
    assert!(docker.contains("--tag ghcr.io/o/r:v1.2.3 ") && !docker.contains(TOKEN), "{docker}");
    let attested = machine.attested.take();
    assert_eq!(
        attested,
        ["dist/*", "dist/*", "sha256:0123"],
        "archives of both, and the image by its digest"
    );
    machine.executed.take()
}

/// What runs on every push is `.ci/run`, and its failure is the job's.
fn continuous_integration_runs_what_everybody_runs() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    machine.stand_in("go", "echo \"go $*\" >>'@FORGE@/go.log'\n");
    machine.stand_in("sudo", "true\n");
    let push = |script: &str| {
        let commit = machine.push(&[(".ci/run", script)], "ci");
        machine.run("ci.yml", &Event { name: "push", payload: json!({}), commit, branch: "main" })
    };
    let ran = push("echo it runs\n");
    assert!(ran.is_success && ran.printed == "it runs\n", "{}", ran.printed);
    assert!(machine.file("go.log").contains("GOTOOLCHAIN=go1.26"), "{}", machine.file("go.log"));
    assert!(!push("exit 3\n").is_success);
    machine.executed.take()
}

/// Every night runs all tests, those too that are left out on a push, and compares other kustomizations than the night before.
fn a_night_tests_everything_and_compares_new_kustomizations() -> BTreeSet<Script> {
    let double = GitHubDouble::start();
    let machine = begun(&double);
    machine.stand_in("go", "true\n");
    machine.stand_in("sudo", "true\n");
    machine.stand_in("cargo", "echo \"cargo $*\" >>'@FORGE@/cargo.log'\n");
    let commit = machine.push(&[(".ci/run", "cargo xtask test \"with $PLIMSOLL_WITH\"\n")], "ci");
    let night = || Event { name: "schedule", payload: json!({}), commit: commit.clone(), branch: "main" };
    let numbers = [machine.run("nightly.yml", &night()), machine.run("nightly.yml", &night())].map(|ran| {
        assert!(ran.is_success, "{}", ran.printed);
        ran.number
    });
    let expected = numbers.map(|number| {
        let seed = number * 2000;
        // The jobs of a workflow do not wait for each other; here they run in the order of their names.
        format!(
            "cargo xtask test with argo-cd\ncargo xtask fuzz --seconds 600\ncargo xtask properties --cases 2000 --seed {seed}\n"
        )
    });
    assert_eq!(machine.file("cargo.log"), expected.concat());
    machine.executed.take()
}

#[test]
fn every_workflow_does_what_it_is_for_and_every_script_is_executed() {
    let scenarios: [fn() -> BTreeSet<Script>; 7] = [
        a_pull_request_gets_one_comment,
        a_pull_request_that_does_not_render_is_told,
        a_push_is_rendered_on_what_is_newest,
        drift_opens_and_closes_one_issue,
        a_tag_becomes_a_draft_and_an_image,
        continuous_integration_runs_what_everybody_runs,
        a_night_tests_everything_and_compares_new_kustomizations,
    ];
    let executed: BTreeSet<Script> = std::thread::scope(|scope| {
        let started: Vec<_> = scenarios.map(|scenario| scope.spawn(scenario)).into_iter().collect();
        started
            .into_iter()
            .flat_map(|one| one.join().unwrap_or_else(|error| std::panic::resume_unwind(error)))
            .collect()
    });
    let ours: BTreeSet<Script> = workflows::documents()
        .iter()
        .flat_map(|(path, _, document)| {
            let file = path.strip_prefix(".github/").expect("below").to_owned();
            let names = workflows::steps(document).into_iter().filter(|step| step["run"].is_string());
            names
                .map(move |step| (file.clone(), step["name"].as_str().unwrap_or("without a name").to_owned()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(ours.difference(&executed).collect::<Vec<_>>(), Vec::<&Script>::new(), "never executed");
}
