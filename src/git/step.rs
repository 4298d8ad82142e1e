//! The steps of a write, told to an observer before each: the one place where a test can make a step fail or end the process.

use std::io;

/// A step of committing or writing a plan, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The run lock is taken.
    TakeLock,
    /// What a killed run left is finished or removed.
    Recover,
    /// The commit is signed, if it is to be.
    Sign,
    /// Objects are written under a temporary name.
    WriteObjects,
    /// Objects get their names.
    PublishObjects,
    /// One new file of the work tree is written beside the repository's own files.
    StageFile,
    /// The journal is written: from here on a killed run is finished or undone by the next.
    WriteJournal,
    /// Git's index is locked.
    LockIndex,
    /// The branch is about to move.
    MoveReference,
    /// The branch has moved.
    ReferenceMoved,
    /// One file of the work tree is about to be replaced or made.
    ReplaceFile,
    /// One file of the work tree is about to be removed.
    RemoveFile,
    /// The new index is written under a temporary name.
    WriteIndex,
    /// The new index takes the place of the old.
    PublishIndex,
    /// Git's index is unlocked.
    UnlockIndex,
    /// The journal is removed.
    RemoveJournal,
    /// The run lock is given back.
    ReleaseLock,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Step; 17] = [
        Step::TakeLock,
        Step::Recover,
        Step::Sign,
        Step::WriteObjects,
        Step::PublishObjects,
        Step::StageFile,
        Step::WriteJournal,
        Step::LockIndex,
        Step::MoveReference,
        Step::ReferenceMoved,
        Step::ReplaceFile,
        Step::RemoveFile,
        Step::WriteIndex,
        Step::PublishIndex,
        Step::UnlockIndex,
        Step::RemoveJournal,
        Step::ReleaseLock,
    ];
}

/// Is told of each step before it is taken, and may make it fail.
pub trait StepObserver {
    /// An error is treated as if the step itself had failed with it.
    fn before(&self, step: Step) -> io::Result<()>;
}

/// Lets every step happen.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl StepObserver for NoObserver {
    fn before(&self, _step: Step) -> io::Result<()> {
        Ok(())
    }
}
