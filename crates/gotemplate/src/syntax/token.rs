//! Tokens of template texts.

use std::fmt;

use crate::quote;
use crate::unicode;

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    /// The text cannot be read; the lexer's fault says why.
    Error,
    Boolean,
    /// Printable ASCII without another meaning, such as a comma.
    Character,
    CharacterConstant,
    Complex,
    Assign,
    Declare,
    EndOfText,
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl TokenKind {
    /// Returns the keyword that a word is.
    pub(crate) fn of_keyword(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"block" => Self::Block,
            b"break" => Self::Break,
            b"continue" => Self::Continue,
            b"define" => Self::Define,
            b"else" => Self::Else,
            b"end" => Self::End,
            b"if" => Self::If,
            b"nil" => Self::Nil,
            b"range" => Self::Range,
            b"template" => Self::Template,
            b"with" => Self::With,
            _ => return None,
        })
    }

    fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Block
                | Self::Break
                | Self::Continue
                | Self::Dot
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Nil
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

/// A token; its `Display` is how Go's messages quote one that is no error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind,
    /// The offset of the token's first byte.
    pub(crate) position: usize,
    /// The line, from 1.
    pub(crate) line: u32,
    /// The token's bytes.
    pub(crate) text: &'t [u8],
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TokenKind::EndOfText => formatter.write_str("EOF"),
            kind if kind.is_keyword() => write!(formatter, "<{}>", String::from_utf8_lossy(self.text)),
            _ if self.text.len() > 10 => {
                let end = unicode::character_offsets(self.text)
                    .nth(10)
                    .map_or(self.text.len(), |(offset, _)| offset);
                write!(formatter, "{}...", quote::quote(self.text.get(..end).unwrap_or(self.text)))
            }
            _ => formatter.write_str(&quote::quote(self.text)),
        }
    }
}
