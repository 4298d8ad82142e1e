//! Values which change from run to run keep their origin on the way to the output.

use plimsoll_gotemplate::{
    Data, Executor, FixedEnvironment, Function, Functions, Map, Profile, Settings, Signature, TaintFlow,
    Templates, Value, types,
};

fn functions() -> Functions {
    let mut functions = Functions::builtins();
    let random = Signature::new(&[], types::STRING);
    functions.register(
        Function::new("random", random, |_, _| Ok(Value::from("abc123"))).with_taint(TaintFlow::Source),
    );
    let number = Signature::new(&[], types::INT);
    functions.register(
        Function::new("randomNumber", number, |_, _| Ok(Value::from(7usize))).with_taint(TaintFlow::Source),
    );
    let lookup = Signature::new(&[], types::MAP);
    functions.register(
        Function::new("lookup", lookup, |_, _| Ok(Value::from(Map::new()))).with_taint(TaintFlow::Source),
    );
    let set = Signature::new(&[types::MAP, types::STRING, types::ANY], types::MAP);
    functions.register(
        Function::new("set", set, |_, arguments| {
            let (map, key) = (arguments[0].map().expect("a map"), arguments[1].string().expect("a string"));
            assert!(map.insert(key.clone(), arguments[2].clone()));
            Ok(arguments[0].clone())
        })
        .with_taint(TaintFlow::Carry),
    );
    let split = Signature::new(&[types::STRING], types::MAP);
    functions.register(Function::new("wrap", split, |_, arguments| {
        Ok(Value::from(
            [("k".into(), arguments[0].clone().with_taint(Default::default()))].into_iter().collect::<Map>(),
        ))
    }));
    let include = Signature::new(&[types::STRING, types::ANY], types::STRING);
    functions.register(
        Function::new("include", include, |call, arguments| {
            let name = arguments[0].string().cloned().unwrap_or_default();
            call.runtime.include(name.as_bytes(), &arguments[1])
        })
        .with_taint(TaintFlow::Carry),
    );
    functions
}

/// Returns the tainted parts of the output with the functions behind them.
fn tainted(template: &str) -> Vec<(String, Vec<String>)> {
    let mut templates = Templates::new(functions());
    templates.parse("t", template).expect("the template parses");
    let environment = FixedEnvironment::default();
    let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
    let data = Value::from(Map::new());
    let output = executor.execute("t", &data).expect("the template runs");
    let text =
        |range: &std::ops::Range<usize>| String::from_utf8_lossy(&output.bytes[range.clone()]).into_owned();
    let origins = |mark| {
        let origins = executor.taints().origins(mark);
        origins
            .iter()
            .map(|origin| {
                let callers: String = origin.callers.iter().map(|caller| format!(" from {caller}")).collect();
                format!("{} at {}{callers}", origin.function, origin.location)
            })
            .collect()
    };
    output.tainted.iter().map(|part| (text(&part.range), origins(part.mark))).collect()
}

fn one(text: &str, origin: &str) -> Vec<(String, Vec<String>)> {
    vec![(text.to_owned(), vec![origin.to_owned()])]
}

#[test]
fn clean_values_have_no_origin() {
    assert_eq!(tainted("a: {{ print 1 }} {{ $x := random }}{{ len \"abc\" }}"), []);
}

#[test]
fn a_random_value_that_is_printed_is_named() {
    assert_eq!(tainted("a: {{ random }}"), one("abc123", "random at t:1:6"));
}

#[test]
fn derived_values_keep_the_origin() {
    assert_eq!(tainted("a: {{ random | printf \"<%s>\" }}"), one("<abc123>", "random at t:1:6"));
    assert_eq!(tainted("\n{{ $x := randomNumber }}{{ $x }}"), one("7", "randomNumber at t:2:9"));
}

#[test]
fn maps_keep_the_origins_of_their_values() {
    let template = "{{ $m := wrap \"x\" }}{{ $_ := set $m \"r\" random }}{{ $m.k }}{{ $m.r }}";
    assert_eq!(tainted(template), one("abc123", "random at t:1:40"));
    assert_eq!(tainted("{{ (wrap random).k }}"), one("abc123", "random at t:1:9"));
    let template = "{{ $m := wrap \"x\" }}{{ $_ := set $m \"r\" random }}{{ $m }}";
    assert_eq!(tainted(template), one("map[k:x r:abc123]", "random at t:1:40"));
}

#[test]
fn what_comes_out_of_a_lookup_is_marked() {
    assert_eq!(tainted("{{ (lookup).data }}"), one("<no value>", "lookup at t:1:4"));
}

#[test]
fn included_texts_keep_the_origins_of_their_parts() {
    let template = "{{ define \"x\" }}a{{ random }}b{{ randomNumber }}{{ end }}{{ include \"x\" . }}";
    let origins =
        vec!["random at t:1:20 from t:1:60".to_owned(), "randomNumber at t:1:33 from t:1:60".to_owned()];
    assert_eq!(tainted(template), [("aabc123b7".to_owned(), origins)]);
}

#[test]
fn removing_text_moves_the_marked_parts() {
    let mut templates = Templates::new(functions());
    templates.parse("t", "{{ .a }}x{{ random }}{{ .b }}{{ (lookup).c }}").expect("the template parses");
    let environment = FixedEnvironment::default();
    let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
    let mut output = executor.execute("t", &Value::from(Map::new())).expect("the template runs");
    output.remove(b"<no value>");
    assert_eq!(output.bytes, b"xabc123");
    assert_eq!(output.tainted.len(), 1);
    assert_eq!(output.tainted[0].range, 1..7);
    assert!(matches!(Value::from(output.into_text()).data(), Data::String(_)));
}
