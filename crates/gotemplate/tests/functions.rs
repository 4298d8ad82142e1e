//! Runs the function cases in `tests/functions`: one call a line, with what it returns or how it fails.
//!
//! A line is `{"call": NAME, "with": [ARGUMENT...], "type": GO_TYPE, "is": RESULT}` or has `"fails": TEXT` instead of the
//! last two. Whole JSON numbers are `int`, others `float64`; `{"$int64": 1}`, `{"$time": RFC_3339}`, `{"$strings": [...]}`, `{"$bytes": BASE64}`
//! and `{"$text": TEXT}` stand for what JSON lacks. `UPDATE_EXPECTED=1` writes what comes out into the files.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_gotemplate::{
    Call, Data, Environment, Error, FixedEnvironment, Functions, GoString, List, Location, Map, Profile,
    Runtime, Value, functions,
};
use serde_json::{Value as Json, json};

/// A run without templates, whose clock stands at 2026-11-23T12:34:56.789Z.
struct Alone(FixedEnvironment);

/// The time of RFC 3339 text, by the function under test that reads one.
fn time(text: &str) -> Value {
    let mut functions = Functions::default();
    functions::register(&mut functions, Profile::V4);
    let read = functions.find("mustToDate").expect("there is a reader of times");
    let arguments = [Value::from("2006-01-02T15:04:05Z07:00"), Value::from(text)];
    let mut run = Alone(FixedEnvironment::default());
    read.run(&mut Call::new(&mut run, "mustToDate"), &arguments).expect("the time of a case reads")
}

impl Runtime for Alone {
    fn include(&mut self, _: &[u8], _: &Value) -> Result<Value, Error> {
        Err(Error::message("no templates here"))
    }

    fn evaluate_text(&mut self, _: &[u8], _: &Value) -> Result<Value, Error> {
        Err(Error::message("no templates here"))
    }

    fn environment(&self) -> &dyn Environment {
        &self.0
    }

    fn profile(&self) -> Profile {
        Profile::V4
    }

    fn spend(&mut self, steps: u64) -> Result<(), Error> {
        if steps > 50_000_000 { Err(Error::message("too much work")) } else { Ok(()) }
    }

    fn location(&self) -> Location {
        Location { template: "case".into(), line: 1, column: 1 }
    }
}

fn argument(json: &Json) -> Value {
    match json {
        Json::Null => Value::NIL,
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::from(Data::Int(number)),
            None => Value::from(number.as_f64().expect("numbers of cases fit")),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(argument).collect::<Vec<_>>()),
        Json::Object(entries) => match entries.iter().next() {
            Some((key, value)) if key == "$int64" => {
                Value::from(Data::Int64(value.as_i64().expect("`$int64` is whole")))
            }
            Some((key, value)) if key == "$time" => time(value.as_str().expect("`$time` is a text")),
            Some((key, value)) if key == "$uint32" => {
                Value::from(Data::Uint64(value.as_u64().expect("`$uint32` is whole")))
            }
            Some((key, value)) if key == "$strings" => {
                let items = value.as_array().expect("`$strings` is a list");
                Value::from(List::of_strings(items.iter().map(|item| item.as_str().expect("of strings"))))
            }
            Some((key, value)) if key == "$bytes" => {
                Value::from(STANDARD.decode(value.as_str().expect("text")).expect("`$bytes` is Base64"))
            }
            _ => Value::from(
                entries
                    .iter()
                    .map(|(key, value)| (GoString::from(key.as_str()), argument(value)))
                    .collect::<Map>(),
            ),
        },
    }
}

fn bytes(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => json!({"$bytes": STANDARD.encode(bytes)}),
    }
}

fn result(value: &Value) -> Json {
    match value.data() {
        Data::Nil => Json::Null,
        Data::Bool(value) => json!(value),
        Data::Float64(number) if number.is_finite() => json!(number),
        Data::Float64(number) => json!({"$text": number.to_string().replace("inf", "Inf")}),
        Data::String(text) => bytes(text.as_bytes()),
        Data::List(list) if list.is_nil() => json!({"$text": "nil"}),
        Data::List(list) => list.items().iter().map(result).collect(),
        Data::Map(map) => {
            let entries = map.entries();
            Json::Object(
                entries.iter().map(|(key, value)| (key.to_text().into_owned(), result(value))).collect(),
            )
        }
        Data::Object(object) => json!({"$text": object.text().to_text()}),
        _ => match value.unsigned() {
            Some(number) => json!(number),
            None => json!(value.integer()),
        },
    }
}

fn outcome(functions: &Functions, case: &Json) -> Json {
    let name = case["call"].as_str().expect("a case has `call`");
    let arguments: Vec<Value> =
        case["with"].as_array().expect("a case has `with`").iter().map(argument).collect();
    let mut run = Alone(FixedEnvironment::at(1_795_437_296_789_000_000));
    let function = functions.find(name).unwrap_or_else(|| panic!("there is no function {name}"));
    let name = function.name;
    let mut outcome = case.clone();
    for key in ["type", "is", "fails"] {
        outcome.as_object_mut().expect("a case is an object").remove(key);
    }
    match function.run(&mut Call::new(&mut run, name), &arguments) {
        Ok(value) => {
            outcome["type"] = json!(value.type_name());
            outcome["is"] = result(&value);
        }
        Err(error) => outcome["fails"] = json!(error.to_string()),
    }
    outcome
}

#[test]
fn cases() {
    let mut functions = Functions::builtins();
    functions::register(&mut functions, Profile::V4);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!(update && std::env::var_os("CI").is_some()), "expected output is not updated where CI is set");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    let (mut failures, mut failed, mut total) = (String::new(), 0, 0);
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("cases are UTF-8");
        let mut updated = String::new();
        for (index, line) in text.lines().enumerate() {
            let case: Json = serde_json::from_str(line).expect("a case is a line of JSON");
            let outcome = outcome(&functions, &case);
            total += 1;
            if outcome != case {
                failed += 1;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                writeln!(failures, "{name}:{}\n  expected {case}\n  found    {outcome}", index + 1)
                    .expect("strings take everything");
            }
            writeln!(updated, "{outcome}").expect("strings take everything");
        }
        if update {
            std::fs::write(&path, updated).expect("cases can be written");
        }
    }
    assert!(update || failures.is_empty(), "{failed} of {total} cases failed:\n{failures}");
}
