//! function-environment-configs v0.7.1.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::function_messages::{compare_response, read_request};
use super::{Verdict, compare, text_of};
use crate::environment_configs::{run_on, selectors, sort_by_path};
use crate::pipeline_state::Fatal;
use crate::required_resources::{Matching, ResourceSelector};

pub(super) fn replay(test: &str, data: &Value) -> Verdict {
    let (arguments, want) = (&data["args"], &data["want"]);
    match test {
        "TestSortRequiredByFieldPath" => {
            let items: Vec<Value> = resources(&arguments["requiredResources"]);
            let mut sorted: Vec<&Value> = items.iter().collect();
            let path = Some(text_of(arguments, "path"));
            let result = sort_by_path(&mut sorted, path);
            let found = result.map(|()| sorted.into_iter().cloned().collect::<Value>());
            compare(found, &want["err"], &resources(&want["requiredResources"]).into())
        }
        "TestRunFunction" => {
            let (request, wanted) = (&arguments["req"]["json"], &want["rsp"]["json"]);
            let (observed, mut desired) = read_request(request);
            let sources =
                request["input"]["spec"]["environmentConfigs"].as_array().cloned().unwrap_or_default();
            if let Some(requirements) = wanted["requirements"].as_object() {
                let found: BTreeMap<String, Value> = selectors(&sources, &observed.composite)?
                    .into_iter()
                    .enumerate()
                    .filter_map(|(index, selector)| {
                        Some((format!("environment-config-{index}"), as_proto(&selector?)))
                    })
                    .collect();
                let wanted = requirements.get("resources").or_else(|| requirements.get("extraResources"));
                compare(Ok(json!(found)), &Value::Null, wanted.unwrap_or(&Value::Null))?;
            }
            let given = request["requiredResources"].as_object().or(request["extraResources"].as_object());
            let Some(given) = given else { return Ok(()) };
            let find = |name: &str, _: Option<&ResourceSelector>| {
                let items = given.get(name)?["items"].as_array();
                Some(items.into_iter().flatten().map(|item| &item["resource"]).collect())
            };
            let outcome = run_on(&request["input"], &observed, &find, &mut desired);
            compare_response(&desired, outcome.map_err(|Fatal(message)| message), wanted)
        }
        other => Err(format!("nothing replays {other}")),
    }
}

fn resources(items: &Value) -> Vec<Value> {
    items.as_array().into_iter().flatten().map(|item| item["Resource"].clone()).collect()
}

fn as_proto(selector: &ResourceSelector) -> Value {
    let mut value = json!({"apiVersion": selector.api_version, "kind": selector.kind});
    match &selector.matching {
        Matching::All => {}
        Matching::Name(name) => value["matchName"] = name.as_str().into(),
        Matching::Labels(labels) => {
            let labels: BTreeMap<&String, &String> = labels.iter().map(|(key, value)| (key, value)).collect();
            value["matchLabels"] = json!({"labels": labels});
        }
    }
    value
}
