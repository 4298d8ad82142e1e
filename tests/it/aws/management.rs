//! `check` beside an account and a management cluster: what Git says, what the cluster says and what AWS says as one story.
//!
//! The cluster has what Git declares and what `objects.yaml` adds. A case of `tests/corpus/drift-management/cases` changes objects,
//! refuses paths, takes steps in the account; beside it stands what the report then says. A snapshot says the same.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::account::Step;
use super::{NEVER, account, outline, steps};
use crate::support::object_cluster::{ObjectCluster, kubeconfig};
use crate::support::{Run, TemporaryRepository, expected, files_below};

/// What a case changes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Case {
    account: Vec<Step>,
    cluster: Vec<Change>,
    refused: BTreeMap<String, u16>,
    unreachable: bool,
    arguments: Vec<String>,
}

/// A change of an object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    kind: String,
    name: String,
    #[serde(default)]
    merge: Value,
    #[serde(default)]
    gone: bool,
}

#[test]
fn git_the_management_cluster_and_aws_are_one_story() {
    let Some(mut account) = account() else { return };
    let corpus = expected::package().join("tests/corpus/drift-management");
    let repository = TemporaryRepository::with(&corpus.join("repository"));
    let baseline = steps(&corpus.join("account.yaml"));
    let objects = objects(&corpus);
    let mut wrong = Vec::new();
    for file in expected::entries("drift-management/cases") {
        if file.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("the corpus can be read");
        let case: Case =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        account.empty();
        account.take(&baseline);
        account.take(&case.account);
        let mut cluster = ObjectCluster::of(objects.clone());
        case.cluster.iter().for_each(|change| change.of(&mut cluster.objects));
        cluster.refused = case.refused;
        let port = if case.unreachable { 9 } else { cluster.serve().port };
        let kubeconfig = kubeconfig(repository.path(), port);
        let run = |arguments: &[&str]| {
            let mut command = repository.command();
            account.show_to(&mut command);
            command.env("KUBECONFIG", &kubeconfig).args(arguments);
            Run::of_command(command.args(&case.arguments))
        };
        let checked = run(&["check", "--env", "lab", "-o", "json"]);
        let said = told(&checked);
        let taken = run(&["snapshot", "--env", "lab", "--to", "live.json"]);
        let again = run(&["check", "--env", "lab", "-o", "json", "--from-snapshot", "live.json"]);
        if told(&again) != said {
            wrong.push(format!("{}: of the snapshot\n{}\ntaken\n{taken}", file.display(), told(&again)));
        }
        let text = std::fs::read_to_string(repository.path().join("live.json")).unwrap_or_default();
        for shown in [&checked.stdout, &checked.stderr, &text] {
            assert!(!shown.contains(NEVER), "{}: a secret is shown:\n{shown}", file.display());
        }
        wrong.extend(expected::compare(&file.with_extension("txt"), &account.name_ids(&said)));
    }
    expected::assert_none(&wrong);
}

fn told(run: &Run) -> String {
    match serde_json::from_str::<Value>(&run.stdout) {
        Ok(report) => format!("exit {}\n{}", run.status, outline::of(&report)),
        Err(_) => run.to_string(),
    }
}

/// What Git declares, with what `objects.yaml` adds to it.
fn objects(corpus: &Path) -> Vec<Value> {
    let read = |path: &Path| std::fs::read_to_string(path).expect("the corpus can be read");
    let yaml = |text: &str| -> Value { serde_yaml::from_str(text).expect("the corpus is YAML") };
    let mut objects: Vec<Value> = files_below(&corpus.join("repository/environments"))
        .iter()
        .map(|(_, path)| yaml(&read(path)))
        .collect();
    let added = yaml(&read(&corpus.join("objects.yaml")));
    for addition in added.as_array().expect("a list") {
        let key = |object: &Value| {
            ["/kind", "/metadata/name"].map(|pointer| object.pointer(pointer).cloned().unwrap_or_default())
        };
        match objects.iter_mut().find(|object| key(object) == key(addition)) {
            Some(object) => merge(object, addition),
            None => objects.push(addition.clone()),
        }
    }
    objects
}

impl Change {
    fn of(&self, objects: &mut Vec<Value>) {
        let is_it = |object: &Value| {
            object["kind"] == self.kind.as_str() && object["metadata"]["name"] == self.name.as_str()
        };
        let place =
            objects.iter().position(is_it).unwrap_or_else(|| panic!("no {} {}", self.kind, self.name));
        if self.gone {
            objects.remove(place);
        } else {
            merge(&mut objects[place], &self.merge);
        }
    }
}

/// JSON merge patch (RFC 7396).
fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    for (key, change) in patch {
        if change.is_null() {
            value.as_object_mut().expect("it is one now").remove(key);
        } else {
            merge(&mut value[key], change);
        }
    }
}
