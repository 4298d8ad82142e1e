//! `strconv.FormatFloat` for 64 bits.

/// The formats of `strconv.FormatFloat`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FloatFormat {
    /// `-d.dddde±dd`
    Exponent,
    /// `-ddd.dddd`
    Plain,
    /// One or the other, whichever suits the exponent.
    General,
    /// `-ddddp±ddd`: binary exponent, decimal mantissa.
    Binary,
    /// `-0x1.yyyyp±ddd`
    Hexadecimal,
}

/// Returns the text of a float; without a precision as many digits as tell it from every other.
#[must_use]
pub fn format_float(number: f64, format: FloatFormat, precision: Option<usize>) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let number = number.abs();
    let text = match (format, precision) {
        (FloatFormat::Binary, _) => binary(number),
        (FloatFormat::Hexadecimal, _) => hexadecimal(number, precision),
        (FloatFormat::Exponent, None) => two_digit_exponent(&format!("{number:e}")),
        (FloatFormat::Exponent, Some(precision)) => {
            let (shown, zeros) = split_precision(precision);
            let text = two_digit_exponent(&format!("{number:.shown$e}"));
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, ""));
            format!("{mantissa}{zeros}e{exponent}")
        }
        (FloatFormat::Plain, None) => format!("{number}"),
        (FloatFormat::Plain, Some(precision)) => {
            let (shown, zeros) = split_precision(precision);
            format!("{number:.shown$}{zeros}")
        }
        (FloatFormat::General, _) => general(number, precision),
    };
    format!("{sign}{text}")
}

/// No float has more decimals than this; what lies beyond are zeros.
const MOST_DECIMALS: usize = 1100;

/// Returns the decimals which can differ from zero, and the zeros after them.
fn split_precision(precision: usize) -> (usize, String) {
    let shown = precision.min(MOST_DECIMALS);
    (shown, "0".repeat(precision - shown))
}

/// Gives an exponent a sign and at least two digits.
fn two_digit_exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn general(number: f64, precision: Option<usize>) -> String {
    let scientific = match precision {
        None => format!("{number:e}"),
        Some(precision) => format!("{number:.*e}", precision.clamp(1, MOST_DECIMALS) - 1),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa =
        if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let digits = i32::try_from(mantissa.len() - usize::from(mantissa.contains('.'))).unwrap_or(i32::MAX);
    let threshold = match precision {
        None => 6,
        Some(precision) => {
            let precision = i32::try_from(precision.max(1)).unwrap_or(i32::MAX);
            // Digits which are not there need no exponent, as long as the number is not longer than its digits.
            if precision > digits && digits > exponent { digits } else { precision }
        }
    };
    if exponent < -4 || exponent >= threshold {
        return two_digit_exponent(&format!("{mantissa}e{exponent}"));
    }
    let fraction = usize::try_from((digits - 1 - exponent).max(0)).unwrap_or(0);
    match precision {
        None => format!("{number}"),
        Some(_) => format!("{number:.fraction$}"),
    }
}

fn split(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0));
    if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) }
}

fn binary(number: f64) -> String {
    let (mantissa, exponent) = split(number);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(number: f64, precision: Option<usize>) -> String {
    let (mantissa, exponent) = split(number);
    let mut exponent = if mantissa == 0 { 0 } else { exponent + 52 };
    // The leading one at bit 60, so that 15 hexadecimal digits follow it.
    let mut mantissa = mantissa << 8;
    while mantissa != 0 && mantissa & (1 << 60) == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = u32::try_from(precision * 4).unwrap_or(0);
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let leading = (mantissa >> 60) & 1;
    let fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) if precision <= fraction.len() => fraction.chars().take(precision).collect(),
        Some(precision) => format!("{fraction}{}", "0".repeat(precision - fraction.len())),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{leading}{point}{fraction}p{sign}{:02}", exponent.unsigned_abs())
}
