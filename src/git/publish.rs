//! Writing a plan: a commit with the work tree and the index behind it, or the work tree alone.
//!
//! Everything that can fail for want of space, rights or peace comes before the branch moves: objects, the new files (which
//! wait beside the journal), the journal, the index's lock. Until then, giving up leaves nothing. After it, the run only
//! rolls forward, and so does the next run if this one is killed.

use std::collections::HashMap;

use git2::{ObjectType, OdbLookupFlags, Oid};

use super::error::{file, library};
use super::folder::{FileStamp, Folders};
use super::identity::{Identities, identities};
use super::index_file::{IndexChange, IndexLock, make_index};
use super::journal::{Journal, JournalEntry, JournalFile, Scratch, staged_name};
use super::line_endings::{Conversion, Converter};
use super::objects::{CommitText, NewObject, ObjectData, TreeChanges, change_tree, empty_tree, name_of};
use super::pack::{remove_temporaries, write_objects};
use super::plan::WorkChange;
use super::reference::{current, head_reference, move_reference};
use super::run_lock::RunLock;
use super::signing::Signing;
use super::step::{Step, StepObserver};
use super::work_files::{Expected, FileChange, WorkFiles};
use super::{CommitId, CommitPlan, GitError, Repository};

/// What was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The commit; none where the target already held everything.
    pub commit: Option<CommitId>,
    /// What moved: `refs/heads/main`, or `HEAD` where it is detached.
    pub reference: String,
    /// What only the work tree held, and was replaced because the user asked for it.
    pub saved: Vec<SavedFile>,
}

/// What was written without a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The files that were made, replaced or removed, sorted.
    pub paths: Vec<String>,
    /// What only the work tree held, and was replaced because the user asked for it.
    pub saved: Vec<SavedFile>,
}

/// The replaced contents of a file: `git cat-file blob <blob>` gives them back until Git prunes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFile {
    /// The file.
    pub path: String,
    /// The name of the blob.
    pub blob: String,
}

impl Repository {
    /// Makes the plan's commit, moves its branch, and brings index and work tree along where they follow it. No Git hook is
    /// run. Fails with nothing done where the branch has moved or files have changed since the plan was made.
    pub fn commit(
        &self,
        plan: &CommitPlan,
        message: &str,
        observer: &dyn StepObserver,
    ) -> Result<Committed, GitError> {
        let reference = plan.target.reference.clone();
        if plan.is_empty() {
            return Ok(Committed { commit: None, reference, saved: Vec::new() });
        }
        let identities = identities(self)?;
        let signing = Signing::configured(self, &identities.committer_name)?;
        let commit = self.write_plan(plan, observer, |scratch, objects| {
            if plan.changes.is_empty() {
                return Ok(None);
            }
            let tree = build_tree(self, plan, objects)?;
            let commit = build_commit(plan, tree, message, &identities, |bytes| {
                observer.before(Step::Sign).map_err(file("sign in", scratch.path()))?;
                signing.as_ref().map(|signing| signing.sign(bytes, scratch.path())).transpose()
            })?;
            let id = commit.id;
            objects.push(commit);
            Ok(Some(id))
        })?;
        Ok(Committed { commit: commit.map(CommitId), reference, saved: saved_files(plan) })
    }

    /// Writes the plan's files into the work tree, with the same care, and nothing else: no commit, no index.
    pub fn write(&self, plan: &CommitPlan, observer: &dyn StepObserver) -> Result<Written, GitError> {
        if !plan.target.has_work_tree {
            return Err(GitError::NoWorkTree { path: self.git_directory().to_owned() });
        }
        let paths = plan.work_tree_paths().map(str::to_owned).collect();
        if !plan.work.is_empty() {
            self.write_plan(plan, observer, |_, _| Ok(None))?;
        }
        Ok(Written { paths, saved: saved_files(plan) })
    }

    /// Everything but what a commit says, which `build` adds to the objects and gives the name of.
    fn write_plan(
        &self,
        plan: &CommitPlan,
        observer: &dyn StepObserver,
        build: impl FnOnce(&Scratch, &mut Vec<NewObject>) -> Result<Option<Oid>, GitError>,
    ) -> Result<Option<Oid>, GitError> {
        let step = |step| observer.before(step).map_err(file("write in", self.git_directory()));
        step(Step::TakeLock)?;
        let run_lock = RunLock::take(self)?;
        self.repair_locked(observer)?;
        check_target(self, plan)?;
        let scratch = Scratch::make(self)?;
        let mut run = Run { repository: self, plan, observer, scratch };
        let written = run.write(build);
        let finished = match &written {
            // The journal stays, and with it everything that the next run needs.
            Err(GitError::Unfinished { .. }) => Ok(()),
            Err(_) => run.scratch.remove().and_then(|()| remove_temporaries(&self.objects_folder())),
            Ok(_) => step(Step::RemoveJournal).and_then(|()| run.scratch.remove()),
        };
        let written = written?;
        let released = finished.and_then(|()| step(Step::ReleaseLock));
        drop(run_lock);
        released.map(|()| written).map_err(unfinished(written))
    }
}

