//! Documents of a stream, and the functions that read them.

use std::borrow::Cow;

use crate::budget::Budget;
use crate::compose::Composer;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind};
use crate::input;
use crate::node::{Node, Tag};
use crate::simple;
use crate::span::Span;

/// One document: its tree, and the comments that belong to it as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The tree; null for an empty document.
    pub root: Node,
    /// Comment lines at the top that an empty line parts from the content.
    pub head_comment: String,
    /// Comment lines at the end.
    pub foot_comment: String,
    /// From `---`, or the first content, to the end.
    pub span: Span,
}

/// All documents of a source. The first error ends the reading.
///
/// A source without content has no documents; `---` without content is one that is null.
///
/// # Errors
/// What the text breaks of YAML's grammar, the dialect's rules or the budget.
pub fn parse(source: impl AsRef<[u8]>, dialect: Dialect, budget: &Budget) -> Result<Vec<Document>, Error> {
    with_composer(source.as_ref(), dialect, budget, |composer| {
        std::iter::from_fn(|| composer.next_document()).collect()
    })?
}

/// All documents of a source, each with its own result: a doubled key in one leaves the others readable. After an error
/// of syntax no more follow.
#[must_use]
pub fn parse_each(
    source: impl AsRef<[u8]>,
    dialect: Dialect,
    budget: &Budget,
) -> Vec<Result<Document, Error>> {
    let all = with_composer(source.as_ref(), dialect, budget, |composer| {
        std::iter::from_fn(|| composer.next_document()).collect()
    });
    all.unwrap_or_else(|error| vec![Err(error)])
}

/// The first document of a source and nothing behind it, as go-yaml's `Unmarshal` reads; null where there is none.
///
/// # Errors
/// As [`parse`], for the first document only.
pub fn parse_one(source: impl AsRef<[u8]>, dialect: Dialect, budget: &Budget) -> Result<Node, Error> {
    if let Ok(root) = simple::read_tree(source.as_ref(), dialect, budget) {
        return Ok(root);
    }
    parse_one_by_whole_grammar(source, dialect, budget)
}

/// The same of a source that is known not to be simple.
pub(crate) fn parse_one_by_whole_grammar(
    source: impl AsRef<[u8]>,
    dialect: Dialect,
    budget: &Budget,
) -> Result<Node, Error> {
    let first = with_composer(source.as_ref(), dialect, budget, |composer| composer.next_document())?;
    match first {
        Some(document) => Ok(document?.root),
        None => Ok(Node::scalar("", Tag::Null)),
    }
}

/// The first document of a source as go-yaml v3 reads it into a tree: that keys stand twice is an error only once the tree is
/// decoded, so they are kept, and that error is given beside the tree.
///
/// # Errors
/// As [`parse_one`], but for doubled keys.
pub fn parse_one_with_doubled_keys(
    source: impl AsRef<[u8]>,
    dialect: Dialect,
    budget: &Budget,
) -> Result<(Node, Option<Error>), Error> {
    let (first, doubled) = with_composer(source.as_ref(), dialect, budget, |composer| {
        composer.keep_doubled_keys();
        (composer.next_document(), composer.take_doubled_keys())
    })?;
    match first {
        Some(document) => Ok((document?.root, doubled)),
        None => Ok((Node::scalar("", Tag::Null), None)),
    }
}

fn with_composer<T>(
    bytes: &[u8],
    dialect: Dialect,
    budget: &Budget,
    read: impl FnOnce(&mut Composer<'_>) -> T,
) -> Result<T, Error> {
    let most = budget.bytes.min(u32::MAX as usize / 2);
    if bytes.len() > most {
        return Err(Error::new(ErrorKind::Budget, format!("exceeded max of {most} bytes")));
    }
    let input = input::decode(bytes);
    let text: Cow<'_, str> = input.text;
    Ok(read(&mut Composer::new(&text, input.skipped, input.fault, dialect, *budget)))
}
