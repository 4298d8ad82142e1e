//! Any JSON is a list of transforms of one patch, which runs in a pipeline over several values, or is refused.
//!
//! `cargo xtask fuzz crossplane/transform`.

#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll_crossplane::pipeline::{Inputs, crossing, run};
use plimsoll_crossplane::prepared_pipeline::Pipeline;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let Ok(transforms) = serde_json::from_str::<Value>(text) else { return };
    let package = "registry.example.com/function-patch-and-transform:v0.10.8".to_owned();
    let functions = BTreeMap::from([("pt".to_owned(), package.into())]);
    for field in ["text", "whole", "fraction", "yes", "list", "map"] {
        let patch = json!({"fromFieldPath": format!("spec.{field}"), "toFieldPath": "data.a", "transforms": transforms});
        let template = json!({"name": "one", "base": {"apiVersion": "v1", "kind": "ConfigMap"}, "patches": [patch]});
        let composition = json!({
            "spec": {"pipeline": [{
                "step": "one",
                "functionRef": {"name": "pt"},
                "input": {"apiVersion": "pt.fn.crossplane.io/v1beta1", "kind": "Resources", "resources": [template]},
            }]},
        });
        let inputs = Inputs {
            composite: crossing(json!({
                "apiVersion": "example.org/v1",
                "kind": "XR",
                "metadata": {"name": "one"},
                "spec": {"text": "a-1", "whole": 5, "fraction": 1.5, "yes": true, "list": ["a", 1], "map": {"a": "b"}},
            })),
            pipeline: Arc::new(Pipeline::new(&composition, &functions)),
            ..Inputs::default()
        };
        let _ = run(&inputs);
    }
});
