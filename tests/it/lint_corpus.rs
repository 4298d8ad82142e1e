//! The rules of `lint`: `tests/corpus/lint/<rule>/fires.yaml` beside `fires.expected`, and `passes.yaml`, of which the rule has
//! nothing to tell.
//!
//! A case is a stream of resources. The first document may be facts: account, region, and layers with the cluster that they go
//! to and the layers that they wait for. A resource is in the layer that the annotation `case/layer` says, else AWS resources
//! are in `network` and all others in `app`.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll::lint::{LayerFacts, LintResource, Origin, World, check_rule, page, rules};
use plimsoll_resource::identify;
use plimsoll_yaml::{Budget, Dialect, Numbers};
use serde_json::{Value, json};

use crate::support::expected;

fn world(text: &[u8], name: &str) -> World {
    let documents = plimsoll_yaml::parse(text, Dialect::Helm, &Budget::DEFAULT).expect("a case is YAML");
    let mut facts = json!({});
    let mut resources = Vec::new();
    for document in documents {
        let mut value = document.root.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data");
        if value.get("kind").is_none() {
            facts = value;
            continue;
        }
        let id = identify(&document.root).expect("a case has resources");
        let annotations = value.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
        let layer = annotations.and_then(|annotations| annotations.remove("case/layer"));
        let is_aws = id.group.ends_with("upbound.io");
        let layer = layer
            .and_then(|layer| layer.as_str().map(str::to_owned))
            .unwrap_or_else(|| if is_aws { "network".to_owned() } else { "app".to_owned() });
        let origin = Origin::File { path: format!("{name}/{id}"), source: name.to_owned() };
        resources.push(LintResource { id, layer, cluster: String::new(), value, origin });
    }
    let text = |pointer: &str| facts.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let list = |value: &Value, key: &str| -> BTreeSet<String> {
        let items = value.get(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let given = facts.get("layers").and_then(Value::as_array).cloned().unwrap_or_else(|| {
        vec![
            json!({"name": "network", "cluster": "management"}),
            json!({"name": "app", "cluster": "workload", "after": ["network"]}),
        ]
    });
    let layers: Vec<LayerFacts> = given
        .iter()
        .map(|layer| LayerFacts {
            name: layer["name"].as_str().unwrap_or_default().to_owned(),
            cluster: layer["cluster"].as_str().unwrap_or_default().to_owned(),
            earlier: list(layer, "after"),
        })
        .collect();
    for resource in &mut resources {
        let layer = layers.iter().find(|layer| layer.name == resource.layer);
        resource.cluster = layer.expect("a case names its layers").cluster.clone();
    }
    World::new(resources, layers, text("/account"), text("/region"))
}

fn found(case: &Path, file: &str, rule: &str) -> String {
    let path = case.join(file);
    let text = std::fs::read(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    let world = world(&text, file);
    check_rule(&world, &format!("lint::{rule}"))
        .iter()
        .map(|finding| {
            let id = world.resources.get(finding.resource).map(|resource| resource.id.to_string());
            format!("{}: {}\n  at {}\n", id.unwrap_or_default(), finding.message, finding.field)
        })
        .collect()
}

#[test]
fn every_rule_fires_where_it_should_and_nowhere_else() {
    let mut wrong = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/lint");
    for rule in rules() {
        let name = rule.code.trim_start_matches("lint::");
        let case = root.join(name);
        let fires = found(&case, "fires.yaml", name);
        if fires.is_empty() {
            wrong.push(format!("{name} does not fire"));
        }
        wrong.extend(expected::compare(&case.join("fires.expected"), &fires));
        let passes = found(&case, "passes.yaml", name);
        if !passes.is_empty() {
            wrong.push(format!("{name} fires where all is right:\n{passes}"));
        }
    }
    expected::assert_none(&wrong);
}

#[test]
fn the_page_of_the_rules_is_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lint.md");
    expected::assert_none(&expected::compare(&path, &page::page()).into_iter().collect::<Vec<_>>());
}
