//! Constants: a number in every type that can hold it, as Go's ideal constants.

use super::token::TokenKind;
use crate::number::{parse_float, parse_integer, parse_unsigned};
use crate::quote;

/// A number with all the types that it fits.
#[derive(Debug, Default)]
pub(crate) struct NumberConstant {
    /// The number as written.
    pub(crate) text: Box<[u8]>,
    pub(crate) integer: Option<i64>,
    pub(crate) unsigned: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
}

impl NumberConstant {
    /// Reads a constant.
    ///
    /// # Errors
    /// Go's message.
    pub(crate) fn parse(text: &[u8], kind: TokenKind) -> Result<Self, String> {
        let constant = Self { text: text.into(), ..Self::default() };
        match kind {
            TokenKind::CharacterConstant => constant.with_character(),
            TokenKind::Complex => {
                let (real, imaginary) = parse_complex(text).ok_or("syntax error scanning complex number")?;
                Ok(constant.with_complex(real, imaginary))
            }
            _ => constant.with_number(),
        }
    }

    fn with_character(mut self) -> Result<Self, String> {
        let inside = self.text.get(1..).unwrap_or_default();
        let character = quote::unquote_character(inside, b'\'').ok_or("invalid syntax")?;
        if character.rest != b"'" {
            return Err(format!("malformed character constant: {}", String::from_utf8_lossy(&self.text)));
        }
        self.integer = Some(i64::from(character.code));
        self.unsigned = Some(u64::from(character.code));
        self.float = Some(f64::from(character.code));
        Ok(self)
    }

    fn with_number(mut self) -> Result<Self, String> {
        // Imaginary constants can only be complex unless they are zero.
        if let Some(imaginary) = self.text.strip_suffix(b"i").and_then(|text| parse_float(text).ok()) {
            return Ok(self.with_complex(0.0, imaginary));
        }
        self.unsigned = parse_unsigned(&self.text, 0).ok();
        self.integer = parse_integer(&self.text, 0).ok();
        if self.integer == Some(0) {
            // Also for -0.
            self.unsigned = self.unsigned.or(Some(0));
        }
        match (self.integer, self.unsigned) {
            (Some(integer), _) => self.float = Some(integer as f64),
            (None, Some(unsigned)) => self.float = Some(unsigned as f64),
            (None, None) => {
                let quoted = || quote::quote(&self.text);
                let Ok(float) = parse_float(&self.text) else {
                    return Err(format!("illegal number syntax: {}", quoted()));
                };
                if !self.text.iter().any(|byte| b".eEpP".contains(byte)) {
                    return Err(format!("integer overflow: {}", quoted()));
                }
                self.float = Some(float);
                self.take_whole_numbers(float);
            }
        }
        Ok(self)
    }

    fn with_complex(mut self, real: f64, imaginary: f64) -> Self {
        self.complex = Some((real, imaginary));
        if imaginary == 0.0 {
            self.float = Some(real);
            self.take_whole_numbers(real);
        }
        self
    }

    fn take_whole_numbers(&mut self, float: f64) {
        self.integer = Some(float as i64).filter(|integer| *integer as f64 == float);
        self.unsigned = Some(float as u64).filter(|unsigned| *unsigned as f64 == float);
    }
}

/// Reads `1+2i`.
fn parse_complex(text: &[u8]) -> Option<(f64, f64)> {
    let text = text.strip_suffix(b"i")?;
    // The sign between the parts is the last one that belongs to no exponent.
    let at = (1..text.len()).rev().find(|at| {
        matches!(text.get(*at), Some(b'+' | b'-'))
            && !matches!(text.get(at - 1), Some(b'e' | b'E' | b'p' | b'P'))
    })?;
    let (real, imaginary) = text.split_at(at);
    Some((parse_float(real).ok()?, parse_float(imaginary).ok()?))
}
