//! A tree as the JSON of go-yaml's own `Node` structs, of which kustomize makes the hash of what is neither a ConfigMap nor a
//! Secret.
//!
//! Line and column are those of the source text; made-up nodes have none, which is 0, and made-up maps and lists no tag.

use plimsoll_yaml::{Node, Span, Style, Tag};
use serde_json::Value;

use super::json::to_go_string;
use super::scalar::{is_untagged, raw_text};
use super::text;

/// The JSON text of a node that was read from this source.
pub(crate) fn to_go_json(node: &Node, source: &str) -> String {
    let mut out = String::new();
    write(node, source, &mut out);
    out
}

fn write(node: &Node, source: &str, out: &mut String) {
    let kind = if node.is_mapping() {
        4
    } else if node.is_sequence() {
        2
    } else {
        8
    };
    let extra = node.extra().cloned().unwrap_or_default();
    let is_made_up = !node.is_scalar() && node.span().start == Span::NONE.start;
    let tag = if is_untagged(node) || is_made_up {
        ""
    } else if node.tag() == Tag::Custom {
        extra.custom_tag.as_str()
    } else {
        text::short_tag(node)
    };
    let string = |text: &str| to_go_string(&Value::String(text.to_owned()));
    // A made-up node may carry the number of its group in the place of an end.
    let is_read = node.span().start != Span::NONE.start;
    let position = is_read.then(|| node.span().position_in(source)).flatten();
    out.push_str(&format!(
        r#"{{"Kind":{kind},"Style":{},"Tag":{},"Value":{},"Anchor":"","Alias":null,"Content":"#,
        style_number(node.style()),
        string(tag),
        string(raw_text(node)),
    ));
    let children: Vec<&Node> = match (node.entries(), node.items()) {
        (Some(entries), _) => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
        (_, items) => items.unwrap_or_default().iter().collect(),
    };
    if children.is_empty() {
        out.push_str("null");
    } else {
        for (index, child) in children.into_iter().enumerate() {
            out.push(if index == 0 { '[' } else { ',' });
            write(child, source, out);
        }
        out.push(']');
    }
    out.push_str(&format!(
        r#","HeadComment":{},"LineComment":{},"FootComment":{},"Line":{},"Column":{}}}"#,
        string(&extra.head_comment),
        string(&extra.line_comment),
        string(&extra.foot_comment),
        position.map_or(0, |position| position.line),
        position.map_or(0, |position| position.column),
    ));
}

fn style_number(style: Style) -> u8 {
    match style {
        Style::Plain => 0,
        Style::DoubleQuoted => 2,
        Style::SingleQuoted => 4,
        Style::Literal => 8,
        Style::Folded => 16,
        Style::Flow => 32,
    }
}
