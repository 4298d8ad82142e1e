//! README's picture of a page: taken by Chromium of the page that a change of this repository's environments makes, and kept true.
//!
//! The page is compared with `tests/corpus/readme/diff-report.html` as text. A picture looks a little different on every machine, so
//! it is not compared: `picture.txt` beside the page has the digests of the page and of the picture that was taken of it.
//! `env -u CI UPDATE_EXPECTED=1` with `PLIMSOLL_PEER_CHROMIUM` takes it anew.

use plimsoll::report::diff::{self, DiffReport};
use sha2::{Digest, Sha256};

use crate::html_reports::{between, opened};
use crate::support::{TemporaryRepository, copy, expected, peer};

/// What changes on the picture: the versions of Langfuse, and in `dev` the database, the cache and the worker.
const CHANGES: [(&str, &str, &str); 2] = [
    ("base/app/values.yaml", "langfuse/langfuse, tag: 3.224.1", "langfuse/langfuse, tag: 3.225.0"),
    (
        "base/app/values.yaml",
        "langfuse/langfuse-worker, tag: 3.224.1",
        "langfuse/langfuse-worker, tag: 3.225.0",
    ),
];

/// What `dev` is given of its own.
const OF_DEV: [(&str, &str); 2] = [
    ("overlays/dev/app/values.yaml", "images: {valkey: {tag: 9.0.1}}\nworker: {replicas: 0}\n"),
    ("overlays/dev/deps/values.yaml", "database: {engineVersion: \"17\"}\n"),
];

/// The page of the change; its commits, which differ from run to run, have numbers of their own.
fn page() -> String {
    let repository = TemporaryRepository::new();
    for folder in ["base", "overlays", "environments"] {
        copy(&expected::package().join(folder), &repository.path().join(folder));
    }
    repository.commit("inputs and environments");
    repository.git(&["switch", "--quiet", "--create", "change"]);
    for (path, before, after) in CHANGES {
        let text = std::fs::read_to_string(repository.path().join(path)).expect("an input");
        assert!(text.contains(before), "{path} has no `{before}`, which the picture shows the change of");
        repository.write(path, &text.replace(before, after));
    }
    for (path, text) in OF_DEV {
        assert!(!repository.path().join(path).exists(), "{path} would be lost");
        repository.write(path, text);
    }
    repository.commit("a change");
    let run = repository.run(&["diff", "--all", "--base", "main", "-o", "json"]);
    assert_eq!(run.status, 0, "{run}");
    let mut report: DiffReport = serde_json::from_str(&run.stdout).expect("a report");
    for environment in &mut report.environments {
        environment.base.commit = Some("1".repeat(40));
        environment.base.is_merge_base = false;
        environment.head.commit = Some("2".repeat(40));
    }
    diff::html::print(&report)
}

#[test]
fn the_picture_is_of_the_page_that_is_made_today() {
    let page = page();
    let body = between(&page, "<body>\n", "<footer>").replace("><", ">\n<");
    let folder = expected::package().join("tests/corpus/readme");
    let mut wrong: Vec<String> =
        expected::compare(&folder.join("diff-report.html"), &body).into_iter().collect();
    // The picture is of the top of the page in its style; the report within the page and the footer are not on it.
    let digest = |bytes: &[u8]| hex(&Sha256::digest(bytes));
    let shown = digest(format!("{}{body}", between(&page, "<style>", "</style>")).as_bytes());
    let picture = expected::package().join("docs/diff-report.png");
    let told = |bytes: &[u8]| format!("page {shown}\npicture {}\n", digest(bytes));
    let before = told(&std::fs::read(&picture).unwrap_or_default());
    let noted = folder.join("picture.txt");
    if expected::updates() && std::fs::read_to_string(&noted).ok().as_deref() != Some(before.as_str()) {
        let chromium = peer("CHROMIUM").expect("the picture is taken by Chromium");
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let file = scratch.path().join("page.html");
        std::fs::write(&file, &page).expect("a file");
        let to = format!("--screenshot={}", picture.display());
        opened(&chromium, &file, "", &["--window-size=1100,1290", "--hide-scrollbars", &to]);
    }
    wrong.extend(expected::compare(&noted, &told(&std::fs::read(&picture).expect("the picture"))));
    expected::assert_none(&wrong);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
