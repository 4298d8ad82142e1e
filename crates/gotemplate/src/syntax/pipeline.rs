//! Parses pipelines: declarations, commands and the pipes between them.

use super::node::{Command, Expression, Pipeline, Variable};
use super::parser::{Parser, finished, offset};
use super::token::{Token, TokenKind};
use crate::ParseError;

impl<'t> Parser<'t> {
    /// Parses a pipeline up to and with the token that ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline, ParseError> {
        let position = offset(self.peek_after_space().position);
        let (variables, is_assignment) = self.declarations(context)?;
        let mark = self.unfinished.commands.len();
        loop {
            let token = self.next_after_space();
            match token.kind {
                kind if kind == end => break,
                TokenKind::Boolean
                | TokenKind::CharacterConstant
                | TokenKind::Complex
                | TokenKind::Dot
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::Nil
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParenthesis => {
                    self.back_up();
                    let command = self.command()?;
                    self.unfinished.commands.push(command);
                }
                _ => return Err(self.unexpected(&token, context)),
            }
        }
        let commands = finished(&mut self.unfinished.commands, mark);
        self.check(&commands, context)?;
        Ok(Pipeline { position, is_assignment, variables: variables.into(), commands })
    }

    /// Parses the variables before `:=` or `=`, and tells whether it is the latter.
    fn declarations(&mut self, context: &str) -> Result<(Vec<Variable>, bool), ParseError> {
        let mut variables = Vec::new();
        loop {
            let variable = self.peek_after_space();
            if variable.kind != TokenKind::Variable {
                return Ok((variables, false));
            }
            self.next();
            // Space is a token, so `$x foo` needs three tokens of look-ahead to see that `$x` is no declaration.
            let after = self.peek();
            let next = self.peek_after_space();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    self.next_after_space();
                    variables.push(self.declare(&variable));
                    return Ok((variables, next.kind == TokenKind::Assign));
                }
                TokenKind::Character if next.text == b"," => {
                    self.next_after_space();
                    variables.push(self.declare(&variable));
                    if context != "range" || variables.len() >= 2 {
                        return Err(self.error(format!("too many declarations in {context}")));
                    }
                    let follows = self.peek_after_space().kind;
                    if !matches!(
                        follows,
                        TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParenthesis
                    ) {
                        return Err(self.error("range can only initialize variables"));
                    }
                }
                _ => {
                    if after.kind == TokenKind::Space {
                        self.back_up_three(variable, after);
                    } else {
                        self.back_up_two(variable);
                    }
                    return Ok((variables, false));
                }
            }
        }
    }

    fn declare(&mut self, token: &Token<'t>) -> Variable {
        let id = self.variable_id(token.text);
        self.declare_variable(id);
        Variable::of(token, id)
    }

    fn check(&self, commands: &[Command], context: &str) -> Result<(), ParseError> {
        if commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            let is_constant = matches!(
                command.words.first(),
                Some(
                    Expression::Boolean { .. }
                        | Expression::Dot { .. }
                        | Expression::Nil { .. }
                        | Expression::Number { .. }
                        | Expression::String { .. }
                )
            );
            if is_constant {
                return Err(self.error(format!("non executable command in pipeline stage {}", index + 1)));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Command, ParseError> {
        let position = offset(self.peek_after_space().position);
        let mark = self.unfinished.words.len();
        loop {
            self.peek_after_space();
            let word = self.operand()?;
            self.unfinished.words.extend(word);
            let token = self.next();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::RightDelimiter | TokenKind::RightParenthesis => {
                    self.back_up();
                    break;
                }
                TokenKind::Pipe => break,
                _ => return Err(self.unexpected(&token, "operand")),
            }
        }
        let words = finished(&mut self.unfinished.words, mark);
        if words.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(Command { words, position })
    }
}
