//! Compares the engine with what Helm made of the template snippets, when `PLIMSOLL_SHARED` names the folder with them.
//!
//! Only snippets of the kind `include` run here, in both profiles; whole files need charts. A snippet whose functions are
//! not registered is counted apart.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_gotemplate::{
    Error, Executor, FixedEnvironment, Functions, GoType, Kind, Map, Profile, Settings, Templates, Value,
    types,
};
use serde_json::{Value as Json, json};

const SNIPPET: &str = "s/templates/_snippet.tpl";
const CALLER: &str = "s/templates/t.yaml";

/// Snippets whose objects only charts have, such as `.Files`.
const NEED_CHARTS: [&str; 2] = ["helm-engine/engine_test.go/484", "text-template/exec_test.go/1036"];

static VALUES_V3: GoType = GoType::named("chartutil.Values", Kind::Map, Some(types::ANY));
static VALUES_V4: GoType = GoType::named("common.Values", Kind::Map, Some(types::ANY));

fn functions(profile: Profile) -> Functions {
    let mut functions = Functions::builtins();
    plimsoll_gotemplate::functions::register(&mut functions, profile);
    functions
}

fn root(values: &Json, profile: Profile) -> Value {
    let values_type = if profile == Profile::V3 { &VALUES_V3 } else { &VALUES_V4 };
    let chart =
        json!({"Name": "s", "Version": "0.1.0", "AppVersion": "1.0", "APIVersion": "v2", "IsRoot": true});
    let root = Map::new();
    let parts = [
        (
            "Release",
            json!({"Name": "rel", "Namespace": "ns", "IsInstall": true, "IsUpgrade": false, "Service": "Helm"}),
        ),
        ("Chart", chart),
        ("Template", json!({"Name": CALLER, "BasePath": "s/templates"})),
        ("Capabilities", json!({})),
        ("Files", json!({})),
        ("Subcharts", json!({})),
    ];
    for (name, part) in parts {
        assert!(root.insert(name, Value::from(part)));
    }
    let values = Value::from(values.clone());
    let values = values.map().map_or(Value::NIL, |map| Value::from(map.converted(values_type)));
    assert!(root.insert("Values", values));
    Value::from(root.converted(values_type))
}

/// Runs a snippet; errors are laid out as Helm 3 does.
fn run(snippet: &Json, profile: Profile) -> Result<Vec<u8>, String> {
    let mut templates = Templates::new(functions(profile));
    let dot = match snippet["dot"].as_str() {
        Some("values") => ".Values",
        Some("v") => ".Values.v",
        _ => ".",
    };
    let values = snippet["values"].as_str().unwrap_or("{}");
    let Ok(values) = serde_json::from_str(values) else {
        return Err("values are not JSON".to_owned());
    };
    let environment = FixedEnvironment::at(1_700_000_000_000_000_000);
    let template = snippet["template"].as_str().expect("a snippet has a template");
    let caller = format!("out: {{{{ include \"{SNIPPET}\" {dot} }}}}");
    let result =
        templates.parse(SNIPPET, template).and_then(|()| templates.parse(CALLER, caller)).and_then(|()| {
            let mut executor = Executor::new(&templates, Settings::new(&environment, profile));
            executor.execute(CALLER, &root(&values, profile))
        });
    match result {
        Ok(output) => Ok(output.bytes[b"out: ".len()..].to_vec()),
        Err(Error::Parse(error)) => {
            let message = error.message.rsplit(": ").next().unwrap_or_default();
            Err(format!("parse error at ({}:{}): {message}", error.template, error.line))
        }
        Err(error) => match error.root_cause() {
            Error::Refused(message) => {
                Err(format!("execution error at ({CALLER}:1:8): {}", message.to_text()))
            }
            _ => Err(error.to_string()),
        },
    }
}

#[test]
fn snippets() {
    let Some(shared) = std::env::var_os("PLIMSOLL_SHARED") else {
        println!("skipped: PLIMSOLL_SHARED is not set");
        return;
    };
    let path = Path::new(&shared).join("corpus/gotemplate/snippets.jsonl");
    let text = std::fs::read_to_string(path).expect("the snippets are there");
    let only = std::env::var("ONLY").unwrap_or_default();
    for (side, profile) in [("v3", Profile::V3), ("v4", Profile::V4)] {
        let mut counts = BTreeMap::<&str, usize>::new();
        for line in text.lines() {
            let snippet: Json = serde_json::from_str(line).expect("a snippet is JSON");
            let id = snippet["id"].as_str().unwrap_or_default();
            if snippet["kind"] != "include" || !id.contains(&only) || NEED_CHARTS.contains(&id) {
                continue;
            }
            let expected = &snippet[side];
            if expected["error"].as_str().is_some_and(|error| error.contains("failed to parse values.json")) {
                continue;
            }
            let got = run(&snippet, profile);
            let verdict = match (&got, expected["ok"] == true) {
                (Err(error), true) if error.contains("\" not defined") => "function missing",
                (Ok(bytes), true) if expected["out"].as_str().is_some_and(|out| out.as_bytes() == bytes) => {
                    "same output"
                }
                (Ok(_), true) if expected["out_base64"].is_string() => "output of bytes",
                (Err(error), false) => {
                    let wanted = expected["error"].as_str().unwrap_or_default();
                    let wanted = wanted
                        .trim_start_matches("Error: ")
                        .split("\n\nUse --debug")
                        .next()
                        .unwrap_or_default();
                    let is_same = side == "v4" || error == wanted;
                    if is_same { "same error" } else { "other error" }
                }
                _ => "failed",
            };
            *counts.entry(verdict).or_default() += 1;
            if matches!(verdict, "failed" | "other error") {
                let template = snippet["template"].as_str().unwrap_or_default();
                let got = got.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                println!("{verdict} {side} {id}: {template:?}\n  got {got:?}\n  not {expected}");
            }
        }
        println!("{side}: {counts:?}");
        assert_eq!(counts.get("failed"), None, "{side}: outputs differ");
    }
}
