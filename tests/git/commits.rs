//! What a commit changes, and what it leaves alone.

use plimsoll::git::{NoObserver, Repository};

use crate::support::{Render, Sandbox, git_in, listed};

const A: &str = "environments/dev/app/langfuse/a.yaml";
const B: &str = "environments/dev/app/langfuse/b.yaml";
const C: &str = "environments/dev/network/c.yaml";

#[test]
fn the_first_render_adds_and_leaves_a_clean_tree() {
    let sandbox = Sandbox::new();
    let committed = sandbox.render(&[], &[(A, "a: 1\n"), (C, "c: 1\n")]).expect("a commit");
    assert_eq!(committed.commit.map(|id| id.to_string()), Some(sandbox.git(&["rev-parse", "HEAD"])));
    assert_eq!(committed.reference, "refs/heads/main");
    assert_eq!(
        sandbox.git(&["show", "--format=%an <%ae>|%s|%b", "--name-status", "HEAD"]),
        format!("Ada <ada@example.com>|render(dev): test|Body\n\n\nA\t{A}\nA\t{C}")
    );
    assert_eq!(sandbox.status(), "");
    assert_eq!(sandbox.text(A).as_deref(), Some("a: 1\n"));
    assert_eq!(sandbox.git(&["reflog", "-1", "--format=%gs"]), "commit: plimsoll render");
    sandbox.assert_sound();
}

#[test]
fn changes_additions_and_removals_come_in_one_commit() {
    let sandbox = Sandbox::new();
    let first = [(A, "a: 1\n"), (B, "b: 1\n"), (C, "c: 1\n")];
    sandbox.render(&[], &first).expect("a commit");
    let second = [(A, "a: 2\n"), (B, "b: 1\n"), ("environments/dev/d.yaml", "d: 1\n")];
    let plan = Render::new(&first, &second).plan(&sandbox.repository()).expect("a plan");
    assert_eq!(listed(&plan), [format!("M {A}"), "A environments/dev/d.yaml".to_owned(), format!("D {C}")]);
    sandbox.repository().commit(&plan, "second", &NoObserver).expect("a commit");
    assert_eq!(sandbox.status(), "");
    assert!(!sandbox.root.join("environments/dev/network").exists());
    sandbox.assert_sound();
}

#[test]
fn nothing_to_do_makes_no_commit() {
    let sandbox = Sandbox::new();
    let files = [(A, "a: 1\n")];
    sandbox.render(&[], &files).expect("a commit");
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    assert_eq!(sandbox.render(&files, &files).expect("no commit").commit, None);
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn what_the_user_staged_changed_and_left_untracked_stays() {
    let sandbox = Sandbox::new();
    let first = [(A, "a: 1\n"), (B, "b: 1\n")];
    sandbox.render(&[], &first).expect("a commit");
    sandbox.put("README.md", "staged\n");
    sandbox.git(&["add", "README.md"]);
    sandbox.put("README.md", "staged and changed\n");
    sandbox.put("base/app/values.yaml", "a: 2\n");
    sandbox.put("new-staged.txt", "new\n");
    sandbox.git(&["add", "new-staged.txt"]);
    sandbox.git(&["rm", "-q", "--cached", "app.txt"]);
    sandbox.put("untracked.txt", "mine\n");
    sandbox.put("environments/dev/app/langfuse/untracked.md", "mine\n");
    let before = (sandbox.status(), sandbox.git(&["diff"]), sandbox.git(&["diff", "--cached"]));
    sandbox.render(&first, &[(A, "a: 2\n"), (C, "c: 1\n")]).expect("a commit");
    assert_eq!((sandbox.status(), sandbox.git(&["diff"]), sandbox.git(&["diff", "--cached"])), before);
    assert_eq!(sandbox.git(&["show", "--name-status", "--format="]), format!("M\t{A}\nD\t{B}\nA\t{C}"));
    sandbox.assert_sound();
}

#[test]
fn a_staged_edit_of_a_file_that_changes_stays_staged() {
    let sandbox = Sandbox::new();
    let first = [(A, "a: 1\n")];
    sandbox.render(&[], &first).expect("a commit");
    sandbox.put(A, "a: staged\n");
    sandbox.git(&["add", A]);
    sandbox.put(A, "a: 1\n");
    sandbox.render(&first, &[(A, "a: 2\n")]).expect("a commit");
    assert_eq!(sandbox.git(&["show", &format!(":{A}")]), "a: staged");
    assert_eq!(sandbox.text(A).as_deref(), Some("a: 2\n"));
}

#[test]
fn an_index_that_is_as_new_as_its_files_hides_no_edit() {
    // Same size, same second: only the contents tell, and only while the index is not newer than the file.
    let sandbox = Sandbox::new();
    for round in 0..5 {
        sandbox.put("README.md", &format!("{round}-one\n"));
        sandbox.git(&["add", "README.md"]);
        sandbox.git(&["commit", "-qm", "one"]);
        sandbox.put("README.md", &format!("{round}-two\n"));
        let owned: Vec<(String, String)> =
            (0..round).map(|number| (format!("environments/dev/{number}.yaml"), "x\n".to_owned())).collect();
        let owned: Vec<(&str, &str)> =
            owned.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let added = format!("environments/dev/{round}.yaml");
        let mut files = owned.clone();
        files.push((&added, "x\n"));
        sandbox.render(&owned, &files).expect("a commit");
        assert_eq!(sandbox.status(), " M README.md");
    }
}

#[test]
fn a_file_becomes_a_folder_and_a_folder_a_file() {
    let sandbox = Sandbox::new();
    let first = [("environments/dev/x", "1\n"), ("environments/dev/y/z", "2\n")];
    sandbox.render(&[], &first).expect("a commit");
    let second = [("environments/dev/x/w", "3\n"), ("environments/dev/y", "4\n")];
    sandbox.render(&first, &second).expect("a commit");
    assert_eq!(sandbox.status(), "");
    assert_eq!(sandbox.text("environments/dev/x/w").as_deref(), Some("3\n"));
    assert_eq!(sandbox.text("environments/dev/y").as_deref(), Some("4\n"));
    sandbox.assert_sound();
}

#[test]
fn an_unborn_branch_gets_its_first_commit() {
    let sandbox = Sandbox::without_commits();
    sandbox.put("untracked.txt", "mine\n");
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    assert_eq!(sandbox.git(&["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(sandbox.status(), "?? untracked.txt");
    sandbox.assert_sound();
}

#[test]
fn a_detached_head_moves_alone() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "--detach"]);
    let committed = sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    assert_eq!(committed.reference, "HEAD");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD~"]), sandbox.git(&["rev-parse", "main"]));
    assert_eq!(sandbox.status(), "");
    sandbox.assert_sound();
}

#[test]
fn another_branch_moves_without_head_index_or_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.put("untracked.txt", "mine\n");
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    let files = [(A, "a: 1\n")];
    Render::new(&[], &files).onto("rendered").commit(&sandbox.repository()).expect("a commit");
    assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(sandbox.git(&["rev-parse", "rendered~"]), head);
    assert_eq!(sandbox.git(&["show", &format!("rendered:{A}")]), "a: 1");
    assert_eq!(sandbox.status(), "?? untracked.txt");
    assert_eq!(sandbox.text(A), None);
    let changed = Render::new(&files, &[(A, "a: 2\n")]).onto("rendered");
    changed.commit(&sandbox.repository()).expect("a second commit");
    assert_eq!(sandbox.git(&["rev-list", "--count", "rendered"]), "3");
    sandbox.assert_sound();
}

