//! What a plain scalar means: text to [`Tag`], by dialect, and whether an explicit tag agrees with its text.
//!
//! Upstream: the resolve tables of go-yaml v2.4 (Helm) and v3.0 (kustomize), the core schema of YAML 1.2.

use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind};
use crate::node::Tag;
use crate::number::{self, Number};
use crate::timestamp::Timestamp;

/// The prefix that `!!` stands for.
const YAML_PREFIX: &str = "tag:yaml.org,2002:";

/// A tag in its short form: `!!str` for `tag:yaml.org,2002:str`.
pub(crate) fn short_tag(tag: &str) -> String {
    match tag.strip_prefix(YAML_PREFIX) {
        Some(name) => format!("!!{name}"),
        None => tag.to_owned(),
    }
}

/// The type of a plain scalar without a tag.
#[must_use]
pub(crate) fn resolve(text: &str, dialect: Dialect) -> Tag {
    let Some(&first) = text.as_bytes().first() else { return Tag::Null };
    match first {
        b'+' | b'-' | b'0'..=b'9' | b'.' => resolve_number(text, first, dialect),
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' => resolve_word(text, dialect),
        b'y' | b'Y' | b'o' | b'O' if dialect == Dialect::Helm && is_old_bool(text) => Tag::Bool,
        b'<' if text == "<<" && dialect != Dialect::Yaml12 => Tag::Merge,
        _ => Tag::Str,
    }
}

fn resolve_word(text: &str, dialect: Dialect) -> Tag {
    match text {
        "~" | "null" | "Null" | "NULL" => Tag::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Tag::Bool,
        _ if dialect == Dialect::Helm && is_old_bool(text) => Tag::Bool,
        _ => Tag::Str,
    }
}

fn resolve_number(text: &str, first: u8, dialect: Dialect) -> Tag {
    if dialect != Dialect::Yaml12 && first.is_ascii_digit() && Timestamp::parse(text).is_some() {
        // go-yaml v2 hands a timestamp on as the text that it was.
        return if dialect == Dialect::Helm { Tag::Str } else { Tag::Timestamp };
    }
    match number::parse(text, dialect) {
        Some(Number::Int(_) | Number::Uint(_)) => Tag::Int,
        Some(Number::Float(_)) => Tag::Float,
        None => Tag::Str,
    }
}

/// The words that are booleans in YAML 1.1 and strings in 1.2.
#[must_use]
pub(crate) fn is_old_bool(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// Whether the text is a number in base 60 for YAML 1.1: `1:30`, `-12:30:45.5`.
pub(crate) fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((first, rest)) = unsigned.split_once(':') else { return false };
    let is_number =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') && !part.is_empty();
    let (parts, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let is_sixtieth = |part: &str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => matches!(tens, b'0'..=b'5') && digit.is_ascii_digit(),
        _ => false,
    };
    is_number(first)
        && first.starts_with(|digit: char| digit.is_ascii_digit())
        && parts.split(':').all(is_sixtieth)
        && (fraction.is_empty() || is_number(fraction))
}

/// Whether a boolean's text means true.
#[must_use]
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON")
}

/// The type of a scalar with an explicit tag, in its short form. An error is one that go-yaml finds when it decodes.
pub(crate) fn resolve_tagged(tag: &str, text: &str, dialect: Dialect) -> Result<Tag, Error> {
    let wanted = match tag {
        "!!str" => return Ok(Tag::Str),
        "!!null" => Tag::Null,
        "!!bool" => Tag::Bool,
        "!!int" => Tag::Int,
        "!!float" => Tag::Float,
        "!!timestamp" if dialect != Dialect::Yaml12 => Tag::Timestamp,
        "!!binary" => {
            return if decode_base64(text).is_some() {
                Ok(Tag::Binary)
            } else {
                Err(Error::new(ErrorKind::Tag, "!!binary value contains invalid base64 data"))
            };
        }
        "!!merge" if dialect != Dialect::Yaml12 => return Ok(Tag::Merge),
        _ => return Ok(Tag::Custom),
    };
    let is_timestamp = Timestamp::parse(text).is_some();
    let found = match wanted {
        Tag::Timestamp if is_timestamp => Tag::Timestamp,
        // Only untagged text is taken for a timestamp.
        _ if is_timestamp => Tag::Str,
        _ => resolve(text, dialect),
    };
    let fits_float = || matches!(number::parse(text, dialect), Some(Number::Int(_)));
    if found == wanted {
        return Ok(if wanted == Tag::Timestamp && dialect == Dialect::Helm { Tag::Str } else { wanted });
    }
    if wanted == Tag::Float && found == Tag::Int && fits_float() {
        return Ok(Tag::Float);
    }
    let name = if found == Tag::Merge { "!!str" } else { found.short_name() };
    Err(Error::new(ErrorKind::Tag, format!("cannot decode {name} `{text}` as a {tag}")))
}

/// The bytes that standard base64 stands for; line breaks in it do not count.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits: u32 = 0;
    let mut digits = 0_usize;
    let mut padding = 0_usize;
    for byte in text.bytes() {
        let value = match byte {
            b'\n' | b'\r' => continue,
            b'=' if digits % 4 >= 2 || padding > 0 => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        digits += 1;
        if digits.is_multiple_of(4) {
            bytes.extend_from_slice(bits.to_be_bytes().get(1..)?);
            bits = 0;
        }
    }
    if !(digits + padding).is_multiple_of(4) || padding > 2 {
        return None;
    }
    match digits % 4 {
        0 => {}
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    Some(bytes)
}

/// The type that a dialect gives to a plain scalar with this text.
#[must_use]
pub fn resolve_plain(text: &str, dialect: Dialect) -> Tag {
    resolve(text, dialect)
}
