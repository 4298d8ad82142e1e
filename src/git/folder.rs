//! Folders held open by descriptor: every name is looked up in its folder and no link is followed, so that nothing that
//! happens to the tree meanwhile can lead a read or a write out of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

use super::GitError;
use super::error::file;

/// An open folder.
pub(super) struct Folder {
    descriptor: OwnedFd,
    path: PathBuf,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Missing,
    File(FileStamp),
    Folder,
    Link,
    Other,
}

/// What tells whether a file has been touched, as Git's index keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    pub(super) modified: (i64, u32),
    pub(super) changed: (i64, u32),
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) mode: u32,
    pub(super) user: u32,
    pub(super) group: u32,
    pub(super) size: u64,
}

impl FileStamp {
    pub(super) fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }

    fn of(stat: &Stat) -> FileStamp {
        FileStamp {
            modified: (stat.st_mtime, stat.st_mtime_nsec as u32),
            changed: (stat.st_ctime, stat.st_ctime_nsec as u32),
            device: stat.st_dev,
            inode: stat.st_ino,
            mode: stat.st_mode,
            user: stat.st_uid,
            group: stat.st_gid,
            size: u64::try_from(stat.st_size).unwrap_or(0),
        }
    }
}

impl Folder {
    /// Opens a folder by its path, following links on the way: the way to a repository is the user's.
    pub(super) fn open_root(path: &Path) -> Result<Folder, GitError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor =
            rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| file("open", path)(errno.into()))?;
        Ok(Folder { descriptor, path: path.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn look(&self, name: &str) -> Result<Found, GitError> {
        match rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Found::File(FileStamp::of(&stat)),
                FileType::Directory => Found::Folder,
                FileType::Symlink => Found::Link,
                _ => Found::Other,
            }),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(Found::Missing),
            Err(errno) => Err(self.failed("look at", name)(errno.into())),
        }
    }

    /// The folder of this name; none where there is no folder.
    pub(super) fn child(&self, name: &str) -> Result<Option<Folder>, GitError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => Ok(Some(Folder { descriptor, path: self.path.join(name) })),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(errno) => Err(self.failed("open", name)(errno.into())),
        }
    }

    pub(super) fn child_or_new(&self, name: &str) -> Result<Folder, GitError> {
        match rustix::fs::mkdirat(&self.descriptor, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(self.failed("make", name)(errno.into())),
        }
        self.child(name)?.ok_or_else(|| self.failed("open", name)(Errno::NOTDIR.into()))
    }

    /// The bytes of a regular file, with its stamp; none where there is no regular file. More than the limit is an error.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<(Vec<u8>, FileStamp)>, GitError> {
        // Without NONBLOCK, opening a named pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let descriptor = match rustix::fs::openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => descriptor,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO) => return Ok(None),
            Err(errno) => return Err(self.failed("open", name)(errno.into())),
        };
        let stat =
            rustix::fs::fstat(&descriptor).map_err(|errno| self.failed("look at", name)(errno.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(None);
        }
        let stamp = FileStamp::of(&stat);
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.size.min(limit)).unwrap_or(0));
        File::from(descriptor)
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(self.failed("read", name))?;
        if bytes.len() as u64 > limit {
            return Err(self.failed("read", name)(io::Error::from(io::ErrorKind::FileTooLarge)));
        }
        Ok(Some((bytes, stamp)))
    }

    pub(super) fn read_link(&self, name: &str) -> Result<Vec<u8>, GitError> {
        rustix::fs::readlinkat(&self.descriptor, name, Vec::new())
            .map(std::ffi::CString::into_bytes)
            .map_err(|errno| self.failed("read", name)(errno.into()))
    }

    /// The names in the folder, sorted; one that is not UTF-8 is given as its bytes.
    pub(super) fn names(&self) -> Result<Vec<Result<String, Vec<u8>>>, GitError> {
        let failed = |errno: Errno| file("list", &self.path)(errno.into());
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.descriptor).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(String::from_utf8(name.to_vec()).map_err(std::string::FromUtf8Error::into_bytes));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Makes a file that was not there.
    pub(super) fn create(&self, name: &str, bytes: &[u8], mode: u32) -> Result<File, GitError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let descriptor = rustix::fs::openat(&self.descriptor, name, flags, Mode::from_raw_mode(mode))
            .map_err(|errno| self.failed("make", name)(errno.into()))?;
        let mut file = File::from(descriptor);
        file.write_all(bytes).map_err(self.failed("write", name))?;
        Ok(file)
    }

    /// Gives a file a new name, in place of whatever file has it.
    pub(super) fn rename_to(&self, name: &str, folder: &Folder, new_name: &str) -> Result<(), GitError> {
        rustix::fs::renameat(&self.descriptor, name, &folder.descriptor, new_name)
            .map_err(|errno| folder.failed("replace", new_name)(errno.into()))
    }

    /// Gives a file a new name that no file has, and tells whether it was free.
    pub(super) fn rename_to_free(
        &self,
        name: &str,
        folder: &Folder,
        new_name: &str,
    ) -> Result<bool, GitError> {
        let flags = RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(&self.descriptor, name, &folder.descriptor, new_name, flags) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            // Some file systems cannot do both in one.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match folder.look(new_name)? {
                Found::Missing => self.rename_to(name, folder, new_name).map(|()| true),
                _ => Ok(false),
            },
            Err(errno) => Err(folder.failed("make", new_name)(errno.into())),
        }
    }

    /// Removes a file; that it is already gone is no error.
    pub(super) fn remove(&self, name: &str) -> Result<(), GitError> {
        match rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(self.failed("remove", name)(errno.into())),
        }
    }

    /// Removes a folder if it is empty, and tells whether it did.
    pub(super) fn remove_empty(&self, name: &str) -> bool {
        rustix::fs::unlinkat(&self.descriptor, name, AtFlags::REMOVEDIR).is_ok()
    }

    /// Whether files can be made and removed here.
    pub(super) fn check_writable(&self) -> Result<(), GitError> {
        rustix::fs::accessat(
            &self.descriptor,
            ".",
            rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
            AtFlags::EACCESS,
        )
        .map_err(|errno| file("write in", &self.path)(errno.into()))
    }

    pub(super) fn device(&self) -> Result<u64, GitError> {
        let stat =
            rustix::fs::fstat(&self.descriptor).map_err(|errno| file("look at", &self.path)(errno.into()))?;
        Ok(stat.st_dev)
    }

    fn failed(&self, action: &'static str, name: &str) -> impl FnOnce(io::Error) -> GitError {
        file(action, self.path.join(name))
    }
}

