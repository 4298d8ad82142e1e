//! `strconv.ParseInt`, `ParseUint` and `ParseFloat`.

/// Why a number does not parse.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NumberError {
    /// `invalid syntax`
    Syntax,
    /// `value out of range`
    Range,
}

impl std::fmt::Display for NumberError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Syntax => "invalid syntax",
            Self::Range => "value out of range",
        })
    }
}

/// Parses an unsigned number; base 0 reads the base off the prefix and allows underscores.
///
/// # Errors
/// As `strconv.ParseUint` with 64 bits.
pub fn parse_unsigned(text: &[u8], base: u32) -> Result<u64, NumberError> {
    let (digits, radix) = if base == 0 { split_prefix(text) } else { (text, base) };
    if digits.is_empty() || (base == 0 && !underscores_fit(text)) {
        return Err(NumberError::Syntax);
    }
    let (mut number, mut is_too_large) = (0u64, false);
    for byte in digits {
        if *byte == b'_' && base == 0 {
            continue;
        }
        let digit =
            char::from(*byte).to_digit(36).filter(|digit| *digit < radix).ok_or(NumberError::Syntax)?;
        match number.checked_mul(u64::from(radix)).and_then(|number| number.checked_add(u64::from(digit))) {
            Some(next) => number = next,
            None => is_too_large = true,
        }
    }
    if is_too_large { Err(NumberError::Range) } else { Ok(number) }
}

/// Parses a signed number; base 0 reads the base off the prefix and allows underscores.
///
/// # Errors
/// As `strconv.ParseInt` with 64 bits.
pub fn parse_integer(text: &[u8], base: u32) -> Result<i64, NumberError> {
    let (is_negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        Some(_) => (false, text),
        None => return Err(NumberError::Syntax),
    };
    let number = parse_unsigned(digits, base)?;
    if is_negative {
        0i64.checked_sub_unsigned(number).ok_or(NumberError::Range)
    } else {
        i64::try_from(number).map_err(|_| NumberError::Range)
    }
}

