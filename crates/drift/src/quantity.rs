//! Kubernetes quantities as exact numbers, so that two spellings of one amount are equal.
//!
//! Follows k8s.io/apimachinery v0.35.4 `api/resource`: suffixes of powers of two and of ten, or an exponent; finer than a
//! billionth is rounded up. What is no quantity, or too large to be one, has no number.

/// The amount in billionths.
pub(crate) fn nanos(text: &str) -> Option<i128> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) || number.len() > 40 {
        return None;
    }
    let digits: i128 = [whole, fraction].concat().parse().ok()?;
    let places = u32::try_from(fraction.len()).ok()?;
    let (factor, power) = scale(suffix)?;
    let amount = digits.checked_mul(factor)?;
    let shift = power.checked_add(9)?.checked_sub(i32::try_from(places).ok()?)?;
    let amount = shifted(amount, shift)?;
    Some(if is_negative { -amount } else { amount })
}

/// What a suffix multiplies with: a factor, and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    if let Some(index) = decimal.iter().position(|known| *known == suffix) {
        return Some((1, (i32::try_from(index).ok()? - 3) * 3));
    }
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(index) = binary.iter().position(|known| *known == suffix) {
        return Some((1 << (10 * (index + 1)), 0));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
    (exponent.abs() <= 60).then_some((1, exponent))
}

/// A number times a power of ten, rounded up.
fn shifted(amount: i128, power: i32) -> Option<i128> {
    let factor = |power: u32| 10_i128.checked_pow(power);
    if power >= 0 {
        return amount.checked_mul(factor(power.unsigned_abs())?);
    }
    let Some(divisor) = factor(power.unsigned_abs()) else {
        return Some(i128::from(amount > 0));
    };
    Some(amount / divisor + i128::from(amount % divisor > 0))
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn spellings_of_one_amount_are_equal() {
        for (one, other) in [
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("12E2", "1200"),
            ("+.5", "500m"),
            ("0.1m", "100u"),
            ("-1", "-1000m"),
            ("0", "0Gi"),
            ("0.0000000001", "1n"),
        ] {
            assert!(nanos(one).is_some(), "{one}");
            assert_eq!(nanos(one), nanos(other), "{one} and {other}");
        }
        assert_ne!(nanos("1Gi"), nanos("1G"));
    }

    #[test]
    fn what_is_no_quantity_has_no_number() {
        for text in ["", "x", "1x", "1.2.3", "--1", ".", "1e", "1e999", "Ki", "1 Gi", &"9".repeat(60)] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }
}