/// The folders of a tree, opened as they are asked for, part by part.
pub(super) struct Folders {
    root: Rc<Folder>,
    open: RefCell<HashMap<String, Way>>,
}

/// Where the way to a folder leads.
#[derive(Clone)]
pub(super) enum Way {
    /// To the folder.
    Open(Rc<Folder>),
    /// A part of the way does not exist.
    Missing,
    /// This part of the way is not a folder, or is a repository of its own.
    Blocked { part: String, found: Obstacle },
}

/// What can stand where a folder is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    Link,
    Repository,
    File,
}

/// Descriptors held open at once, well below what systems allow a process.
const OPEN_FOLDERS: usize = 200;

impl Folders {
    pub(super) fn new(root: Folder) -> Folders {
        Folders { root: Rc::new(root), open: RefCell::new(HashMap::new()) }
    }

    pub(super) fn root(&self) -> &Folder {
        &self.root
    }

    /// The folder at this path; the empty path is the root.
    pub(super) fn folder(&self, path: &str) -> Result<Way, GitError> {
        if path.is_empty() {
            return Ok(Way::Open(Rc::clone(&self.root)));
        }
        if let Some(way) = self.open.borrow().get(path) {
            return Ok(way.clone());
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let way = match self.folder(parent)? {
            Way::Open(parent) => self.enter(&parent, name, path)?,
            blocked => blocked,
        };
        let mut open = self.open.borrow_mut();
        if open.len() >= OPEN_FOLDERS {
            open.clear();
        }
        open.insert(path.to_owned(), way.clone());
        Ok(way)
    }

    /// The folder at this path, made with all above it where it does not exist.
    pub(super) fn folder_or_new(&self, path: &str) -> Result<Way, GitError> {
        match self.folder(path)? {
            Way::Missing => {}
            way => return Ok(way),
        }
        self.open.borrow_mut().clear();
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Way::Open(parent) = self.folder_or_new(parent)? {
            parent.child_or_new(name)?;
        }
        self.open.borrow_mut().clear();
        self.folder(path)
    }

    /// Forgets what is known, after something was removed.
    pub(super) fn forget(&self) {
        self.open.borrow_mut().clear();
    }

    fn enter(&self, parent: &Folder, name: &str, path: &str) -> Result<Way, GitError> {
        let blocked = |found| Ok(Way::Blocked { part: path.to_owned(), found });
        if let Some(folder) = parent.child(name)? {
            return match folder.look(".git")? {
                Found::Missing => Ok(Way::Open(Rc::new(folder))),
                _ => blocked(Obstacle::Repository),
            };
        }
        match parent.look(name)? {
            Found::Missing | Found::Folder => Ok(Way::Missing),
            Found::Link => blocked(Obstacle::Link),
            Found::File(_) | Found::Other => blocked(Obstacle::File),
        }
    }
}
