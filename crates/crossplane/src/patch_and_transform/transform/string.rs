//! `string`: formats, converts, trims, searches, joins and replaces text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_gotemplate::checksum::{adler32, hexadecimal};
use plimsoll_gotemplate::encoding::base64_decode;
use plimsoll_gotemplate::letter_case::{to_lower, to_upper};
use plimsoll_gotemplate::quote::quote;
use plimsoll_gotemplate::regex::Regex;
use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};

use super::super::input::StringTransform;
use crate::go_value::{sprintf, to_go};

pub(super) fn resolve(string: &StringTransform, input: &Value) -> Result<Value, String> {
    let kind = string.kind.as_str();
    let missing = |name: &str| format!("string transform of type {kind} {name} is not set");
    let text = match kind {
        "Format" => format(string.format.as_ref().ok_or_else(|| missing("fmt"))?, input)?,
        "Convert" => convert(string.convert.as_ref().ok_or_else(|| missing("convert"))?, input)?,
        "TrimPrefix" | "TrimSuffix" => {
            let trim = string.trim.as_ref().ok_or_else(|| missing("trim"))?;
            let text = printed(input)?;
            let trimmed = if kind == "TrimPrefix" {
                text.strip_prefix(trim.as_str())
            } else {
                text.strip_suffix(trim.as_str())
            };
            trimmed.unwrap_or(&text).to_owned()
        }
        "Regexp" => {
            let (expression, group) = string.regexp.as_ref().ok_or_else(|| missing("regexp"))?;
            search(expression, *group, input)?
        }
        "Join" => join(string.join.as_ref().ok_or_else(|| missing("join"))?, input)?,
        "Replace" => {
            let (search, replacement) = string.replace.as_ref().ok_or_else(|| missing("replace"))?;
            printed(input)?.replace(search.as_str(), replacement)
        }
        unknown => return Err(format!("type {unknown} is not supported for string transform type")),
    };
    Ok(Value::String(text))
}

fn format(format: &str, input: &Value) -> Result<String, String> {
    sprintf(format, &[to_go(input)])
}

/// The value as Go's `%v` prints it.
fn printed(input: &Value) -> Result<String, String> {
    format("%v", input)
}

fn convert(conversion: &str, input: &Value) -> Result<String, String> {
    Ok(match conversion {
        "ToUpper" => printed(input)?.chars().map(to_upper).collect(),
        "ToLower" => printed(input)?.chars().map(to_lower).collect(),
        "ToJson" => emit_json(input, HtmlEscape::Escaped),
        "ToBase64" => STANDARD.encode(printed(input)?),
        "FromBase64" => {
            let bytes = base64_decode(printed(input)?.as_bytes())
                .map_err(|error| format!("string is not valid base64: {error}"))?;
            lossy(&bytes)
        }
        "ToSha1" => hex(&sha1::Sha1::digest(hashed(input))),
        "ToSha256" => hex(&Sha256::digest(hashed(input))),
        "ToSha512" => hex(&Sha512::digest(hashed(input))),
        "ToAdler32" => adler32(hashed(input).as_bytes()).to_string(),
        unknown => return Err(format!("type {unknown} is not supported for string convert")),
    })
}

/// What is hashed: a string as it is, anything else as JSON.
fn hashed(input: &Value) -> String {
    input.as_str().map_or_else(|| emit_json(input, HtmlEscape::Escaped), str::to_owned)
}

fn hex(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&hexadecimal(bytes)).into_owned()
}

/// Each byte that is not UTF-8 becomes a replacement character, as when Go writes such a string as JSON.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

fn search(expression: &str, group: i64, input: &Value) -> Result<String, String> {
    let regex =
        Regex::new(expression.as_bytes()).map_err(|error| format!("could not compile regexp: {error}"))?;
    let text = printed(input)?;
    let no_match = || {
        let expression = quote(expression.as_bytes());
        format!("regexp {expression} had no matches for group {group}")
    };
    let groups = regex.captures(text.as_bytes()).ok_or_else(no_match)?;
    let found = usize::try_from(group).ok().and_then(|group| groups.get(group)).ok_or_else(no_match)?;
    Ok(lossy(found.unwrap_or_default()))
}

/// The items with the separator after each, less one byte at the end.
fn join(separator: &str, input: &Value) -> Result<String, String> {
    let items = input.as_array().ok_or("could not parse input array")?;
    let mut joined: Vec<u8> = Vec::new();
    for item in items {
        joined.extend_from_slice(printed(item)?.as_bytes());
        joined.extend_from_slice(separator.as_bytes());
    }
    if !separator.is_empty() {
        joined.pop();
    }
    Ok(lossy(&joined))
}
