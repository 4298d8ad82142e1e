//! Plain values into template values, and copies of those.
//!
//! Template values have Go's reference semantics. Coalescing relies on them: what Helm shares between a chart and its
//! subcharts by accident or on purpose is shared here, too.

use plimsoll_gotemplate::{Data, GoString, List, Map, Value, printing, types};

use crate::coalesce::Nulls;

/// A template value for JSON-like data; whole numbers become `int64`.
pub(crate) fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::NIL,
        serde_json::Value::Bool(value) => Value::from(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) if !number.is_f64() => Value::from(whole),
            _ => Value::from(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::from(items.iter().map(from_json).collect::<Vec<_>>()),
        serde_json::Value::Object(entries) => Value::from(table_from_json(entries)),
    }
}

/// A table for a JSON object.
pub(crate) fn table_from_json(entries: &serde_json::Map<String, serde_json::Value>) -> Map {
    entries.iter().map(|(key, value)| (GoString::from(key.as_str()), from_json(value))).collect()
}

/// A copy of a table that shares no table with the original.
pub(crate) fn deep_copy_table(map: &Map) -> Map {
    let copied = |value| copy(value, deep_copy_table, deep_copy_table);
    map.entries().iter().map(|(key, value)| (key.clone(), copied(value))).collect()
}

/// A copy of a table that nobody will change any more: each table in it is copied when it is first read or written, which
/// most tables of most charts never are.
pub(crate) fn late_copy_table(unchanging: &Map) -> Map {
    let entries = unchanging.entries();
    Map::made_when_read(move || {
        entries.iter().map(|(key, value)| (key.clone(), late_copy(value, Nulls::Keep))).collect()
    })
}

/// A copy of a value that nobody will change any more. Nulls are deleted from tables in tables, not from those in slices.
pub(crate) fn late_copy(unchanging: &Value, nulls: Nulls) -> Value {
    match nulls {
        Nulls::Keep => copy(unchanging, late_copy_table, late_copy_table),
        Nulls::Delete => copy(unchanging, late_copy_without_nulls, late_copy_table),
    }
}

fn late_copy_without_nulls(unchanging: &Map) -> Map {
    let entries = unchanging.entries();
    Map::made_when_read(move || {
        let kept = entries.iter().filter(|(_, value)| !value.is_nil());
        kept.map(|(key, value)| (key.clone(), late_copy(value, Nulls::Delete))).collect()
    })
}

/// A copy of a value whose tables are copied by `table`, and those in slices by `in_slice`. Slices themselves never change, so
/// those without tables are shared.
fn copy(value: &Value, table: fn(&Map) -> Map, in_slice: fn(&Map) -> Map) -> Value {
    match value.data() {
        Data::Map(map) => Value::from(table(map)).with_taint(value.taint()),
        Data::List(list) if list.items().iter().any(Value::is_container) => {
            let items = list.items().iter().map(|item| copy(item, in_slice, in_slice)).collect();
            Value::from(List::of_type(list.go_type(), items)).with_taint(value.taint())
        }
        _ => value.clone(),
    }
}

/// The table below a path of keys.
pub(crate) fn table_at(map: &Map, path: &str) -> Option<Map> {
    let mut table = map.clone();
    for key in path.split('.') {
        let inner = table.value(key.as_bytes())?.map()?.clone();
        table = inner;
    }
    Some(table)
}

/// JSON-like data for values that came from it.
pub(crate) fn to_json(value: &Value) -> serde_json::Value {
    match value.data() {
        Data::Bool(value) => (*value).into(),
        Data::Int64(number) | Data::Int(number) => (*number).into(),
        Data::Float64(number) => {
            serde_json::Number::from_f64(*number).map_or(serde_json::Value::Null, Into::into)
        }
        Data::String(text) => text.to_text().into_owned().into(),
        Data::List(list) => list.items().iter().map(to_json).collect::<Vec<_>>().into(),
        Data::Map(map) => {
            let entries = map.entries();
            let plain = entries.iter().map(|(key, value)| (key.to_text().into_owned(), to_json(value)));
            serde_json::Value::Object(plain.collect())
        }
        _ => serde_json::Value::Null,
    }
}

/// Whether two types are the same one that values files have for tables.
pub(crate) fn is_table(value: &Value) -> bool {
    value.map().is_some_and(|map| map.go_type().is(types::MAP))
}

/// What `%v` prints of a value.
pub(crate) fn printed(value: &Value) -> String {
    printing::sprint(std::slice::from_ref(value))
        .map_or_else(|_| String::new(), |text| text.to_text().into_owned())
}

/// What `%t` prints of a value.
pub(crate) fn as_boolean_verb(value: &Value) -> String {
    printing::sprintf(b"%t", std::slice::from_ref(value))
        .map_or_else(|_| String::new(), |text| text.to_text().into_owned())
}
