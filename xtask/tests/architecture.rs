//! The rules of ARCHITECTURE.md, enforced: who may depend on whom, who may touch the outside world, how files look.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The arrows: a crate and the crates of this workspace that it may import.
const ARROWS: &[(&str, &[&str])] = &[
    ("plimsoll-yaml", &[]),
    ("plimsoll-gotemplate", &["plimsoll-yaml"]),
    ("plimsoll-resource", &["plimsoll-yaml"]),
    ("plimsoll-helm", &["plimsoll-gotemplate", "plimsoll-resource", "plimsoll-yaml"]),
    ("plimsoll-kustomize", &["plimsoll-resource", "plimsoll-yaml"]),
    ("plimsoll-crossplane", &["plimsoll-gotemplate", "plimsoll-resource", "plimsoll-yaml"]),
    ("plimsoll-drift", &["plimsoll-resource", "plimsoll-yaml"]),
    ("plimsoll-aws", &["plimsoll-yaml"]),
    ("plimsoll-diff", &["plimsoll-kustomize", "plimsoll-resource", "plimsoll-yaml"]),
];

/// What engines must not touch, and why.
const FORBIDDEN_IN_ENGINES: &[(&str, &str)] = &[
    ("std::fs", "engines get their files in memory"),
    ("std::env::var", "engines read no environment"),
    ("std::process", "engines start nothing"),
    ("TcpStream", "engines use no network"),
    ("UdpSocket", "engines use no network"),
    ("ToSocketAddrs", "engines resolve no names"),
    ("SystemTime::now", "engines read no clock"),
    ("Instant::now", "engines read no clock"),
    ("rand::rng", "randomness is passed in"),
    ("getrandom::", "randomness is passed in"),
];

/// Crates that only one folder of `src` may name, and why.
const SINGLE_USERS: &[(&str, &str)] = &[
    ("git2::", "src/git"),
    ("kube::", "src/live/kube"),
    ("aws_config::", "src/live/aws"),
    ("aws_sdk_s3::", "src/live/aws"),
    ("aws_sdk_sts::", "src/live/aws"),
    ("aws_sigv4::", "src/live/aws"),
    ("octocrab::", "src/forge"),
];

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

/// The most lines that a source file may have.
const LONGEST_FILE: usize = 600;

fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// The Rust files below a folder of the repository with their paths from its root, sorted.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name =
                    path.strip_prefix(root()).expect("it was found below the root").display().to_string();
                files.push((name, fs::read_to_string(&path).expect("a source file can be read")));
            }
        }
    }
    files.sort();
    files
}

/// The source files of the product: `src/` and `crates/*/src/`.
fn product_files() -> Vec<(String, String)> {
    let mut files = rust_files("src");
    files.extend(engine_files());
    files
}

fn engine_files() -> Vec<(String, String)> {
    rust_files("crates").into_iter().filter(|(path, _)| path.split('/').nth(2) == Some("src")).collect()
}

/// The part of a file before its unit tests, without comments; nothing of a file that is all tests.
fn code_of(text: &str) -> String {
    if text.contains("\n#![cfg(test)]") {
        return String::new();
    }
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn assert_none(broken: &[String], rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn crates_import_only_what_the_arrows_allow() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut broken = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        if name == "plimsoll" || name == "xtask" {
            continue;
        }
        let Some(allowed) = allowed.get(name) else {
            broken.push(format!("{name} stands in no arrow"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let dependency_name = dependency["name"].as_str().expect("a name");
            let is_ours = dependency_name.starts_with("plimsoll");
            if is_ours && dependency["kind"].is_null() && !allowed.contains(&dependency_name) {
                broken.push(format!("{name} -> {dependency_name}"));
            }
        }
    }
    assert_none(&broken, "arrows that ARCHITECTURE.md does not have");
}

#[test]
fn engines_touch_nothing_outside() {
    let mut broken = Vec::new();
    for (path, text) in engine_files() {
        let code = code_of(&text);
        for (word, reason) in FORBIDDEN_IN_ENGINES {
            if code.contains(word) {
                broken.push(format!("{path}: `{word}`: {reason}"));
            }
        }
    }
    assert_none(&broken, "engines are functions of values");
}

#[test]
fn each_client_has_one_user() {
    let mut broken = Vec::new();
    for (path, text) in product_files() {
        let code = code_of(&text);
        for (client, user) in SINGLE_USERS {
            let names_it = code.lines().any(|line| {
                line.contains(client)
                    && !line.contains(&format!("_{client}"))
                    && !line.contains(&format!("::{client}"))
            });
            if names_it && !path.starts_with(user) {
                broken.push(format!("{path}: `{client}` belongs to {user}"));
            }
        }
    }
    assert_none(&broken, "only one folder knows each client");
}

#[test]
fn every_module_says_what_it_is() {
    let broken: Vec<String> = product_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert_none(&broken, "files without a module comment");
}

#[test]
fn files_hold_one_concept_and_are_named_for_it() {
    let mut broken = Vec::new();
    for (path, text) in product_files() {
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{path}: {lines} lines, more than {LONGEST_FILE}"));
        }
        let stem = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            broken.push(format!("{path}: `{stem}` says nothing"));
        }
    }
    assert_none(&broken, "files that hold too much or say too little");
}

#[test]
fn nothing_is_left_unfinished() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("#[ig", "nore")];
    let mut broken = Vec::new();
    for (path, text) in product_files() {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                broken.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert_none(&broken, "unfinished work");
}
