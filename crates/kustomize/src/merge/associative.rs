//! Lists whose items are told apart by keys, or, lists of scalars, by their values.
//!
//! Follows `walk/associative_sequence.go` of kyaml v0.21.1. Three of its habits show: with several keys, those that no item
//! has do not count; an item of the destination wins over the patch's where the patch said `replace`; and an item that
//! lacks the key takes the place of all others.

use std::collections::HashSet;

use plimsoll_yaml::Node;

use super::two_way::{ListIncrease, Merge, Outcome, adopt, walk};
use crate::error::{Error, Result};
use crate::schema::SchemaRef;
use crate::tree::elements;
use crate::tree::fields;
use crate::tree::scalar::{self, raw_text};

/// The values by which one item is known, one for each key.
type Values = Vec<String>;

/// Merges the patch's items into the destination's.
pub(super) fn walk_list(
    merge: &Merge<'_>,
    dest: &mut Node,
    mut patch: Option<&mut Node>,
    schema: Option<SchemaRef>,
) -> Result<Outcome> {
    let lists = match merge.options.increase {
        ListIncrease::Append => [Some(&*dest), patch.as_deref()],
        ListIncrease::Prepend => [patch.as_deref(), Some(&*dest)],
    };
    let (keys, tuples) = keys_and_tuples(&lists, schema.as_ref())?;
    let item_schema = schema.as_ref().and_then(SchemaRef::elements);
    merge_items(merge, dest, keys, tuples, |dest, valid_keys, valid_values| {
        let (find_keys, find_values) =
            valid_keys_of(std::slice::from_ref(valid_values), valid_values, valid_keys);
        let in_dest = elements::find(dest, &find_keys, &find_values);
        let in_patch = patch.as_deref().and_then(|patch| elements::find(patch, &find_keys, &find_values));
        let dest_item = in_dest.and_then(|index| dest.items_mut()?.get_mut(index));
        let patch_item = match in_patch {
            Some(index) => patch.as_deref_mut().and_then(|patch| patch.items_mut()?.get_mut(index)),
            None => None,
        };
        let (outcome, patch_item) = match patch_item {
            Some(item) => (walk(merge, dest_item, Some(item), item_schema.clone())?, Some(item.clone())),
            None => (walk(merge, dest_item, None, item_schema.clone())?, None),
        };
        Ok(match outcome {
            Outcome::Nothing => Item::Nothing,
            Outcome::Dest | Outcome::KeptNull => in_dest.map_or(Item::Nothing, Item::OfDest),
            Outcome::Patch => patch_item.map_or(Item::Nothing, Item::Made),
            Outcome::New(node) => Item::Made(node),
        })
    })
}

/// Merges the items of a list with themselves.
pub(super) fn adopt_list(merge: &Merge<'_>, list: &mut Node, schema: Option<SchemaRef>) -> Result<Outcome> {
    let (keys, tuples) = keys_and_tuples(&[Some(&*list)], schema.as_ref())?;
    let item_schema = schema.as_ref().and_then(SchemaRef::elements);
    merge_items(merge, list, keys, tuples, |list, valid_keys, valid_values| {
        let (find_keys, find_values) =
            valid_keys_of(std::slice::from_ref(valid_values), valid_values, valid_keys);
        let found = elements::find(list, &find_keys, &find_values);
        let item = found.and_then(|index| list.items_mut()?.get_mut(index));
        let Some(item) = item else { return Ok(Item::Nothing) };
        Ok(match adopt(merge, item, item_schema.clone())? {
            Outcome::Nothing => Item::Nothing,
            Outcome::New(node) => Item::Made(node),
            Outcome::Dest | Outcome::KeptNull | Outcome::Patch => found.map_or(Item::Nothing, Item::OfDest),
        })
    })
}

/// Where the merged item is.
enum Item {
    Nothing,
    OfDest(usize),
    Made(Node),
}

fn merge_items(
    merge: &Merge<'_>,
    dest: &mut Node,
    keys: Vec<String>,
    mut tuples: Vec<Values>,
    mut merge_item: impl FnMut(&mut Node, &[String], &Values) -> Result<Item>,
) -> Result<Outcome> {
    if tuples.is_empty() {
        return Ok(Outcome::Dest);
    }
    if keys.len() > 1 {
        complete_tuples(&mut tuples);
    }
    let mut merged = Node::sequence(Vec::new());
    let mut last_keys = keys.clone();
    for values in &tuples {
        let (valid_keys, valid_values) = valid_keys_of(&tuples, values, &keys);
        let item = merge_item(dest, &valid_keys, &valid_values)?;
        let mut item = match item {
            Item::Made(node) => Some(node),
            Item::OfDest(index) => {
                let in_place = dest.items_mut().and_then(|items| items.get_mut(index));
                if let Some(node) = in_place {
                    add_keys(node, &valid_keys, &valid_values)?;
                }
                dest.items().and_then(|items| items.get(index)).cloned()
            }
            Item::Nothing => None,
        };
        match item.as_mut().filter(|node| !fields::is_nil_or_empty(node) || node.is_sequence()) {
            None => elements::set(dest, None, &valid_keys, &valid_values)?,
            Some(node) => {
                add_keys(node, &valid_keys, &valid_values)?;
                elements::set(&mut merged, item, &valid_keys, &valid_values)?;
            }
        }
        last_keys = valid_keys;
    }
    match merge.options.increase {
        ListIncrease::Prepend => {
            append_list(&mut merged, dest, &last_keys)?;
            Ok(Outcome::New(merged))
        }
        ListIncrease::Append => {
            append_list(dest, &merged, &last_keys)?;
            Ok(Outcome::Dest)
        }
    }
}

