//! What README shows of reports: the picture of a page, and what it quotes of a comment, a check and an issue.
//!
//! The picture is taken by Chromium of the page that a change of this repository's environments makes.
//! The page is compared with `tests/corpus/readme/diff-report.html` as text. A picture looks a little different on every machine, so
//! it is not compared: `picture.txt` beside the page has the digests of the page and of the picture that was taken of it.
//! `env -u CI UPDATE_EXPECTED=1` with `PLIMSOLL_PEER_CHROMIUM` takes it anew.

use plimsoll::report::diff::{self, DiffReport};
use plimsoll::report::github::TEXT_LIMIT;
use plimsoll::report::github::diff_comment::{self, Surroundings};
use sha2::{Digest, Sha256};

use crate::html_reports::{between, opened};
use crate::support::{TemporaryRepository, copy, expected, peer};

/// An input, what stands in it, and what stands there after the change.
type Edit = (&'static str, &'static str, &'static str);

const NEW_WEB: Edit =
    ("base/app/values.yaml", "langfuse/langfuse, tag: 3.224.1", "langfuse/langfuse, tag: 3.225.0");
const NEW_WORKER: Edit = (
    "base/app/values.yaml",
    "langfuse/langfuse-worker, tag: 3.224.1",
    "langfuse/langfuse-worker, tag: 3.225.0",
);

/// What a change of this repository's inputs does, by edits and by files that `dev` has not; its commits, which differ from run to
/// run, have numbers of their own.
fn report(edits: &[Edit], of_dev: &[(&str, &str)]) -> DiffReport {
    let repository = TemporaryRepository::new();
    for folder in ["base", "overlays", "environments"] {
        copy(&expected::package().join(folder), &repository.path().join(folder));
    }
    repository.commit("inputs and environments");
    repository.git(&["switch", "--quiet", "--create", "change"]);
    for (path, before, after) in edits {
        let text = std::fs::read_to_string(repository.path().join(path)).expect("an input");
        assert!(text.contains(before), "{path} has no `{before}`, which README shows the change of");
        repository.write(path, &text.replace(before, after));
    }
    for (path, text) in of_dev {
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
    report
}

/// The quotation in README that follows these words.
fn quotation(after: &str) -> String {
    let readme = std::fs::read_to_string(expected::package().join("README.md")).expect("README.md");
    let rest = readme.split_once(after).expect("the words").1.trim_start();
    let lines = rest.lines().take_while(|line| line.starts_with('>'));
    let quoted: String =
        lines.map(|line| line.strip_prefix("> ").unwrap_or_default().to_owned() + "\n").collect();
    assert!(!quoted.is_empty(), "README quotes something after `{after}`");
    quoted
}

#[test]
fn the_comment_begins_as_it_is_quoted() {
    let report = report(&[NEW_WEB], &[("overlays/dev/app/values.yaml", "worker: {replicas: 0}\n")]);
    let comment = diff_comment::text(&report, &Surroundings::default(), TEXT_LIMIT).text;
    let comment = comment.strip_prefix(diff_comment::MARKER).expect("the marker").trim_start();
    let quoted = quotation("The comment begins like this:");
    assert!(comment.starts_with(&quoted), "README quotes\n{quoted}of\n{comment}");
}

#[test]
fn the_issue_is_the_one_that_is_quoted() {
    let issue = std::fs::read_to_string(expected::package().join("tests/forge/reports/issue.md"));
    let issue = issue.expect("the text that a test of the issue expects");
    let quoted = quotation("closed when a complete check is clean.");
    assert!(issue.contains(&quoted), "README quotes\n{quoted}of\n{issue}");
}

#[test]
fn the_picture_is_of_the_page_that_is_made_today() {
    let of_dev = [
        ("overlays/dev/app/values.yaml", "images: {valkey: {tag: 9.0.1}}\nworker: {replicas: 0}\n"),
        ("overlays/dev/deps/values.yaml", "database: {engineVersion: \"17\"}\n"),
    ];
    let page = diff::html::print(&report(&[NEW_WEB, NEW_WORKER], &of_dev));
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

#[test]
fn the_check_is_the_one_of_a_case() {
    let root = expected::package();
    let case = std::fs::read_to_string(
        root.join("tests/corpus/check/cases/changed-image-and-added-variable.expected"),
    );
    let case = case.expect("the case of a changed image");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md");
    let shown = between(&readme, "were changed by `kubectl set`:\n\n```\n", "```");
    let settled = shown.replace("1f0c3a9b2d", "REVISION").replace("2026-11-23T10:00:00Z", "TIME");
    assert!(case.contains(&settled), "README shows\n{settled}of\n{case}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
