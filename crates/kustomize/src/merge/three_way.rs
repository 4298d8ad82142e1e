//! A three-way merge: what changed from the original to the update is carried into the destination.
//!
//! Follows kyaml v0.21.1 (`yaml/merge3`). Comments of keys are carried over as values are.

use plimsoll_yaml::{Entry, Extra, Node, Style};

use super::associative::{append_list, complete_tuples, has_name_everywhere, keys_and_tuples, valid_keys_of};
use super::two_way::field_names;
use crate::error::Result;
use crate::schema::{SchemaRef, Schemas, field_schema, schema_at};
use crate::tree::fields::{self, NodeKind, is_missing};
use crate::tree::scalar::{self, raw_text};
use crate::tree::{elements, text};

/// Carries the changes between `original` and `update` into `dest`; `None` where nothing is left. With `infer_keys` lists
/// without a schema are merged by the key `name`, where all their items have it.
pub fn merge_three_way(
    dest: Node,
    original: &Node,
    update: &Node,
    infer_keys: bool,
    schemas: &Schemas,
) -> Result<Option<Node>> {
    let merge = Merge { infer_keys, schemas };
    merge.walk(Some(dest), Some(original), Some(update), None)
}

struct Merge<'a> {
    infer_keys: bool,
    schemas: &'a Schemas,
}

impl Merge<'_> {
    fn walk(
        &self,
        dest: Option<Node>,
        original: Option<&Node>,
        update: Option<&Node>,
        schema: Option<SchemaRef>,
    ) -> Result<Option<Node>> {
        let sources = [dest.as_ref(), original, update];
        let schema = schema_at(&sources, schema, self.schemas);
        let kind = sources.into_iter().flatten().find(|node| !node.is_null()).map(NodeKind::of);
        if let Some(kind) = kind {
            sources.into_iter().flatten().try_for_each(|node| fields::expect_kind(node, kind))?;
        }
        match kind {
            None | Some(NodeKind::Mapping) => self.walk_mapping(dest, original, update, schema),
            Some(NodeKind::Scalar) => Ok(choose_scalar(dest, original, update)),
            Some(NodeKind::Sequence) => {
                let is_merged = match &schema {
                    Some(schema) => schema.is_merged_list(),
                    None => {
                        self.infer_keys
                            && sources
                                .into_iter()
                                .flatten()
                                .any(|node| !node.is_null() && has_name_everywhere(node))
                    }
                };
                if is_merged {
                    self.walk_list(dest, original, update, schema)
                } else {
                    Ok(choose_list(dest, original, update))
                }
            }
        }
    }

    fn walk_mapping(
        &self,
        dest: Option<Node>,
        original: Option<&Node>,
        update: Option<&Node>,
        schema: Option<SchemaRef>,
    ) -> Result<Option<Node>> {
        let is_null = |node: Option<&Node>| node.is_some_and(Node::is_null);
        if is_null(update) || is_null(dest.as_ref()) || (dest.is_none() && update.is_none()) {
            return Ok(None);
        }
        let mut dest = dest.unwrap_or_else(|| Node::mapping(Vec::new()));
        for name in field_names(&[Some(&dest), original, update]) {
            let entry_of = |node: Option<&Node>| node.and_then(|node| node.entry(&name)).cloned();
            let (dest_entry, original_entry, update_entry) =
                (entry_of(Some(&dest)), entry_of(original), entry_of(update));
            let key_of = |entry: &Option<Entry>| entry.as_ref().map(|entry| entry.key.clone());
            let key = choose_scalar(
                key_of(&dest_entry),
                original_entry.as_ref().map(|entry| &entry.key),
                update_entry.as_ref().map(|entry| &entry.key),
            );
            let commented = field_schema(&[Some(&dest), original, update], &name, self.schemas);
            let value = self.walk(
                dest_entry.map(|entry| entry.value),
                original_entry.as_ref().map(|entry| &entry.value),
                update_entry.as_ref().map(|entry| &entry.value),
                commented.or_else(|| schema.as_ref().and_then(|schema| schema.field(&name))),
            )?;
            let key_style = update_entry.as_ref().map_or(Style::Plain, |entry| entry.key.style());
            match value {
                None => drop(fields::clear(&mut dest, &name)?),
                Some(value) => fields::set_field_with_key_style(&mut dest, &name, value, key_style)?,
            }
            if let Some(comments) = key.as_ref().and_then(Node::extra) {
                carry_comments(&mut dest, &name, comments);
            }
        }
        Ok(Some(dest))
    }

    fn walk_list(
        &self,
        dest: Option<Node>,
        original: Option<&Node>,
        update: Option<&Node>,
        schema: Option<SchemaRef>,
    ) -> Result<Option<Node>> {
        if is_missing(update) && !is_missing(original) {
            return Ok(None);
        }
        let mut dest = dest.filter(|dest| !dest.is_null()).unwrap_or_else(|| Node::sequence(Vec::new()));
        let (keys, mut tuples) = keys_and_tuples(&[Some(&dest), original, update], schema.as_ref())?;
        if keys.len() > 1 {
            complete_tuples(&mut tuples);
        }
        let item_schema = schema.as_ref().and_then(SchemaRef::elements);
        let mut merged = Node::sequence(Vec::new());
        let mut last_keys = keys.clone();
        for values in &tuples {
            let (valid_keys, valid_values) = valid_keys_of(&tuples, values, &keys);
            let (find_keys, find_values) =
                valid_keys_of(std::slice::from_ref(&valid_values), &valid_values, &valid_keys);
            let item_of = |list: Option<&Node>| {
                let list = list?;
                list.items()?.get(elements::find(list, &find_keys, &find_values)?).cloned()
            };
            let (original_item, update_item) = (item_of(original), item_of(update));
            let item = self.walk(
                item_of(Some(&dest)),
                original_item.as_ref(),
                update_item.as_ref(),
                item_schema.clone(),
            )?;
            match item.filter(|item| !fields::is_nil_or_empty(item) || item.is_sequence()) {
                None => elements::set(&mut dest, None, &valid_keys, &valid_values)?,
                Some(mut item) => {
                    for (key, value) in valid_keys.iter().zip(&valid_values) {
                        if !key.is_empty() && !value.is_empty() && item.get(key).is_none() {
                            fields::set_field(&mut item, key, scalar::untagged(value))?;
                        }
                    }
                    elements::set(&mut merged, Some(item), &valid_keys, &valid_values)?;
                }
            }
            last_keys = valid_keys;
        }
        if !tuples.is_empty() {
            append_list(&mut dest, &merged, &last_keys)?;
        }
        Ok(Some(dest))
    }
}

