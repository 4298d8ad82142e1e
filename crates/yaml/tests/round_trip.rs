//! Parse, emit, parse gives the same tree; and any text is read or refused.

use plimsoll_yaml::{
    Budget, Dialect, EmitOptions, Node, Numbers, SequenceIndent, Style, emit_node, emit_value,
    emit_value_with, parse, parse_one,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Strings that look like something else, hold indicators, or need escapes.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,6}",
        "[-?:,\\[\\]{}#&*!|>'\"%@`=<~.+_0-9 \t\n\\\\]{1,4}",
        prop::sample::select(vec![
            "yes",
            "null",
            "1e3",
            "017",
            "0x1F",
            "1:30",
            "2001-01-01",
            ".inf",
            "<<",
            "---",
            ": ",
            " #"
        ])
        .prop_map(str::to_owned),
        "[\u{A0}-\u{17F}\u{2028}\u{FEFF}\u{FFFD}\u{1F600}]{1,2}",
    ];
    // go-yaml writes `<<` without quotes and then reads it as a merge; v3 writes blocks that begin with a tab and then
    // refuses them.
    prop::collection::vec(piece, 0..8)
        .prop_map(|pieces| pieces.concat().replace('<', "").trim_start_matches('\t').to_owned())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e6..1e6).prop_map(|number: f64| Value::from(number)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Numbers alike, whether they are kept as integers or as floats.
fn as_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap_or_default()),
        Value::Array(items) => items.iter().map(as_floats).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), as_floats(value))).collect(),
        other => other.clone(),
    }
}

fn read(text: &str, dialect: Dialect) -> Value {
    let node = parse_one(text, dialect, &Budget::DEFAULT).expect(text);
    node.to_value(dialect, Numbers::AllFloat).expect(text)
}

/// Fragments of YAML, to be strung together.
fn source() -> impl Strategy<Value = String> {
    let fragments = vec![
        "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'q'", "\"d\\n\"",
        "|\n", ">-\n", "# c\n", " # l", "&x ", "*x", "!t ", "!!str ", "<<: *x", "---\n", "...\n", "1", "yes",
        "~", "\t", "\r\n", "é", "k: v\n",
    ];
    prop::collection::vec(prop::sample::select(fragments), 0..30).prop_map(|pieces| pieces.concat())
}

/// Whether go-yaml v3 writes the tree as another one: an empty null in a flow collection or as a key it writes as `''`, and
/// in folded text it breaks lines that begin with a blank.
fn is_miswritten(node: &Node, within_flow: bool) -> bool {
    let flow = within_flow || node.style() == Style::Flow;
    let empty_null = |node: &Node| node.is_null() && node.scalar_text() == Some("");
    let text = node.scalar_text().unwrap_or_default();
    let folded = node.style() == Style::Folded;
    (flow && empty_null(node))
        || (folded && (text.starts_with(['\n', ' ', '\t']) || text.contains("\n ") || text.contains("\n\t")))
        || node.items().unwrap_or_default().iter().any(|item| is_miswritten(item, flow))
        || node.entries().unwrap_or_default().iter().any(|entry| {
            empty_null(&entry.key) || is_miswritten(&entry.key, flow) || is_miswritten(&entry.value, flow)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn values_come_back_from_sigs_yaml(value in value()) {
        let text = emit_value(&value).expect("no character is refused");
        prop_assert_eq!(read(&text, Dialect::Helm), as_floats(&value), "{}", text);
    }

    #[test]
    fn values_come_back_from_go_yaml_v3(value in value()) {
        // Not with four columns: there go-yaml's hint of a block's indentation is wrong in sequences.
        for options in [EmitOptions::PRETTY, EmitOptions::KYAML] {
            let text = emit_value_with(&value, &options);
            prop_assert_eq!(read(&text, Dialect::Kustomize), as_floats(&value), "{}", text);
        }
    }

    #[test]
    fn trees_come_back(source in source()) {
        for dialect in [Dialect::Helm, Dialect::Kustomize, Dialect::Yaml12] {
            let Ok(documents) = parse(&source, dialect, &Budget::DEFAULT) else { continue };
            let options = EmitOptions { dialect, sequences: SequenceIndent::Compact, ..EmitOptions::PRETTY };
            for document in documents.iter().filter(|document| !is_miswritten(&document.root, false)) {
                let text = emit_node(&document.root, &options);
                let again = parse_one(&text, dialect, &Budget::DEFAULT);
                prop_assert_eq!(again.as_ref(), Ok(&document.root), "{}", text);
            }
        }
    }
}
