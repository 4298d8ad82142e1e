//! A run that is killed or fails at any step leaves the repository as before or as after, and the next run repairs it.

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use plimsoll::git::{GitError, NoObserver, Repaired, Repository, Step, StepObserver};

use crate::support::{Render, Sandbox, git_in, skipped, told};

const A: &str = "environments/dev/app/a.yaml";
const B: &str = "environments/dev/app/b.yaml";
const C: &str = "environments/dev/network/c.yaml";
const D: &str = "environments/dev/deps/d.yaml";
const FIRST: [(&str, &str); 3] = [(A, "a: 1\n"), (B, "b: 1\n"), (C, "c: 1\n")];
const SECOND: [(&str, &str); 3] = [(A, "a: 2\n"), (B, "b: 2\n"), (D, "d: 1\n")];

/// The variables by which a test tells its own program, started again, what to do.
const ROOT: &str = "PLIMSOLL_FAULT_ROOT";
const KILL_AT: &str = "PLIMSOLL_FAULT_KILL_AT";
const MODE: &str = "PLIMSOLL_FAULT_MODE";

/// Acts before the n-th time that a step comes.
struct At<Act: Fn() -> io::Result<()>> {
    step: Step,
    left: Cell<u32>,
    act: Act,
}

impl<Act: Fn() -> io::Result<()>> At<Act> {
    fn new(step: Step, times: u32, act: Act) -> At<Act> {
        At { step, left: Cell::new(times), act }
    }
}

impl<Act: Fn() -> io::Result<()>> StepObserver for At<Act> {
    fn before(&self, step: Step) -> io::Result<()> {
        if step != self.step || self.left.get() == 0 {
            return Ok(());
        }
        self.left.set(self.left.get() - 1);
        if self.left.get() == 0 { (self.act)() } else { Ok(()) }
    }
}

fn kill_self() -> io::Result<()> {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)?;
    Ok(())
}

/// What a started-again program does; an ordinary run of the tests has nothing to do here.
#[test]
fn child() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let repository = Repository::open(Path::new(&root)).expect("a repository");
    let mode = std::env::var(MODE).unwrap_or_default();
    if mode == "many" {
        let files = many_files();
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        Render::new(&[], &files).commit(&repository).expect("a commit");
        return;
    }
    let kill_at = std::env::var(KILL_AT).unwrap_or_default();
    let (step, times) = kill_at.split_once('/').expect("a step and a number");
    let step = Step::ALL.into_iter().find(|known| format!("{known:?}") == step).expect("a step");
    let observer = At::new(step, times.parse().expect("a number"), kill_self);
    let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
    if mode == "write" {
        repository.write(&plan, &observer).expect("files");
    } else {
        repository.commit(&plan, "second", &observer).expect("a commit");
    }
}

fn start_child(root: &Path, mode: &str, kill_at: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["faults::child", "--exact", "--nocapture"])
        .env(ROOT, root)
        .env(MODE, mode)
        .env(KILL_AT, kill_at)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(9)
}

/// How often a step comes in the second render, or enough of it.
fn repetitions(step: Step) -> u32 {
    match step {
        Step::PublishObjects | Step::StageFile | Step::ReplaceFile => 3,
        _ => 1,
    }
}

/// A repository with the first render and every kind of work of the user's own.
fn busy_sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &FIRST).expect("a commit");
    sandbox.put("README.md", "staged\n");
    sandbox.git(&["add", "README.md"]);
    sandbox.put("app.txt", "changed\n");
    sandbox.put("untracked.txt", "mine\n");
    sandbox.put("environments/dev/app/untracked.md", "mine\n");
    sandbox
}

fn tree_of(sandbox: &Sandbox, revision: &str) -> String {
    sandbox.git(&["rev-parse", &format!("{revision}^{{tree}}")])
}

/// The tree that the second render makes.
fn second_tree() -> String {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &FIRST).expect("a commit");
    sandbox.render(&FIRST, &SECOND).expect("a commit");
    tree_of(&sandbox, "HEAD")
}

