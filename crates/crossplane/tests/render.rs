//! Cases of `crossplane render`: a folder with the three files, `arguments` with one flag and value a line, and what comes of
//! it, `expected.yaml` or `expected.err`.
//!
//! `UPDATE_EXPECTED=1 cargo test -p plimsoll-crossplane --test render` writes the expected side.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_crossplane::manifest::Files;
use plimsoll_crossplane::render::{RenderArguments, render};
use plimsoll_crossplane::supplied_output::SuppliedOutput;
use plimsoll_yaml::{Budget, Dialect, Numbers, parse};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|_| format!("open {path}: no such file or directory"))
    }

    fn list(&self, path: &str) -> Result<Option<Vec<String>>, String> {
        let Ok(entries) = fs::read_dir(self.0.join(path)) else { return Ok(None) };
        let mut names: Vec<String> = entries
            .map(|entry| {
                format!(
                    "{path}/{}",
                    entry.expect("the folder of cases can be read and written").file_name().to_string_lossy()
                )
            })
            .collect();
        names.sort();
        Ok(Some(names))
    }
}

fn arguments(case: &Path) -> RenderArguments {
    let mut arguments = RenderArguments {
        composite: "xr.yaml".to_owned(),
        composition: "composition.yaml".to_owned(),
        functions: "functions.yaml".to_owned(),
        ..RenderArguments::default()
    };
    for line in fs::read_to_string(case.join("arguments")).unwrap_or_default().lines() {
        let (flag, value) = line.split_once(' ').unwrap_or((line, ""));
        match flag {
            "observed" => arguments.observed = Some(value.to_owned()),
            "required" => arguments.required = Some(value.to_owned()),
            "extra" => arguments.extra = Some(value.to_owned()),
            "function-output" => arguments.outputs.extend(outputs(&case.join(value))),
            "xrd" => arguments.xrd = Some(value.to_owned()),
            "credentials" => arguments.credentials = Some(value.to_owned()),
            "include-results" => arguments.include.results = true,
            "include-context" => arguments.include.context = true,
            "include-full" => arguments.include.full_composite = true,
            other => panic!("{}: unknown flag {other}", case.display()),
        }
    }
    arguments
}

fn outputs(path: &Path) -> Vec<SuppliedOutput> {
    let text = fs::read(path).expect("a file of answers can be read");
    let documents = parse(&text, Dialect::Helm, &Budget::DEFAULT).expect("answers are YAML");
    documents
        .into_iter()
        .map(|document| document.root.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data"))
        .map(|value| SuppliedOutput::read(&value).expect("an answer"))
        .collect()
}

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render");
    let is_update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!(is_update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("the folder of cases can be read and written")
        .map(|entry| entry.expect("the folder of cases can be read and written").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 9, "the folder of cases is not there");
    let mut failures = Vec::new();
    for case in cases {
        let (file, found) = match render(&arguments(&case), &Folder(case.clone())) {
            Ok(text) => ("expected.yaml", text),
            Err(error) => ("expected.err", error + "\n"),
        };
        if is_update {
            for name in ["expected.yaml", "expected.err"] {
                let _ = fs::remove_file(case.join(name));
            }
            fs::write(case.join(file), found).expect("the folder of cases can be read and written");
            continue;
        }
        let expected = fs::read_to_string(case.join(file)).unwrap_or_default();
        if expected != found {
            failures.push(format!("{}\n--- expected\n{expected}\n--- found\n{found}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
