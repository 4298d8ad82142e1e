//! What can go wrong with Git and the file system. Every error names its path or reference; none holds a file's contents.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why something could not be read, planned or written.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository at or above the path.
    #[error("`{}` is not in a Git repository", path.display())]
    NotARepository {
        /// Where a repository was looked for.
        path: PathBuf,
    },
    /// The repository names its objects by SHA-256.
    #[error("the repository `{}` uses SHA-256 object names, which are not supported", path.display())]
    ObjectFormat {
        /// The repository.
        path: PathBuf,
    },
    /// Git's protection against other people's repositories holds.
    #[error("the repository `{}` belongs to another user", path.display())]
    Ownership {
        /// The repository.
        path: PathBuf,
    },
    /// The index has an extension that cannot be kept.
    #[error("the index of `{}` cannot be read", path.display())]
    Index {
        /// The repository.
        path: PathBuf,
        /// What the library says.
        #[source]
        source: git2::Error,
    },
    /// A work tree is needed, and the repository is bare.
    #[error("`{}` is a bare repository and has no work tree", path.display())]
    NoWorkTree {
        /// The repository.
        path: PathBuf,
    },
    /// The revision does not name a commit.
    #[error("`{revision}` does not name a commit")]
    Revision {
        /// As it was asked for.
        revision: String,
        /// The branch or tag whose name is nearest to it.
        nearest: Option<String>,
        /// What the library says.
        #[source]
        source: git2::Error,
    },
    /// Not a name that a branch can have.
    #[error("`{branch}` cannot be the name of a branch")]
    BranchName {
        /// As it was asked for.
        branch: String,
    },
    /// Another linked work tree has the branch checked out, and would be left behind.
    #[error("branch `{branch}` is checked out in `{}`", path.display())]
    BranchInUse {
        /// The branch.
        branch: String,
        /// The other work tree.
        path: PathBuf,
    },
    /// A merge, rebase or the like has been started and not finished.
    #[error("a {operation} is in progress in `{}`", path.display())]
    InProgress {
        /// In Git's words.
        operation: &'static str,
        /// The repository.
        path: PathBuf,
    },
    /// What was asked would lose or change what is not ours.
    #[error("{0}")]
    Refused(Refusals),
    /// The branch is no longer where the plan was made.
    #[error("`{reference}` has moved since the render began")]
    Moved {
        /// The reference.
        reference: String,
    },
    /// Files of the work tree changed after the plan was made; nothing was written.
    #[error("files changed while they were rendered: {}", paths.join(", "))]
    ChangedMeanwhile {
        /// Those files.
        paths: Vec<String>,
    },
    /// Another process holds the reference or the index.
    #[error("`{what}` is locked by another process")]
    Locked {
        /// The reference, or the index.
        what: String,
    },
    /// Another render is running in this repository.
    #[error("another render is running in `{}`", path.display())]
    Busy {
        /// The repository.
        path: PathBuf,
    },
    /// Git does not know who commits.
    #[error("Git's configuration does not say who the {role} is")]
    Identity {
        /// `author` or `committer`.
        role: &'static str,
    },
    /// A configured value cannot be used.
    #[error("Git's configuration `{key}` {problem}")]
    Configuration {
        /// The key.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The signing program failed; no unsigned commit is made.
    #[error("`{program}` did not sign the commit: {problem}")]
    Signing {
        /// The program that was started.
        program: String,
        /// What it said, or why it could not be started.
        problem: String,
    },
    /// The system refused a file operation.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// A verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The branch has moved, or the first files are in place, and the work tree or the index could not be brought along.
    #[error("{}the work tree could not be brought up to it", told_commit(commit.as_deref()))]
    Unfinished {
        /// The commit, if there is one.
        commit: Option<String>,
        /// Why.
        #[source]
        source: Box<GitError>,
    },
    /// The library failed.
    #[error("cannot {action}")]
    Library {
        /// What was being done, with its path or reference.
        action: String,
        /// What the library says.
        #[source]
        source: git2::Error,
    },
}

impl GitError {
    /// What the user can do, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            GitError::NotARepository { .. } => "run `git init`, or name a repository with --repo".to_owned(),
            GitError::ObjectFormat { .. } => {
                "use a repository made with `git init --object-format=sha1`".to_owned()
            }
            GitError::Ownership { path } => {
                format!("run `git config --global --add safe.directory {}`", path.display())
            }
            GitError::Index { .. } => {
                "a split or sparse index is not supported: run `git update-index --no-split-index` and \
                 `git sparse-checkout reapply --no-sparse-index`"
                    .to_owned()
            }
            GitError::NoWorkTree { .. } => {
                "leave out --no-commit, or name a repository with a work tree".to_owned()
            }
            GitError::Revision { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            GitError::Revision { nearest: None, .. } => {
                "`git branch --all` and `git tag` tell what there is; what is not here yet, `git fetch` brings".to_owned()
            }
            GitError::BranchInUse { path, .. } => format!("render in `{}`", path.display()),
            GitError::InProgress { operation, .. } => format!("finish or abort the {operation} first"),
            GitError::Refused(refusals) => return refusals.help(),
            GitError::Moved { .. } | GitError::ChangedMeanwhile { .. } => {
                "nothing was written; run again".to_owned()
            }
            GitError::Locked { what } => format!(
                "nothing was written; if no other process runs, remove the `.lock` file of `{what}` and run again"
            ),
            GitError::Busy { .. } => "nothing was written; run again when the other has ended".to_owned(),
            GitError::Identity { .. } => {
                "run `git config user.name \"Your Name\"` and `git config user.email you@example.com`"
                    .to_owned()
            }
            GitError::Signing { .. } => {
                "mend the signing set-up, or run `git config commit.gpgSign false` for unsigned commits"
                    .to_owned()
            }
            GitError::Unfinished { .. } => {
                "remove the cause and run again: the next run finishes it".to_owned()
            }
            _ => return None,
        })
    }
}

