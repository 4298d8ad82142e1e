//! A runner for workflows, as far as ours need one: jobs, matrices, conditions, composite actions, artifacts, and the files that
//! steps write for the runner. Scripts are executed by the real shell with the real program; a bare repository on disk stands
//! in for the forge's, the double for its API, and small programs for `gh`. Attestations are only noted: they need the forge's
//! own signing service.

mod expression;
mod job;
mod programs;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::double::{GitHubDouble, TOKEN};
use job::Job;

/// The repository of all workflows.
pub(crate) const REPOSITORY: &str = "o/r";

/// A script, by the file and the name of its step.
pub(crate) type Script = (String, String);

/// The forge as workflows see it: repository, artifacts, runners.
pub(crate) struct Machine {
    folder: tempfile::TempDir,
    api: String,
    runs: Cell<u64>,
    /// `vars` of the repository.
    pub(crate) variables: RefCell<Map<String, Value>>,
    /// `secrets` of the repository.
    pub(crate) secrets: RefCell<Map<String, Value>>,
    /// Every script that was executed.
    pub(crate) executed: RefCell<BTreeSet<Script>>,
    /// What was attested.
    pub(crate) attested: RefCell<Vec<String>>,
}

/// What starts a workflow.
pub(crate) struct Event {
    pub(crate) name: &'static str,
    /// The payload, as the forge sends it.
    pub(crate) payload: Value,
    /// The commit that is checked out where nothing else is said.
    pub(crate) commit: String,
    pub(crate) branch: &'static str,
}

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) number: u64,
    /// Whether every job that ran ended well.
    pub(crate) is_success: bool,
    /// What all jobs printed.
    pub(crate) printed: String,
    /// What all jobs wrote into their summary.
    pub(crate) summary: String,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Machine {
    /// A forge with an empty repository.
    pub(crate) fn new(double: &GitHubDouble) -> Machine {
        let machine = Machine {
            folder: tempfile::tempdir().expect("a folder"),
            api: double.url(),
            runs: Cell::new(40),
            variables: RefCell::default(),
            secrets: RefCell::default(),
            executed: RefCell::default(),
            attested: RefCell::default(),
        };
        for name in ["bin", "artifacts", "tools", "home", "jobs"] {
            std::fs::create_dir(machine.path(name)).expect("a folder");
        }
        machine.git(
            machine.folder.path(),
            &["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"],
        );
        // As forges do, so that a commit can be fetched by its name.
        machine.git(&machine.path("origin.git"), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        machine.git(machine.folder.path(), &["clone", "--quiet", &machine.origin(), "clone"]);
        machine.stand_in("gh", programs::GH);
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn origin(&self) -> String {
        format!("file://{}", self.path("origin.git").display())
    }

    /// Runs Git as somebody who works on the repository.
    pub(crate) fn git(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(folder)
            .args(["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Writes files into the clone, commits them on its branch, pushes, and gives the commit.
    pub(crate) fn push(&self, files: &[(&str, &str)], message: &str) -> String {
        let clone = self.path("clone");
        for (path, text) in files {
            let path = clone.join(path);
            std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self.git(&clone, &["add", "--all"]);
        self.git(&clone, &["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&clone, &["push", "--quiet", "--set-upstream", "origin", "HEAD"]);
        self.git(&clone, &["rev-parse", "HEAD"])
    }

    /// A program that stands before all others in the path of every job.
    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let script = script.replace("@FORGE@", &self.folder.path().display().to_string());
        let path = self.path("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\nset -eu\n{script}")).expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it can be started");
    }

    /// Puts a release into the cache that runners keep, and names it in the repository's variables. It runs the program that is
    /// tested, after `before`.
    pub(crate) fn release(&self, before: &str) {
        let folder = self.path("release");
        let _ = std::fs::create_dir(&folder);
        let program =
            format!("#!/bin/sh\nset -eu\n{before}\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_plimsoll"));
        let program = program.replace("@FORGE@", &self.folder.path().display().to_string());
        std::fs::write(folder.join("plimsoll"), program).expect("a program");
        let archive = format!("plimsoll-{}-unknown-linux-gnu.tar.gz", std::env::consts::ARCH);
        let pack = ["--create", "--gzip", "--mode=755", "--file", &archive, "plimsoll"];
        let packed = Command::new("tar").current_dir(&folder).args(pack).status().expect("tar starts");
        assert!(packed.success());
        let sum = Command::new("sha256sum").arg(folder.join(&archive)).output().expect("it starts").stdout;
        let sum = String::from_utf8_lossy(&sum)[..64].to_owned();
        let kept = self.path("tools/plimsoll").join(format!("v1.2.3-{sum}"));
        std::fs::create_dir_all(&kept).expect("a folder");
        std::fs::copy(folder.join(&archive), kept.join(&archive)).expect("a copy");
        let mut variables = self.variables.borrow_mut();
        variables.insert("PLIMSOLL_VERSION".to_owned(), json!("v1.2.3"));
        variables.insert("PLIMSOLL_SHA256".to_owned(), json!(sum));
    }

    /// Runs a workflow of ours, every job in its order.
    pub(crate) fn run(&self, workflow: &str, event: &Event) -> Ran {
        self.run_document(workflow, &read(&root().join(".github/workflows").join(workflow)), event)
    }

    /// Runs a workflow that lies nowhere.
    pub(crate) fn run_document(&self, workflow: &str, document: &Value, event: &Event) -> Ran {
        self.runs.set(self.runs.get() + 1);
        let number = self.runs.get();
        let (mut printed, mut summary, mut is_success) = (String::new(), String::new(), true);
        let mut needs = Map::new();
        for (name, definition) in document["jobs"].as_object().expect("jobs") {
            let mut contexts = self.contexts(number, event, &needs);
            let before = definition["needs"].as_str().and_then(|needed| needs.get(needed));
            let is_held_up = before.is_some_and(|needed| needed["result"] != "success");
            let status = if is_held_up { expression::Status::Failure } else { expression::Status::Success };
            if !expression::holds(&definition["if"], &contexts, status) {
                needs.insert(name.clone(), json!({"result": "skipped"}));
                continue;
            }
            let mut result = "success";
            for (index, matrix) in matrices(&definition["strategy"]["matrix"]).into_iter().enumerate() {
                contexts["matrix"] = matrix;
                contexts["strategy"] = json!({"job-index": index});
                let mut job = Job::new(self, workflow, definition, &contexts, number);
                job.run();
                printed.push_str(&job.printed);
                summary.push_str(&job.summary());
                if !job.is_success() {
                    result = "failure";
                    is_success = false;
                }
            }
            needs.insert(name.clone(), json!({"result": result}));
        }
        Ran { number, is_success, printed, summary }
    }

    fn contexts(&self, number: u64, event: &Event, needs: &Map<String, Value>) -> Value {
        json!({
            "github": {
                "token": TOKEN, "repository": REPOSITORY, "api_url": self.api, "server_url": "https://github.example",
                "run_id": number, "run_attempt": 1, "sha": event.commit, "event_name": event.name,
                "ref": format!("refs/heads/{}", event.branch), "ref_name": event.branch, "event": event.payload,
                "actor": "somebody",
            },
            "vars": *self.variables.borrow(), "secrets": *self.secrets.borrow(), "needs": needs,
            "inputs": {}, "steps": {}, "matrix": {}, "strategy": {}, "runner": {},
        })
    }
}

/// The jobs that a matrix stands for: one where there is none.
fn matrices(matrix: &Value) -> Vec<Value> {
    let Some(matrix) = matrix.as_object() else { return vec![json!({})] };
    let [(key, values)] = matrix.iter().collect::<Vec<_>>()[..] else {
        panic!("a matrix of one list is known")
    };
    let values = values.as_array().expect("a list");
    match key.as_str() {
        "include" => values.clone(),
        key => values.iter().map(|value| json!({key: value})).collect(),
    }
}
