//! Charts and values files from disk.
//!
//! Links inside a chart's folder are followed as Helm follows them, but never out of it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use plimsoll_gotemplate::Profile;
use plimsoll_helm::{Chart, IgnoreRules, LoadOptions, Loaded, PathKind};
use plimsoll_resource::FileTree;

use super::Failure;

/// The chart's path, or why it cannot be had offline.
pub(super) fn locate(name: &str) -> Result<PathBuf, Failure> {
    let name = name.trim();
    if Path::new(name).exists() {
        return Ok(PathBuf::from(name));
    }
    if name.starts_with(['/', '.']) {
        return Err(format!("path {} not found", plimsoll_gotemplate::quote::quote(name.as_bytes())).into());
    }
    if name.contains('/') {
        return Err(format!(
            "{name} is no path here and charts are not downloaded: run `helm pull {name}` and name the file, or declare \
             the chart in environment.yaml and run `plimsoll fetch`"
        )
        .into());
    }
    Err(format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}").into())
}

/// Loads the chart at a path, a folder or an archive.
pub(super) fn load(path: &Path, profile: Profile) -> Result<Loaded, Failure> {
    let options = LoadOptions { profile, ..LoadOptions::default() };
    if path.is_dir() {
        let tree = read_folder(path, options.budget.file_bytes)?;
        return Ok(Chart::from_tree(&tree, "", &options)?);
    }
    let bytes = fs::read(path).map_err(|error| open_error(&path.to_string_lossy(), &error))?;
    if !bytes.starts_with(b"\x1F\x8B\x08") {
        let shown = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let shown = shown.display();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        return Err(if is_yaml {
            format!("file '{shown}' seems to be a YAML file, but expected a gzipped archive")
        } else {
            let kind = if bytes.is_ascii() || std::str::from_utf8(&bytes).is_ok() {
                "text/plain; charset=utf-8"
            } else {
                "application/octet-stream"
            };
            format!("file '{shown}' does not appear to be a gzipped archive; got '{kind}'")
        }
        .into());
    }
    Ok(Chart::from_archive(&bytes, &options)?)
}

/// How many files and folders a chart's folder may have.
const MOST_ENTRIES: usize = 50_000;

fn read_folder(root: &Path, most_bytes: u64) -> Result<FileTree, Failure> {
    let ignore_file = fs::read(root.join(".helmignore")).ok();
    let rules = IgnoreRules::parse(ignore_file.as_deref()).map_err(Failure::from)?;
    let real_root = fs::canonicalize(root).map_err(|error| open_error(&root.to_string_lossy(), &error))?;
    let mut tree = FileTree::new();
    let mut folders = vec![String::new()];
    let mut entries = 0_usize;
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let real_folder =
            fs::canonicalize(&path).map_err(|error| open_error(&path.to_string_lossy(), &error))?;
        let listed = fs::read_dir(&path).map_err(|error| open_error(&path.to_string_lossy(), &error))?;
        for entry in listed {
            let entry = entry.map_err(|error| open_error(&path.to_string_lossy(), &error))?;
            entries += 1;
            if entries > MOST_ENTRIES {
                return Err(format!("the chart's folder has more than {MOST_ENTRIES} entries").into());
            }
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else { continue };
            let name = if folder.is_empty() { file_name.to_owned() } else { format!("{folder}/{file_name}") };
            let path = entry.path();
            let shown = path.display();
            let real = fs::canonicalize(&path)
                .map_err(|error| format!("error evaluating symlink {shown}: {}", reason(&error)))?;
            if !real.starts_with(&real_root) {
                return Err(
                    format!("{shown} links out of the chart; put what it links to into the chart").into()
                );
            }
            let metadata = fs::metadata(&path).map_err(|error| open_error(&name, &error))?;
            let kind = if metadata.is_dir() { PathKind::Folder } else { PathKind::File };
            if rules.ignores(&name, kind) {
                continue;
            }
            if metadata.is_dir() {
                // A link to a folder around it would never end.
                if entry.file_type().is_ok_and(|kind| kind.is_symlink()) && real_folder.starts_with(&real) {
                    return Err(format!("{shown} links to a folder that it lies in").into());
                }
                folders.push(name);
                continue;
            }
            if !metadata.is_file() {
                return Err(
                    format!("cannot load irregular file {shown} as it has file mode type bits set").into()
                );
            }
            if metadata.len() > most_bytes {
                return Err(format!(
                    "chart file {} is larger than the maximum file size {most_bytes}",
                    plimsoll_gotemplate::quote::quote(file_name.as_bytes())
                )
                .into());
            }
            let bytes = fs::read(&path).map_err(|error| open_error(&name, &error))?;
            tree.insert(&name, bytes).map_err(|error| error.to_string())?;
        }
    }
    Ok(tree)
}

/// The contents of a file that a flag names; `-` is standard input.
pub(super) fn read_values(name: &str) -> Result<Vec<u8>, String> {
    if name.trim() == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        return read.map(|_| bytes).map_err(|error| reason(&error));
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Err(format!("{name} is not downloaded: download it beforehand and name the file"));
    }
    fs::read(name).map_err(|error| open_error(name, &error))
}

fn open_error(name: &str, error: &std::io::Error) -> String {
    let verb = if error.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" };
    format!("{verb} {name}: {}", reason(error))
}

/// The system's reason as Go prints it.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
