//! What stands in the way: every path is told, and nothing is changed.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Render, Sandbox, git_in};

const A: &str = "environments/dev/app/a.yaml";
const B: &str = "environments/dev/app/b.yaml";
const ADOPT: &str = "help: nothing was changed; --adopt takes over what was edited by hand or is in the way";

/// Tries a render that must be refused with this text, and checks that nothing whatever has changed.
fn refused(sandbox: &Sandbox, render: &Render, expected: &str) {
    let state = || (sandbox.status(), sandbox.git(&["for-each-ref"]), sandbox.git(&["count-objects", "-v"]));
    let before = state();
    assert_eq!(render.refusal(&sandbox.repository()), expected);
    assert_eq!(state(), before);
    sandbox.assert_sound();
}

#[test]
fn every_hand_edit_is_listed() {
    let sandbox = Sandbox::new();
    let names = ["committed", "deleted-committed", "work", "deleted", "mode"];
    let paths: Vec<String> = names.iter().map(|name| format!("environments/dev/{name}.yaml")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "x: 1\n")).collect();
    sandbox.render(&[], &files).expect("a commit");
    sandbox.put("environments/dev/committed.yaml", "x: 2\n");
    sandbox.git(&["rm", "-q", "environments/dev/deleted-committed.yaml"]);
    sandbox.git(&["commit", "-qam", "by hand"]);
    sandbox.put("environments/dev/work.yaml", "x: 3\n");
    fs::remove_file(sandbox.root.join("environments/dev/deleted.yaml")).expect("removed");
    let mode = sandbox.root.join("environments/dev/mode.yaml");
    fs::set_permissions(mode, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    refused(
        &sandbox,
        &Render::new(&files, &files),
        &format!(
            "\
5 paths stand in the way:
  `environments/dev/committed.yaml` was edited by hand and committed
  `environments/dev/deleted-committed.yaml` was deleted by hand and committed
  `environments/dev/deleted.yaml` was deleted by hand
  `environments/dev/mode.yaml` was edited by hand
  `environments/dev/work.yaml` was edited by hand
{ADOPT}"
        ),
    );
}

#[test]
fn a_hand_edit_of_a_file_that_would_be_removed_is_kept() {
    let sandbox = Sandbox::new();
    let files = [(A, "a: 1\n"), (B, "b: 1\n")];
    sandbox.render(&[], &files).expect("a commit");
    sandbox.put(B, "b: by hand\n");
    let render = Render::new(&files, &[(A, "a: 1\n")]);
    refused(&sandbox, &render, &format!("`{B}` was edited by hand\n{ADOPT}"));
}

#[test]
fn foreign_files_are_listed_whether_tracked_staged_or_untracked() {
    let sandbox = Sandbox::new();
    sandbox.put("environments/dev/tracked.yaml", "mine\n");
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "mine"]);
    sandbox.put("environments/dev/staged.yaml", "mine\n");
    sandbox.git(&["add", "."]);
    fs::remove_file(sandbox.root.join("environments/dev/staged.yaml")).expect("removed");
    sandbox.put("environments/dev/untracked.yaml", "mine\n");
    let paths =
        ["tracked", "staged", "untracked", "free"].map(|name| format!("environments/dev/{name}.yaml"));
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "ours\n")).collect();
    refused(
        &sandbox,
        &Render::new(&[], &files),
        &format!(
            "\
3 paths stand in the way:
  `environments/dev/staged.yaml` is in the way and was not rendered
  `environments/dev/tracked.yaml` is in the way and was not rendered
  `environments/dev/untracked.yaml` is in the way and was not rendered
{ADOPT}"
        ),
    );
}

#[test]
fn adopting_replaces_edits_and_keeps_what_only_the_work_tree_had() {
    let sandbox = Sandbox::new();
    let files = [(A, "a: 1\n")];
    sandbox.render(&[], &files).expect("a commit");
    sandbox.put(A, "a: by hand\n");
    sandbox.put(B, "b: mine\n");
    let render = Render::new(&files, &[(A, "a: 2\n"), (B, "b: 1\n")]).adopting();
    let committed = render.commit(&sandbox.repository()).expect("a commit");
    let saved: Vec<(String, String)> = committed
        .saved
        .iter()
        .map(|saved| (saved.path.clone(), sandbox.git(&["cat-file", "blob", &saved.blob])))
        .collect();
    assert_eq!(saved, [(A.to_owned(), "a: by hand".to_owned()), (B.to_owned(), "b: mine".to_owned())]);
    assert_eq!(sandbox.status(), "");
    sandbox.assert_sound();
}

#[test]
fn links_anywhere_on_a_path_are_refused_even_when_adopting() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.root.join("elsewhere")).expect("a folder");
    fs::create_dir_all(sandbox.root.join("environments/dev")).expect("a folder");
    symlink("../../elsewhere", sandbox.root.join("environments/dev/app")).expect("a link");
    symlink("../../README.md", sandbox.root.join("environments/dev/leaf.yaml")).expect("a link");
    let files = [(A, "a: 1\n"), ("environments/dev/leaf.yaml", "x\n")];
    let expected = "\
2 paths stand in the way:
  `environments/dev/app` is a symbolic link
  `environments/dev/leaf.yaml` is a symbolic link";
    refused(&sandbox, &Render::new(&[], &files), expected);
    refused(&sandbox, &Render::new(&[], &files).adopting(), expected);
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "links"]);
    refused(&sandbox, &Render::new(&[], &files).onto("main"), expected);
    refused(&sandbox, &Render::new(&[], &files).onto("other"), expected);
    assert!(fs::read_dir(sandbox.root.join("elsewhere")).expect("a folder").next().is_none());
}

