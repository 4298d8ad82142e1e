//! Reading revisions and work trees into memory, and comparing a render with them.

use std::os::unix::fs::symlink;

use plimsoll::git::{Limits, Snapshot};

use crate::support::{Render, Sandbox, git_in, told};

const A: &str = "environments/dev/app/a.yaml";
const B: &str = "environments/dev/app/b.yaml";
const C: &str = "environments/dev/app/c.yaml";

fn listed(snapshot: &Snapshot) -> Vec<String> {
    let files = snapshot
        .files
        .iter()
        .map(|(path, bytes)| format!("{path}: {}", String::from_utf8_lossy(bytes).trim_end()));
    let unread = snapshot.unread.iter().map(|unread| format!("{}: {:?}", unread.path, unread.reason));
    files.chain(unread).collect()
}

/// Inputs with links of every kind.
fn linked_sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("library/one.yaml", "one\n");
    sandbox.put("library/deep/two.yaml", "two\n");
    let links = [
        ("../../library/one.yaml", "file.yaml"),
        ("../../library/deep", "folder"),
        ("file.yaml", "twice.yaml"),
        ("../../../outside", "out.yaml"),
        ("/etc/hostname", "absolute"),
        ("../../.git/config", "git"),
        ("nowhere", "dangling"),
        ("circle", "circle"),
        ("..", "above"),
    ];
    for (target, name) in links {
        symlink(target, sandbox.root.join("base/app").join(name)).expect("a link");
    }
    sandbox
}

#[test]
fn links_inside_are_read_and_links_out_are_told_from_disk_and_from_git_alike() {
    let sandbox = linked_sandbox();
    let expected = [
        "base/app/file.yaml: one",
        "base/app/folder/two.yaml: two",
        "base/app/twice.yaml: one",
        "base/app/values.yaml: a: 1",
        "base/app/above: Dangling",
        "base/app/absolute: LeadsOut",
        "base/app/circle: Dangling",
        "base/app/dangling: Dangling",
        "base/app/git: LeadsOut",
        "base/app/out.yaml: LeadsOut",
    ];
    let repository = sandbox.repository();
    assert_eq!(listed(&repository.read_work_tree("base", Limits::default()).expect("files")), expected);
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "links"]);
    let commit = repository.resolve("HEAD").expect("a commit");
    assert_eq!(listed(&repository.read_commit(commit, "base", Limits::default()).expect("files")), expected);
}

#[test]
fn a_bomb_of_links_meets_the_limits() {
    let sandbox = Sandbox::new();
    sandbox.put("bomb/0/x", "x");
    for level in 1..12 {
        std::fs::create_dir(sandbox.root.join(format!("bomb/{level}"))).expect("a folder");
        for link in 0..10 {
            let target = format!("../{}", level - 1);
            symlink(target, sandbox.root.join(format!("bomb/{level}/{link}"))).expect("a link");
        }
    }
    let limits = Limits { files: 500, ..Limits::default() };
    let snapshot = sandbox.repository().read_work_tree("bomb/11", limits).expect("files");
    assert_eq!(snapshot.files.len(), 500);
    assert!(snapshot.unread.iter().any(|unread| unread.reason == plimsoll::git::UnreadReason::Limit));
}

#[test]
fn a_bomb_of_empty_folders_ends_too() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.root.join("bomb/0")).expect("a folder");
    for level in 1..12 {
        std::fs::create_dir(sandbox.root.join(format!("bomb/{level}"))).expect("a folder");
        for link in 0..10 {
            symlink(format!("../{}", level - 1), sandbox.root.join(format!("bomb/{level}/{link}")))
                .expect("a link");
        }
    }
    let limits = Limits { files: 500, ..Limits::default() };
    let snapshot = sandbox.repository().read_work_tree("bomb/11", limits).expect("files");
    assert_eq!(snapshot.unread.len(), 1);
}

