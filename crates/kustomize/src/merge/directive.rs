//! The `$patch` directive of strategic merge patches.

use plimsoll_yaml::Node;

use crate::error::{Error, Result};
use crate::tree::scalar::raw_text;
use crate::tree::{elements, text};

const KEY: &str = "$patch";

/// What a patch asks to be done with the node that it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

/// Reads the directive of a patch and takes it out.
pub(super) fn take(patch: Option<&mut Node>) -> Result<Directive> {
    let Some(patch) = patch else { return Ok(Directive::Merge) };
    if patch.is_mapping() {
        return take_from_mapping(patch);
    }
    if patch.is_sequence() {
        return take_from_sequence(patch);
    }
    Err(Error::new(format!(
        "no implemented strategic merge patch strategy for '{}' ('{}')",
        text::short_tag(patch),
        text::print(patch)
    )))
}

fn take_from_mapping(patch: &mut Node) -> Result<Directive> {
    let Some(value) = patch.get(KEY) else { return Ok(Directive::Merge) };
    let directive = parse(raw_text(value))?;
    patch.remove(KEY);
    Ok(directive)
}

fn take_from_sequence(patch: &mut Node) -> Result<Directive> {
    let with_key = patch.items().unwrap_or_default().iter().find(|item| item.get(KEY).is_some());
    // A directive that shares its item with more than one other word is data.
    let Some(item) = with_key.filter(|item| item.entries().is_some_and(|entries| entries.len() <= 1)) else {
        return Ok(Directive::Merge);
    };
    let word = item.get(KEY).map(raw_text).unwrap_or_default().to_owned();
    let directive = parse(&word)?;
    elements::set(patch, None, &[KEY.to_owned()], &[word])?;
    Ok(directive)
}

fn parse(word: &str) -> Result<Directive> {
    match word {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        _ => Err(Error::new(format!("unknown patch strategy '{word}'"))),
    }
}
