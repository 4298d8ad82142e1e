//! Elements of lists by their keys: kyaml's `ElementMatcher` and `ElementSetter`, with their oddities.

use plimsoll_yaml::{Entry, Node};

use super::fields::{self, NodeKind};
use super::scalar::{raw_text, value_text};
use crate::error::Result;

/// The index of the first element whose fields have these values; the key `""` stands for the element itself.
pub(crate) fn find(list: &Node, keys: &[String], values: &[String]) -> Option<usize> {
    let items = list.items()?;
    let first_key = keys.first().map_or("", String::as_str);
    if first_key.is_empty() {
        let wanted = values.first().map_or("", String::as_str);
        return items.iter().position(|item| raw_text(item) == wanted);
    }
    items.iter().position(|item| {
        item.is_mapping()
            && keys
                .iter()
                .zip(values)
                .all(|(key, value)| item.get(key).is_some_and(|field| raw_text(field) == value))
    })
}

/// Puts an element in the place of those that have these values, or last where none has; without an element they are
/// taken out. Elements that are null or empty mappings are dropped on the way.
pub(crate) fn set(list: &mut Node, element: Option<Node>, keys: &[String], values: &[String]) -> Result<()> {
    fields::expect_kind(list, NodeKind::Sequence)?;
    let names_mapping = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let Some(items) = list.items_mut() else { return Ok(()) };
    let mut kept = Vec::with_capacity(items.len() + 1);
    let mut found_any = false;
    for item in std::mem::take(items) {
        if item.is_null() || item.entries().is_some_and(<[Entry]>::is_empty) {
            continue;
        }
        if !item.is_mapping() && names_mapping {
            kept.push(item);
            continue;
        }
        if matches(&item, keys, values)? {
            found_any = true;
            kept.extend(element.clone());
        } else if !values.is_empty() {
            kept.push(item);
        }
    }
    if !found_any {
        kept.extend(element.filter(|element| !element.is_null()));
    }
    *items = kept;
    Ok(())
}

fn matches(item: &Node, keys: &[String], values: &[String]) -> Result<bool> {
    let mut found = false;
    for (index, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(index) {
            found = if key.is_empty() {
                fields::expect_kind(item, NodeKind::Scalar)?;
                value_text(item) == value
            } else {
                fields::get(item, key)?.is_some_and(|field| value.is_empty() || raw_text(field) == value)
            };
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(found)
}

/// Appends an element.
pub(crate) fn append(list: &mut Node, element: Node) -> Result<()> {
    fields::expect_kind(list, NodeKind::Sequence)?;
    if let Some(items) = list.items_mut() {
        items.push(element);
    }
    Ok(())
}