/// Renders once more, as a user would, owning what the lock in `HEAD` would list.
fn render_again(sandbox: &Sandbox, second: &str) {
    let owned = if tree_of(sandbox, "HEAD") == second { SECOND } else { FIRST };
    sandbox.render(&owned, &SECOND).unwrap_or_else(|error| panic!("the next run: {}", told(&error)));
}

#[test]
fn a_run_killed_at_any_step_is_repaired_by_the_next() {
    let second = second_tree();
    let mut killed = 0;
    for step in Step::ALL {
        for times in 1..=repetitions(step) {
            let sandbox = busy_sandbox();
            let (status, first) = (sandbox.status(), tree_of(&sandbox, "HEAD"));
            let exit =
                start_child(&sandbox.root, "commit", &format!("{step:?}/{times}")).status().expect("a child");
            killed += u32::from(was_killed(exit));
            assert!(was_killed(exit) || exit.success(), "{step:?}/{times}: {exit}");
            let place = format!("killed at {step:?}/{times}");
            assert!([&first, &second].contains(&&tree_of(&sandbox, "HEAD")), "{place}");
            assert_eq!(
                sandbox.text("environments/dev/app/untracked.md").as_deref(),
                Some("mine\n"),
                "{place}"
            );
            render_again(&sandbox, &second);
            assert_eq!((tree_of(&sandbox, "HEAD"), sandbox.status()), (second.clone(), status), "{place}");
            sandbox.assert_sound();
        }
    }
    assert!(killed >= 17, "only {killed} runs reached their step");
}

#[test]
fn a_write_without_commit_killed_at_any_step_is_repaired_by_the_next() {
    for step in Step::ALL {
        for times in 1..=repetitions(step) {
            let sandbox = busy_sandbox();
            let head = sandbox.git(&["rev-parse", "HEAD"]);
            start_child(&sandbox.root, "write", &format!("{step:?}/{times}")).status().expect("a child");
            let place = format!("killed at {step:?}/{times}");
            let repository = sandbox.repository();
            let plan = Render::new(&FIRST, &SECOND)
                .plan(&repository)
                .unwrap_or_else(|error| panic!("{place}: {}", told(&error)));
            repository.write(&plan, &NoObserver).expect("files");
            for (path, text) in SECOND {
                assert_eq!(sandbox.text(path).as_deref(), Some(text), "{place}");
            }
            assert_eq!(sandbox.text(C), None, "{place}");
            assert_eq!(sandbox.git(&["rev-parse", "HEAD"]), head);
            sandbox.assert_sound();
        }
    }
}

#[test]
fn a_step_that_fails_before_the_branch_moves_changes_nothing() {
    for step in Step::ALL.into_iter().filter(|step| *step <= Step::MoveReference) {
        let sandbox = busy_sandbox();
        let repository = sandbox.repository();
        let before = (sandbox.status(), sandbox.git(&["for-each-ref"]), sandbox.git(&["stash", "create"]));
        let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
        let observer = At::new(step, 1, || Err(io::Error::from(io::ErrorKind::StorageFull)));
        let error = repository.commit(&plan, "second", &observer).expect_err("a failure");
        assert!(matches!(error, GitError::File { .. }), "{step:?}: {error:?}");
        let after = (sandbox.status(), sandbox.git(&["for-each-ref"]));
        assert_eq!(after, (before.0, before.1), "{step:?}");
        sandbox.assert_sound();
    }
}

#[test]
fn a_step_that_fails_after_the_branch_moved_is_finished_by_the_next_run() {
    let second = second_tree();
    for step in Step::ALL.into_iter().filter(|step| *step > Step::MoveReference) {
        let sandbox = busy_sandbox();
        let status = sandbox.status();
        let repository = sandbox.repository();
        let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
        let observer = At::new(step, 1, || Err(io::Error::from(io::ErrorKind::StorageFull)));
        let error = repository.commit(&plan, "second", &observer).expect_err("a failure");
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        assert_eq!(
            told(&error),
            format!(
                "\
commit {head} is made, but the work tree could not be brought up to it
help: remove the cause and run again: the next run finishes it"
            ),
            "{step:?}"
        );
        render_again(&sandbox, &second);
        assert_eq!((tree_of(&sandbox, "HEAD"), sandbox.status()), (second.clone(), status), "{step:?}");
        sandbox.assert_sound();
    }
}

