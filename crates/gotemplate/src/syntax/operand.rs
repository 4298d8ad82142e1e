//! Parses operands: constants, functions, fields, variables and parentheses, with the fields after them.

use super::node::{Expression, Span, Variable};
use super::node_text::Place;
use super::number_constant::NumberConstant;
use super::on_enough_stack;
use super::parser::{Parser, end_of, offset};
use super::token::{Token, TokenKind};
use crate::{ParseError, quote};

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
        let mut end = start;
        while self.peek().kind == TokenKind::Field {
            end = end_of(&self.next());
        }
        let names = Span { start, end };
        match &mut term {
            Expression::Field { position, names: own } => {
                *position = start;
                own.end = end;
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
                let text = Place::Expression(&term).text(self.text());
                return Err(self.error(format!("unexpected . after term {}", quote::quote(&text))));
            }
            _ => return Ok(Some(Expression::Chain { position: start, base: Box::new(term), names })),
        }
        Ok(Some(term))
    }

    fn term(&mut self) -> Result<Option<Expression>, ParseError> {
        let token = self.next_after_space();
        let position = offset(token.position);
        let span = Span { start: position, end: end_of(&token) };
        Ok(Some(match token.kind {
            TokenKind::Identifier => {
                let (name, function) = self.functions.find(token.text).ok_or_else(|| {
                    self.error(format!("function {} not defined", quote::quote(token.text)))
                })?;
                Expression::Function { position, name, function }
            }
            TokenKind::Dot => Expression::Dot { position },
            TokenKind::Nil => Expression::Nil { position },
            TokenKind::Variable => self.variable(&token)?,
            TokenKind::Field => Expression::Field { position, names: span },
            TokenKind::Boolean => Expression::Boolean { position, value: token.text == b"true" },
            TokenKind::CharacterConstant | TokenKind::Complex | TokenKind::Number => {
                let constant =
                    NumberConstant::parse(token.text, token.kind).map_err(|message| self.error(message))?;
                Expression::Number { position, constant: Box::new(constant) }
            }
            TokenKind::LeftParenthesis => self.parenthesized()?,
            TokenKind::String | TokenKind::RawString => {
                let unquoted = match stands_as_written(token.text) {
                    true => None,
                    false => Some(quote::unquote(token.text).ok_or_else(|| self.error("invalid syntax"))?),
                };
                Expression::String { quoted: span, unquoted: unquoted.map(Into::into) }
            }
            _ => {
                self.back_up();
                return Ok(None);
            }
        }))
    }

    fn variable(&mut self, token: &Token<'t>) -> Result<Expression, ParseError> {
        let id = self.variable_id(token.text);
        if !self.is_declared(id) {
            return Err(self.error(format!("undefined variable {}", quote::quote(token.text))));
        }
        Ok(Expression::Variable(Variable::of(token, id)))
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

/// Whether the value of a quoted string, whose end the lexer has found, is what stands between its quotes.
fn stands_as_written(quoted: &[u8]) -> bool {
    match quoted.first() {
        Some(b'`') => memchr::memchr(b'\r', quoted).is_none(),
        _ => quoted.is_ascii() && memchr::memchr2(b'\\', b'\n', quoted).is_none(),
    }
}
