//! The cases under `tests/compare`: a declared and a live resource in `NAME.yaml`, what the comparison finds beside it in
//! `NAME.txt`. `env -u CI UPDATE_EXPECTED=1 cargo test -p plimsoll-drift` rewrites the expected side.
//!
//! A case holds `desired` (absent for what is extra), `live` (absent for what is missing), and where it needs them `schema` (an
//! `openAPIV3Schema`) and `neighbours` (other resources). What names a password is secret here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use plimsoll_drift::{
    Comparison, Desired, FieldChange, Finding, Live, Neighbours, Rules, Schema, compare, fingerprint,
    is_somebodys, judge_extra, judge_missing,
};
use plimsoll_yaml::{Budget, Dialect, Node, Numbers, parse_one};
use serde_json::Value;

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare");
    let mut failures = Vec::new();
    let cases = files_in(&folder);
    assert!(cases.len() > 40, "the cases are not where they should be");
    for case in cases {
        let text = std::fs::read_to_string(&case).expect("a case can be read");
        let found = found_in(&text);
        let expected_path = case.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() && std::env::var_os("CI").is_none() {
            std::fs::write(&expected_path, &found).expect("the expected side can be written");
            continue;
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if found != expected {
            failures.push(format!("{}\n--- expected\n{expected}--- found\n{found}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_resource_nested_deeper_than_any_server_keeps_is_compared() {
    let declared = |inner: &str| {
        let depth = 400;
        let nested = format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
        format!("apiVersion: example.com/v1\nkind: Deep\nmetadata: {{name: x}}\nspec: {nested}\n")
    };
    let (text, other) = (declared("1"), declared("2"));
    let tree = |text: &str| parse_one(text, Dialect::Helm, &Budget::DEFAULT).expect("a resource is YAML");
    let (desired, other) = (tree(&text), tree(&other));
    let desired = Desired::of_node(&desired, &text).expect("a resource");
    let comparison = Comparison {
        schema: None,
        rules: Rules::built_in(),
        neighbours: &Neighbours::default(),
        is_secret: &|_, _| false,
    };
    let live = to_value(&other);
    let finding = compare(&desired, &Live::new(&live), &comparison);
    assert_eq!(finding.fields.len(), 1);
    let without =
        serde_json::json!({"apiVersion": "example.com/v1", "kind": "Deep", "metadata": {"name": "x"}});
    assert_eq!(compare(&desired, &Live::new(&without), &comparison).fields[0].path, "spec");
    assert_eq!(compare(&Desired::of_value(&without), &Live::new(&live), &comparison).fields[0].path, "spec");
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn found_in(text: &str) -> String {
    let case = parse_one(text, Dialect::Helm, &Budget::DEFAULT).expect("a case is YAML");
    let value = |key: &str| case.get(key).map(to_value);
    let desired = case.get("desired").map(|node| Desired::of_node(node, text).expect("a resource"));
    let schema = value("schema").map(|schema| {
        let resource = value("desired").or_else(|| value("live")).unwrap_or_default();
        let text = |key| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        Schema::of_open_api(&schema, text("kind"), group)
    });
    let neighbours = value("neighbours").unwrap_or_default();
    let neighbours = Neighbours::of(neighbours.as_array().into_iter().flatten());
    let rules = Rules::built_in();
    let is_secret = |name: &str, _: &str| name.to_lowercase().contains("password");
    let comparison =
        Comparison { schema: schema.as_ref(), rules, neighbours: &neighbours, is_secret: &is_secret };
    let live = value("live");
    let finding = match (&desired, &live) {
        (Some(desired), Some(live)) => compare(desired, &Live::new(live), &comparison),
        (Some(desired), None) => judge_missing(desired, rules),
        (None, Some(live)) if is_somebodys(&Live::new(live), &neighbours, rules) => {
            return "somebody's\n".to_owned();
        }
        (None, Some(live)) => judge_extra(&Live::new(live), &comparison),
        (None, None) => panic!("a case has a side"),
    };
    assert_eq!(fingerprint("case", &finding).len(), 32);
    shown(&finding)
}

fn to_value(node: &Node) -> Value {
    node.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data")
}

fn shown(finding: &Finding) -> String {
    let mut text = finding.state.to_string();
    if let Some(severity) = finding.severity {
        write!(text, " {severity}").expect("a text takes more");
    }
    if let Some(cause) = &finding.cause {
        write!(text, " ({cause})").expect("a text takes more");
    }
    text.push('\n');
    for field in &finding.fields {
        text.push_str(&shown_field(field));
    }
    text
}

fn shown_field(field: &FieldChange) -> String {
    let side = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    let mut text = format!("{} {} {}\n", field.severity, field.change, field.path);
    writeln!(text, "    {} -> {}", side(&field.desired), side(&field.live)).expect("a text takes more");
    if let Some(line) = field.line {
        writeln!(text, "    line {line}").expect("a text takes more");
    }
    if field.needs_replace {
        text.push_str("    needs replace\n");
    }
    if let Some(by) = &field.by {
        let operation = by.operation.as_deref().unwrap_or("-");
        let at = by.at.as_deref().unwrap_or("-");
        writeln!(text, "    by {} {operation} {at}", by.manager).expect("a text takes more");
    }
    text
}
