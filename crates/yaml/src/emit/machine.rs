//! Pieces of a tree into YAML: the state machine that places indicators, indentation and comments.
//!
//! Pieces come one by one, a scalar or the opening or closing of a collection; the machine needs no look ahead but for
//! whether a collection is empty. Output only grows, in time linear in it.
//!
//! Upstream: libyaml's emitter as go-yaml v2.4 and v3.0 have it.

use super::analysis::{Analysis, Tabs, analyze};
use crate::node::Style;

/// Whose habits of layout are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// Sequences in mappings are not indented, lines are folded at 80 columns.
    V2,
    /// Sequences are indented or compact, lines are not folded.
    V3,
}

/// What the machine expects next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Root,
    SequenceFirst,
    SequenceItem,
    MappingFirst,
    MappingKey,
    MappingSimpleValue,
    MappingValue,
    FlowSequenceFirst,
    FlowSequenceItem,
    FlowSequenceAfterComma,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingAfterComma,
    FlowMappingSimpleValue,
    FlowMappingValue,
    End,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Entry,
    SimpleKey,
}

/// A tag that is written out, in its short form; empty for none.
pub(super) type TagText<'t> = &'t str;

/// A scalar to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar<'t> {
    pub(super) text: &'t str,
    pub(super) tag: TagText<'t>,
    pub(super) style: Style,
}

/// The opening of a collection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening<'t> {
    pub(super) tag: TagText<'t>,
    pub(super) flow: bool,
    pub(super) empty: bool,
}

/// A piece of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'t> {
    Scalar(Scalar<'t>),
    OpenSequence(Opening<'t>),
    OpenMapping(Opening<'t>),
    Close,
}

/// The comments that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) head: String,
    pub(super) line: String,
    pub(super) foot: String,
    pub(super) tail: String,
    pub(super) key_line: String,
}

pub(super) struct Machine {
    pub(super) out: String,
    generation: Generation,
    pub(super) best_indent: i64,
    pub(super) best_width: usize,
    compact_sequences: bool,
    pub(super) column: usize,
    pub(super) whitespace: bool,
    pub(super) indention: bool,
    pub(super) indent: i64,
    indents: Vec<i64>,
    states: Vec<State>,
    state: State,
    flow_level: usize,
    place: Place,
    /// The indentation of the foot comment just written, which the next line keeps a distance to.
    pub(super) foot_indent: i64,
    pub(super) waiting: Waiting,
}

/// The layout that a [`Machine`] follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) generation: Generation,
    pub(super) indent: usize,
    pub(super) width: Option<usize>,
    pub(super) compact_sequences: bool,
}

impl Machine {
    pub(super) fn new(layout: Layout, out: String) -> Machine {
        Machine {
            out,
            generation: layout.generation,
            best_indent: layout.indent.clamp(2, 9) as i64,
            best_width: layout.width.unwrap_or(usize::MAX),
            compact_sequences: layout.compact_sequences,
            column: 0,
            whitespace: true,
            indention: true,
            indent: -1,
            indents: Vec::new(),
            states: Vec::new(),
            state: State::Root,
            flow_level: 0,
            place: Place::Root,
            foot_indent: -1,
            waiting: Waiting::default(),
        }
    }

    /// Writes the comment of the document as a whole in front of it.
    pub(super) fn start_document(&mut self) {
        if !self.waiting.head.is_empty() {
            self.write_head_comment();
            self.put_break();
        }
    }

    /// Ends the document and its last line.
    pub(super) fn finish(mut self) -> String {
        self.foot_indent = 0;
        self.write_foot_comment();
        self.foot_indent = -1;
        self.write_indent();
        self.out
    }