#[test]
fn what_the_user_did_after_a_killed_run_is_kept() {
    let sandbox = busy_sandbox();
    let exit = start_child(&sandbox.root, "commit", "ReplaceFile/1").status().expect("a child");
    assert!(was_killed(exit));
    sandbox.put(A, "a: by hand\n");
    let repository = sandbox.repository();
    assert_eq!(repository.repair(&NoObserver).expect("a repair"), Repaired::Finished);
    assert_eq!(sandbox.text(A).as_deref(), Some("a: by hand\n"));
    assert_eq!(sandbox.text(B).as_deref(), Some("b: 2\n"));
    sandbox.assert_sound();
}

#[test]
fn a_branch_taken_back_after_a_killed_run_stays_back() {
    let sandbox = busy_sandbox();
    let exit = start_child(&sandbox.root, "commit", "ReplaceFile/1").status().expect("a child");
    assert!(was_killed(exit));
    sandbox.git(&["update-ref", "refs/heads/main", "HEAD~"]);
    let repository = sandbox.repository();
    assert_eq!(repository.repair(&NoObserver).expect("a repair"), Repaired::Removed);
    assert_eq!(sandbox.text(A).as_deref(), Some("a: 1\n"));
    assert_eq!(repository.repair(&NoObserver).expect("a repair"), Repaired::Nothing);
    sandbox.assert_sound();
}

fn many_files() -> Vec<(String, String)> {
    (0..600)
        .map(|number| {
            (format!("environments/dev/{}/{number}.yaml", number % 9), format!("n: {number}\n").repeat(50))
        })
        .collect()
}

#[test]
fn a_run_killed_at_any_moment_is_repaired_by_the_next() {
    let files = many_files();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    for delay in [2, 5, 10, 15, 20, 25, 30, 40, 50, 70, 90, 120] {
        let sandbox = Sandbox::new();
        let before = sandbox.git(&["rev-parse", "HEAD"]);
        let mut child = start_child(&sandbox.root, "many", "").spawn().expect("a child");
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let is_made = sandbox.git(&["rev-parse", "HEAD"]) != before;
        // A reference's lock that was taken and not yet filled tells nobody's name; it is left alone for two seconds.
        if sandbox.root.join(".git/refs/heads/main.lock").exists() {
            std::thread::sleep(Duration::from_millis(2200));
        }
        let owned: &[(&str, &str)] = if is_made { &files } else { &[] };
        sandbox.render(owned, &files).unwrap_or_else(|error| panic!("after {delay} ms: {}", told(&error)));
        assert_eq!(sandbox.status(), "", "after {delay} ms");
        assert_eq!(sandbox.git(&["rev-list", "--count", "HEAD"]), "2");
        sandbox.assert_sound();
    }
}

#[test]
fn a_branch_that_moves_meanwhile_is_not_overwritten() {
    for step in [Step::TakeLock, Step::WriteObjects, Step::StageFile, Step::LockIndex, Step::MoveReference] {
        let sandbox = busy_sandbox();
        let repository = sandbox.repository();
        let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
        let other = sandbox.git(&["commit-tree", "-m", "other", "-p", "HEAD", "HEAD^{tree}"]);
        let observer = At::new(step, 1, || {
            sandbox.git(&["update-ref", "refs/heads/main", &other]);
            Ok(())
        });
        let status = sandbox.status();
        let error = repository.commit(&plan, "second", &observer).expect_err("a failure");
        assert_eq!(
            told(&error),
            "`refs/heads/main` has moved since the render began\nhelp: nothing was written; run again"
        );
        assert_eq!((sandbox.git(&["rev-parse", "HEAD"]), sandbox.status()), (other, status), "{step:?}");
        sandbox.assert_sound();
        sandbox.render(&FIRST, &SECOND).expect("the next run");
    }
}

