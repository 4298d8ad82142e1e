//! Values as YAML text, written as they are walked.
//!
//! Gives up on what the plain form has rules or errors for: objects, bytes, text that is no UTF-8, numbers without a form,
//! deep nesting. The caller then goes through that form.

use plimsoll_yaml::ValueWriter;
use serde_json::Number;

use crate::types::BYTES;
use crate::{Data, Value};

/// How deep values are walked here.
const DEEPEST: u32 = 100;

/// The value in the bytes of sigs.k8s.io/yaml, with the line end.
pub(super) fn yaml_text(value: &Value) -> Option<String> {
    let mut writer = ValueWriter::new();
    write(&mut writer, value, 0)?;
    writer.finish()
}

fn write(writer: &mut ValueWriter, value: &Value, depth: u32) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    match value.data() {
        Data::Nil => writer.null(),
        Data::Bool(value) => writer.bool(*value),
        Data::String(text) => writer.string(text.as_str()?),
        Data::Float64(number) => writer.number(&Number::from_f64(*number)?),
        Data::Int(number) | Data::Int64(number) => writer.number(&Number::from(*number)),
        Data::List(list) if list.is_nil() => writer.null(),
        Data::List(list) if list.go_type().is(BYTES) => return None,
        Data::List(list) => {
            writer.open_sequence(list.len());
            for item in list.items() {
                write(writer, item, depth + 1)?;
            }
            writer.close();
        }
        Data::Map(map) if map.is_nil() => writer.null(),
        Data::Map(map) => {
            let all = map.entries();
            let entries = all.iter().map(|(key, value)| Some((key.as_str()?, value)));
            let mut entries = entries.collect::<Option<Vec<_>>>()?;
            ValueWriter::sort(&mut entries);
            writer.open_mapping(entries.len());
            for (key, value) in entries {
                writer.key(key);
                write(writer, value, depth + 1)?;
            }
            writer.close();
        }
        _ => return None,
    }
    Some(())
}
