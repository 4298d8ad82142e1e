//! Tokens into events: the grammar of YAML documents as a machine without recursion.
//!
//! Upstream: the productions of libyaml's parser, with go-yaml's messages; comments as go-yaml v3 hands them to events.
//! What an event means (tags, anchors, merges) is the composer's.

mod block;
mod event;
mod flow;

pub(crate) use event::{Comments, Event, EventKind, Properties};

use std::borrow::Cow;

use crate::error::ErrorKind;
use crate::node::Style;
use crate::scan::{Place, Problem, ScanOptions, Scanner, TagParts, Token, TokenKind};

/// What the parser expects next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    StreamStart,
    FirstDocument,
    Document,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingNoValue,
    End,
}

/// Where a node stands, which decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Block,
    /// A block context where a sequence need not be indented.
    BlockIndentless,
    Flow,
}

/// The properties of a node that has some.
type NodeProperties<'s> = Option<Box<Properties<'s>>>;

/// The prefixes that the handles of a document's tags stand for.
type TagPrefixes<'s> = Vec<(&'s str, Cow<'s, str>)>;

pub(crate) type Parsed<T> = Result<T, Box<Problem>>;

pub(crate) struct Parser<'s> {
    scanner: Scanner<'s>,
    yaml12: bool,
    state: State,
    states: Vec<State>,
    /// The starts of the open collections, which go-yaml's errors point at.
    marks: Vec<Place>,
    tag_prefixes: TagPrefixes<'s>,
    /// The comments that have been reached and that no event has taken.
    pending: Comments,
    /// The head comment of a sequence's entry that is itself a block collection.
    stem: Option<String>,
}

