//! Flow sequences and mappings, and the single pairs that may stand in a flow sequence.

use super::{Context, Event, EventKind, Parsed, Parser, State};
use crate::scan::TokenKind;

impl<'s> Parser<'s> {
    /// Takes the bracket that opens a flow collection.
    fn enter_flow(&mut self) -> Parsed<()> {
        let start = self.peek()?.start;
        self.marks.push(start);
        self.scanner.take();
        Ok(())
    }

    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Parsed<Event<'s>> {
        if first {
            self.enter_flow()?;
        }
        if !matches!(self.peek()?.kind, TokenKind::FlowSequenceEnd) {
            if !first && self.take_if(|kind| matches!(kind, TokenKind::FlowEntry))?.is_none() {
                return Err(self.unexpected("did not find expected ',' or ']'"));
            }
            if let Some(key) = self.take_if(|kind| matches!(kind, TokenKind::Key))? {
                self.state = State::FlowPairKey;
                let kind = EventKind::MappingStart { properties: None, flow: true };
                return Ok(self.bare(kind, key.start, key.end));
            }
            if !matches!(self.peek()?.kind, TokenKind::FlowSequenceEnd) {
                self.states.push(State::FlowSequenceEntry);
                return self.node(Context::Flow);
            }
        }
        self.leave_flow(EventKind::SequenceEnd)
    }

    fn leave_flow(&mut self, kind: EventKind<'s>) -> Parsed<Event<'s>> {
        self.pop_state();
        self.marks.pop();
        let token = self.peek()?;
        let (start, end) = (token.start, token.end);
        let event = self.commented(kind, start, end);
        self.scanner.take();
        Ok(event)
    }

    pub(super) fn flow_pair_key(&mut self) -> Parsed<Event<'s>> {
        let token = self.peek()?;
        let end = token.end;
        if !matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
            self.states.push(State::FlowPairValue);
            return self.node(Context::Flow);
        }
        self.scanner.take();
        self.state = State::FlowPairValue;
        Ok(self.empty_scalar(end))
    }

    pub(super) fn flow_pair_value(&mut self) -> Parsed<Event<'s>> {
        let start = self.peek()?.start;
        if self.take_if(|kind| matches!(kind, TokenKind::Value))?.is_some() {
            let token = self.peek()?;
            if !matches!(token.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                self.states.push(State::FlowPairEnd);
                return self.node(Context::Flow);
            }
        }
        self.state = State::FlowPairEnd;
        Ok(self.empty_scalar(start))
    }

    pub(super) fn flow_pair_end(&mut self) -> Parsed<Event<'s>> {
        let start = self.peek()?.start;
        self.state = State::FlowSequenceEntry;
        Ok(self.bare(EventKind::MappingEnd, start, start))
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Parsed<Event<'s>> {
        if first {
            self.enter_flow()?;
        }
        if !matches!(self.peek()?.kind, TokenKind::FlowMappingEnd) {
            if !first && self.take_if(|kind| matches!(kind, TokenKind::FlowEntry))?.is_none() {
                return Err(self.unexpected("did not find expected ',' or '}'"));
            }
            if self.take_if(|kind| matches!(kind, TokenKind::Key))?.is_some() {
                let token = self.peek()?;
                let start = token.start;
                if !matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd)
                {
                    self.states.push(State::FlowMappingValue);
                    return self.node(Context::Flow);
                }
                self.state = State::FlowMappingValue;
                return Ok(self.empty_scalar(start));
            }
            if !matches!(self.peek()?.kind, TokenKind::FlowMappingEnd) {
                self.states.push(State::FlowMappingNoValue);
                return self.node(Context::Flow);
            }
        }
        self.leave_flow(EventKind::MappingEnd)
    }

    pub(super) fn flow_mapping_value(&mut self, no_value: bool) -> Parsed<Event<'s>> {
        let start = self.peek()?.start;
        if no_value {
            self.state = State::FlowMappingKey;
            return Ok(self.empty_scalar(start));
        }
        if self.take_if(|kind| matches!(kind, TokenKind::Value))?.is_some() {
            let token = self.peek()?;
            if !matches!(token.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.node(Context::Flow);
            }
        }
        self.state = State::FlowMappingKey;
        Ok(self.empty_scalar(start))
    }
}
