//! The formats of strings that the API server checks.
//!
//! Follows k8s.io/kube-openapi `pkg/validation/strfmt` (2026-01) and the list of supported formats of
//! k8s.io/apiextensions-apiserver `pkg/apiserver/validation/formats.go` v0.35; a format that is not on it is as good as none.
//! Regular expressions are data: `data/string_formats.tsv`. E-mail addresses are checked by their usual shape, not by the whole
//! grammar of RFC 5322.

use std::net::{Ipv4Addr, Ipv6Addr};

use plimsoll_gotemplate::regex::Regex;

use super::uri::is_request_uri;
use plimsoll_gotemplate::date::parse_duration;

/// The name of a format without dashes, if the API server knows it.
pub(crate) fn supported(format: &str) -> Option<String> {
    let name = format.replace('-', "");
    let is_known = FORMATS.contains(&name.as_str()) || pattern(&name).is_some();
    is_known.then_some(name)
}

/// The formats that code checks; the others have patterns.
const FORMATS: [&str; 16] = [
    "uri",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "isbn",
    "isbn10",
    "isbn13",
    "creditcard",
    "password",
    "date",
    "duration",
    "datetime",
    "ssn",
];

const PATTERNS: &str = include_str!("../../data/string_formats.tsv");

fn pattern(name: &str) -> Option<&'static str> {
    PATTERNS.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        line.split_once('\t').filter(|(format, _)| *format == name).map(|(_, pattern)| pattern)
    })
}

/// Whether a text is of a format, whose name is one that [`supported`] gave.
pub(crate) fn is_of_format(name: &str, text: &str) -> bool {
    match name {
        "uri" => is_request_uri(text),
        "email" => is_email(text),
        "hostname" => is_hostname(text),
        "ipv4" => text.contains('.') && is_ip(text),
        "ipv6" => text.contains(':') && text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => is_mac(text),
        "isbn" => is_isbn10(text) || is_isbn13(text),
        "isbn10" => is_isbn10(text),
        "isbn13" => is_isbn13(text),
        "creditcard" => is_credit_card(text),
        "date" => is_date(text),
        "datetime" => is_date_time(text),
        "duration" => is_duration(text),
        "ssn" => text.len() == 11 && matches_pattern("ssnpattern", text),
        "k8sshortname" => text.len() <= 63 && matches_pattern(name, text),
        "k8slongname" => text.len() <= 253 && matches_pattern(name, text),
        _ => pattern(name).is_none() || matches_pattern(name, text),
    }
}

fn matches_pattern(name: &str, text: &str) -> bool {
    pattern(name)
        .and_then(|pattern| Regex::new(pattern.as_bytes()).ok())
        .is_some_and(|pattern| pattern.is_match(text.as_bytes()))
}

fn is_hostname(text: &str) -> bool {
    text.len() <= 255
        && text.split('.').all(|label| label.len() <= 63)
        && matches_pattern("hostnamepattern", text)
}

/// Go's parser as Kubernetes calls it, which lets numbers of IPv4 begin with zeros.
fn is_ip(text: &str) -> bool {
    is_ipv4(text) || (text.contains(':') && text.parse::<Ipv6Addr>().is_ok())
}

fn is_ipv4(text: &str) -> bool {
    let without_zeros: Vec<&str> = text
        .split('.')
        .map(|part| {
            let trimmed = part.trim_start_matches('0');
            if trimmed.is_empty() && !part.is_empty() { "0" } else { trimmed }
        })
        .collect();
    without_zeros.join(".").parse::<Ipv4Addr>().is_ok()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let most = match (is_ipv4(address), is_ip(address)) {
        (true, _) => 32,
        (false, true) => 128,
        (false, false) => return false,
    };
    !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && length.parse::<u32>().is_ok_and(|length| length <= most)
}

