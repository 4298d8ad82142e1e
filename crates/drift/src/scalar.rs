//! Whether two scalars are one value to the API server.
//!
//! Forms are those that the server itself rewrites (quantities, durations, times, bytes). A text of a custom resource keeps its
//! spelling, so it is compared as it is. What does not parse is compared as it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::quantity::nanos;
use crate::schema::Form;

/// Whether the values are one, in the given form.
pub(crate) fn is_same(form: Form, one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    if let (Value::Number(one), Value::Number(other)) = (one, other) {
        return one.as_f64().is_some() && one.as_f64() == other.as_f64();
    }
    let same = match form {
        Form::Plain => None,
        Form::Quantity => both(one, other, quantity).map(|(one, other)| {
            let milli =
                |amount: i128| amount.div_euclid(1_000_000) + i128::from(amount.rem_euclid(1_000_000) > 0);
            one == other || milli(one) == milli(other)
        }),
        Form::Duration => {
            both(one, other, |value| duration(value.as_str()?)).map(|(one, other)| one == other)
        }
        Form::Time => both(one, other, |value| moment(value.as_str()?)).map(|(one, other)| one == other),
        Form::Base64 => both(one, other, |value| bytes(value.as_str()?)).map(|(one, other)| one == other),
    };
    same.unwrap_or(false)
}

fn both<T>(one: &Value, other: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<(T, T)> {
    Some((read(one)?, read(other)?))
}

fn quantity(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => nanos(text),
        Value::Number(number) => nanos(&number.to_string()),
        _ => None,
    }
}

/// Nanoseconds of a Go duration, `1h2m3.5s`.
fn duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|character: char| character.is_ascii_digit() || character == '.');
        let (unit, left) = after.split_at(unit_end.unwrap_or(after.len()));
        let factor: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        total = total.checked_add(nanos(number)?.checked_mul(factor)? / 1_000_000_000)?;
        rest = left;
    }
    (!text.is_empty()).then_some(sign * total)
}

/// Microseconds since the year 0 of an RFC 3339 time.
fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let offset_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, offset) = time.split_at(offset_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let micros: i64 = format!("{:0<6.6}", fraction).parse().ok()?;
    let offset_minutes = match offset.split_at_checked(1)? {
        ("Z" | "z", _) => 0,
        (sign, rest) => {
            let (hours, minutes) = rest.split_once(':')?;
            let total = hours.parse::<i64>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
            if sign == "-" { -total } else { total }
        }
    };
    if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || !(0..=31).contains(&day) {
        return None;
    }
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * shifted_year + shifted_year.div_euclid(4) - shifted_year.div_euclid(100)
        + shifted_year.div_euclid(400)
        + (153 * shifted_month + 2) / 5
        + day;
    let minutes = days.checked_mul(1440)?.checked_add(hour.checked_mul(60)?)?.checked_add(minute)?;
    let seconds = minutes.checked_sub(offset_minutes)?.checked_mul(60)?.checked_add(second)?;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

/// The bytes of a base64 text, which may be broken into lines.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.chars().filter(|character| !matches!(character, '\n' | '\r')).collect();
    STANDARD.decode(joined).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_same;
    use crate::schema::Form;

    #[test]
    fn the_server_rewrites_these() {
        for (form, one, other) in [
            (Form::Quantity, json!("1000m"), json!(1)),
            (Form::Quantity, json!(0.25), json!("250m")),
            (Form::Duration, json!("60s"), json!("1m0s")),
            (Form::Duration, json!("1.5h"), json!("1h30m")),
            (Form::Time, json!("2026-01-01T02:00:00+02:00"), json!("2026-01-01T00:00:00Z")),
            (Form::Time, json!("2026-01-01T00:00:00.000000Z"), json!("2026-01-01T00:00:00Z")),
            (Form::Base64, json!("YWI="), json!("YWI=\n")),
            (Form::Plain, json!(1), json!(1.0)),
        ] {
            assert!(is_same(form, &one, &other), "{one} and {other}");
        }
    }

    #[test]
    fn these_are_two_values() {
        for (form, one, other) in [
            (Form::Plain, json!("1000m"), json!("1")),
            (Form::Plain, json!(80), json!("80")),
            (Form::Quantity, json!("1Gi"), json!("1G")),
            (Form::Duration, json!("1m"), json!("1h")),
            (Form::Duration, json!("x"), json!("y")),
            (Form::Time, json!("2026-01-01T00:00:00Z"), json!("2026-01-02T00:00:00Z")),
            (Form::Base64, json!("YWI="), json!("YWM=")),
        ] {
            assert!(!is_same(form, &one, &other), "{one} and {other}");
        }
    }
}
