//! Cases of strict decoding: `<case>.yaml` holds resources, `<case>.expected` a line for each and one below it for each error.
//!
//! The errors of all cases were compared with those of Kubernetes' own decoder.
//! `UPDATE_EXPECTED=1 cargo test -p plimsoll-crossplane --test built_in` writes the expected side.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_crossplane::built_in::decode_strictly;
use plimsoll_crossplane::manifest::load_objects;

fn decode(case: &Path) -> String {
    let resources = load_objects(&fs::read(case).expect("a case can be read")).expect("a case is YAML");
    let mut text = String::new();
    for resource in resources {
        writeln!(text, "{} {}", resource["kind"], resource["metadata"]["name"]).expect("a text takes all");
        match decode_strictly(&resource) {
            None => text.push_str("  no kind of Kubernetes\n"),
            Some(errors) => {
                for error in errors {
                    writeln!(text, "  {}: {error}", error.path).expect("a text takes all");
                }
            }
        }
    }
    text
}

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/built_in");
    let is_update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!(is_update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("the folder of cases can be read")
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 4, "the folder of cases is not there");
    let mut failures = Vec::new();
    for case in cases {
        let found = decode(&case);
        let expected = case.with_extension("expected");
        if is_update {
            fs::write(&expected, &found).expect("the expected side can be written");
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&found) {
            failures.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
