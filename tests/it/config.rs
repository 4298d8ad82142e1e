//! Environment files and what is said of them: `tests/corpus/config/<case>.yaml` beside `<case>.expected`.

use plimsoll::config::{environment_path, read_environment};
use plimsoll::diagnostic::text;

use crate::support::expected;

#[test]
fn every_problem_of_an_environment_file_is_told_at_its_place() {
    let mut wrong = Vec::new();
    for path in expected::entries("config") {
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("the corpus can be read");
        let got = match read_environment("dev", &bytes) {
            Ok((environment, document)) => {
                assert_eq!(document.path(), environment_path("dev"));
                let value = serde_json::to_value(&environment).expect("an environment is JSON");
                format!("{value:#}\n")
            }
            Err(diagnostics) => text::print(&diagnostics, false),
        };
        wrong.extend(expected::compare(&path.with_extension("expected"), &got));
    }
    expected::assert_none(&wrong);
}
