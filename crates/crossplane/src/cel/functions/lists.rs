//! Lists and sets: Kubernetes' list library, and cel-go's `ext/lists.go` and `ext/sets.go`.

use std::cmp::Ordering;

use super::super::error::Failure;
use super::super::value::{List, Value};
use super::{Outcome, operators};

/// The longest list that `lists.range` makes.
const LONGEST_RANGE: i64 = 1_000_000;

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("isSorted", [Value::List(list)]) => is_sorted(list),
        ("sum", [Value::List(list)]) => sum(list),
        ("min", [Value::List(list)]) => extreme(list, "min", Ordering::Greater),
        ("max", [Value::List(list)]) => extreme(list, "max", Ordering::Less),
        ("indexOf", [Value::List(list), wanted]) => {
            find(list, wanted).map(|found| found.first().copied()).map(index)
        }
        ("lastIndexOf", [Value::List(list), wanted]) => {
            find(list, wanted).map(|found| found.last().copied()).map(index)
        }
        ("slice", [Value::List(list), Value::Int(from), Value::Int(to)]) => slice(list, *from, *to),
        ("flatten", [Value::List(list)]) => flatten(list, 1).map(Value::list),
        ("flatten", [Value::List(list), Value::Int(depth)]) => match usize::try_from(*depth) {
            Ok(depth) => flatten(list, depth.min(100)).map(Value::list),
            Err(_) => Err(Failure::new("level must be non-negative")),
        },
        ("distinct", [Value::List(list)]) => distinct(list),
        ("reverse", [Value::List(list)]) => {
            list.all().map(|items| Value::list(items.into_iter().rev().collect()))
        }
        ("sort", [Value::List(list)]) => sort(list),
        ("lists.range", [Value::Int(end)]) if *end <= LONGEST_RANGE => {
            Ok(Value::list((0..*end).map(Value::Int).collect()))
        }
        ("lists.range", [Value::Int(_)]) => Err(Failure::out_of_budget()),
        ("sets.contains", [Value::List(one), Value::List(other)]) => is_subset(other, one).map(Value::Bool),
        ("sets.equivalent", [Value::List(one), Value::List(other)]) => {
            is_subset(one, other).and_then(|holds| Ok(Value::Bool(holds && is_subset(other, one)?)))
        }
        ("sets.intersects", [Value::List(one), Value::List(other)]) => intersects(one, other),
        _ => return None,
    })
}

fn index<'d>(found: Option<usize>) -> Value<'d> {
    Value::Int(found.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1))
}

fn is_sorted<'d>(list: &List<'d>) -> Outcome<'d> {
    let items = list.all()?;
    for pair in items.windows(2) {
        if let [one, other] = pair
            && one.compare(other).ok_or_else(Failure::no_such_overload)? == Ordering::Greater
        {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

/// The sum of an empty list is zero of a type that only the schema knows; as an integer it equals every zero.
fn sum<'d>(list: &List<'d>) -> Outcome<'d> {
    let mut items = list.all()?.into_iter();
    let Some(first) = items.next() else { return Ok(Value::Int(0)) };
    items.try_fold(first, |sum, item| {
        operators::call("_+_", &[sum, item]).unwrap_or_else(|| Err(Failure::no_such_overload()))
    })
}

fn extreme<'d>(list: &List<'d>, name: &str, replaced: Ordering) -> Outcome<'d> {
    let mut items = list.all()?.into_iter();
    let Some(mut found) = items.next() else {
        return Err(Failure::new(format!("{name} called on empty list")));
    };
    for item in items {
        if found.compare(&item).ok_or_else(Failure::no_such_overload)? == replaced {
            found = item;
        }
    }
    Ok(found)
}

fn find<'d>(list: &List<'d>, wanted: &Value<'d>) -> Result<Vec<usize>, Failure> {
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        if item?.equals(wanted)? {
            found.push(index);
        }
    }
    Ok(found)
}

fn slice<'d>(list: &List<'d>, from: i64, to: i64) -> Outcome<'d> {
    let items = list.all()?;
    let size = items.len();
    let (Ok(start), Ok(end)) = (usize::try_from(from), usize::try_from(to)) else {
        return Err(Failure::new(format!("cannot slice({from}, {to}), negative indexes not supported")));
    };
    if start > end {
        return Err(Failure::new(format!(
            "cannot slice({from}, {to}), start index must be less than or equal to end index"
        )));
    }
    match items.get(start..end) {
        Some(part) => Ok(Value::list(part.to_vec())),
        None => Err(Failure::new(format!("cannot slice({from}, {to}), list is length {size}"))),
    }
}

fn flatten<'d>(list: &List<'d>, depth: usize) -> Result<Vec<Value<'d>>, Failure> {
    let mut items = Vec::new();
    for item in list.iter() {
        match item? {
            Value::List(inner) if depth > 0 => items.extend(flatten(&inner, depth - 1)?),
            item => items.push(item),
        }
    }
    Ok(items)
}

fn distinct<'d>(list: &List<'d>) -> Outcome<'d> {
    let mut kept: Vec<Value<'d>> = Vec::new();
    for item in list.iter() {
        let item = item?;
        let mut is_known = false;
        for known in &kept {
            is_known = is_known || known.equals(&item)?;
        }
        if !is_known {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn sort<'d>(list: &List<'d>) -> Outcome<'d> {
    let mut items = list.all()?;
    let is_ordered =
        items.windows(2).all(|pair| matches!(pair, [one, other] if one.compare(other).is_some()));
    if !is_ordered {
        return Err(Failure::new("list elements must be comparable"));
    }
    items.sort_by(|one, other| one.compare(other).unwrap_or(Ordering::Equal));
    Ok(Value::list(items))
}

fn is_subset<'d>(part: &List<'d>, whole: &List<'d>) -> Result<bool, Failure> {
    for item in part.iter() {
        if find(whole, &item?)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn intersects<'d>(one: &List<'d>, other: &List<'d>) -> Outcome<'d> {
    for item in one.iter() {
        if !find(other, &item?)?.is_empty() {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
