//! Reading what a kustomization names, and nothing outside its folder.
//!
//! Follows `internal/loader` of kustomize api v0.21.1, errors included.

use std::rc::Rc;
use std::sync::Arc;

use super::files::{Entry, Files, TreeFiles, is_within, join_paths};
use super::remote::{RemoteContent, RepositoryPath, is_remote_file};
use super::run::{LoadRestriction, Sources};
use crate::error::{Error, Result};

/// Reads from the folder of one kustomization.
#[derive(Clone)]
pub(crate) struct Loader<'a> {
    files: Rc<dyn Files + 'a>,
    root: String,
    restriction: LoadRestriction,
    referrer: Option<Rc<Loader<'a>>>,
    /// The address that led to the repository that the folder is in.
    repository: Option<String>,
    sources: Sources<'a>,
}

impl<'a> Loader<'a> {
    /// A loader for the folder that is built.
    pub(crate) fn at_start(
        sources: Sources<'a>,
        path: &str,
        restriction: LoadRestriction,
    ) -> Result<Loader<'a>> {
        let files: Rc<dyn Files + 'a> = Rc::new(Shared(sources.files));
        let start =
            Loader { files, root: "/".to_owned(), restriction, referrer: None, repository: None, sources };
        if RepositoryPath::parse(path).is_some() {
            return start.in_repository(path).map(|loader| Loader { referrer: None, ..loader });
        }
        let root = start.folder(path).map_err(|error| error.wrap("must build at directory"))?;
        Ok(Loader { root, ..start })
    }

    /// The folder.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The bytes of a file.
    pub(crate) fn load(&self, path: &str) -> Result<Arc<[u8]>> {
        if is_remote_file(path) {
            return match self.fetch(path)? {
                RemoteContent::File(bytes) => Ok(bytes),
                RemoteContent::Repository { .. } => Err(Error::new("URL is a git repository")),
            };
        }
        let path = if path.starts_with('/') { path.to_owned() } else { join_paths(&self.root, path) };
        let path = match self.restriction {
            LoadRestriction::None => path,
            LoadRestriction::RootOnly => self.within_root(&path)?,
        };
        self.files.read(&path).map_err(Error::new)
    }

    /// The text of a file; what is no UTF-8 is replaced.
    pub(crate) fn load_text(&self, path: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.load(path)?).into_owned())
    }

    /// The files of a folder below this one.
    pub(crate) fn folder_files(&self, path: &str) -> Option<plimsoll_resource::FileTree> {
        let path = if path.starts_with('/') { path.to_owned() } else { join_paths(&self.root, path) };
        match self.files.locate(&path) {
            Ok(Entry::Folder(folder)) => Some(self.files.below(&folder)),
            _ => None,
        }
    }

    /// A loader for a folder that this kustomization names.
    pub(crate) fn enter(&self, path: &str) -> Result<Loader<'a>> {
        if path.is_empty() {
            return Err(Error::new("new root cannot be empty"));
        }
        if RepositoryPath::parse(path).is_some() {
            return self.in_repository(path);
        }
        if path.starts_with('/') {
            return Err(Error::new(format!("new root '{path}' cannot be absolute")));
        }
        let root = self
            .folder(&join_paths(&self.root, path))
            .map_err(|error| error.wrap("must build at directory"))?;
        self.refuse_cycle(&root)?;
        Ok(Loader { root, referrer: Some(Rc::new(self.clone())), ..self.clone() })
    }

    fn in_repository(&self, address: &str) -> Result<Loader<'a>> {
        let mut visited = Some(self);
        while let Some(loader) = visited {
            if let Some(earlier) = loader.repository.as_ref().filter(|earlier| earlier.starts_with(address)) {
                return Err(Error::new(format!(
                    "cycle detected: URI '{address}' referenced by previous URI '{earlier}'"
                )));
            }
            visited = loader.referrer.as_deref();
        }
        let RemoteContent::Repository { files, folder } = self.fetch(address)? else {
            return Err(Error::new(format!("'{address}' refers to file; expecting directory")));
        };
        let files: Rc<dyn Files + 'a> = Rc::new(TreeFiles::new(files));
        let inside = Loader {
            files,
            root: "/".to_owned(),
            restriction: LoadRestriction::RootOnly,
            referrer: Some(Rc::new(self.clone())),
            repository: Some(address.to_owned()),
            sources: self.sources,
        };
        let root = inside.folder(&join_paths("/", &folder))?;
        Ok(Loader { root, ..inside })
    }

    fn fetch(&self, address: &str) -> Result<RemoteContent> {
        match self.sources.remote {
            Some(remote) => remote(address).map_err(Error::new),
            None => Err(Error::new(format!("remote resources are not read: '{address}'"))),
        }
    }

    fn folder(&self, path: &str) -> Result<String> {
        if path.is_empty() {
            return Err(Error::new("directory path cannot be empty"));
        }
        match self.locate(path).map_err(|error| error.wrap("not a valid directory"))? {
            Entry::Folder(folder) => Ok(folder),
            Entry::File(_) => Err(Error::new(format!("'{path}': file is not directory"))),
        }
    }

    fn within_root(&self, path: &str) -> Result<String> {
        let Entry::File(found) = self.locate(path)? else {
            return Err(Error::new(format!("'{path}' must resolve to a file")));
        };
        let folder =
            found.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        if is_within(folder, &self.root) {
            return Ok(found);
        }
        Err(Error::new(format!("security; file '{path}' is not in or below '{}'", self.root)))
    }

    fn locate(&self, path: &str) -> Result<Entry> {
        self.files
            .locate(path)
            .map_err(|reason| Error::new(format!("evalsymlink failure on '{path}' : {reason}")))
    }

    fn refuse_cycle(&self, candidate: &str) -> Result<()> {
        let mut visited = Some(self);
        while let Some(loader) = visited {
            if loader.repository == self.repository && is_within(&loader.root, candidate) {
                return Err(Error::new(format!(
                    "cycle detected: candidate root '{candidate}' contains visited root '{}'",
                    loader.root
                )));
            }
            visited = loader.referrer.as_deref();
        }
        Ok(())
    }
}

/// The caller's files, which outlive the build.
struct Shared<'a>(&'a dyn Files);

impl Files for Shared<'_> {
    fn locate(&self, path: &str) -> std::result::Result<Entry, String> {
        self.0.locate(path)
    }

    fn read(&self, path: &str) -> std::result::Result<Arc<[u8]>, String> {
        self.0.read(path)
    }

    fn below(&self, folder: &str) -> plimsoll_resource::FileTree {
        self.0.below(folder)
    }
}
