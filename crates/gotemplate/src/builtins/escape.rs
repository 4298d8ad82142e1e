//! `html`, `js`, `urlquery`: the text of the arguments, escaped.

use crate::printing::sprint;
use crate::unicode::{decode_first, is_printable};
use crate::{Data, Error, Function, GoString, Signature, Value, types};

pub(super) fn functions() -> Vec<Function> {
    vec![escaping("html", html), escaping("js", javascript), escaping("urlquery", query)]
}

fn escaping(name: &'static str, escape: fn(&[u8]) -> Vec<u8>) -> Function {
    let signature = Signature::variadic(&[types::ANY], types::STRING);
    Function::new(name, signature, move |_, arguments| {
        text_of(arguments).map(|text| Value::from(escape(text.as_bytes())))
    })
}

/// Returns the arguments' text as templates print it: no value is `<no value>`.
fn text_of(arguments: &[Value]) -> Result<GoString, Error> {
    let shown: Vec<Value> = arguments
        .iter()
        .map(|argument| match argument.data() {
            Data::Nil => Value::from("<no value>"),
            _ => argument.clone(),
        })
        .collect();
    sprint(&shown)
}

fn html(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => escaped.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => escaped.extend_from_slice(b"&#34;"),
            b'\'' => escaped.extend_from_slice(b"&#39;"),
            b'&' => escaped.extend_from_slice(b"&amp;"),
            b'<' => escaped.extend_from_slice(b"&lt;"),
            b'>' => escaped.extend_from_slice(b"&gt;"),
            _ => escaped.push(*byte),
        }
    }
    escaped
}

fn javascript(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((character, width)) = decode_first(rest) {
        let (bytes, after) = rest.split_at(width);
        rest = after;
        match character {
            '\\' => escaped.extend_from_slice(b"\\\\"),
            '\'' => escaped.extend_from_slice(b"\\'"),
            '"' => escaped.extend_from_slice(b"\\\""),
            '<' | '>' | '&' | '=' | '\0'..' ' => {
                escaped.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes());
            }
            ' '..='\x7f' => escaped.extend_from_slice(bytes),
            _ if is_printable(character) => escaped.extend_from_slice(bytes),
            _ => escaped.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes()),
        }
    }
    escaped
}

/// Escapes as Go's `url.QueryEscape`.
fn query(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(*byte),
            b' ' => escaped.push(b'+'),
            _ => escaped.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    escaped
}
