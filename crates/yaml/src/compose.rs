//! Events into trees: anchors, aliases, tags, merges, comments, and the budget.
//!
//! Works with a stack of its own, so nesting costs no recursion. As in go-yaml, problems of meaning (a doubled key, a tag
//! that its text contradicts) are reported only for documents whose syntax is right to their end.
//!
//! Upstream: go-yaml v2.4's and v3.0's parser and decoder; for kustomize the order that kyaml's merge of anchors gives.

use std::collections::HashMap;

use crate::budget::{Budget, DEEPEST};
use crate::dialect::Dialect;
use crate::document::Document;
use crate::duplicates::Duplicates;
use crate::error::{Error, ErrorKind};
use crate::merge;
use crate::node::{Entry, Node, Style, Tag};
use crate::parse::{Comments, Event, EventKind, Parser, Properties};
use crate::resolve;
use crate::scan::{Place, Problem, ScanOptions};
use crate::span::{Position, Span};

/// An anchor's node and what an alias to it costs.
struct Anchored {
    /// `None` while the node is still open.
    node: Option<Node>,
    cost: usize,
}

/// A collection that is not closed yet. What it holds lies on the composer's stack from `base` on; of a mapping keys and
/// values in turn.
struct Frame<'s> {
    kind: Collection,
    base: usize,
    start: Place,
    anchor: Option<&'s str>,
    tag: Option<Box<str>>,
    style: Style,
    head_comment: String,
    /// Nodes in it so far, itself included.
    cost: usize,
    end: u32,
    /// Values of `<<` that are merged when the mapping closes.
    merges: Vec<Node>,
    /// Where each `<<` stood.
    merge_keys: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Collection {
    Sequence,
    Mapping,
}

/// What becomes of keys that stand twice in a mapping.
enum DoubledKeys {
    Refused,
    Kept(Option<Error>),
}

/// Composes the documents of one source one by one.
pub(crate) struct Composer<'s> {
    parser: Parser<'s>,
    text: &'s str,
    /// Bytes in front of the text that were no text.
    skipped: usize,
    fault: Option<&'static str>,
    dialect: Dialect,
    budget: Budget,
    nodes: usize,
    repeated: usize,
    document_nodes: usize,
    document_repeated: usize,
    anchors: HashMap<&'s str, Anchored>,
    /// The nodes of all open collections, so that each gets an allocation of just its size when it closes.
    stack: Vec<Node>,
    duplicates: Duplicates,
    doubled_keys: DoubledKeys,
    /// Problems of meaning, in the order of the text.
    deferred: Vec<Error>,
    done: bool,
}

