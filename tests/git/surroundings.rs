//! Work trees of every kind, and settings that change how files and contents relate.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use plimsoll::git::{GitError, NoObserver, Repository};

use crate::support::{Render, Sandbox, git_command, git_in, skipped, told};

const A: &str = "environments/dev/app/a.yaml";
const B: &str = "environments/dev/app/b.yaml";
const C: &str = "environments/dev/network/c.yaml";

#[test]
fn a_linked_work_tree_is_rendered_into() {
    let sandbox = Sandbox::new();
    let linked = sandbox.beside("linked");
    sandbox.git(&["worktree", "add", "-q", &linked.display().to_string(), "-b", "side"]);
    fs::write(linked.join("untracked.txt"), "mine\n").expect("a file");
    let repository = Repository::discover(&linked.join("base/app")).expect("a repository");
    let committed = Render::new(&[], &[(A, "a: 1\n")]).commit(&repository).expect("a commit");
    assert_eq!(committed.reference, "refs/heads/side");
    assert_eq!(git_in(&linked, &["status", "--porcelain"]), "?? untracked.txt");
    assert_eq!(fs::read_to_string(linked.join(A)).expect("the file"), "a: 1\n");
    assert_eq!(sandbox.status(), "");
    assert_eq!(sandbox.text(A), None);
    sandbox.assert_sound();
}

#[test]
fn another_clone_is_rendered_into() {
    let sandbox = Sandbox::new();
    let clone = sandbox.beside("clone");
    sandbox.git(&["clone", "-q", ".", &clone.display().to_string()]);
    git_in(&clone, &["config", "user.name", "Ada"]);
    git_in(&clone, &["config", "user.email", "ada@example.com"]);
    let repository = Repository::open(&clone).expect("a repository");
    Render::new(&[], &[(A, "a: 1\n")]).commit(&repository).expect("a commit");
    assert_eq!(git_in(&clone, &["status", "--porcelain"]), "");
    assert_eq!(git_in(&clone, &["rev-list", "--count", "origin/main..main"]), "1");
    assert_eq!(sandbox.git(&["log", "--oneline"]).lines().count(), 1);
}

#[test]
fn a_sparse_work_tree_gets_only_what_its_patterns_include() {
    for mode in ["--cone", "--no-cone"] {
        let sandbox = Sandbox::new();
        let first = [(A, "a: 1\n"), (C, "c: 1\n")];
        sandbox.render(&[], &first).expect("a commit");
        sandbox.git(&["sparse-checkout", "set", mode, "--no-sparse-index", "environments/dev/app"]);
        assert_eq!(sandbox.text(C), None);
        let (new_in, new_out) = ("environments/dev/app/in.yaml", "environments/dev/out/out.yaml");
        let second = [(A, "a: 2\n"), (C, "c: 2\n"), (new_in, "i\n"), (new_out, "o\n")];
        sandbox.render(&first, &second).expect("a commit");
        assert_eq!(sandbox.status(), "", "{mode}");
        assert_eq!(sandbox.text(A).as_deref(), Some("a: 2\n"));
        assert_eq!(sandbox.text(new_in).as_deref(), Some("i\n"));
        assert_eq!((sandbox.text(C), sandbox.text(new_out)), (None, None), "{mode}");
        sandbox.git(&["sparse-checkout", "disable"]);
        assert_eq!(sandbox.text(C).as_deref(), Some("c: 2\n"));
        assert_eq!(sandbox.text(new_out).as_deref(), Some("o\n"));
        assert_eq!(sandbox.status(), "");
        sandbox.assert_sound();
    }
}

#[test]
fn line_ends_are_those_that_git_would_write() {
    let settings: [(&[&str], &str, &str); 4] = [
        (&["core.autocrlf", "true"], "", "a: 1\r\nb: 2\r\n"),
        (&["core.autocrlf", "input"], "", "a: 1\nb: 2\n"),
        (&["core.autocrlf", "false"], "*.yaml text eol=crlf\n", "a: 1\r\nb: 2\r\n"),
        (&["core.autocrlf", "true"], "*.yaml -text\n", "a: 1\nb: 2\n"),
    ];
    for (setting, attributes, expected) in settings {
        let sandbox = Sandbox::new();
        sandbox.git(&["config", setting[0], setting[1]]);
        if !attributes.is_empty() {
            sandbox.put(".gitattributes", attributes);
            sandbox.git(&["add", "."]);
            sandbox.git(&["commit", "-qm", "attributes"]);
        }
        let first = [(A, "a: 1\nb: 2\n"), (B, "b: 1\n")];
        sandbox.render(&[], &first).expect("a commit");
        assert_eq!(sandbox.text(A).as_deref(), Some(expected), "{setting:?} {attributes}");
        assert_eq!(sandbox.git(&["cat-file", "-s", &format!("HEAD:{A}")]), "10");
        assert_eq!(sandbox.status(), "");
        fs::remove_file(sandbox.root.join(A)).expect("removed");
        sandbox.git(&["checkout", "-q", "--", A]);
        assert_eq!(sandbox.text(A).as_deref(), Some(expected), "Git writes the same");
        sandbox.render(&first, &[(A, "a: 1\n")]).expect("files that Git wrote are clean");
        assert_eq!(sandbox.status(), "");
        sandbox.assert_sound();
    }
}