#[test]
fn submodules_and_special_files_are_told() {
    let sandbox = Sandbox::new();
    git_in(&sandbox.root, &["init", "-q", "base/inner"]);
    sandbox.put("base/inner/x.yaml", "x\n");
    let made = std::process::Command::new("mkfifo").arg(sandbox.root.join("base/pipe")).status();
    assert!(made.expect("mkfifo starts").success());
    let snapshot = sandbox.repository().read_work_tree("base", Limits::default()).expect("files");
    assert_eq!(
        listed(&snapshot),
        ["base/app/values.yaml: a: 1", "base/inner: Submodule", "base/pipe: Special"]
    );
}

#[test]
fn old_revisions_and_single_files_are_read_without_a_checkout() {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    sandbox.render(&[(A, "a: 1\n")], &[(A, "a: 2\n")]).expect("a commit");
    let repository = sandbox.repository();
    let read = |revision: &str| {
        let commit = repository.resolve(revision).expect("a commit");
        repository.read_committed_file(commit, A).expect("a read")
    };
    assert_eq!(read("HEAD"), Some(b"a: 2\n".to_vec()));
    assert_eq!(read("main~1"), Some(b"a: 1\n".to_vec()));
    assert_eq!(read("HEAD~2"), None);
    assert_eq!(repository.read_work_file(A).expect("a read"), Some(b"a: 2\n".to_vec()));
    let error = repository.resolve("no-such-branch").expect_err("no commit");
    assert_eq!(
        told(&error),
        "`no-such-branch` does not name a commit\nhelp: `git branch --all` and `git tag` tell what there is; what is not here \
         yet, `git fetch` brings"
    );
    let error = repository.resolve("mian").expect_err("no commit");
    assert_eq!(told(&error), "`mian` does not name a commit\nhelp: did you mean `main`?");
}

#[test]
fn a_check_lists_what_is_stale_and_what_was_edited_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let first = [(A, "a: 1\n"), (B, "b: 1\n")];
    sandbox.render(&[], &first).expect("a commit");
    let repository = sandbox.repository();
    assert!(repository.compare(&Render::new(&first, &first).request()).expect("a comparison").is_clean());
    sandbox.put(A, "a: by hand\n");
    let before = (sandbox.status(), sandbox.git(&["count-objects", "-v"]));
    let second = [(A, "a: 1\n"), (C, "c: 1\n")];
    let comparison = repository.compare(&Render::new(&first, &second).request()).expect("a comparison");
    let changes = |changes: &[plimsoll::git::Change]| {
        changes.iter().map(|change| format!("{:?} {}", change.kind, change.path)).collect::<Vec<_>>()
    };
    assert_eq!(changes(&comparison.stale), [format!("Removed {B}"), format!("Added {C}")]);
    assert_eq!(changes(&comparison.work_tree), [format!("Changed {A}")]);
    let edits: Vec<String> =
        comparison.hand_edits.iter().map(|edit| format!("{} {}", edit.path, edit.place)).collect();
    assert_eq!(edits, [format!("{A} edited by hand")]);
    assert_eq!(comparison.refusals, []);
    assert_eq!((sandbox.status(), sandbox.git(&["count-objects", "-v"])), before);
}

#[test]
fn head_is_told_in_every_state() {
    let sandbox = Sandbox::without_commits();
    let repository = sandbox.repository();
    assert_eq!(repository.head().expect("a head"), None);
    assert_eq!(repository.head_branch().expect("a head").as_deref(), Some("main"));
    sandbox.put("x", "x\n");
    assert!(repository.is_dirty(&["x"]).expect("a state"));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "x"]);
    assert!(!repository.is_dirty(&["x"]).expect("a state"));
    assert!(!repository.is_dirty(&[]).expect("a state"));
    sandbox.git(&["checkout", "-q", "--detach"]);
    assert_eq!(repository.head_branch().expect("a head"), None);
    assert_eq!(
        repository.head().expect("a head").map(|id| id.to_string()),
        Some(sandbox.git(&["rev-parse", "HEAD"]))
    );
}
