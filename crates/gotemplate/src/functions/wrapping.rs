//! Texts shortened with dots and broken into lines. All widths are bytes.

use crate::types::{INT, STRING};
use crate::{Function, Signature, Value};

use super::arguments::{bytes, integer};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("abbrev", Signature::new(&[INT, STRING], STRING), |_, arguments| {
            let text = bytes(&arguments[1]);
            let width = integer(&arguments[0]);
            Ok(Value::from(if width < 4 { text.to_vec() } else { abbreviate(text, 0, width) }))
        }),
        Function::new("abbrevboth", Signature::new(&[INT, INT, STRING], STRING), |_, arguments| {
            let text = bytes(&arguments[2]);
            let (left, width) = (integer(&arguments[0]), integer(&arguments[1]));
            let unchanged = width < 4 || (left > 0 && width < 7);
            Ok(Value::from(if unchanged { text.to_vec() } else { abbreviate(text, left, width) }))
        }),
        Function::new("wrap", Signature::new(&[INT, STRING], STRING), |_, arguments| {
            Ok(Value::from(wrap(bytes(&arguments[1]), integer(&arguments[0]), b"\n", LongWords::Keep)))
        }),
        Function::new("wrapWith", Signature::new(&[INT, STRING, STRING], STRING), |call, arguments| {
            let separator = bytes(&arguments[1]);
            let separator = if separator.is_empty() { b"\n" } else { separator };
            let text = bytes(&arguments[2]);
            call.runtime.spend((separator.len() as u64).saturating_mul(text.len() as u64) / 16)?;
            Ok(Value::from(wrap(text, integer(&arguments[0]), separator, LongWords::Break)))
        }),
    ]
}

/// Cuts a text to a width, with dots at the end and, if the part shown begins further right, at the start.
fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if width < 4 {
        return Vec::new();
    }
    if length <= width {
        return text.to_vec();
    }
    // From here on the width is under the length, so it is a valid index.
    let kept = usize::try_from(width - 3).unwrap_or_default();
    let mut offset = offset.min(length);
    if length.saturating_sub(offset) < width - 3 {
        offset = length - (width - 3);
    }
    if offset <= 4 {
        return [&text[..kept], b"..."].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    let start = usize::try_from(offset).unwrap_or_default();
    if offset + width - 3 < length {
        let shown = abbreviate(&text[start..], 0, width - 3);
        return [b"...", shown.as_slice()].concat();
    }
    [b"...", &text[text.len() - kept..]].concat()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LongWords {
    Keep,
    Break,
}

/// Breaks a text at spaces so that lines keep to a width; spaces at the start of a line are dropped.
fn wrap(text: &[u8], width: i64, separator: &[u8], long_words: LongWords) -> Vec<u8> {
    let width = usize::try_from(width.max(1)).unwrap_or(usize::MAX);
    let mut output = Vec::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut break_after = |line: &[u8]| {
        output.extend_from_slice(line);
        output.extend_from_slice(separator);
    };
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        if let Some(space) = rest[..=width].iter().rposition(|&byte| byte == b' ') {
            break_after(&rest[..space]);
            rest = &rest[space + 1..];
        } else if long_words == LongWords::Break {
            break_after(&rest[..width]);
            rest = &rest[width..];
        } else if let Some(space) = rest[width..].iter().position(|&byte| byte == b' ') {
            break_after(&rest[..width + space]);
            rest = &rest[width + space + 1..];
        } else {
            break;
        }
    }
    output.extend_from_slice(rest);
    output
}
