//! Texts into times, with Go's errors.

use super::civil::{days_from_civil, days_in_month, is_leap};
use super::layout::{Element, OffsetForm, next_element};
use super::{MONTHS, Time, WEEKDAYS, Zone};

/// A text that does not fit its layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A part of the text is not what the layout wants there.
    #[error(
        "parsing time {} as {}: cannot parse {} as {}",
        quote(.text), quote(.layout), quote(.rest), quote(.element)
    )]
    Mismatch {
        /// The whole text.
        text: Vec<u8>,
        /// The whole layout.
        layout: Vec<u8>,
        /// The text from the part at fault on.
        rest: Vec<u8>,
        /// What the layout has there.
        element: Vec<u8>,
    },
    /// The text reads, but says something that cannot be.
    #[error("parsing time {}: {problem}", quote(.text))]
    Problem {
        /// The whole text.
        text: Vec<u8>,
        /// What is wrong.
        problem: String,
    },
}

/// Go's quoting in errors about times: everything but printable ASCII in hexadecimal.
pub(super) fn quote(text: &[u8]) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            b' '..0x80 => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// Why an element does not read.
enum Fault {
    Mismatch,
    OutOfRange(&'static str),
}

/// What has been read so far.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    is_utc: bool,
    offset: Option<i32>,
    zone_name: String,
    afternoon: Option<bool>,
}

/// Reads a text; a time without zone is in the given one, and offsets of that zone are taken for it.
pub fn parse(layout: &[u8], text: &[u8], local: &Zone) -> Result<Time, ParseError> {
    let mut parts = Parts::default();
    let (mut rest_layout, mut rest) = (layout, text);
    let problem = |problem: String| ParseError::Problem { text: text.to_vec(), problem };
    let mismatch = |rest: &[u8], element: &[u8]| ParseError::Mismatch {
        text: text.to_vec(),
        layout: layout.to_vec(),
        rest: rest.to_vec(),
        element: element.to_vec(),
    };
    loop {
        let next = next_element(rest_layout);
        let prefix = next.map_or(rest_layout, |(start, _, _)| &rest_layout[..start]);
        rest = skip(rest, prefix).map_err(|rest| mismatch(rest, prefix))?;
        let Some((start, end, element)) = next else { break };
        let element_text = &rest_layout[start..end];
        rest_layout = &rest_layout[end..];
        let before = rest;
        match parts.read(element, &mut rest, rest_layout) {
            Ok(()) => {}
            Err(Fault::Mismatch) => return Err(mismatch(before, element_text)),
            Err(Fault::OutOfRange(what)) => return Err(problem(format!("{what} out of range"))),
        }
    }
    if !rest.is_empty() {
        return Err(problem(format!("extra text: {}", quote(rest))));
    }
    parts.into_time(local).map_err(|message| problem(message.to_owned()))
}

/// Skips fixed text; a run of spaces matches any run of spaces.
fn skip<'t>(mut text: &'t [u8], mut prefix: &[u8]) -> Result<&'t [u8], &'t [u8]> {
    while let Some((&first, prefix_rest)) = prefix.split_first() {
        if first == b' ' {
            if text.first().is_some_and(|&byte| byte != b' ') {
                return Err(text);
            }
            prefix = without_spaces(prefix);
            text = without_spaces(text);
            continue;
        }
        match text.split_first() {
            Some((&byte, text_rest)) if byte == first => text = text_rest,
            _ => return Err(text),
        }
        prefix = prefix_rest;
    }
    Ok(text)
}

fn without_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|&&byte| byte == b' ').count();
    &text[spaces..]
}

fn take<'t>(rest: &mut &'t [u8], length: usize) -> Result<&'t [u8], Fault> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Fault::Mismatch)?;
    *rest = after;
    Ok(taken)
}

fn number(digits: &[u8]) -> Result<i64, Fault> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Mismatch);
    }
    Ok(digits.iter().fold(0, |number: i64, byte| number.saturating_mul(10) + i64::from(byte - b'0')))
}

/// One or two digits, or exactly two.
fn short_number(rest: &mut &[u8], fixed: bool) -> Result<i64, Fault> {
    let digits = rest.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || (fixed && digits < 2) {
        return Err(Fault::Mismatch);
    }
    number(take(rest, digits)?)
}

fn named(rest: &mut &[u8], names: &[&str], length: Option<usize>) -> Result<i64, Fault> {
    for (index, name) in names.iter().enumerate() {
        let name = &name.as_bytes()[..length.unwrap_or(name.len())];
        if let Some((start, after)) = rest.split_at_checked(name.len())
            && start.eq_ignore_ascii_case(name)
        {
            *rest = after;
            return i64::try_from(index).map_err(|_| Fault::Mismatch);
        }
    }
    Err(Fault::Mismatch)
}

