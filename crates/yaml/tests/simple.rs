//! Documents that are read line by line say what the whole grammar says of them: the same trees with the same styles and
//! spans, the same values, the same errors.

use plimsoll_yaml::{Budget, Dialect, Numbers, parse_each, parse_one, read_value};
use proptest::collection::vec;
use proptest::prelude::*;

/// What lines of documents are made of, simple and not.
const PIECES: &[&str] = &[
    "a:",
    "b:",
    "a: 1",
    "b: two words",
    "c: 'q'",
    "d: \"q\" # c",
    "e: [x, \"y\", 3]",
    "f: {k: v, l: 'm'}",
    "g: []",
    "h: {}",
    "- x",
    "- k: v",
    "- k:",
    "-",
    "- - 1",
    "- |",
    "i: |",
    "j: |-",
    "k: |+",
    "l: >-",
    "  text",
    "more text",
    "# comment",
    "",
    "   ",
    "\t",
    "m: a#b",
    "n: a #b",
    "o: http://x:80",
    "p: x:",
    "q: a: b",
    "\"r\": 1",
    "'s': 2",
    "null: 1",
    "~: 2",
    "1: x",
    "true: y",
    "yes",
    "1.50: z",
    ".inf",
    "t: .nan",
    "u: 0777",
    "v: 1e3",
    "w: 2020-01-01",
    "&x y",
    "*x",
    "!t z",
    "? k",
    "---",
    "--- a",
    "...",
    "%YAML 1.1",
    "x: -",
    "x: -1",
    "x: - a",
    "y : 1",
    "z:1",
    "a:\t1",
    "x: @a",
    "x: 'a''b'",
    "x: \"a\\n\"",
    "x: \"{{ a \\\"b\\\" }} \\\\ \\t\"",
    "x: \"two\\n",
    "  \\\"more\\\" \\\\\"",
    "x: \"\\x41 \\ \\/\"",
    "  {}",
    "  [a] # c",
    "  {a: 1}: 2",
    "x: :80",
    "- ::/0",
    "- ::/0: x",
    ":a",
    "x: [:a, b]",
    "x: {a: :b}",
    "x: \"a\" b",
    "x: [a",
    "x: [a,]",
    "x: {a}",
    "x: [a: b]",
    "x: ]",
    "x: ,",
    "x: é",
    "é: x",
    "x: \u{85}",
    "x: \u{2028}y",
    "x: <<",
    "<<: {a: 1}",
    "x: | # c",
    "x: |2",
    "app.kubernetes.io/name: web",
    "x: a ",
    "- ",
    "-  a: 1",
    "-\ta",
    "x:  y",
    "x: [a]  # c",
    "x: {a: 1}x",
    "x: {\"a\": 1}",
    "x: [ a , b ]",
    "x: [-1, - ]",
    "x: '",
    "x: \"",
    "'a' b",
    "'a': b",
    "[a]: b",
    "{a: 1}",
    "[a]",
    "x: 'two",
    "x: 'it''s two",
    "  lines'",
    "  it''s' # c",
    "x: \"two",
    "  \\ lines\"",
    "  lines\"",
    "  - more",
    "  & more",
    "x: one # c",
    "  '",
    "x: a\rb",
    "x: \u{1}",
];

fn text() -> impl Strategy<Value = String> {
    let line = (0usize..4, 0usize..2, 0..PIECES.len()).prop_map(|(level, odd, piece)| {
        format!("{}{}", " ".repeat(level * 2 + odd % 2 * (level / 3)), PIECES[piece])
    });
    (vec(line, 1..9), any::<bool>()).prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" })
}

