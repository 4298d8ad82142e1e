//! What calls cost.
//!
//! Follows cel-go v0.26 `interpreter/runtimecost.go` and k8s.io/apiserver v0.35 `pkg/cel/library/cost.go`.

use super::super::value::Value;

/// The cost of a call that was made.
pub(crate) fn of_call(name: &str, arguments: &[Value<'_>], result: Option<&Value<'_>>) -> u64 {
    let size = |index: usize| arguments.get(index).map_or(0, Value::cost_size);
    let is_text = |index: usize| matches!(arguments.get(index), Some(Value::String(_) | Value::Bytes(_)));
    match name {
        "startsWith" | "endsWith" | "strings.quote" | "format" | "bytes" | "url" | "lowerAscii"
        | "upperAscii" | "substring" | "trim" | "cidr" | "isIP" | "isCIDR" | "ip" | "quantity"
        | "isQuantity" | "semver" | "isSemver" => tenths(size(0), 1),
        "replace" | "split" | "ip.isCanonical" => tenths(size(0), 2),
        "join" => tenths(result.map_or(0, Value::cost_size), 2),
        "@in" if matches!(arguments.get(1), Some(Value::List(_))) => size(1),
        "_==_" | "_!=_" => tenths(size(0).min(size(1)), 1),
        "_<_" | "_<=_" | "_>_" | "_>=_" if is_text(0) => tenths(size(0).min(size(1)), 1),
        "_+_" if is_text(0) => tenths(size(0).saturating_add(size(1)), 1),
        "contains" => tenths(size(0), 1).saturating_mul(tenths(size(1), 1)),
        "matches" | "find" | "findAll" => {
            tenths(size(0).saturating_add(1), 1).saturating_mul(size(1).div_ceil(4))
        }
        "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => traversal(arguments.first()),
        "validate" => match arguments.first() {
            Some(Value::Format(format)) => {
                let text = tenths(size(1).saturating_add(1), 1);
                text.saturating_mul(format.pattern_size().div_ceil(4))
            }
            _ => 1,
        },
        "containsIP" | "containsCIDR" => 2,
        "sets.contains" | "sets.intersects" => size(0).saturating_mul(size(1)).saturating_add(1),
        "sets.equivalent" => size(0).saturating_mul(size(1)).saturating_mul(2).saturating_add(1),
        "lists.range" | "reverse" | "distinct" | "sort" | "flatten" | "slice" => {
            result.map_or(0, Value::cost_size).saturating_add(11)
        }
        _ => 1,
    }
}

/// So many times a tenth of a size, rounded up.
fn tenths(size: u64, times: u64) -> u64 {
    size.saturating_mul(times).div_ceil(10)
}

fn traversal(value: Option<&Value<'_>>) -> u64 {
    match value {
        Some(Value::List(list)) => list
            .iter()
            .map(|item| {
                item.map_or(1, |item| {
                    1 + if matches!(item, Value::String(_)) { tenths(item.cost_size(), 1) } else { 0 }
                })
            })
            .sum(),
        Some(Value::String(_)) => tenths(value.map_or(0, Value::cost_size), 1),
        _ => 1,
    }
}
