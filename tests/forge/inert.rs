//! No text of a report breaks out: hostile reports become comments and issues, which are read as GitHub reads them (comrak is
//! a port of its parser), and whatever came from outside must stand in code.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options};
use plimsoll::report::diff::model::DiffReport;
use plimsoll::report::drift::model::DriftReport;
use plimsoll::report::github::diff_comment::{self, Surroundings};
use plimsoll::report::github::{TEXT_LIMIT, drift_issue};
use proptest::prelude::*;
use serde_json::Value;

use crate::reports;

/// What every foreign text holds, so that it is known again.
const FOREIGN: &str = "EVIL";

/// The address that is ours, and the only one that may be a link.
const OURS: &str = "https://github.example/o/r/actions/runs/1";

/// What breaks out where it is not made inert.
const PIECES: &[&str] = &[
    "@org/team",
    "@user",
    "#1",
    "GH-1",
    "o/r#2",
    "www.x.example",
    "https://x.example/",
    "x@y.example",
    "`",
    "``",
    "```",
    "````\n",
    "~~~",
    "|",
    "\\|",
    "\\",
    "\n",
    "\r\n",
    "\n\n",
    "- ",
    "# ",
    "> [!NOTE]\n",
    "1. ",
    "</details>",
    "</code>",
    "</summary>",
    "<img src=x>",
    "<!--",
    "-->",
    "--",
    "![i](https://x.example)",
    "[l](https://x.example)",
    "[^1]",
    "]: x",
    "**",
    "_",
    "$x$",
    ":smile:",
    "&#64;user",
    "&lt;b&gt;",
    "\u{202e}",
    "\0",
    "\u{2028}",
    "ä",
    "🦀",
    "    ",
    "\t",
    "---",
    "| a |\n|---|\n",
];

fn foreign() -> impl Strategy<Value = String> {
    let pieces = proptest::collection::vec((proptest::sample::select(PIECES), any::<bool>()), 0..8);
    pieces.prop_map(|pieces| {
        let mut text = String::new();
        for (piece, marked) in pieces {
            text.push_str(piece);
            if marked {
                text.push_str(FOREIGN);
            }
        }
        text + FOREIGN
    })
}

/// Keys whose texts are words of the schema.
const WORDS: &[&str] = &[
    "apiVersion",
    "kind",
    "verdict",
    "presence",
    "change",
    "class",
    "severity",
    "state",
    "side",
    "platform",
    "fingerprint",
];

/// Replaces every text of a report by the next foreign one; kinds of resources too.
fn poison(value: &mut Value, texts: &mut impl Iterator<Item = String>, is_resource: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, texts, false)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let is_word = WORDS.contains(&key.as_str()) && !(is_resource && key == "kind");
                match value {
                    Value::String(text) if !is_word => *text = texts.next().unwrap_or_default(),
                    value => poison(value, texts, key == "id"),
                }
            }
        }
        _ => {}
    }
}

fn check(markdown: &str) -> Result<(), TestCaseError> {
    prop_assert!(markdown.len() <= TEXT_LIMIT);
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, markdown, &options);
    for node in root.descendants() {
        check_node(node, markdown)?;
    }
    let count = |tag: &str| markdown.matches(tag).count();
    prop_assert_eq!(count("<details>"), count("<summary>"));
    Ok(())
}

fn check_node<'a>(node: &'a AstNode<'a>, markdown: &str) -> Result<(), TestCaseError> {
    match &node.data.borrow().value {
        NodeValue::Text(text) => {
            prop_assert!(!text.contains(FOREIGN), "outside of code: {}\n{}", text, markdown);
        }
        NodeValue::Link(link) => prop_assert_eq!(&link.url, OURS),
        NodeValue::HtmlBlock(block) => check_html(&block.literal, markdown)?,
        NodeValue::HtmlInline(html) => check_html(html, markdown)?,
        NodeValue::Code(_)
        | NodeValue::CodeBlock(_)
        | NodeValue::Document
        | NodeValue::Paragraph
        | NodeValue::Heading(_)
        | NodeValue::List(_)
        | NodeValue::Item(_)
        | NodeValue::Table(_)
        | NodeValue::TableRow(_)
        | NodeValue::TableCell
        | NodeValue::SoftBreak
        | NodeValue::Strong
        | NodeValue::Alert(_) => {}
        other => prop_assert!(false, "{:?} came of\n{}", other, markdown),
    }
    Ok(())
}

