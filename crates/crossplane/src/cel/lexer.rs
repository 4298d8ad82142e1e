//! Texts of rules as tokens.

use super::expression::Literal;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(Literal),
    /// An integer without its sign, which may be one too large for a positive one.
    Integer(u64),
    Identifier(String),
    Symbol(&'static str),
    End,
}

/// Longest first, so that the first that fits is the right one.
const SYMBOLS: [&str; 27] = [
    "==", "!=", "<=", ">=", "&&", "||", "[?", ".?", "<", ">", "!", "(", ")", "[", "]", "{", "}", ".", ",",
    ":", "?", "+", "-", "*", "/", "%", "=",
];

/// A problem and the byte it is at.
pub(super) type Problem = (usize, String);

pub(super) fn tokens(source: &str) -> Result<Vec<(Token, usize)>, Problem> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        if first.is_ascii_whitespace() {
            at += 1;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let (token, length) = token(rest, at)?;
            found.push((token, at));
            at += length;
        }
    }
    found.push((Token::End, source.len()));
    Ok(found)
}

fn token(rest: &str, at: usize) -> Result<(Token, usize), Problem> {
    let bytes = rest.as_bytes();
    let starts_number =
        bytes[0].is_ascii_digit() || (bytes[0] == b'.' && bytes.get(1).is_some_and(u8::is_ascii_digit));
    if starts_number {
        return number(rest, at);
    }
    let prefix = bytes.iter().take(2).take_while(|byte| b"rRbB".contains(byte)).count();
    if bytes.get(prefix).is_some_and(|byte| *byte == b'"' || *byte == b'\'') {
        return string(rest, prefix, at);
    }
    if bytes[0].is_ascii_alphabetic() || bytes[0] == b'_' {
        let length = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let token = match &rest[..length] {
            "true" => Token::Literal(Literal::Bool(true)),
            "false" => Token::Literal(Literal::Bool(false)),
            "null" => Token::Literal(Literal::Null),
            "in" => Token::Symbol("in"),
            name => Token::Identifier(name.to_owned()),
        };
        return Ok((token, length));
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((Token::Symbol(symbol), symbol.len()));
    }
    let character = rest.chars().next().unwrap_or_default();
    Err((at, format!("Syntax error: token recognition error at: '{character}'")))
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Problem> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count())
    };
    let hexadecimal =
        rest.strip_prefix("0x").map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_hexdigit).count());
    let (value, mut length) = if hexadecimal > 0 {
        (u64::from_str_radix(&rest[2..2 + hexadecimal], 16).ok(), 2 + hexadecimal)
    } else {
        let mut length = digits(0);
        let mut is_float = false;
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            is_float = true;
            length += 1 + digits(length + 1);
        }
        if bytes.get(length).is_some_and(|byte| b"eE".contains(byte)) {
            let sign = usize::from(bytes.get(length + 1).is_some_and(|byte| b"+-".contains(byte)));
            if digits(length + 1 + sign) > 0 {
                is_float = true;
                length += 1 + sign + digits(length + 1 + sign);
            }
        }
        if is_float {
            let value = rest[..length].parse().map_err(|_| (at, "invalid double literal".to_owned()))?;
            return Ok((Token::Literal(Literal::Double(value)), length));
        }
        (rest[..length].parse().ok(), length)
    };
    let is_unsigned = bytes.get(length).is_some_and(|byte| b"uU".contains(byte));
    length += usize::from(is_unsigned);
    match value {
        Some(value) if is_unsigned => Ok((Token::Literal(Literal::Uint(value)), length)),
        Some(value) => Ok((Token::Integer(value), length)),
        None if is_unsigned => Err((at, "invalid uint literal".to_owned())),
        None => Err((at, "invalid int literal".to_owned())),
    }
}

fn string(rest: &str, prefix: usize, at: usize) -> Result<(Token, usize), Problem> {
    let is_raw = rest[..prefix].contains(['r', 'R']);
    let is_bytes = rest[..prefix].contains(['b', 'B']);
    let body = &rest[prefix..];
    let quote =
        ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote)).unwrap_or("\"");
    let unclosed = || (at, format!("Syntax error: token recognition error at: '{}'", rest));
    let content = &body[quote.len()..];
    let mut value: Vec<u8> = Vec::new();
    let mut position = 0;
    loop {
        let left = content.get(position..).filter(|left| !left.is_empty()).ok_or_else(unclosed)?;
        if left.starts_with(quote) {
            break;
        }
        let first = left.chars().next().unwrap_or_default();
        if first == '\n' && quote.len() == 1 {
            return Err(unclosed());
        }
        if first == '\\' && !is_raw {
            let (character, length) =
                escape(left, is_bytes).ok_or_else(|| (at, "invalid escape sequence".to_owned()))?;
            value.extend(character);
            position += length;
        } else {
            let mut buffer = [0; 4];
            value.extend(first.encode_utf8(&mut buffer).as_bytes());
            position += first.len_utf8();
        }
    }
    let length = prefix + 2 * quote.len() + position;
    let literal = if is_bytes {
        Literal::Bytes(value)
    } else {
        Literal::String(String::from_utf8(value).map_err(|_| (at, "invalid escape sequence".to_owned()))?)
    };
    Ok((Token::Literal(literal), length))
}

/// The bytes that an escape stands for, and its length.
fn escape(text: &str, is_bytes: bool) -> Option<(Vec<u8>, usize)> {
    let code = text.as_bytes().get(1)?;
    let simple = match code {
        b'a' => Some(7),
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'v' => Some(11),
        b'\\' | b'\'' | b'"' | b'`' | b'?' => Some(*code),
        _ => None,
    };
    if let Some(byte) = simple {
        return Some((vec![byte], 2));
    }
    let (start, count, radix) = match code {
        b'x' | b'X' => (2, 2, 16),
        b'u' if !is_bytes => (2, 4, 16),
        b'U' if !is_bytes => (2, 8, 16),
        b'0'..=b'3' => (1, 3, 8),
        _ => return None,
    };
    let value = u32::from_str_radix(text.get(start..start + count)?, radix).ok()?;
    let bytes = if is_bytes {
        vec![u8::try_from(value).ok()?]
    } else {
        char::from_u32(value)?.to_string().into_bytes()
    };
    Some((bytes, start + count))
}
