//! Our actions and workflows: linted, held to our own rules, and their scripts executed as a runner would, against the double.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::double::{GitHubDouble, RepositoryState, TOKEN};
use crate::reports::{self, HEAD};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every action and workflow, with what it says.
fn documents() -> Vec<(String, String, Value)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(root().join(".github/workflows")).expect("workflows").flatten() {
        paths.push(entry.path());
    }
    for entry in std::fs::read_dir(root().join(".github/actions")).expect("actions").flatten() {
        paths.push(entry.path().join("action.yml"));
    }
    paths.sort();
    let read = paths.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).expect("a file of ours");
        let value = serde_yaml::from_str(&text).expect("YAML of ours");
        (path.strip_prefix(root()).expect("below").display().to_string(), text, value)
    });
    read.collect()
}

/// The steps of an action, or of all jobs of a workflow.
fn steps(document: &Value) -> Vec<&Value> {
    let of_jobs =
        document["jobs"].as_object().into_iter().flat_map(|jobs| jobs.values()).map(|job| &job["steps"]);
    let all = of_jobs.chain([&document["runs"]["steps"]]);
    all.filter_map(Value::as_array).flatten().collect()
}

#[test]
fn scripts_get_inputs_by_variables_and_actions_are_pinned() {
    let pinned = regex::Regex::new(r"^[A-Za-z0-9_./-]+@[0-9a-f]{40}$").expect("a pattern");
    let mut broken = Vec::new();
    for (path, text, document) in documents() {
        if path.contains("workflows") {
            if document["permissions"] != serde_json::json!({}) {
                broken.push(format!("{path}: permissions are not empty at the top"));
            }
            for (name, job) in document["jobs"].as_object().expect("jobs") {
                if !job["permissions"].is_object() || !job["timeout-minutes"].is_number() {
                    broken.push(format!("{path}: {name} has no permissions or no limit of time"));
                }
            }
            if document["concurrency"].is_null() {
                broken.push(format!("{path}: no concurrency group"));
            }
        }
        for step in steps(&document) {
            if let Some(script) = step["run"].as_str() {
                if script.contains("${{") {
                    broken.push(format!("{path}: an expression in a script: {script}"));
                }
                if script.trim_end().contains('\n') && !script.starts_with("set -euo pipefail\n") {
                    broken.push(format!("{path}: a script that does not stop at errors: {script}"));
                }
            }
            if let Some(used) = step["uses"].as_str() {
                if !used.starts_with("./") && !pinned.is_match(used) {
                    broken.push(format!("{path}: `{used}` is not pinned"));
                }
                if used.starts_with("actions/checkout@")
                    && step["with"]["persist-credentials"] != Value::Bool(false)
                {
                    broken.push(format!("{path}: a checkout keeps its credentials"));
                }
            }
        }
        if text.contains("pull_request_target") {
            broken.push(format!("{path}: pull_request_target"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[expect(clippy::print_stderr, reason = "what is skipped is told loudly")]
fn peer(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: {variable} is not set, workflows are not linted by it");
    }
    path
}

#[test]
fn actionlint_finds_nothing() {
    let Some(actionlint) = peer("PLIMSOLL_PEER_ACTIONLINT") else { return };
    let output =
        Command::new(actionlint).current_dir(root()).arg("-no-color").output().expect("actionlint starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn zizmor_finds_nothing() {
    let Some(zizmor) = peer("PLIMSOLL_PEER_ZIZMOR") else { return };
    let arguments = ["--offline", "--no-progress", "--quiet", "--min-severity", "medium", ".github"];
    let output = Command::new(zizmor).current_dir(root()).args(arguments).output().expect("zizmor starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A runner as far as scripts see it.
struct FakeRunner {
    folder: tempfile::TempDir,
}

impl FakeRunner {
    fn new() -> FakeRunner {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["bin", "temp", "tools"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let program = Path::new(env!("CARGO_BIN_EXE_plimsoll"));
        std::os::unix::fs::symlink(program, folder.path().join("bin/plimsoll")).expect("a link");
        FakeRunner { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    /// A program that stands in the runner's path before all others.
    fn stand_in(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join("bin").join(name);
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, format!("#!/bin/sh\n{script}")).expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it can be started");
    }

    /// Runs the script of a step as a runner does, with these variables; gives the status and what it printed.
    fn run(&self, file: &str, step: &str, variables: &[(&str, &str)]) -> (i32, String) {
        let text = std::fs::read_to_string(root().join(".github").join(file)).expect("a file of ours");
        let document: Value = serde_yaml::from_str(&text).expect("YAML of ours");
        let found = steps(&document).into_iter().find(|one| one["name"] == step).expect("the step is there");
        let declared = found["env"].as_object().expect("variables");
        for (name, _) in
            variables.iter().filter(|(name, _)| !name.starts_with("RUNNER_") && *name != "GITHUB_API_URL")
        {
            assert!(declared.contains_key(*name), "{file}: {step} does not declare {name}");
        }
        let script = self.path().join("step.sh");
        std::fs::write(&script, found["run"].as_str().expect("a script")).expect("a file");
        let bin = self.path().join("bin");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&script)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", self.path().join("output"))
            .env("GITHUB_PATH", self.path().join("path"))
            .env("GITHUB_ENV", self.path().join("env"))
            .env("GITHUB_STEP_SUMMARY", self.path().join("summary"))
            .env("RUNNER_TEMP", self.path().join("temp"))
            .env("RUNNER_TOOL_CACHE", self.path().join("tools"))
            .envs(variables.iter().copied())
            .output()
            .expect("bash starts");
        let printed = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&printed).into_owned())
    }
}

#[test]
fn the_comment_action_writes_one_comment() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::with_pull_request(7, HEAD));
    let runner = FakeRunner::new();
    let report = reports::write(runner.path(), "a report.json", &reports::diff());
    let from = format!("{}\n", report.display());
    let url = double.url();
    let variables = [
        ("GITHUB_TOKEN", TOKEN),
        ("FROM", from.as_str()),
        ("HEAD_SHA", HEAD),
        ("DETAILS_URL", "https://github.example/o/r/actions/runs/1"),
        ("ARTIFACT", "diff"),
        ("REPOSITORY", "o/r"),
        ("GITHUB_API", url.as_str()),
    ];
    for expected in ["created", "unchanged"] {
        let (status, printed) = runner.run("actions/diff-comment/action.yml", "Comment", &variables);
        assert_eq!(status, 0, "{printed}");
        assert!(
            runner.file("output").contains(&format!("comment={expected}\n")),
            "{}",
            runner.file("output")
        );
    }
    assert_eq!(double.repository("o/r").own_comments().len(), 1);
    assert!(runner.file("summary").contains("3 changed in 2 of 2 environments"));
}

#[test]
fn the_publish_step_opens_one_issue() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::default());
    let runner = FakeRunner::new();
    reports::write(runner.path(), "drift.json", &reports::drift(&["web"], &[]));
    let url = double.url();
    let variables = [("GITHUB_TOKEN", TOKEN), ("GITHUB_API", url.as_str()), ("REPOSITORY", "o/r")];
    for _ in 0..2 {
        let (status, printed) = runner.run("workflows/drift-check.yml", "Publish", &variables);
        assert_eq!(status, 0, "{printed}");
    }
    assert_eq!(double.repository("o/r").issues.len(), 1);
    assert!(runner.file("output").contains("drifted=true\n"));
    assert!(runner.file("plimsoll.prom").contains("plimsoll_drifted_resources"));
}

#[test]
fn drift_is_an_answer_of_the_check_action_and_a_failure_is_none() {
    let runner = FakeRunner::new();
    let variables =
        [("ENVIRONMENTS", "dev staging"), ("SHARD", "1/2"), ("RUN", "9-1"), ("REPORT", "drift.json")];
    for (status, expected) in [(0, 0), (2, 0), (3, 0), (1, 1), (64, 64)] {
        runner.stand_in("plimsoll", &format!("echo \"$@\"\nexit {status}\n"));
        let (got, printed) = runner.run("actions/drift-check/action.yml", "Check", &variables);
        assert_eq!(got, expected, "{printed}");
        assert_eq!(
            printed,
            "check --env dev --env staging --shard 1/2 --run 9-1 -o text -o json=drift.json\n"
        );
    }
    assert_eq!(
        runner.file("output"),
        "status=0\nreport-path=drift.json\nstatus=2\nreport-path=drift.json\nstatus=3\nreport-path=drift.json\n"
    );
}

#[test]
fn the_render_action_renders_again_when_it_is_overtaken() {
    let runner = FakeRunner::new();
    let git = |folder: &Path, arguments: &[&str]| {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
        let output = Command::new("git")
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(identity)
            .args(arguments)
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let remote = runner.path().join("remote.git");
    git(runner.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
    git(runner.path(), &["init", "--quiet", "--initial-branch=main", "."]);
    git(runner.path(), &["commit", "--quiet", "--allow-empty", "--message", "inputs"]);
    git(runner.path(), &["remote", "add", "origin", remote.to_str().expect("UTF-8")]);
    git(runner.path(), &["push", "--quiet", "origin", "main"]);
    // The stand-in commits a file, and the first time somebody else pushes in between.
    runner.stand_in(
        "plimsoll",
        "echo \"$@\" >>\"$HOME/calls\"\n\
         if [ ! -e \"$HOME/raced\" ]; then\n  touch \"$HOME/raced\"\n  git clone --quiet \"$HOME/remote.git\" \"$HOME/other\"\n  \
         git -C \"$HOME/other\" -c user.name=O -c user.email=o@example.org commit --quiet --allow-empty -m other\n  \
         git -C \"$HOME/other\" push --quiet origin main\nfi\n\
         echo x >>rendered\ngit add rendered\ngit commit --quiet -m rendered\n",
    );
    let variables =
        [("ENVIRONMENTS", ""), ("TOKEN", TOKEN), ("BRANCH", "main"), ("SERVER", "https://github.example")];
    let (status, printed) = runner.run("actions/render/action.yml", "Render", &variables);
    assert_eq!(status, 0, "{printed}");
    assert_eq!(runner.file("output"), "changed=true\n");
    assert_eq!(runner.file("calls"), "render --all\nrender --all\n");
    let subjects = git(&remote, &["log", "--format=%s", "main"]);
    assert_eq!(subjects, "rendered\nother\ninputs\n");
    assert!(!printed.contains(TOKEN), "{printed}");
}

#[test]
fn the_binary_of_the_cache_is_used_only_if_its_sum_is_right() {
    let runner = FakeRunner::new();
    let archive = runner.path().join("archive.tar.gz");
    std::fs::write(runner.path().join("plimsoll"), "#!/bin/sh\necho it runs\n").expect("a program");
    let packed = Command::new("tar")
        .current_dir(runner.path())
        .args(["--create", "--gzip", "--file", "archive.tar.gz", "plimsoll"])
        .status()
        .expect("tar starts");
    assert!(packed.success());
    let sum = Command::new("sha256sum").arg(&archive).output().expect("sha256sum starts").stdout;
    let sum = String::from_utf8_lossy(&sum)[..64].to_owned();
    let machine = Command::new("uname").arg("-m").output().expect("uname starts").stdout;
    let name = format!("plimsoll-{}-unknown-linux-gnu.tar.gz", String::from_utf8_lossy(&machine).trim());
    let wrong = "0".repeat(64);
    for sum in [&sum, &wrong] {
        let folder = runner.path().join("tools/plimsoll").join(format!("v1.2.3-{sum}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::copy(&archive, folder.join(&name)).expect("a copy");
    }
    let install = |version: &str, sum: &str| {
        let variables = [("VERSION", version), ("SHA256", sum), ("REPOSITORY", "o/r"), ("GH_TOKEN", TOKEN)];
        runner.run("actions/setup-plimsoll/action.yml", "Install", &variables)
    };
    let (status, printed) = install("v1.2.3", &sum);
    assert_eq!(status, 0, "{printed}");
    assert!(runner.file("path").trim().ends_with(&format!("v1.2.3-{sum}/bin")), "{}", runner.file("path"));
    let (status, printed) = install("v1.2.3", &wrong);
    assert_ne!(status, 0, "{printed}");
    for (version, sum) in [("../x", sum.as_str()), ("v1.2.3", ""), ("", "")] {
        let (status, printed) = install(version, sum);
        assert_eq!(status, 1, "{printed}");
        assert!(printed.contains("::error title=plimsoll::"), "{printed}");
    }
    assert_eq!(runner.file("path").lines().count(), 1, "only what was verified is on the path");
}
