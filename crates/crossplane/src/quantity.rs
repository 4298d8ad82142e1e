//! Kubernetes quantities such as `100m` or `2Gi`.
//!
//! Follows k8s.io/apimachinery `pkg/api/resource` v0.35: what it takes, its two error texts, and the float it approximates a
//! quantity by.

/// A parsed quantity: digits, and the factor that its suffix stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    text: String,
    number: f64,
    scale: Scale,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Binary(i32),
    Decimal(i32),
}

const WRONG_FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX: &str = "unable to parse quantity's suffix";

impl Quantity {
    /// Reads a quantity; the error is in Kubernetes' words.
    pub fn parse(text: &str) -> Result<Quantity, String> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let digits = unsigned.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, suffix) = text.split_at(text.len() - unsigned.len() + digits);
        let points = number.bytes().filter(|byte| *byte == b'.').count();
        if text.is_empty() || points > 1 {
            return Err(WRONG_FORMAT.to_owned());
        }
        let scale = match suffix {
            "" => Scale::Decimal(0),
            "n" => Scale::Decimal(-9),
            "u" => Scale::Decimal(-6),
            "m" => Scale::Decimal(-3),
            "k" => Scale::Decimal(3),
            "M" => Scale::Decimal(6),
            "G" => Scale::Decimal(9),
            "T" => Scale::Decimal(12),
            "P" => Scale::Decimal(15),
            "E" => Scale::Decimal(18),
            "Ki" => Scale::Binary(10),
            "Mi" => Scale::Binary(20),
            "Gi" => Scale::Binary(30),
            "Ti" => Scale::Binary(40),
            "Pi" => Scale::Binary(50),
            "Ei" => Scale::Binary(60),
            exponent => Scale::Decimal(parse_exponent(exponent)?),
        };
        // A sign, a point or a suffix alone is nought.
        let has_digits = number.bytes().any(|byte| byte.is_ascii_digit());
        let number = if has_digits { number } else { "0" };
        let text = number.to_owned();
        let number = number.parse().map_err(|_| WRONG_FORMAT.to_owned())?;
        Ok(Quantity { text, number, scale })
    }

    /// The quantity in billionths, rounded up; the largest that there is where it is larger.
    #[must_use]
    pub fn to_billionths(&self) -> i128 {
        let (unsigned, is_negative) = match self.text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (self.text.strip_prefix('+').unwrap_or(&self.text), false),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits: String = whole.chars().chain(fraction.chars()).collect();
        let digits = digits.trim_start_matches('0');
        let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
        let exponent = match self.scale {
            Scale::Decimal(power) => power.saturating_sub(places),
            Scale::Binary(_) => places.saturating_neg(),
        }
        .saturating_add(9);
        let factor = match self.scale {
            Scale::Binary(power) => 1_i128 << power.clamp(0, 60),
            Scale::Decimal(_) => 1,
        };
        let magnitude = match digits {
            "" => Some(0),
            digits => digits.parse::<i128>().ok().and_then(|digits| digits.checked_mul(factor)),
        };
        let power = 10_i128.checked_pow(exponent.unsigned_abs());
        let magnitude = match (magnitude, power) {
            (Some(0), _) => 0,
            (Some(magnitude), Some(power)) if exponent >= 0 => {
                magnitude.checked_mul(power).unwrap_or(i128::MAX)
            }
            (Some(magnitude), Some(power)) => magnitude / power + i128::from(magnitude % power != 0),
            (_, None) if exponent < 0 => 1,
            _ => i128::MAX,
        };
        if is_negative { -magnitude } else { magnitude }
    }

    /// The nearest float.
    #[must_use]
    pub fn to_float(&self) -> f64 {
        match self.scale {
            Scale::Binary(power) => self.number * 2f64.powi(power),
            Scale::Decimal(power) => format!("{}e{power}", self.number).parse().unwrap_or(self.number),
        }
    }
}

/// `e3`, `E-2`: what follows must be a whole number. Letters that no suffix has are a wrong format, others a wrong suffix.
fn parse_exponent(suffix: &str) -> Result<i32, String> {
    if let Some(power) = suffix.strip_prefix(['e', 'E']).and_then(|power| power.parse::<i64>().ok()) {
        // Kubernetes keeps the lower half of the exponent.
        return Ok(power as i32);
    }
    let letters = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let signed = letters.strip_prefix(['+', '-']).unwrap_or(letters);
    let is_suffix = signed.bytes().all(|byte| byte.is_ascii_digit());
    Err(if is_suffix { WRONG_SUFFIX } else { WRONG_FORMAT }.to_owned())
}
