//! Flow collections of scalars that stand on one line: `[a, "b"]`, `{a: 1}`.

use super::lines::Reader;
use super::{Collection, GivenUp, Listener, key, text};
use crate::node::Style;

impl<'s, L: Listener<'s>> Reader<'s, '_, L> {
    /// Reads a flow collection and gives the offset behind it.
    pub(super) fn flow(&mut self, start: usize) -> Result<usize, GivenUp> {
        let (collection, bracket) = match self.byte(start) {
            Some(b'[') => (Collection::Sequence, b']'),
            _ => (Collection::Mapping, b'}'),
        };
        self.listener.open(collection, Style::Flow, start as u32)?;
        let mut at = self.skip_spaces(start + 1);
        if self.byte(at) != Some(bracket) {
            loop {
                at = self.flow_member(at, collection)?;
                at = self.skip_spaces(at);
                match self.byte(at) {
                    Some(b',') => at = self.skip_spaces(at + 1),
                    Some(byte) if byte == bracket => break,
                    _ => return Err(GivenUp),
                }
            }
        }
        self.listener.close(Some(at as u32 + 1))?;
        Ok(at + 1)
    }

    fn flow_member(&mut self, at: usize, collection: Collection) -> Result<usize, GivenUp> {
        if collection == Collection::Sequence {
            return self.flow_scalar(at);
        }
        let key = key::find(self.rest(at)).ok_or(GivenUp)?;
        if key.style != Style::Plain {
            return Err(GivenUp);
        }
        self.say(at, at + key.length, Style::Plain)?;
        let value = self.skip_spaces(at + key.length + 1);
        if value == at + key.length + 1 {
            return Err(GivenUp);
        }
        self.flow_scalar(value)
    }

    fn flow_scalar(&mut self, at: usize) -> Result<usize, GivenUp> {
        if let Some(quote @ (b'"' | b'\'')) = self.byte(at) {
            return self.quoted(at, quote);
        }
        let rest = self.rest(at);
        if !text::begins_plain(rest) {
            return Err(GivenUp);
        }
        let is_end =
            |byte: &u8| matches!(byte, b',' | b'[' | b']' | b'{' | b'}' | b':' | b'#' | b'?' | b'\t');
        let end = rest.iter().position(is_end).ok_or(GivenUp)?;
        if !matches!(rest.get(end), Some(b',' | b']' | b'}')) {
            return Err(GivenUp);
        }
        let text = rest.get(..end).unwrap_or_default();
        let length = text.iter().rposition(|byte| *byte != b' ').ok_or(GivenUp)? + 1;
        self.say(at, at + length, Style::Plain)?;
        Ok(at + length)
    }
}
