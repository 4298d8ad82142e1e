//! Floating point numbers as Go writes them: the fewest digits that read back as the same number.

/// The digits of a positive finite number and its decimal exponent: `d.ddd` times ten to the exponent.
fn shortest(digits_and_exponent: &str) -> (String, i32) {
    let (mantissa, exponent) = digits_and_exponent.split_once('e').unwrap_or((digits_and_exponent, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (digits, exponent.parse().unwrap_or(0))
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`, with YAML's words for infinities and NaN: `1e+06`, `0.5`, `.inf`.
#[must_use]
pub fn format_yaml(value: f64) -> String {
    format_general(value, &format!("{:e}", value.abs()))
}

/// The same with the precision of 32 bits, as sigs.k8s.io/yaml writes keys.
pub(crate) fn format_single(value: f64) -> String {
    format_general(value, &format!("{:e}", (value as f32).abs()))
}

fn format_general(value: f64, scientific: &str) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() || scientific == "inf" {
        return format!("{sign}.inf");
    }
    let (digits, exponent) = shortest(scientific);
    // With the shortest digits Go switches to an exponent from 6 on, and below -4.
    if !(-4..6).contains(&exponent) {
        return format!("{sign}{}", with_exponent(&digits, exponent, 2));
    }
    format!("{sign}{}", without_exponent(&digits, exponent))
}

/// A number as Go's encoding/json writes it: an exponent only below 1e-6 and from 1e21 on. `None` for infinities and NaN.
#[must_use]
pub fn format_json(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (digits, exponent) = shortest(&format!("{:e}", value.abs()));
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let least_digits = if exponent < 0 { 1 } else { 2 };
        return Some(format!("{sign}{}", with_exponent(&digits, exponent, least_digits)));
    }
    Some(format!("{sign}{}", without_exponent(&digits, exponent)))
}

fn with_exponent(digits: &str, exponent: i32, least_digits: usize) -> String {
    let (first, rest) = digits.split_at(1.min(digits.len()));
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:0least_digits$}", exponent.unsigned_abs())
}

fn without_exponent(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("0.{zeros}{digits}");
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (before, after) = digits.split_at(whole);
    format!("{before}.{after}")
}
