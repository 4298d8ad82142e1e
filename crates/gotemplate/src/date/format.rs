//! Times into texts.

use std::io::Write as _;

use super::layout::{Element, OffsetForm, next_element};
use super::{MONTHS, Time, WEEKDAYS};

pub(super) fn format(time: &Time, layout: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(layout.len() + 16);
    let civil = time.civil();
    let (offset, abbreviation) = time.zone.offset_at(time.seconds);
    let mut rest = layout;
    while let Some((start, end, element)) = next_element(rest) {
        output.extend_from_slice(&rest[..start]);
        rest = &rest[end..];
        let month = MONTHS.get(usize::from(civil.month) - 1).copied().unwrap_or_default();
        let weekday = WEEKDAYS.get(usize::from(civil.weekday())).copied().unwrap_or_default();
        let hour = match civil.hour % 12 {
            0 => 12,
            hour => hour,
        };
        let afternoon = civil.hour >= 12;
        match element {
            Element::LongMonth => output.extend_from_slice(month.as_bytes()),
            Element::Month => output.extend_from_slice(&month.as_bytes()[..3]),
            Element::NumberMonth => padded(&mut output, civil.month.into(), 1),
            Element::ZeroMonth => padded(&mut output, civil.month.into(), 2),
            Element::LongWeekday => output.extend_from_slice(weekday.as_bytes()),
            Element::Weekday => output.extend_from_slice(&weekday.as_bytes()[..3]),
            Element::Day => padded(&mut output, civil.day.into(), 1),
            Element::UnderDay => spaced(&mut output, civil.day.into(), 2),
            Element::ZeroDay => padded(&mut output, civil.day.into(), 2),
            Element::UnderYearDay => spaced(&mut output, civil.year_day().into(), 3),
            Element::ZeroYearDay => padded(&mut output, civil.year_day().into(), 3),
            Element::Hour => padded(&mut output, civil.hour.into(), 2),
            Element::Hour12 => padded(&mut output, hour.into(), 1),
            Element::ZeroHour12 => padded(&mut output, hour.into(), 2),
            Element::Minute => padded(&mut output, civil.minute.into(), 1),
            Element::ZeroMinute => padded(&mut output, civil.minute.into(), 2),
            Element::Second => padded(&mut output, civil.second.into(), 1),
            Element::ZeroSecond => padded(&mut output, civil.second.into(), 2),
            Element::LongYear => padded(&mut output, civil.year, 4),
            Element::Year => padded(&mut output, civil.year.max(0) % 100, 2),
            Element::UpperHalf => output.extend_from_slice(if afternoon { b"PM" } else { b"AM" }),
            Element::LowerHalf => output.extend_from_slice(if afternoon { b"pm" } else { b"am" }),
            Element::ZoneName if !abbreviation.is_empty() => {
                output.extend_from_slice(abbreviation.as_bytes());
            }
            Element::ZoneName => {
                let minutes = offset / 60;
                output.push(if minutes < 0 { b'-' } else { b'+' });
                padded(&mut output, (minutes.abs() / 60).into(), 2);
                padded(&mut output, (minutes.abs() % 60).into(), 2);
            }
            Element::Offset(_, true) if offset == 0 => output.push(b'Z'),
            Element::Offset(form, _) => push_offset(&mut output, offset, form),
            Element::Fraction { digits, trimmed, mark } => {
                push_fraction(&mut output, time.nanoseconds, digits, trimmed, mark);
            }
        }
    }
    output.extend_from_slice(rest);
    output
}

/// Digits with leading zeros, which the sign does not count against.
fn padded(output: &mut Vec<u8>, number: i64, width: usize) {
    if number < 0 {
        output.push(b'-');
    }
    write!(output, "{:0width$}", number.unsigned_abs()).expect("a vector takes everything");
}

fn spaced(output: &mut Vec<u8>, number: i64, width: usize) {
    write!(output, "{number:>width$}").expect("a vector takes everything");
}

fn push_offset(output: &mut Vec<u8>, offset: i32, form: OffsetForm) {
    output.push(if offset / 60 < 0 { b'-' } else { b'+' });
    let magnitude = i64::from(offset.abs());
    let colon = matches!(form, OffsetForm::ColonMinutes | OffsetForm::ColonSeconds);
    padded(output, magnitude / 3600, 2);
    if form != OffsetForm::Hours {
        if colon {
            output.push(b':');
        }
        padded(output, magnitude / 60 % 60, 2);
    }
    if matches!(form, OffsetForm::Seconds | OffsetForm::ColonSeconds) {
        if colon {
            output.push(b':');
        }
        padded(output, magnitude % 60, 2);
    }
}

fn push_fraction(output: &mut Vec<u8>, nanoseconds: u32, digits: usize, trimmed: bool, mark: u8) {
    let text = format!("{nanoseconds:09}");
    let mut shown = text.get(..digits.min(9)).unwrap_or_default();
    if trimmed {
        shown = shown.trim_end_matches('0');
        if shown.is_empty() {
            return;
        }
    }
    output.push(mark);
    output.extend_from_slice(shown.as_bytes());
}