/// Six, eight or twenty bytes in hexadecimal with colons, dashes, or points after every second byte.
fn is_mac(text: &str) -> bool {
    let groups = |separator: char, digits: usize, counts: [usize; 3]| {
        let parts: Vec<&str> = text.split(separator).collect();
        counts.contains(&parts.len())
            && parts
                .iter()
                .all(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    groups(':', 2, [6, 8, 20]) || groups('-', 2, [6, 8, 20]) || groups('.', 4, [3, 4, 10])
}

fn without_spaces_and_dashes(text: &str) -> String {
    text.chars().filter(|character| !matches!(character, '-' | ' ' | '\t' | '\n' | '\r' | '\u{c}')).collect()
}

fn is_isbn10(text: &str) -> bool {
    let digits = without_spaces_and_dashes(text);
    let value = |(index, byte): (usize, u8)| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'X' if index == 9 => Some(10),
        _ => None,
    };
    let values: Option<Vec<u32>> = digits.bytes().enumerate().map(value).collect();
    values.is_some_and(|values| {
        values.len() == 10 && (1..).zip(&values).map(|(weight, value)| weight * value).sum::<u32>() % 11 == 0
    })
}

fn is_isbn13(text: &str) -> bool {
    let digits = without_spaces_and_dashes(text);
    if digits.len() != 13 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 =
        digits.bytes().zip([1, 3].iter().cycle()).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    sum.is_multiple_of(10)
}

fn is_credit_card(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([1, 2].iter().cycle())
        .map(|(byte, factor)| {
            let product = u32::from(byte - b'0') * factor;
            product / 10 + product % 10
        })
        .sum();
    matches_pattern("creditcardpattern", &digits) && sum.is_multiple_of(10)
}

/// `2006-01-02`, a day that exists.
pub(crate) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |digits: usize| -> Option<u32> {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else { return false };
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day) && text.len() == 10
}

/// A date, a `t` and a time with a zone. What is behind a second `t` is not looked at.
fn is_date_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut parts = lower.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else { return false };
    let in_range = time.get(0..2).is_some_and(|hour| hour <= "23")
        && time.get(3..5).is_some_and(|minute| minute <= "59")
        && time.get(6..8).is_some_and(|second| second <= "59");
    is_date(date) && in_range && matches_pattern("timepattern", time)
}

/// Go's durations, or any text that holds a number and a unit such as `2 days`.
fn is_duration(text: &str) -> bool {
    if parse_duration(text.as_bytes()).is_ok() {
        return true;
    }
    let Ok(pair) = Regex::new(r"((\d+)\s*([A-Za-zµ]+))".as_bytes()) else { return false };
    let mut found = false;
    for captures in pair.captures_all(text.as_bytes()) {
        let part = |index: usize| {
            captures
                .get(index)
                .copied()
                .flatten()
                .map_or_else(String::new, |bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        if part(2).parse::<i64>().is_err() {
            return false;
        }
        found |= is_unit(&part(3).to_lowercase());
    }
    found
}

fn is_unit(unit: &str) -> bool {
    const EXACT: [&str; 12] = ["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk", "micro"];
    const PREFIXES: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    EXACT.contains(&unit) || PREFIXES.iter().any(|prefix| unit.starts_with(prefix))
}

/// `local@domain`, or a name before it and angle brackets around it.
fn is_email(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t']);
    let address = match text.strip_suffix('>') {
        Some(inside) => match inside.rsplit_once('<') {
            Some((_, address)) => address,
            None => return false,
        },
        None => text,
    };
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let is_atom = |part: &str| {
        !part.is_empty()
            && part.chars().all(|character| {
                !character.is_ascii()
                    || character.is_ascii_alphanumeric()
                    || "!#$%&'*+-/=?^_`{|}~".contains(character)
            })
    };
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    (is_quoted || local.split('.').all(is_atom)) && domain.split('.').all(is_atom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for line in PATTERNS.lines().filter(|line| !line.starts_with('#')) {
            let (name, pattern) = line.split_once('\t').expect("a line has two columns");
            assert!(Regex::new(pattern.as_bytes()).is_ok(), "{name}");
        }
    }

    #[test]
    fn texts_of_formats() {
        let good = [
            ("date-time", "2024-02-29T23:59:59.5Z"),
            ("duration", "2 days"),
            ("ipv4", "010.1.1.1"),
            ("mac", "0000.5e00.5301"),
            ("isbn", "0321751043"),
            ("isbn13", "978-0321751041"),
            ("creditcard", "4111-1111-1111-1111"),
            ("byte", "YQ=="),
            ("k8s-short-name", "a-1"),
            ("email", "A <a@b.example>"),
            ("hostname", "a.example"),
            ("rgbcolor", "rgb(1,2,3)"),
        ];
        for (format, text) in good {
            let name = supported(format).expect("the format is known");
            assert!(is_of_format(&name, text), "{format} {text}");
        }
        let bad = [
            ("date", "2023-02-29"),
            ("datetime", "2024-01-01T24:00:00Z"),
            ("duration", "2 moons"),
            ("ipv4", "::1"),
            ("cidr", "10.0.0.0/+8"),
            ("mac", "00:00:5e"),
            ("isbn10", "0321751044"),
            ("ssn", "12345"),
            ("uuid", "x"),
            ("k8s-long-name", "A.b"),
            ("email", "a.example"),
            ("hostname", "-a"),
            ("hexcolor", "#ff"),
        ];
        for (format, text) in bad {
            let name = supported(format).expect("the format is known");
            assert!(!is_of_format(&name, text), "{format} {text}");
        }
        assert_eq!(supported("int64"), None);
    }
}
