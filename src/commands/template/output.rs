//! What `helm template` prints or writes of a rendered chart.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use plimsoll_gotemplate::Profile;
use plimsoll_helm::{Manifest, Rendered, path_matches, split_documents, trim_end};

use super::Failure;
use super::flags::Flags;
use crate::terminal::Terminal;

/// Prints the documents, or writes them below `--output-dir`.
pub(super) fn write(
    rendered: &Rendered,
    flags: &Flags,
    release: &str,
    profile: Profile,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let folder = flags.value("output-dir").filter(|folder| !folder.is_empty());
    let hooks = rendered.hooks.iter().filter(|manifest| {
        let is_test = manifest.hook.as_ref().is_some_and(plimsoll_helm::Hook::is_test);
        let is_skipped = is_test && flags.is_on("skip-tests");
        !flags.is_on("no-hooks") && !is_skipped
    });
    let crds: &[_] = if flags.is_on("include-crds") { &rendered.crds } else { &[] };
    let mut text = Vec::new();
    if let Some(folder) = folder {
        let below =
            if flags.is_on("release-name") { format!("{folder}/{release}") } else { folder.to_owned() };
        let mut written = BTreeSet::new();
        for file in crds {
            write_file(folder, &file.name, &file.data, written.insert(file.name.clone()), terminal)?;
        }
        for Manifest { path, content, .. } in &rendered.manifests {
            write_file(&below, path, content, written.insert(path.clone()), terminal)?;
        }
        text.push(b'\n');
        for Manifest { path, content, .. } in hooks {
            let is_new = !Path::new(&below).join(path).exists();
            write_file(&below, path, content, is_new, terminal)?;
        }
    } else {
        for file in crds {
            append(&mut text, &file.name, &file.data);
        }
        for Manifest { path, content, .. } in &rendered.manifests {
            append(&mut text, path, content);
        }
        // Nothing is to be trimmed in front: every document begins with its separator.
        text.truncate(trim_end(&text).len());
        text.push(b'\n');
        for Manifest { path, content, .. } in hooks {
            append(&mut text, path, content);
        }
    }
    let wanted = flags.values("show-only");
    if !wanted.is_empty() {
        text = only(&text, &wanted, profile)?;
    }
    terminal.data_bytes(&text);
    Ok(())
}

fn append(text: &mut Vec<u8>, path: &str, content: &[u8]) {
    text.extend_from_slice(b"---\n# Source: ");
    text.extend_from_slice(path.as_bytes());
    text.push(b'\n');
    text.extend_from_slice(content);
    text.push(b'\n');
}

/// The documents whose templates match one of the patterns, in the order of the patterns.
fn only(text: &[u8], patterns: &[String], profile: Profile) -> Result<Vec<u8>, Failure> {
    let documents = split_documents(text, profile);
    let mut shown = Vec::new();
    for pattern in patterns {
        let mut is_missing = true;
        for document in &documents {
            let Some(path) = source_path(document) else { continue };
            if !path_matches(pattern, &path).unwrap_or(false) {
                continue;
            }
            shown.extend_from_slice(b"---\n");
            shown.extend_from_slice(document);
            shown.push(b'\n');
            is_missing = false;
        }
        if is_missing {
            return Err(format!("could not find template {pattern} in chart").into());
        }
    }
    Ok(shown)
}

/// The path in the first `# Source: CHART/PATH` of a document, without the chart's name.
fn source_path(document: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(document);
    text.match_indices("# Source: ").find_map(|(at, found)| {
        let line = text.get(at + found.len()..)?;
        // The chart's name ends at the first `/`, wherever that is; the path ends with its line.
        let (chart, rest) = line.split_once('/')?;
        let path = rest.lines().next().unwrap_or_default();
        (!chart.is_empty() && !path.is_empty()).then(|| path.to_owned())
    })
}

fn write_file(
    folder: &str,
    name: &str,
    content: &[u8],
    is_new: bool,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let path = format!("{folder}/{name}");
    let failed = |error: std::io::Error| Failure::from(format!("open {path}: {error}"));
    if let Some(parent) = Path::new(&path).parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new()
        .create(is_new)
        .truncate(is_new)
        .write(true)
        .append(!is_new)
        .open(&path)
        .map_err(failed)?;
    let mut text = Vec::new();
    append(&mut text, name, content);
    file.write_all(&text).map_err(failed)?;
    terminal.data(&format!("wrote {path}\n"));
    Ok(())
}
