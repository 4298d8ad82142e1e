//! Kustomizations beside what `kustomize build` 5.8.1 makes of them: `cases/<feature>/<case>/in` and `expected.yaml` or
//! `expected.err`, with the flags of the command in `flags` where there are any.
//!
//! `UPDATE_EXPECTED=1` writes what this crate makes of them; compare that with the original before it is committed.

use std::path::{Path, PathBuf};

use plimsoll_kustomize::{BuildOptions, LoadRestriction, Sources, TreeFiles, build};
use plimsoll_resource::FileTree;

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("cases are a folder").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        if entry.join("in").is_dir() {
            found.push(entry);
        } else if entry.is_dir() {
            found.extend(cases(&entry));
        }
    }
    found
}

fn read_tree(root: &Path, folder: &Path, tree: &mut FileTree) {
    for entry in std::fs::read_dir(folder).expect("a case's files are a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_tree(root, &path, tree);
        } else {
            let inner =
                path.strip_prefix(root).expect("the file lies below the root").to_string_lossy().into_owned();
            tree.insert(&inner, std::fs::read(&path).expect("the file can be read"))
                .expect("the path stays below");
        }
    }
}

fn run(case: &Path) -> Result<String, String> {
    let mut tree = FileTree::new();
    let root = case.join("in");
    read_tree(&root, &root, &mut tree);
    let files = TreeFiles::new(tree);
    let flags = std::fs::read_to_string(case.join("flags")).unwrap_or_default();
    let mut options = BuildOptions::default();
    if flags.contains("LoadRestrictionsNone") {
        options.load_restriction = LoadRestriction::None;
    }
    let sources = Sources { files: &files, remote: None, charts: None };
    let built = build(sources, "/", &options, &mut |_| {}).and_then(|built| built.to_yaml());
    built.map_err(|error| format!("{}\n", error.message().trim()))
}

#[test]
fn builds_are_those_of_kustomize() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!(update && std::env::var_os("CI").is_some()), "expected output is not updated in CI");
    let all = cases(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    assert!(!all.is_empty(), "there are cases");
    let mut differing = Vec::new();
    for case in &all {
        let got = run(case);
        let (name, text) = match &got {
            Ok(text) => ("expected.yaml", text),
            Err(text) => ("expected.err", text),
        };
        if update {
            for stale in ["expected.yaml", "expected.err"] {
                let _ = std::fs::remove_file(case.join(stale));
            }
            std::fs::write(case.join(name), text).expect("the case can be written");
        } else if std::fs::read_to_string(case.join(name)).ok().as_ref() != Some(text) {
            let other = if got.is_ok() { "expected.err" } else { "expected.yaml" };
            let expected =
                [name, other].iter().find_map(|name| std::fs::read_to_string(case.join(name)).ok());
            differing.push(format!(
                "{}\n--- expected\n{}--- got ({name})\n{text}",
                case.display(),
                expected.unwrap_or_default()
            ));
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {} cases differ:\n{}",
        differing.len(),
        all.len(),
        differing.join("\n")
    );
}

/// A text that is long enough to be read and printed on all processors.
fn long_text(documents: usize) -> String {
    let document = |index: usize| {
        let value = format!("v{index:04}").repeat(80);
        format!(
            "apiVersion: v1\ndata:\n  value: {value}\nkind: ConfigMap\nmetadata:\n  name: map-{index:04}\n"
        )
    };
    (0..documents).map(document).collect::<Vec<_>>().join("---\n")
}

fn build_of(text: &str) -> Result<String, String> {
    let mut tree = FileTree::new();
    tree.insert("all.yaml", text.as_bytes().to_vec()).expect("the path stays below");
    let kustomization = b"resources: [all.yaml]\nsortOptions: {order: fifo}\n".to_vec();
    tree.insert("kustomization.yaml", kustomization).expect("the path stays below");
    let files = TreeFiles::new(tree);
    let sources = Sources { files: &files, remote: None, charts: None };
    let built = build(sources, "/", &BuildOptions::default(), &mut |_| {}).and_then(|built| built.to_yaml());
    built.map_err(|error| error.message().to_owned())
}

#[test]
fn long_texts_keep_their_order() {
    let text = long_text(400);
    assert!(text.len() > 128 * 1024, "{}", text.len());
    assert_eq!(build_of(&text).as_deref(), Ok(text.as_str()));
}

#[test]
fn of_several_mistakes_in_a_long_text_the_first_is_told() {
    let text = long_text(400)
        .replace("name: map-0100\n", "name: [first\n")
        .replace("name: map-0300\n", "name: {second\n");
    let error = build_of(&text).expect_err("two documents are malformed");
    assert!(error.contains("did not find expected ',' or ']'"), "{error}");
}
