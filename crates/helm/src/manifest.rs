//! Rendered files into documents: split, told apart as manifests and hooks, and put in the order of installation.
//!
//! Helm 3.21.4 and 4.2.4 split differently: Helm 3 eats white space around `---`, Helm 4 keeps it before, and also splits
//! where text follows at once. Weights of hooks do not matter here; `helm template` sorts hooks by kind alone.

use std::collections::HashMap;
use std::sync::OnceLock;

use plimsoll_gotemplate::{Location, Profile};

use crate::error::{Detail, Error, ErrorKind, Frame, Warning};
use crate::manifest_head::{Head, read_head};

/// A document that a template made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The template's path: `app/templates/service.yaml`.
    pub path: String,
    /// Where the text begins in the rendered file.
    pub offset: usize,
    /// The text, as Helm prints it.
    pub content: Vec<u8>,
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// When it runs, where it is a hook.
    pub hook: Option<Hook>,
}

/// What makes a manifest a hook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hook {
    /// The events that it runs at: `pre-install`, `test`, ...
    pub events: Vec<&'static str>,
    /// Its weight.
    pub weight: i64,
    /// When it is deleted.
    pub delete_policies: Vec<String>,
}

impl Hook {
    /// Whether it is one of the chart's tests.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.events.contains(&"test")
    }
}

/// The events that Helm knows; what it calls them, and what charts may call them.
const EVENTS: &[(&str, &str)] = &[
    ("pre-install", "pre-install"),
    ("post-install", "post-install"),
    ("pre-delete", "pre-delete"),
    ("post-delete", "post-delete"),
    ("pre-upgrade", "pre-upgrade"),
    ("post-upgrade", "post-upgrade"),
    ("pre-rollback", "pre-rollback"),
    ("post-rollback", "post-rollback"),
    ("test", "test"),
    ("test", "test-success"),
];

/// The documents of all rendered files, manifests and hooks each in the order of installation.
pub(crate) fn sort_manifests<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    profile: Profile,
    warnings: &mut Vec<Warning>,
) -> Result<(Vec<Manifest>, Vec<Manifest>), Error> {
    let (mut manifests, mut hooks) = (Vec::new(), Vec::new());
    for (path, content) in files {
        if path.rsplit('/').next().is_some_and(|name| name.starts_with('_')) || trim(content).is_empty() {
            continue;
        }
        for document in split_documents(content, profile) {
            let head = read_head(document, profile).map_err(|message| unreadable(path, message))?;
            let Head { api_version, kind, name, annotations } = head;
            let mut manifest = Manifest {
                path: path.to_owned(),
                // Documents are parts of the file's own text.
                offset: document.as_ptr().addr().saturating_sub(content.as_ptr().addr()),
                content: document.to_vec(),
                api_version,
                kind,
                name,
                hook: None,
            };
            let annotation = |key: &str| {
                annotations.iter().rev().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
            };
            let Some(events) = annotation("helm.sh/hook") else {
                manifests.push(manifest);
                continue;
            };
            let Some(known) = known_events(events) else {
                let quoted = plimsoll_gotemplate::quote::quote(events.as_bytes());
                let text = format!("info: skipping unknown hook: {quoted}");
                warnings.push(Warning { origin: "manifest_sorter.go:199", text });
                continue;
            };
            let weight = annotation("helm.sh/hook-weight").and_then(|weight| weight.parse().ok());
            let policies = annotation("helm.sh/hook-delete-policy").unwrap_or_default();
            manifest.hook = Some(Hook {
                events: known,
                weight: weight.unwrap_or_default(),
                delete_policies: policies
                    .split(',')
                    .map(|policy| policy.trim().to_lowercase())
                    .filter(|policy| !policy.is_empty())
                    .collect(),
            });
            hooks.push(manifest);
        }
    }
    let order = install_order(profile);
    let rank = |manifest: &Manifest| order.get(manifest.kind.as_str()).copied().unwrap_or(usize::MAX);
    let compare = |one: &Manifest, other: &Manifest| {
        let (one_rank, other_rank) = (rank(one), rank(other));
        one_rank.cmp(&other_rank).then_with(|| {
            if one_rank == usize::MAX { one.kind.cmp(&other.kind) } else { std::cmp::Ordering::Equal }
        })
    };
    manifests.sort_by(compare);
    hooks.sort_by(compare);
    Ok((manifests, hooks))
}

/// What a template made, and is no manifest.
fn unreadable(path: &str, message: String) -> Error {
    let location = Location { template: path.into(), line: 0, column: 0 };
    let frame = Frame { location, template: path.to_owned(), expression: String::new() };
    let text = format!("YAML parse error on {path}: {message}");
    let detail = Detail { chain: vec![frame], reason: message, ..Detail::default() };
    Error::new(ErrorKind::Manifest, text).with_detail(detail)
}

fn known_events(list: &str) -> Option<Vec<&'static str>> {
    list.split(',')
        .map(|event| {
            let event = event.trim().to_lowercase();
            EVENTS.iter().find(|(_, written)| *written == event).map(|(name, _)| *name)
        })
        .collect()
}

