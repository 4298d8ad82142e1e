//! Git and the file system: reading trees, planning what a render changes, and committing it so that nothing is lost.
//!
//! [`Repository`] opens a work tree, a linked work tree or a bare repository, and reads a revision or the work tree into a
//! [`FileTree`]. [`Repository::plan`] compares new contents with the target commit, the index and the work tree, and refuses,
//! with every reason at once, whatever would lose a byte that is not ours. [`Repository::commit`] writes the plan as objects
//! and one commit, and [`Repository::write`] only into the work tree.
//!
//! Invariants:
//! - This is the only module that names `git2`. It talks to no network (what was received
//!   from one is passed in as bytes), runs no Git hook, and starts no process but the
//!   signing program that Git's configuration asks for.
//! - The index is not used to build a commit: what the user has staged, changed or left untracked stays as it is.
//! - A branch moves by compare-and-swap after everything else that can fail for want of space or rights has been done.
//!   From then on the run only rolls forward; a run that is killed leaves a journal, and the next one finishes its work.
//! - Every path is opened part by part without following links.
//!
//! It deliberately does not know what a lock file or an environment is: the caller says which paths are owned, with the
//! SHA-256 of what was written.

mod attribute_files;
mod comparison;
mod error;
mod folder;
mod history;
mod identity;
mod index_file;
mod inspection;
mod journal;
mod line_endings;
mod objects;
mod pack;
mod plan;
mod publish;
mod received;
mod recovery;
mod reference;
mod repository;
mod run_lock;
mod signing;
mod snapshot;
mod sparse;
mod step;
mod work_files;

pub use comparison::{Comparison, HandEdit, HandEditPlace};
pub use error::{GitError, Refusal, Refusals};
pub use plan::{Adoption, Change, ChangeKind, CommitPlan, CommitRequest, OwnedPaths, Target};
pub use plimsoll_resource::FileTree;
pub use publish::{Committed, SavedFile, Written};
pub use received::{Revision, read_pack};
pub use recovery::Repaired;
pub use repository::{CommitId, Repository};
pub use snapshot::{Limits, ReadBlobs, Snapshot, Unread, UnreadReason};
pub use step::{NoObserver, Step, StepObserver};
