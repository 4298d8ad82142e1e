//! Texts made to hurt: each is read or refused in under a second, without a panic.

use std::time::{Duration, Instant};

use plimsoll_yaml::{
    Budget, Dialect, EmitOptions, Error, Node, Numbers, emit_documents, emit_node, parse, parse_each,
    parse_one,
};

/// Unoptimised builds are given less to read.
const SCALE: usize = if cfg!(debug_assertions) { 10 } else { 1 };

const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });

fn survive(name: &str, source: &[u8]) {
    for dialect in [Dialect::Helm, Dialect::Kustomize, Dialect::Yaml12] {
        let start = Instant::now();
        let read = parse(source, dialect, &Budget::DEFAULT);
        assert!(start.elapsed() < LONGEST, "{name} in {dialect:?} took {:?}", start.elapsed());
        if let Ok(documents) = read {
            let _ = emit_documents(&documents, &EmitOptions::KYAML);
            for document in &documents {
                let _ = document.clone() == *document;
                let _ = document.root.to_value(dialect, Numbers::AllFloat);
            }
        }
    }
}

fn refusal(source: &str) -> String {
    parse_one(source, Dialect::Helm, &Budget::DEFAULT)
        .map_or_else(|error: Error| error.to_string(), |_| "read".to_owned())
}

#[test]
fn deep_nesting() {
    for opening in ["[", "{a: ", "[{? ", "- ", "? ", "- - ? "] {
        survive(opening, opening.repeat(100_000 / SCALE).as_bytes());
    }
    let indented: String = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    survive("indented", indented.as_bytes());
    assert_eq!(refusal(&"[".repeat(100_000)), "yaml: exceeded max depth of 1000");
    assert_eq!(refusal(&format!("{}1{}", "[".repeat(1000), "]".repeat(1000))), "read");
    assert_eq!(
        refusal(&format!("{}1{}", "[".repeat(1001), "]".repeat(1001))),
        "yaml: exceeded max depth of 1000"
    );
}

#[test]
fn many_documents() {
    survive("documents", "---\na\n".repeat(1_000_000 / SCALE).as_bytes());
    survive("markers", "---\n".repeat(200_000 / SCALE).as_bytes());
    survive("ends", "...\n".repeat(200_000 / SCALE).as_bytes());
}

#[test]
fn aliases() {
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = level - 1;
        laughs.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 9].join(", ")));
    }
    survive("laughs", laughs.as_bytes());
    assert_eq!(refusal(&laughs), "yaml: document contains excessive aliasing");
    let mut doubling = String::from("a0: &a0 {k: v}\n");
    for level in 1..200 {
        doubling.push_str(&format!("a{level}: &a{level} {{l: *a{0}, r: *a{0}}}\n", level - 1));
    }
    survive("doubling", doubling.as_bytes());
    let mut chain = String::from("a0: &a0 [x]\n");
    for level in 1..5000 {
        chain.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    survive("chain", chain.as_bytes());
    let mut merges = String::from("a0: &a0 {k: v}\n");
    for level in 1..2000 {
        merges.push_str(&format!("a{level}: &a{level} {{<<: *a{}, k{level}: v}}\n", level - 1));
    }
    survive("merges", merges.as_bytes());
    survive("own", b"a: &a [*a, *a]\n");
}

