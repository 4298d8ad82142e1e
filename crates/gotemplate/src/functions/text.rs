//! Texts: trimming, cutting, quoting, padding, joining and what becomes of other values in a text.

use std::cmp::Ordering;

use crate::quote::quote;
use crate::types::{ANY, BOOL, BYTES, INT, STRING, STRINGS};
use crate::unicode::{characters, decode_first, decode_last, is_space};
use crate::{Call, Data, Error, Function, List, Signature, Value};

use super::arguments::{bytes, integer};

pub(super) fn functions() -> Vec<Function> {
    let two = Signature::new(&[STRING, STRING], STRING);
    let test = Signature::new(&[STRING, STRING], BOOL);
    let several = Signature::variadic(&[ANY], STRING);
    vec![
        Function::new("hello", Signature::new(&[], STRING), |_, _| Ok(Value::from("Hello!"))),
        Function::new("trim", Signature::new(&[STRING], STRING), |_, arguments| {
            Ok(Value::from(trim(bytes(&arguments[0]), is_space)))
        }),
        Function::new("trimAll", two, trim_all),
        Function::new("trimall", two, trim_all),
        Function::new("trimPrefix", two, |_, arguments| {
            let text = bytes(&arguments[1]);
            Ok(Value::from(text.strip_prefix(bytes(&arguments[0])).unwrap_or(text)))
        }),
        Function::new("trimSuffix", two, |_, arguments| {
            let text = bytes(&arguments[1]);
            Ok(Value::from(text.strip_suffix(bytes(&arguments[0])).unwrap_or(text)))
        }),
        Function::new("contains", test, |_, arguments| {
            Ok(Value::from(find(bytes(&arguments[1]), bytes(&arguments[0])).is_some()))
        }),
        Function::new("hasPrefix", test, |_, arguments| {
            Ok(Value::from(bytes(&arguments[1]).starts_with(bytes(&arguments[0]))))
        }),
        Function::new("hasSuffix", test, |_, arguments| {
            Ok(Value::from(bytes(&arguments[1]).ends_with(bytes(&arguments[0]))))
        }),
        Function::new("replace", Signature::new(&[STRING, STRING, STRING], STRING), |call, arguments| {
            replace(call, bytes(&arguments[0]), bytes(&arguments[1]), bytes(&arguments[2]))
        }),
        Function::new("repeat", Signature::new(&[INT, STRING], STRING), |call, arguments| {
            repeat(call, bytes(&arguments[1]), integer(&arguments[0])).map(Value::from)
        }),
        Function::new("nospace", Signature::new(&[STRING], STRING), |_, arguments| {
            Ok(Value::from(without_spaces(bytes(&arguments[0]))))
        }),
        Function::new("trunc", Signature::new(&[INT, STRING], STRING), |_, arguments| {
            Ok(Value::from(truncate(integer(&arguments[0]), bytes(&arguments[1]))))
        }),
        Function::new("substr", Signature::new(&[INT, INT, STRING], STRING), |_, arguments| {
            substring(integer(&arguments[0]), integer(&arguments[1]), bytes(&arguments[2])).map(Value::from)
        }),
        Function::new("quote", several, |_, arguments| {
            joined(arguments, |value| Ok(quote(&text_of(value)?).into_bytes()))
        }),
        Function::new("squote", several, |_, arguments| {
            joined(arguments, |value| Ok([b"'", printed(value)?.as_slice(), b"'"].concat()))
        }),
        Function::new("cat", several, |_, arguments| joined(arguments, printed)),
        Function::new("indent", Signature::new(&[INT, STRING], STRING), |call, arguments| {
            indent(call, integer(&arguments[0]), bytes(&arguments[1])).map(Value::from)
        }),
        Function::new("nindent", Signature::new(&[INT, STRING], STRING), |call, arguments| {
            let mut indented = indent(call, integer(&arguments[0]), bytes(&arguments[1]))?;
            indented.insert(0, b'\n');
            Ok(Value::from(indented))
        }),
        Function::new("plural", Signature::new(&[STRING, STRING, INT], STRING), |_, arguments| {
            Ok(arguments[usize::from(integer(&arguments[2]) != 1)].clone())
        }),
        Function::new("toString", Signature::new(&[ANY], STRING), |_, arguments| {
            text_of(&arguments[0]).map(Value::from)
        }),
        Function::new("toStrings", Signature::new(&[ANY], STRINGS), |_, arguments| {
            Ok(Value::from(List::of_strings(texts_of(&arguments[0])?)))
        }),
        Function::new("join", Signature::new(&[STRING, ANY], STRING), |call, arguments| {
            let texts = texts_of(&arguments[1])?;
            let separator = bytes(&arguments[0]);
            call.runtime.spend((separator.len() * texts.len()) as u64)?;
            Ok(Value::from(texts.join(separator)))
        }),
        Function::new("sortAlpha", Signature::new(&[ANY], STRINGS), |_, arguments| {
            let mut texts = match arguments[0].list() {
                Some(_) => texts_of(&arguments[0])?,
                None => vec![text_of(&arguments[0])?],
            };
            texts.sort();
            Ok(Value::from(List::of_strings(texts)))
        }),
    ]
}

/// The text of any value: its own if it is one, otherwise what `%v` prints.
pub(super) fn text_of(value: &Value) -> Result<Vec<u8>, Error> {
    match value.data() {
        Data::List(list) if list.go_type().is(BYTES) => {
            let byte = |item: &Value| item.unsigned().and_then(|byte| u8::try_from(byte).ok());
            Ok(list.items().iter().filter_map(byte).collect())
        }
        _ => printed(value),
    }
}