    pub(super) fn emit(&mut self, piece: Piece<'_>) {
        match self.state {
            State::Root => {
                self.states.push(State::End);
                self.write_head_comment();
                self.emit_node(piece, Place::Root, None);
                self.write_line_comment();
                self.write_foot_comment();
            }
            State::SequenceFirst | State::SequenceItem => self.emit_item(piece),
            State::MappingFirst | State::MappingKey => self.emit_key(piece),
            State::MappingSimpleValue | State::MappingValue => self.emit_value(piece),
            State::FlowSequenceFirst | State::FlowSequenceItem | State::FlowSequenceAfterComma => {
                self.emit_flow_item(piece);
            }
            State::FlowMappingFirst | State::FlowMappingKey | State::FlowMappingAfterComma => {
                self.emit_flow_key(piece);
            }
            State::FlowMappingSimpleValue | State::FlowMappingValue => self.emit_flow_value(piece),
            State::End => {}
        }
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn pop_indent(&mut self) {
        self.indent = self.indents.pop().unwrap_or(-1);
    }

    fn increase_indent(&mut self, flow: bool) {
        self.indents.push(self.indent);
        if self.indent < 0 {
            self.indent = if flow { self.best_indent } else { 0 };
        } else if self.generation == Generation::V2 {
            self.indent += self.best_indent;
        } else if self.states.last() == Some(&State::SequenceItem) {
            self.indent += 2;
        } else {
            self.indent = self.best_indent * ((self.indent + self.best_indent) / self.best_indent);
        }
    }

    /// The indentation of a block sequence, which in a mapping may be none of its own.
    fn increase_sequence_indent(&mut self) {
        let in_mapping = self.place == Place::Entry || self.place == Place::SimpleKey;
        match self.generation {
            Generation::V2 if in_mapping && !self.indention => {
                self.indents.push(self.indent);
                if self.indent < 0 {
                    self.indent = 0;
                }
            }
            Generation::V2 => self.increase_indent(false),
            Generation::V3 => {
                let nested = self.indent >= 0 && self.states.last() != Some(&State::SequenceItem);
                let compact = in_mapping && (self.column == 0 || !self.indention) && self.compact_sequences;
                self.increase_indent(false);
                if compact && nested {
                    self.indent -= 2;
                }
            }
        }
    }

    fn emit_item(&mut self, piece: Piece<'_>) {
        if self.state == State::SequenceFirst {
            self.increase_sequence_indent();
        }
        if matches!(piece, Piece::Close) {
            self.pop_indent();
            self.pop_state();
            return;
        }
        self.write_head_comment();
        self.write_indent();
        self.write_indicator("-", true, false, true);
        self.states.push(State::SequenceItem);
        self.emit_node(piece, Place::Item, None);
        self.write_line_comment();
        self.write_foot_comment();
    }

    fn emit_key(&mut self, piece: Piece<'_>) {
        if self.state == State::MappingFirst {
            self.increase_indent(false);
        }
        self.write_head_comment();
        if matches!(piece, Piece::Close) {
            self.pop_indent();
            self.pop_state();
            return;
        }
        self.write_indent();
        if !self.waiting.line.is_empty() {
            self.waiting.key_line = std::mem::take(&mut self.waiting.line);
        }
        let analysis = self.analyze(piece);
        if is_simple_key(piece, analysis) {
            self.states.push(State::MappingSimpleValue);
            self.emit_node(piece, Place::SimpleKey, analysis);
        } else {
            self.write_indicator("?", true, false, true);
            self.states.push(State::MappingValue);
            self.emit_node(piece, Place::Entry, analysis);
        }
    }

    fn emit_value(&mut self, piece: Piece<'_>) {
        if self.state == State::MappingSimpleValue {
            self.write_indicator(":", false, false, false);
        } else {
            self.write_indent();
            self.write_indicator(":", true, false, true);
        }
        if !self.waiting.key_line.is_empty() {
            self.place_key_comment(piece);
        }
        self.states.push(State::MappingKey);
        self.emit_node(piece, Place::Entry, None);
        self.write_line_comment();
        self.write_foot_comment();
    }

    /// A comment on a key's line goes behind a scalar value, and before a block that follows.
    fn place_key_comment(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Scalar(_) if self.waiting.line.is_empty() => {
                self.waiting.line = std::mem::take(&mut self.waiting.key_line);
            }
            Piece::OpenSequence(opening) | Piece::OpenMapping(opening) if !opening.flow => {
                let own = std::mem::take(&mut self.waiting.line);
                self.waiting.line = std::mem::take(&mut self.waiting.key_line);
                self.write_line_comment();
                self.waiting.key_line = std::mem::replace(&mut self.waiting.line, own);
            }
            _ => {}
        }
    }

