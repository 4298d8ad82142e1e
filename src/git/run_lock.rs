//! One render at a time in a repository: a file that the system locks for as long as the process lives.
//!
//! The lock of a process that was killed is gone with it, whatever file it leaves: nothing has to be judged stale.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::error::file;
use super::{GitError, Repository};

const NAME: &str = "plimsoll.lock";
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// The right to write, given back when it is dropped.
pub(super) struct RunLock {
    path: PathBuf,
    _file: File,
}

impl RunLock {
    /// Waits up to five seconds for another render.
    pub(super) fn take(repository: &Repository) -> Result<RunLock, GitError> {
        let folder = repository.git.commondir();
        let path = folder.join(NAME);
        for _ in 0..ATTEMPTS {
            let opened = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(file("make", &path))?;
            match rustix::fs::flock(&opened, FlockOperation::NonBlockingLockExclusive) {
                // The holder before us removes the file; a lock on a removed file would exclude nobody.
                Ok(()) if is_same(&opened, &path) => return Ok(RunLock { path, _file: opened }),
                Ok(()) => {}
                Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::sleep(PAUSE),
                Err(errno) => return Err(file("lock", &path)(errno.into())),
            }
        }
        Err(GitError::Busy { path: folder.to_owned() })
    }

    /// Whether a run left its lock, dead or alive.
    pub(super) fn exists(repository: &Repository) -> bool {
        repository.git.commondir().join(NAME).exists()
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // A lock file that stays excludes nobody, and the next run removes it.
        let _ = fs::remove_file(&self.path);
    }
}

fn is_same(opened: &File, path: &Path) -> bool {
    match (opened.metadata(), fs::metadata(path)) {
        (Ok(left), Ok(right)) => left.ino() == right.ino() && left.dev() == right.dev(),
        _ => false,
    }
}
