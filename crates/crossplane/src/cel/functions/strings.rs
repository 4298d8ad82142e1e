//! Strings: cel-go's `ext/strings.go`, version 2. Positions count characters.

use super::super::error::Failure;
use super::super::value::Value;
use super::{Outcome, conversion};

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("contains", [Value::String(text), Value::String(part)]) => {
            Ok(Value::Bool(text.contains(part.as_ref())))
        }
        ("startsWith", [Value::String(text), Value::String(part)]) => {
            Ok(Value::Bool(text.starts_with(part.as_ref())))
        }
        ("endsWith", [Value::String(text), Value::String(part)]) => {
            Ok(Value::Bool(text.ends_with(part.as_ref())))
        }
        ("charAt", [Value::String(text), Value::Int(index)]) => {
            let count = text.chars().count();
            match usize::try_from(*index).ok().filter(|index| *index <= count) {
                Some(index) => {
                    Ok(Value::string(text.chars().nth(index).map(String::from).unwrap_or_default()))
                }
                None => Err(out_of_range(*index)),
            }
        }
        ("indexOf", [Value::String(text), Value::String(part)]) => Ok(index_of(text, part, 0)),
        ("indexOf", [Value::String(text), Value::String(part), Value::Int(from)]) => {
            match usize::try_from(*from) {
                Ok(from) if from <= text.chars().count() => Ok(index_of(text, part, from)),
                _ if part.is_empty() && *from >= 0 => Err(out_of_range(*from)),
                _ => Err(out_of_range(*from)),
            }
        }
        ("lastIndexOf", [Value::String(text), Value::String(part)]) => {
            Ok(last_index_of(text, part, usize::MAX))
        }
        ("lastIndexOf", [Value::String(text), Value::String(part), Value::Int(from)]) => {
            match usize::try_from(*from) {
                Ok(from) if from <= text.chars().count() => Ok(last_index_of(text, part, from)),
                _ => Err(out_of_range(*from)),
            }
        }
        ("lowerAscii", [Value::String(text)]) => Ok(Value::string(text.to_ascii_lowercase())),
        ("upperAscii", [Value::String(text)]) => Ok(Value::string(text.to_ascii_uppercase())),
        ("trim", [Value::String(text)]) => Ok(Value::string(text.trim())),
        ("replace", [Value::String(text), Value::String(old), Value::String(new)]) => {
            Ok(Value::string(text.replace(old.as_ref(), new)))
        }
        ("replace", [Value::String(text), Value::String(old), Value::String(new), Value::Int(limit)]) => {
            Ok(Value::string(match usize::try_from(*limit) {
                Ok(limit) => text.replacen(old.as_ref(), new, limit),
                Err(_) => text.replace(old.as_ref(), new),
            }))
        }
        ("split", [Value::String(text), Value::String(separator)]) => Ok(split(text, separator, -1)),
        ("split", [Value::String(text), Value::String(separator), Value::Int(limit)]) => {
            Ok(split(text, separator, *limit))
        }
        ("substring", [Value::String(text), Value::Int(from)]) => substring(text, *from, None),
        ("substring", [Value::String(text), Value::Int(from), Value::Int(to)]) => {
            substring(text, *from, Some(*to))
        }
        ("join", [Value::List(list)]) => join(list.all(), ""),
        ("join", [Value::List(list), Value::String(separator)]) => join(list.all(), separator),
        ("strings.quote", [Value::String(text)]) => Ok(Value::string(quote(text))),
        ("format", [Value::String(format), Value::List(values)]) => {
            values.all().and_then(|values| format_text(format, &values)).map(Value::string)
        }
        _ => return None,
    })
}

fn out_of_range(index: i64) -> Failure {
    Failure::new(format!("index out of range: {index}"))
}

fn position<'d>(characters: Option<usize>) -> Value<'d> {
    Value::Int(characters.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1))
}