    fn has_trailing_comments(&self) -> bool {
        let Waiting { line, foot, tail, .. } = &self.waiting;
        !(line.is_empty() && foot.is_empty() && tail.is_empty())
    }

    fn emit_flow_item(&mut self, piece: Piece<'_>) {
        let state = self.state;
        if state == State::FlowSequenceFirst {
            self.write_indicator("[", true, true, false);
            self.increase_indent(true);
            self.flow_level += 1;
        }
        if matches!(piece, Piece::Close) {
            self.flow_level -= 1;
            self.pop_indent();
            if self.generation == Generation::V3 && self.column == 0 {
                self.write_indent();
            }
            self.write_indicator("]", false, false, false);
            self.write_line_comment();
            self.write_foot_comment();
            self.pop_state();
            return;
        }
        if state == State::FlowSequenceItem {
            self.write_indicator(",", false, false, false);
        }
        self.write_head_comment();
        if self.column > self.best_width || (self.generation == Generation::V3 && self.column == 0) {
            self.write_indent();
        }
        let trail = self.has_trailing_comments();
        self.states.push(if trail { State::FlowSequenceAfterComma } else { State::FlowSequenceItem });
        self.emit_node(piece, Place::Item, None);
        self.end_flow_node();
    }

    fn emit_flow_key(&mut self, piece: Piece<'_>) {
        let state = self.state;
        if state == State::FlowMappingFirst {
            self.write_indicator("{", true, true, false);
            self.increase_indent(true);
            self.flow_level += 1;
        }
        if matches!(piece, Piece::Close) {
            let Waiting { head, foot, tail, .. } = &self.waiting;
            let commented = !(head.is_empty() && foot.is_empty() && tail.is_empty());
            if commented && state == State::FlowMappingKey {
                self.write_indicator(",", false, false, false);
            }
            self.write_head_comment();
            self.flow_level -= 1;
            self.pop_indent();
            self.write_indicator("}", false, false, false);
            self.write_line_comment();
            self.write_foot_comment();
            self.pop_state();
            return;
        }
        if state == State::FlowMappingKey {
            self.write_indicator(",", false, false, false);
        }
        self.write_head_comment();
        if self.column > self.best_width || (self.generation == Generation::V3 && self.column == 0) {
            self.write_indent();
        }
        let analysis = self.analyze(piece);
        if is_simple_key(piece, analysis) {
            self.states.push(State::FlowMappingSimpleValue);
            self.emit_node(piece, Place::SimpleKey, analysis);
        } else {
            self.write_indicator("?", true, false, false);
            self.states.push(State::FlowMappingValue);
            self.emit_node(piece, Place::Entry, analysis);
        }
    }

    fn emit_flow_value(&mut self, piece: Piece<'_>) {
        if self.state == State::FlowMappingSimpleValue {
            self.write_indicator(":", false, false, false);
        } else {
            if self.column > self.best_width {
                self.write_indent();
            }
            self.write_indicator(":", true, false, false);
        }
        let trail = self.has_trailing_comments();
        self.states.push(if trail { State::FlowMappingAfterComma } else { State::FlowMappingKey });
        self.emit_node(piece, Place::Entry, None);
        self.end_flow_node();
    }

