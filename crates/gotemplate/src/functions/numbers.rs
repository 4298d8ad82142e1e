//! Numbers: conversions, arithmetic, rounding and sequences.

use crate::types::{ANY, FLOAT64, INT, INT64, INTS, STRING};
use crate::{Call, Data, Error, Function, List, Signature, Value};

use super::arguments::{bytes, integer};
use super::conversion::{to_float, to_integer};
use super::decimal::Decimal;
use super::text::printed;

pub(super) fn functions() -> Vec<Function> {
    let mut functions = conversions();
    functions.extend(whole_arithmetic());
    functions.extend(decimal_arithmetic());
    functions.extend(rounding());
    functions.extend(sequences());
    functions
}

fn int64(number: i64) -> Result<Value, Error> {
    Ok(Value::from(Data::Int64(number)))
}

fn conversions() -> Vec<Function> {
    vec![
        Function::new("atoi", Signature::new(&[STRING], INT), |_, arguments| {
            let parsed = parse_decimal(bytes(&arguments[0]));
            Ok(Value::from(Data::Int(parsed)))
        }),
        Function::new("int", Signature::new(&[ANY], INT), |_, arguments| {
            Ok(Value::from(Data::Int(to_integer(&arguments[0]))))
        }),
        Function::new("int64", Signature::new(&[ANY], INT64), |_, arguments| {
            int64(to_integer(&arguments[0]))
        }),
        Function::new("float64", Signature::new(&[ANY], FLOAT64), |_, arguments| {
            Ok(Value::from(to_float(&arguments[0])))
        }),
        Function::new("toDecimal", Signature::new(&[ANY], INT64), |_, arguments| {
            let text = printed(&arguments[0])?;
            let octal = std::str::from_utf8(&text).ok().and_then(|text| i64::from_str_radix(text, 8).ok());
            int64(octal.unwrap_or_default())
        }),
    ]
}

/// A decimal number; one that does not fit is the nearest that does, anything else zero.
fn parse_decimal(text: &[u8]) -> i64 {
    let Ok(text) = std::str::from_utf8(text) else { return 0 };
    match text.parse::<i64>() {
        Ok(number) => number,
        Err(error) => match error.kind() {
            std::num::IntErrorKind::PosOverflow => i64::MAX,
            std::num::IntErrorKind::NegOverflow => i64::MIN,
            _ => 0,
        },
    }
}

fn whole_arithmetic() -> Vec<Function> {
    let two = Signature::new(&[ANY, ANY], INT64);
    let fold = |name, start: i64, combine: fn(i64, i64) -> i64| {
        Function::new(name, Signature::variadic(&[ANY], INT64), move |_, arguments| {
            int64(arguments.iter().map(to_integer).fold(start, combine))
        })
    };
    let reduce = |name, combine: fn(i64, i64) -> i64| {
        Function::new(name, Signature::variadic(&[ANY, ANY], INT64), move |_, arguments| {
            int64(arguments.iter().map(to_integer).reduce(combine).unwrap_or_default())
        })
    };
    let divide = |name, combine: fn(i64, i64) -> i64| {
        Function::new(name, two, move |_, arguments| match to_integer(&arguments[1]) {
            0 => Err(Error::message("runtime error: integer divide by zero")),
            divisor => int64(combine(to_integer(&arguments[0]), divisor)),
        })
    };
    vec![
        Function::new("add1", Signature::new(&[ANY], INT64), |_, arguments| {
            int64(to_integer(&arguments[0]).wrapping_add(1))
        }),
        fold("add", 0, i64::wrapping_add),
        Function::new("sub", two, |_, arguments| {
            int64(to_integer(&arguments[0]).wrapping_sub(to_integer(&arguments[1])))
        }),
        divide("div", i64::wrapping_div),
        divide("mod", i64::wrapping_rem),
        reduce("mul", i64::wrapping_mul),
        reduce("max", i64::max),
        reduce("biggest", i64::max),
        reduce("min", i64::min),
    ]
}

fn decimal_arithmetic() -> Vec<Function> {
    type Operation = fn(&Decimal, &Decimal) -> Result<Decimal, Error>;
    let reduce = |name, operation: Operation| {
        Function::new(name, Signature::variadic(&[ANY, ANY], FLOAT64), move |_, arguments| {
            calculate(to_float(&arguments[0]), &arguments[1..], operation)
        })
    };
    vec![
        Function::new("add1f", Signature::new(&[ANY], FLOAT64), |_, arguments| {
            let one = [Value::from(Data::Int(1))];
            calculate(to_float(&arguments[0]), &one, |one, other| Ok(one.add(other)))
        }),
        Function::new("addf", Signature::variadic(&[ANY], FLOAT64), |_, arguments| {
            calculate(0.0, arguments, |one, other| Ok(one.add(other)))
        }),
        reduce("subf", |one, other| Ok(one.subtract(other))),
        reduce("mulf", |one, other| Ok(one.multiply(other))),
        reduce("divf", Decimal::divide),
    ]
}

