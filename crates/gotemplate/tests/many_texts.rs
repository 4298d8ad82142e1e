//! Texts that are parsed together: what is the same text under two names, and what is told of several mistakes.

use plimsoll_gotemplate::{Executor, FixedEnvironment, Functions, NamedText, Settings, Templates, Value};

fn text(name: &str, text: &str) -> NamedText {
    (name.into(), text.as_bytes().into())
}

fn parse(texts: &[NamedText]) -> Result<Templates, (usize, String)> {
    let mut templates = Templates::new(Functions::builtins());
    templates.parse_all(texts).map_err(|(position, error)| (position, error.to_string()))?;
    Ok(templates)
}

fn run(templates: &Templates, name: &str) -> Result<String, String> {
    let environment = FixedEnvironment::default();
    let mut executor =
        Executor::new(templates, Settings::new(&environment, plimsoll_gotemplate::Profile::V4));
    let output = executor.execute(name, &Value::NIL).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.bytes).into_owned())
}

/// More text than is parsed on one processor.
fn long(line: &str) -> String {
    format!("{line}\n").repeat(200 * 1024 / line.len())
}

#[test]
fn the_same_text_is_a_template_of_each_name() {
    let shared = r#"{{ define "greeting" }}hello{{ end }}{{ template "greeting" }} {{ index 1 2 }}"#;
    let templates = parse(&[text("one", shared), text("two", shared)]).expect("both parse");
    for name in ["one", "two"] {
        let error = run(&templates, name).expect_err("a number has no items");
        assert!(error.starts_with(&format!("template: {name}:1:66: executing \"{name}\"")), "{error}");
    }
}

#[test]
fn a_text_that_names_the_other_is_parsed_again() {
    let shared = r#"{{ define "two" }}of one{{ end }}"#;
    let templates = parse(&[text("one", shared), text("two", shared)]).expect("both parse");
    assert_eq!(run(&templates, "two").as_deref(), Ok("of one"));
    assert_eq!(run(&templates, "one").as_deref(), Ok(""));
}

#[test]
fn what_is_defined_last_counts_also_in_long_texts() {
    let definition =
        |value: &str| format!("{{{{ define \"value\" }}}}{value}{{{{ end }}}}{}", long("{{ 1 }}"));
    let texts = [
        text("a", &definition("first")),
        text("b", &definition("second")),
        text("c", "{{ define \"value\" }} {{ end }}"),
    ];
    let templates = parse(&texts).expect("all parse");
    assert_eq!(run(&templates, "value").as_deref(), Ok("second"));
}

#[test]
fn of_several_mistakes_the_first_is_told() {
    let good = long("{{ 1 }}");
    let texts = [text("a", &good), text("b", "\n{{ nobody }}"), text("c", &good), text("d", "{{ if }}")];
    let error = parse(&texts).err();
    assert_eq!(error, Some((1, "template: b:2: function \"nobody\" not defined".to_owned())));
}
