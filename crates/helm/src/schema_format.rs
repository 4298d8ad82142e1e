//! The `format` of texts, which a schema up to draft 7 insists on; later drafts only remark on it.
//!
//! The formats, their order of checks and their words are those of santhosh-tekuri/jsonschema v6.0.2 (`format.go`). A format that
//! is not known fits everything. Of addresses the words of Go's `net/url` are kept; of IPv6 addresses only that they are none.

use std::net::Ipv6Addr;

use plimsoll_gotemplate::date::{self, Zone};
use plimsoll_gotemplate::functions::{WebAddress, read_web_address};
use plimsoll_gotemplate::quote::quote;
use plimsoll_gotemplate::regex::Regex;

use crate::schema_failure::quoted;

type Verdict = Result<(), String>;

/// Why a text does not have a format.
pub(crate) fn check(format: &str, text: &str) -> Verdict {
    match format {
        "regex" => Regex::new(text.as_bytes()).map(|_| ()).map_err(|error| error.to_string()),
        "json-pointer" => json_pointer(text),
        "relative-json-pointer" => relative_json_pointer(text),
        "uuid" => uuid(text),
        "duration" => duration(text),
        "period" => period(text),
        "ipv4" => ipv4(text),
        "ipv6" => ipv6(text),
        "hostname" => hostname(text),
        "email" => email(text),
        "date" => day(text),
        "time" => time(text),
        "date-time" => date_time(text),
        "uri" | "iri" => {
            if web_address(text)?.is_absolute {
                Ok(())
            } else {
                fail("relative url")
            }
        }
        "uri-reference" | "iri-reference" if text.contains('\\') => fail("contains \\"),
        "uri-reference" | "iri-reference" => web_address(text).map(|_| ()),
        "uri-template" => web_address(text).and_then(|_| template(text)),
        "semver" => semantic_version(text),
        _ => Ok(()),
    }
}

fn fail(reason: impl Into<String>) -> Verdict {
    Err(reason.into())
}

fn within(words: &str, verdict: Verdict) -> Verdict {
    verdict.map_err(|reason| format!("{words}: {reason}"))
}

/// A character as Go's `%q` writes it.
fn shown(character: char) -> String {
    quoted(character.encode_utf8(&mut [0; 4]))
}

