//! Paths to several nodes: kyaml's `PathMatcher`, with `*`, `[key=expression]` and text that holds YAML.

use plimsoll_yaml::Node;

use super::fields::{self, NodeKind};
use super::paths::{self, index_number, is_list_index, kind_for, split_list_index};
use super::scalar::raw_text;
use super::{elements, text};
use crate::error::{Error, Result};
use crate::select::compile;

/// Where a matching node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Match {
    /// The indexes of entries and items that lead to it.
    Inside(Vec<usize>),
    /// In a copy of what the text of a scalar says, so that changes of it are lost.
    Detached,
}

/// The nodes that a path means; with `create`, what is missing is made.
pub(crate) fn find(node: &mut Node, path: &[String], create: Option<NodeKind>) -> Result<Vec<Match>> {
    let mut finder = Finder { create, here: Vec::new(), found: Vec::new(), detached: false };
    finder.walk(node, path)?;
    Ok(finder.found)
}

/// The node at a place that [`find`] gave.
pub(crate) fn at_mut<'a>(node: &'a mut Node, place: &[usize]) -> Option<&'a mut Node> {
    place.iter().try_fold(node, |node, &index| {
        if node.is_sequence() {
            node.items_mut()?.get_mut(index)
        } else {
            node.entries_mut()?.get_mut(index).map(|entry| &mut entry.value)
        }
    })
}

struct Finder {
    create: Option<NodeKind>,
    here: Vec<usize>,
    found: Vec<Match>,
    detached: bool,
}

impl Finder {
    fn walk(&mut self, node: &mut Node, path: &[String]) -> Result<()> {
        let Some((part, rest)) = path.split_first() else {
            let place = if self.detached { Match::Detached } else { Match::Inside(self.here.clone()) };
            self.found.push(place);
            return Ok(());
        };
        if let Some(index) = index_number(part) {
            self.walk_index(node, index, part, rest)
        } else if is_list_index(part) {
            self.walk_matching(node, part, rest)
        } else if part == "*" {
            fields::expect_kind(node, NodeKind::Sequence)?;
            let count = node.items().map_or(0, <[Node]>::len);
            (0..count).try_for_each(|index| self.walk_item(node, index, rest))
        } else {
            self.walk_field(node, part, rest)
        }
    }

    fn walk_item(&mut self, list: &mut Node, index: usize, rest: &[String]) -> Result<()> {
        let Some(item) = list.items_mut().and_then(|items| items.get_mut(index)) else { return Ok(()) };
        self.here.push(index);
        let walked = self.walk(item, rest);
        self.here.pop();
        walked
    }

    fn walk_index(&mut self, node: &mut Node, index: usize, part: &str, rest: &[String]) -> Result<()> {
        fields::expect_kind(node, NodeKind::Sequence)?;
        let mut count = node.items().map_or(0, <[Node]>::len);
        if let Some(create) = self.create.filter(|_| count == index) {
            let made = kind_for(rest.first().map(String::as_str), create).empty();
            elements::append(node, made).map_err(|error| {
                error.wrap(format!("failed to append element for {}", crate::go::quote(part)))
            })?;
            count += 1;
        }
        if index >= count {
            return Err(Error::new(format!("index {index} specified but only {count} elements found")));
        }
        self.walk_item(node, index, rest)
    }

    fn walk_matching(&mut self, node: &mut Node, part: &str, rest: &[String]) -> Result<()> {
        let (key, pattern) = split_list_index(part)?;
        fields::expect_kind(node, NodeKind::Sequence)?;
        let before = self.found.len();
        self.walk_items_like(node, key, pattern, rest)?;
        if self.create.is_none() || self.found.len() > before {
            return Ok(());
        }
        elements::append(node, paths::element_for(part)?).map_err(|error| {
            error.wrap(format!("failed to create element for {}", crate::go::quote(part)))
        })?;
        let made = node.items().map_or(0, <[Node]>::len);
        self.walk_items_like(node, key, pattern, rest)?;
        if self.found.len() == before {
            return Err(Error::new(format!(
                "no element matches {} after {made} elements",
                crate::go::quote(part)
            )));
        }
        Ok(())
    }

    fn walk_items_like(&mut self, node: &mut Node, key: &str, pattern: &str, rest: &[String]) -> Result<()> {
        let count = node.items().map_or(0, <[Node]>::len);
        if count == 0 {
            return Ok(());
        }
        let expression = compile(pattern)?;
        for index in 0..count {
            let Some(item) = node.items().and_then(|items| items.get(index)) else { break };
            let value = if key.is_empty() { Some(item) } else { item.get(key) };
            if !value.is_some_and(|value| expression.is_match(text::print(value).trim())) {
                continue;
            }
            // Of an item that is matched by its own text nothing below is looked at.
            self.walk_item(node, index, if key.is_empty() { &[] } else { rest })?;
        }
        Ok(())
    }

    fn walk_field(&mut self, node: &mut Node, part: &str, rest: &[String]) -> Result<()> {
        if node.is_null() {
            return Ok(());
        }
        fields::expect_kind(node, NodeKind::Mapping)?;
        if node.get(part).is_none() {
            let Some(create) = self.create else { return Ok(()) };
            fields::set_field(node, part, kind_for(rest.first().map(String::as_str), create).empty())?;
        }
        let entries = node.entries_mut().into_iter().flatten().enumerate();
        let Some((index, entry)) = entries.into_iter().find(|(_, entry)| raw_text(&entry.key) == part) else {
            return Ok(());
        };
        if entry.value.is_scalar() && !rest.is_empty() {
            return self.walk_text(&entry.value, rest);
        }
        self.here.push(index);
        let walked = self.walk(&mut entry.value, rest);
        self.here.pop();
        walked
    }

    fn walk_text(&mut self, scalar: &Node, rest: &[String]) -> Result<()> {
        let mut parsed = text::parse_one(raw_text(scalar))?;
        let outer = std::mem::replace(&mut self.detached, true);
        let walked = self.walk(&mut parsed, rest);
        self.detached = outer;
        walked
    }
}
