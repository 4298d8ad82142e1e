//! What rules find, and how they tell it.

use super::catalog::Rule;
use super::world::{LintResource, World};

/// One thing that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What is wrong, in one line.
    pub message: String,
    /// The resource at fault: a place in [`World::resources`].
    pub resource: usize,
    /// The field at fault, as Crossplane writes paths; empty for the resource itself.
    pub field: String,
    file: String,
}

impl Finding {
    /// What findings are sorted by.
    pub(super) fn key(&self) -> (&str, &str, &str, &str) {
        (&self.file, &self.field, &self.rule.code, &self.message)
    }
}

/// Collects what one rule finds.
pub(super) struct Findings<'w> {
    world: &'w World,
    rule: &'static Rule,
    list: Vec<Finding>,
}

impl<'w> Findings<'w> {
    pub(super) fn new(world: &'w World, rule: &'static Rule) -> Findings<'w> {
        Findings { world, rule, list: Vec::new() }
    }

    /// Tells something about a field of a resource, once.
    pub(super) fn tell(&mut self, resource: usize, field: impl Into<String>, message: impl Into<String>) {
        let file = self.world.resources.get(resource).map(LintResource::sort_key).unwrap_or_default();
        let finding =
            Finding { rule: self.rule, message: message.into(), resource, field: field.into(), file };
        if !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}