/// Our own tags, and code that holds no tag; nothing foreign beside them.
fn check_html(html: &str, markdown: &str) -> Result<(), TestCaseError> {
    let code = regex::Regex::new("<code>[^<>]*</code>").expect("a pattern");
    let comment = regex::Regex::new("<!-- plimsoll:[^>]* -->").expect("a pattern");
    let tag = regex::Regex::new("</?(details|summary|b|sub)>").expect("a pattern");
    let rest = code.replace_all(html, "");
    let rest = comment.replace_all(&rest, "");
    let rest = tag.replace_all(&rest, "");
    prop_assert!(!rest.contains(['<', '>']) && !rest.contains(FOREIGN), "{}\nof\n{}", html, markdown);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_a_diff_breaks_out(texts in proptest::collection::vec(foreign(), 120)) {
        let mut report = reports::diff();
        report["environments"][1]["errors"] = serde_json::json!([{
            "side": "head", "code": "x", "message": "x", "file": "x", "line": 3, "help": "x",
        }]);
        let mut texts = texts.into_iter().cycle();
        poison(&mut report, &mut texts, false);
        let report: DiffReport = serde_json::from_value(report).expect("it keeps its schema");
        let artifact = texts.next();
        let surroundings = Surroundings { details: Some(OURS.to_owned()), artifact, ..Surroundings::default() };
        check(&diff_comment::text(&report, &surroundings, TEXT_LIMIT).text)?;
        check(&diff_comment::text(&report, &surroundings, 2_500).text)?;
    }

    #[test]
    fn nothing_of_a_check_breaks_out(texts in proptest::collection::vec(foreign(), 60)) {
        let mut report = reports::drift(&["web", "worker"], &["aws:sts"]);
        report["resources"][0]["cause"] = serde_json::json!("x");
        let mut texts = texts.into_iter().cycle();
        poison(&mut report, &mut texts, false);
        report["environment"] = serde_json::json!("dev");
        report["verdict"] = serde_json::json!("drift");
        let report: DriftReport = serde_json::from_value(report).expect("it keeps its schema");
        let now = "2026-11-24T03:17:00Z";
        let plan = drift_issue::plan(&report, None, now, Some(OURS)).expect("there is drift");
        check(&plan.body)?;
    }
}

#[test]
fn a_very_large_diff_keeps_what_matters_and_fits() {
    let mut report = reports::diff();
    let resource = report["environments"][0]["layers"][0]["resources"][0].clone();
    let many: Vec<Value> = (0..5_000)
        .map(|number| {
            let mut one = resource.clone();
            one["id"]["name"] = Value::from(format!("worker-{number}"));
            one["group"] = Value::Null;
            one["reasons"] = serde_json::json!([]);
            one["fields"][0]["after"] = Value::from("🦀".repeat(number % 300));
            one
        })
        .collect();
    let resources = report["environments"][0]["layers"][0]["resources"].as_array_mut().expect("resources");
    resources.extend(many);
    let report: DiffReport = serde_json::from_value(report).expect("it keeps its schema");
    let surroundings = Surroundings { details: Some(OURS.to_owned()), ..Surroundings::default() };
    let fitted = diff_comment::text(&report, &surroundings, TEXT_LIMIT);
    assert!(
        fitted.text.len() <= TEXT_LIMIT && fitted.text.len() > TEXT_LIMIT - 1_000,
        "{}",
        fitted.text.len()
    );
    assert!(fitted.text.contains("nothing runs any more"));
    assert!(fitted.text.contains(&format!("left out for length**: [the run]({OURS})")));
    assert_eq!(fitted.text.matches("<details>").count(), fitted.text.matches("</details>").count());
    check(&fitted.text).expect("nothing breaks out");
}
