//! The methods of `.Values`: Helm's `Values` type is a map with some.

use plimsoll_gotemplate::{Error, Function, GoType, Kind, Map, Signature, Value, quote, types};

use crate::shared;

const VALUES_V3: &GoType =
    &GoType::named("chartutil.Values", Kind::Map, Some(types::ANY)).with_methods(method);
const VALUES_V4: &GoType = &GoType::named("common.Values", Kind::Map, Some(types::ANY)).with_methods(method);

/// The type that tables of values have at the root of a chart.
pub(crate) fn values_type(profile: plimsoll_gotemplate::Profile) -> &'static GoType {
    match profile {
        plimsoll_gotemplate::Profile::V3 => VALUES_V3,
        plimsoll_gotemplate::Profile::V4 => VALUES_V4,
    }
}

fn method(values: &Value, name: &str) -> Option<Function> {
    let values = values.map()?.clone();
    let own_type = values.go_type();
    Some(match name {
        "AsMap" => Function::new("AsMap", Signature::new(&[], types::MAP), move |_, _| {
            Ok(Value::from(if values.is_empty() { Map::new() } else { values.converted(types::MAP) }))
        }),
        "YAML" => Function::new("YAML", Signature::new(&[], types::STRING), move |_, _| {
            let plain = shared::to_json(&Value::from(values.clone()));
            plimsoll_yaml::emit_value(&plain)
                .map(Value::from)
                .map_err(|error| Error::message(error.to_string()))
        }),
        "Table" => Function::new("Table", Signature::new(&[types::STRING], own_type), move |_, arguments| {
            let path = path(arguments);
            let mut table = values.clone();
            for key in path.split('.') {
                let inner = table.value(key.as_bytes()).and_then(|value| value.map().cloned());
                table = inner.ok_or_else(|| {
                    Error::message(format!("{} is not a table", quote::quote(key.as_bytes())))
                })?;
            }
            Ok(Value::from(table.converted(own_type)))
        }),
        "PathValue" => {
            Function::new("PathValue", Signature::new(&[types::STRING], types::ANY), move |_, arguments| {
                let path = path(arguments);
                if path.is_empty() {
                    return Err(Error::message("YAML path cannot be empty"));
                }
                let (table, key) = match path.rsplit_once('.') {
                    Some((tables, key)) => (shared::table_at(&values, tables), key),
                    None => (Some(values.clone()), path.as_str()),
                };
                let found = table.and_then(|table| table.value(key.as_bytes()));
                found
                    .filter(|value| !shared::is_table(value))
                    .ok_or_else(|| Error::message(format!("{} is not a value", quote::quote(key.as_bytes()))))
            })
        }
        _ => return None,
    })
}

fn path(arguments: &[Value]) -> String {
    arguments.first().and_then(Value::string).map(|path| path.to_text().into_owned()).unwrap_or_default()
}
