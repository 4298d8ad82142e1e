//! The nodes of a parsed template.
//!
//! Positions are byte offsets into the text that the tree was parsed from. Functions are found while parsing. Lists have the
//! memory that they need and no more: most hold one item, and a large chart has tens of thousands of them.

use std::sync::Arc;

use super::number_constant::NumberConstant;
use super::parser::{end_of, offset};
use super::token::Token;
use crate::function::FunctionId;

/// A byte offset into the template's text.
pub(crate) type Position = u32;

/// A piece of text or an action.
#[derive(Debug)]
pub(crate) enum Node {
    /// Text outside of actions, as a range of the source.
    Text { start: Position, end: Position },
    /// An action whose value is printed unless it is kept in a variable.
    Action { position: Position, pipeline: Pipeline },
    /// `if`, `with` or `range`.
    Branch(Box<Branch>),
    /// `template`, also the call that `block` leaves behind.
    Template(Box<TemplateCall>),
    /// `break`
    Break { position: Position },
    /// `continue`
    Continue { position: Position },
}

/// Which control structure a branch is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum BranchKind {
    If,
    With,
    Range,
}

/// A control structure with its bodies.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) kind: BranchKind,
    pub(crate) position: Position,
    pub(crate) pipeline: Pipeline,
    pub(crate) body: Box<[Node]>,
    pub(crate) otherwise: Option<Box<[Node]>>,
}

impl Drop for Branch {
    fn drop(&mut self) {
        let (body, otherwise) = (std::mem::take(&mut self.body), self.otherwise.take());
        super::on_enough_stack(|| drop((body, otherwise)));
    }
}

/// The call of a named template.
#[derive(Debug)]
pub(crate) struct TemplateCall {
    pub(crate) position: Position,
    pub(crate) name: Arc<str>,
    pub(crate) pipeline: Option<Pipeline>,
}

/// Commands whose values flow into each other.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) position: Position,
    /// Whether the variables are set instead of declared.
    pub(crate) is_assignment: bool,
    pub(crate) variables: Box<[Variable]>,
    pub(crate) commands: Box<[Command]>,
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        let commands = std::mem::take(&mut self.commands);
        super::on_enough_stack(|| drop(commands));
    }
}

/// An operand and its arguments.
#[derive(Debug)]
pub(crate) struct Command {
    /// The operand, which is called if it is a function, then the arguments; never empty.
    pub(crate) words: Box<[Expression]>,
    pub(crate) position: Position,
}

/// A variable, perhaps with fields after it.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) position: Position,
    pub(crate) id: VariableId,
    /// The name with its dollar sign.
    pub(crate) name: Span,
    pub(crate) fields: Span,
}

impl Variable {
    /// Creates a variable without fields.
    pub(super) fn of(token: &Token<'_>, id: VariableId) -> Self {
        let name = Span { start: offset(token.position), end: end_of(token) };
        Self { position: name.start, id, name, fields: Span::default() }
    }
}

/// A range of the source. Of a chain of fields it is `.a.b`, or empty.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    pub(crate) start: Position,
    pub(crate) end: Position,
}

impl Span {
    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Returns the bytes in the source.
    pub(crate) fn text(self, source: &[u8]) -> &[u8] {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Returns the names of a chain of fields.
    pub(crate) fn names(self, source: &[u8]) -> impl Iterator<Item = &str> {
        // The lexer takes nothing but letters and digits for names, so they are UTF-8.
        self.text(source)
            .split(|byte| *byte == b'.')
            .skip(1)
            .map(|name| std::str::from_utf8(name).unwrap_or_default())
    }
}

/// A variable's name, as a number within one source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct VariableId(pub(crate) u32);

/// `$`, which every template has.
pub(crate) const ROOT_VARIABLE: VariableId = VariableId(0);

/// Something with a value.
#[derive(Debug)]
pub(crate) enum Expression {
    Boolean {
        position: Position,
        value: bool,
    },
    Dot {
        position: Position,
    },
    Nil {
        position: Position,
    },
    Number {
        position: Position,
        constant: Box<NumberConstant>,
    },
    String {
        quoted: Span,
        /// The value, where it is not what stands between the quotes.
        unquoted: Option<Box<[u8]>>,
    },
    Field {
        position: Position,
        names: Span,
    },
    Variable(Variable),
    /// Fields of something in parentheses or of a function's result.
    Chain {
        position: Position,
        base: Box<Expression>,
        names: Span,
    },
    Function {
        position: Position,
        /// The name, which the source has too.
        name: &'static str,
        function: FunctionId,
    },
    /// A pipeline in parentheses.
    Pipeline(Box<Pipeline>),
}

/// The value of a string constant in the source.
pub(crate) fn string_value<'s>(quoted: Span, unquoted: Option<&'s [u8]>, source: &'s [u8]) -> &'s [u8] {
    unquoted.unwrap_or_else(|| {
        let text = quoted.text(source);
        text.get(1..text.len().saturating_sub(1)).unwrap_or_default()
    })
}

impl Expression {
    /// Returns the position that errors name.
    pub(crate) fn position(&self) -> Position {
        match self {
            Self::Boolean { position, .. }
            | Self::Dot { position }
            | Self::Nil { position }
            | Self::Number { position, .. }
            | Self::Field { position, .. }
            | Self::Chain { position, .. }
            | Self::Function { position, .. } => *position,
            Self::String { quoted, .. } => quoted.start,
            Self::Variable(variable) => variable.position,
            Self::Pipeline(pipeline) => pipeline.position,
        }
    }
}