#[test]
fn a_link_above_the_environment_is_refused() {
    let sandbox = Sandbox::new();
    symlink("base", sandbox.root.join("environments")).expect("a link");
    refused(&sandbox, &Render::new(&[], &[(A, "a: 1\n")]), "`environments` is a symbolic link");
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "a link"]);
    refused(&sandbox, &Render::new(&[], &[(A, "a: 1\n")]).onto("x"), "`environments` is a symbolic link");
}

#[test]
fn submodules_and_other_repositories_are_refused() {
    let sandbox = Sandbox::new();
    let other = sandbox.beside("other");
    fs::create_dir(&other).expect("a folder");
    git_in(&other, &["init", "-q"]);
    git_in(&other, &["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x", "--allow-empty"]);
    let url = other.display().to_string();
    let add =
        ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "environments/dev/app"];
    sandbox.git(&add);
    let expected = "`environments/dev/app` is a submodule or another repository";
    refused(&sandbox, &Render::new(&[], &[(A, "a: 1\n")]), expected);
    sandbox.git(&["commit", "-qm", "a submodule"]);
    refused(&sandbox, &Render::new(&[], &[(A, "a: 1\n")]).onto("x"), expected);
    sandbox.git(&["rm", "-qf", "environments/dev/app"]);
    sandbox.git(&["commit", "-qm", "none"]);
    git_in(&sandbox.root, &["init", "-q", "environments/dev/app"]);
    refused(&sandbox, &Render::new(&[], &[(A, "a: 1\n")]), expected);
}

#[test]
fn paths_of_inputs_outside_or_without_a_safe_name_are_refused() {
    let sandbox = Sandbox::new();
    let files = [
        ("base/app/x.yaml", ""),
        ("environments/dev/.GIT/config", ""),
        ("environments/dev/a\nb", ""),
        ("environments/dev/c:d", ""),
        ("environments/development/x.yaml", ""),
        ("overlays/dev/x.yaml", ""),
    ];
    refused(
        &sandbox,
        &Render::new(&[], &files).adopting(),
        "\
6 paths stand in the way:
  `base/app/x.yaml` lies in a folder of inputs
  `overlays/dev/x.yaml` lies in a folder of inputs
  `environments/development/x.yaml` lies outside the environment's folder
  `environments/dev/.GIT/config` is not a name for a file
  `environments/dev/a\nb` is not a name for a file
  `environments/dev/c:d` is not a name for a file",
    );
}

#[test]
fn files_where_folders_are_needed_and_folders_where_files_are_needed_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.put("environments/dev/app", "a file\n");
    sandbox.put("environments/dev/file.yaml/inside", "mine\n");
    let files = [(A, "a: 1\n"), ("environments/dev/file.yaml", "x\n")];
    let expected = "\
2 paths stand in the way:
  `environments/dev/app` is where the output needs another kind of file
  `environments/dev/file.yaml/inside` is where the output needs another kind of file";
    refused(&sandbox, &Render::new(&[], &files).adopting(), expected);
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "-qm", "in the way"]);
    refused(&sandbox, &Render::new(&[], &files).onto("other").adopting(), expected);
}

#[test]
fn attributes_that_need_another_program_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.put(".gitattributes", "*.yaml filter=lfs\n");
    let render = Render::new(&[], &[(A, "a: 1\n")]);
    refused(
        &sandbox,
        &render,
        &format!("`{A}` has the Git attribute `filter=lfs`, which needs another program"),
    );
}

#[test]
fn a_merge_in_progress_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-qb", "side"]);
    sandbox.git(&["commit", "-qm", "side", "--allow-empty"]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["commit", "-qm", "main", "--allow-empty"]);
    sandbox.git(&["merge", "-q", "--no-commit", "side"]);
    let path = sandbox.root.canonicalize().expect("a path").join(".git/");
    refused(
        &sandbox,
        &Render::new(&[], &[(A, "a: 1\n")]),
        &format!("a merge is in progress in `{}`\nhelp: finish or abort the merge first", path.display()),
    );
}

#[test]
fn nobody_to_commit_as_is_refused() {
    let sandbox = Sandbox::new();
    // Empty, not unset: the machine that tests may have an address of its own.
    sandbox.git(&["config", "user.email", ""]);
    refused(
        &sandbox,
        &Render::new(&[], &[(A, "a: 1\n")]),
        "\
Git's configuration does not say who the author is
help: run `git config user.name \"Your Name\"` and `git config user.email you@example.com`",
    );
}

#[test]
fn names_that_no_branch_can_have_are_refused() {
    let sandbox = Sandbox::new();
    for name in ["", "a..b", "-x", "HEAD", "a b"] {
        let render = Render::new(&[], &[(A, "a: 1\n")]).onto(name);
        refused(&sandbox, &render, &format!("`{name}` cannot be the name of a branch"));
    }
}

#[test]
fn a_branch_of_another_work_tree_is_refused() {
    let sandbox = Sandbox::new();
    let linked = sandbox.beside("linked");
    sandbox.git(&["worktree", "add", "-q", &linked.display().to_string(), "-b", "side"]);
    let linked = linked.canonicalize().expect("a path");
    refused(
        &sandbox,
        &Render::new(&[], &[(A, "a: 1\n")]).onto("side"),
        &format!("branch `side` is checked out in `{0}`\nhelp: render in `{0}`", linked.display()),
    );
}
