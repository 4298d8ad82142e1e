//! What was fetched, on this machine: files named by the SHA-256 of their bytes, below `$XDG_CACHE_HOME/plimsoll/fetched`.
//!
//! Whatever is read is checked against its name, so that a damaged or forged file is never used. Files appear whole, by a
//! rename, and any number of processes may read and write at once; only pruning waits until nobody fetches. Nothing in the
//! cache is the only copy of anything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::render::digest;

/// The cache.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// What the cache has under a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cached {
    /// The bytes.
    Whole(Vec<u8>),
    /// Nothing.
    Missing,
    /// A file with other bytes.
    Damaged,
}

/// Held while something is fetched, or while the cache is pruned.
#[derive(Debug)]
pub struct CacheLock {
    _file: File,
}

/// What pruning took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// How many files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// A file that a killed process left behind is older than this.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

static TEMPORARY: AtomicU64 = AtomicU64::new(0);

impl Cache {
    /// The cache of the user, where the environment says: `XDG_CACHE_HOME`, else `.cache` in `HOME`.
    pub fn of_user() -> Result<Cache, Diagnostic> {
        let absolute =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
        let folder = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        let folder = folder.ok_or_else(|| {
            Diagnostic::error(Code::new("fetch::cache"), "there is no folder for the cache")
                .with_help("set XDG_CACHE_HOME or HOME to an absolute path")
        })?;
        Ok(Cache::at(folder.join("plimsoll")))
    }

    /// The cache in a folder.
    #[must_use]
    pub fn at(folder: PathBuf) -> Cache {
        Cache { folder }
    }

    fn contents(&self) -> PathBuf {
        self.folder.join("fetched").join("sha256")
    }

    fn users(&self) -> PathBuf {
        self.folder.join("fetched").join("users")
    }

    /// A folder of its own for work in progress, which does not exist yet.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
        self.folder.join("fetched").join("work").join(format!("{}-{number}", std::process::id()))
    }

    /// What is there under a digest.
    pub fn read(&self, sha256: &str) -> Result<Cached, Diagnostic> {
        let path = self.contents().join(sha256);
        match fs::read(&path) {
            Ok(bytes) if digest::sha256(&bytes) == sha256 => Ok(Cached::Whole(bytes)),
            Ok(_) => Ok(Cached::Damaged),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Cached::Missing),
            Err(error) => Err(failed("read", &path, &error)),
        }
    }

    /// Keeps bytes under their digest, and gives it.
    pub fn store(&self, bytes: &[u8]) -> Result<String, Diagnostic> {
        let sha256 = digest::sha256(bytes);
        self.place(&self.contents(), &sha256, bytes)?;
        Ok(sha256)
    }

    /// Writes a file whole or not at all.
    fn place(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        fs::create_dir_all(folder).map_err(|error| failed("create", folder, &error))?;
        let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!(".{}-{number}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, folder.join(name))
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&temporary);
            failed("write", &folder.join(name), &error)
        })
    }

    /// Waits until nobody prunes.
    pub fn lock_for_fetching(&self) -> Result<CacheLock, Diagnostic> {
        self.lock(File::lock_shared)
    }

    fn lock(&self, lock: fn(&File) -> io::Result<()>) -> Result<CacheLock, Diagnostic> {
        let folder = self.folder.join("fetched");
        let path = folder.join("lock");
        let open = || -> io::Result<File> {
            fs::create_dir_all(&folder)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            lock(&file)?;
            Ok(file)
        };
        open().map(|file| CacheLock { _file: file }).map_err(|error| failed("lock", &path, &error))
    }

    /// Remembers what a repository uses, so that pruning from another one leaves it.
    pub fn remember(&self, repository: &Path, digests: &BTreeSet<String>) -> Result<(), Diagnostic> {
        let name = digest::sha256(repository.as_os_str().as_encoded_bytes());
        let mut text = format!("{}\n", repository.display());
        for sha256 in digests {
            text.push_str(sha256);
            text.push('\n');
        }
        self.place(&self.users(), &name, text.as_bytes())
    }

    /// Takes away what no repository that is still there uses.
    pub fn prune(&self) -> Result<Pruned, Diagnostic> {
        let _lock = self.lock(File::lock)?;
        let mut used = BTreeSet::new();
        for path in entries(&self.users())? {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let mut lines = text.lines();
            if lines.next().is_some_and(|repository| Path::new(repository).exists()) {
                used.extend(lines.map(str::to_owned));
            } else {
                fs::remove_file(&path).map_err(|error| failed("remove", &path, &error))?;
            }
        }
        let mut pruned = Pruned::default();
        for path in entries(&self.contents())? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let metadata = fs::metadata(&path).map_err(|error| failed("read", &path, &error))?;
            let age = metadata.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
            if used.contains(&name) || (name.starts_with('.') && age < ABANDONED) {
                continue;
            }
            fs::remove_file(&path).map_err(|error| failed("remove", &path, &error))?;
            pruned.files += 1;
            pruned.bytes += metadata.len();
        }
        // Nobody fetches while the lock is held, so whatever lies there was abandoned.
        let work = self.folder.join("fetched").join("work");
        if work.exists() {
            fs::remove_dir_all(&work).map_err(|error| failed("remove", &work, &error))?;
        }
        Ok(pruned)
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", folder, &error)),
    };
    let paths = listed.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.collect::<io::Result<_>>().map_err(|error| failed("list", folder, &error))?;
    paths.sort();
    Ok(paths)
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::new("fetch::cache"), format!("could not {what} `{}`", path.display()))
        .with_cause(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Cache, Cached};

    #[test]
    fn what_is_damaged_is_never_given_out() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let sha256 = cache.store(b"chart").unwrap();
        assert_eq!(cache.read(&sha256), Ok(Cached::Whole(b"chart".to_vec())));
        std::fs::write(cache.contents().join(&sha256), b"forged").unwrap();
        assert_eq!(cache.read(&sha256), Ok(Cached::Damaged));
        assert_eq!(cache.read(&"0".repeat(64)), Ok(Cached::Missing));
    }

    #[test]
    fn pruning_keeps_what_a_repository_uses() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("cache"));
        let used = cache.store(b"used").unwrap();
        let unused = cache.store(b"unused").unwrap();
        let forgotten = cache.store(b"of a repository that is gone").unwrap();
        cache.remember(folder.path(), &BTreeSet::from([used.clone()])).unwrap();
        cache.remember(&folder.path().join("gone"), &BTreeSet::from([forgotten])).unwrap();
        assert_eq!(cache.prune().unwrap().files, 2);
        assert_eq!(cache.read(&used), Ok(Cached::Whole(b"used".to_vec())));
        assert_eq!(cache.read(&unused), Ok(Cached::Missing));
    }
}
