//! A `values.schema.json` in memory: its draft, its references, and nothing outside of it.
//!
//! References resolve within the document only: by pointer, by `$anchor`, by `$id`. One that leads out is an error, where Helm
//! would use the network.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use plimsoll_gotemplate::regex::Regex;
use serde_json::Value as Json;

/// Which rules a schema follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draft {
    /// Draft 4.
    Four,
    /// Draft 6.
    Six,
    /// Draft 7.
    Seven,
    /// Draft 2019-09.
    Nineteen,
    /// Draft 2020-12.
    Twenty,
}

/// A parsed schema.
pub(crate) struct SchemaDocument {
    /// The whole document.
    pub root: Json,
    /// The rules that it follows.
    pub draft: Draft,
    /// Whether some keyword asks what others have looked at.
    pub tracks_evaluation: bool,
    patterns: RefCell<HashMap<String, Option<Rc<Regex>>>>,
}

impl SchemaDocument {
    /// Parses a schema and checks its references and patterns.
    pub(crate) fn parse(text: &[u8]) -> Result<SchemaDocument, String> {
        let root: Json = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let dialect = root.get("$schema").and_then(Json::as_str).unwrap_or_default();
        let draft = match dialect.trim_end_matches('#') {
            id if id.contains("draft-04") => Draft::Four,
            id if id.contains("draft-06") => Draft::Six,
            id if id.contains("draft-07") => Draft::Seven,
            id if id.contains("2019-09") => Draft::Nineteen,
            _ => Draft::Twenty,
        };
        let mut document =
            SchemaDocument { root, draft, tracks_evaluation: false, patterns: RefCell::default() };
        document.tracks_evaluation = document.check(&document.root, 0)?;
        Ok(document)
    }

    /// Checks references and patterns below a node; whether evaluation has to be tracked.
    fn check(&self, node: &Json, depth: usize) -> Result<bool, String> {
        if depth > 256 {
            return Err("the schema is nested more than 256 deep".to_owned());
        }
        let mut tracks = false;
        match node {
            Json::Object(entries) => {
                for (key, value) in entries {
                    match (key.as_str(), value) {
                        // Helm takes a name that nobody resolves for a schema that everything fits.
                        ("$ref", Json::String(reference)) if reference.starts_with("urn:") => {}
                        ("$ref", Json::String(reference)) if self.resolve(reference).is_none() => {
                            return Err(format!(
                                "the schema's $ref {reference:?} leads out of the document, and nothing is downloaded"
                            ));
                        }
                        ("unevaluatedProperties" | "unevaluatedItems", _) => tracks = true,
                        ("enum" | "const" | "default" | "examples", _) => continue,
                        _ => {}
                    }
                    tracks |= self.check(value, depth + 1)?;
                }
            }
            Json::Array(items) => {
                for item in items {
                    tracks |= self.check(item, depth + 1)?;
                }
            }
            _ => {}
        }
        Ok(tracks)
    }

    /// The schema that a reference names.
    pub(crate) fn resolve(&self, reference: &str) -> Option<&Json> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = if address.is_empty() { &self.root } else { find_id(&self.root, address, 0)? };
        if fragment.is_empty() {
            return Some(base);
        }
        let fragment = decode_percent(fragment);
        if fragment.starts_with('/') {
            return base.pointer(&fragment);
        }
        find_anchor(base, &fragment, 0)
    }

    /// A compiled pattern; `None` where it is malformed, which matches nothing.
    pub(crate) fn pattern(&self, pattern: &str) -> Option<Rc<Regex>> {
        if let Some(known) = self.patterns.borrow().get(pattern) {
            return known.clone();
        }
        let compiled = Regex::new(pattern.as_bytes()).ok().map(Rc::new);
        self.patterns.borrow_mut().insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

fn children(node: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match node {
        Json::Object(entries) => Box::new(entries.values()),
        Json::Array(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

fn find_id<'a>(node: &'a Json, address: &str, depth: usize) -> Option<&'a Json> {
    let id = node.get("$id").or_else(|| node.get("id")).and_then(Json::as_str);
    let is_it = |id: &str| {
        let id = id.trim_end_matches('#');
        id == address || id.rsplit('/').next() == Some(address)
    };
    if id.is_some_and(is_it) {
        return Some(node);
    }
    if depth > 256 {
        return None;
    }
    children(node).find_map(|child| find_id(child, address, depth + 1))
}

fn find_anchor<'a>(node: &'a Json, anchor: &str, depth: usize) -> Option<&'a Json> {
    let named =
        ["$anchor", "$dynamicAnchor"].iter().any(|key| node.get(*key).and_then(Json::as_str) == Some(anchor));
    let by_id = ["$id", "id"]
        .iter()
        .any(|key| node.get(*key).and_then(Json::as_str).and_then(|id| id.strip_prefix('#')) == Some(anchor));
    if named || by_id {
        return Some(node);
    }
    if depth > 256 {
        return None;
    }
    children(node).find_map(|child| find_anchor(child, anchor, depth + 1))
}

fn decode_percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let ahead = rest.as_slice_hex();
            if let Some(value) = ahead {
                bytes.push(value);
                rest.next();
                rest.next();
                continue;
            }
        }
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Two hexadecimal digits at the head of what is left.
trait HexAhead {
    fn as_slice_hex(&self) -> Option<u8>;
}

impl HexAhead for std::str::Bytes<'_> {
    fn as_slice_hex(&self) -> Option<u8> {
        let mut ahead = self.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| (byte as char).to_digit(16));
        let (high, low) = (digit(ahead.next())?, digit(ahead.next())?);
        u8::try_from(high * 16 + low).ok()
    }
}
