//! Escapes for one character: octal, hexadecimal, and the letters of C.

use super::error::{SyntaxError, SyntaxErrorKind};
use super::parse::{Parser, error};

impl Parser<'_> {
    fn octal_digit(&self) -> Option<u32> {
        self.peek().filter(|byte| (b'0'..=b'7').contains(byte)).map(|byte| u32::from(byte - b'0'))
    }

    /// An escape for one character; the position is at its backslash.
    pub(super) fn parse_escape(&mut self) -> Result<u32, SyntaxError> {
        let start = self.position;
        self.position += 1;
        let Some(character) = self.next_character()? else {
            return Err(error(SyntaxErrorKind::TrailingBackslash, b""));
        };
        let code_point = match character {
            '0'..='7' if character == '0' || self.octal_digit().is_some() => {
                let mut code_point = u32::from(character) - u32::from('0');
                for _ in 0..2 {
                    let Some(digit) = self.octal_digit() else { break };
                    code_point = code_point * 8 + digit;
                    self.position += 1;
                }
                Some(code_point)
            }
            'x' => self.parse_hexadecimal()?,
            'a' => Some(0x07),
            'f' => Some(0x0C),
            'n' => Some(0x0A),
            'r' => Some(0x0D),
            't' => Some(0x09),
            'v' => Some(0x0B),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => Some(other.into()),
            _ => None,
        };
        code_point.ok_or_else(|| self.error_at(SyntaxErrorKind::InvalidEscape, start, self.position))
    }

    fn parse_hexadecimal(&mut self) -> Result<Option<u32>, SyntaxError> {
        let Some(first) = self.next_character()? else { return Ok(None) };
        if first != '{' {
            let second = self.next_character()?;
            let high = first.to_digit(16);
            let low = second.and_then(|character| character.to_digit(16));
            return Ok(high.zip(low).map(|(high, low)| high * 16 + low));
        }
        let mut code_point = 0;
        let mut digits = 0;
        loop {
            match self.next_character()? {
                Some('}') => return Ok((digits > 0).then_some(code_point)),
                Some(character) => match character.to_digit(16) {
                    Some(digit) if code_point * 16 + digit <= 0x10_FFFF => {
                        code_point = code_point * 16 + digit;
                        digits += 1;
                    }
                    _ => return Ok(None),
                },
                None => return Ok(None),
            }
        }
    }
}