#[test]
fn modes_do_not_matter_where_git_ignores_them() {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    sandbox.git(&["config", "core.fileMode", "false"]);
    fs::set_permissions(sandbox.root.join(A), fs::Permissions::from_mode(0o755)).expect("a mode");
    sandbox.render(&[(A, "a: 1\n")], &[(A, "a: 2\n")]).expect("a commit");
    assert_eq!(sandbox.status(), "");
}

#[test]
fn an_executable_bit_in_the_commit_is_taken_back() {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    let tree = sandbox.git(&["rev-parse", "HEAD^{tree}"]);
    fs::set_permissions(sandbox.root.join(A), fs::Permissions::from_mode(0o755)).expect("a mode");
    sandbox.git(&["commit", "-qam", "a mode"]);
    sandbox.render(&[(A, "a: 1\n")], &[(A, "a: 1\n")]).expect("a commit");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD^{tree}"]), tree);
    assert_eq!(sandbox.status(), "");
    sandbox.assert_sound();
}

#[test]
fn no_hook_is_run() {
    let sandbox = Sandbox::new();
    for hook in ["pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "reference-transaction"] {
        let path = sandbox.root.join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, "#!/bin/sh\ntouch \"$(git rev-parse --git-dir)/hook-ran\"\nexit 1\n")
            .expect("a hook");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    assert!(!sandbox.root.join(".git/hook-ran").exists());
}

#[test]
fn equal_contents_give_equal_trees_by_any_way() {
    let one = Sandbox::new();
    one.render(&[], &[(A, "a: 1\n"), (B, "b: 1\n"), (C, "c: 1\n")]).expect("a commit");
    let other = Sandbox::new();
    other.git(&["config", "core.autocrlf", "true"]);
    other.render(&[], &[(C, "c: 0\n")]).expect("a commit");
    other.render(&[(C, "c: 0\n")], &[(C, "c: 1\n"), (B, "b: 1\n"), (A, "a: 1\n")]).expect("a commit");
    assert_eq!(one.git(&["rev-parse", "HEAD^{tree}"]), other.git(&["rev-parse", "HEAD^{tree}"]));
    one.git(&["add", "."]);
    assert_eq!(one.git(&["write-tree"]), one.git(&["rev-parse", "HEAD^{tree}"]));
}

#[test]
fn a_separate_git_directory_on_another_file_system_is_no_obstacle() {
    let sandbox = Sandbox::new();
    let other = tempfile::Builder::new().prefix("plimsoll-").tempdir_in("/dev/shm");
    let Ok(other) = other else {
        skipped("there is no second file system here");
        return;
    };
    let root = other.path().join("work");
    let directory = sandbox.beside("separate.git").display().to_string();
    git_in(
        sandbox.root.parent().expect("a folder"),
        &["clone", "-q", "--separate-git-dir", &directory, "repository", &root.display().to_string()],
    );
    git_in(&root, &["config", "user.name", "Ada"]);
    git_in(&root, &["config", "user.email", "ada@example.com"]);
    let repository = Repository::open(&root).expect("a repository");
    Render::new(&[], &[(A, "a: 1\n")]).commit(&repository).expect("a commit");
    assert_eq!(git_in(&root, &["status", "--porcelain"]), "");
    assert_eq!(fs::read_to_string(root.join(A)).expect("the file"), "a: 1\n");
}

#[test]
fn sha256_names_are_refused() {
    let sandbox = Sandbox::new();
    let root = sandbox.beside("sha256");
    fs::create_dir(&root).expect("a folder");
    git_in(&root, &["init", "-q", "--object-format=sha256"]);
    let error = Repository::open(&root).err().expect("a refusal");
    assert_eq!(
        told(&error),
        format!(
            "\
the repository `{}` uses SHA-256 object names, which are not supported
help: use a repository made with `git init --object-format=sha1`",
            root.display()
        )
    );
}

