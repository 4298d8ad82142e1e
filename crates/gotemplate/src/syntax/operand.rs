//! Parses operands: constants, functions, fields, variables and parentheses, with the fields after them.

use std::rc::Rc;

use super::node::{Expression, Variable};
use super::node_text::Place;
use super::number_constant::NumberConstant;
use super::on_enough_stack;
use super::parser::{Parser, offset};
use super::token::{Token, TokenKind};
use crate::{GoString, ParseError, Value, quote};

/// How deep parentheses may be nested, Go's limit.
const MAXIMUM_PARENTHESES: u32 = 10_000;

impl<'t> Parser<'t> {
    /// Parses a term and the fields after it; nothing if the next token begins no term.
    pub(super) fn operand(&mut self) -> Result<Option<Expression>, ParseError> {
        let Some(mut term) = self.term()? else {
            return Ok(None);
        };
        if self.peek().kind != TokenKind::Field {
            return Ok(Some(term));
        }
        let start = offset(self.peek().position);
        let mut names = Vec::new();
        while self.peek().kind == TokenKind::Field {
            names.push(field_name(&self.next()));
        }
        match &mut term {
            Expression::Field { position, names: own } => {
                *position = start;
                own.append(&mut names);
            }
            Expression::Variable(variable) => {
                variable.position = start;
                variable.fields = names;
            }
            Expression::Boolean { .. }
            | Expression::String { .. }
            | Expression::Number { .. }
            | Expression::Nil { .. }
            | Expression::Dot { .. } => {
                let text = Place::Expression(&term).text(&[]);
                return Err(self.error(format!("unexpected . after term {}", quote::quote(&text))));
            }
            _ => return Ok(Some(Expression::Chain { position: start, base: Box::new(term), names })),
        }
        Ok(Some(term))
    }

    fn term(&mut self) -> Result<Option<Expression>, ParseError> {
        let token = self.next_after_space();
        let position = offset(token.position);
        Ok(Some(match token.kind {
            TokenKind::Identifier => {
                let name = String::from_utf8_lossy(token.text);
                let function = self.functions.find(&name).map(Rc::clone).ok_or_else(|| {
                    self.error(format!("function {} not defined", quote::quote(token.text)))
                })?;
                Expression::Function { position, function }
            }
            TokenKind::Dot => Expression::Dot { position },
            TokenKind::Nil => Expression::Nil { position },
            TokenKind::Variable => self.variable(&token)?,
            TokenKind::Field => Expression::Field { position, names: vec![field_name(&token)] },
            TokenKind::Boolean => Expression::Boolean { position, value: token.text == b"true" },
            TokenKind::CharacterConstant | TokenKind::Complex | TokenKind::Number => {
                let constant =
                    NumberConstant::parse(token.text, token.kind).map_err(|message| self.error(message))?;
                Expression::Number { position, constant: Box::new(constant) }
            }
            TokenKind::LeftParenthesis => self.parenthesized()?,
            TokenKind::String | TokenKind::RawString => {
                let text = quote::unquote(token.text).ok_or_else(|| self.error("invalid syntax"))?;
                let value = Value::from(GoString::from(text));
                Expression::String { position, quoted: token.text.into(), value }
            }
            _ => {
                self.back_up();
                return Ok(None);
            }
        }))
    }

    fn variable(&mut self, token: &Token<'_>) -> Result<Expression, ParseError> {
        let (id, name) = self.variable_id(token.text);
        if !self.is_declared(id) {
            return Err(self.error(format!("undefined variable {}", quote::quote(token.text))));
        }
        Ok(Expression::Variable(Variable { position: offset(token.position), id, name, fields: Vec::new() }))
    }

    fn parenthesized(&mut self) -> Result<Expression, ParseError> {
        if self.scope.parenthesis_depth >= MAXIMUM_PARENTHESES {
            return Err(self.error("max expression depth exceeded"));
        }
        self.scope.parenthesis_depth += 1;
        let pipeline =
            on_enough_stack(|| self.pipeline("parenthesized pipeline", TokenKind::RightParenthesis))?;
        self.scope.parenthesis_depth -= 1;
        Ok(Expression::Pipeline(Box::new(pipeline)))
    }
}

/// Returns the name after the dot.
fn field_name(token: &Token<'_>) -> Rc<str> {
    Rc::from(String::from_utf8_lossy(token.text.get(1..).unwrap_or_default()))
}