impl<'s> Composer<'s> {
    pub(crate) fn new(
        text: &'s str,
        skipped: usize,
        fault: Option<&'static str>,
        dialect: Dialect,
        budget: Budget,
    ) -> Composer<'s> {
        let options = ScanOptions {
            comments: dialect != Dialect::Helm,
            yaml12: dialect == Dialect::Yaml12,
            depth: budget.depth.min(DEEPEST),
        };
        Composer {
            parser: Parser::new(text, options),
            text,
            skipped,
            fault,
            dialect,
            budget,
            nodes: 0,
            repeated: 0,
            document_nodes: 0,
            document_repeated: 0,
            anchors: HashMap::new(),
            stack: Vec::new(),
            duplicates: Duplicates::default(),
            doubled_keys: DoubledKeys::Refused,
            deferred: Vec::new(),
            done: false,
        }
    }

    /// Lets keys stand twice.
    pub(crate) fn keep_doubled_keys(&mut self) {
        self.doubled_keys = DoubledKeys::Kept(None);
    }

    /// The error for the doubled keys that were kept in the last document.
    pub(crate) fn take_doubled_keys(&mut self) -> Option<Error> {
        match &mut self.doubled_keys {
            DoubledKeys::Refused => None,
            DoubledKeys::Kept(error) => error.take(),
        }
    }

    /// The next document, or `None` behind the last. An error of syntax is the last item; after others the next
    /// document can still be asked for.
    pub(crate) fn next_document(&mut self) -> Option<Result<Document, Error>> {
        if self.done {
            return None;
        }
        match self.compose_document() {
            Ok(Some(document)) => Some(Ok(document)),
            Ok(None) => {
                self.done = true;
                None
            }
            Err(Failure::Document(error)) => Some(Err(error)),
            Err(Failure::Stream(error)) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }

    #[inline]
    fn next_event(&mut self) -> Result<Event<'s>, Failure> {
        match self.parser.next_event() {
            Ok(event) => Ok(event),
            Err(problem) => Err(Failure::Stream(self.syntax_error(&problem))),
        }
    }

    fn compose_document(&mut self) -> Result<Option<Document>, Failure> {
        let start = self.next_event()?;
        if matches!(start.kind, EventKind::StreamEnd) {
            return match self.fault {
                Some(message) => Err(Failure::Stream(self.input_error(message))),
                None => Ok(None),
            };
        }
        self.anchors.clear();
        self.stack.clear();
        self.document_nodes = 0;
        self.document_repeated = 0;
        let head_comment = start.comments.map(|comments| comments.head).unwrap_or_default();
        let root = self.compose_root()?;
        let end = self.next_event()?;
        let foot_comment = end.comments.map(|comments| comments.foot).unwrap_or_default();
        if let Some(message) = self.fault
            && end.end.offset as usize >= self.text.len()
        {
            return Err(Failure::Stream(self.input_error(message)));
        }
        let span = Span::new(self.offset(start.start), self.offset(end.end));
        // What stands in a mapping with doubled keys go-yaml never decodes.
        let mut reached = std::mem::take(&mut self.deferred)
            .into_iter()
            .filter(|error| !self.duplicates.cover(error.offset().unwrap_or_default()));
        if let Some(error) = reached.next() {
            drop(reached);
            self.duplicates.clear();
            return Err(Failure::Document(error));
        }
        drop(reached);
        if let Some(error) = self.duplicates.take_error(self.text, self.skipped) {
            match &mut self.doubled_keys {
                DoubledKeys::Refused => return Err(Failure::Document(error)),
                DoubledKeys::Kept(kept) => *kept = Some(error),
            }
        }
        Ok(Some(Document { root, head_comment, foot_comment, span }))
    }

    fn compose_root(&mut self) -> Result<Node, Failure> {
        let mut frames: Vec<Frame<'s>> = Vec::new();
        loop {
            let event = self.next_event()?;
            let comments = event.comments;
            let (node, cost, via_alias) = match event.kind {
                EventKind::Scalar { properties, text, style } => {
                    let Properties { anchor, tag } =
                        properties.map(|properties| *properties).unwrap_or_default();
                    let span = Span::new(self.offset(event.start), self.offset(event.end));
                    let mut node = self.scalar(&text, style, tag.as_deref(), event.start);
                    node = node.with_span(span);
                    attach(&mut node, comments);
                    if let Some(anchor) = anchor {
                        let node = Some(node.clone());
                        self.anchors.insert(anchor, Anchored { node, cost: 1 });
                    }
                    self.count(1, 0)?;
                    (node, 1, false)
                }
                EventKind::Alias(name) => {
                    let (mut node, cost) = self.expand(name, event.start)?;
                    node = node.with_span(Span::new(self.offset(event.start), self.offset(event.end)));
                    attach(&mut node, comments);
                    (node, cost, true)
                }
                EventKind::SequenceStart { properties, flow } => {
                    let frame = self.open(Collection::Sequence, properties, flow, event.start, comments)?;
                    frames.push(frame);
                    continue;
                }
                EventKind::MappingStart { properties, flow } => {
                    let frame = self.open(Collection::Mapping, properties, flow, event.start, comments)?;
                    frames.push(frame);
                    continue;
                }
                EventKind::SequenceEnd | EventKind::MappingEnd => {
                    let Some(mut frame) = frames.pop() else { return Ok(Node::null()) };
                    if frame.style == Style::Flow {
                        frame.end = self.offset(event.end);
                    }
                    let cost = frame.cost;
                    (self.close(frame, comments), cost, false)
                }
                EventKind::StreamEnd | EventKind::DocumentStart | EventKind::DocumentEnd => {
                    return Ok(Node::null());
                }
            };
            match frames.last_mut() {
                Some(frame) => {
                    frame.cost = frame.cost.saturating_add(cost);
                    frame.end = frame.end.max(node.span().end);
                    self.add(frame, node, via_alias, event.start);
                }
                None => return Ok(node),
            }
        }
    }

    fn offset(&self, mark: Place) -> u32 {
        mark.offset.saturating_add(self.skipped as u32)
    }

    fn open(
        &mut self,
        kind: Collection,
        properties: Option<Box<Properties<'s>>>,
        flow: bool,
        start: Place,
        comments: Option<Box<Comments>>,
    ) -> Result<Frame<'s>, Failure> {
        self.count(1, 0)?;
        let Properties { anchor, tag } = properties.map(|properties| *properties).unwrap_or_default();
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Anchored { node: None, cost: 0 });
        }
        let head_comment = comments.map(|comments| comments.head).unwrap_or_default();
        let style = if flow { Style::Flow } else { Style::Plain };
        let end = self.offset(start);
        Ok(Frame {
            kind,
            base: self.stack.len(),
            start,
            anchor,
            tag,
            style,
            head_comment,
            cost: 1,
            end,
            merges: Vec::new(),
            merge_keys: Vec::new(),
        })
    }

    fn close(&mut self, frame: Frame<'s>, comments: Option<Box<Comments>>) -> Node {
        let mut comments = comments.map(|comments| *comments).unwrap_or_default();
        let base = frame.base.min(self.stack.len());
        let mut node = match frame.kind {
            Collection::Sequence => {
                let mut items = Vec::with_capacity(self.stack.len() - base);
                items.extend(self.stack.drain(base..));
                Node::sequence(items)
            }
            Collection::Mapping => {
                let mut entries = Vec::with_capacity((self.stack.len() - base) / 2);
                let mut nodes = self.stack.drain(base..);
                while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                    entries.push(Entry { key, value });
                }
                drop(nodes);
                if frame.style != Style::Flow
                    && !comments.foot.is_empty()
                    && let Some(last) = entries.last_mut()
                {
                    last.key.extra_mut().foot_comment = std::mem::take(&mut comments.foot);
                }
                if self.dialect == Dialect::Helm {
                    merge::keep_last(&mut entries);
                } else {
                    let place = self.offset(frame.start)..frame.end.saturating_add(1);
                    self.duplicates.check_merges(&frame.merge_keys, place.clone());
                    self.duplicates.check(&entries, place);
                    merge::append_missing(&mut entries, frame.merges);
                }
                Node::mapping(entries)
            }
        };
        node.set_style(frame.style);
        node = node.with_span(Span::new(self.offset(frame.start), frame.end));
        comments.head = frame.head_comment;
        attach(&mut node, Some(Box::new(comments)).filter(|comments| !comments.is_empty()));
        if let Some(tag) = frame.tag.as_deref().filter(|tag| *tag != "!") {
            node.extra_mut().custom_tag = resolve::short_tag(tag);
        }
        if let Some(anchor) = frame.anchor {
            self.anchors.insert(anchor, Anchored { node: Some(node.clone()), cost: frame.cost });
        }
        node
    }

    fn add(&mut self, frame: &mut Frame<'s>, mut node: Node, via_alias: bool, mark: Place) {
        if frame.kind == Collection::Sequence {
            self.stack.push(node);
            return;
        }
        let is_key = (self.stack.len() - frame.base.min(self.stack.len())).is_multiple_of(2);
        if is_key {
            let has_entry = self.stack.len() > frame.base + 1;
            let last_key = self.stack.len().wrapping_sub(2);
            if frame.style != Style::Flow
                && has_foot(&node)
                && has_entry
                && let Some(last) = self.stack.get_mut(last_key)
            {
                // A comment between two entries is the foot of the first one.
                last.extra_mut().foot_comment = std::mem::take(&mut node.extra_mut().foot_comment);
            }
            self.stack.push(node);
            return;
        }
        if let Some(key) = self.stack.last_mut() {
            if has_foot(&node) && !has_foot(key) {
                key.extra_mut().foot_comment = std::mem::take(&mut node.extra_mut().foot_comment);
            }
            if key.tag() == Tag::Merge && self.dialect != Dialect::Yaml12 {
                frame.merge_keys.push(key.span().start);
                self.stack.pop();
                return self.merge(frame, node, via_alias, mark);
            }
        }
        self.stack.push(node);
    }

    fn merge(&mut self, frame: &mut Frame<'s>, value: Node, via_alias: bool, mark: Place) {
        if !merge::is_mergeable(&value, via_alias) {
            // go-yaml looks at the merge before it decodes the value.
            let start = value.span().start as usize;
            self.deferred.retain(|error| error.offset().is_none_or(|offset| offset < start));
            let message = "map merge requires map or sequence of maps as the value";
            self.defer(Error::new(ErrorKind::Merge, message), mark);
        } else if self.dialect == Dialect::Helm {
            let merged = merge::in_order(value).into_iter().flat_map(Node::into_entries);
            self.stack.extend(merged.flat_map(|entry| [entry.key, entry.value]));
        } else {
            frame.merges.push(value);
        }
    }

    fn scalar(&mut self, text: &str, style: Style, tag: Option<&str>, mark: Place) -> Node {
        let mut node = match tag {
            None | Some("!") => {
                let resolved = match (style, tag, self.dialect) {
                    (Style::Plain, None, _) | (Style::Plain, Some(_), Dialect::Kustomize) => {
                        resolve::resolve(text, self.dialect)
                    }
                    (Style::Plain, Some(_), Dialect::Helm) if text == "<<" => Tag::Merge,
                    _ => Tag::Str,
                };
                Node::scalar(text, resolved)
            }
            Some(tag) => {
                let short = resolve::short_tag(tag);
                let resolved = resolve::resolve_tagged(&short, text, self.dialect).unwrap_or_else(|error| {
                    self.defer(error, mark);
                    Tag::Str
                });
                let mut node = Node::scalar(text, resolved);
                node.extra_mut().custom_tag = short;
                node
            }
        };
        node.set_style(style);
        node
    }

    fn expand(&mut self, name: &str, mark: Place) -> Result<(Node, usize), Failure> {
        let cost = match self.anchors.get(name) {
            Some(Anchored { node: Some(_), cost }) => *cost,
            Some(Anchored { node: None, .. }) => {
                let message = format!("anchor '{name}' value contains itself");
                self.defer(Error::new(ErrorKind::Alias, message), mark);
                return Ok((Node::null(), 1));
            }
            None => {
                let message = format!("unknown anchor '{name}' referenced");
                let error = Error::new(ErrorKind::Alias, message);
                return Err(Failure::Stream(self.place(error, mark)));
            }
        };
        // The clone comes after the count, so that a hostile text cannot make us build what the budget forbids.
        self.count(cost.saturating_add(1), cost)?;
        let node =
            self.anchors.get(name).and_then(|anchored| anchored.node.clone()).unwrap_or_else(Node::null);
        Ok((node, cost.saturating_add(1)))
    }

    /// Counts nodes, of which some are repeated by an alias, against the budget and go-yaml's own rule.
    #[inline]
    fn count(&mut self, nodes: usize, repeated: usize) -> Result<(), Failure> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.repeated = self.repeated.saturating_add(repeated);
        self.document_nodes = self.document_nodes.saturating_add(nodes);
        self.document_repeated = self.document_repeated.saturating_add(repeated);
        let excessive = self.document_repeated > 100
            && self.document_nodes > 1000
            && self.document_repeated as f64 / self.document_nodes as f64
                > allowed_alias_ratio(self.document_nodes);
        if repeated > 0 && (excessive || self.repeated > self.budget.aliases) {
            let message = "document contains excessive aliasing";
            return Err(Failure::Stream(Error::new(ErrorKind::Budget, message)));
        }
        if self.nodes > self.budget.nodes {
            let message = format!("exceeded max of {} nodes", self.budget.nodes);
            return Err(Failure::Stream(Error::new(ErrorKind::Budget, message)));
        }
        Ok(())
    }

    fn defer(&mut self, error: Error, mark: Place) {
        const KEPT: usize = 1000;
        if self.deferred.len() < KEPT {
            self.deferred.push(self.place(error, mark));
        }
    }

    fn place(&self, error: Error, mark: Place) -> Error {
        error.at(self.offset(mark) as usize, Position::of_offset(self.text, mark.offset as usize))
    }

    fn input_error(&self, message: &str) -> Error {
        let offset = self.text.len();
        Error::new(ErrorKind::Encoding, message)
            .at(offset + self.skipped, Position::of_offset(self.text, offset))
    }

    fn syntax_error(&self, problem: &Problem) -> Error {
        // Where the text was cut off, its end is no fault of the grammar.
        if let Some(message) = self.fault
            && problem.mark.offset as usize >= self.text.len()
        {
            return self.input_error(message);
        }
        let error = Error::new(problem.kind, problem.message.clone());
        let position = Position { line: problem.mark.line + 1, column: problem.mark.column + 1 };
        let offset = self.offset(problem.mark.place()) as usize;
        error.at(offset, position).printing_line(self.printed_line(problem))
    }

    /// The line that go-yaml prints: of the context first in v3 and of the problem first in v2, none for the first line,
    /// and one too low when the parser finds the problem.
    fn printed_line(&self, problem: &Problem) -> Option<u32> {
        let context = problem.context.map_or(0, |mark| mark.line);
        let found = problem.mark.line;
        let scanner_adds = u32::from(problem.found_by_scanner);
        match self.dialect {
            Dialect::Yaml12 => Some(found + 1),
            Dialect::Helm if found != 0 => Some(found + scanner_adds),
            Dialect::Helm => (context != 0).then_some(context),
            Dialect::Kustomize if context != 0 => Some(context + scanner_adds),
            Dialect::Kustomize => (found != 0).then_some(found + scanner_adds),
        }
    }
}

/// What ended a document early.
enum Failure {
    /// The document is bad and the ones behind it may be good.
    Document(Error),
    /// Nothing behind this place can be read.
    Stream(Error),
}

/// How much of a document go-yaml lets aliases repeat.
fn allowed_alias_ratio(nodes: usize) -> f64 {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    let nodes = nodes as f64;
    if nodes <= LOW {
        0.99
    } else if nodes >= HIGH {
        0.10
    } else {
        0.99 - 0.89 * ((nodes - LOW) / (HIGH - LOW))
    }
}

fn has_foot(node: &Node) -> bool {
    node.extra().is_some_and(|extra| !extra.foot_comment.is_empty())
}

#[inline]
fn attach(node: &mut Node, comments: Option<Box<Comments>>) {
    let Some(comments) = comments else { return };
    let extra = node.extra_mut();
    extra.head_comment = comments.head;
    extra.line_comment = comments.line;
    extra.foot_comment = comments.foot;
}