fn calculate(
    start: f64,
    rest: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, Error>,
) -> Result<Value, Error> {
    let mut result = Decimal::from_float(start)?;
    for value in rest {
        result = operation(&result, &Decimal::from_float(to_float(value))?)?;
    }
    Ok(Value::from(result.to_float()))
}

fn rounding() -> Vec<Function> {
    let one = Signature::new(&[ANY], FLOAT64);
    let several = Signature::variadic(&[ANY, ANY], FLOAT64);
    vec![
        Function::new("floor", one, |_, arguments| Ok(Value::from(to_float(&arguments[0]).floor()))),
        Function::new("ceil", one, |_, arguments| Ok(Value::from(to_float(&arguments[0]).ceil()))),
        Function::new("round", Signature::variadic(&[ANY, INT, FLOAT64], FLOAT64), |_, arguments| {
            let threshold = arguments.get(2).and_then(Value::float).unwrap_or(0.5);
            Ok(Value::from(round(to_float(&arguments[0]), integer(&arguments[1]), threshold)))
        }),
        Function::new("maxf", several, |_, arguments| {
            Ok(Value::from(arguments.iter().map(to_float).reduce(larger).unwrap_or_default()))
        }),
        Function::new("minf", several, |_, arguments| {
            Ok(Value::from(arguments.iter().map(to_float).reduce(smaller).unwrap_or_default()))
        }),
    ]
}

/// Rounds towards positive infinity when the fraction reaches the threshold; negative fractions never do.
fn round(number: f64, places: i64, threshold: f64) -> f64 {
    let power = power_of_ten(places);
    let scaled = power * number;
    let rounded = if scaled - scaled.trunc() >= threshold { scaled.ceil() } else { scaled.floor() };
    rounded / power
}

fn power_of_ten(exponent: i64) -> f64 {
    let magnitude = i32::try_from(exponent.unsigned_abs()).unwrap_or(i32::MAX);
    let power: f64 = format!("1e{magnitude}").parse().unwrap_or(f64::INFINITY);
    if exponent < 0 { 1.0 / power } else { power }
}

/// Infinity wins over no number, no number over any other, zero over minus zero.
fn larger(one: f64, other: f64) -> f64 {
    if one == f64::INFINITY || other == f64::INFINITY {
        f64::INFINITY
    } else if one.is_nan() || other.is_nan() {
        f64::NAN
    } else if one == 0.0 && other == 0.0 {
        if one.is_sign_negative() { other } else { one }
    } else {
        one.max(other)
    }
}

fn smaller(one: f64, other: f64) -> f64 {
    -larger(-one, -other)
}

fn sequences() -> Vec<Function> {
    let list = |call: &mut Call<'_>, start, stop, step| {
        let numbers = sequence(call, start, stop, step)?;
        let items = numbers.into_iter().map(|number| Value::from(Data::Int(number))).collect();
        Ok(Value::from(List::of_type(INTS, items)))
    };
    vec![
        Function::new("until", Signature::new(&[INT], INTS), move |call, arguments| {
            let count = integer(&arguments[0]);
            list(call, 0, count, if count < 0 { -1 } else { 1 })
        }),
        Function::new("untilStep", Signature::new(&[INT, INT, INT], INTS), move |call, arguments| {
            list(call, integer(&arguments[0]), integer(&arguments[1]), integer(&arguments[2]))
        }),
        Function::new("seq", Signature::variadic(&[INT], STRING), |call, arguments| {
            let numbers: Vec<i64> = arguments.iter().map(integer).collect();
            let (start, step, end) = match numbers.as_slice() {
                [end] => (1, if *end < 1 { -1 } else { 1 }, *end),
                [start, end] => (*start, if end < start { -1 } else { 1 }, *end),
                [start, step, end] if end < start && *step > 0 => (*start, 0, *end),
                [start, step, end] => (*start, *step, *end),
                _ => return Ok(Value::from("")),
            };
            let beyond = end.wrapping_add(if end < start { -1 } else { 1 });
            let numbers = sequence(call, start, beyond, step)?;
            let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
            Ok(Value::from(texts.join(" ")))
        }),
    ]
}

/// The numbers from `start` up to but without `stop`; none if the step leads away from it.
fn sequence(call: &mut Call<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Error> {
    if (stop < start && step >= 0) || (stop >= start && step <= 0) {
        return Ok(Vec::new());
    }
    let count = start.abs_diff(stop).div_ceil(step.unsigned_abs());
    call.runtime.spend(count)?;
    let mut numbers = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
    let mut number = start;
    for _ in 0..count {
        numbers.push(number);
        number = number.saturating_add(step);
    }
    Ok(numbers)
}