fn index_of<'d>(text: &str, part: &str, from: usize) -> Value<'d> {
    let start = text.char_indices().nth(from).map_or(text.len(), |(start, _)| start);
    position(text[start..].find(part).map(|at| text[..start + at].chars().count()))
}

/// The last place at or before a position.
fn last_index_of<'d>(text: &str, part: &str, from: usize) -> Value<'d> {
    let start = text.char_indices().nth(from).map_or(text.len(), |(start, _)| start);
    let end = (start + part.len()).min(text.len());
    let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
    position(text[..end].rfind(part).map(|at| text[..at].chars().count()))
}

/// Splits as Go's `strings.SplitN` does.
fn split<'d>(text: &str, separator: &str, limit: i64) -> Value<'d> {
    let parts: Vec<&str> = match usize::try_from(limit) {
        Ok(0) => Vec::new(),
        Ok(limit) if separator.is_empty() => split_characters(text, limit),
        Ok(limit) => text.splitn(limit, separator).collect(),
        Err(_) if separator.is_empty() => split_characters(text, usize::MAX),
        Err(_) => text.split(separator).collect(),
    };
    Value::list(parts.into_iter().map(Value::string).collect())
}

fn split_characters(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if parts.len() + 1 >= limit {
            parts.push(rest);
            break;
        }
        let (character, after) = rest.split_at(first.len_utf8());
        parts.push(character);
        rest = after;
    }
    parts
}

fn substring<'d>(text: &str, from: i64, to: Option<i64>) -> Outcome<'d> {
    let count = text.chars().count();
    let end = to.unwrap_or_else(|| i64::try_from(count).unwrap_or(i64::MAX));
    let Some(start) = usize::try_from(from).ok().filter(|start| *start <= count) else {
        return Err(out_of_range(from));
    };
    let Some(stop) = usize::try_from(end).ok().filter(|stop| *stop <= count) else {
        return Err(out_of_range(end));
    };
    if start > stop {
        return Err(Failure::new(format!("invalid substring range. start: {from}, end: {end}")));
    }
    Ok(Value::string(text.chars().skip(start).take(stop - start).collect::<String>()))
}

fn join<'d>(items: Result<Vec<Value<'d>>, Failure>, separator: &str) -> Outcome<'d> {
    let texts: Option<Vec<String>> = items?
        .iter()
        .map(|item| match item {
            Value::String(text) => Some(text.to_string()),
            _ => None,
        })
        .collect();
    texts.map(|texts| Value::string(texts.join(separator))).ok_or_else(Failure::no_such_overload)
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A clause of a format, and the text before it.
pub(crate) struct Clause {
    before: String,
    pub(crate) letter: char,
    pub(crate) precision: usize,
}

/// The clauses of a format; the text behind the last one is lost.
pub(crate) fn clauses(format: &str) -> Result<Vec<Clause>, Failure> {
    split_format(format).map(|(clauses, _)| clauses)
}

fn split_format(format: &str) -> Result<(Vec<Clause>, String), Failure> {
    let wrong = |why: &str| Failure::new(format!("could not parse formatting clause: {why}"));
    let (mut clauses, mut before) = (Vec::new(), String::new());
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        before.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            before.push('%');
            rest = after;
            continue;
        }
        let mut precision = 6;
        if let Some(after) = rest.strip_prefix('.') {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            precision =
                after[..digits].parse().map_err(|_| wrong("error while converting precision to integer"))?;
            rest = &after[digits..];
        }
        let letter = rest.chars().next().ok_or_else(|| wrong("unexpected end of string"))?;
        rest = &rest[letter.len_utf8()..];
        clauses.push(Clause { before: std::mem::take(&mut before), letter, precision: precision.min(100) });
    }
    Ok((clauses, before + rest))
}

