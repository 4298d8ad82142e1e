//! Charts beside what the real programs make of them, one folder a case.
//!
//! `chart/` is the chart, `options.json` and `values.yaml` how it is rendered; `expected.v3.yaml` or `expected.v3.error`, and
//! the same for v4, what `helm template` of that version printed. `UPDATE_EXPECTED=1` writes what is rendered here instead.
//! Where `PLIMSOLL_PEER_HELM3` and `PLIMSOLL_PEER_HELM4` name the real programs, these are asked again.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_gotemplate::{FixedEnvironment, Profile};
use plimsoll_helm::{
    Chart, KubeVersion, LoadOptions, Manifest, Operation, Release, RenderOptions, UserValues, ValuesFile,
    render, trim,
};
use plimsoll_resource::FileTree;
use serde_json::Value;

#[test]
fn charts_render_as_the_real_programs_render_them() {
    let mut failures = Vec::new();
    for folder in folders() {
        for (profile, name) in [(Profile::V3, "v3"), (Profile::V4, "v4")] {
            let (made, kind) = match rendered(&folder, profile) {
                Ok(text) => (text, "yaml"),
                Err(text) => (text + "\n", "error"),
            };
            let path = folder.join(format!("expected.{name}.{kind}"));
            if std::env::var_os("UPDATE_EXPECTED").is_some() {
                assert!(std::env::var_os("CI").is_none(), "expected files are not updated in CI");
                fs::write(&path, &made).expect("an expected file can be written");
                continue;
            }
            let expected =
                fs::read_to_string(&path).unwrap_or_else(|_| format!("no file {}", path.display()));
            if made != expected {
                failures.push(format!("{}\n--- made\n{made}\n--- expected\n{expected}", path.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{} cases differ\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_real_programs_print_what_is_expected() {
    let mut failures = Vec::new();
    for (name, variable) in [("v3", "PLIMSOLL_PEER_HELM3"), ("v4", "PLIMSOLL_PEER_HELM4")] {
        let Some(program) = std::env::var_os(variable) else {
            println!("skipped: {variable} does not name the real program");
            continue;
        };
        for folder in folders() {
            let printed = printed(&folder, &program);
            let kind = if printed.is_ok() { "yaml" } else { "error" };
            let path = folder.join(format!("expected.{name}.{kind}"));
            let (Ok(text) | Err(text)) = printed;
            let expected =
                fs::read_to_string(&path).unwrap_or_else(|_| format!("no file {}", path.display()));
            let is_same = match text.contains("specifications of the schema(s)") {
                true => in_one_order(&text) == in_one_order(&expected),
                false => text == expected,
            };
            if !is_same {
                failures.push(format!("{}\n--- real\n{text}\n--- expected\n{expected}", path.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{} cases differ\n{}", failures.len(), failures.join("\n\n"));
}

/// The lines of an error, sorted, and in each the properties that nothing allows: the real programs go through both
/// in the order of a Go map, which is another one in each run.
fn in_one_order(text: &str) -> Vec<String> {
    let sorted = |line: &str| {
        let start = line.split_once(": additional properties ");
        let Some((place, (names, end))) =
            start.and_then(|(place, rest)| Some((place, rest.rsplit_once(" not allowed")?)))
        else {
            return line.to_owned();
        };
        let mut names: Vec<&str> = names.split(", ").collect();
        names.sort_unstable();
        format!("{place}: additional properties {} not allowed{end}", names.join(", "))
    };
    let mut lines: Vec<String> = text.lines().map(sorted).collect();
    lines.sort_unstable();
    lines
}

/// What a real program prints of a case: its output, or its error without what the command line adds to it.
fn printed(folder: &Path, program: &OsStr) -> Result<String, String> {
    let options = options(folder);
    let mut command = Command::new(program);
    command.current_dir(folder).env("KUBECONFIG", "/dev/null");
    let text = |key: &str, default: &str| options[key].as_str().unwrap_or(default).to_owned();
    command.args(["template", &text("release", "rel"), "chart", "--namespace", &text("namespace", "ns")]);
    for (key, flag) in [
        ("setJson", "--set-json"),
        ("set", "--set"),
        ("setString", "--set-string"),
        ("setLiteral", "--set-literal"),
        ("apiVersions", "--api-versions"),
    ] {
        for value in options[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
            command.args([flag, value]);
        }
    }
    if let Some(version) = options["kubeVersion"].as_str() {
        command.args(["--kube-version", version]);
    }
    for (key, flag) in [("isUpgrade", "--is-upgrade"), ("includeCrds", "--include-crds")] {
        command.args((options[key] == true).then_some(flag));
    }
    if folder.join("values.yaml").exists() {
        command.args(["--values", "values.yaml"]);
    }
    let output = command.output().expect("the real program starts");
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).expect("the cases are UTF-8"));
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let (_, error) = stderr.split_once("Error: ").expect("an error is told");
    let error = error.strip_suffix("\n\nUse --debug flag to render out invalid YAML\n").unwrap_or(error);
    Err(format!("{}\n", error.strip_suffix('\n').unwrap_or(error)))
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"))
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}

fn options(folder: &Path) -> Value {
    let options = fs::read_to_string(folder.join("options.json")).expect("options.json is there");
    serde_json::from_str(&options).expect("options.json is JSON")
}

fn rendered(folder: &Path, profile: Profile) -> Result<String, String> {
    let options = options(folder);
    let text = |key: &str, default: &str| options[key].as_str().unwrap_or(default).to_owned();
    let texts = |key: &str| -> Vec<String> {
        options[key]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| item.as_str().unwrap_or("").to_owned())
            .collect()
    };
    let mut user = UserValues {
        json: texts("setJson"),
        set: texts("set"),
        strings: texts("setString"),
        literals: texts("setLiteral"),
        ..UserValues::default()
    };
    if let Ok(bytes) = fs::read(folder.join("values.yaml")) {
        user.files.push(ValuesFile { name: "values.yaml".to_owned(), bytes });
    }
    let values =
        user.merge(profile, &|_| Err("no files here".to_owned())).map_err(|error| error.to_string())?;
    let mut tree = FileTree::new();
    add_files(&folder.join("chart"), "", &mut tree);
    let load = LoadOptions { profile, ..LoadOptions::default() };
    let loaded = Chart::from_tree(&tree, "", &load).map_err(|error| error.to_string())?;
    let environment = FixedEnvironment::default();
    let release = Release {
        name: text("release", "rel"),
        namespace: text("namespace", "ns"),
        operation: if options["isUpgrade"] == true { Operation::Upgrade } else { Operation::Install },
    };
    let mut render_options = RenderOptions::new(release, profile, &environment);
    render_options.api_versions = texts("apiVersions");
    if let Some(version) = options["kubeVersion"].as_str() {
        render_options.kube_version = KubeVersion::parse(version).map_err(|error| error.to_string())?;
    }
    let mut warnings = Vec::new();
    let rendered =
        render(&loaded.chart, &values, &render_options, &mut warnings).map_err(|error| error.to_string())?;
    let mut printed = Vec::new();
    if options["includeCrds"] == true {
        for file in &rendered.crds {
            append(&mut printed, &file.name, &file.data);
        }
    }
    for Manifest { path, content, .. } in &rendered.manifests {
        append(&mut printed, path, content);
    }
    let mut printed = trim(&printed).to_vec();
    printed.push(b'\n');
    for Manifest { path, content, .. } in &rendered.hooks {
        append(&mut printed, path, content);
    }
    Ok(String::from_utf8(printed).expect("the cases are UTF-8"))
}

fn append(text: &mut Vec<u8>, path: &str, content: &[u8]) {
    text.extend_from_slice(format!("---\n# Source: {path}\n").as_bytes());
    text.extend_from_slice(content);
    text.push(b'\n');
}

fn add_files(folder: &Path, prefix: &str, tree: &mut FileTree) {
    for entry in fs::read_dir(folder).expect("a folder of the chart") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if path.is_dir() {
            add_files(&path, &name, tree);
        } else {
            tree.insert(&name, fs::read(&path).expect("a file of the chart"))
                .expect("a path within the chart");
        }
    }
}