impl<'s> Parser<'s> {
    pub(crate) fn new(text: &'s str, options: ScanOptions) -> Parser<'s> {
        Parser {
            scanner: Scanner::new(text, options),
            yaml12: options.yaml12,
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            tag_prefixes: Vec::new(),
            pending: Comments::default(),
            stem: None,
        }
    }

    /// The next event; after the end of the stream that again and again.
    pub(crate) fn next_event(&mut self) -> Parsed<Event<'s>> {
        match self.state {
            State::StreamStart => {
                self.peek()?;
                self.scanner.take();
                self.state = State::FirstDocument;
                self.next_event()
            }
            State::FirstDocument => self.document_start(true),
            State::Document => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Context::Block),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirstEntry => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => self.flow_pair_end(),
            State::FlowMappingFirstKey => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(false),
            State::FlowMappingNoValue => self.flow_mapping_value(true),
            State::End => Ok(self.bare(EventKind::StreamEnd, Place::default(), Place::default())),
        }
    }

    /// Reaches the next token, and the comments that belong at or before it.
    #[inline]
    fn peek(&mut self) -> Parsed<&Token<'s>> {
        self.scanner.prepare()?;
        if !self.scanner.comments.is_empty()
            && let Some(token) = self.scanner.front()
        {
            let (start, is_block_end) = (token.start, matches!(token.kind, TokenKind::BlockEnd));
            self.reach_comments(start, is_block_end);
        }
        match self.scanner.front() {
            Some(token) => Ok(token),
            None => Err(self.problem("unexpected end of tokens", Place::default(), None)),
        }
    }

    /// Takes the next token where it is of the kind asked for.
    #[inline]
    fn take_if(&mut self, wanted: fn(&TokenKind<'s>) -> bool) -> Parsed<Option<Token<'s>>> {
        if wanted(&self.peek()?.kind) { Ok(self.scanner.take()) } else { Ok(None) }
    }

    fn reach_comments(&mut self, start: Place, is_block_end: bool) {
        use crate::scan::CommentKind;
        while let Some(comment) = self.scanner.comments.front() {
            if start.index < comment.owner.index {
                break;
            }
            let place = match comment.kind {
                CommentKind::Head if is_block_end => break,
                CommentKind::Head => &mut self.pending.head,
                CommentKind::Line => &mut self.pending.line,
                CommentKind::Foot => &mut self.pending.foot,
            };
            if !place.is_empty() {
                place.push('\n');
            }
            place.push_str(&comment.text);
            self.scanner.comments.pop_front();
        }
    }

    #[inline]
    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    #[inline]
    fn bare(&self, kind: EventKind<'s>, start: Place, end: Place) -> Event<'s> {
        Event { kind, start, end, comments: None }
    }

    /// An event that takes the pending comments.
    #[inline]
    fn commented(&mut self, kind: EventKind<'s>, start: Place, end: Place) -> Event<'s> {
        self.stem = None;
        let comments =
            if self.pending.is_empty() { None } else { Some(Box::new(std::mem::take(&mut self.pending))) };
        Event { kind, start, end, comments }
    }

    #[inline]
    fn empty_scalar(&self, mark: Place) -> Event<'s> {
        let kind = EventKind::Scalar { properties: None, text: Cow::Borrowed(""), style: Style::Plain };
        self.bare(kind, mark, mark)
    }

    fn problem(&self, message: &str, place: Place, context: Option<Place>) -> Box<Problem> {
        Box::new(Problem {
            kind: ErrorKind::Syntax,
            message: message.to_owned(),
            mark: self.scanner.locate(place),
            context: context.map(|place| self.scanner.locate(place)),
            found_by_scanner: false,
        })
    }

    /// The error of a collection that goes on with something foreign to it.
    fn unexpected(&mut self, message: &str) -> Box<Problem> {
        let context = self.marks.pop();
        let start = match self.peek() {
            Ok(token) => token.start,
            Err(problem) => return problem,
        };
        self.problem(message, start, context)
    }

    fn document_start(&mut self, first: bool) -> Parsed<Event<'s>> {
        if !first {
            while self.take_if(|kind| matches!(kind, TokenKind::DocumentEnd))?.is_some() {}
        }
        let token = self.peek()?;
        let (start, end) = (token.start, token.end);
        let explicit = matches!(
            token.kind,
            TokenKind::Version { .. } | TokenKind::TagDirective(_) | TokenKind::DocumentStart
        );
        if matches!(token.kind, TokenKind::StreamEnd) {
            self.scanner.take();
            self.state = State::End;
            return Ok(self.bare(EventKind::StreamEnd, start, end));
        }
        if first && !explicit {
            self.process_directives()?;
            self.states.push(State::DocumentEnd);
            self.state = State::BlockNode;
            let mut event = self.bare(EventKind::DocumentStart, start, end);
            event.comments = self.split_document_comment();
            return Ok(event);
        }
        self.process_directives()?;
        let token = self.peek()?;
        if !matches!(token.kind, TokenKind::DocumentStart) {
            let start = token.start;
            return Err(self.problem("did not find expected <document start>", start, None));
        }
        let end = token.end;
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        self.scanner.take();
        Ok(self.bare(EventKind::DocumentStart, start, end))
    }

    /// Of a comment in front of the first document, what stands above its last empty line is the document's own.
    fn split_document_comment(&mut self) -> Option<Box<Comments>> {
        let head = &self.pending.head;
        let (document, rest) = match head.strip_suffix('\n') {
            Some(all) => (all.to_owned(), String::new()),
            None => {
                let at = head.rfind("\n\n")?;
                (head.get(..at)?.to_owned(), head.get(at + 2..)?.to_owned())
            }
        };
        self.pending.head = rest;
        Some(Box::new(Comments { head: document, ..Comments::default() }))
    }

    fn document_content(&mut self) -> Parsed<Event<'s>> {
        let token = self.peek()?;
        let start = token.start;
        let empty = matches!(
            token.kind,
            TokenKind::Version { .. }
                | TokenKind::TagDirective(_)
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        if empty {
            self.pop_state();
            return Ok(self.empty_scalar(start));
        }
        self.node(Context::Block)
    }

    fn document_end(&mut self) -> Parsed<Event<'s>> {
        let start = self.peek()?.start;
        let token = self.take_if(|kind| matches!(kind, TokenKind::DocumentEnd))?;
        let end = token.map_or(start, |token| token.end);
        self.tag_prefixes.clear();
        self.state = State::Document;
        let mut event = self.commented(EventKind::DocumentEnd, start, end);
        if let Some(comments) = &mut event.comments
            && comments.foot.is_empty()
        {
            comments.foot = std::mem::take(&mut comments.head);
        }
        Ok(event)
    }

    fn process_directives(&mut self) -> Parsed<()> {
        let mut version_seen = false;
        let yaml12 = self.yaml12;
        loop {
            let token = self.peek()?;
            let start = token.start;
            match &token.kind {
                TokenKind::Version { major, minor } => {
                    let supported = (*major, *minor) == (1, 1) || (yaml12 && *major == 1);
                    if version_seen {
                        return Err(self.problem("found duplicate %YAML directive", start, None));
                    }
                    if !supported {
                        return Err(self.problem("found incompatible YAML document", start, None));
                    }
                    version_seen = true;
                }
                TokenKind::TagDirective(parts) => {
                    let TagParts { handle, suffix } = TagParts::clone(parts);
                    if self.tag_prefixes.iter().any(|(known, _)| *known == handle) {
                        return Err(self.problem("found duplicate %TAG directive", start, None));
                    }
                    self.tag_prefixes.push((handle, suffix));
                }
                _ => break,
            }
            self.scanner.take();
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.tag_prefixes.iter().any(|(known, _)| *known == handle) {
                self.tag_prefixes.push((handle, Cow::Borrowed(prefix)));
            }
        }
        Ok(())
    }

    /// A node, which begins at the next token.
    fn node(&mut self, context: Context) -> Parsed<Event<'s>> {
        if let Some(token) = self.take_if(|kind| matches!(kind, TokenKind::Alias(_)))? {
            self.pop_state();
            let TokenKind::Alias(name) = token.kind else { return Ok(self.empty_scalar(token.start)) };
            return Ok(self.commented(EventKind::Alias(name), token.start, token.end));
        }
        let (properties, span) = self.properties()?;
        let token = self.peek()?;
        let (token_start, token_end) = (token.start, token.end);
        let start = span.map_or(token_start, |span| span.0);
        let has_properties = properties.is_some();
        match &token.kind {
            TokenKind::BlockEntry if context == Context::BlockIndentless => {
                self.state = State::IndentlessSequenceEntry;
                let kind = EventKind::SequenceStart { properties, flow: false };
                return Ok(self.bare(kind, start, token_end));
            }
            TokenKind::Scalar { .. } => {
                self.pop_state();
                let token = self.scanner.take();
                let Some(Token { kind: TokenKind::Scalar { text, style }, .. }) = token else {
                    return Ok(self.empty_scalar(start));
                };
                let kind = EventKind::Scalar { properties, text, style };
                return Ok(self.commented(kind, start, token_end));
            }
            TokenKind::FlowSequenceStart => {
                self.state = State::FlowSequenceFirstEntry;
                let kind = EventKind::SequenceStart { properties, flow: true };
                return Ok(self.commented(kind, start, token_end));
            }
            TokenKind::FlowMappingStart => {
                self.state = State::FlowMappingFirstKey;
                let kind = EventKind::MappingStart { properties, flow: true };
                return Ok(self.commented(kind, start, token_end));
            }
            TokenKind::BlockSequenceStart if context != Context::Flow => {
                let kind = EventKind::SequenceStart { properties, flow: false };
                return self.open_block(State::BlockSequenceEntry, kind, start);
            }
            TokenKind::BlockMappingStart if context != Context::Flow => {
                let kind = EventKind::MappingStart { properties, flow: false };
                return self.open_block(State::BlockMappingKey, kind, start);
            }
            _ => {}
        }
        if has_properties {
            self.pop_state();
            let kind = EventKind::Scalar { properties, text: Cow::Borrowed(""), style: Style::Plain };
            return Ok(self.bare(kind, start, span.map_or(token_end, |span| span.1)));
        }
        Err(self.problem("did not find expected node content", token_start, Some(start)))
    }

    fn open_block(&mut self, state: State, kind: EventKind<'s>, start: Place) -> Parsed<Event<'s>> {
        self.state = state;
        let Some(token) = self.scanner.take() else { return Ok(self.bare(kind, start, start)) };
        self.marks.push(token.start);
        let mut event = self.bare(kind, start, token.end);
        if let Some(head) = self.stem.take() {
            event.comments = Some(Box::new(Comments { head, ..Comments::default() }));
        }
        Ok(event)
    }

    /// An anchor and a tag in either order, and the places where they begin and end.
    #[inline]
    fn properties(&mut self) -> Parsed<(NodeProperties<'s>, Option<(Place, Place)>)> {
        if !matches!(self.peek()?.kind, TokenKind::Anchor(_) | TokenKind::Tag(_)) {
            return Ok((None, None));
        }
        let mut properties = Properties::default();
        let mut span: Option<(Place, Place)> = None;
        let mut tag = None;
        for _ in 0..2 {
            let wanted = match (&properties.anchor, &tag) {
                (None, None) => {
                    |kind: &TokenKind<'s>| matches!(kind, TokenKind::Anchor(_) | TokenKind::Tag(_))
                }
                (None, Some(_)) => |kind: &TokenKind<'s>| matches!(kind, TokenKind::Anchor(_)),
                (Some(_), None) => |kind: &TokenKind<'s>| matches!(kind, TokenKind::Tag(_)),
                (Some(_), Some(_)) => break,
            };
            let Some(token) = self.take_if(wanted)? else { break };
            span = Some((span.map_or(token.start, |span| span.0), token.end));
            match token.kind {
                TokenKind::Anchor(name) => properties.anchor = Some(name),
                TokenKind::Tag(parts) => tag = Some((parts, token.start)),
                _ => {}
            }
        }
        if span.is_some() {
            self.peek()?;
        }
        if let (Some((parts, mark)), Some((start, _))) = (tag, span) {
            properties.tag = Some(self.resolve_handle(&parts, mark, start)?);
        }
        Ok((Some(Box::new(properties)), span))
    }

    fn resolve_handle(&self, parts: &TagParts<'s>, mark: Place, start: Place) -> Parsed<Box<str>> {
        if parts.handle.is_empty() {
            return Ok(parts.suffix.as_ref().into());
        }
        let prefix = self.tag_prefixes.iter().find(|(handle, _)| *handle == parts.handle);
        match prefix {
            Some((_, prefix)) if !(prefix.is_empty() && parts.suffix.is_empty()) => {
                Ok(format!("{prefix}{}", parts.suffix).into())
            }
            _ => Err(self.problem("found undefined tag handle", mark, Some(start))),
        }
    }
}
