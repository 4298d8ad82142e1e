//! Trees into YAML: order, styles, tags and comments as they are.
//!
//! Upstream: go-yaml v3's encoding of a `yaml.Node`.

use super::EmitOptions;
use super::machine::{Machine, Opening, Piece, Scalar};
use crate::dialect::Dialect;
use crate::document::Document;
use crate::node::{Extra, Node, Style, Tag};
use crate::resolve;

/// The tree as go-yaml v3 writes it.
#[must_use]
pub fn emit_node(node: &Node, options: &EmitOptions) -> String {
    let mut writer =
        Writer { machine: Machine::new(options.layout(), String::new()), dialect: options.dialect };
    writer.write(node, "");
    writer.machine.finish()
}

/// Documents with `---` between them, their comments included.
#[must_use]
pub fn emit_documents<'d>(
    documents: impl IntoIterator<Item = &'d Document>,
    options: &EmitOptions,
) -> String {
    let mut out = String::new();
    for (index, document) in documents.into_iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        let mut writer = Writer { machine: Machine::new(options.layout(), out), dialect: options.dialect };
        writer.machine.waiting.head.push_str(&document.head_comment);
        writer.machine.start_document();
        writer.write(&document.root, "");
        writer.machine.set_foot_comment(&document.foot_comment);
        out = writer.machine.finish();
    }
    out
}

struct Writer {
    machine: Machine,
    dialect: Dialect,
}

impl Machine {
    fn set_foot_comment(&mut self, comment: &str) {
        if !comment.is_empty() {
            comment.clone_into(&mut self.waiting.foot);
        }
    }

    fn set_head_comments(&mut self, extra: Option<&Extra>, tail: &str) {
        if let Some(extra) = extra
            && !extra.head_comment.is_empty()
        {
            extra.head_comment.clone_into(&mut self.waiting.head);
        }
        if !tail.is_empty() {
            tail.clone_into(&mut self.waiting.tail);
        }
    }

    fn set_line_comment(&mut self, extra: Option<&Extra>) {
        if let Some(extra) = extra
            && !extra.line_comment.is_empty()
        {
            extra.line_comment.clone_into(&mut self.waiting.line);
        }
    }
}

/// Whether a node's own foot comment is written with it, or later by its mapping.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Foot {
    WithNode,
    ByMapping,
}

impl Writer {
    fn write(&mut self, node: &Node, tail: &str) {
        self.write_with(node, tail, Foot::WithNode);
    }

    fn write_with(&mut self, node: &Node, tail: &str, foot: Foot) {
        let extra = node.extra();
        let foot_comment = match (extra, foot) {
            (Some(extra), Foot::WithNode) => extra.foot_comment.as_str(),
            _ => "",
        };
        let written_tag = extra.map_or("", |extra| extra.custom_tag.as_str());
        let flow = node.style() == Style::Flow;
        if let Some(items) = node.items() {
            self.machine.set_head_comments(extra, tail);
            let opening = Opening { tag: written_tag, flow, empty: items.is_empty() };
            self.machine.emit(Piece::OpenSequence(opening));
            for item in items {
                self.write(item, "");
            }
            self.machine.set_line_comment(extra);
            self.machine.set_foot_comment(foot_comment);
            self.machine.emit(Piece::Close);
        } else if let Some(entries) = node.entries() {
            self.machine.set_head_comments(extra, tail);
            let opening = Opening { tag: written_tag, flow, empty: entries.is_empty() };
            self.machine.emit(Piece::OpenMapping(opening));
            let mut tail = "";
            for entry in entries {
                // A key's foot stands below the whole entry, so it is written with what follows.
                self.write_with(&entry.key, tail, Foot::ByMapping);
                tail = entry.key.extra().map_or("", |extra| extra.foot_comment.as_str());
                self.write(&entry.value, "");
            }
            if !tail.is_empty() {
                tail.clone_into(&mut self.machine.waiting.tail);
            }
            self.machine.set_line_comment(extra);
            self.machine.set_foot_comment(foot_comment);
            self.machine.emit(Piece::Close);
        } else {
            self.machine.set_head_comments(extra, tail);
            self.machine.set_line_comment(extra);
            self.machine.set_foot_comment(foot_comment);
            let scalar = self.scalar(node, written_tag);
            self.machine.emit(Piece::Scalar(scalar));
        }
    }

    /// The tag and the style that make the scalar read back as what it is.
    fn scalar<'n>(&self, node: &'n Node, written_tag: &'n str) -> Scalar<'n> {
        let text = node.scalar_text().unwrap_or_default();
        let style = node.style();
        let quoted = !matches!(style, Style::Plain | Style::Flow);
        let mut tag = written_tag;
        let mut needs_quotes = false;
        if tag.is_empty() && !(quoted && matches!(node.tag(), Tag::Str | Tag::Custom)) {
            let is_string = matches!(node.tag(), Tag::Str | Tag::Custom);
            let read = resolve::resolve(text, self.dialect);
            if is_string {
                needs_quotes =
                    read != Tag::Str || (self.dialect == Dialect::Yaml12 && resolve::is_old_bool(text));
            } else if read != node.tag() || quoted {
                tag = if read == node.tag() { "" } else { node.tag().short_name() };
            }
        }
        let style = match style {
            Style::Plain | Style::Flow if text.contains('\n') => Style::Literal,
            Style::Plain | Style::Flow if needs_quotes => Style::DoubleQuoted,
            Style::Flow => Style::Plain,
            other => other,
        };
        Scalar { text, tag, style }
    }
}
