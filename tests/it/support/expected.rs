//! Expected outputs as files beside their inputs.
//!
//! `UPDATE_EXPECTED=1` writes what came out instead of comparing; it is refused where `CI` is set, since there nobody looks
//! at the change.

use std::path::{Path, PathBuf};

/// The root of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether expected files are to be written.
pub(crate) fn updates() -> bool {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some_and(|value| value == "1");
    assert!(!(update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    update
}

/// Compares a text with a file, or writes the file. Gives back what is wrong.
pub(crate) fn compare(path: &Path, got: &str) -> Option<String> {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == got && path.exists() {
        return None;
    }
    if updates() {
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .expect("the corpus can be written");
        std::fs::write(path, got).expect("the corpus can be written");
        return None;
    }
    let shown = path.strip_prefix(package()).unwrap_or(path).display();
    Some(format!("{shown}\n--- expected\n{expected}--- got\n{got}"))
}

/// Fails with all that is wrong, and says how to accept it.
#[track_caller]
pub(crate) fn assert_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} of the corpus differ; `UPDATE_EXPECTED=1 cargo test --test it` accepts what came out\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The entries of a folder of the corpus, sorted.
pub(crate) fn entries(folder: &str) -> Vec<PathBuf> {
    let folder = package().join("tests/corpus").join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the corpus can be read").path())
        .collect();
    paths.sort();
    paths
}
