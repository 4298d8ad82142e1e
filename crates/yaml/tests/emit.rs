//! What emitting writes.

use plimsoll_yaml::{
    Budget, Dialect, EmitOptions, HtmlEscape, emit_json, emit_node, emit_value, emit_value_with, parse_one,
};
use serde_json::json;

#[test]
fn values_as_sigs_yaml_writes_them() {
    let value = json!({"b": ["yes", "1e3", "017", 1000000.0, {"c": [], "d": {}}], "a10": 1.5e10, "a9": "x\ny\n", "k": null});
    let expected = "a9: |\n  x\n  y\na10: 15000000000\nb:\n- \"yes\"\n- \"1e3\"\n- \"017\"\n- 1000000\n- c: []\n  d: {}\nk: null\n";
    assert_eq!(emit_value(&value).unwrap(), expected);
    let pretty = "a9: |\n  x\n  y\na10: 1.5e+10\nb:\n  - \"yes\"\n  - \"1e3\"\n  - \"017\"\n  - 1e+06\n  - c: []\n    d: {}\nk: null\n";
    assert_eq!(emit_value_with(&value, &EmitOptions::PRETTY), pretty);
}

#[test]
fn nodes_keep_comments_and_styles() {
    let source = "# head\n\n# of a\na: 'x' # line\n# foot of a\n\nb:\n# of the item\n- c: [1, 2]\n  d: |\n    text\n- {e: f}\n";
    let node = parse_one(source, Dialect::Kustomize, &Budget::DEFAULT).unwrap();
    let expected =
        "# of a\na: 'x' # line\n# foot of a\n\nb:\n# of the item\n- c: [1, 2]\n  d: |\n    text\n- {e: f}\n";
    assert_eq!(emit_node(&node, &EmitOptions::KYAML), expected);
}

#[test]
fn json_as_go_writes_it() {
    assert_eq!(
        emit_json(&json!({"a": "<&>\u{2028}", "b": 1e21}), HtmlEscape::Escaped),
        r#"{"a":"\u003c\u0026\u003e\u2028","b":1e+21}"#
    );
}