fn json_pointer(text: &str) -> Verdict {
    let Some(rest) = text.strip_prefix('/') else {
        return if text.is_empty() { Ok(()) } else { fail("not starting with /") };
    };
    for token in rest.split('/') {
        let mut characters = token.chars();
        while let Some(character) = characters.next() {
            if character == '~' && !matches!(characters.next(), Some('0' | '1')) {
                return fail("~ must be followed by 0 or 1");
            }
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Verdict {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    match text.len() - rest.len() {
        0 => fail("must start with non-negative integer"),
        2.. if text.starts_with('0') => fail("starts with zero"),
        _ if rest == "#" => Ok(()),
        _ => json_pointer(rest),
    }
}

fn uuid(text: &str) -> Verdict {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != LENGTHS.len() {
        return fail(format!("must have {} elements", LENGTHS.len()));
    }
    for (index, (group, length)) in groups.into_iter().zip(LENGTHS).enumerate() {
        if group.len() != length {
            return fail(format!("element {} must be {length} characters long", index + 1));
        }
        if let Some(other) = group.chars().find(|character| !character.is_ascii_hexdigit()) {
            return fail(format!("non-hex character {}", shown(other)));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Verdict {
    let Some(rest) = text.strip_prefix('P') else { return fail("must start with P") };
    if rest.is_empty() {
        return fail("nothing after P");
    }
    if let Some(weeks) = rest.strip_suffix('W') {
        return match weeks {
            "" => fail("no number in week"),
            weeks if weeks.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            _ => fail("invalid week"),
        };
    }
    for (index, part) in rest.split('T').enumerate() {
        if index != 0 && part.is_empty() {
            return fail("no time elements");
        }
        let Some(all) = ["YMD", "HMS"].get(index) else { return fail("more than one T") };
        let mut units = *all;
        let mut part = part;
        while !part.is_empty() {
            let after = part.trim_start_matches(|character: char| character.is_ascii_digit());
            if after.len() == part.len() {
                return fail("missing number");
            }
            let mut characters = after.chars();
            let Some(unit) = characters.next() else { return fail("missing unit") };
            match units.split_once(unit) {
                Some((_, later)) => units = later,
                None if all.contains(unit) => return fail(format!("unit {} out of order", shown(unit))),
                None => return fail(format!("invalid unit {}", shown(unit))),
            }
            part = characters.as_str();
        }
    }
    Ok(())
}

fn period(text: &str) -> Verdict {
    let Some((start, end)) = text.split_once('/') else { return fail("missing slash") };
    if start.starts_with('P') {
        within("invalid start duration", duration(start))?;
        return within("invalid end date-time", date_time(end));
    }
    within("invalid start date-time", date_time(start))?;
    if end.starts_with('P') {
        within("invalid end duration", duration(end))
    } else {
        within("invalid end date-time", date_time(end))
    }
}

/// Go's `strconv.Atoi`, with its words.
fn integer(text: &str) -> Result<i64, String> {
    let is_number = text.strip_prefix(['+', '-']).unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
    text.parse().map_err(|_| {
        let reason = if is_number && text.len() > 1 { "value out of range" } else { "invalid syntax" };
        format!("strconv.Atoi: parsing {}: {reason}", quote(text.as_bytes()))
    })
}

fn ipv4(text: &str) -> Verdict {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return fail("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return fail("leading zeros");
        }
        if !(0..=255).contains(&integer(group)?) {
            return fail("decimal must be between 0 and 255");
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Verdict {
    if !text.contains(':') {
        return fail("missing colon");
    }
    let (address, zone) = text.split_once('%').map_or((text, None), |(address, zone)| (address, Some(zone)));
    if address.parse::<Ipv6Addr>().is_err() || zone == Some("") {
        return fail(format!("ParseAddr({}): unable to parse IP", quote(text.as_bytes())));
    }
    if zone.is_some() { fail("zone id is not a part of ipv6 address") } else { Ok(()) }
}

fn hostname(text: &str) -> Verdict {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return fail("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return fail("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return fail("label starts with hyphen");
        }
        if label.ends_with('-') {
            return fail("label ends with hyphen");
        }
        let is_allowed = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
        if let Some(other) = label.chars().find(|character| !is_allowed(character)) {
            return fail(format!("invalid character {}", shown(other)));
        }
    }
    Ok(())
}

fn email(text: &str) -> Verdict {
    if text.len() > 254 {
        return fail("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return fail("missing @") };
    if local.len() > 64 {
        return fail("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') {
        // The end of a quoted part is not looked at.
        let mut inner = local.chars();
        inner.next();
        inner.next_back();
        if inner.as_str().contains(['\\', '"']) {
            return fail("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return fail("starts with dot");
        }
        if local.ends_with('.') {
            return fail("ends with dot");
        }
        if local.contains("..") {
            return fail("consecutive dots");
        }
        let is_allowed = |character: &char| {
            character.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(*character)
        };
        if let Some(other) = local.chars().find(|character| !is_allowed(character)) {
            return fail(format!("invalid character {}", shown(other)));
        }
    }
    match domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')) {
        Some(address) => match address.strip_prefix("IPv6:") {
            Some(address) => within("invalid ipv6 address", ipv6(address)),
            None => within("invalid ipv4 address", ipv4(address)),
        },
        None => within("invalid domain", hostname(domain)),
    }
}

fn day(text: &str) -> Verdict {
    date::parse(b"2006-01-02", text.as_bytes(), &Zone::Utc).map(|_| ()).map_err(|error| error.to_string())
}

fn time(text: &str) -> Verdict {
    if text.len() < 9 {
        return fail("less than 9 characters long");
    }
    if text.as_bytes().get(2) != Some(&b':') || text.as_bytes().get(5) != Some(&b':') {
        return fail("missing colon in correct place");
    }
    let (Some(clock), Some(rest)) = (text.get(..8), text.get(8..)) else {
        return fail("invalid hour/min/sec");
    };
    let mut numbers = [0_i64; 3];
    for (number, token) in numbers.iter_mut().zip(clock.splitn(3, ':')) {
        *number = integer(token).map_err(|_| "invalid hour/min/sec".to_owned())?;
        if *number < 0 {
            return fail("non-positive hour/min/sec");
        }
    }
    let [mut hour, mut minute, second] = numbers;
    if hour > 23 || minute > 59 || second > 60 {
        return fail("hour/min/sec out of range");
    }
    let mut rest = rest;
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
        if rest.len() == fraction.len() {
            return fail("no digits in second fraction");
        }
    }
    if !rest.eq_ignore_ascii_case("z") {
        let (hours, minutes, sign) = offset(rest)?;
        let mut total = hour * 60 + minute + sign * (hours * 60 + minutes);
        if total < 0 {
            total += 24 * 60;
        }
        (hour, minute) = (total / 60, total % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) { fail("invalid leap second") } else { Ok(()) }
}

/// Hours, minutes and the sign that leads back to UTC.
fn offset(text: &str) -> Result<(i64, i64, i64), String> {
    if text.len() != 6 {
        return Err("offset must be 6 characters long".to_owned());
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (-1, rest),
        (_, Some(rest)) => (1, rest),
        _ => return Err("offset must begin with plus/minus".to_owned()),
    };
    if rest.as_bytes().get(2) != Some(&b':') {
        return Err("missing colon in offset in correct place".to_owned());
    }
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, ""));
    let number = |text: &str| match integer(text) {
        Err(_) => Err("invalid hour/min in offset".to_owned()),
        Ok(number) if number < 0 => Err("non-positive hour/min in offset".to_owned()),
        Ok(number) => Ok(number),
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 23 || minutes > 59 {
        return Err("hour/min in offset out of range".to_owned());
    }
    Ok((hours, minutes, sign))
}

fn date_time(text: &str) -> Verdict {
    if text.len() < 20 {
        return fail("less than 20 characters long");
    }
    if !matches!(text.as_bytes().get(10), Some(b't' | b'T')) {
        return fail("11th character must be t or T");
    }
    within("invalid date element", day(text.get(..10).unwrap_or_default()))?;
    within("invalid time element", time(text.get(11..).unwrap_or_default()))
}

fn web_address(text: &str) -> Result<WebAddress, String> {
    let address = read_web_address(text.as_bytes())?;
    let name = String::from_utf8_lossy(&address.host_name);
    if name.contains(':') {
        if !(address.host.contains(&b'[') && address.host.contains(&b']')) {
            return Err("ipv6 address not enclosed in brackets".to_owned());
        }
        within("invalid ipv6 address", ipv6(&name))?;
    }
    Ok(address)
}

/// Braces of a template open and close one after the other.
fn template(text: &str) -> Verdict {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    for part in path.split('/') {
        let mut is_open = false;
        for character in part.chars().filter(|character| matches!(character, '{' | '}')) {
            if (character == '{') == is_open {
                return fail("nested curly braces");
            }
            is_open = !is_open;
        }
        if is_open {
            return fail("no matching closing brace");
        }
    }
    Ok(())
}

fn semantic_version(text: &str) -> Verdict {
    let is_of_identifiers = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    if let Some(build) = build {
        if build.is_empty() {
            return fail("build is empty");
        }
        for identifier in build.split('.') {
            if identifier.is_empty() {
                return fail("build identifier is empty");
            }
            if let Some(other) = identifier.chars().find(|character| !is_of_identifiers(character)) {
                return fail(format!("invalid character {} in build identifier", shown(other)));
            }
        }
    }
    let (core, release) = text.split_once('-').map_or((text, None), |(core, release)| (core, Some(release)));
    for identifier in release.into_iter().flat_map(|release| release.split('.')) {
        if identifier.is_empty() {
            return fail("pre-release identifier is empty");
        }
        if let Some(other) = identifier.chars().find(|character| !is_of_identifiers(character)) {
            return fail(format!("invalid character {} in pre-release identifier", shown(other)));
        }
        let is_number = identifier.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && identifier.len() > 1 && identifier.starts_with('0') {
            return fail("pre-release numeric identifier starts with zero");
        }
    }
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() != 3 {
        return fail("versionCore must have 3 numbers separated by dot");
    }
    for (number, name) in numbers.into_iter().zip(["major", "minor", "patch"]) {
        if number.is_empty() {
            return fail(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return fail(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return fail(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
