//! Paths to one node: kyaml's `PathGetter`, and how paths are split.
//!
//! A part is a field, an index, `-` for the last element, or `[key=value]`.

use plimsoll_yaml::{Entry, Node};

use super::elements;
use super::fields::{self, NodeKind};
use super::scalar;
use crate::error::{Error, Result};

/// The parts of a path; a delimiter behind a backslash belongs to the part.
pub(crate) fn split(path: &str, delimiter: char) -> Vec<String> {
    let mut pieces = path.split(delimiter);
    let mut first = pieces.next().unwrap_or_default();
    if first.is_empty() {
        first = pieces.next().unwrap_or_default();
    }
    let mut parts = vec![first.to_owned()];
    for piece in pieces {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(delimiter);
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// The parts of a path in which `[...]` may hold the delimiter.
pub(crate) fn split_bracketed(path: &str, delimiter: char) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = split(path, delimiter).into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece);
            continue;
        }
        let mut bracketed = piece;
        for next in pieces.by_ref() {
            bracketed.push(delimiter);
            bracketed.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        if bracketed.contains('=') {
            parts.push(bracketed);
        } else {
            parts.push(bracketed.trim_matches(['[', ']']).to_owned());
        }
    }
    parts
}

/// Whether a part is `[...]`.
pub(crate) fn is_list_index(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

/// The index that a part is.
pub(crate) fn index_number(part: &str) -> Option<usize> {
    atoi(part).and_then(|index| usize::try_from(index).ok())
}

/// A number as Go's `strconv.Atoi` reads it.
pub(crate) fn atoi(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

/// Key and value of `[key=value]`.
pub(crate) fn split_list_index(part: &str) -> Result<(&str, &str)> {
    let inner = part.strip_suffix(']').unwrap_or(part);
    let inner = inner.strip_prefix('[').unwrap_or(inner);
    inner
        .split_once('=')
        .ok_or_else(|| Error::new("list path element must contain fieldName=fieldValue for element to match"))
}

/// The kind of node that the part after it asks for.
pub(crate) fn kind_for(next: Option<&str>, last: NodeKind) -> NodeKind {
    match next {
        None | Some("") => last,
        Some(part) if is_list_index(part) || index_number(part).is_some() => NodeKind::Sequence,
        Some(_) => NodeKind::Mapping,
    }
}

/// The node at a path.
pub(crate) fn lookup<'a, Part: AsRef<str>>(node: &'a Node, path: &[Part]) -> Result<Option<&'a Node>> {
    let mut found = node;
    for part in clean(path) {
        let next = match step(found, part)? {
            Step::Field => fields::get(found, part)?,
            Step::Element(index) => found.items().and_then(|items| items.get(index)),
            Step::Missing => None,
        };
        match next {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// The node at a path, to be changed.
pub(crate) fn lookup_mut<'a, Part: AsRef<str>>(
    node: &'a mut Node,
    path: &[Part],
) -> Result<Option<&'a mut Node>> {
    let mut found = node;
    for part in clean(path) {
        let next = match step(found, part)? {
            Step::Field => fields::get_mut(found, part)?,
            Step::Element(index) => found.items_mut().and_then(|items| items.get_mut(index)),
            Step::Missing => None,
        };
        match next {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// The node at a path; what is missing on the way is made, the last node of the given kind. Nothing is made below null.
pub(crate) fn lookup_or_create<'a, Part: AsRef<str>>(
    node: &'a mut Node,
    path: &[Part],
    kind: NodeKind,
) -> Result<Option<&'a mut Node>> {
    let parts: Vec<&str> = clean(path).collect();
    let mut found = node;
    for (position, part) in parts.iter().copied().enumerate() {
        match step(found, part)? {
            Step::Field => {
                if found.is_null() {
                    return Ok(None);
                }
                fields::expect_kind(found, NodeKind::Mapping)?;
                if found.get(part).is_none() {
                    let made = kind_for(parts.get(position + 1).copied(), kind).empty();
                    fields::set_field(found, part, made)?;
                }
                match found.get_mut(part) {
                    Some(next) => found = next,
                    None => return Ok(None),
                }
            }
            Step::Element(index) => match found.items_mut().and_then(|items| items.get_mut(index)) {
                Some(next) => found = next,
                None => return Ok(None),
            },
            Step::Missing => {
                if !is_list_index(part) || found.is_null() {
                    return Ok(None);
                }
                elements::append(found, element_for(part)?)?;
                match found.items_mut().and_then(|items| items.last_mut()) {
                    Some(next) => found = next,
                    None => return Ok(None),
                }
            }
        }
    }
    Ok(Some(found))
}

/// The element that `[key=value]` asks for.
pub(crate) fn element_for(part: &str) -> Result<Node> {
    let (key, value) = split_list_index(part)?;
    let value = scalar::untagged(value);
    Ok(if key.is_empty() { value } else { Node::mapping(vec![Entry { key: Node::string(key), value }]) })
}

enum Step {
    Field,
    Element(usize),
    Missing,
}

fn step(node: &Node, part: &str) -> Result<Step> {
    if let Some(index) = atoi(part) {
        let index = usize::try_from(index)
            .map_err(|_| Error::new(format!("array index {index} cannot be negative")))?;
        fields::expect_kind(node, NodeKind::Sequence)?;
        let there = node.items().is_some_and(|items| index < items.len());
        return Ok(if there { Step::Element(index) } else { Step::Missing });
    }
    match part {
        "-" => {
            fields::expect_kind(node, NodeKind::Sequence)?;
            let last = node.items().and_then(|items| items.len().checked_sub(1));
            Ok(last.map_or(Step::Missing, Step::Element))
        }
        "*" => Err(Error::new("wildcard is not supported in PathGetter")),
        _ if is_list_index(part) => {
            let (key, value) = split_list_index(part)?;
            fields::expect_kind(node, NodeKind::Sequence)?;
            let found = elements::find(node, &[key.to_owned()], &[value.to_owned()]);
            Ok(found.map_or(Step::Missing, Step::Element))
        }
        _ => Ok(Step::Field),
    }
}

fn clean<Part: AsRef<str>>(path: &[Part]) -> impl Iterator<Item = &str> {
    path.iter().map(|part| part.as_ref().trim()).filter(|part| !part.is_empty())
}