fn split_prefix(text: &[u8]) -> (&[u8], u32) {
    match text {
        [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
        [b'0', b'o' | b'O', rest @ ..] => (rest, 8),
        [b'0', b'b' | b'B', rest @ ..] => (rest, 2),
        [b'0', rest @ ..] if !rest.is_empty() => (rest, 8),
        _ => (text, 10),
    }
}

/// Reports whether every underscore stands between digits or between prefix and digit.
fn underscores_fit(text: &[u8]) -> bool {
    if !text.contains(&b'_') {
        return true;
    }
    let text = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let (mut before, digits, is_hexadecimal) = match text {
        [b'0', b'x' | b'X', rest @ ..] => ('0', rest, true),
        [b'0', b'o' | b'O' | b'b' | b'B', rest @ ..] => ('0', rest, false),
        _ => ('^', text, false),
    };
    for byte in digits {
        let is_digit = byte.is_ascii_digit() || (is_hexadecimal && byte.is_ascii_hexdigit());
        let class = match byte {
            _ if is_digit => '0',
            b'_' if before != '0' => return false,
            b'_' => '_',
            _ if before == '_' => return false,
            _ => '!',
        };
        before = class;
    }
    before != '_'
}

/// Parses a float: decimal or hexadecimal, with underscores between digits, `inf` and `nan` in any case.
///
/// # Errors
/// As `strconv.ParseFloat` with 64 bits; on [`NumberError::Range`] Go's value would be an infinity.
pub fn parse_float(text: &[u8]) -> Result<f64, NumberError> {
    let (is_negative, body) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let number = match body.to_ascii_lowercase().as_slice() {
        b"inf" | b"infinity" => f64::INFINITY,
        b"nan" if body.len() == text.len() => f64::NAN,
        [b'0', b'x', digits @ ..] if underscores_fit(body) => parse_hexadecimal(digits)?,
        lower => parse_decimal(lower)?,
    };
    Ok(if is_negative { -number } else { number })
}

fn parse_decimal(text: &[u8]) -> Result<f64, NumberError> {
    if !underscores_fit(text) {
        return Err(NumberError::Syntax);
    }
    let without_underscores: Vec<u8>;
    let text = if text.contains(&b'_') {
        without_underscores = text.iter().copied().filter(|byte| *byte != b'_').collect();
        &without_underscores
    } else {
        text
    };
    let is_plain = text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
    let starts_well = matches!(text.first(), Some(b'0'..=b'9' | b'.'));
    if !is_plain || !starts_well {
        return Err(NumberError::Syntax);
    }
    let text = std::str::from_utf8(text).map_err(|_| NumberError::Syntax)?;
    let number: f64 = text.parse().map_err(|_| NumberError::Syntax)?;
    if number.is_infinite() { Err(NumberError::Range) } else { Ok(number) }
}

fn parse_hexadecimal(text: &[u8]) -> Result<f64, NumberError> {
    let exponent_at = text.iter().position(|byte| *byte == b'p').ok_or(NumberError::Syntax)?;
    let (digits, exponent) = text.split_at(exponent_at);
    let exponent = exponent.get(1..).unwrap_or_default();
    let unsigned = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
    if unsigned.is_empty() || !unsigned.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_') {
        return Err(NumberError::Syntax);
    }
    let magnitude = unsigned
        .iter()
        .filter(|byte| **byte != b'_')
        .fold(0i64, |sum, byte| sum.saturating_mul(10).saturating_add(i64::from(byte - b'0')).min(1 << 32));
    let mut scale = if exponent.first() == Some(&b'-') { -magnitude } else { magnitude };
    let (mut mantissa, mut sticky, mut seen_point, mut seen_digit) = (0u128, false, false, false);
    for byte in digits {
        match byte {
            b'_' => {}
            b'.' if !seen_point => seen_point = true,
            _ => {
                let digit = char::from(*byte).to_digit(16).ok_or(NumberError::Syntax)?;
                seen_digit = true;
                if mantissa >> 120 == 0 {
                    mantissa = (mantissa << 4) | u128::from(digit);
                    scale -= if seen_point { 4 } else { 0 };
                } else {
                    sticky |= digit != 0;
                    scale += if seen_point { 0 } else { 4 };
                }
            }
        }
    }
    if !seen_digit {
        return Err(NumberError::Syntax);
    }
    let number = scaled(mantissa | u128::from(sticky), scale);
    if number.is_infinite() { Err(NumberError::Range) } else { Ok(number) }
}

/// Returns `mantissa * 2^scale`, rounded once, to even.
fn scaled(mantissa: u128, scale: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let length = i64::from(128 - mantissa.leading_zeros());
    // The exponent of the leading bit decides how many bits of a float are there to keep.
    let leading = length - 1 + scale;
    if leading > 1023 {
        return f64::INFINITY;
    }
    let kept = if leading >= -1022 { 53 } else { 53 - (-1022 - leading) };
    if kept < 0 {
        return 0.0;
    }
    let dropped = length - kept;
    let (mut bits, exponent) = if dropped <= 0 {
        (mantissa, scale)
    } else {
        let half = 1u128 << (dropped - 1);
        let (quotient, rest) = (
            mantissa.checked_shr(u32::try_from(dropped).unwrap_or(128)).unwrap_or(0),
            mantissa & (half | (half - 1)),
        );
        let rounds_up = rest > half || (rest == half && quotient & 1 == 1);
        (quotient + u128::from(rounds_up), scale + dropped)
    };
    let mut exponent = exponent;
    while bits != 0 && bits & 1 == 0 {
        bits >>= 1;
        exponent += 1;
    }
    // Two exact steps: a power of two below 2^-1022 is not a normal number.
    let exponent = i32::try_from(exponent).unwrap_or(i32::MAX);
    let half = exponent / 2;
    bits as f64 * 2f64.powi(half) * 2f64.powi(exponent - half)
}
