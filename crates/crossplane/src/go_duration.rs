//! Durations as Go's `time.ParseDuration` reads them.

use plimsoll_gotemplate::quote::quote;

/// Reads a duration such as `1h15m` as nanoseconds; the error is in Go's words.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text.as_bytes()));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let letters = after.bytes().take_while(|byte| *byte != b'.' && !byte.is_ascii_digit()).count();
        let (unit, after) = after.split_at(letters);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text.as_bytes())));
        }
        let factor = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            unknown => {
                let (unknown, text) = (quote(unknown.as_bytes()), quote(text.as_bytes()));
                return Err(format!("time: unknown unit {unknown} in duration {text}"));
            }
        };
        nanoseconds += number * factor;
        rest = after;
    }
    #[expect(clippy::cast_precision_loss, reason = "only the order of magnitude is compared")]
    if nanoseconds >= i64::MAX as f64 {
        return Err(invalid());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Ok((sign * nanoseconds) as i64)
}
