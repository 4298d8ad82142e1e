//! Durations and timestamps. Time zones are offsets such as `+02:00` or names of the time zone database, which is part of the
//! program.
//!
//! Follows cel-go v0.26 `common/types/timestamp.go`.

use plimsoll_gotemplate::date::Zone;

use super::super::error::Failure;
use super::super::value::Value;
use super::Outcome;
use crate::schema::is_date;

pub(crate) const NANOSECONDS: i128 = 1_000_000_000;
const DAY: i128 = 86_400;

/// Years 1 to 9999, in seconds.
const RANGE: std::ops::RangeInclusive<i128> = -62_135_596_800..=253_402_300_799;

/// Go's `time.ParseDuration`.
pub(crate) fn parse_duration(text: &str) -> Result<i64, ()> {
    plimsoll_gotemplate::date::parse_duration(text.as_bytes()).map_err(|_| ())
}

/// Nanoseconds since 1970 of a time such as `2024-01-01T00:00:00.5+02:00`.
pub(crate) fn parse_timestamp(text: &str) -> Result<i128, ()> {
    let date = text.get(..10).filter(|date| is_date(date)).ok_or(())?;
    let rest = text.get(10..).and_then(|rest| rest.strip_prefix('T')).ok_or(())?;
    let number = |text: Option<&str>, most: i128| -> Result<i128, ()> {
        let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).ok_or(())?;
        text.parse().ok().filter(|number| *number <= most).ok_or(())
    };
    let hours = number(rest.get(0..2), 23)?;
    let minutes = number(rest.get(3..5), 59)?;
    let seconds = number(rest.get(6..8), 59)?;
    if rest.get(2..3) != Some(":") || rest.get(5..6) != Some(":") {
        return Err(());
    }
    let mut zone = rest.get(8..).ok_or(())?;
    let mut fraction = 0;
    if let Some(after) = zone.strip_prefix('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let text = after.get(..digits).filter(|text| !text.is_empty()).ok_or(())?;
        let padded: String = text.chars().chain("000000000".chars()).take(9).collect();
        fraction = padded.parse().map_err(|_| ())?;
        zone = after.get(digits..).ok_or(())?;
    }
    let offset = if zone == "Z" { 0 } else { parse_offset(zone).ok_or(())? };
    let year: i128 = date.get(..4).and_then(|year| year.parse().ok()).ok_or(())?;
    let month: i128 = date.get(5..7).and_then(|month| month.parse().ok()).ok_or(())?;
    let day: i128 = date.get(8..10).and_then(|day| day.parse().ok()).ok_or(())?;
    let total = days_since_1970(year, month, day) * DAY + hours * 3600 + minutes * 60 + seconds - offset;
    if RANGE.contains(&total) { Ok(total * NANOSECONDS + fraction) } else { Err(()) }
}

/// `+02:00`, in seconds.
fn parse_offset(text: &str) -> Option<i128> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str, most: i128| -> Option<i128> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
        text.parse().ok().filter(|number| *number <= most)
    };
    Some(sign * (number(hours, 24)? * 3600 + number(minutes, 60)? * 60))
}

/// How many seconds a zone is east of Greenwich at a time.
fn offset_of(zone: &str, time: i128) -> Result<i128, Failure> {
    let Some((hours, minutes)) = zone.split_once(':') else {
        if zone == "Local" {
            // The zone of the machine would make a rule hold here and fail there.
            return Ok(0);
        }
        let found = Zone::find(zone);
        let found = found.ok_or_else(|| Failure::new(format!("unknown time zone {zone}")))?;
        let seconds = i64::try_from(time.div_euclid(NANOSECONDS)).unwrap_or_default();
        return Ok(i128::from(found.offset_at(seconds).0));
    };
    let number = |text: &str| {
        text.parse::<i128>().map_err(|_| {
            let text = plimsoll_gotemplate::quote::quote(text.as_bytes());
            Failure::new(format!("strconv.Atoi: parsing {text}: invalid syntax"))
        })
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let is_west = zone.starts_with('-');
    let east = hours.saturating_mul(60);
    let east = if is_west { east.saturating_sub(minutes) } else { east.saturating_add(minutes) };
    Ok(east.saturating_mul(60).clamp(-DAY * 1000, DAY * 1000))
}

fn days_since_1970(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day since 1970.
fn date_of(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    (year, month, day)
}

/// A timestamp, if it is in the range that CEL has.
pub(crate) fn timestamp<'d>(nanoseconds: i128) -> Outcome<'d> {
    match RANGE.contains(&nanoseconds.div_euclid(NANOSECONDS)) {
        true => Ok(Value::Timestamp(nanoseconds)),
        false => Err(Failure::new("timestamp overflow")),
    }
}

/// A timestamp as RFC 3339 has it.
pub(crate) fn timestamp_text(nanoseconds: i128) -> String {
    let seconds = nanoseconds.div_euclid(NANOSECONDS);
    let fraction = nanoseconds.rem_euclid(NANOSECONDS);
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hours, minutes, seconds) = (time / 3600, time / 60 % 60, time % 60);
    let fraction = match fraction {
        0 => String::new(),
        fraction => format!(".{fraction:09}").trim_end_matches('0').to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}{fraction}Z")
}

/// A duration in seconds, as CEL's `string` writes it.
pub(crate) fn seconds_text(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:09}", magnitude / 1_000_000_000, magnitude % 1_000_000_000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match arguments {
        [Value::Duration(length)] => Ok(Value::Int(match name {
            "getHours" => length / 3_600_000_000_000,
            "getMinutes" => length / 60_000_000_000,
            "getSeconds" => length / 1_000_000_000,
            "getMilliseconds" => length / 1_000_000,
            _ => return None,
        })),
        [Value::Timestamp(time)] => part(name, *time)?,
        [Value::Timestamp(time), Value::String(zone)] => {
            // What the accessor is not for is told before what is wrong with the zone.
            let _ = part(name, *time)?;
            match offset_of(zone, *time) {
                Ok(offset) => part(name, time + offset * NANOSECONDS)?,
                Err(failure) => Err(failure),
            }
        }
        _ => return None,
    })
}

fn part<'d>(name: &str, time: i128) -> Option<Outcome<'d>> {
    let seconds = time.div_euclid(NANOSECONDS);
    let days = seconds.div_euclid(DAY);
    let (year, month, day) = date_of(days);
    let found = match name {
        "getFullYear" => year,
        "getMonth" => month - 1,
        "getDate" => day,
        "getDayOfMonth" => day - 1,
        "getDayOfWeek" => (days + 4).rem_euclid(7),
        "getDayOfYear" => days - days_since_1970(year, 1, 1),
        "getHours" => seconds.rem_euclid(DAY) / 3600,
        "getMinutes" => seconds.rem_euclid(3600) / 60,
        "getSeconds" => seconds.rem_euclid(60),
        "getMilliseconds" => time.rem_euclid(NANOSECONDS) / 1_000_000,
        _ => return None,
    };
    Some(Ok(Value::Int(i64::try_from(found).unwrap_or(i64::MAX))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_both_ways() {
        for text in ["2024-02-29T23:59:59Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(parse_timestamp(text).map(timestamp_text).as_deref(), Ok(text));
        }
        assert_eq!(parse_timestamp("2024-01-01T02:00:00+02:00"), parse_timestamp("2024-01-01T00:00:00Z"));
        for text in ["2023-02-29T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "é"]
        {
            assert_eq!(parse_timestamp(text), Err(()), "{text}");
        }
        assert_eq!(seconds_text(-1_500_000_000), "-1.5s");
    }
}
