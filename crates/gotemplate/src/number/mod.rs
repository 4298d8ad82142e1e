//! Go's `strconv` for numbers: parsing with bases and underscores, and printing floats digit for digit.

mod float_text;
mod parse;

pub use float_text::{FloatFormat, format_float};
pub use parse::{NumberError, parse_float, parse_integer, parse_unsigned};
