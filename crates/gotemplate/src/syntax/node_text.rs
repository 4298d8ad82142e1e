//! Nodes as text, the way Go prints them in error messages.

use super::node::{Branch, BranchKind, Command, Expression, Node, Pipeline, Span, TemplateCall, Variable};
use crate::quote;

/// A part of a tree that an error can name.
#[derive(Clone, Copy)]
pub(crate) enum Place<'t> {
    Node(&'t Node),
    Pipeline(&'t Pipeline),
    Command(&'t Command),
    Expression(&'t Expression),
}

impl Place<'_> {
    /// Returns the byte offset of the part.
    pub(crate) fn position(&self) -> u32 {
        match self {
            Self::Node(node) => match node {
                Node::Text { start, .. } => *start,
                Node::Action { position, .. } | Node::Break { position } | Node::Continue { position } => {
                    *position
                }
                Node::Branch(branch) => branch.position,
                Node::Template(call) => call.position,
            },
            Self::Pipeline(pipeline) => pipeline.position,
            Self::Command(command) => command.position,
            Self::Expression(expression) => expression.position(),
        }
    }

    /// Returns the part as Go prints it; `source` is the text it was parsed from.
    pub(crate) fn text(&self, source: &[u8]) -> Vec<u8> {
        let mut writer = Writer { source, text: Vec::new() };
        match self {
            Self::Node(node) => writer.node(node),
            Self::Pipeline(pipeline) => writer.pipeline(pipeline),
            Self::Command(command) => writer.command(command),
            Self::Expression(expression) => writer.expression(expression),
        }
        writer.text
    }
}

struct Writer<'t> {
    source: &'t [u8],
    text: Vec<u8>,
}

impl Writer<'_> {
    fn push(&mut self, text: impl AsRef<[u8]>) {
        self.text.extend_from_slice(text.as_ref());
    }

    fn nodes(&mut self, nodes: &[Node]) {
        super::on_enough_stack(|| nodes.iter().for_each(|node| self.node(node)));
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text { start, end } => {
                self.push(self.source.get(*start as usize..*end as usize).unwrap_or_default());
            }
            Node::Action { pipeline, .. } => {
                self.push("{{");
                self.pipeline(pipeline);
                self.push("}}");
            }
            Node::Branch(branch) => self.branch(branch),
            Node::Template(call) => self.template(call),
            Node::Break { .. } => self.push("{{break}}"),
            Node::Continue { .. } => self.push("{{continue}}"),
        }
    }

    fn branch(&mut self, branch: &Branch) {
        self.push(match branch.kind {
            BranchKind::If => "{{if ",
            BranchKind::With => "{{with ",
            BranchKind::Range => "{{range ",
        });
        self.pipeline(&branch.pipeline);
        self.push("}}");
        self.nodes(&branch.body);
        if let Some(otherwise) = &branch.otherwise {
            self.push("{{else}}");
            self.nodes(otherwise);
        }
        self.push("{{end}}");
    }

    fn template(&mut self, call: &TemplateCall) {
        self.push("{{template ");
        self.push(quote::quote(call.name.as_bytes()));
        if let Some(pipeline) = &call.pipeline {
            self.push(" ");
            self.pipeline(pipeline);
        }
        self.push("}}");
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for (index, variable) in pipeline.variables.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.variable(variable);
        }
        if !pipeline.variables.is_empty() {
            self.push(if pipeline.is_assignment { " = " } else { " := " });
        }
        for (index, command) in pipeline.commands.iter().enumerate() {
            self.push(if index > 0 { " | " } else { "" });
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        for (index, word) in command.words.iter().enumerate() {
            self.push(if index > 0 { " " } else { "" });
            match word {
                Expression::Pipeline(pipeline) => self.parenthesized(pipeline),
                _ => self.expression(word),
            }
        }
    }

    fn parenthesized(&mut self, pipeline: &Pipeline) {
        self.push("(");
        super::on_enough_stack(|| self.pipeline(pipeline));
        self.push(")");
    }

    fn variable(&mut self, variable: &Variable) {
        self.span(variable.name);
        self.span(variable.fields);
    }

    fn span(&mut self, span: Span) {
        self.push(span.text(self.source));
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Boolean { value, .. } => self.push(if *value { "true" } else { "false" }),
            Expression::Dot { .. } => self.push("."),
            Expression::Nil { .. } => self.push("nil"),
            Expression::Number { constant, .. } => self.push(&constant.text),
            Expression::String { quoted, .. } => self.span(*quoted),
            Expression::Field { names, .. } => self.span(*names),
            Expression::Variable(variable) => self.variable(variable),
            Expression::Chain { base, names, .. } => {
                match &**base {
                    Expression::Pipeline(pipeline) => self.parenthesized(pipeline),
                    base => self.expression(base),
                }
                self.span(*names);
            }
            Expression::Function { name, .. } => self.push(name),
            Expression::Pipeline(pipeline) => self.pipeline(pipeline),
        }
    }
}