#[test]
fn another_branch_checked_out_meanwhile_stops_the_run() {
    let sandbox = Sandbox::new();
    sandbox.render(&[], &FIRST).expect("a commit");
    let repository = sandbox.repository();
    let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
    let observer = At::new(Step::StageFile, 1, || {
        sandbox.git(&["checkout", "-qb", "side"]);
        Ok(())
    });
    let error = repository.commit(&plan, "second", &observer).expect_err("a failure");
    assert_eq!(told(&error), "`HEAD` has moved since the render began\nhelp: nothing was written; run again");
    assert_eq!(sandbox.status(), "");
    sandbox.assert_sound();
}

#[test]
fn files_edited_meanwhile_stop_the_run() {
    for step in [Step::TakeLock, Step::StageFile, Step::LockIndex] {
        let sandbox = busy_sandbox();
        let repository = sandbox.repository();
        let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
        let observer = At::new(step, 1, || {
            sandbox.put(B, "b: by hand\n");
            sandbox.put(D, "d: by hand\n");
            Ok(())
        });
        let error = repository.commit(&plan, "second", &observer).expect_err("a failure");
        assert_eq!(
            told(&error),
            format!(
                "\
files changed while they were rendered: {B}, {D}
help: nothing was written; run again"
            ),
            "{step:?}"
        );
        assert_eq!(sandbox.text(B).as_deref(), Some("b: by hand\n"));
        sandbox.assert_sound();
    }
}

#[test]
fn a_folder_renamed_under_a_run_loses_nothing() {
    for step in Step::ALL.into_iter().filter(|step| *step >= Step::WriteObjects) {
        let sandbox = Sandbox::new();
        sandbox.render(&[], &FIRST).expect("a commit");
        let repository = sandbox.repository();
        let plan = Render::new(&FIRST, &SECOND).plan(&repository).expect("a plan");
        let (from, to) = (sandbox.root.join("environments/dev"), sandbox.root.join("environments/moved"));
        let observer = At::new(step, 1, || fs::rename(&from, &to));
        let before = sandbox.git(&["rev-parse", "HEAD"]);
        let outcome = repository.commit(&plan, "second", &observer);
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        assert_eq!(outcome.is_ok(), head != before, "{step:?}: {outcome:?}");
        let kept = fs::read_to_string(to.join("app/a.yaml")).expect("the moved file");
        assert!(["a: 1\n", "a: 2\n"].contains(&kept.as_str()), "{step:?}");
        sandbox.assert_sound();
    }
}

#[test]
fn of_two_runs_at_once_one_commits_and_the_other_tells() {
    for _ in 0..5 {
        let sandbox = busy_sandbox();
        let status = sandbox.status();
        let barrier = std::sync::Barrier::new(2);
        let outcomes: Vec<Result<_, GitError>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let repository = sandbox.repository();
                        let plan = Render::new(&FIRST, &SECOND).plan(&repository)?;
                        barrier.wait();
                        repository.commit(&plan, "second", &NoObserver)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let lost = outcomes.into_iter().find_map(Result::err).expect("one loses");
        assert!(matches!(lost, GitError::Moved { .. }), "{lost:?}");
        assert_eq!(sandbox.status(), status);
        sandbox.assert_sound();
    }
}

#[test]
fn a_lock_that_another_program_holds_is_told_and_left() {
    let sandbox = busy_sandbox();
    let lock = sandbox.root.join(".git/index.lock");
    fs::write(&lock, "another").expect("a lock");
    let error = Render::new(&FIRST, &SECOND).commit(&sandbox.repository()).expect_err("a failure");
    let index = sandbox.root.canonicalize().expect("a path").join(".git/index");
    assert_eq!(
        told(&error),
        format!(
            "\
`{0}` is locked by another process
help: nothing was written; if no other process runs, remove the `.lock` file of `{0}` and run again",
            index.display()
        )
    );
    assert_eq!(fs::read_to_string(&lock).expect("still there"), "another");
    fs::remove_file(&lock).expect("removed");
    sandbox.assert_sound();
}

