//! Filters and functions that chart authors know, for our own templates.
//!
//! They follow Helm where Jinja has the same name with another meaning: `indent` indents every line, `default` replaces null
//! too. Names are as in Jinja (`to_yaml`) and as in Helm (`toYaml`). Nothing here is random, reads a clock or leaves the
//! source's folder; the names that would are in [`super::refused`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Rest, Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use plimsoll_yaml::{Budget, Dialect, HtmlEscape, Numbers, emit_json, emit_value};
use sha2::{Digest, Sha256};

/// Adds all filters and functions.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    for name in ["to_yaml", "toYaml", "toyaml"] {
        environment.add_filter(name, to_yaml);
    }
    for name in ["to_json", "toJson", "tojson"] {
        environment.add_filter(name, to_json);
    }
    for name in ["from_yaml", "fromYaml"] {
        environment.add_filter(name, from_yaml);
    }
    for name in ["from_json", "fromJson"] {
        environment.add_filter(name, from_json);
    }
    for name in ["b64encode", "b64enc"] {
        environment.add_filter(name, b64encode);
    }
    for name in ["b64decode", "b64dec"] {
        environment.add_filter(name, b64decode);
    }
    for name in ["sha256", "sha256sum"] {
        environment.add_filter(name, sha256);
    }
    for name in ["trim_prefix", "trimPrefix"] {
        environment.add_filter(name, trim_prefix);
    }
    for name in ["trim_suffix", "trimSuffix"] {
        environment.add_filter(name, trim_suffix);
    }
    environment.add_filter("nindent", nindent);
    environment.add_filter("indent", indent);
    environment.add_filter("quote", quote);
    environment.add_filter("squote", squote);
    environment.add_filter("trunc", trunc);
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("required", required_filter);
    environment.add_function("required", required_function);
    environment.add_function("fail", fail);
}

fn json(value: &Value) -> Result<serde_json::Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    serde_json::to_value(value)
        .map_err(|_| Error::new(ErrorKind::BadSerialization, "the value cannot be written as JSON"))
}

fn to_yaml(value: &Value) -> Result<String, Error> {
    let text = emit_value(&json(value)?).map_err(|_| {
        Error::new(ErrorKind::BadSerialization, "the value holds characters that YAML forbids")
    })?;
    Ok(text.trim_end_matches('\n').to_owned())
}

fn to_json(value: &Value) -> Result<String, Error> {
    Ok(emit_json(&json(value)?, HtmlEscape::Kept))
}

fn from_yaml(text: &str) -> Result<Value, Error> {
    let invalid = || Error::new(ErrorKind::InvalidOperation, "the text is no YAML");
    let node = plimsoll_yaml::parse_one(text, Dialect::Helm, &Budget::DEFAULT).map_err(|_| invalid())?;
    let value = node.to_value(Dialect::Helm, Numbers::AsWritten).map_err(|_| invalid())?;
    Ok(Value::from(Serde(value)))
}

fn from_json(text: &str) -> Result<Value, Error> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "the text is no JSON"))?;
    Ok(Value::from(Serde(value)))
}

/// The bytes of a value as a template prints it.
fn bytes(value: &Value) -> Result<Vec<u8>, Error> {
    match value.kind() {
        ValueKind::Bytes => Ok(value.as_bytes().unwrap_or_default().to_vec()),
        _ => super::printed(value).map(String::into_bytes),
    }
}

fn b64encode(value: &Value) -> Result<String, Error> {
    Ok(STANDARD.encode(bytes(value)?))
}

fn b64decode(text: &str) -> Result<Value, Error> {
    let decoded = STANDARD
        .decode(text.trim())
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "the text is no base64"))?;
    Ok(String::from_utf8(decoded).map_or_else(|error| Value::from_bytes(error.into_bytes()), Value::from))
}

fn sha256(value: &Value) -> Result<String, Error> {
    Ok(crate::render::digest::hex(&Sha256::digest(bytes(value)?)))
}

/// No manifest is indented further; a larger number is a mistake that would only cost memory.
const WIDEST_INDENT: usize = 256;

fn indent(value: &Value, width: usize) -> Result<String, Error> {
    if width > WIDEST_INDENT {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("cannot indent by more than {WIDEST_INDENT}"),
        ));
    }
    let blanks = " ".repeat(width);
    Ok(format!("{blanks}{}", super::printed(value)?.replace('\n', &format!("\n{blanks}"))))
}

fn nindent(value: &Value, width: usize) -> Result<String, Error> {
    Ok(format!("\n{}", indent(value, width)?))
}

/// A double-quoted scalar that YAML reads back as the same text.
fn quote(value: &Value) -> Result<String, Error> {
    if value.is_none() {
        return Ok("\"\"".to_owned());
    }
    Ok(emit_json(&serde_json::Value::String(super::printed(value)?), HtmlEscape::Kept))
}

fn squote(value: &Value) -> Result<String, Error> {
    if value.is_none() {
        return Ok("''".to_owned());
    }
    Ok(format!("'{}'", super::printed(value)?.replace('\'', "''")))
}

/// The first characters, or with a negative length the last.
fn trunc(value: &Value, length: i64) -> Result<String, Error> {
    let text = super::printed(value)?;
    let count = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(if length >= 0 {
        text.chars().take(count).collect()
    } else {
        let total = text.chars().count();
        text.chars().skip(total.saturating_sub(count)).collect()
    })
}

fn trim_prefix(text: String, prefix: &str) -> String {
    text.strip_prefix(prefix).map(str::to_owned).unwrap_or(text)
}

fn trim_suffix(text: String, suffix: &str) -> String {
    text.strip_suffix(suffix).map(str::to_owned).unwrap_or(text)
}

/// Replaces what is undefined or null; with a second `true`, as in Jinja, also what is empty, false or zero.
fn default(value: &Value, other: Option<Value>, replace_empty: Option<bool>) -> Value {
    let other = other.unwrap_or_else(|| Value::from(""));
    if value.is_undefined() || value.is_none() || (replace_empty == Some(true) && !value.is_true()) {
        other
    } else {
        value.clone()
    }
}

fn required_filter(value: &Value, message: Option<String>) -> Result<Value, Error> {
    let is_empty = value.is_undefined() || value.is_none() || value.as_str() == Some("");
    if is_empty {
        let message = message.unwrap_or_else(|| "a value is required".to_owned());
        return Err(Error::new(ErrorKind::InvalidOperation, format!("{REQUIRED}{message}")));
    }
    Ok(value.clone())
}

fn required_function(message: String, value: &Value) -> Result<Value, Error> {
    required_filter(value, Some(message))
}

fn fail(message: Rest<String>) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, format!("{FAILED}{}", message.join(" "))))
}

/// Marks the detail of an error as the words of a template's author about a value that is not there.
pub(super) const REQUIRED: &str = "required: ";

/// Marks the detail of an error as the words of a template's author.
pub(super) const FAILED: &str = "failed: ";