fn install_order(profile: Profile) -> &'static HashMap<&'static str, usize> {
    static ORDERS: OnceLock<[HashMap<&'static str, usize>; 2]> = OnceLock::new();
    let read = |skipped: &str| {
        include_str!("../data/install_order.tsv")
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .filter(|(_, since)| *since != skipped)
            .enumerate()
            .map(|(rank, (kind, _))| (kind, rank))
            .collect()
    };
    let [third, fourth] = ORDERS.get_or_init(|| [read("v4"), read("")]);
    match profile {
        Profile::V3 => third,
        Profile::V4 => fourth,
    }
}

/// The documents of a text, without what parts them.
#[must_use]
pub fn split_documents(text: &[u8], profile: Profile) -> Vec<&[u8]> {
    match profile {
        Profile::V3 => split_around_white_space(trim(text)),
        Profile::V4 => split_at_lines(trim_start(text)),
    }
}

/// Splits at `(?:^|\s*\n)---\s*`: white space on both sides goes.
fn split_around_white_space(text: &[u8]) -> Vec<&[u8]> {
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
    let skip = |mut at: usize| {
        while text.get(at).copied().is_some_and(is_space) {
            at += 1;
        }
        at
    };
    let mut documents = Vec::new();
    // Where the document starts that is being read, and from where a separator may be looked for.
    let mut start = if text.starts_with(b"---") { skip(3) } else { 0 };
    let mut from = start;
    while let Some(newline) = find(text, b"\n---", from) {
        let mut end = newline;
        while end > start && text.get(end - 1).copied().is_some_and(is_space) {
            end -= 1;
        }
        documents.push(text.get(start..end).unwrap_or_default());
        start = skip(newline + 4);
        from = start;
    }
    documents.push(text.get(start..).unwrap_or_default());
    documents.into_iter().filter(|document| !document.is_empty()).map(trim).collect()
}

/// Splits at `(?m)^---[ \t]*`: every line that starts so, whatever follows.
fn split_at_lines(text: &[u8]) -> Vec<&[u8]> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut at =
        if text.starts_with(b"---") { Some(0) } else { find(text, b"\n---", 0).map(|found| found + 1) };
    while let Some(separator) = at {
        documents.push(text.get(start..separator).unwrap_or_default());
        start = separator + 3;
        while matches!(text.get(start), Some(b' ' | b'\t')) {
            start += 1;
        }
        at = find(text, b"\n---", start).map(|found| found + 1);
    }
    documents.push(text.get(start..).unwrap_or_default());
    documents.into_iter().filter(|document| !trim(document).is_empty()).map(trim_start).collect()
}

fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let newline = at + rest.iter().position(|byte| *byte == b'\n')?;
        if text.get(newline..)?.starts_with(needle) {
            return Some(newline);
        }
        at = newline + 1;
    }
}

/// The text without Unicode white space around it.
#[must_use]
pub fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}

/// The text without Unicode white space before it.
#[must_use]
pub fn trim_start(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_start();
    // What is no ASCII is rare enough to be looked at character by character.
    while rest.first().is_some_and(|byte| !byte.is_ascii() || *byte == 0x0b) {
        let head = rest.get(..rest.len().min(4)).unwrap_or_default();
        let valid = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        match valid.chars().next() {
            Some(character) if character.is_whitespace() => {
                rest = rest.get(character.len_utf8()..).unwrap_or_default().trim_ascii_start();
            }
            _ => break,
        }
    }
    rest
}

/// The text without Unicode white space after it.
#[must_use]
pub fn trim_end(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_end();
    while rest.last().is_some_and(|byte| !byte.is_ascii() || *byte == 0x0b) {
        let found = (1..=4.min(rest.len())).find_map(|length| {
            let (before, tail) = rest.split_at_checked(rest.len() - length)?;
            let character = std::str::from_utf8(tail).ok()?.chars().next()?;
            (character.is_whitespace() && character.len_utf8() == length).then_some(before)
        });
        match found {
            Some(before) => rest = before.trim_ascii_end(),
            None => break,
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, profile: Profile) -> Vec<String> {
        split_documents(text.as_bytes(), profile)
            .into_iter()
            .map(|document| String::from_utf8_lossy(document).into_owned())
            .collect()
    }

    #[test]
    fn helm_3_eats_white_space_around_separators() {
        assert_eq!(split("\n---\na: 1\n\n \n--- \n\nb: 2\n", Profile::V3), ["a: 1", "b: 2"]);
        assert_eq!(split("a: 1\n---b: 2", Profile::V3), ["a: 1", "b: 2"]);
        assert_eq!(split("---\n---\na: 1", Profile::V3), ["---\na: 1"]);
        assert_eq!(split("a: |\n ---\n", Profile::V3), ["a: |\n ---"]);
    }

    #[test]
    fn helm_4_keeps_what_stands_before_separators() {
        assert_eq!(split("\n---\na: 1\n\n--- \n\nb: 2\n", Profile::V4), ["a: 1\n\n", "b: 2\n"]);
        assert_eq!(split("---apiVersion: v1\n---\n---\nb", Profile::V4), ["apiVersion: v1\n", "b"]);
    }
}
