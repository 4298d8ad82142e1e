//! Any text is a rule over a resource, which is compiled and evaluated, or refused. The text behind a line break is a message
//! expression.
//!
//! `cargo xtask fuzz crossplane/rule`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_crossplane::definitions::Definitions;
use plimsoll_crossplane::resource_validation::validate_resource;
use serde_json::json;

fuzz_target!(|text: &str| {
    let (rule, message) = text.split_once('\n').unwrap_or((text, ""));
    let schema = json!({
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "count": {"type": "integer"},
                    "ratio": {"type": "number"},
                    "on": {"type": "boolean"},
                    "at": {"type": "string", "format": "date-time"},
                    "wait": {"type": "string", "format": "duration"},
                    "raw": {"type": "string", "format": "byte"},
                    "port": {"x-kubernetes-int-or-string": true},
                    "list": {"type": "array", "items": {"type": "string"}},
                    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "items": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["key"],
                        "items": {"type": "object", "properties": {"key": {"type": "string"}, "value": {"type": "integer"}}},
                    },
                },
                "x-kubernetes-validations": [{"rule": rule, "messageExpression": message, "optionalOldSelf": true}],
            },
        },
    });
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "boats.example.org"},
        "spec": {
            "group": "example.org",
            "names": {"kind": "Boat"},
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
        },
    });
    let boat = json!({
        "apiVersion": "example.org/v1",
        "kind": "Boat",
        "metadata": {"name": "argo"},
        "spec": {
            "name": "10.0.0.0/8", "count": 5, "ratio": 0.5, "on": true, "at": "2024-01-01T00:00:00Z", "wait": "1h",
            "raw": "YWJj", "port": 80, "list": ["a", "b", "1.2.3"], "map": {"a": 1, "b": 2},
            "items": [{"key": "a", "value": 1}, {"key": "b", "value": 2}],
        },
    });
    let mut definitions = Definitions::default();
    if definitions.add(definition).is_ok() {
        let _ = validate_resource(&boat, &definitions);
    }
});
