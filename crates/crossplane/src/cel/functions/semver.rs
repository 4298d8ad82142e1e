//! Semantic versions: Kubernetes' semver library. Versions are ordered by their numbers, then by their pre-release parts.

use std::cmp::Ordering;

use plimsoll_gotemplate::quote::quote;

use super::super::error::Failure;
use super::super::value::Value;
use super::Outcome;

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("semver", [Value::String(text)]) => parse(text),
        ("semver", [Value::String(text), Value::Bool(normalizes)]) => {
            parse(&if *normalizes { normalized(text) } else { text.to_string() })
        }
        ("isSemver", [Value::String(text)]) => Ok(Value::Bool(parse(text).is_ok())),
        ("isSemver", [Value::String(text), Value::Bool(normalizes)]) => {
            Ok(Value::Bool(parse(&if *normalizes { normalized(text) } else { text.to_string() }).is_ok()))
        }
        ("major" | "minor" | "patch", [Value::Semver(numbers, _)]) => {
            let number = match name {
                "major" => numbers[0],
                "minor" => numbers[1],
                _ => numbers[2],
            };
            Ok(Value::Int(i64::try_from(number).unwrap_or(i64::MAX)))
        }
        ("isGreaterThan", [one @ Value::Semver(..), other @ Value::Semver(..)]) => {
            Ok(Value::Bool(compare(one, other) == Ordering::Greater))
        }
        ("isLessThan", [one @ Value::Semver(..), other @ Value::Semver(..)]) => {
            Ok(Value::Bool(compare(one, other) == Ordering::Less))
        }
        ("compareTo", [one @ Value::Semver(..), other @ Value::Semver(..)]) => {
            Ok(Value::Int(compare(one, other) as i64))
        }
        _ => return None,
    })
}

/// A version may lack its minor and patch number, begin with `v`, and have leading zeros.
fn normalized(text: &str) -> String {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut parts: Vec<String> = numbers
        .split('.')
        .map(|part| {
            let trimmed = part.trim_start_matches('0');
            if trimmed.is_empty() && !part.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
        })
        .collect();
    if parts.len() < 3 && !rest.is_empty() {
        return text.to_owned();
    }
    while parts.len() < 3 {
        parts.push("0".to_owned());
    }
    format!("{}{rest}", parts.join("."))
}

/// Go's `blang/semver`, whose errors these are.
fn parse<'d>(text: &str) -> Outcome<'d> {
    let failed = |problem: String| Err(Failure::new(problem));
    if text.is_empty() {
        return failed("Version string empty".to_owned());
    }
    let mut parts = text.splitn(3, '.');
    let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return failed("No Major.Minor.Patch elements found".to_owned());
    };
    let (rest, build) = rest.split_once('+').map_or((rest, None), |(rest, build)| (rest, Some(build)));
    let (patch, release) =
        rest.split_once('-').map_or((rest, None), |(patch, release)| (patch, Some(release)));
    let mut numbers = [0; 3];
    for ((name, part), number) in
        [("major", major), ("minor", minor), ("patch", patch)].into_iter().zip(&mut numbers)
    {
        let quoted = quote(part.as_bytes());
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return failed(format!("Invalid character(s) found in {name} number {quoted}"));
        }
        if has_zero(part) {
            let name = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
            return failed(format!("{name} number must not contain leading zeroes {quoted}"));
        }
        let parsed = part.parse();
        match parsed {
            Ok(parsed) => *number = parsed,
            Err(_) => {
                let why = if part.is_empty() { "invalid syntax" } else { "value out of range" };
                return failed(format!("strconv.ParseUint: parsing {quoted}: {why}"));
            }
        }
    }
    let is_identifier = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    for part in release.into_iter().flat_map(|release| release.split('.')) {
        let quoted = quote(part.as_bytes());
        if part.is_empty() {
            return failed("Prerelease is empty".to_owned());
        }
        if has_zero(part) {
            return failed(format!("Numeric PreRelease version must not contain leading zeroes {quoted}"));
        }
        if !is_identifier(part) {
            return failed(format!("Invalid character(s) found in prerelease {quoted}"));
        }
    }
    for part in build.into_iter().flat_map(|build| build.split('.')) {
        if part.is_empty() {
            return failed("Build meta data is empty".to_owned());
        }
        if !is_identifier(part) {
            return failed(format!(
                "Invalid character(s) found in build meta data {}",
                quote(part.as_bytes())
            ));
        }
    }
    let before = text.split_once('+').map_or(text, |(before, _)| before);
    Ok(Value::Semver(numbers.into(), before.into()))
}

fn has_zero(part: &str) -> bool {
    part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn compare(one: &Value<'_>, other: &Value<'_>) -> Ordering {
    let (Value::Semver(numbers, text), Value::Semver(other_numbers, other_text)) = (one, other) else {
        return Ordering::Equal;
    };
    let release = |text: &str| text.split_once('-').map(|(_, release)| release.to_owned());
    numbers.cmp(other_numbers).then_with(|| match (release(text), release(other_text)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(other)) => {
            let parts = |text: &str| text.split('.').map(Identifier::of).collect::<Vec<_>>();
            parts(&one).cmp(&parts(&other))
        }
    })
}

/// A part of a pre-release; numbers come before texts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Text(String),
}

impl Identifier {
    fn of(text: &str) -> Identifier {
        text.parse().map_or_else(|_| Identifier::Text(text.to_owned()), Identifier::Number)
    }
}