/// What `%v` prints.
pub(super) fn printed(value: &Value) -> Result<Vec<u8>, Error> {
    let mut output = Vec::new();
    crate::printing::append_text(&mut output, value)?;
    Ok(output)
}

/// The texts of a list's items without the nil ones; any other value is a list of itself.
pub(super) fn texts_of(value: &Value) -> Result<Vec<Vec<u8>>, Error> {
    match value.data() {
        Data::Nil => Ok(Vec::new()),
        Data::List(list) => list.items().iter().filter(|item| !item.is_nil()).map(text_of).collect(),
        _ => Ok(vec![text_of(value)?]),
    }
}

/// The values that are not nil, each turned into text, with spaces between.
fn joined(values: &[Value], text: impl Fn(&Value) -> Result<Vec<u8>, Error>) -> Result<Value, Error> {
    let texts: Vec<Vec<u8>> =
        values.iter().filter(|value| !value.is_nil()).map(text).collect::<Result<_, _>>()?;
    Ok(Value::from(texts.join(&b' ')))
}

fn trim(mut text: &[u8], belongs: impl Fn(char) -> bool) -> &[u8] {
    while let Some((character, width)) = decode_first(text)
        && belongs(character)
    {
        text = &text[width..];
    }
    while let Some((character, width)) = decode_last(text)
        && belongs(character)
    {
        text = &text[..text.len() - width];
    }
    text
}

fn trim_all(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let set: std::collections::BTreeSet<char> = characters(bytes(&arguments[0])).collect();
    Ok(Value::from(trim(bytes(&arguments[1]), |character| set.contains(&character))))
}

/// The place of the first occurrence.
pub(super) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

fn replace(call: &mut Call<'_>, old: &[u8], new: &[u8], text: &[u8]) -> Result<Value, Error> {
    if old == new {
        return Ok(Value::from(text));
    }
    let mut output = Vec::with_capacity(text.len());
    if old.is_empty() {
        call.runtime.spend((new.len() as u64).saturating_mul(text.len() as u64 + 1))?;
        let mut rest = text;
        output.extend_from_slice(new);
        while let Some((_, width)) = decode_first(rest) {
            output.extend_from_slice(&rest[..width]);
            output.extend_from_slice(new);
            rest = &rest[width..];
        }
        return Ok(Value::from(output));
    }
    let growth = new.len().saturating_sub(old.len()) as u64;
    call.runtime.spend(growth.saturating_mul((text.len() / old.len()) as u64) / 16)?;
    let mut rest = text;
    while let Some(position) = find(rest, old) {
        output.extend_from_slice(&rest[..position]);
        output.extend_from_slice(new);
        rest = &rest[position + old.len()..];
    }
    output.extend_from_slice(rest);
    Ok(Value::from(output))
}

/// Repeats a text, paying for its length.
pub(super) fn repeat(call: &mut Call<'_>, text: &[u8], count: i64) -> Result<Vec<u8>, Error> {
    let count = usize::try_from(count).map_err(|_| Error::message("strings: negative Repeat count"))?;
    if count > 0 && text.len() > (i64::MAX as usize) / count {
        return Err(Error::message("strings: Repeat output length overflow"));
    }
    let length = text.len() * count;
    call.runtime.spend(length as u64)?;
    Ok(text.repeat(count))
}

fn indent(call: &mut Call<'_>, spaces: i64, text: &[u8]) -> Result<Vec<u8>, Error> {
    let padding = repeat(call, b" ", spaces)?;
    let lines = text.iter().filter(|&&byte| byte == b'\n').count();
    if padding.len() > 64 {
        call.runtime.spend((lines as u64).saturating_mul(padding.len() as u64))?;
    }
    let mut output = Vec::with_capacity(text.len() + (lines + 1) * padding.len() + 1);
    output.extend_from_slice(&padding);
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if index > 0 {
            output.push(b'\n');
            output.extend_from_slice(&padding);
        }
        output.extend_from_slice(line);
    }
    Ok(output)
}

/// Upstream takes every byte for a character, so a text with a space keeps only ASCII whole.
fn without_spaces(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|&byte| is_space(char::from(byte))) {
        return text.to_vec();
    }
    let kept: String =
        text.iter().map(|&byte| char::from(byte)).filter(|&character| !is_space(character)).collect();
    kept.into_bytes()
}

/// The first bytes, or with a negative count the last ones.
fn truncate(count: i64, text: &[u8]) -> &[u8] {
    let length = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    match count.cmp(&0) {
        Ordering::Less if length < text.len() => &text[text.len() - length..],
        Ordering::Less => text,
        _ => text.get(..length).unwrap_or(text),
    }
}

fn substring(start: i64, end: i64, text: &[u8]) -> Result<&[u8], Error> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let fault =
        |detail: String| Error::message(format!("runtime error: slice bounds out of range [{detail}"));
    let index = |position: i64| usize::try_from(position).unwrap_or_default();
    if start < 0 {
        return match end {
            ..0 => Err(fault(format!(":{end}]"))),
            _ if end > length => Err(fault(format!(":{end}] with length {length}"))),
            _ => Ok(&text[..index(end)]),
        };
    }
    let end = if end < 0 || end > length { length } else { end };
    if start > end {
        return Err(fault(format!("{start}:{end}]")));
    }
    Ok(&text[index(start)..index(end)])
}