    fn end_flow_node(&mut self) {
        if self.has_trailing_comments() {
            self.write_indicator(",", false, false, false);
        }
        self.write_line_comment();
        self.write_foot_comment();
    }

    fn analyze(&self, piece: Piece<'_>) -> Option<Analysis> {
        let tabs = if self.generation == Generation::V2 { Tabs::Special } else { Tabs::Text };
        match piece {
            Piece::Scalar(scalar) => Some(analyze(scalar.text, tabs)),
            _ => None,
        }
    }

    fn emit_node(&mut self, piece: Piece<'_>, place: Place, analysis: Option<Analysis>) {
        self.place = place;
        match piece {
            Piece::Scalar(scalar) => {
                if let Some(analysis) = analysis.or_else(|| self.analyze(piece)) {
                    self.emit_scalar(scalar, analysis);
                }
            }
            Piece::OpenSequence(opening) => {
                self.write_tag(opening.tag);
                let flow = self.flow_level > 0 || opening.flow || opening.empty;
                self.state = if flow { State::FlowSequenceFirst } else { State::SequenceFirst };
            }
            Piece::OpenMapping(opening) => {
                self.write_tag(opening.tag);
                let flow = self.flow_level > 0 || opening.flow || opening.empty;
                self.state = if flow { State::FlowMappingFirst } else { State::MappingFirst };
            }
            Piece::Close => {}
        }
    }

    fn emit_scalar(&mut self, scalar: Scalar<'_>, analysis: Analysis) {
        let style = self.select_style(scalar, analysis);
        let untagged_text = scalar.tag.is_empty();
        self.write_tag(if untagged_text { "" } else { scalar.tag });
        self.increase_indent(true);
        let may_fold = self.place != Place::SimpleKey;
        match style {
            Style::Plain | Style::Flow => {
                self.write_plain(scalar.text, may_fold, self.generation == Generation::V2)
            }
            Style::SingleQuoted => self.write_single_quoted(scalar.text, may_fold),
            Style::DoubleQuoted => self.write_double_quoted(scalar.text, may_fold),
            Style::Literal => self.write_literal(scalar.text),
            Style::Folded => self.write_folded(scalar.text),
        }
        self.pop_indent();
        self.pop_state();
    }

    fn select_style(&self, scalar: Scalar<'_>, analysis: Analysis) -> Style {
        let simple_key = self.place == Place::SimpleKey;
        let in_flow = self.flow_level > 0;
        let mut style = scalar.style;
        if simple_key && analysis.multiline {
            style = Style::DoubleQuoted;
        }
        if matches!(style, Style::Plain | Style::Flow) {
            let allowed = if in_flow { analysis.flow_plain } else { analysis.block_plain };
            let empty_needs_quotes = scalar.text.is_empty() && (in_flow || simple_key);
            style = if allowed && !empty_needs_quotes { Style::Plain } else { Style::SingleQuoted };
        }
        if style == Style::SingleQuoted && !analysis.single_quoted {
            style = Style::DoubleQuoted;
        }
        if matches!(style, Style::Literal | Style::Folded) && (!analysis.block || in_flow || simple_key) {
            style = Style::DoubleQuoted;
        }
        style
    }
}

/// The longest text, tag included, that is a key without `?`, in bytes.
const LONGEST_SIMPLE_KEY: usize = 128;

fn is_simple_key(piece: Piece<'_>, analysis: Option<Analysis>) -> bool {
    // Of a tag in its short form the handle counts as it is written.
    let length = match piece {
        Piece::Scalar(scalar) => {
            if analysis.is_none_or(|analysis| analysis.multiline) {
                return false;
            }
            scalar.tag.len() + scalar.text.len()
        }
        Piece::OpenSequence(opening) | Piece::OpenMapping(opening) if opening.empty => opening.tag.len(),
        _ => return false,
    };
    length <= LONGEST_SIMPLE_KEY
}
