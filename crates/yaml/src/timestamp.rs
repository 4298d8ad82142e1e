//! Dates and times as go-yaml knows them.
//!
//! Upstream: the four layouts of go-yaml's `parseTimestamp`, read as Go's `time.Parse` reads them: months, days, hours,
//! minutes and seconds of one or two digits, a fraction after `.` or `,`, days that the month has.

use std::fmt;

/// A moment with its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    offset_minutes: i16,
}

impl Timestamp {
    /// The moment that the text stands for, if it has one of the layouts.
    pub(crate) fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits != 4 || bytes.get(4) != Some(&b'-') {
            return None;
        }
        let year = text.get(..4)?.parse().ok()?;
        let rest = text.get(5..)?;
        let (month, rest) = one_or_two_digits(rest)?;
        let (day, rest) = one_or_two_digits(rest.strip_prefix('-')?)?;
        if !(1..=12).contains(&month) || day < 1 || day > days_of(month, year) {
            return None;
        }
        let mut moment =
            Timestamp { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0, offset_minutes: 0 };
        match rest.as_bytes().first() {
            None => Some(moment),
            Some(b'T' | b't') => {
                let rest = moment.take_time(rest.get(1..)?)?;
                moment.offset_minutes = parse_zone(rest)?;
                Some(moment)
            }
            Some(b' ') => {
                let rest = moment.take_time(rest.trim_start_matches(' '))?;
                rest.is_empty().then_some(moment)
            }
            Some(_) => None,
        }
    }

    /// Reads `hour:minute:second.fraction` and gives back what follows.
    fn take_time<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (hour, rest) = one_or_two_digits(text)?;
        let (minute, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
        let (second, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        (self.hour, self.minute, self.second) = (hour, minute, second);
        let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return Some(rest);
        }
        let (digits, rest) = fraction.split_at(length);
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        self.nanosecond = nine.parse().ok()?;
        Some(rest)
    }
}

fn one_or_two_digits(text: &str) -> Option<(u8, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((digits.parse().ok()?, rest))
}

fn days_of(month: u8, year: u16) -> u8 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `Z` or `+hh:mm`, in minutes.
fn parse_zone(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |digits: &str| -> Option<i16> {
        (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with as much of a fraction as there is, as Go writes a time into JSON.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Timestamp { year, month, day, hour, minute, second, .. } = self;
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanosecond > 0 {
            let digits = format!("{:09}", self.nanosecond);
            write!(out, ".{}", digits.trim_end_matches('0'))?;
        }
        if self.offset_minutes == 0 {
            return out.write_str("Z");
        }
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        write!(out, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}
