//! Strings and bytes under `%s`, `%q` and `%x`.

use super::Printer;
use crate::quote;
use crate::unicode;

impl Printer {
    /// Writes the string; reports false for a verb that strings do not have.
    pub(super) fn string(&mut self, text: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.flags.is_syntax => self.quoted(text),
            'v' | 's' => self.pad(self.truncated(text)),
            'x' => self.encoded(text, false),
            'X' => self.encoded(text, true),
            'q' => self.quoted(text),
            _ => return false,
        }
        true
    }

    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else {
            return text;
        };
        let end = unicode::character_offsets(text).nth(precision).map_or(text.len(), |(offset, _)| offset);
        text.get(..end).unwrap_or(text)
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        if self.flags.sharp && can_backquote(text) {
            return self.pad(&[b"`", text, b"`"].concat());
        }
        let quoted = if self.flags.plus { quote::quote_to_ascii(text) } else { quote::quote(text) };
        self.pad(quoted.as_bytes());
    }

    fn encoded(&mut self, text: &[u8], is_upper: bool) {
        let text = text.get(..self.flags.precision.unwrap_or(text.len())).unwrap_or(text);
        if text.is_empty() {
            return self.push_padding(self.flags.width.unwrap_or(0));
        }
        let prefix = match (self.flags.sharp, is_upper) {
            (true, true) => "0X",
            (true, false) => "0x",
            (false, _) => "",
        };
        let mut encoded = String::with_capacity(text.len() * 2 + 2);
        encoded.push_str(prefix);
        for (index, byte) in text.iter().enumerate() {
            if self.flags.space && index > 0 {
                encoded.push(' ');
                encoded.push_str(prefix);
            }
            let digits = if is_upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
            encoded.push_str(&digits);
        }
        self.pad(encoded.as_bytes());
    }
}

/// Reports whether a string stands unchanged in backquotes (`strconv.CanBackquote`).
fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|character| match character {
            '\t' => true,
            '`' | '\u{7f}' | '\u{feff}' => false,
            _ => character >= ' ',
        })
    })
}
