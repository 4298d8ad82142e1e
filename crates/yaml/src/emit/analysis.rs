//! Which styles a scalar's text can be written in.
//!
//! Upstream: the analysis of libyaml's emitter; go-yaml v3 differs from v2 in that tabs do not forbid block styles.

/// What a text is fit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Analysis {
    pub(super) multiline: bool,
    pub(super) flow_plain: bool,
    pub(super) block_plain: bool,
    pub(super) single_quoted: bool,
    pub(super) block: bool,
}

/// Whether tabs count as special characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tabs {
    Special,
    Text,
}

/// The width of the line break at the place, 0 where there is none.
pub(super) fn break_width(bytes: &[u8], at: usize) -> usize {
    let ahead = |more: usize| bytes.get(at + more).copied();
    match ahead(0) {
        Some(b'\n' | b'\r') => 1,
        Some(0xC2) if ahead(1) == Some(0x85) => 2,
        Some(0xE2) if ahead(1) == Some(0x80) && matches!(ahead(2), Some(0xA8 | 0xA9)) => 3,
        _ => 0,
    }
}

/// Whether the emitter writes the character as it is.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}')
}

#[derive(Default)]
struct Seen {
    block_indicators: bool,
    flow_indicators: bool,
    breaks: bool,
    special: bool,
    tabs: bool,
    edge_space: bool,
    edge_break: bool,
    trailing_space: bool,
    break_space: bool,
    space_break: bool,
}

/// Looks through a text.
pub(super) fn analyze(text: &str, tabs: Tabs) -> Analysis {
    if text.is_empty() {
        return Analysis {
            multiline: false,
            flow_plain: false,
            block_plain: true,
            single_quoted: true,
            block: false,
        };
    }
    let bytes = text.as_bytes();
    let mut seen = Seen::default();
    if text.starts_with("---") || text.starts_with("...") {
        seen.block_indicators = true;
        seen.flow_indicators = true;
    }
    let mut previous_space = false;
    let mut previous_break = false;
    let mut after_blank = true;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if is_ordinary(byte) || (byte == b'-' && at > 0) {
            (previous_space, previous_break, after_blank) = (false, false, false);
            at += 1;
            continue;
        }
        if byte == b' ' && at > 0 && at + 1 < bytes.len() {
            seen.break_space |= previous_break;
            (previous_space, previous_break, after_blank) = (true, false, true);
            at += 1;
            continue;
        }
        let width = match byte {
            0..=0x7F => 1,
            0x80..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0.. => 4,
        };
        let last = at + width >= bytes.len();
        let before_blank = last || matches!(bytes.get(at + width), Some(b' ' | b'\t'));
        seen.note_indicator(byte, at == 0, after_blank, before_blank);
        if byte == b'\t' && tabs == Tabs::Text {
            seen.tabs = true;
        } else if !text.get(at..at + width).and_then(|one| one.chars().next()).is_some_and(is_printable) {
            seen.special = true;
        }
        let is_break = break_width(bytes, at) > 0;
        if byte == b' ' {
            seen.edge_space |= at == 0 || last;
            seen.trailing_space |= last;
            seen.break_space |= previous_break;
        } else if is_break {
            seen.breaks = true;
            seen.edge_break |= at == 0 || last;
            seen.space_break |= previous_space;
        }
        previous_space = byte == b' ';
        previous_break = is_break;
        after_blank = is_break || matches!(byte, b' ' | b'\t' | 0);
        at += width;
    }
    seen.conclude()
}

/// Whether the byte neither is special nor can be an indicator anywhere.
fn is_ordinary(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'/' | b'_' | b'=' | b'$' | b'(' | b')' | b'+' | b';' | b'<' | b'~' | b'^' | b'\\'
    )
}

impl Seen {
    fn note_indicator(&mut self, byte: u8, first: bool, after_blank: bool, before_blank: bool) {
        let (flow, block) = match byte {
            b'#' if !first => (after_blank, after_blank),
            b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => (first, first),
            b',' | b'[' | b']' | b'{' | b'}' => (true, first),
            b'?' => (true, first && before_blank),
            b':' => (true, before_blank),
            b'-' => (first && before_blank, first && before_blank),
            _ => (false, false),
        };
        self.flow_indicators |= flow;
        self.block_indicators |= block;
    }

    fn conclude(&self) -> Analysis {
        let unquotable = self.space_break || self.tabs || self.special;
        let plain = !(self.edge_space || self.edge_break || self.break_space || unquotable || self.breaks);
        Analysis {
            multiline: self.breaks,
            flow_plain: plain && !self.flow_indicators,
            block_plain: plain && !self.block_indicators,
            single_quoted: !(self.break_space || unquotable),
            block: !(self.trailing_space || self.space_break || self.special),
        }
    }
}
