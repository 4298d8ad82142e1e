//! Reports as HTML pages: `tests/corpus/html/<case>.json` beside `<case>.html`, what stands in the page. Where Chromium is
//! there (`PLIMSOLL_PEER_CHROMIUM`), every page is opened in it too.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll::report::diff::{self, DiffReport};
use plimsoll::report::drift;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::expected;

/// The pages of the corpus by name: those of its own, and one for each diff.
fn pages() -> Vec<(PathBuf, String)> {
    let of = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a report");
        (path, page(&bytes))
    };
    let own =
        expected::entries("html").into_iter().filter(|path| path.extension().is_some_and(|e| e == "json"));
    let diffs = expected::entries("diff").into_iter().map(|case| case.join("expected.json"));
    own.chain(diffs.filter(|path| path.exists())).map(of).collect()
}

fn page(report: &[u8]) -> String {
    let value: Value = serde_json::from_slice(report).expect("a report is JSON");
    if value["kind"] == "DiffReport" {
        let report: DiffReport = serde_json::from_value(value).expect("a diff report");
        return diff::html::print(&report);
    }
    drift::html::print(&drift::format::parse(report).expect("a drift report"))
}

/// What stands between two marks.
pub(crate) fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = text.split_once(start).expect("the start").1;
    rest.split_once(end).expect("the end").0
}

#[test]
fn pages_hold_what_is_expected() {
    let mut wrong = Vec::new();
    for (path, page) in
        pages().into_iter().filter(|(path, _)| path.parent().is_some_and(|p| p.ends_with("html")))
    {
        let body = between(&page, "<body>\n", "<script type=\"application/json\"");
        let body = body.replace("><", ">\n<");
        wrong.extend(expected::compare(&path.with_extension("html"), &body));
    }
    expected::assert_none(&wrong);
}

#[test]
fn pages_allow_their_own_style_and_script_and_nothing_else() {
    for (path, page) in pages() {
        let path = path.display();
        let digest =
            |source: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(source.as_bytes())));
        let style = digest(between(&page, "<style>", "</style>"));
        let script = digest(between(&page, "<script>", "</script>"));
        let policy = format!(
            "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
        );
        let told =
            between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
        assert_eq!(told, policy, "{path}");
        assert_eq!(page.matches("<script").count(), 2, "{path}: a script came in");
        assert_eq!(page.matches("<style").count(), 1, "{path}");
        for forbidden in ["<img", "<iframe", "<object", "<link", "<base", " style=\"", " onerror=\"", " src="]
        {
            let body = between(&page, "<body>", "<script type");
            assert!(
                !body.contains(forbidden) || forbidden == " src=" && body.contains("&lt;img src="),
                "{path}: {forbidden}"
            );
        }
        for link in page.match_indices("href=\"").map(|(at, _)| &page[at + 6..]) {
            assert!(link.starts_with('#'), "{path}: a link leads out: {}", link.get(..20).unwrap_or(link));
        }
        let data = between(&page, "id=\"report\">", "</script>");
        let data: Value = serde_json::from_str(data).expect("the report within the page is JSON");
        assert_eq!(data["apiVersion"], "plimsoll.dev/v1alpha1", "{path}");
    }
}

/// A report with this many resources that change.
fn large(resources: u32) -> DiffReport {
    let case = expected::package().join("tests/corpus/html/diff.json");
    let mut report: DiffReport =
        serde_json::from_slice(&std::fs::read(case).expect("a report")).expect("a diff report");
    let layer = &mut report.environments[0].layers[0];
    let first = layer.resources[1].clone();
    layer.resources = (0..resources)
        .map(|index| {
            let mut resource = first.clone();
            resource.id.name = format!("web-{index:05}");
            resource
        })
        .collect();
    report
}

/// Chromium, where `cargo xtask test` has found it.
fn chromium() -> Option<PathBuf> {
    let found = std::env::var_os("PLIMSOLL_PEER_CHROMIUM").map(PathBuf::from);
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
        {
            eprintln!("skipped: pages in Chromium: PLIMSOLL_PEER_CHROMIUM is not set");
        }
    }
    found
}

