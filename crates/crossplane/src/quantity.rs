//! Kubernetes quantities such as `100m` or `2Gi`.
//!
//! Follows k8s.io/apimachinery `pkg/api/resource` v0.35: what it takes, its two error texts, and the float it approximates a
//! quantity by.

/// A parsed quantity: digits, and the factor that its suffix stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
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
        if points > 1 || !number.bytes().any(|byte| byte.is_ascii_digit()) {
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
        let number = number.parse().map_err(|_| WRONG_FORMAT.to_owned())?;
        Ok(Quantity { number, scale })
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
    if let Some(power) = suffix.strip_prefix(['e', 'E']).and_then(|power| power.parse().ok()) {
        return Ok(power);
    }
    let letters = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let signed = letters.strip_prefix(['+', '-']).unwrap_or(letters);
    let is_suffix = signed.bytes().all(|byte| byte.is_ascii_digit());
    Err(if is_suffix { WRONG_SUFFIX } else { WRONG_FORMAT }.to_owned())
}
