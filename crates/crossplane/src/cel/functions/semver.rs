//! Semantic versions: Kubernetes' semver library. Versions are ordered by their numbers, then by their pre-release parts.

use std::cmp::Ordering;

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

fn parse<'d>(text: &str) -> Outcome<'d> {
    let wrong = || Failure::new("Invalid Semantic Version");
    let (before, build) = text.split_once('+').map_or((text, None), |(before, build)| (before, Some(build)));
    let (numbers, release) =
        before.split_once('-').map_or((before, None), |(numbers, release)| (numbers, Some(release)));
    let is_identifier = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let has_zero = |part: &str| {
        part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let parts: Vec<u64> = numbers
        .split('.')
        .map(|part| match part.bytes().all(|byte| byte.is_ascii_digit()) && !has_zero(part) {
            true => part.parse().map_err(|_| wrong()),
            false => Err(wrong()),
        })
        .collect::<Result<_, _>>()?;
    let numbers: [u64; 3] = parts.try_into().map_err(|_| wrong())?;
    let are_identifiers = |text: Option<&str>| text.is_none_or(|text| text.split('.').all(is_identifier));
    let has_zeros = release.is_some_and(|release| release.split('.').any(has_zero));
    if !are_identifiers(release) || !are_identifiers(build) || has_zeros {
        return Err(wrong());
    }
    Ok(Value::Semver(numbers.into(), before.into()))
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
