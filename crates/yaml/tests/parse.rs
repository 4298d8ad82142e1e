//! What parsing accepts, refuses and means.

use plimsoll_yaml::{Budget, Dialect, Numbers, parse, parse_one};

fn json(source: &str, dialect: Dialect) -> String {
    match parse_one(source, dialect, &Budget::DEFAULT)
        .and_then(|node| node.to_value(dialect, Numbers::AsWritten))
    {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn blocks_flows_and_scalars() {
    let source = "a:\n- b: 1\n  c: [x, 'y', \"z\\n\"]\n-\n  - |\n    text\n     more\n  - >-\n    folded\n    line\nd: {e: f, ? g}\n";
    let expected =
        r#"{"a":[{"b":1,"c":["x","y","z\n"]},["text\n more\n","folded line"]],"d":{"e":"f","g":null}}"#;
    assert_eq!(json(source, Dialect::Helm), expected);
    assert_eq!(json(source, Dialect::Kustomize), expected);
    assert_eq!(json(source, Dialect::Yaml12), expected);
}

#[test]
fn many_documents() {
    let documents =
        parse("# c\n---\na: 1\n---\n---\nb\n...\n", Dialect::Kustomize, &Budget::DEFAULT).unwrap();
    assert_eq!(documents.len(), 3);
}

#[test]
fn deep_nesting_is_refused() {
    let source = "[".repeat(100_000);
    assert_eq!(json(&source, Dialect::Helm), "yaml: exceeded max depth of 1000");
}