/// One path that stands in the way, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// An owned file is not what was rendered.
    HandEdited {
        /// The file.
        path: String,
        /// Where the edit is.
        place: super::HandEditPlace,
    },
    /// A file that is not ours is where a file would be written.
    Foreign {
        /// The file.
        path: String,
    },
    /// Something that is not ours is where a folder would be, or a folder of it where a file would be.
    InTheWay {
        /// What is in the way.
        path: String,
    },
    /// A part of an output path is a symbolic link.
    Link {
        /// The link.
        path: String,
    },
    /// A part of an output path is a submodule or another repository.
    Submodule {
        /// The submodule.
        path: String,
    },
    /// The index has unresolved conflicts for the file.
    Conflicted {
        /// The file.
        path: String,
    },
    /// An output path lies where inputs are kept.
    InputFolder {
        /// The output path.
        path: String,
    },
    /// An output path does not lie below the environment's folder.
    OutsidePrefix {
        /// The output path.
        path: String,
    },
    /// A name that Git or some file system cannot keep.
    InvalidPath {
        /// The output path.
        path: String,
    },
    /// Git's attributes ask for a conversion that only another program can do.
    Filtered {
        /// The output path.
        path: String,
        /// The attribute and its value.
        attribute: String,
    },
}

impl Refusal {
    /// The path that stands in the way.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Refusal::HandEdited { path, .. }
            | Refusal::Foreign { path }
            | Refusal::InTheWay { path }
            | Refusal::Link { path }
            | Refusal::Submodule { path }
            | Refusal::Conflicted { path }
            | Refusal::InputFolder { path }
            | Refusal::OutsidePrefix { path }
            | Refusal::InvalidPath { path }
            | Refusal::Filtered { path, .. } => path,
        }
    }

    /// Whether `--adopt` would take it over.
    #[must_use]
    pub fn is_adoptable(&self) -> bool {
        matches!(self, Refusal::HandEdited { .. } | Refusal::Foreign { .. })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        match self {
            Refusal::HandEdited { place, .. } => write!(formatter, "`{path}` was {place}"),
            Refusal::InTheWay { .. } => {
                write!(formatter, "`{path}` is where the output needs another kind of file")
            }
            Refusal::Foreign { .. } => write!(formatter, "`{path}` is in the way and was not rendered"),
            Refusal::Link { .. } => write!(formatter, "`{path}` is a symbolic link"),
            Refusal::Submodule { .. } => write!(formatter, "`{path}` is a submodule or another repository"),
            Refusal::Conflicted { .. } => write!(formatter, "`{path}` has unresolved merge conflicts"),
            Refusal::InputFolder { .. } => write!(formatter, "`{path}` lies in a folder of inputs"),
            Refusal::OutsidePrefix { .. } => {
                write!(formatter, "`{path}` lies outside the environment's folder")
            }
            Refusal::InvalidPath { .. } => write!(formatter, "`{path}` is not a name for a file"),
            Refusal::Filtered { attribute, .. } => {
                write!(formatter, "`{path}` has the Git attribute `{attribute}`, which needs another program")
            }
        }
    }
}

/// Every path that stands in the way, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals(pub Vec<Refusal>);

impl Refusals {
    fn help(&self) -> Option<String> {
        self.0.iter().any(Refusal::is_adoptable).then(|| {
            "nothing was changed; --adopt takes over what was edited by hand or is in the way".to_owned()
        })
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(formatter, "{only}"),
            all => {
                write!(formatter, "{} paths stand in the way:", all.len())?;
                all.iter().try_for_each(|refusal| write!(formatter, "\n  {refusal}"))
            }
        }
    }
}

fn told_commit(commit: Option<&str>) -> String {
    match commit {
        Some(commit) => format!("commit {commit} is made, but "),
        None => "the render is made, but ".to_owned(),
    }
}

pub(super) fn library(action: impl Into<String>) -> impl FnOnce(git2::Error) -> GitError {
    let action = action.into();
    move |source| GitError::Library { action, source }
}

pub(super) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> GitError {
    let path = path.into();
    move |source| GitError::File { action, path, source }
}