fn in_range(number: i64, range: std::ops::RangeInclusive<i64>, what: &'static str) -> Result<i64, Fault> {
    if range.contains(&number) { Ok(number) } else { Err(Fault::OutOfRange(what)) }
}

/// A mark and digits as nanoseconds.
fn fraction(text: &[u8]) -> Result<i64, Fault> {
    let (mark, digits) = text.split_first().ok_or(Fault::Mismatch)?;
    if !matches!(mark, b'.' | b',') {
        return Err(Fault::Mismatch);
    }
    let digits = &digits[..digits.len().min(9)];
    let missing = u32::try_from(9 - digits.len()).unwrap_or_default();
    Ok(number(digits)? * 10_i64.pow(missing))
}

impl Parts {
    fn read(&mut self, element: Element, rest: &mut &[u8], layout: &[u8]) -> Result<(), Fault> {
        match element {
            Element::Year => {
                let year = number(take(rest, 2)?)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Element::LongYear => {
                if !rest.first().is_some_and(u8::is_ascii_digit) {
                    return Err(Fault::Mismatch);
                }
                self.year = number(take(rest, 4)?)?;
            }
            Element::Month => self.month = Some(named(rest, &MONTHS, Some(3))? + 1),
            Element::LongMonth => self.month = Some(named(rest, &MONTHS, None)? + 1),
            Element::NumberMonth | Element::ZeroMonth => {
                let month = short_number(rest, element == Element::ZeroMonth)?;
                self.month = Some(in_range(month, 1..=12, "month")?);
            }
            Element::Weekday => {
                named(rest, &WEEKDAYS, Some(3))?;
            }
            Element::LongWeekday => {
                named(rest, &WEEKDAYS, None)?;
            }
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                if element == Element::UnderDay {
                    *rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                self.day = Some(short_number(rest, element == Element::ZeroDay)?);
            }
            Element::UnderYearDay | Element::ZeroYearDay => self.read_year_day(element, rest)?,
            Element::Hour => self.hour = in_range(short_number(rest, false)?, 0..=23, "hour")?,
            Element::Hour12 | Element::ZeroHour12 => {
                let hour = short_number(rest, element == Element::ZeroHour12)?;
                self.hour = in_range(hour, 0..=12, "hour")?;
            }
            Element::Minute | Element::ZeroMinute => {
                let minute = short_number(rest, element == Element::ZeroMinute)?;
                self.minute = in_range(minute, 0..=59, "minute")?;
            }
            Element::Second | Element::ZeroSecond => {
                let second = short_number(rest, element == Element::ZeroSecond)?;
                self.second = in_range(second, 0..=59, "second")?;
                self.read_unannounced_fraction(rest, layout)?;
            }
            Element::UpperHalf | Element::LowerHalf => {
                let half = take(rest, 2)?;
                let (before, after): (&[u8], &[u8]) =
                    if element == Element::UpperHalf { (b"AM", b"PM") } else { (b"am", b"pm") };
                self.afternoon = Some(match half {
                    half if half == before => false,
                    half if half == after => true,
                    _ => return Err(Fault::Mismatch),
                });
            }
            Element::Offset(form, is_z_allowed) => {
                if let (true, Some(after)) = (is_z_allowed, rest.strip_prefix(b"Z")) {
                    *rest = after;
                    self.is_utc = true;
                } else {
                    self.offset = Some(offset(rest, form)?);
                }
            }
            Element::ZoneName => {
                if let Some(after) = rest.strip_prefix(b"UTC") {
                    *rest = after;
                    self.is_utc = true;
                } else {
                    let length = zone_name_length(rest).ok_or(Fault::Mismatch)?;
                    self.zone_name = String::from_utf8_lossy(take(rest, length)?).into_owned();
                }
            }
            Element::Fraction { digits, trimmed: false, .. } => {
                self.nanosecond = fraction(take(rest, 1 + digits)?)?;
            }
            Element::Fraction { .. } => {
                let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
                if matches!(rest.first(), Some(b'.' | b',')) && digits > 0 {
                    self.nanosecond = fraction(take(rest, 1 + digits)?)?;
                }
            }
        }
        Ok(())
    }

    fn read_year_day(&mut self, element: Element, rest: &mut &[u8]) -> Result<(), Fault> {
        let fixed = element == Element::ZeroYearDay;
        if !fixed {
            for _ in 0..2 {
                *rest = rest.strip_prefix(b" ").unwrap_or(rest);
            }
        }
        let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || (fixed && digits < 3) {
            return Err(Fault::Mismatch);
        }
        self.year_day = Some(number(take(rest, digits)?)?);
        Ok(())
    }

    /// A fraction behind the seconds is read even if the layout has none.
    fn read_unannounced_fraction(&mut self, rest: &mut &[u8], layout: &[u8]) -> Result<(), Fault> {
        let begins = matches!(rest.first(), Some(b'.' | b',')) && rest.get(1).is_some_and(u8::is_ascii_digit);
        let announced = matches!(next_element(layout), Some((_, _, Element::Fraction { .. })));
        if begins && !announced {
            let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
            self.nanosecond = fraction(take(rest, 1 + digits)?)?;
        }
        Ok(())
    }

    fn into_time(mut self, local: &Zone) -> Result<Time, &'static str> {
        match self.afternoon {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let (month, day) = self.month_and_day()?;
        let days = days_from_civil(self.year, month, day);
        let clock = days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second;
        let nanoseconds = u32::try_from(self.nanosecond).unwrap_or_default();
        let time = |seconds, zone| Time { seconds, nanoseconds, zone };
        if self.is_utc {
            return Ok(time(clock, Zone::Utc));
        }
        if let Some(offset) = self.offset {
            let seconds = clock - i64::from(offset);
            let (local_offset, name) = local.offset_at(seconds);
            if local_offset == offset && (self.zone_name.is_empty() || name == self.zone_name) {
                return Ok(time(seconds, local.clone()));
            }
            return Ok(time(seconds, Zone::Fixed { name: self.zone_name, offset }));
        }
        if !self.zone_name.is_empty() {
            if let Some(offset) = local.offset_of_abbreviation(&self.zone_name, clock) {
                return Ok(time(clock - i64::from(offset), local.clone()));
            }
            let hours = self.zone_name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok());
            let offset = hours.unwrap_or_default() * 3600;
            // Upstream does not move the clock by the offset it has found in the name.
            return Ok(time(clock, Zone::Fixed { name: self.zone_name, offset }));
        }
        Ok(time(local.seconds_of_local(clock), local.clone()))
    }