struct Run<'run> {
    repository: &'run Repository,
    plan: &'run CommitPlan,
    observer: &'run dyn StepObserver,
    scratch: Scratch,
}

impl Run<'_> {
    fn write(
        &mut self,
        build: impl FnOnce(&Scratch, &mut Vec<NewObject>) -> Result<Option<Oid>, GitError>,
    ) -> Result<Option<Oid>, GitError> {
        let repository = self.repository;
        let mut objects = Vec::new();
        let commit = build(&self.scratch, &mut objects)?;
        let objects = self.missing(objects)?;
        write_objects(&repository.objects_folder(), &objects, self.observer)?;
        drop(objects);
        if !self.plan.target.has_work_tree {
            if let Some(commit) = commit {
                self.write_journal(Some(commit))?;
                self.move_reference(commit)?;
            }
            return Ok(commit);
        }
        let folders = Folders::new(repository.work_folder()?);
        let converter = Converter::new(&repository.git)?;
        let work_files = WorkFiles {
            folders: &folders,
            stage: self.scratch.stage(),
            converter: &converter,
            observer: self.observer,
        };
        let changes: Vec<FileChange<'_>> = self.plan.work.iter().enumerate().map(file_change).collect();
        work_files.check_writable(&changes)?;
        self.stage(&converter)?;
        self.write_journal(commit)?;
        let lock = match commit {
            Some(_) => {
                self.step(Step::LockIndex)?;
                Some(IndexLock::take(repository.git_directory(), self.scratch.path())?)
            }
            None => None,
        };
        // With the index locked, Git itself changes neither the work tree nor which branch is checked out.
        check_target(repository, self.plan)?;
        folders.forget();
        let unexpected = work_files.unexpected(&changes)?;
        if !unexpected.is_empty() {
            let paths = unexpected.into_iter().map(str::to_owned).collect();
            return Err(GitError::ChangedMeanwhile { paths });
        }
        if let Some(commit) = commit {
            self.move_reference(commit)?;
        }
        let follow = || {
            self.step(Step::ReferenceMoved)?;
            let stamps = work_files.apply(&changes)?;
            if let Some(lock) = lock {
                self.update_index(&folders, &stamps)?;
                self.step(Step::UnlockIndex)?;
                lock.release()?;
            }
            Ok(())
        };
        follow().map_err(unfinished(commit))?;
        Ok(commit)
    }

    /// Of the new objects, and of the replaced contents, those that the repository does not have.
    fn missing(&self, objects: Vec<NewObject>) -> Result<Vec<NewObject>, GitError> {
        let database = self.repository.git.odb().map_err(library("open the object database"))?;
        let mut missing: HashMap<Oid, ()> = HashMap::new();
        let saved = self.plan.saved.iter().map(|(_, object)| NewObject {
            id: object.id,
            kind: object.kind,
            data: ObjectData::Owned(object.data.bytes().to_vec()),
        });
        Ok(objects
            .into_iter()
            .chain(saved)
            .filter(|object| {
                !database.exists_ext(object.id, OdbLookupFlags::NO_REFRESH)
                    && missing.insert(object.id, ()).is_none()
            })
            .collect())
    }

    fn stage(&self, converter: &Converter<'_>) -> Result<(), GitError> {
        for (number, change) in self.plan.work.iter().enumerate() {
            let Some(content) = &change.new else { continue };
            self.step(Step::StageFile)?;
            let Conversion::LineEndings(endings) = converter.of(&change.path)? else { continue };
            self.scratch.stage().create(
                &staged_name(number),
                &endings.to_work_tree(&content.bytes),
                0o666,
            )?;
        }
        Ok(())
    }

    fn write_journal(&self, commit: Option<Oid>) -> Result<(), GitError> {
        self.step(Step::WriteJournal)?;
        let name = |id: Oid| id.to_string();
        let files = self.plan.work.iter().map(|change| JournalFile {
            path: change.path.clone(),
            old: change.seen.map(|(id, _)| name(id)),
            new: change.new.as_ref().map(|content| name(content.id)),
        });
        let index = self.plan.committed.iter().filter(|_| commit.is_some()).map(|change| JournalEntry {
            path: change.path.clone(),
            old: change.old.map(name),
            new: change.new.as_ref().map(|content| name(content.id)),
            is_sparse: change.is_sparse,
        });
        self.scratch.write_journal(&Journal {
            reference: commit.map(|_| self.plan.target.reference.clone()),
            commit: commit.map(name),
            files: files.filter(|_| self.plan.target.has_work_tree).collect(),
            index: index.filter(|_| self.plan.target.has_work_tree).collect(),
        })
    }

    fn move_reference(&self, commit: Oid) -> Result<(), GitError> {
        self.step(Step::MoveReference)?;
        let message = match self.plan.target.parent {
            Some(_) => "commit: plimsoll render",
            None => "commit (initial): plimsoll render",
        };
        move_reference(self.repository, &self.plan.target, commit, message)
    }

    fn update_index(&self, folders: &Folders, stamps: &[Option<FileStamp>]) -> Result<(), GitError> {
        self.step(Step::WriteIndex)?;
        let stamps: HashMap<&str, FileStamp> = self
            .plan
            .work
            .iter()
            .zip(stamps)
            .filter_map(|(change, stamp)| Some((change.path.as_str(), (*stamp)?)))
            .collect();
        let changes: Vec<IndexChange<'_>> = self
            .plan
            .committed
            .iter()
            .map(|change| IndexChange {
                path: &change.path,
                old: change.old,
                new: change.new.as_ref().map(|content| content.id),
                stamp: stamps.get(change.path.as_str()).copied(),
                is_sparse: change.is_sparse,
            })
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        let index = make_index(self.repository, folders, self.scratch.path(), &changes)?;
        self.step(Step::PublishIndex)?;
        index.publish()
    }

    fn step(&self, step: Step) -> Result<(), GitError> {
        self.observer.before(step).map_err(file("write in", self.repository.git_directory()))
    }
}

