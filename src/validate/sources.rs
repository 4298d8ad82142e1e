//! Where manifests come from: files, folders with all that is below them, and standard input, separated by commas.
//!
//! Follows crossplane v2.2.1 `cmd/crank/common/load/loader.go`; errors are in its words and those of Go's `os`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use plimsoll_crossplane::definition_text;
use plimsoll_crossplane::definitions::GroupVersionKind;
use plimsoll_crossplane::manifest::load_objects;
use rayon::prelude::*;
use serde_json::Value;

/// Reads the objects of all sources, in order.
///
/// # Errors
/// The first source that cannot be read or is not YAML of Kubernetes objects.
pub fn load(sources: &str) -> Result<Vec<Value>, String> {
    load_with(sources, &load_objects)
}

/// Reads the objects of all sources with definitions, in order: of kinds that are not wanted only what is wrong with them.
///
/// # Errors
/// As [`load`].
pub fn load_definitions(
    sources: &str,
    is_wanted: &(dyn Fn(&GroupVersionKind) -> bool + Sync),
) -> Result<Vec<Value>, String> {
    load_with(sources, &|text| definition_text::load_definitions(text, is_wanted))
}

/// Reads the objects of a text.
type Read<'r> = dyn Fn(&[u8]) -> Result<Vec<Value>, String> + Sync + 'r;

fn load_with(sources: &str, read: &Read<'_>) -> Result<Vec<Value>, String> {
    let parts: Vec<&str> = sources.split(',').collect();
    let is_single = parts.len() == 1;
    let mut found = Vec::new();
    for part in &parts {
        found.push(locate(part).map_err(|error| match is_single {
            true => error,
            false => format!("cannot create loader for \"{part}\": {error}"),
        })?);
    }
    let mut objects = Vec::new();
    for (index, source) in found.iter().enumerate() {
        objects.extend(source.read(read).map_err(|error| match is_single {
            true => error,
            false => format!("cannot load source at position {index}: {error}"),
        })?);
    }
    Ok(objects)
}

enum Source {
    Input,
    File(PathBuf),
    Folder(PathBuf),
}

fn locate(source: &str) -> Result<Source, String> {
    if source == "-" {
        return Ok(Source::Input);
    }
    let metadata = std::fs::metadata(source)
        .map_err(|error| format!("cannot stat input source: stat {source}: {}", words(&error)))?;
    let path = PathBuf::from(source);
    Ok(if metadata.is_dir() { Source::Folder(path) } else { Source::File(path) })
}

impl Source {
    fn read(&self, read: &Read<'_>) -> Result<Vec<Value>, String> {
        match self {
            Source::Input => {
                let mut text = Vec::new();
                io::stdin().read_to_end(&mut text).map_err(|error| {
                    format!("cannot load YAML stream from stdin: cannot parse YAML stream: {error}")
                })?;
                read(&text)
            }
            Source::File(path) => {
                read(&read_file(path).map_err(|error| format!("cannot read file: {error}"))?)
            }
            Source::Folder(path) => {
                let mut files = Vec::new();
                list_manifests(path, &mut files).map_err(|error| format!("cannot read folder: {error}"))?;
                // Texts are large and needed once, so each is read into the memory of the one before.
                let load = |text: &mut Vec<u8>, file: &PathBuf| {
                    read_file_into(file, text).map_err(|error| format!("cannot read folder: {error}"))?;
                    Ok(read(text))
                };
                let loaded: Vec<Result<_, String>> = files.par_iter().map_init(Vec::new, load).collect();
                // A file that cannot be read is told before what is wrong in any.
                let loaded = loaded.into_iter().collect::<Result<Vec<Result<Vec<Value>, String>>, _>>()?;
                Ok(loaded.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            }
        }
    }
}

/// The YAML files of a folder and of those below, in the order of Go's `filepath.Walk`. Links are not followed.
fn list_manifests(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |error: &io::Error| format!("open {}: {}", folder.display(), words(error));
    let entries = std::fs::read_dir(folder).map_err(|error| failed(&error))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|error| failed(&error))?;
    paths.sort();
    for path in paths {
        let is_folder = std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            list_manifests(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    read_file_into(path, &mut text).map(|()| text)
}

fn read_file_into(path: &Path, text: &mut Vec<u8>) -> Result<(), String> {
    text.clear();
    let read = File::open(path).and_then(|mut file| file.read_to_end(text));
    read.map(|_| ()).map_err(|error| format!("cannot open file: open {}: {}", path.display(), words(&error)))
}

/// What Go's `os` calls an error.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