fn carry_comments(node: &mut Node, name: &str, comments: &Extra) {
    let entry = node.entries_mut().into_iter().flatten().find(|entry| raw_text(&entry.key) == name);
    if let Some(entry) = entry {
        let own = entry.key.extra_mut();
        own.head_comment.clone_from(&comments.head_comment);
        own.line_comment.clone_from(&comments.line_comment);
        own.foot_comment.clone_from(&comments.foot_comment);
    }
}

/// Which of three scalars is taken.
fn choose_scalar(dest: Option<Node>, original: Option<&Node>, update: Option<&Node>) -> Option<Node> {
    let is_null = |node: Option<&Node>| node.is_some_and(Node::is_null);
    if is_null(update) || is_null(dest.as_ref()) {
        return None;
    }
    if is_missing(update) != is_missing(original) {
        return update.cloned();
    }
    let (Some(original), Some(update)) = (original, update) else { return dest };
    // Printed, values differ by their comments too; those of a destination that was changed are left alone.
    let printed = |node: &Node| text::print(&node.clone().with_style(Style::SingleQuoted));
    let before = printed(original);
    let is_untouched = dest.as_ref().is_none_or(|dest| printed(dest) == before);
    if (is_untouched && printed(update) != before) || raw_text(update) != raw_text(original) {
        return Some(update.clone());
    }
    dest
}

/// Which of three lists is taken as a whole.
fn choose_list(dest: Option<Node>, original: Option<&Node>, update: Option<&Node>) -> Option<Node> {
    let is_null = |node: Option<&Node>| node.is_some_and(Node::is_null);
    if is_null(update) || is_null(dest.as_ref()) {
        return None;
    }
    if is_missing(update) != is_missing(original) {
        return update.cloned();
    }
    match (original, update) {
        (Some(original), Some(update)) if in_one_line(update) != in_one_line(original) => {
            Some(update.clone())
        }
        _ => dest,
    }
}

fn in_one_line(node: &Node) -> String {
    text::print(&node.clone().with_style(Style::Flow))
}