#[test]
fn a_bare_repository_takes_commits() {
    let sandbox = Sandbox::new();
    let bare = sandbox.beside("bare.git");
    sandbox.git(&["clone", "-q", "--bare", ".", &bare.display().to_string()]);
    git_in(&bare, &["config", "user.name", "Ada"]);
    git_in(&bare, &["config", "user.email", "ada@example.com"]);
    let repository = Repository::open(&bare).expect("a repository");
    Render::new(&[], &[(A, "a: 1\n")]).commit(&repository).expect("a commit");
    assert_eq!(git_in(&bare, &["show", &format!("main:{A}")]), "a: 1");
    git_in(&bare, &["fsck", "--strict"]);
}

#[test]
fn without_a_commit_only_files_are_written_and_the_commit_follows_later() {
    let sandbox = Sandbox::new();
    let first = [(A, "a: 1\n"), (B, "b: 1\n")];
    sandbox.render(&[], &first).expect("a commit");
    let second = [(A, "a: 2\n"), (C, "c: 1\n")];
    let repository = sandbox.repository();
    let plan = Render::new(&first, &second).plan(&repository).expect("a plan");
    let written = repository.write(&plan, &NoObserver).expect("files");
    assert_eq!(written.paths, [A, B, C]);
    assert_eq!(sandbox.status(), format!(" M {A}\n D {B}\n?? {C}"));
    let third = [(A, "a: 3\n"), (C, "c: 1\n")];
    let mut render = Render::new(&first, &third);
    render.work_tree = crate::support::owned_paths(&second);
    render.commit(&repository).expect("a commit");
    assert_eq!(sandbox.status(), "");
    assert_eq!(sandbox.git(&["show", "--name-status", "--format="]), format!("M\t{A}\nD\t{B}\nA\t{C}"));
    sandbox.assert_sound();
}

#[test]
fn hundreds_of_files_go_into_one_pack() {
    let sandbox = Sandbox::new();
    let names: Vec<String> =
        (0..300).map(|number| format!("environments/dev/{}/{number}.yaml", number % 7)).collect();
    let texts: Vec<String> =
        (0..300).map(|number| format!("number: {number}\n").repeat(number + 1)).collect();
    let files: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    sandbox.render(&[], &files).expect("a commit");
    assert_eq!(sandbox.status(), "");
    assert!(sandbox.git(&["count-objects", "-v"]).contains("packs: 1"));
    assert_eq!(sandbox.git(&["show", "HEAD:environments/dev/5/299.yaml"]), texts[299].trim_end());
    sandbox.assert_sound();
}