/// `format`: the clauses `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X` and `%o`, with a precision for the floats.
fn format_text(format: &str, values: &[Value<'_>]) -> Result<String, Failure> {
    let (clauses, rest) = split_format(format)?;
    let mut text = String::new();
    for (index, clause) in clauses.iter().enumerate() {
        let value = values.get(index).ok_or_else(|| Failure::new(format!("index {index} out of range")))?;
        text.push_str(&clause.before);
        text.push_str(&format_clause(clause.letter, clause.precision, value)?);
    }
    Ok(text + &rest)
}

pub(crate) fn format_clause(clause: char, precision: usize, value: &Value<'_>) -> Result<String, Failure> {
    let refuse = |wants: &str| {
        Failure::new(format!("error during formatting: {wants}, was given {}", value.type_name()))
    };
    Ok(match (clause, value) {
        ('s', value) => formatted_string(value)?,
        ('d', Value::Int(number)) => number.to_string(),
        ('d', Value::Uint(number)) => number.to_string(),
        ('d', Value::Double(number)) if number.is_finite() => format!("{number:.0}"),
        ('d', _) => return Err(refuse("decimal clause can only be used on integers")),
        ('f', Value::Double(number)) => format!("{number:.precision$}"),
        #[expect(clippy::cast_precision_loss, reason = "a float is asked for")]
        ('f', Value::Int(number)) => format!("{:.precision$}", *number as f64),
        ('f', _) => return Err(refuse("fixed-point clause can only be used on doubles")),
        ('e', Value::Double(number)) => exponential(*number, precision),
        ('e', _) => return Err(refuse("scientific clause can only be used on doubles")),
        ('b', Value::Int(number)) => signed(*number, format!("{:b}", number.unsigned_abs())),
        ('b', Value::Uint(number)) => format!("{number:b}"),
        ('b', Value::Bool(value)) => u8::from(*value).to_string(),
        ('b', _) => return Err(refuse("only integers and bools can be formatted as binary")),
        ('o', Value::Int(number)) => signed(*number, format!("{:o}", number.unsigned_abs())),
        ('o', Value::Uint(number)) => format!("{number:o}"),
        ('o', _) => return Err(refuse("octal clause can only be used on integers")),
        ('x' | 'X', value) => {
            let lower = match value {
                Value::Int(number) => signed(*number, format!("{:x}", number.unsigned_abs())),
                Value::Uint(number) => format!("{number:x}"),
                Value::String(text) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
                Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
                _ => return Err(refuse("only integers, byte buffers, and strings can be formatted as hex")),
            };
            if clause == 'X' { lower.to_uppercase() } else { lower }
        }
        (clause, _) => {
            return Err(Failure::new(format!(
                "could not parse formatting clause: unrecognized formatting clause \"{clause}\""
            )));
        }
    })
}

fn signed(number: i64, magnitude: String) -> String {
    if number < 0 { format!("-{magnitude}") } else { magnitude }
}

/// Go writes at least two digits of the exponent.
fn exponential(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

/// A string in a list or map is quoted.
fn formatted_element(value: &Value<'_>) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(quote(text)),
        value => formatted_string(value),
    }
}

fn formatted_string(value: &Value<'_>) -> Result<String, Failure> {
    Ok(match value {
        Value::Duration(length) => super::time::seconds_text(*length),
        Value::Timestamp(time) => super::time::timestamp_text(*time),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Double(number) => conversion::double_text(*number),
        Value::List(list) => {
            let mut texts = Vec::new();
            for item in list.iter() {
                texts.push(formatted_element(&item?)?);
            }
            format!("[{}]", texts.join(", "))
        }
        Value::Map(map) => {
            let mut texts = Vec::new();
            for key in map.keys() {
                let value = map.get(&key).transpose()?.unwrap_or(Value::Null);
                texts.push(format!("{}: {}", formatted_element(&key)?, formatted_element(&value)?));
            }
            texts.sort();
            format!("{{{}}}", texts.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::String(_) | Value::Type(_) => {
            value.printed()
        }
        other => {
            return Err(Failure::new(format!(
                "error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, \
                 types, durations, and timestamps, was given {}",
                other.type_name()
            )));
        }
    })
}