/// Runs the second render in a child that may not write where `folder` is read-only, as a user who is not root.
fn render_read_only(folder: &str) -> Option<(Sandbox, bool)> {
    let sandbox = busy_sandbox();
    let mut child = start_child(&sandbox.root, "commit", "ReleaseLock/9");
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        let parent = sandbox.root.parent().expect("a parent").to_owned();
        let status =
            Command::new("chown").args(["-R", "65534:65534"]).arg(&parent).status().expect("chown starts");
        assert!(status.success());
        child.uid(65534).gid(65534).env("HOME", &parent);
    }
    let folder = sandbox.root.join(folder);
    set_mode(&folder, 0o555);
    let ended = child.status();
    set_mode(&folder, 0o755);
    let parent = sandbox.root.parent().expect("a parent").to_owned();
    if is_root {
        Command::new("chown").args(["-R", "0:0"]).arg(&parent).status().expect("chown starts");
    }
    match ended {
        Ok(status) => Some((sandbox, status.success())),
        Err(error) => {
            skipped(&format!("the tests cannot be started as another user: {error}"));
            None
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("a mode");
}

#[test]
fn a_read_only_folder_stops_the_run_before_anything_changed() {
    for folder in ["environments/dev/app", "environments/dev", ".git", ".git/objects", ".git/refs/heads"] {
        let reference = busy_sandbox();
        let Some((sandbox, is_done)) = render_read_only(folder) else { return };
        assert!(!is_done, "{folder}");
        assert_eq!(sandbox.status(), reference.status(), "{folder}");
        assert_eq!(sandbox.git(&["rev-list", "--count", "HEAD"]), "2", "{folder}");
        sandbox.assert_sound();
        sandbox.render(&FIRST, &SECOND).expect("the next run");
    }
}

#[test]
fn a_full_disk_stops_the_run_before_anything_changed() {
    let sandbox = Sandbox::new();
    let disk = sandbox.beside("disk");
    fs::create_dir(&disk).expect("a folder");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        skipped("a small file system cannot be mounted here");
        return;
    }
    let tried = std::panic::catch_unwind(|| {
        let root = disk.join("repository");
        git_in(&disk, &["clone", "-q", &sandbox.root.display().to_string(), "repository"]);
        git_in(&root, &["config", "user.name", "Ada"]);
        git_in(&root, &["config", "user.email", "ada@example.com"]);
        let before = git_in(&root, &["rev-parse", "HEAD"]);
        for kilobytes in [400, 900, 1500, 2500, 4000] {
            // Digits that do not compress to nothing.
            let text: String = (0..kilobytes * 60_u64)
                .map(|number| format!("{:016x}\n", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
                .collect();
            let repository = Repository::open(&root).expect("a repository");
            let render = Render::new(&[], &[(A, text.as_str()), (B, "b: 1\n")]);
            match render.commit(&repository) {
                Ok(_) => {
                    assert_eq!(git_in(&root, &["status", "--porcelain"]), "");
                    git_in(&root, &["reset", "-q", "--hard", &before]);
                    git_in(&root, &["reflog", "expire", "--expire=now", "--all"]);
                    git_in(&root, &["gc", "-q", "--prune=now"]);
                }
                Err(error) => {
                    let cause = std::error::Error::source(&error).expect("a cause").to_string();
                    assert!(cause.contains("No space left"), "{error}: {cause}");
                    assert_eq!(git_in(&root, &["rev-parse", "HEAD"]), before);
                    assert_eq!(git_in(&root, &["status", "--porcelain"]), "");
                }
            }
            git_in(&root, &["fsck", "--strict", "--no-dangling"]);
            assert!(!root.join(".git/plimsoll").exists() && !root.join(".git/plimsoll.lock").exists());
        }
        assert_eq!(git_in(&root, &["rev-parse", "HEAD"]), before, "the largest cannot fit");
    });
    Command::new("umount").arg(&disk).status().expect("umount starts");
    tried.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}
