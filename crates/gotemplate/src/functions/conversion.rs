//! Any value as a number, by the rules of `cast`: what is no number is zero.

use crate::{Data, Value};

/// As `int64`, which is also how `int` is made.
pub(super) fn to_integer(value: &Value) -> i64 {
    match value.data() {
        Data::Int(number) | Data::Int64(number) => *number,
        Data::Int32(number) => i64::from(*number),
        Data::Uint8(number) => i64::from(*number),
        Data::Uint64(number) => *number as i64,
        Data::Float64(number) => truncate(*number),
        Data::Bool(value) => i64::from(*value),
        Data::String(text) => text.as_str().and_then(parse_integer).unwrap_or_default(),
        Data::Object(object) if matches!(object.go_type().name, "time.Month" | "time.Weekday") => {
            object.integer().unwrap_or_default()
        }
        _ => 0,
    }
}

/// As `float64`.
pub(super) fn to_float(value: &Value) -> f64 {
    match value.data() {
        Data::Float64(number) => *number,
        Data::String(text) => text.as_str().and_then(parse_float).unwrap_or_default(),
        Data::Uint64(number) => *number as f64,
        _ => to_integer(value) as f64,
    }
}

/// What the processor makes of a number that does not fit: the smallest integer.
pub(super) fn truncate(number: f64) -> i64 {
    if number >= i64::MIN as f64 && number < -(i64::MIN as f64) { number as i64 } else { i64::MIN }
}

/// Go's integer literals: `0x`, `0b`, `0o` and leading zeros for the base, underscores between digits.
fn parse_integer(text: &str) -> Option<i64> {
    let text = without_zero_decimals(text);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = digits.get(..2).map(str::to_ascii_lowercase);
    let (radix, number) = match prefix.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.contains('_') && !underscores_are_between_digits(digits) {
        return None;
    }
    let number = number.replace('_', "");
    if number.is_empty() || !number.chars().all(|character| character.is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(&number, radix).ok()?;
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Underscores stand between digits; the prefix of a base counts as one.
fn underscores_are_between_digits(digits: &str) -> bool {
    let mut previous = b'^';
    let mut rest = digits.as_bytes();
    let mut hexadecimal = false;
    if rest.len() >= 2 && rest[0] == b'0' && matches!(rest[1] | 0x20, b'b' | b'o' | b'x') {
        hexadecimal = rest[1] | 0x20 == b'x';
        previous = b'0';
        rest = &rest[2..];
    }
    for &byte in rest {
        if byte.is_ascii_digit() || (hexadecimal && byte.is_ascii_hexdigit()) {
            previous = b'0';
        } else if byte == b'_' {
            if previous != b'0' {
                return false;
            }
            previous = b'_';
        } else {
            if previous == b'_' {
                return false;
            }
            previous = b'!';
        }
    }
    previous != b'_'
}

/// `12.00` without its end.
fn without_zero_decimals(text: &str) -> &str {
    let trimmed = text.trim_end_matches('0');
    match trimmed.strip_suffix('.') {
        Some(whole) if trimmed.len() < text.len() => whole,
        _ => text,
    }
}

/// Go's floating-point literals, also hexadecimal, and `inf`, `infinity` and `nan`.
fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_hexadecimal = unsigned.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    if is_hexadecimal && unsigned.len() > 2 {
        let magnitude = parse_hexadecimal_float(unsigned)?;
        return Some(if text.starts_with('-') { -magnitude } else { magnitude });
    }
    let plain;
    let text = if text.contains('_') {
        if !underscores_are_between_digits(unsigned) {
            return None;
        }
        plain = text.replace('_', "");
        plain.as_str()
    } else {
        text
    };
    let number: f64 = text.parse().ok()?;
    let is_named = unsigned.starts_with(|character: char| character.is_ascii_alphabetic());
    (number.is_finite() || is_named).then_some(number)
}

/// `0x1.8p3`; the exponent is required.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    if text.contains('_') && !underscores_are_between_digits(text) {
        return None;
    }
    let digits = text[2..].replace('_', "");
    let (mantissa, exponent) = digits.split_once(['p', 'P'])?;
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent: i64 =
        exponent.parse().unwrap_or(if exponent.starts_with('-') { -100_000 } else { 100_000 });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = num_bigint::BigUint::ZERO;
    for character in whole.chars().chain(fraction.chars()) {
        value = value * 16_u32 + character.to_digit(16)?;
    }
    let fraction_bits = i64::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let scaled = scale(&value, exponent.checked_sub(fraction_bits)?)?;
    scaled.is_finite().then_some(scaled)
}

/// `value * 2^exponent`, rounded to the nearest, ties to even.
fn scale(value: &num_bigint::BigUint, exponent: i64) -> Option<f64> {
    let bits = i64::try_from(value.bits()).ok()?;
    if bits == 0 {
        return Some(0.0);
    }
    let top = bits.checked_add(exponent)?;
    if top > 1024 {
        return Some(f64::INFINITY);
    }
    // The lowest bit that the result can hold, in units of the value.
    let lowest = (top - 53).max(-1074) - exponent;
    if lowest <= 0 {
        let mantissa: u64 = value.try_into().ok()?;
        return Some(shift(mantissa as f64, exponent));
    }
    if lowest > bits {
        return Some(0.0);
    }
    let kept = value >> lowest;
    let rest = value - (&kept << lowest);
    let half = num_bigint::BigUint::from(1_u32) << (lowest - 1);
    let mut mantissa: u64 = (&kept).try_into().ok()?;
    if rest > half || (rest == half && mantissa % 2 == 1) {
        mantissa += 1;
    }
    Some(shift(mantissa as f64, exponent + lowest))
}

/// Exact where the result fits, as the mantissa has at most 53 bits.
fn shift(mut number: f64, mut exponent: i64) -> f64 {
    while exponent > 0 && number.is_finite() {
        let step = exponent.min(1000);
        number *= 2_f64.powi(step as i32);
        exponent -= step;
    }
    while exponent < 0 && number != 0.0 {
        let step = (-exponent).min(1000);
        number *= 2_f64.powi(-(step as i32));
        exponent += step;
    }
    number
}
