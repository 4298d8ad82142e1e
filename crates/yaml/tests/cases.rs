//! Files of input beside what is made of them. `UPDATE_EXPECTED=1` writes the expected files anew, but never in CI.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_yaml::{
    Budget, Dialect, EmitOptions, Error, HtmlEscape, Numbers, emit_documents, emit_json, emit_value,
    emit_value_with, parse, parse_one,
};

const DIALECTS: [(&str, Dialect); 3] =
    [("helm", Dialect::Helm), ("kustomize", Dialect::Kustomize), ("yaml12", Dialect::Yaml12)];

fn run(area: &str, extension: &str, render: impl Fn(&[u8]) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(area);
    let mut inputs: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no cases in {}", folder.display());
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!update || std::env::var_os("CI").is_none(), "expected files are not written in CI");
    let mut failures = String::new();
    for input in inputs {
        let made = render(&fs::read(&input).expect("an input can be read"));
        let expected_path = input.with_extension("expected");
        if update {
            fs::write(&expected_path, &made).expect("an expected file can be written");
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if made != expected {
            let _ = writeln!(failures, "== {}\n-- expected\n{expected}-- made\n{made}", input.display());
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

fn say(error: &Error) -> String {
    match error.position() {
        Some(position) => format!("{error} [{:?} at {}:{}]", error.kind(), position.line, position.column),
        None => format!("{error} [{:?}]", error.kind()),
    }
}

fn read_in_all_dialects(input: &[u8]) -> String {
    let mut made = String::new();
    for (name, dialect) in DIALECTS {
        let value = parse_one(input, dialect, &Budget::DEFAULT)
            .and_then(|node| node.to_value(dialect, Numbers::AsWritten));
        let line = match value {
            Ok(value) => emit_json(&value, HtmlEscape::Kept),
            Err(error) => format!("error: {}", say(&error)),
        };
        let _ = writeln!(made, "{name}: {line}");
    }
    made
}

#[test]
fn dialects() {
    run("dialects", "yaml", read_in_all_dialects);
}

#[test]
fn errors() {
    run("errors", "yaml", read_in_all_dialects);
}

#[test]
fn emit() {
    run("emit", "json", |input| {
        let value = serde_json::from_slice(input).unwrap();
        let sigs = emit_value(&value).unwrap_or_else(|error| format!("error: {}\n", say(&error)));
        let pretty = emit_value_with(&value, &EmitOptions::PRETTY);
        let kyaml = emit_value_with(&value, &EmitOptions::KYAML);
        let json = emit_json(&value, HtmlEscape::Escaped);
        format!("=== sigs.k8s.io/yaml\n{sigs}=== go-yaml v3\n{pretty}=== compact\n{kyaml}=== json\n{json}\n")
    });
}

#[test]
fn nodes() {
    run("nodes", "yaml", |input| {
        let documents = parse(input, Dialect::Kustomize, &Budget::DEFAULT).unwrap();
        emit_documents(&documents, &EmitOptions::KYAML)
    });
}