/// Makes sure that an item has the keys by which it was found.
fn add_keys(node: &mut Node, keys: &[String], values: &[String]) -> Result<()> {
    if fields::is_nil_or_empty(node) {
        return Ok(());
    }
    for (key, value) in keys.iter().zip(values) {
        if value.is_empty() || node.get(key).is_some() {
            continue;
        }
        let value = scalar::untagged(value);
        if key.is_empty() {
            fields::set_scalar(node, value)?;
        } else {
            fields::set_field(node, key, value)?;
        }
    }
    Ok(())
}

/// Sets each item of one list in another.
pub(super) fn append_list(into: &mut Node, from: &Node, keys: &[String]) -> Result<()> {
    for item in from.items().unwrap_or_default() {
        if keys.first().is_none_or(String::is_empty) {
            elements::set(into, Some(item.clone()), &[String::new()], &[raw_text(item).to_owned()])?;
            continue;
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            match fields::get(item, key)? {
                Some(value) => values.push(raw_text(value).to_owned()),
                None => elements::append(into, item.clone())?,
            }
        }
        if keys.len() > 1 {
            elements::set(into, None, keys, &values)?;
        }
        elements::set(into, Some(item.clone()), keys, &values)?;
    }
    Ok(())
}

/// The keys of a list, and the distinct values that its items have for them.
pub(super) fn keys_and_tuples(
    lists: &[Option<&Node>],
    schema: Option<&SchemaRef>,
) -> Result<(Vec<String>, Vec<Values>)> {
    let keys = match schema.and_then(SchemaRef::merge_keys) {
        Some(keys) => keys.to_vec(),
        None => vec![inferred_key(lists)?],
    };
    let mut seen = HashSet::new();
    let mut tuples = Vec::new();
    for item in lists.iter().flatten().flat_map(|list| list.items().unwrap_or_default()) {
        let values: Values = if keys.is_empty() {
            vec![raw_text(item).to_owned()]
        } else {
            let value = |key: &String| match item.get(key) {
                Some(field) if !fields::is_nil_or_empty(field) => raw_text(field).to_owned(),
                _ => String::new(),
            };
            keys.iter().map(value).collect()
        };
        if seen.insert(values.clone()) {
            tuples.push(values);
        }
    }
    let keys = if keys.is_empty() { vec![String::new()] } else { keys };
    Ok((keys, tuples))
}

/// Whether every item has a field `name`.
pub(super) fn has_name_everywhere(list: &Node) -> bool {
    list.items().is_some_and(|items| items.iter().all(|item| item.get("name").is_some()))
}

fn inferred_key(lists: &[Option<&Node>]) -> Result<String> {
    let mut key = String::new();
    for list in lists.iter().flatten().filter(|list| list.items().is_some_and(|items| !items.is_empty())) {
        let found = if has_name_everywhere(list) { "name" } else { "" };
        if !key.is_empty() && key != found {
            return Err(Error::new(format!("conflicting merge keys [{key},{found}] for field ")));
        }
        found.clone_into(&mut key);
    }
    if key.is_empty() { Err(Error::new("no merge key found for field ")) } else { Ok(key) }
}

/// The keys that some item has, with the values of one item for them; all keys where no item has any.
pub(super) fn valid_keys_of(tuples: &[Values], values: &Values, keys: &[String]) -> (Vec<String>, Values) {
    let mut valid = vec![false; keys.len()];
    for tuple in tuples {
        for (valid, value) in valid.iter_mut().zip(tuple) {
            *valid |= !value.is_empty();
        }
    }
    if !valid.contains(&true) {
        return (keys.to_vec(), values.clone());
    }
    let is_valid = |index: usize| valid.get(index).copied().unwrap_or(false);
    let kept_keys = keys.iter().enumerate().filter(|(index, _)| is_valid(*index)).map(|(_, key)| key.clone());
    let kept_values = values
        .iter()
        .enumerate()
        .filter(|(index, value)| is_valid(*index) || !value.is_empty())
        .map(|(_, value)| value.clone());
    (kept_keys.collect(), kept_values.collect())
}

/// Fills in what one of two items leaves open where all else that both name is the same: a port without a protocol is
/// the port with one.
pub(super) fn complete_tuples(tuples: &mut [Values]) {
    for first in 0..tuples.len() {
        let mine = tuples[first].clone();
        for second in 0..tuples.len() {
            if let Some(joined) = join(&mine, &tuples[second]) {
                tuples[first].clone_from(&joined);
                tuples[second] = joined;
            }
        }
    }
}

fn join(one: &Values, other: &Values) -> Option<Values> {
    if one.len() != other.len() {
        return None;
    }
    let mut in_common = false;
    let mut joined = Vec::with_capacity(one.len());
    for (left, right) in one.iter().zip(other) {
        if left == right {
            in_common = true;
        } else if !left.is_empty() && !right.is_empty() {
            return None;
        }
        joined.push(if left.is_empty() { right.clone() } else { left.clone() });
    }
    in_common.then_some(joined)
}
