//! Field paths: printed, parsed, followed.

use plimsoll_yaml::{Budget, Dialect, FieldPath, Step, parse_one};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn notation() {
    let path: FieldPath =
        r#"metadata.annotations["a.b/c"].x[3][containerPort=80,protocol=TCP].*"#.parse().unwrap();
    assert_eq!(
        path.steps,
        [
            Step::Key("metadata".into()),
            Step::Key("annotations".into()),
            Step::Key("a.b/c".into()),
            Step::Key("x".into()),
            Step::Index(3),
            Step::Item(vec![("containerPort".into(), "80".into()), ("protocol".into(), "TCP".into())]),
            Step::Any,
        ]
    );
    assert_eq!("[*].a".parse::<FieldPath>().unwrap().to_string(), "*.a");
    assert_eq!("".parse::<FieldPath>().unwrap(), FieldPath::ROOT);
}

#[test]
fn refused() {
    for (text, expected) in [
        (".a", "a key is missing at offset 0"),
        ("a.", "a key is missing at offset 2"),
        ("a..b", "a key is missing at offset 2"),
        ("a b", "a `.` or `[` is missing at offset 1"),
        ("a[", "a key is missing at offset 2"),
        ("a[name]", "a `=` is missing at offset 6"),
        ("a[name=x", "a `]` is missing at offset 8"),
        ("a[\"x", "a closing `\"` is missing at offset 2"),
        ("a[\"\\x\"]", "only `\\\"` and `\\\\` are escapes at offset 2"),
        ("a[99999999999999999999999]", "the index is too large at offset 25"),
    ] {
        assert_eq!(text.parse::<FieldPath>().unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn followed() {
    let source = "spec:\n  containers:\n  - {name: web, ports: [{containerPort: 80, protocol: TCP}]}\n  - {name: \"a,b]\", ports: []}\n";
    let node = parse_one(source, Dialect::Kustomize, &Budget::DEFAULT).unwrap();
    let value = json!({"spec": {"containers": [{"name": "web", "ports": [{"containerPort": 80, "protocol": "TCP"}]}, {"name": "a,b]", "ports": []}]}});
    let path: FieldPath =
        "spec.containers[name=web].ports[containerPort=80,protocol=TCP].protocol".parse().unwrap();
    assert_eq!(path.find(&node).and_then(|node| node.as_str()), Some("TCP"));
    assert_eq!(path.find_value(&value), Some(&json!("TCP")));
    let odd: FieldPath = r#"spec.containers[name="a,b]"].ports"#.parse().unwrap();
    assert!(odd.find(&node).is_some_and(|node| node.is_sequence()));
    let all: FieldPath = "spec.containers.*.name".parse().unwrap();
    assert_eq!(all.find_all(&node).len(), 2);
    assert_eq!(all.find_all_values(&value).len(), 2);
}

#[test]
fn covering() {
    let covers = |pattern: &str, path: &str| {
        pattern.parse::<FieldPath>().unwrap().covers(&path.parse::<FieldPath>().unwrap())
    };
    assert!(covers("spec.*.image", "spec.containers.image.x"));
    assert!(covers("spec.containers.*.image", "spec.containers[name=web].image"));
    assert!(!covers("spec.containers[name=a]", "spec.containers"));
    assert!(!covers("spec.a", "spec.b"));
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = prop_oneof!["[A-Za-z0-9_/-]{1,8}", "\\PC{0,6}"];
    let field = (key.clone(), prop_oneof!["[a-z0-9]{0,5}", "\\PC{0,6}", "[\\]\",\\\\a=]{0,5}"]);
    let step = prop_oneof![
        key.prop_map(Step::Key),
        any::<usize>().prop_map(Step::Index),
        prop::collection::vec(field, 1..3).prop_map(Step::Item),
        Just(Step::Any),
    ];
    prop::collection::vec(step, 0..6)
}

proptest! {
    #[test]
    fn printed_paths_are_parsed_as_the_same(steps in steps()) {
        let path = FieldPath { steps };
        prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "[\\[\\]\"\\\\.a0*=,]{0,12}") {
        if let Ok(path) = text.parse::<FieldPath>() {
            prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
        }
    }
}