    fn month_and_day(&self) -> Result<(u8, u8), &'static str> {
        let (month, day) = match self.year_day {
            Some(year_day) => {
                let length = if is_leap(self.year) { 366 } else { 365 };
                if !(1..=length).contains(&year_day) {
                    return Err("day-of-year out of range");
                }
                let (mut month, mut day) = (1, year_day);
                while day > i64::from(days_in_month(month, self.year)) {
                    day -= i64::from(days_in_month(month, self.year));
                    month += 1;
                }
                if self.month.is_some_and(|given| given != i64::from(month)) {
                    return Err("day-of-year does not match month");
                }
                if self.day.is_some_and(|given| given != day) {
                    return Err("day-of-year does not match day");
                }
                (i64::from(month), day)
            }
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        let month = u8::try_from(month).map_err(|_| "month out of range")?;
        match u8::try_from(day) {
            Ok(day) if day >= 1 && day <= days_in_month(month, self.year) => Ok((month, day)),
            _ => Err("day out of range"),
        }
    }
}

fn offset(rest: &mut &[u8], form: OffsetForm) -> Result<i32, Fault> {
    let text = match form {
        OffsetForm::Hours => take(rest, 3)?,
        OffsetForm::Minutes => take(rest, 5)?,
        OffsetForm::ColonMinutes => take(rest, 6)?,
        OffsetForm::Seconds => take(rest, 7)?,
        OffsetForm::ColonSeconds => take(rest, 9)?,
    };
    let (sign, digits) = text.split_first().ok_or(Fault::Mismatch)?;
    let parts: Vec<&[u8]> = match form {
        OffsetForm::ColonMinutes | OffsetForm::ColonSeconds => digits.split(|&byte| byte == b':').collect(),
        _ => digits.chunks(2).collect(),
    };
    if parts.iter().any(|part| part.len() != 2) {
        return Err(Fault::Mismatch);
    }
    let numbers = parts.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
    let number = |index: usize| numbers.get(index).copied().unwrap_or_default();
    let hours = in_range(number(0), 0..=24, "time zone offset hour")?;
    let minutes = in_range(number(1), 0..=60, "time zone offset minute")?;
    let seconds = in_range(number(2), 0..=60, "time zone offset second")?;
    let offset = i32::try_from((hours * 60 + minutes) * 60 + seconds).map_err(|_| Fault::Mismatch)?;
    match sign {
        b'+' => Ok(offset),
        b'-' => Ok(-offset),
        _ => Err(Fault::Mismatch),
    }
}

/// The length of an abbreviation: three letters, four or five with a `T` at the end, `GMT` with a number, or an offset.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(after) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(after));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_offset_length(text)).filter(|&length| length > 0);
    }
    let letters = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match letters {
        3 => Some(3),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        5 if text[4] == b'T' => Some(5),
        _ => None,
    }
}

fn signed_offset_length(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let digits = text[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = number(&text[1..1 + digits]).ok();
    if hours.is_some_and(|hours| hours <= 23) { 1 + digits } else { 0 }
}
