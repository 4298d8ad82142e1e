//! Durations: `1h30m0s` and back.

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("time: {problem} {}", super::parse::quote(.text))]
pub struct DurationError {
    /// What is wrong.
    pub problem: String,
    /// The whole text.
    pub text: Vec<u8>,
}

/// Prints nanoseconds as Go prints a `time.Duration`.
pub fn format_duration(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let with_fraction = |whole: u64, fraction: u64, digits: usize| {
        let fraction = format!("{fraction:0digits$}");
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() || digits == 0 { whole.to_string() } else { format!("{whole}.{fraction}") }
    };
    let text = match magnitude {
        0 => "0s".to_owned(),
        1..1_000 => format!("{magnitude}ns"),
        1_000..1_000_000 => format!("{}µs", with_fraction(magnitude / 1_000, magnitude % 1_000, 3)),
        1_000_000..1_000_000_000 => {
            format!("{}ms", with_fraction(magnitude / 1_000_000, magnitude % 1_000_000, 6))
        }
        _ => {
            let seconds = magnitude / 1_000_000_000;
            let rest = with_fraction(seconds % 60, magnitude % 1_000_000_000, 9);
            let minutes = seconds / 60;
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{rest}s"),
                (0, minutes) => format!("{minutes}m{rest}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
            }
        }
    };
    format!("{sign}{text}")
}

/// Reads a duration such as `-1.5h` or `300ms`, as nanoseconds.
pub fn parse_duration(text: &[u8]) -> Result<i64, DurationError> {
    const LIMIT: u64 = 1 << 63;
    let error = |problem: &str| DurationError { problem: problem.to_owned(), text: text.to_vec() };
    let invalid = || error("invalid duration");
    let (negative, mut rest) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let whole = rest[..digits].iter().try_fold(0_u64, |whole, byte| {
            whole.checked_mul(10)?.checked_add(u64::from(byte - b'0')).filter(|&whole| whole <= LIMIT)
        });
        let whole = whole.ok_or_else(invalid)?;
        rest = &rest[digits..];
        let (mut fraction, mut scale, mut fraction_digits) = (0_u64, 1_f64, 0);
        if rest.first() == Some(&b'.') {
            rest = &rest[1..];
            fraction_digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            for byte in &rest[..fraction_digits] {
                let Some(next) =
                    fraction.checked_mul(10).and_then(|next| next.checked_add(u64::from(byte - b'0')))
                else {
                    break;
                };
                if next > LIMIT {
                    break;
                }
                fraction = next;
                scale *= 10.0;
            }
            rest = &rest[fraction_digits..];
        }
        if digits == 0 && fraction_digits == 0 {
            return Err(invalid());
        }
        let length = rest.iter().take_while(|&&byte| byte != b'.' && !byte.is_ascii_digit()).count();
        if length == 0 {
            return Err(error("missing unit in duration"));
        }
        let unit: u64 = match &rest[..length] {
            b"ns" => 1,
            b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
            b"ms" => 1_000_000,
            b"s" => 1_000_000_000,
            b"m" => 60_000_000_000,
            b"h" => 3_600_000_000_000,
            unknown => {
                return Err(error(&format!("unknown unit {} in duration", super::parse::quote(unknown))));
            }
        };
        rest = &rest[length..];
        let mut part = whole.checked_mul(unit).filter(|&part| part <= LIMIT).ok_or_else(invalid)?;
        if fraction > 0 {
            part = part.checked_add((fraction as f64 * (unit as f64 / scale)) as u64).ok_or_else(invalid)?;
        }
        total = total.checked_add(part).filter(|&total| total <= LIMIT).ok_or_else(invalid)?;
    }
    if negative {
        return 0_i64.checked_sub_unsigned(total).ok_or_else(invalid);
    }
    i64::try_from(total).map_err(|_| invalid())
}
