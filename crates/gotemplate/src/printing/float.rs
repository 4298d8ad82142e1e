//! Floats and complex numbers under `%e`, `%f`, `%g`, `%b` and `%x`.

use super::Printer;
use crate::number::{FloatFormat, format_float};

impl Printer {
    /// Writes the number; reports false for a verb that floats do not have.
    pub(super) fn float(&mut self, number: f64, verb: char) -> bool {
        let (format, precision) = match verb {
            'v' | 'g' | 'G' => (FloatFormat::General, None),
            'b' => (FloatFormat::Binary, None),
            'x' | 'X' => (FloatFormat::Hexadecimal, None),
            'e' | 'E' => (FloatFormat::Exponent, Some(6)),
            'f' | 'F' => (FloatFormat::Plain, Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(precision);
        let mut text = format_float(number, format, precision);
        if matches!(verb, 'G' | 'E' | 'X') && number.is_finite() {
            text.make_ascii_uppercase();
        }
        if self.flags.sharp && verb != 'b' && number.is_finite() {
            text = with_point(&text, verb, precision);
        }
        self.signed_float(&text);
        true
    }

    /// Writes the number as `(1+2i)`; reports false for a verb that complex numbers do not have.
    pub(super) fn complex(&mut self, real: f64, imaginary: f64, verb: char) -> bool {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return false;
        }
        self.push(b"(");
        self.float(real, verb);
        let plus = std::mem::replace(&mut self.flags.plus, true);
        self.float(imaginary, verb);
        self.push(b"i)");
        self.flags.plus = plus;
        true
    }

    fn signed_float(&mut self, text: &str) {
        let flags = self.flags;
        let (sign, unsigned) = match text.as_bytes().first() {
            Some(b'-') => ('-', text.get(1..).unwrap_or_default()),
            Some(b'+') => ('+', text.get(1..).unwrap_or_default()),
            _ => ('+', text),
        };
        let sign = if flags.space && sign == '+' && !flags.plus { ' ' } else { sign };
        if unsigned.starts_with('I') || unsigned.starts_with('N') {
            // Infinities keep their sign; NaN has one only where it is asked for.
            let shows_sign = unsigned.starts_with('I') || flags.space || flags.plus;
            let shown = if unsigned.starts_with('I') && sign == '+' && !flags.plus { '+' } else { sign };
            let text = if shows_sign { format!("{shown}{unsigned}") } else { unsigned.to_owned() };
            return self.pad_with_spaces(text.as_bytes());
        }
        if !flags.plus && sign == '+' {
            return self.pad(unsigned.as_bytes());
        }
        let length = unsigned.len() + 1;
        match flags.width {
            Some(width) if flags.zero && !flags.minus && width > length => {
                self.push_character(sign);
                self.push_padding(width - length);
                self.push(unsigned.as_bytes());
            }
            _ => self.pad(format!("{sign}{unsigned}").as_bytes()),
        }
    }
}

/// Gives a number the decimal point and the trailing zeros which `#` asks for.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let mut missing = match verb {
        'v' | 'g' | 'G' | 'x' => i64::try_from(precision.unwrap_or(6)).unwrap_or(i64::MAX),
        _ => 0,
    };
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |unsigned| ("-", unsigned));
    let is_hexadecimal = matches!(verb, 'x' | 'X');
    let tail_at = unsigned
        .find(|letter| matches!(letter, 'p' | 'P') || (!is_hexadecimal && matches!(letter, 'e' | 'E')))
        .unwrap_or(unsigned.len());
    let (number, tail) = unsigned.split_at(tail_at);
    let mut has_digit = false;
    for letter in number.chars().filter(|letter| *letter != '.') {
        has_digit |= letter != '0';
        missing -= i64::from(has_digit);
    }
    let mut text = format!("{sign}{number}");
    if !number.contains('.') {
        missing -= i64::from(number == "0");
        text.push('.');
    }
    text.push_str(&"0".repeat(usize::try_from(missing).unwrap_or(0)));
    text.push_str(tail);
    text
}
