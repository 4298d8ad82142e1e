//! Cases of validation: a folder with `definitions.yaml` and `resources.yaml`, and what is found, `expected.txt`: a line for each
//! resource and one below it for each error, or the error that the definitions give.
//!
//! `UPDATE_EXPECTED=1 cargo test -p plimsoll-crossplane --test validate` writes the expected side.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_crossplane::definition_text::load_definitions;
use plimsoll_crossplane::definitions::{Definitions, GroupVersionKind};
use plimsoll_crossplane::manifest::load_objects;
use plimsoll_crossplane::resource_validation::validate_resource;
use serde_json::Value;

/// Reads definitions, given which kinds there are resources of.
type Load = fn(&[u8], &BTreeSet<GroupVersionKind>) -> Result<Vec<Value>, String>;

fn validate(case: &Path, load: Load) -> Result<String, String> {
    let read = |file: &str| fs::read(case.join(file)).map_err(|error| error.to_string());
    let resources = load_objects(&read("resources.yaml")?)?;
    let kinds = resources.iter().map(GroupVersionKind::of).collect();
    let mut definitions = Definitions::default();
    for definition in load(&read("definitions.yaml")?, &kinds)? {
        definitions.add(definition)?;
    }
    definitions.check()?;
    let mut text = String::new();
    for resource in resources {
        let found = validate_resource(&resource, &definitions);
        writeln!(text, "{} {} {}", found.kind.api_version(), found.kind.kind, found.name)
            .expect("a text takes all");
        if found.verdicts.is_empty() {
            text.push_str("  not defined\n");
        }
        if let Some(problem) = found.defaulting_problem {
            writeln!(text, "  Defaulting: {problem}").expect("a text takes all");
        }
        for (check, error) in found.verdicts.iter().flat_map(|verdict| &verdict.errors) {
            writeln!(text, "  {check:?}: {error}").expect("a text takes all");
        }
    }
    Ok(text)
}

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate");
    let is_update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!(is_update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("the folder of cases can be read")
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 6, "the folder of cases is not there");
    let mut failures = Vec::new();
    for case in cases {
        let found = validate(&case, |text, _| load_objects(text));
        let of_wanted = validate(&case, |text, kinds| load_definitions(text, &|kind| kinds.contains(kind)));
        assert_eq!(found, of_wanted, "{}: definitions that are wanted only", case.display());
        let found = found.unwrap_or_else(|error| format!("error: {error}\n"));
        let expected = case.join("expected.txt");
        if is_update {
            fs::write(&expected, &found).expect("the expected side can be written");
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&found) {
            failures.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
