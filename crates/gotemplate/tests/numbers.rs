//! Floats, parsed and printed: what Go's `strconv` gives for the texts that its own grammar finds hard.

use plimsoll_gotemplate::number::{FloatFormat, format_float, parse_float, parse_integer, parse_unsigned};

fn parsed(text: &str) -> String {
    match parse_float(text.as_bytes()) {
        Ok(number) => format_float(number, FloatFormat::General, None),
        Err(error) => error.to_string(),
    }
}

#[test]
fn floats_are_parsed() {
    let cases = [
        ("1_000.5", "1000.5"),
        ("1__0.5", "invalid syntax"),
        ("_1.5", "invalid syntax"),
        ("1_.5", "invalid syntax"),
        ("1._5", "invalid syntax"),
        ("0x_1p4", "16"),
        ("1_e5", "invalid syntax"),
        ("1e_5", "invalid syntax"),
        ("1e1_0", "1e+10"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+.5", "0.5"),
        ("1e", "invalid syntax"),
        ("e5", "invalid syntax"),
        (".", "invalid syntax"),
        ("inf", "+Inf"),
        ("+Inf", "+Inf"),
        ("-infinity", "-Inf"),
        ("nan", "NaN"),
        ("+nan", "invalid syntax"),
        ("-nan", "invalid syntax"),
        ("NaN", "NaN"),
        ("0x1.8p1", "3"),
        ("0x.8p1", "1"),
        ("0x1", "invalid syntax"),
        ("0x1p-1080", "0"),
        ("0x1p1024", "value out of range"),
        ("1e400", "value out of range"),
        ("1e-400", "0"),
        ("0x1.fffffffffffff8p0", "2"),
        ("0x1.fffffffffffff7p0", "1.9999999999999998"),
        ("0x0.00000000000000000000000000000000000001p200", "2.81474976710656e+14"),
        ("1E5", "100000"),
        ("0X1P3", "8"),
        ("0_1.5", "1.5"),
        ("00.5", "0.5"),
        ("0b1.5", "invalid syntax"),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn whole_numbers_are_parsed() {
    let signed = |text: &str, base| parse_integer(text.as_bytes(), base).map_err(|error| error.to_string());
    assert_eq!(signed("0x_1F", 0), Ok(31));
    assert_eq!(signed("-0b11", 0), Ok(-3));
    assert_eq!(signed("010", 0), Ok(8));
    assert_eq!(signed("010", 10), Ok(10));
    assert_eq!(signed("-9223372036854775808", 10), Ok(i64::MIN));
    assert_eq!(signed("9223372036854775808", 10), Err("value out of range".to_owned()));
    assert_eq!(signed("1_", 0), Err("invalid syntax".to_owned()));
    assert_eq!(signed("1_0", 10), Err("invalid syntax".to_owned()));
    assert_eq!(signed("", 0), Err("invalid syntax".to_owned()));
    assert_eq!(parse_unsigned(b"18446744073709551615", 0).ok(), Some(u64::MAX));
    assert_eq!(parse_unsigned(b"18446744073709551616", 0).ok(), None);
}