fn unfinished(commit: Option<Oid>) -> impl FnOnce(GitError) -> GitError {
    move |source| GitError::Unfinished {
        commit: commit.map(|commit| commit.to_string()),
        source: Box::new(source),
    }
}

fn file_change((number, change): (usize, &WorkChange)) -> FileChange<'_> {
    FileChange {
        path: &change.path,
        expected: change.seen.map_or(Expected::Nothing, |(_, stamp)| Expected::Stamp(stamp)),
        staged: change.new.as_ref().map(|_| number),
    }
}

/// Fails where the target is not where the plan was made.
fn check_target(repository: &Repository, plan: &CommitPlan) -> Result<(), GitError> {
    let target = &plan.target;
    let moved = || GitError::Moved { reference: target.reference.clone() };
    if current(repository, &target.reference)? != target.current {
        return Err(moved());
    }
    if target.has_work_tree {
        let head = head_reference(repository)?.unwrap_or_else(|| "HEAD".to_owned());
        if head != target.reference {
            return Err(GitError::Moved { reference: "HEAD".to_owned() });
        }
    }
    Ok(())
}

fn build_tree(
    repository: &Repository,
    plan: &CommitPlan,
    objects: &mut Vec<NewObject>,
) -> Result<Oid, GitError> {
    let mut changes = TreeChanges::new();
    for change in &plan.committed {
        changes.insert(&change.path, change.new.as_ref().map(|content| content.id));
        if let Some(content) = &change.new {
            let data = ObjectData::Shared(content.bytes.clone());
            objects.push(NewObject { id: content.id, kind: ObjectType::Blob, data });
        }
    }
    match change_tree(&repository.git, plan.target.tree, &changes, objects)? {
        Some(tree) => Ok(tree),
        None => {
            let tree = empty_tree()?;
            let id = tree.id;
            objects.push(tree);
            Ok(id)
        }
    }
}

fn build_commit(
    plan: &CommitPlan,
    tree: Oid,
    message: &str,
    identities: &Identities,
    sign: impl FnOnce(&[u8]) -> Result<Option<String>, GitError>,
) -> Result<NewObject, GitError> {
    let text = CommitText {
        tree,
        parent: plan.target.parent,
        author: &identities.author,
        committer: &identities.committer,
        message,
    };
    let signature = sign(&text.encode(None))?;
    let bytes = text.encode(signature.as_deref());
    let id = name_of(ObjectType::Commit, &bytes)?;
    Ok(NewObject { id, kind: ObjectType::Commit, data: ObjectData::Owned(bytes) })
}

fn saved_files(plan: &CommitPlan) -> Vec<SavedFile> {
    plan.saved
        .iter()
        .map(|(path, object)| SavedFile { path: path.clone(), blob: object.id.to_string() })
        .collect()
}