#[test]
fn no_repository_is_told() {
    let sandbox = Sandbox::new();
    let folder = sandbox.beside("empty");
    fs::create_dir(&folder).expect("a folder");
    let error = Repository::open(&folder).err().expect("a refusal");
    assert_eq!(
        told(&error),
        format!(
            "`{}` is not in a Git repository\nhelp: run `git init`, or name a repository with --repo",
            folder.display()
        )
    );
}

#[test]
fn an_index_that_cannot_be_kept_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.git(&["update-index", "--split-index"]);
    let error = Render::new(&[], &[(A, "a: 1\n")]).commit(&sandbox.repository()).expect_err("a refusal");
    let path = sandbox.root.canonicalize().expect("a path").join(".git/");
    assert_eq!(told(&error), format!("\
the index of `{}` cannot be read
help: a split or sparse index is not supported: run `git update-index --no-split-index` and `git sparse-checkout reapply --no-sparse-index`", path.display()));
}

#[test]
fn a_bare_repository_has_no_files_to_write() {
    let sandbox = Sandbox::new();
    let bare = sandbox.beside("bare.git");
    sandbox.git(&["clone", "-q", "--bare", ".", &bare.display().to_string()]);
    let repository = Repository::open(&bare).expect("a repository");
    let plan = Render::new(&[], &[(A, "a: 1\n")]).plan(&repository).expect("a plan");
    let error = repository.write(&plan, &NoObserver).expect_err("a refusal");
    assert_eq!(
        told(&error),
        format!(
            "\
`{}/` is a bare repository and has no work tree
help: leave out --no-commit, or name a repository with a work tree",
            bare.canonicalize().expect("a path").display()
        )
    );
}

#[test]
fn a_umask_is_obeyed_and_changes_no_tree() {
    // Another process's mask cannot be set from here without unsafe code, so the shell sets it.
    let sandbox = Sandbox::new();
    let program = std::env::current_exe().expect("this program");
    let status = Command::new("sh")
        .args(["-c", "umask 077; exec \"$0\" surroundings::masked_child --exact"])
        .arg(program)
        .env("PLIMSOLL_MASKED_ROOT", &sandbox.root)
        .output()
        .expect("a shell");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    let mode = fs::metadata(sandbox.root.join(A)).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(sandbox.status(), "");
    let plain = Sandbox::new();
    plain.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD^{tree}"]), plain.git(&["rev-parse", "HEAD^{tree}"]));
}

/// What the test above runs under another mask.
#[test]
fn masked_child() {
    let Ok(root) = std::env::var("PLIMSOLL_MASKED_ROOT") else { return };
    let repository = Repository::open(root.as_ref()).expect("a repository");
    Render::new(&[], &[(A, "a: 1\n")]).commit(&repository).expect("a commit");
}

#[test]
fn a_shallow_clone_and_packed_references_are_no_obstacle() {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    let clone = sandbox.beside("shallow");
    let url = format!("file://{}", sandbox.root.display());
    let cloned = git_command(&sandbox.root).args(["clone", "-q", "--depth=1", &url]).arg(&clone).status();
    assert!(cloned.expect("git starts").success());
    git_in(&clone, &["pack-refs", "--all"]);
    git_in(&clone, &["config", "user.name", "Ada"]);
    git_in(&clone, &["config", "user.email", "ada@example.com"]);
    let repository = Repository::open(&clone).expect("a repository");
    Render::new(&[(A, "a: 1\n")], &[(A, "a: 2\n")]).commit(&repository).expect("a commit");
    assert_eq!(git_in(&clone, &["status", "--porcelain"]), "");
    git_in(&clone, &["push", "-q", "origin", "main:pushed"]);
    assert_eq!(sandbox.git(&["show", &format!("pushed:{A}")]), "a: 2");
}

#[test]
fn an_environment_for_another_branch_does_not_look_at_the_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.put(A, "mine\n");
    let render = Render::new(&[], &[(A, "a: 1\n")]);
    assert!(matches!(render.plan(&sandbox.repository()), Err(GitError::Refused(_))));
    render.onto("rendered").commit(&sandbox.repository()).expect("a commit");
    assert_eq!(sandbox.text(A).as_deref(), Some("mine\n"));
}
