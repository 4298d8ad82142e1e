//! JSON into values, with the syntax errors of Go's decoder.
//!
//! Every number is a `float64`. Bytes that are not UTF-8 and lone surrogates become U+FFFD, the last of equal keys
//! counts. A number beyond the range of `float64` is nil, and is reported once everything else has been read.
//!
//! Upstream: `encoding/json` of Go 1.26.

use crate::{Entries, GoString, Map, Value, types};

/// Deepest nesting that is read; Go's own limit is ten times this.
const MAXIMUM_DEPTH: usize = 1000;

/// A value that was read, with the complaint about a number in it that does not fit.
pub(crate) struct Decoded {
    pub(crate) value: Value,
    pub(crate) complaint: Option<String>,
}

/// Reads a whole text, or says in Go's words what is wrong with its syntax.
pub(crate) fn decode(text: &[u8]) -> Result<Decoded, String> {
    let mut decoder = Decoder { text, position: 0, complaint: None };
    let value = decoder.value(0)?;
    decoder.skip_spaces();
    match decoder.peek() {
        None => Ok(Decoded { value, complaint: decoder.complaint }),
        Some(_) => Err(decoder.invalid("after top-level value")),
    }
}

struct Decoder<'t> {
    text: &'t [u8],
    position: usize,
    complaint: Option<String>,
}

impl Decoder<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.position += 1;
        }
    }

    /// The complaint about the current byte, or about the end of the text. Go reads a space behind the end, so where
    /// a space cannot stand the complaint is about that.
    fn invalid(&self, context: &str) -> String {
        let inside_token = context.contains(" literal") || context.contains(" escape");
        let byte = match self.peek() {
            Some(byte) => byte,
            None if inside_token && context != "in string literal" => b' ',
            None => return "unexpected end of JSON input".to_owned(),
        };
        let quoted = match byte {
            b'\'' => "\\'".to_owned(),
            b'"' => "\"".to_owned(),
            other => {
                let quoted = crate::quote::quote(char::from(other).encode_utf8(&mut [0; 4]).as_bytes());
                quoted.trim_matches('"').to_owned()
            }
        };
        format!("invalid character '{quoted}' {context}")
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.skip_spaces();
        match self.peek() {
            Some(b'{' | b'[') if depth >= MAXIMUM_DEPTH => Err("exceeded max depth".to_owned()),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::from),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::from(true)),
            Some(b'f') => self.literal("false", Value::from(false)),
            Some(b'n') => self.literal("null", Value::NIL),
            _ => Err(self.invalid("looking for beginning of value")),
        }
    }

    fn literal(&mut self, name: &str, value: Value) -> Result<Value, String> {
        for expected in name.bytes() {
            if self.peek() != Some(expected) {
                let context = format!("in literal {name} (expecting '{}')", char::from(expected));
                return Err(self.invalid(&context));
            }
            self.position += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) -> bool {
        let start = self.position;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.position += 1;
        }
        self.position > start
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        if self.peek() == Some(b'0') {
            self.position += 1;
        } else if !self.digits() {
            return Err(self.invalid("in numeric literal"));
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            if !self.digits() {
                return Err(self.invalid("after decimal point in numeric literal"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            if !self.digits() {
                return Err(self.invalid("in exponent of numeric literal"));
            }
        }
        let literal = String::from_utf8_lossy(&self.text[start..self.position]);
        match literal.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::from(number)),
            _ => {
                self.complaint.get_or_insert_with(|| {
                    format!("json: cannot unmarshal number {literal} into Go value of type float64")
                });
                Ok(Value::NIL)
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.position += 1;
        let mut items = Vec::new();
        self.skip_spaces();
        if self.peek() == Some(b']') {
            self.position += 1;
            return Ok(Value::from(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_spaces();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(b']') => {
                    self.position += 1;
                    return Ok(Value::from(items));
                }
                _ => return Err(self.invalid("after array element")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.position += 1;
        let mut entries = Entries::new();
        self.skip_spaces();
        if self.peek() == Some(b'}') {
            self.position += 1;
            return Ok(Value::from(Map::of_type(types::MAP, entries)));
        }
        loop {
            self.skip_spaces();
            if self.peek() != Some(b'"') {
                return Err(self.invalid("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_spaces();
            if self.peek() != Some(b':') {
                return Err(self.invalid("after object key"));
            }
            self.position += 1;
            let value = self.value(depth + 1)?;
            entries.insert(key, value);
            self.skip_spaces();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(b'}') => {
                    self.position += 1;
                    return Ok(Value::from(Map::of_type(types::MAP, entries)));
                }
                _ => return Err(self.invalid("after object key:value pair")),
            }
        }
    }

    fn string(&mut self) -> Result<GoString, String> {
        self.position += 1;
        let mut output: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    break;
                }
                Some(b'\\') => {
                    self.position += 1;
                    let character = self.escape()?;
                    output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None | Some(0..0x20) => return Err(self.invalid("in string literal")),
                Some(byte) => {
                    output.push(byte);
                    self.position += 1;
                }
            }
        }
        if std::str::from_utf8(&output).is_ok() {
            return Ok(GoString::from(output));
        }
        Ok(GoString::from(crate::unicode::characters(&output).collect::<String>()))
    }

    fn escape(&mut self) -> Result<char, String> {
        let character = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.position += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.invalid("in string escape code")),
        };
        self.position += 1;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, String> {
        let unit = self.hexadecimal()?;
        if (0xD800..0xDC00).contains(&unit) && self.text[self.position..].starts_with(b"\\u") {
            let back = self.position;
            self.position += 2;
            let low = self.hexadecimal()?;
            if (0xDC00..0xE000).contains(&low) {
                let code_point = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code_point).unwrap_or('\u{FFFD}'));
            }
            // The second half is no second half: it stands for itself.
            self.position = back;
        }
        Ok(char::from_u32(unit).unwrap_or('\u{FFFD}'))
    }

    fn hexadecimal(&mut self) -> Result<u32, String> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.invalid("in \\u hexadecimal character escape"))?;
            self.position += 1;
        }
        Ok(unit)
    }
}
