//! Block sequences and mappings.

use super::{Context, Event, EventKind, Parsed, Parser, State};
use crate::scan::TokenKind;

impl<'s> Parser<'s> {
    pub(super) fn block_sequence_entry(&mut self) -> Parsed<Event<'s>> {
        self.peek()?;
        let head_length = self.pending.head.len();
        if let Some(entry) = self.take_if(|kind| matches!(kind, TokenKind::BlockEntry))? {
            self.split_stem(head_length)?;
            let next = self.peek()?;
            if matches!(next.kind, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                self.state = State::BlockSequenceEntry;
                return Ok(self.empty_scalar(entry.end));
            }
            self.states.push(State::BlockSequenceEntry);
            return self.node(Context::Block);
        }
        if let Some(end) = self.take_if(|kind| matches!(kind, TokenKind::BlockEnd))? {
            self.pop_state();
            self.marks.pop();
            return Ok(self.bare(EventKind::SequenceEnd, end.start, end.end));
        }
        Err(self.unexpected("did not find expected '-' indicator"))
    }

    pub(super) fn indentless_sequence_entry(&mut self) -> Parsed<Event<'s>> {
        let start = self.peek()?.start;
        let head_length = self.pending.head.len();
        if let Some(entry) = self.take_if(|kind| matches!(kind, TokenKind::BlockEntry))? {
            self.split_stem(head_length)?;
            let next = self.peek()?;
            let empty = matches!(
                next.kind,
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
            );
            if empty {
                self.state = State::IndentlessSequenceEntry;
                return Ok(self.empty_scalar(entry.end));
            }
            self.states.push(State::IndentlessSequenceEntry);
            return self.node(Context::Block);
        }
        self.pop_state();
        Ok(self.bare(EventKind::SequenceEnd, start, start))
    }

    /// The comment above a `-` belongs to the collection behind it as a whole, not to that one's first entry.
    fn split_stem(&mut self, head_length: usize) -> Parsed<()> {
        if head_length == 0 {
            return Ok(());
        }
        let next = self.peek()?;
        if !matches!(next.kind, TokenKind::BlockSequenceStart | TokenKind::BlockMappingStart) {
            return Ok(());
        }
        let head = std::mem::take(&mut self.pending.head);
        self.pending.head = head.get(head_length + 1..).unwrap_or_default().to_owned();
        self.stem = head.get(..head_length).map(str::to_owned);
        Ok(())
    }

    pub(super) fn block_mapping_key(&mut self) -> Parsed<Event<'s>> {
        if let Some(key) = self.take_if(|kind| matches!(kind, TokenKind::Key))? {
            let next = self.peek()?;
            if matches!(next.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
                self.state = State::BlockMappingValue;
                return Ok(self.empty_scalar(key.end));
            }
            self.states.push(State::BlockMappingValue);
            return self.node(Context::BlockIndentless);
        }
        if let Some(end) = self.take_if(|kind| matches!(kind, TokenKind::BlockEnd))? {
            self.pop_state();
            self.marks.pop();
            return Ok(self.commented(EventKind::MappingEnd, end.start, end.end));
        }
        Err(self.unexpected("did not find expected key"))
    }

    pub(super) fn block_mapping_value(&mut self) -> Parsed<Event<'s>> {
        let start = self.peek()?.start;
        if let Some(value) = self.take_if(|kind| matches!(kind, TokenKind::Value))? {
            let next = self.peek()?;
            if matches!(next.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
                self.state = State::BlockMappingKey;
                return Ok(self.empty_scalar(value.end));
            }
            self.states.push(State::BlockMappingKey);
            return self.node(Context::BlockIndentless);
        }
        self.state = State::BlockMappingKey;
        Ok(self.empty_scalar(start))
    }
}
