//! One job: its steps one after the other, each with the variables that a runner gives it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::expression::{self, Status};
use super::{Machine, read};

pub(super) struct Job<'a> {
    machine: &'a Machine,
    file: String,
    definition: &'a Value,
    contexts: Value,
    run: u64,
    folder: PathBuf,
    /// What steps have put into the environment of those that follow.
    environment: BTreeMap<String, String>,
    /// What steps have put before the path.
    path: Vec<String>,
    status: Status,
    pub(super) printed: String,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        machine: &'a Machine,
        workflow: &str,
        definition: &'a Value,
        contexts: &Value,
        run: u64,
    ) -> Job<'a> {
        let jobs = machine.path("jobs");
        let number = std::fs::read_dir(&jobs).expect("the folder of jobs").count();
        let folder = jobs.join(number.to_string());
        for name in ["workspace", "temp"] {
            std::fs::create_dir_all(folder.join(name)).expect("a folder");
        }
        let mut contexts = contexts.clone();
        contexts["runner"] = json!({"temp": folder.join("temp")});
        std::fs::write(folder.join("event.json"), contexts["github"]["event"].to_string()).expect("a file");
        Job {
            machine,
            file: format!("workflows/{workflow}"),
            definition,
            contexts,
            run,
            folder,
            environment: BTreeMap::new(),
            path: Vec::new(),
            status: Status::Success,
            printed: String::new(),
        }
    }

    pub(super) fn run(&mut self) {
        assert!(self.definition["env"].is_null(), "variables of jobs are not known here");
        let steps = self.definition["steps"].as_array().expect("steps").clone();
        let (file, mut contexts) = (self.file.clone(), self.contexts.clone());
        self.steps(&file, &steps, &mut contexts);
    }

    pub(super) fn is_success(&self) -> bool {
        self.status == Status::Success
    }

    pub(super) fn summary(&self) -> String {
        std::fs::read_to_string(self.folder.join("summary")).unwrap_or_default()
    }

    fn workspace(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    fn steps(&mut self, file: &str, steps: &[Value], contexts: &mut Value) {
        for step in steps {
            if !expression::holds(&step["if"], contexts, self.status) {
                continue;
            }
            let outputs = match step["uses"].as_str() {
                Some(used) => self.action(used, step, contexts),
                None => self.script(file, step, contexts),
            };
            match outputs {
                Ok(outputs) => {
                    if let Some(id) = step["id"].as_str() {
                        contexts["steps"][id] = json!({"outputs": outputs});
                    }
                }
                Err(()) => self.status = Status::Failure,
            }
        }
    }

    fn action(&mut self, used: &str, step: &Value, contexts: &Value) -> Result<Map<String, Value>, ()> {
        let given: BTreeMap<String, String> = step["with"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (name.clone(), expression::text(&text, contexts))
            })
            .collect();
        match used.split('@').next().expect("a name") {
            "actions/checkout" => self.check_out(&given),
            "actions/upload-artifact" => self.upload(&given),
            "actions/attest-build-provenance" => {
                let subject = given.get("subject-path").or(given.get("subject-digest")).expect("a subject");
                self.machine.attested.borrow_mut().push(subject.clone());
            }
            own if own.starts_with("./") => return self.composite(&own[2..], &given, contexts),
            other => panic!("the action `{other}` is not known here"),
        }
        Ok(Map::new())
    }

    /// Runs an action of the checkout.
    fn composite(
        &mut self,
        folder: &str,
        given: &BTreeMap<String, String>,
        contexts: &Value,
    ) -> Result<Map<String, Value>, ()> {
        let path = Path::new(folder).join("action.yml");
        let action = read(&self.workspace().join(&path));
        let mut inputs = Map::new();
        for (name, input) in action["inputs"].as_object().into_iter().flatten() {
            let default = || input["default"].as_str().map(|default| expression::text(default, contexts));
            let value = given.get(name).cloned().or_else(default);
            assert!(value.is_some() || input["required"] != true, "{folder} lacks its input {name}");
            inputs.insert(name.clone(), value.into());
        }
        for name in given.keys() {
            assert!(inputs.contains_key(name), "{folder} has no input {name}");
        }
        let mut own = contexts.clone();
        own["inputs"] = inputs.into();
        own["steps"] = json!({});
        let file = path.strip_prefix(".github").expect("an action of ours").display().to_string();
        let before = self.status;
        self.steps(&file, action["runs"]["steps"].as_array().expect("steps"), &mut own);
        if before != self.status {
            return Err(());
        }
        let outputs = action["outputs"].as_object().into_iter().flatten();
        let told = |value: &Value| expression::text(value["value"].as_str().expect("a value"), &own);
        Ok(outputs.map(|(name, output)| (name.clone(), told(output).into())).collect())
    }

    fn script(&mut self, file: &str, step: &Value, contexts: &Value) -> Result<Map<String, Value>, ()> {
        let name = step["name"].as_str().expect("a script has a name");
        self.machine.executed.borrow_mut().insert((file.to_owned(), name.to_owned()));
        let script = self.folder.join("step.sh");
        std::fs::write(&script, step["run"].as_str().expect("a script")).expect("a file");
        for file in ["output", "environment", "path"] {
            std::fs::write(self.folder.join(file), "").expect("a file");
        }
        let bin = self.machine.path("bin").display().to_string();
        let system = std::env::var("PATH").unwrap_or_default();
        let path: Vec<&str> =
            self.path.iter().rev().map(String::as_str).chain([bin.as_str(), system.as_str()]).collect();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&script);
        command.current_dir(self.workspace()).env_clear().envs(self.default_variables(contexts));
        command.env("PATH", path.join(":")).envs(&self.environment);
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, expression::text(value.as_str().expect("a text"), contexts));
        }
        let output = command.output().expect("bash starts");
        self.printed.push_str(&String::from_utf8_lossy(&output.stdout));
        self.printed.push_str(&String::from_utf8_lossy(&output.stderr));
        self.environment.extend(self.pairs("environment"));
        let added = std::fs::read_to_string(self.folder.join("path")).unwrap_or_default();
        self.path.extend(added.lines().map(str::to_owned));
        let outputs = self.pairs("output").into_iter().map(|(name, value)| (name, value.into())).collect();
        if output.status.success() { Ok(outputs) } else { Err(()) }
    }

    /// What a step has written as lines of `NAME=value`.
    fn pairs(&self, file: &str) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        text.lines().map(|line| pair(line).unwrap_or_else(|| panic!("`{line}` is no pair"))).collect()
    }

    fn default_variables(&self, contexts: &Value) -> BTreeMap<&'static str, String> {
        let github = |name: &str| expression::text(&format!("${{{{ github.{name} }}}}"), contexts);
        let file = |name: &str| self.folder.join(name).display().to_string();
        let mut variables = BTreeMap::from([
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_ACTOR", github("actor")),
            ("GITHUB_API_URL", github("api_url")),
            ("GITHUB_ENV", file("environment")),
            ("GITHUB_EVENT_NAME", github("event_name")),
            ("GITHUB_EVENT_PATH", file("event.json")),
            ("GITHUB_OUTPUT", file("output")),
            ("GITHUB_PATH", file("path")),
            ("GITHUB_REF_NAME", github("ref_name")),
            ("GITHUB_REPOSITORY", github("repository")),
            ("GITHUB_RUN_ATTEMPT", github("run_attempt")),
            ("GITHUB_RUN_ID", github("run_id")),
            ("GITHUB_RUN_NUMBER", github("run_id")),
            ("GITHUB_SERVER_URL", github("server_url")),
            ("GITHUB_SHA", github("sha")),
            ("GITHUB_STEP_SUMMARY", file("summary")),
            ("GITHUB_WORKSPACE", file("workspace")),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("HOME", self.machine.path("home").display().to_string()),
            ("RUNNER_TEMP", file("temp")),
            ("RUNNER_TOOL_CACHE", self.machine.path("tools").display().to_string()),
        ]);
        if self.definition["permissions"]["id-token"] == "write" {
            variables.insert("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "asks-for-identity".to_owned());
            variables.insert(
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                "https://identity.example/token?api-version=2".to_owned(),
            );
        }
        variables
    }

    /// Checks a commit out, with no more history than was asked for.
    fn check_out(&self, given: &BTreeMap<String, String>) {
        let workspace = self.workspace();
        let commit = self.contexts["github"]["sha"].as_str().expect("a commit").to_owned();
        let wanted = given.get("ref").cloned().unwrap_or(commit);
        let git = |arguments: &[&str]| self.machine.git(&workspace, arguments);
        git(&["init", "--quiet", "--initial-branch=none"]);
        git(&["remote", "add", "origin", &self.machine.origin()]);
        match given.get("fetch-depth").map(String::as_str) {
            Some("0") => git(&["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", &wanted]),
            _ => git(&["fetch", "--quiet", "--depth=1", "origin", &wanted]),
        };
        match wanted.strip_prefix("refs/heads/") {
            Some(branch) => git(&["checkout", "--quiet", "-B", branch, "FETCH_HEAD"]),
            None => git(&["checkout", "--quiet", "--detach", &wanted]),
        };
    }

    /// Keeps files as an artifact of the run: those of folders by their paths from it, others by their names.
    fn upload(&self, given: &BTreeMap<String, String>) {
        let artifact = self
            .machine
            .path("artifacts")
            .join(self.run.to_string())
            .join(given.get("name").expect("a name"));
        std::fs::create_dir_all(&artifact).expect("a folder");
        let paths = given.get("path").expect("a path").lines().map(str::trim).filter(|path| !path.is_empty());
        for path in paths.map(|path| self.workspace().join(path)).filter(|path| path.exists()) {
            let (from, to) = match path.is_dir() {
                true => (path.join("."), artifact.clone()),
                false => (path.clone(), artifact.join(path.file_name().expect("a name"))),
            };
            let copied = Command::new("cp").arg("-R").arg(&from).arg(&to).status().expect("cp starts");
            assert!(copied.success(), "{}", from.display());
        }
    }
}
