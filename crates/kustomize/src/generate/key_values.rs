//! Keys with their values out of literals, files and files of environment variables.
//!
//! Follows `api/kv` v0.21.1: one pair of outer quotes of a literal is dropped, a file's key is its last part unless one is
//! given, and of an environment file lines are kept as they are behind the first `=`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::go;
use crate::kustomization::GeneratorArguments;

/// Reads a file below the kustomization.
pub(super) type Read<'a> = &'a dyn Fn(&str) -> Result<Arc<[u8]>>;

/// All keys of a generator; none may stand twice.
pub(super) fn load(arguments: &GeneratorArguments, read: Read<'_>) -> Result<BTreeMap<String, Vec<u8>>> {
    let loading = |error: Error, what: &str, list: &[String]| {
        error.wrap(format!("{what} {}", go::list(list))).wrap("loading KV pairs")
    };
    let mut pairs = Vec::new();
    for path in &arguments.envs {
        let more = read(path).and_then(|content| from_lines(&content));
        pairs.extend(more.map_err(|error| loading(error, "env source files:", &arguments.envs))?);
    }
    for literal in &arguments.literals {
        pairs.push(
            from_literal(literal).map_err(|error| loading(error, "literal sources", &arguments.literals))?,
        );
    }
    for source in &arguments.files {
        let pair = from_file(source, read);
        pairs.push(pair.map_err(|error| loading(error, "file sources:", &arguments.files))?);
    }
    let mut known = BTreeMap::new();
    for (key, value) in pairs {
        if known.contains_key(&key) {
            return Err(Error::new(format!(
                "configmap {} illegally repeats the key `{key}`",
                arguments.name
            )));
        }
        known.insert(key, value);
    }
    Ok(known)
}

fn from_literal(source: &str) -> Result<(String, Vec<u8>)> {
    match source.split_once('=') {
        Some((key, value)) if !key.is_empty() => {
            Ok((key.to_owned(), without_quotes(value).as_bytes().to_vec()))
        }
        _ => Err(Error::new(format!("invalid literal source {source}, expected key=value"))),
    }
}

fn without_quotes(text: &str) -> &str {
    for quote in ['"', '\''] {
        if text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote) {
            return &text[1..text.len() - 1];
        }
    }
    text
}

fn from_file(source: &str, read: Read<'_>) -> Result<(String, Vec<u8>)> {
    let (key, path) = match source.split_once('=') {
        None => (source.trim_end_matches('/').rsplit('/').next().unwrap_or(source), source),
        Some((_, path)) if path.contains('=') => {
            let quoted = go::quote(source);
            return Err(Error::new(format!("source {quoted} key name or file path contains '='")));
        }
        Some(("", path)) => {
            let (path, source) = (go::quote(path), go::quote(source));
            return Err(Error::new(format!("missing key name for file path {path} in source {source}")));
        }
        Some((key, "")) => {
            let (key, source) = (go::quote(key), go::quote(source));
            return Err(Error::new(format!("missing file path for key name {key} in source {source}")));
        }
        Some((key, path)) => (key, path),
    };
    Ok((key.to_owned(), read(path)?.to_vec()))
}

fn from_lines(content: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    const LONGEST_LINE: usize = 64 * 1024;
    let mut pairs = Vec::new();
    for (number, line) in content.split(|&byte| byte == b'\n').enumerate() {
        // Go's scanner stops, without a word, at a line that its buffer cannot hold.
        if line.len() >= LONGEST_LINE {
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(text) = std::str::from_utf8(line) else {
            let numbers: Vec<String> = line.iter().map(u8::to_string).collect();
            return Err(Error::new(format!(
                "line {} has invalid utf8 bytes : {}",
                go::list(&numbers),
                String::from_utf8_lossy(line)
            )));
        };
        let text = if number == 0 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let text = text.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if !key.is_empty() {
            pairs.push((key.to_owned(), value.as_bytes().to_vec()));
        }
    }
    Ok(pairs)
}
