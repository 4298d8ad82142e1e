//! `.Files`: the files of a chart that are neither templates nor its own description.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_gotemplate::{
    Entries, Function, GoString, GoType, Kind, List, Map, Profile, Signature, Value, types,
};

use crate::archive::ChartFile;
use crate::glob::Glob;

const FILES: &GoType = &GoType::named("engine.files", Kind::Map, Some(types::BYTES)).with_methods(method);

/// What templates find under `.Files`.
pub(crate) fn files_object(files: &[ChartFile]) -> Value {
    let entries: Entries = files
        .iter()
        .map(|file| {
            let bytes = List::of_shared_bytes(file.data.clone());
            (GoString::from(file.name.as_str()), Value::from(bytes))
        })
        .collect();
    Value::from(Map::of_type(FILES, entries))
}

fn method(files: &Value, name: &str) -> Option<Function> {
    let files = files.map()?.clone();
    let one = |result| Signature::new(&[types::STRING], result);
    let none = |result| Signature::new(&[], result);
    Some(match name {
        "Get" => Function::new("Get", one(types::STRING), move |_, arguments| {
            Ok(Value::from(bytes_of(&files, argument(arguments)).as_ref()))
        }),
        "GetBytes" => Function::new("GetBytes", one(types::BYTES), move |_, arguments| {
            Ok(Value::from(List::of_shared_bytes(bytes_of(&files, argument(arguments)))))
        }),
        "Glob" => Function::new("Glob", one(FILES), move |_, arguments| {
            let pattern = argument(arguments).to_text().into_owned();
            let glob = Glob::compile(&pattern).unwrap_or_else(Glob::anything);
            let entries = files.entries();
            let found = entries.iter().filter(|(name, _)| glob.matches(&name.to_text()));
            let found = found.map(|(name, value)| (name.clone(), value.clone())).collect();
            Ok(Value::from(Map::of_type(FILES, found)))
        }),
        "AsConfig" => Function::new("AsConfig", none(types::STRING), move |_, _| {
            Ok(Value::from(by_base_name(&files, |bytes| String::from_utf8_lossy(bytes).into_owned())))
        }),
        "AsSecrets" => Function::new("AsSecrets", none(types::STRING), move |_, _| {
            Ok(Value::from(by_base_name(&files, |bytes| STANDARD.encode(bytes))))
        }),
        "Lines" => Function::new("Lines", one(types::STRINGS), move |call, arguments| {
            let bytes = bytes_of(&files, argument(arguments));
            let is_there = files.contains(argument(arguments).as_bytes());
            lines(&bytes, is_there, call.profile())
        }),
        _ => return None,
    })
}

fn argument(arguments: &[Value]) -> GoString {
    arguments.first().and_then(|argument| argument.string()).cloned().unwrap_or_default()
}

fn bytes_of(files: &Map, name: GoString) -> std::sync::Arc<[u8]> {
    let found = files.value(name.as_bytes());
    found.as_ref().and_then(Value::list).and_then(List::bytes).cloned().unwrap_or_else(|| Vec::new().into())
}

/// The files as YAML by the last part of their names; of two with one name the last counts.
fn by_base_name(files: &Map, text: impl Fn(&[u8]) -> String) -> String {
    let mut texts = BTreeMap::new();
    for (name, value) in files.entries().iter() {
        let name = name.to_text();
        let base = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let bytes = value.list().and_then(List::bytes).cloned().unwrap_or_else(|| Vec::new().into());
        texts.insert(base, serde_json::Value::String(text(&bytes)));
    }
    // Helm's `toYaml` gives nothing where encoding fails.
    let yaml = plimsoll_yaml::emit_value(&serde_json::Value::Object(texts.into_iter().collect()))
        .unwrap_or_default();
    yaml.strip_suffix('\n').unwrap_or(&yaml).to_owned()
}

fn lines(bytes: &[u8], is_there: bool, profile: Profile) -> Result<Value, plimsoll_gotemplate::Error> {
    if bytes.is_empty() {
        if is_there && profile == Profile::V4 {
            return Err(plimsoll_gotemplate::Error::message("runtime error: index out of range [-1]"));
        }
        return Ok(Value::from(List::of_strings(Vec::<&str>::new())));
    }
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    Ok(Value::from(List::of_strings(bytes.split(|byte| *byte == b'\n'))))
}
