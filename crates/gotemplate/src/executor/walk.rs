//! Executes nodes: text, actions, control structures and calls of templates.

use std::sync::Arc;

use super::{Executor, Frame, Operand};
use crate::printing::append_text;
use crate::syntax::node::{Branch, BranchKind, Node, TemplateCall};
use crate::syntax::node_text::Place;
use crate::syntax::on_enough_stack;
use crate::{Data, Error, quote};

/// How deep `template` actions may be nested, Go's limit.
const MAXIMUM_TEMPLATE_DEPTH: u32 = 100_000;

/// Where execution goes on after a node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl<'e> Executor<'e> {
    pub(super) fn nodes<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        nodes: &'t [Node],
    ) -> Result<Flow, Error> {
        for node in nodes {
            let result = match self.step() {
                Ok(()) => self.node(frame, dot, node),
                Err(error) => Err(error),
            };
            let flow = result.map_err(|error| frame.located(error))?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node<'t>(&mut self, frame: &mut Frame<'t>, dot: &Operand, node: &'t Node) -> Result<Flow, Error> {
        match node {
            Node::Text { start, end } => self.write(frame.tree.source_text(*start, *end))?,
            Node::Action { pipeline, .. } => {
                let value = self.pipeline(frame, dot, pipeline)?;
                if pipeline.variables.is_empty() {
                    frame.place = Some(Place::Node(node));
                    self.print(frame, &value)?;
                }
            }
            Node::Branch(branch) => return on_enough_stack(|| self.branch(frame, dot, node, branch)),
            Node::Template(call) => self.call_template(frame, dot, node, call)?,
            Node::Break { .. } => return Ok(Flow::Break),
            Node::Continue { .. } => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, frame: &Frame<'_>, value: &Operand) -> Result<(), Error> {
        let start = self.output.bytes.len();
        match value.value.data() {
            Data::Nil => self.write(b"<no value>")?,
            Data::String(text) => self.write(text.as_bytes())?,
            Data::Function(_) => {
                let node = frame.place.map(|place| place.text(&frame.tree.source.text));
                let node = crate::GoString::from(node.unwrap_or_default());
                return Err(frame.error(format!(
                    "can't print {} of type {}",
                    node.to_text(),
                    value.type_name()
                )));
            }
            _ => {
                match value.value.object().and_then(crate::Object::text_in_action) {
                    Some(text) => self.output.bytes.extend_from_slice(text.as_bytes()),
                    None => append_text(&mut self.output.bytes, &value.value)?,
                }
                self.use_bytes(self.output.bytes.len() - start)?;
            }
        }
        let mark = self.taints.of_value(&value.value);
        self.mark_written(start, mark);
        Ok(())
    }

    fn branch<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        node: &'t Node,
        branch: &'t Branch,
    ) -> Result<Flow, Error> {
        let mark = frame.variables.len();
        let flow = if branch.kind == BranchKind::Range {
            frame.place = Some(Place::Node(node));
            self.range(frame, dot, branch)?
        } else {
            let value = self.pipeline(frame, dot, &branch.pipeline)?;
            match (&branch.otherwise, value.value.is_true()) {
                (_, true) if branch.kind == BranchKind::With => self.nodes(frame, &value, &branch.body)?,
                (_, true) => self.nodes(frame, dot, &branch.body)?,
                (Some(otherwise), false) => self.nodes(frame, dot, otherwise)?,
                (None, false) => Flow::Next,
            }
        };
        frame.variables.truncate(mark);
        Ok(flow)
    }

    fn call_template<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        node: &'t Node,
        call: &'t TemplateCall,
    ) -> Result<(), Error> {
        frame.place = Some(Place::Node(node));
        let Some(tree) = self.templates.find(&call.name) else {
            return Err(frame.error(format!("template {} not defined", quote::quote(call.name.as_bytes()))));
        };
        if frame.depth >= MAXIMUM_TEMPLATE_DEPTH {
            return Err(frame.error(format!("exceeded maximum template depth ({MAXIMUM_TEMPLATE_DEPTH})")));
        }
        let dot = match &call.pipeline {
            Some(pipeline) => self.pipeline(frame, dot, pipeline)?,
            None => Operand::INVALID,
        };
        let mut inner = Frame {
            tree: &tree,
            place: None,
            root: dot.clone(),
            variables: Vec::new(),
            depth: frame.depth + 1,
        };
        self.callers.push((Arc::clone(&frame.tree.source), call.position));
        let result = on_enough_stack(|| self.nodes(&mut inner, &dot, &tree.nodes));
        self.callers.pop();
        result.map(|_| ())
    }
}
