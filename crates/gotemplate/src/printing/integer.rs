//! Whole numbers under `%d`, `%b`, `%o`, `%x`, `%c`, `%q` and `%U`.

use super::Printer;
use crate::quote;
use crate::unicode::is_printable;

/// A whole number of either kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whole {
    Signed(i64),
    Unsigned(u64),
}

impl Whole {
    fn split(self) -> (bool, u64) {
        match self {
            Self::Signed(number) => (number < 0, number.unsigned_abs()),
            Self::Unsigned(number) => (false, number),
        }
    }

    /// Returns the number as Go's conversion to `uint64` does.
    fn bits(self) -> u64 {
        match self {
            Self::Signed(number) => number.cast_unsigned(),
            Self::Unsigned(number) => number,
        }
    }
}

impl Printer {
    /// Writes the number; reports false for a verb that numbers do not have.
    pub(super) fn whole(&mut self, number: Whole, verb: char) -> bool {
        match verb {
            'v' if self.flags.is_syntax && matches!(number, Whole::Unsigned(_)) => {
                self.hexadecimal(number, true)
            }
            'v' | 'd' => self.digits(number, 10, verb),
            'b' => self.digits(number, 2, verb),
            'o' | 'O' => self.digits(number, 8, verb),
            'x' | 'X' => self.digits(number, 16, verb),
            'c' => self.pad(character(number).encode_utf8(&mut [0; 4]).as_bytes()),
            'q' => {
                let escape =
                    if self.flags.plus { quote::Escape::NonAscii } else { quote::Escape::Unprintable };
                let character = character(number).to_string();
                self.pad(quote::quote_with(character.as_bytes(), '\'', escape).as_bytes());
            }
            'U' => self.code_point(number),
            _ => return false,
        }
        true
    }

    /// Writes the number in hexadecimal, with or without `0x`.
    pub(super) fn hexadecimal(&mut self, number: Whole, has_prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, has_prefix);
        self.digits(number, 16, 'v');
        self.flags.sharp = sharp;
    }

    fn digits(&mut self, number: Whole, base: u64, verb: char) {
        let (is_negative, magnitude) = number.split();
        let flags = self.flags;
        if flags.precision == Some(0) && magnitude == 0 {
            // Nothing but padding.
            let zero = std::mem::replace(&mut self.flags.zero, false);
            self.push_padding(flags.width.unwrap_or(0));
            self.flags.zero = zero;
            return;
        }
        let has_sign = is_negative || flags.plus || flags.space;
        let minimum = match (flags.precision, flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(usize::from(has_sign)),
            _ => 0,
        };
        let digits = match base {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 if verb == 'X' => format!("{magnitude:X}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let zeros = "0".repeat(minimum.saturating_sub(digits.len()));
        let prefix = match (base, flags.sharp) {
            (_, _) if verb == 'O' => "0o",
            (2, true) => "0b",
            (8, true) if zeros.is_empty() && !digits.starts_with('0') => "0",
            (16, true) if verb == 'X' => "0X",
            (16, true) => "0x",
            _ => "",
        };
        // `%#O` has both prefixes.
        let inner =
            if verb == 'O' && flags.sharp && zeros.is_empty() && !digits.starts_with('0') { "0" } else { "" };
        let sign = match () {
            () if is_negative => "-",
            () if flags.plus => "+",
            () if flags.space => " ",
            () => "",
        };
        self.pad_with_spaces(format!("{sign}{prefix}{inner}{zeros}{digits}").as_bytes());
    }

    fn code_point(&mut self, number: Whole) {
        let bits = number.bits();
        let digits = self.flags.precision.unwrap_or(4).max(4);
        let number = format!("{bits:X}");
        let mut text = format!("U+{}{number}", "0".repeat(digits.saturating_sub(number.len())));
        if let Some(character) = u32::try_from(bits).ok().and_then(char::from_u32)
            && self.flags.sharp
            && is_printable(character)
        {
            text.push_str(&format!(" '{character}'"));
        }
        self.pad_with_spaces(text.as_bytes());
    }
}

fn character(number: Whole) -> char {
    u32::try_from(number.bits()).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}
