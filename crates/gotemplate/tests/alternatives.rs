//! The values which the text around a call asks for.

use plimsoll_gotemplate::{Functions, Location, Profile, Templates};

/// Returns the alternatives of the first `randAlphaNum` in a text.
fn alternatives(text: &str) -> Vec<String> {
    let mut functions = Functions::builtins();
    plimsoll_gotemplate::functions::register(&mut functions, Profile::V4);
    let mut templates = Templates::new(functions);
    templates.parse("t", text).expect("the template parses");
    let at = text.find("randAlphaNum").expect("a call");
    let before = &text[..at];
    let column = at - before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u32::try_from(number).expect("small");
    let line = count(1 + before.matches('\n').count());
    templates.alternatives(&Location { template: "t".into(), line, column: count(column) })
}

#[test]
fn defaults_name_their_value() {
    assert_eq!(
        alternatives("{{ .Values.auth.password | default (randAlphaNum 10) }}"),
        ["Values.auth.password"]
    );
    assert_eq!(alternatives("{{ default (randAlphaNum 10) $.Values.a }}"), ["Values.a"]);
    assert_eq!(
        alternatives("{{ coalesce .Values.a .Release.Name .context.Values.b (randAlphaNum 5) }}"),
        ["Values.a", "Values.b"]
    );
}

#[test]
fn conditions_name_their_values_from_the_inside_out() {
    let text = "{{ if .Values.create }}\n{{ if .Values.a }}{{ .Values.a }}{{ else }}{{ randAlphaNum 4 }}{{ end }}{{ end }}";
    assert_eq!(alternatives(text), ["Values.a", "Values.create"]);
}

#[test]
fn dots_and_variables_are_followed() {
    let text = "{{ with .Values.auth }}{{ .password | default (randAlphaNum 10) }}{{ end }}";
    assert_eq!(alternatives(text), ["Values.auth.password", "Values.auth"]);
    let text = "{{ $auth := .Values.auth }}{{ $password := $auth.password }}{{ $password | default (randAlphaNum 10) }}";
    assert_eq!(alternatives(text), ["Values.auth.password"]);
    assert_eq!(
        alternatives("{{ range .Values.users }}{{ .password | default (randAlphaNum 9) }}{{ end }}"),
        ["Values.users"]
    );
}

#[test]
fn a_call_that_asks_for_nothing_has_none() {
    assert!(alternatives("{{ randAlphaNum 10 }}").is_empty());
}
