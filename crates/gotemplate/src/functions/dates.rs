//! Dates of charts: formatting, reading, shifting, and how long ago something was.

use crate::date::{Time, Zone, format_duration, parse, parse_duration};
use crate::types::{ANY, STRING};
use crate::{Call, Data, Error, Function, Signature, TaintFlow, Value};

use super::arguments::{bytes, text};
use super::time_object::{TIME, from_time, time_of};

pub(super) fn functions() -> Vec<Function> {
    let zoned = Signature::new(&[STRING, ANY, STRING], STRING);
    let shift = Signature::new(&[STRING, TIME], TIME);
    let read = Signature::new(&[STRING, STRING], TIME);
    let in_zone: super::lists::Body =
        |call, arguments| format_in_zone(call, bytes(&arguments[0]), &arguments[1], &text(&arguments[2]));
    let lenient_shift: super::lists::Body = |_, arguments| {
        let Ok(nanoseconds) = parse_duration(bytes(&arguments[0])) else { return Ok(arguments[1].clone()) };
        Ok(from_time(time(&arguments[1]).add(nanoseconds)))
    };
    let strict_shift: super::lists::Body = |_, arguments| {
        let nanoseconds =
            parse_duration(bytes(&arguments[0])).map_err(|error| Error::message(error.to_string()))?;
        Ok(from_time(time(&arguments[1]).add(nanoseconds)))
    };
    vec![
        Function::new("now", Signature::new(&[], TIME), |call, _| Ok(from_time(now(call))))
            .with_taint(TaintFlow::Source),
        Function::new("date", Signature::new(&[STRING, ANY], STRING), |call, arguments| {
            format_in_zone(call, bytes(&arguments[0]), &arguments[1], "Local")
        }),
        Function::new("dateInZone", zoned, in_zone),
        Function::new("date_in_zone", zoned, in_zone),
        Function::new("htmlDate", Signature::new(&[ANY], STRING), |call, arguments| {
            format_in_zone(call, b"2006-01-02", &arguments[0], "Local")
        }),
        Function::new("htmlDateInZone", Signature::new(&[ANY, STRING], STRING), |call, arguments| {
            format_in_zone(call, b"2006-01-02", &arguments[0], &text(&arguments[1]))
        }),
        Function::new("dateModify", shift, lenient_shift),
        Function::new("date_modify", shift, lenient_shift),
        Function::new("mustDateModify", shift, strict_shift),
        Function::new("must_date_modify", shift, strict_shift),
        Function::new("toDate", read, |call, arguments| {
            let read = parse(bytes(&arguments[0]), bytes(&arguments[1]), &local(call));
            Ok(from_time(read.unwrap_or_else(|_| Time::zero())))
        }),
        Function::new("mustToDate", read, |call, arguments| {
            parse(bytes(&arguments[0]), bytes(&arguments[1]), &local(call))
                .map(from_time)
                .map_err(|error| Error::message(error.to_string()))
        }),
        Function::new("unixEpoch", Signature::new(&[TIME], STRING), |_, arguments| {
            Ok(Value::from(time(&arguments[0]).seconds().to_string()))
        }),
        Function::new("ago", Signature::new(&[ANY], STRING), |call, arguments| {
            let now = now(call);
            let then = moment(call, &arguments[0]).unwrap_or_else(|| now.clone());
            Ok(Value::from(format_duration(round_to_seconds(now.since(&then)))))
        })
        .with_taint(TaintFlow::Source),
        Function::new("duration", Signature::new(&[ANY], STRING), |_, arguments| {
            let seconds = match arguments[0].data() {
                Data::String(text) => decimal(text.as_bytes()),
                Data::Int64(seconds) => *seconds,
                _ => 0,
            };
            Ok(Value::from(format_duration(seconds.wrapping_mul(1_000_000_000))))
        }),
        Function::new("durationRound", Signature::new(&[ANY], STRING), |call, arguments| {
            let nanoseconds = match arguments[0].data() {
                Data::String(text) => parse_duration(text.as_bytes()).unwrap_or_default(),
                Data::Int64(nanoseconds) => *nanoseconds,
                _ => match time_of(&arguments[0]) {
                    Some(then) => {
                        let since = now(call).since(then);
                        return Ok(from_clock(call, round_down(since)));
                    }
                    None => 0,
                },
            };
            Ok(Value::from(round_down(nanoseconds)))
        }),
    ]
}

fn now(call: &Call<'_>) -> Time {
    Time::from_nanoseconds(call.environment().now(), local(call))
}

/// Marks a result that shows what time it is.
fn from_clock(call: &Call<'_>, text: impl Into<Value>) -> Value {
    text.into().with_taint(call.runtime.origin(call.name))
}

fn local(call: &Call<'_>) -> Zone {
    Zone::local(call.environment().time_zone())
}

/// A `time.Time` argument.
fn time(value: &Value) -> Time {
    time_of(value).cloned().unwrap_or_else(Time::zero)
}

/// The time that a value stands for: a time, or seconds since 1970.
fn moment(call: &Call<'_>, value: &Value) -> Option<Time> {
    match value.data() {
        Data::Int(seconds) | Data::Int64(seconds) => Some(Time::from_seconds(*seconds, local(call))),
        _ => time_of(value).cloned(),
    }
}

/// Values that stand for no time are shown as the time of the run; an unknown zone is UTC.
fn format_in_zone(call: &Call<'_>, layout: &[u8], value: &Value, zone: &str) -> Result<Value, Error> {
    let zone = if zone == "Local" { local(call) } else { Zone::find(zone).unwrap_or(Zone::Utc) };
    let found = match value.data() {
        Data::Int32(seconds) => Some(Time::from_seconds((*seconds).into(), zone.clone())),
        _ => moment(call, value),
    };
    Ok(match found {
        Some(time) => Value::from(time.with_zone(zone).format(layout)),
        None => from_clock(call, now(call).with_zone(zone).format(layout)),
    })
}

/// A whole number, or the nearest one that fits; zero for anything else.
fn decimal(text: &[u8]) -> i64 {
    let Ok(text) = std::str::from_utf8(text) else { return 0 };
    text.parse().unwrap_or_else(|error: std::num::ParseIntError| match error.kind() {
        std::num::IntErrorKind::PosOverflow => i64::MAX,
        std::num::IntErrorKind::NegOverflow => i64::MIN,
        _ => 0,
    })
}

/// To the nearest second, halves away from zero.
fn round_to_seconds(nanoseconds: i64) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    let rest = nanoseconds % SECOND;
    let whole = nanoseconds - rest;
    if rest.unsigned_abs() * 2 < 1_000_000_000 { whole } else { whole.saturating_add(rest.signum() * SECOND) }
}

/// The largest unit of which there is more than one whole, without its sign.
fn round_down(nanoseconds: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    const UNITS: [(u64, &str); 6] = [
        (SECOND * 86_400 * 365, "y"),
        (SECOND * 86_400 * 30, "mo"),
        (SECOND * 86_400, "d"),
        (SECOND * 3600, "h"),
        (SECOND * 60, "m"),
        (SECOND, "s"),
    ];
    let magnitude = nanoseconds.unsigned_abs();
    match UNITS.iter().find(|(unit, _)| magnitude > *unit) {
        Some((unit, name)) => format!("{}{name}", magnitude / unit),
        None => "0s".to_owned(),
    }
}
