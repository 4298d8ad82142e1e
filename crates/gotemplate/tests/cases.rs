//! Runs the case files under `cases/`: templates with their values and what Go makes of them.
//!
//! A file holds cases: a line `== name`, the template, perhaps `-- values` and JSON, then `-- output` or `-- error` and
//! what is expected. `UPDATE_EXPECTED=1` rewrites what is expected, except in continuous integration.

use std::fmt::Write as _;
use std::path::Path;

use plimsoll_gotemplate::{
    Executor, FixedEnvironment, Function, Functions, Profile, Settings, Signature, TaintFlow, Templates,
    Value, types,
};

struct Case {
    name: String,
    template: String,
    values: Option<String>,
    expected: String,
}

fn parse(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for block in format!("\n{text}").split("\n== ").skip(1) {
        let (name, rest) = block.split_once('\n').expect("a case has a template");
        let at = rest.find("\n-- output").or(rest.find("\n-- error")).expect("a case has an expectation");
        let (input, expected) = rest.split_at(at + 1);
        let input = input.trim_end_matches('\n');
        let (template, values) = match input.split_once("\n-- values\n") {
            Some((template, values)) => (template, Some(values.to_owned())),
            None => (input, None),
        };
        let expected = expected.trim_end_matches('\n').to_owned();
        cases.push(Case { name: name.to_owned(), template: template.to_owned(), values, expected });
    }
    cases
}

fn functions() -> Functions {
    let mut functions = Functions::builtins();
    let include = Signature::new(&[types::STRING, types::ANY], types::STRING);
    functions.register(
        Function::new("include", include, |call, arguments| {
            let name = arguments[0].string().cloned().unwrap_or_default();
            call.runtime.include(name.as_bytes(), &arguments[1])
        })
        .with_taint(TaintFlow::Carry),
    );
    functions.register(
        Function::new("tpl", include, |call, arguments| {
            let text = arguments[0].string().cloned().unwrap_or_default();
            call.runtime.evaluate_text(text.as_bytes(), &arguments[1])
        })
        .with_taint(TaintFlow::Carry),
    );
    let upper = Signature::new(&[types::STRING], types::STRING);
    functions.register(Function::new("upper", upper, |_, arguments| {
        Ok(Value::from(arguments[0].string().map(|text| text.to_text().to_uppercase()).unwrap_or_default()))
    }));
    let list = Signature::variadic(&[types::ANY], types::LIST);
    functions.register(
        Function::new("list", list, |_, arguments| Ok(Value::from(arguments.to_vec())))
            .with_taint(TaintFlow::Carry),
    );
    functions
}

fn run(case: &Case) -> String {
    let mut templates = Templates::new(functions());
    let values = case.values.as_deref().unwrap_or("{}");
    let values: serde_json::Value = serde_json::from_str(values).expect("values are JSON");
    let environment = FixedEnvironment::default();
    let result = templates.parse("case", case.template.as_str()).and_then(|()| {
        let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
        executor.execute("case", &Value::from(values))
    });
    match result {
        Ok(output) => {
            format!("-- output\n{}", String::from_utf8_lossy(&output.bytes)).trim_end_matches('\n').to_owned()
        }
        Err(error) => format!("-- error\n{error}").trim_end_matches('\n').to_owned(),
    }
}

fn check_file(path: &Path) -> Result<usize, String> {
    let text = std::fs::read_to_string(path).expect("the case file is text");
    let cases = parse(&text);
    let (mut failures, mut updated) = (String::new(), String::new());
    for case in &cases {
        let got = run(case);
        let values = case.values.as_ref().map(|values| format!("-- values\n{values}\n")).unwrap_or_default();
        write!(updated, "== {}\n{}\n{values}{got}\n\n", case.name, case.template)
            .expect("strings take everything");
        if got != case.expected {
            let (name, expected) = (&case.name, &case.expected);
            write!(failures, "{}: {name}\nexpected\n{expected}\ngot\n{got}\n\n", path.display())
                .expect("strings take everything");
        }
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() && std::env::var_os("CI").is_none() {
        std::fs::write(path, format!("{}\n", updated.trim_end())).expect("the case file can be written");
        return Ok(cases.len());
    }
    if failures.is_empty() { Ok(cases.len()) } else { Err(failures) }
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("there are cases")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let failures: String = files.iter().filter_map(|path| check_file(path).err()).collect();
    assert!(failures.is_empty(), "UPDATE_EXPECTED=1 rewrites what is expected\n\n{failures}");
}
