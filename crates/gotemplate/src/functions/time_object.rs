//! Times, months, weekdays and durations as values with methods.

use std::any::Any;

use crate::date::{MONTHS, Time, WEEKDAYS, Zone, format_duration};
use crate::types::{BOOL, INT, INT64, STRING};
use crate::{Data, Function, GoString, GoType, Kind, Member, Object, Signature, Value};

use super::arguments::{bytes, integer};

pub(super) const TIME: &GoType = &GoType::named("time.Time", Kind::Struct, None);
const MONTH: &GoType = &GoType::named("time.Month", Kind::Int, None);
const WEEKDAY: &GoType = &GoType::named("time.Weekday", Kind::Int, None);
const DURATION: &GoType = &GoType::named("time.Duration", Kind::Int64, None);

/// Wraps a time.
pub(crate) fn from_time(time: Time) -> Value {
    Value::from_object(TimeObject(time))
}

/// The time in a value, if it is one.
pub(super) fn time_of(value: &Value) -> Option<&Time> {
    value.object()?.as_any().downcast_ref::<TimeObject>().map(|object| &object.0)
}

#[derive(Debug)]
struct TimeObject(Time);

impl TimeObject {
    fn method(&self, name: &str) -> Option<Function> {
        let time = self.0.clone();
        let int = |name, number: i64| constant(name, INT, Value::from(Data::Int(number)));
        let int64 = |name, number: i128| {
            constant(name, INT64, Value::from(Data::Int64(i64::try_from(number).unwrap_or_default())))
        };
        let comparing = |name, holds: fn(std::cmp::Ordering) -> bool| {
            let nanoseconds = time.nanoseconds();
            Function::new(name, Signature::new(&[TIME], BOOL), move |_, arguments| {
                let other = time_of(&arguments[0]).map_or(0, Time::nanoseconds);
                Ok(Value::from(holds(nanoseconds.cmp(&other))))
            })
        };
        Some(match name {
            "Year" => int("Year", time.year()),
            "Day" => int("Day", time.day().into()),
            "Hour" => int("Hour", time.hour().into()),
            "Minute" => int("Minute", time.minute().into()),
            "Second" => int("Second", time.second().into()),
            "Nanosecond" => int("Nanosecond", time.nanosecond().into()),
            "YearDay" => int("YearDay", time.year_day().into()),
            "Month" => constant("Month", MONTH, Named::value(MONTH, time.month().into())),
            "Weekday" => constant("Weekday", WEEKDAY, Named::value(WEEKDAY, time.weekday().into())),
            "Unix" => int64("Unix", time.seconds().into()),
            "UnixMilli" => int64("UnixMilli", time.nanoseconds().div_euclid(1_000_000)),
            "UnixMicro" => int64("UnixMicro", time.nanoseconds().div_euclid(1_000)),
            "UnixNano" => int64("UnixNano", time.nanoseconds()),
            "UTC" => constant("UTC", TIME, from_time(time.with_zone(Zone::Utc))),
            "Local" => Function::new("Local", Signature::new(&[], TIME), move |call, _| {
                Ok(from_time(time.with_zone(Zone::local(call.environment().time_zone()))))
            }),
            "IsZero" => constant("IsZero", BOOL, Value::from(time.is_zero())),
            "String" => constant("String", STRING, Value::from(time.to_string())),
            "Format" => Function::new("Format", Signature::new(&[STRING], STRING), move |_, arguments| {
                Ok(Value::from(time.format(bytes(&arguments[0]))))
            }),
            "AddDate" => {
                Function::new("AddDate", Signature::new(&[INT, INT, INT], TIME), move |_, arguments| {
                    let [years, months, days] = [0, 1, 2].map(|index| integer(&arguments[index]));
                    Ok(from_time(time.add_date(years, months, days)))
                })
            }
            "Add" => Function::new("Add", Signature::new(&[DURATION], TIME), move |_, arguments| {
                Ok(from_time(time.add(integer(&arguments[0]))))
            }),
            "Sub" => Function::new("Sub", Signature::new(&[TIME], DURATION), move |_, arguments| {
                let since = time_of(&arguments[0]).map_or(0, |other| time.since(other));
                Ok(Named::value(DURATION, since))
            }),
            "Before" => comparing("Before", std::cmp::Ordering::is_lt),
            "After" => comparing("After", std::cmp::Ordering::is_gt),
            "Equal" => comparing("Equal", std::cmp::Ordering::is_eq),
            _ => return None,
        })
    }
}

fn constant(name: &'static str, result: &'static GoType, value: Value) -> Function {
    // The signature borrows nothing, so each result type has its own.
    let signature = Signature { parameters: &[], is_variadic: false, result };
    Function::new(name, signature, move |_, _| Ok(value.clone()))
}

impl Object for TimeObject {
    fn go_type(&self) -> &'static GoType {
        TIME
    }

    fn member(&self, name: &str) -> Option<Member> {
        self.method(name).map(Member::Method)
    }

    fn text(&self) -> GoString {
        GoString::from(self.0.to_string())
    }

    fn has_string_method(&self) -> bool {
        true
    }

    fn plain(&self) -> Option<Value> {
        Some(Value::from(self.0.format(b"2006-01-02T15:04:05.999999999Z07:00")))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A number of a named type: a month, a weekday or a duration.
#[derive(Debug)]
struct Named {
    go_type: &'static GoType,
    number: i64,
}

impl Named {
    fn value(go_type: &'static GoType, number: i64) -> Value {
        Value::from_object(Self { go_type, number })
    }

    fn name(&self) -> String {
        let index = usize::try_from(self.number).ok();
        if self.go_type.is(DURATION) {
            return format_duration(self.number);
        }
        let name = if self.go_type.is(MONTH) {
            index.and_then(|index| MONTHS.get(index.checked_sub(1)?))
        } else {
            index.and_then(|index| WEEKDAYS.get(index))
        };
        name.map_or_else(|| self.number.to_string(), |name| (*name).to_owned())
    }
}

impl Object for Named {
    fn go_type(&self) -> &'static GoType {
        self.go_type
    }

    fn member(&self, name: &str) -> Option<Member> {
        let float =
            |name, unit: f64| constant(name, crate::types::FLOAT64, Value::from(self.number as f64 / unit));
        let is_duration = self.go_type.is(DURATION);
        Some(Member::Method(match name {
            "String" => constant("String", STRING, Value::from(self.name())),
            "Seconds" if is_duration => float("Seconds", 1e9),
            "Minutes" if is_duration => float("Minutes", 6e10),
            "Hours" if is_duration => float("Hours", 3.6e12),
            _ => return None,
        }))
    }

    fn text(&self) -> GoString {
        GoString::from(self.name())
    }

    fn has_string_method(&self) -> bool {
        true
    }

    fn plain(&self) -> Option<Value> {
        Some(Value::from(Data::Int64(self.number)))
    }

    fn integer(&self) -> Option<i64> {
        Some(self.number)
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other
            .as_any()
            .downcast_ref::<Self>()
            .is_some_and(|other| self.number == other.number && self.go_type.is(other.go_type))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
