//! Numbers out of plain scalars.
//!
//! Upstream: Go's `strconv.ParseInt(text, 0, 64)`, `ParseUint` and `ParseFloat`, in the order in which go-yaml tries them.

use crate::dialect::Dialect;

/// A number as Go would hold it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Fits `i64`.
    Int(i64),
    /// Fits only `u64`.
    Uint(u64),
    /// Anything else, infinities and NaN included.
    Float(f64),
}

impl Number {
    /// The nearest floating point number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Uint(value) => value as f64,
            Number::Float(value) => value,
        }
    }
}

/// The number that a plain scalar stands for, if it stands for one.
#[must_use]
pub(crate) fn parse(text: &str, dialect: Dialect) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    if let Some(special) = special_float(text) {
        return Some(Number::Float(special));
    }
    if dialect == Dialect::Yaml12 {
        return parse_yaml12(text);
    }
    if first == b'.' {
        // Here Go's own reader of floats decides, which takes underscores between digits.
        let digit_at = |place: usize| text.as_bytes().get(place).is_some_and(u8::is_ascii_digit);
        let well_placed =
            text.match_indices('_').all(|(place, _)| digit_at(place.wrapping_sub(1)) && digit_at(place + 1));
        return if well_placed { parse_float(&text.replace('_', "")).map(Number::Float) } else { None };
    }
    if !matches!(first, b'0'..=b'9' | b'+' | b'-') {
        return None;
    }
    let without_underscores;
    let plain = if text.contains('_') {
        without_underscores = text.replace('_', "");
        without_underscores.as_str()
    } else {
        text
    };
    if let Some(number) = parse_prefixed_integer(plain) {
        return Some(number);
    }
    if let Some(value) = parse_float(plain) {
        return Some(Number::Float(value));
    }
    // What is left are prefixes with a sign behind them, such as `0b-1`.
    let radixes: &[(&str, &str, u32)] = match dialect {
        Dialect::Helm => &[("0b", "-0b", 2)],
        _ => &[("0b", "-0b", 2), ("0o", "-0o", 8)],
    };
    radixes.iter().find_map(|&(prefix, negative, radix)| {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok().map(Number::Int);
        }
        let digits = plain.strip_prefix(negative)?;
        i64::from_str_radix(&format!("-{digits}"), radix).ok().map(Number::Int)
    })
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn parse_yaml12(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0o") {
        return parse_digits(digits, 8, false);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return parse_digits(digits, 16, false);
    }
    let (negative, digits) = split_sign(text);
    parse_digits(digits, 10, negative).or_else(|| parse_float(text).map(Number::Float))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// An integer whose prefix says its base; a leading zero says octal.
fn parse_prefixed_integer(text: &str) -> Option<Number> {
    let (negative, unsigned) = split_sign(text);
    let bytes = unsigned.as_bytes();
    let (radix, digits) = match (bytes.first(), bytes.get(1)) {
        (Some(b'0'), Some(b'x' | b'X')) => (16, unsigned.get(2..)?),
        (Some(b'0'), Some(b'b' | b'B')) => (2, unsigned.get(2..)?),
        (Some(b'0'), Some(b'o' | b'O')) => (8, unsigned.get(2..)?),
        (Some(b'0'), Some(_)) => (8, unsigned.get(1..)?),
        _ => (10, unsigned),
    };
    let number = parse_digits(digits, radix, negative)?;
    // An explicit plus is for signed numbers only.
    if matches!(number, Number::Uint(_)) && text.starts_with('+') { None } else { Some(number) }
}

fn parse_digits(digits: &str, radix: u32, negative: bool) -> Option<Number> {
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Number::Int);
    }
    Some(i64::try_from(magnitude).map_or(Number::Uint(magnitude), Number::Int))
}

/// A decimal number such as `1.`, `.5` or `-1e3`; `None` also for what is beyond the range.
fn parse_float(text: &str) -> Option<f64> {
    let (_, unsigned) = split_sign(text);
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let all_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_is_good = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_is_good = exponent.is_empty() || {
        let (_, digits) = split_sign(exponent.get(1..)?);
        !digits.is_empty() && all_digits(digits)
    };
    if !mantissa_is_good || !exponent_is_good {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}
