//! Crossplane's part on a test cluster: what the claims of an environment become, composed as its controllers would.
//!
//! The resources are those that `plimsoll crossplane expand` prints, with a made-up text for each that only AWS gives; the
//! claims then name them. Their definitions take any field, as the provider's own are large and not at hand.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::development::definition;
use super::lab::Cluster;
use crate::support::TemporaryRepository;

/// The field manager that Crossplane composes resources under.
const COMPOSED: &str = "--field-manager=apiextensions.crossplane.io/composed/dev";

/// The field manager that Crossplane writes composites under.
const COMPOSITE: &str = "--field-manager=apiextensions.crossplane.io/composite";

/// Composes everything, and gives how many resources that are.
pub(super) fn compose(cluster: &Cluster, repository: &TemporaryRepository) -> usize {
    let run = repository.run(&["crossplane", "expand", "--env", "dev", "-o", "yaml"]);
    assert_eq!(run.status, 0, "{run}");
    let resources: Vec<Value> = run
        .stdout
        .split("\n---\n")
        .map(|text| serde_yaml::from_str(&as_live(text.trim_start_matches("---\n"))).expect("it prints YAML"))
        .collect();
    let folder = cluster.folder();
    let definitions: Vec<Value> =
        resources.iter().map(kind_of).collect::<BTreeSet<_>>().iter().map(defined).collect();
    let lists = [("definitions.json", definitions), ("composed.json", resources.clone())];
    for (name, items) in lists {
        let file = folder.join(name);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        std::fs::write(&file, list.to_string()).expect("a file");
        cluster.kubectl(&["apply", "--server-side", COMPOSED, "-f", &file.display().to_string()]);
        cluster.wait_for_definitions();
    }
    for claim in ["network", "dependencies"] {
        let of_claim = resources.iter().map(|resource| {
            json!({"apiVersion": resource["apiVersion"], "kind": resource["kind"], "name": resource["metadata"]["name"]})
        });
        let references: Vec<Value> = of_claim.collect();
        let patch = json!({"spec": {"crossplane": {"resourceRefs": references}}}).to_string();
        let name = format!("{claim}.platform.plimsoll.dev/langfuse-dev");
        cluster.kubectl(&["patch", &name, "-n", "langfuse-dev", "--type=merge", COMPOSITE, "-p", &patch]);
    }
    resources.len()
}

/// A text with made-up values in the place of those that only the live systems give.
fn as_live(text: &str) -> String {
    let mut live = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((_, after)) = after.split_once('>') else { break };
        live.push_str(before);
        live.push_str("oidc.example.org/id");
        rest = after;
    }
    live + rest
}

fn kind_of(resource: &Value) -> (String, String) {
    let text = |key: &str| resource[key].as_str().expect("a resource says what it is").to_owned();
    (text("apiVersion"), text("kind"))
}

fn defined((api_version, kind): &(String, String)) -> Value {
    let (group, version) = api_version.split_once('/').expect("a group");
    let names = json!({"kind": kind, "plural": format!("{}s", kind.to_lowercase())});
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    definition(group, &names, "Namespaced", version, schema)
}
