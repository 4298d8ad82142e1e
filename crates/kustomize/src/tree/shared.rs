//! Values that several fields share.
//!
//! The label and annotation transformers of kustomize create one node and hang it under every field that they add it to.
//! A later change of one of these fields, by a patch or a replacement, therefore changes all of them, and users see it:
//! a patch of `spec.template.metadata.labels` changes the selector too. A tree of values cannot share, so the fields carry
//! the number of their group, in the span that made-up nodes do not need, and [`SharedValues::follow`] copies a change
//! of one to the others.

use std::collections::BTreeMap;

use plimsoll_yaml::{Node, Span};

/// The groups of one resource with the value that each had last.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedValues {
    last: BTreeMap<u32, Node>,
    next: u32,
}

impl SharedValues {
    /// The value as a member of a new group.
    pub(crate) fn begin_group(&mut self, value: Node) -> Node {
        let group = self.next;
        self.next = self.next.wrapping_add(1) & 0x7fff_ffff;
        let value = value.with_span(Span::new(Span::NONE.start, group));
        self.last.insert(group, value.clone());
        value
    }

    /// Forgets all groups, as a tree that was printed and read again does.
    pub(crate) fn clear(&mut self) {
        self.last.clear();
    }

    /// Gives all members of a group the value of the one that has changed.
    pub(crate) fn follow(&mut self, root: &mut Node) {
        if self.last.is_empty() {
            return;
        }
        let mut found = BTreeMap::new();
        self.collect(root, &mut found);
        let mut changed = false;
        self.last.retain(|group, last| match found.remove(group) {
            // A group of one shares with nobody.
            None | Some(Members { count: 0 | 1, .. }) => false,
            Some(Members { change, .. }) => {
                if let Some(value) = change {
                    *last = value;
                    changed = true;
                }
                true
            }
        });
        if changed {
            self.spread(root);
        }
    }

    fn collect(&self, node: &Node, found: &mut BTreeMap<u32, Members>) {
        if let Some(group) = group_of(node) {
            let members = found.entry(group).or_default();
            members.count += 1;
            if members.change.is_none() && self.last.get(&group).is_some_and(|last| !is_same(last, node)) {
                members.change = Some(node.clone());
            }
        }
        if let Some(items) = node.items() {
            items.iter().for_each(|item| self.collect(item, found));
        }
        for entry in node.entries().unwrap_or_default() {
            self.collect(&entry.value, found);
        }
    }

    fn spread(&self, node: &mut Node) {
        if let Some(value) = group_of(node).and_then(|group| self.last.get(&group)) {
            *node = value.clone();
            return;
        }
        if let Some(items) = node.items_mut() {
            items.iter_mut().for_each(|item| self.spread(item));
        } else if let Some(entries) = node.entries_mut() {
            entries.iter_mut().for_each(|entry| self.spread(&mut entry.value));
        }
    }
}

#[derive(Default)]
struct Members {
    count: usize,
    change: Option<Node>,
}

fn is_same(one: &Node, other: &Node) -> bool {
    one == other && one.style() == other.style()
}

/// The group that a node belongs to.
fn group_of(node: &Node) -> Option<u32> {
    let span = node.span();
    (span.start == Span::NONE.start && span.end != Span::NONE.end).then_some(span.end)
}

/// A copy that shares with nobody.
pub(crate) fn copy_of(node: &Node) -> Node {
    let mut copy = node.clone();
    leave_groups(&mut copy);
    copy
}

fn leave_groups(node: &mut Node) {
    if group_of(node).is_some() {
        *node = std::mem::replace(node, Node::null()).with_span(Span::NONE);
    }
    if let Some(items) = node.items_mut() {
        items.iter_mut().for_each(leave_groups);
    } else if let Some(entries) = node.entries_mut() {
        entries.iter_mut().for_each(|entry| leave_groups(&mut entry.value));
    }
}

/// The node that takes another's place and its group.
pub(crate) fn in_place_of(replaced: &Node, value: Node) -> Node {
    match group_of(replaced) {
        Some(_) => value.with_span(replaced.span()),
        None if group_of(&value).is_some() => value.with_span(Span::NONE),
        None => value,
    }
}