/// What Chromium makes of a page: the document after its script has run, and what its console says.
pub(crate) fn opened(chromium: &Path, page: &Path, fragment: &str, arguments: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(chromium)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--enable-logging=stderr",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}{fragment}", page.display()))
        .output()
        .expect("Chromium starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let console =
        text(&output.stderr).lines().filter(|line| line.contains("CONSOLE")).collect::<Vec<_>>().join("\n");
    (text(&output.stdout), console)
}

#[test]
fn pages_work_in_chromium() {
    let Some(chromium) = chromium() else { return };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("html-reports");
    std::fs::create_dir_all(&folder).expect("a folder for the pages");
    for (path, page) in pages() {
        if path.parent().is_none_or(|parent| !parent.ends_with("html")) {
            continue;
        }
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let file = folder.join(format!("{name}.html"));
        let resource = between(&page, "<details class=\"resource", ">");
        let id = if resource.contains("id=\"r") { between(resource, "id=\"", "\"") } else { "g0" };
        let fragment = &format!("#{id}");
        std::fs::write(&file, &page).expect("the page can be written");
        let (document, console) = opened(&chromium, &file, fragment, &["--dump-dom"]);
        assert_eq!(console, "", "{name}: the console says something");
        let tools = document.split_once("<form id=\"tools\"").expect("the tools").1;
        let (tools, rest) = tools.split_once('>').expect("the end of the tag");
        assert!(!tools.contains("hidden"), "{name}: the script did not run");
        assert!(rest.contains(" shown</output>"), "{name}: nothing was counted");
        assert!(!document.contains("<img"), "{name}: markup came in");
        let target = document.split_once(&format!("id=\"{id}\""));
        let target = target.expect("the target").1.split_once('>').expect("the end of the tag").0;
        assert!(target.contains("open"), "{name}: the target of the link is not open");
        for (look, arguments) in
            [("light", vec![]), ("dark", vec!["--blink-settings=preferredColorScheme=0"])]
        {
            let picture = folder.join(format!("{name}-{look}.png"));
            let to = format!("--screenshot={}", picture.display());
            let arguments = [arguments, vec!["--window-size=1280,1600", "--hide-scrollbars", &to]].concat();
            opened(&chromium, &file, fragment, &arguments);
            let bytes = std::fs::read(&picture).expect("a picture").len();
            assert!(bytes > 10_000, "{name}: the picture is empty");
        }
        let printed = folder.join(format!("{name}.pdf"));
        opened(&chromium, &file, "", &[&format!("--print-to-pdf={}", printed.display())]);
        assert!(std::fs::read(&printed).expect("a PDF").starts_with(b"%PDF"), "{name}");
    }
}

#[test]
fn ten_thousand_resources_do_not_freeze_chromium() {
    let Some(chromium) = chromium() else { return };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("html-reports");
    std::fs::create_dir_all(&folder).expect("a folder for the pages");
    let time = |resources: u32| {
        let file = folder.join(format!("{resources}.html"));
        std::fs::write(&file, diff::html::print(&large(resources))).expect("the page can be written");
        let started = Instant::now();
        let last = format!("r{}", resources - 1);
        let (document, console) = opened(&chromium, &file, &format!("#{last}"), &["--dump-dom"]);
        assert_eq!(console, "");
        assert!(document.contains(&format!("{resources} of {resources} shown")));
        let tags: Vec<&str> =
            document.split("<details ").skip(1).filter_map(|rest| rest.split('>').next()).collect();
        let opened = tags.iter().filter(|tag| tag.contains("open=\"\"")).count();
        assert_eq!(
            opened,
            if resources > 20 { 1 } else { tags.len() },
            "few are open, of many what the link leads to"
        );
        assert!(tags.iter().any(|tag| tag.contains(&last) && tag.contains("open=\"\"")));
        started.elapsed()
    };
    let (few, many) = (time(10), time(10_000));
    println!(
        "ten resources {few:?}, ten thousand {many:?}, start of the browser and printing of the document included"
    );
    assert!(many < few + Duration::from_secs(180), "{many:?} against {few:?}");
}
