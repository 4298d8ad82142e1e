//! Anchors, aliases, tags and directives.

use std::borrow::Cow;

use super::{Mark, Scanned, Scanner, TagParts, TokenKind, is_word};

/// Whose part a tag is, for the words of an error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Directive,
    Node,
}

impl<'s> Scanner<'s> {
    fn scan_word(&mut self) -> &'s str {
        let from = self.cursor.offset();
        while is_word(self.cursor.byte()) {
            self.cursor.advance();
        }
        self.cursor.slice(from, self.cursor.offset())
    }

    fn skip_blanks(&mut self) {
        while self.cursor.is_blank() {
            self.cursor.advance_spaces(1);
        }
    }

    pub(super) fn scan_anchor(&mut self) -> Scanned {
        let start = self.cursor.mark();
        let is_alias = self.cursor.byte() == b'*';
        self.cursor.advance();
        let name = self.scan_word();
        let ends_well = self.cursor.is_blank_or_end()
            || matches!(self.cursor.byte(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends_well {
            let message = "did not find expected alphabetic or numeric character";
            return Err(self.problem(message, Some(start)));
        }
        let kind = if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        self.push(kind, start.place(), self.cursor.place());
        Ok(())
    }

    pub(super) fn scan_tag(&mut self) -> Scanned {
        let start = self.cursor.mark();
        let parts = if self.cursor.peek(1) == b'<' {
            self.cursor.advance_ascii(2);
            let suffix = self.scan_tag_uri("", start)?;
            if self.cursor.byte() != b'>' {
                return Err(self.problem("did not find the expected '>'", Some(start)));
            }
            self.cursor.advance();
            TagParts { handle: "", suffix }
        } else {
            let handle = self.scan_tag_handle(Place::Node, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                TagParts { handle, suffix: self.scan_tag_uri("", start)? }
            } else {
                let suffix = self.scan_tag_uri(handle, start)?;
                if suffix.is_empty() {
                    TagParts { handle: "", suffix: Cow::Borrowed("!") }
                } else {
                    TagParts { handle: "!", suffix }
                }
            }
        };
        if !self.cursor.is_blank_or_end() {
            return Err(self.problem("did not find expected whitespace or line break", Some(start)));
        }
        self.push(TokenKind::Tag(Box::new(parts)), start.place(), self.cursor.place());
        Ok(())
    }

    /// `!`, `!word` or `!word!`.
    fn scan_tag_handle(&mut self, place: Place, start: Mark) -> Scanned<&'s str> {
        let from = self.cursor.offset();
        if self.cursor.byte() != b'!' {
            return Err(self.problem("did not find expected '!'", Some(start)));
        }
        self.cursor.advance();
        let word = self.scan_word();
        if self.cursor.byte() == b'!' {
            self.cursor.advance();
        } else if place == Place::Directive && !word.is_empty() {
            return Err(self.problem("did not find expected '!'", Some(start)));
        }
        Ok(self.cursor.slice(from, self.cursor.offset()))
    }

    /// The characters of a URI, after a head that has been read already and whose `!` does not count.
    fn scan_tag_uri(&mut self, head: &'s str, start: Mark) -> Scanned<Cow<'s, str>> {
        let from = self.cursor.offset();
        let mut decoded: Option<Vec<u8>> = None;
        loop {
            let byte = self.cursor.byte();
            if byte == b'%' {
                let head_bytes = head.as_bytes().get(1..).unwrap_or_default();
                let plain = self.cursor.slice(from, self.cursor.offset());
                let bytes = decoded.get_or_insert_with(|| [head_bytes, plain.as_bytes()].concat());
                let mut taken = std::mem::take(bytes);
                self.scan_uri_escapes(start, &mut taken)?;
                decoded = Some(taken);
                continue;
            }
            let belongs = is_word(byte)
                || matches!(byte, b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',')
                || matches!(byte, b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' | b'[' | b']');
            if !belongs {
                break;
            }
            if let Some(bytes) = &mut decoded {
                bytes.push(byte);
            }
            self.cursor.advance();
        }
        let read = self.cursor.slice(from, self.cursor.offset());
        if head.is_empty() && read.is_empty() {
            return Err(self.problem("did not find expected tag URI", Some(start)));
        }
        Ok(match decoded {
            Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            None if head.len() <= 1 => Cow::Borrowed(read),
            None => Cow::Borrowed(self.cursor.slice(from + 1 - head.len(), self.cursor.offset())),
        })
    }

    /// One character that is written as `%` and two digits for each of its bytes.
    fn scan_uri_escapes(&mut self, start: Mark, bytes: &mut Vec<u8>) -> Scanned {
        let mut missing = None;
        while missing != Some(0) {
            let digit = |ahead: usize| char::from(self.cursor.peek(ahead)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.byte(), digit(1), digit(2)) else {
                return Err(self.problem("did not find URI escaped octet", Some(start)));
            };
            let octet = (high << 4 | low) as u8;
            missing = Some(match missing {
                None => match octet {
                    0x00..=0x7F => 0,
                    0xC0..=0xDF => 1,
                    0xE0..=0xEF => 2,
                    0xF0..=0xF7 => 3,
                    _ => return Err(self.problem("found an incorrect leading UTF-8 octet", Some(start))),
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    return Err(self.problem("found an incorrect trailing UTF-8 octet", Some(start)));
                }
                Some(more) => more - 1,
            });
            bytes.push(octet);
            self.cursor.advance_ascii(3);
        }
        Ok(())
    }

    pub(super) fn fetch_directive(&mut self) -> Scanned {
        self.reset_context()?;
        let start = self.cursor.mark();
        self.cursor.advance();
        let name = self.scan_word();
        if name.is_empty() {
            return Err(self.problem("could not find expected directive name", Some(start)));
        }
        if !self.cursor.is_blank_or_end() {
            return Err(self.problem("found unexpected non-alphabetical character", Some(start)));
        }
        let kind = match name {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_directive(start)?,
            _ => return Err(self.problem("found unknown directive name", Some(start))),
        };
        let end = self.cursor.place();
        self.skip_blanks();
        if self.cursor.byte() == b'#' {
            self.skip_line_rest();
        }
        if !self.cursor.is_break_or_end() {
            return Err(self.problem("did not find expected comment or line break", Some(start)));
        }
        self.cursor.take_break();
        self.push(kind, start.place(), end);
        Ok(())
    }

    fn scan_version(&mut self, start: Mark) -> Scanned<TokenKind<'s>> {
        self.skip_blanks();
        let major = self.scan_version_number(start)?;
        if self.cursor.byte() != b'.' {
            return Err(self.problem("did not find expected digit or '.' character", Some(start)));
        }
        self.cursor.advance();
        let minor = self.scan_version_number(start)?;
        Ok(TokenKind::Version { major, minor })
    }

    fn scan_version_number(&mut self, start: Mark) -> Scanned<u8> {
        let from = self.cursor.offset();
        let mut number = 0;
        while self.cursor.byte().is_ascii_digit() {
            if self.cursor.offset() - from == 2 {
                return Err(self.problem("found extremely long version number", Some(start)));
            }
            number = number * 10 + (self.cursor.byte() - b'0');
            self.cursor.advance();
        }
        if self.cursor.offset() == from {
            return Err(self.problem("did not find expected version number", Some(start)));
        }
        Ok(number)
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Scanned<TokenKind<'s>> {
        self.skip_blanks();
        let handle = self.scan_tag_handle(Place::Directive, start)?;
        if !self.cursor.is_blank() {
            return Err(self.problem("did not find expected whitespace", Some(start)));
        }
        self.skip_blanks();
        let suffix = self.scan_tag_uri("", start)?;
        if !self.cursor.is_blank_or_end() {
            return Err(self.problem("did not find expected whitespace or line break", Some(start)));
        }
        Ok(TokenKind::TagDirective(Box::new(TagParts { handle, suffix })))
    }
}
