//! Decimal numbers of any size, for the arithmetic of `addf` and its kin.
//!
//! A `float64` becomes the shortest decimal that reads back as itself, so `addf 0.1 0.2` is `0.3`. Division keeps
//! 16 decimals, rounded half away from zero.

use num_bigint::{BigInt, Sign};

use crate::Error;

const DIVISION_PRECISION: i64 = 16;

/// `value * 10^exponent`.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    value: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal of a number; what is no number has none.
    pub(super) fn from_float(number: f64) -> Result<Self, Error> {
        if !number.is_finite() {
            let name = match (number.is_nan(), number.is_sign_negative()) {
                (true, _) => "NaN",
                (false, true) => "-Inf",
                (false, false) => "+Inf",
            };
            return Err(Error::message(format!("Cannot create a Decimal from {name}")));
        }
        let shortest = format!("{number:e}");
        let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let value = format!("{whole}{fraction}").parse().unwrap_or_default();
        let exponent: i64 = exponent.parse().unwrap_or_default();
        Ok(Self { value, exponent: exponent - fraction.len() as i64 })
    }

    /// The nearest `float64`.
    pub(super) fn to_float(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or_default()
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Self { value: self.scaled_to(exponent) + other.scaled_to(exponent), exponent }
    }

    pub(super) fn subtract(&self, other: &Self) -> Self {
        self.add(&Self { value: -&other.value, exponent: other.exponent })
    }

    pub(super) fn multiply(&self, other: &Self) -> Self {
        Self { value: &self.value * &other.value, exponent: self.exponent + other.exponent }
    }

    pub(super) fn divide(&self, other: &Self) -> Result<Self, Error> {
        if other.value.sign() == Sign::NoSign {
            return Err(Error::message("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + DIVISION_PRECISION;
        let (numerator, denominator) = if shift < 0 {
            (self.value.clone(), &other.value * power_of_ten(-shift))
        } else {
            (&self.value * power_of_ten(shift), other.value.clone())
        };
        let quotient = &numerator / &denominator;
        let remainder = &numerator - &quotient * &denominator;
        let twice: num_bigint::BigUint = remainder.magnitude() * 2_u32;
        let rounded = if twice < *denominator.magnitude() {
            quotient
        } else if self.value.sign() == other.value.sign() || self.value.sign() == Sign::NoSign {
            quotient + 1
        } else {
            quotient - 1
        };
        Ok(Self { value: rounded, exponent: -DIVISION_PRECISION })
    }

    fn scaled_to(&self, exponent: i64) -> BigInt {
        &self.value * power_of_ten(self.exponent - exponent)
    }
}

/// Exponents stem from `float64` numbers and the number of arguments, so they stay small.
fn power_of_ten(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or_default())
}