#[test]
fn long_scalars_and_keys() {
    let long = "x ".repeat(500_000 / SCALE);
    survive("plain", long.as_bytes());
    survive("quoted", format!("\"{long}\"").as_bytes());
    survive("single", format!("'{}'", "'' ".repeat(300_000 / SCALE)).as_bytes());
    survive("escapes", format!("\"{}\"", "\\u00e9".repeat(150_000 / SCALE)).as_bytes());
    survive("block", format!("|\n  {}", "x\n  ".repeat(250_000 / SCALE)).as_bytes());
    survive("folded lines", format!("a: {}", "x\n   ".repeat(200_000 / SCALE)).as_bytes());
    survive("quoted breaks", format!("\"{}\"", "\n".repeat(1_000_000 / SCALE)).as_bytes());
    survive("key", format!("{}: 1\n", "k".repeat(1_000_000 / SCALE)).as_bytes());
    survive("keys", (0..100_000 / SCALE).map(|key| format!("key{key}: 1\n")).collect::<String>().as_bytes());
    survive("equal keys", "a: 1\n".repeat(100_000 / SCALE).as_bytes());
    survive("flow keys", format!("{{{}}}", "a: 1, ".repeat(100_000 / SCALE)).as_bytes());
    survive("comments", "# c\n".repeat(200_000 / SCALE).as_bytes());
    survive("comments and blanks", format!("a:\n{}", "  # c\n\n".repeat(100_000 / SCALE)).as_bytes());
    survive("line comments", "a: 1 # c\nb: # d\n  - e\n".repeat(30_000 / SCALE).as_bytes());
    survive("blanks", " ".repeat(1_000_000 / SCALE).as_bytes());
    survive("breaks", "\n".repeat(1_000_000 / SCALE).as_bytes());
    survive("tags", "- !!str a\n".repeat(100_000 / SCALE).as_bytes());
    survive("question marks", "? a\n".repeat(100_000 / SCALE).as_bytes());
    survive("colons", ":".repeat(200_000 / SCALE).as_bytes());
    survive("unclosed quotes", "- \"a\n".repeat(100_001 / SCALE).as_bytes());
}

#[test]
fn bytes_that_are_no_text() {
    survive("nul", &[b'a', 0, b'b']);
    survive("nuls", &vec![0; 1_000_000]);
    survive("invalid", &[b'a', b':', b' ', 0xC3, 0x28]);
    survive("cut off", "a: é".as_bytes().get(..4).unwrap_or_default());
    survive("mark", b"\xEF\xBB\xBFa: 1\r\nb: \"x\r\ny\"\r\n");
    survive("utf-16", b"\xFF\xFEa\0:\0 \x001\0");
    survive("odd utf-16", b"\xFE\xFF\0a\0");
    let errors: Vec<String> =
        [b"a: \x01".as_slice(), b"a: \xFF", b"a: \xC3", b"a: \xC0\x80", b"a: \xED\xA0\x80", b"a: \xE9("]
            .iter()
            .map(|source| parse_one(source, Dialect::Helm, &Budget::DEFAULT).unwrap_err().to_string())
            .collect();
    let expected = [
        "yaml: control characters are not allowed",
        "yaml: invalid leading UTF-8 octet",
        "yaml: incomplete UTF-8 octet sequence",
        "yaml: invalid length of a UTF-8 sequence",
        "yaml: invalid Unicode character",
        "yaml: incomplete UTF-8 octet sequence",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn budgets_name_themselves() {
    let refuse =
        |budget: Budget, source: &str| parse(source, Dialect::Kustomize, &budget).unwrap_err().to_string();
    assert_eq!(refuse(Budget { bytes: 3, ..Budget::DEFAULT }, "a: 1"), "yaml: exceeded max of 3 bytes");
    assert_eq!(refuse(Budget { nodes: 3, ..Budget::DEFAULT }, "[a, b, c]"), "yaml: exceeded max of 3 nodes");
    assert_eq!(
        refuse(Budget { depth: 1, ..Budget::DEFAULT }, "a:\n  b: 1"),
        "yaml: line 2: exceeded max depth of 1"
    );
    let aliases = Budget { aliases: 1, ..Budget::DEFAULT };
    assert_eq!(refuse(aliases, "a: &a [x]\nb: *a\n"), "yaml: document contains excessive aliasing");
}

#[test]
fn documents_after_a_bad_one_are_read() {
    let results = parse_each("a: 1\na: 2\n---\nb: 1\n---\n[\n", Dialect::Kustomize, &Budget::DEFAULT);
    let read: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(read, [false, true, false]);
}

#[test]
fn deep_trees_made_by_programs_are_written() {
    let deep = (0..1000).fold(Node::string("x"), |inner, _| Node::sequence(vec![inner]));
    assert_eq!(emit_node(&deep, &EmitOptions::KYAML).lines().count(), 1);
}
