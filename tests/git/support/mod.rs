//! A repository in a folder of its own, made and judged by the `git` program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use plimsoll::git::{
    Adoption, ChangeKind, CommitPlan, CommitRequest, Committed, FileTree, GitError, NoObserver, OwnedPaths,
    Repository, Target,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The environment's folder in every test.
pub(crate) const PREFIX: &str = "environments/dev";

/// A repository with one commit: `README.md`, an input and `app.txt`.
pub(crate) struct Sandbox {
    folder: TempDir,
    pub(crate) root: PathBuf,
}

/// The environment of every `git` that a test starts: nothing of the machine's.
pub(crate) fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .env("LC_ALL", "C");
    command
}

/// Runs `git` in a folder and gives what it printed.
pub(crate) fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = git_command(folder).args(arguments).output().expect("git starts");
    assert!(status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8_lossy(&stdout).trim_end().to_owned()
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        let sandbox = Sandbox::without_commits();
        sandbox.put("README.md", "hello\n");
        sandbox.put("base/app/values.yaml", "a: 1\n");
        sandbox.put("app.txt", "app\n");
        sandbox.git(&["add", "."]);
        sandbox.git(&["commit", "-qm", "first"]);
        sandbox
    }

    pub(crate) fn without_commits() -> Sandbox {
        let folder = TempDir::new().expect("a temporary folder");
        let root = folder.path().join("repository");
        fs::create_dir(&root).expect("a folder");
        git_in(&root, &["init", "-q", "-b", "main"]);
        let sandbox = Sandbox { folder, root };
        sandbox.git(&["config", "user.name", "Ada"]);
        sandbox.git(&["config", "user.email", "ada@example.com"]);
        sandbox.git(&["config", "commit.gpgSign", "false"]);
        sandbox
    }

    /// A folder beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.root, arguments)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }

    pub(crate) fn status(&self) -> String {
        self.git(&["status", "--porcelain=v1", "--untracked-files=all"])
    }

    pub(crate) fn repository(&self) -> Repository {
        Repository::open(&self.root).expect("a repository")
    }

    /// Renders these files onto `HEAD`, owning what the last render owned.
    pub(crate) fn render(
        &self,
        owned: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Result<Committed, GitError> {
        Render::new(owned, files).commit(&self.repository())
    }

    /// What must hold after anything: a sound repository without leftovers of ours.
    pub(crate) fn assert_sound(&self) {
        self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
        assert_eq!(self.leftovers(), Vec::<String>::new());
    }

    /// Files of ours that a finished run must not leave.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let mut found = Vec::new();
        visit(&self.root, &mut |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.contains("plimsoll") || name.ends_with(".lock") || name.starts_with("tmp_") {
                found.push(path.strip_prefix(&self.root).unwrap_or(path).display().to_string());
            }
        });
        found
    }
}

fn visit(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        see(&path);
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            visit(&path, see);
        }
    }
}

/// One render: what is owned, and what shall be.
#[derive(Clone)]
pub(crate) struct Render {
    pub(crate) target: Target,
    pub(crate) contents: FileTree,
    pub(crate) committed: OwnedPaths,
    pub(crate) work_tree: OwnedPaths,
    pub(crate) adoption: Adoption,
}

impl Render {
    pub(crate) fn new(owned: &[(&str, &str)], files: &[(&str, &str)]) -> Render {
        let mut contents = FileTree::new();
        for (path, text) in files {
            contents.insert(path, text.as_bytes()).expect("a path inside the tree");
        }
        Render {
            target: Target::Head,
            contents,
            committed: owned_paths(owned),
            work_tree: OwnedPaths::new(),
            adoption: Adoption::Refuse,
        }
    }

    pub(crate) fn onto(mut self, branch: &str) -> Render {
        self.target = Target::Branch(branch.to_owned());
        self
    }

    pub(crate) fn adopting(mut self) -> Render {
        self.adoption = Adoption::Adopt;
        self
    }

    pub(crate) fn request(&self) -> CommitRequest<'_> {
        CommitRequest {
            target: &self.target,
            prefix: PREFIX,
            contents: &self.contents,
            committed: &self.committed,
            work_tree: &self.work_tree,
            adoption: self.adoption,
        }
    }

    pub(crate) fn plan(&self, repository: &Repository) -> Result<CommitPlan, GitError> {
        repository.plan(&self.request())
    }

    pub(crate) fn commit(&self, repository: &Repository) -> Result<Committed, GitError> {
        repository.commit(&self.plan(repository)?, "render(dev): test\n\nBody", &NoObserver)
    }

    /// The error of a render that must fail, with its help.
    pub(crate) fn refusal(&self, repository: &Repository) -> String {
        match self.commit(repository) {
            Ok(committed) => panic!("committed {committed:?}"),
            Err(error) => told(&error),
        }
    }
}

/// An error as the user is told of it.
pub(crate) fn told(error: &GitError) -> String {
    match error.help() {
        Some(help) => format!("{error}\nhelp: {help}"),
        None => error.to_string(),
    }
}

pub(crate) fn owned_paths(files: &[(&str, &str)]) -> OwnedPaths {
    let digest = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    files.iter().map(|(path, text)| ((*path).to_owned(), digest(text))).collect()
}

/// A plan's changes in one line each.
pub(crate) fn listed(plan: &CommitPlan) -> Vec<String> {
    plan.changes()
        .iter()
        .map(|change| {
            let sign = match change.kind {
                ChangeKind::Added => 'A',
                ChangeKind::Changed => 'M',
                ChangeKind::Removed => 'D',
            };
            format!("{sign} {}", change.path)
        })
        .collect()
}

/// Tells, loudly, that a test could not be done.
#[expect(clippy::print_stderr, reason = "a test that does nothing must not look like one that passed")]
pub(crate) fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}
