//! Branches: which one a commit goes to, and moving it by compare-and-swap.

use std::time::Duration;

use git2::{ErrorCode, Oid, RepositoryState};

use super::error::library;
use super::{GitError, Repository, Target};

/// The reference that a commit will move, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResolvedTarget {
    /// A full name, or `HEAD` where it is detached.
    pub(super) reference: String,
    /// What the reference names now.
    pub(super) current: Option<Oid>,
    /// The commit that the new one follows: `current`, or where the branch is yet to be made, `HEAD`.
    pub(super) parent: Option<Oid>,
    /// The tree of the parent.
    pub(super) tree: Option<Oid>,
    /// Whether a work tree has the reference checked out, and must follow.
    pub(super) has_work_tree: bool,
}

/// How often a locked reference is tried again, and how long is waited each time.
const LOCK_ATTEMPTS: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

pub(super) fn resolve_target(repository: &Repository, target: &Target) -> Result<ResolvedTarget, GitError> {
    let head_reference = head_reference(repository)?;
    let reference = match target {
        Target::Head => head_reference.clone().unwrap_or_else(|| "HEAD".to_owned()),
        Target::Branch(branch) => branch_reference(branch)?,
    };
    let is_head = match target {
        Target::Head => true,
        Target::Branch(_) => head_reference.as_deref() == Some(reference.as_str()),
    };
    let has_work_tree = is_head && !repository.is_bare();
    if has_work_tree {
        check_no_operation(repository)?;
    } else if let Target::Branch(branch) = target {
        check_not_in_use(repository, branch, &reference)?;
    }
    let current = current(repository, &reference)?;
    let parent = match current {
        Some(id) => Some(id),
        None => repository.head()?.map(|head| head.0),
    };
    let tree = parent
        .map(|id| repository.git.find_commit(id).map(|commit| commit.tree_id()))
        .transpose()
        .map_err(library(format!("read the commit of `{reference}`")))?;
    Ok(ResolvedTarget { reference, current, parent, tree, has_work_tree })
}

/// What a reference names now.
pub(super) fn current(repository: &Repository, reference: &str) -> Result<Option<Oid>, GitError> {
    match repository.git.refname_to_id(reference) {
        Ok(id) => Ok(Some(id)),
        Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::UnbornBranch) => Ok(None),
        Err(error) => Err(library(format!("read `{reference}`"))(error)),
    }
}

/// The branch that `HEAD` is on, by its full name; none where it is detached.
pub(super) fn head_reference(repository: &Repository) -> Result<Option<String>, GitError> {
    let head = repository.git.find_reference("HEAD").map_err(library("read `HEAD`"))?;
    let target = head.symbolic_target().map_err(library("read `HEAD`"))?;
    Ok(target.map(str::to_owned))
}

/// Moves the reference from where it stood to a commit. Fails, with nothing done, where it no longer stands there.
pub(super) fn move_reference(
    repository: &Repository,
    target: &ResolvedTarget,
    commit: Oid,
    reflog_message: &str,
) -> Result<(), GitError> {
    let name = target.reference.as_str();
    for attempt in 1.. {
        let moved = match target.current {
            Some(current) => repository.git.reference_matching(name, commit, true, current, reflog_message),
            None => repository.git.reference(name, commit, false, reflog_message),
        };
        let error = match moved {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        match error.code() {
            ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound => {
                return Err(GitError::Moved { reference: name.to_owned() });
            }
            ErrorCode::Locked if attempt < LOCK_ATTEMPTS => std::thread::sleep(LOCK_PAUSE),
            ErrorCode::Locked => return Err(GitError::Locked { what: name.to_owned() }),
            _ => return Err(library(format!("move `{name}`"))(error)),
        }
    }
    Err(GitError::Locked { what: name.to_owned() })
}

fn branch_reference(branch: &str) -> Result<String, GitError> {
    let reference = format!("refs/heads/{branch}");
    if branch.starts_with('-') || branch == "HEAD" || !git2::Reference::is_valid_name(&reference) {
        return Err(GitError::BranchName { branch: branch.to_owned() });
    }
    Ok(reference)
}

fn check_no_operation(repository: &Repository) -> Result<(), GitError> {
    let operation = match repository.git.state() {
        RepositoryState::Clean | RepositoryState::Bisect => return Ok(()),
        RepositoryState::Merge => "merge",
        RepositoryState::Revert | RepositoryState::RevertSequence => "revert",
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "cherry-pick",
        RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
            "rebase"
        }
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => "patch series",
    };
    Err(GitError::InProgress { operation, path: repository.git.path().to_owned() })
}

/// A branch that another work tree has checked out must not move under it. Git keeps the same rule.
fn check_not_in_use(repository: &Repository, branch: &str, reference: &str) -> Result<(), GitError> {
    let in_use =
        |path: &std::path::Path| GitError::BranchInUse { branch: branch.to_owned(), path: path.to_owned() };
    let names = repository.git.worktrees().map_err(library("list the linked work trees"))?;
    for name in names.iter().flatten().flatten() {
        let Ok(work_tree) = repository.git.find_worktree(name) else { continue };
        let Ok(linked) = git2::Repository::open_from_worktree(&work_tree) else { continue };
        if head_is(&linked, reference) && linked.path() != repository.git.path() {
            return Err(in_use(work_tree.path()));
        }
    }
    if repository.git.is_worktree()
        && let Ok(main) = git2::Repository::open(repository.git.commondir())
        && !main.is_bare()
        && head_is(&main, reference)
    {
        return Err(in_use(main.workdir().unwrap_or(main.path())));
    }
    Ok(())
}

fn head_is(git: &git2::Repository, reference: &str) -> bool {
    git.find_reference("HEAD").is_ok_and(|head| head.symbolic_target_bytes() == Some(reference.as_bytes()))
}
