//! Amounts of CPU and memory as Kubernetes writes them, in billionths of a core or of a byte.

use plimsoll_crossplane::quantity::Quantity;
use serde_json::Value;

/// An amount: `500m`, `1Gi`, `2`. What is no quantity is nothing.
pub(super) fn amount(value: Option<&Value>) -> i128 {
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return 0,
    };
    Quantity::parse(&text).map(|quantity| quantity.to_billionths()).unwrap_or_default()
}

/// Cores for people: `1.5`.
pub(super) fn cores(amount: i128) -> String {
    let hundredths = amount / 10_000_000;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Bytes for people: `3.25 GiB`.
pub(super) fn gibibytes(amount: i128) -> String {
    let hundredths = amount / 1_000_000_000 * 100 / (1 << 30);
    format!("{}.{:02} GiB", hundredths / 100, hundredths % 100)
}