fn check(text: &str) {
    for dialect in [Dialect::Helm, Dialect::Kustomize, Dialect::Yaml12] {
        let ours = parse_one(text, dialect, &Budget::DEFAULT);
        let whole = parse_each(text, dialect, &Budget::DEFAULT).into_iter().next();
        match (&ours, &whole) {
            (Ok(ours), Some(Ok(whole))) => {
                assert_eq!(format!("{ours:?}"), format!("{:?}", whole.root), "{dialect:?} of {text:?}")
            }
            (Ok(ours), None) => assert!(ours.is_null(), "{dialect:?} of {text:?}"),
            (Err(ours), Some(Err(whole))) => assert_eq!(ours.to_string(), whole.to_string(), "{text:?}"),
            _ => panic!("{dialect:?} of {text:?}: {ours:?}, and of the whole grammar {whole:?}"),
        }
        for numbers in [Numbers::AllFloat, Numbers::AsWritten] {
            let value = read_value(text, dialect, &Budget::DEFAULT, numbers);
            let of_tree = ours.clone().and_then(|tree| tree.to_value(dialect, numbers));
            match (value, of_tree) {
                (Ok(value), Ok(of_tree)) => assert_eq!(value, of_tree, "{dialect:?} of {text:?}"),
                (Err(value), Err(of_tree)) => assert_eq!(value.to_string(), of_tree.to_string(), "{text:?}"),
                (value, of_tree) => panic!("{dialect:?} of {text:?}: {value:?}, and of the tree {of_tree:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn lines_read_as_the_whole_grammar_does(text in text()) {
        check(&text);
    }
}

#[test]
fn each_piece_reads_as_the_whole_grammar_does() {
    for (index, one) in PIECES.iter().enumerate() {
        check(one);
        // A third of all pairs, one way each.
        for (way, other) in PIECES.iter().enumerate().skip(index % 3).step_by(3) {
            match (index + way / 3) % 3 {
                0 => check(&format!("{one}\n{other}\n")),
                1 => check(&format!("a:\n  {one}\n  {other}")),
                _ => check(&format!("- {one}\n  {other}\n")),
            }
        }
    }
}

#[test]
fn blocks_end_where_the_whole_grammar_ends_them() {
    for text in [
        "a: |\n  x\n\n\nb: 1\n",
        "a: |+\n  x\n\n\nb: 1\n",
        "a: x\n  y\n\n   z \n\n\n  - w\nb: 1\n",
        "a: x\n  y\n\n\n",
        "a: 1\n  2\nb: yes\n\n  no\n",
        "a:\n- x\n  y\n- z\n y\nb: 1\n",
        "a:\n  - x\n  y\n",
        "a: x\n  # c\n  y\n",
        "a: x\n  y # c\n  z\n",
        "a: x\n  y # c\nb: z\n",
        "a: x\n  y:\nb: z\n",
        "a: 'x''y  \n\n   z''s\n  w'\nb: 1\n",
        "a: 'x\n\n\n  y' \nb: 1\n",
        "a: \"x\n  y\" # c\nb: 1\n",
        "a: 'x\ny'\nb: 1\n",
        "a: 'x\n  '\nb: 1\n",
        "a: '\n  x'\nb: 1\n",
        "a: ' x\n  y '\nb: 1\n",
        "a: 'x\n  y': 2\n",
        "a: |-\n\n  x\n   y\n \n  z\n\n# c\nb: 1",
        "a:\n  b: |\n    x\n   # y\n  c: 1\n",
        "a: |\n  x",
        "a:\n  {}\n  # c\nb: 1\n",
        "a:\n  []\n  b: 1\n",
        "- a:\n    {b: c}\n-\n  []\n- 1\n",
        "a:\n{}\n",
        "a: |\n\nb: 1\n",
        "a: |-\n\n\nb: 1\n",
        "a: |+\n\n\nb: 1\n",
        "a:\n  b: |\n  # c\n\n  c: 1\n",
        "a: |\nb: 1\n",
        "a: |\n\n",
        "a: |\n\n\n",
        "a: \"x\\n  \n\n  y\\t\n  z\\\"\"\nb: 1\n",
        "a: \"x\\\n  y\"\nb: 1\n",
        "a: \"\\n\n  y\"\nb: 1\n",
        "a: \"x\n  \\n\"\nb: 1\n",
        "a: \"x\n  \\t \n  y\"\nb: 1\n",
        "a: |\n  x\n  ",
        "a: |\n",
        "a: |\nb: 1\n",
        "- |\n x\n- 2\n",
        "a: |\n    \n  x\n",
        "a: |\n  \tx\n",
        "a:\n- |\n  x\n- y\nb: z\n",
    ] {
        check(text);
    }
}
