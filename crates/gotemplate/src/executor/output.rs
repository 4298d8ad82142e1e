//! What templates write, with the places of what is not the same on every run.

use std::ops::Range;

use super::Executor;
use crate::{Error, GoString, TaintId};

/// A part of an output that is not the same on every run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TaintedRange {
    /// The bytes.
    pub range: Range<usize>,
    /// Where they come from; [`crate::Taints::origins`] lists the calls.
    pub mark: TaintId,
}

/// The text that a template has written.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The text.
    pub bytes: Vec<u8>,
    /// The parts which are not the same on every run, in order.
    pub tainted: Vec<TaintedRange>,
}

impl Output {
    /// Returns the text.
    #[must_use]
    pub fn into_text(self) -> GoString {
        GoString::from(self.bytes)
    }

    /// Removes every occurrence of `word`, as Helm does with `<no value>`.
    pub fn remove(&mut self, word: &[u8]) {
        let mut kept = Vec::with_capacity(self.bytes.len());
        let mut removed = Vec::new();
        let mut position = 0;
        while let Some(byte) = self.bytes.get(position) {
            if !word.is_empty() && self.bytes.get(position..).is_some_and(|rest| rest.starts_with(word)) {
                removed.push(position);
                position += word.len();
            } else {
                kept.push(*byte);
                position += 1;
            }
        }
        let moved = |offset: usize| {
            let before = removed.partition_point(|start| start + word.len() <= offset);
            let inside = removed.get(before).map_or(0, |start| offset.saturating_sub(*start));
            offset - before * word.len() - inside
        };
        for part in &mut self.tainted {
            part.range = moved(part.range.start)..moved(part.range.end);
        }
        self.tainted.retain(|part| !part.range.is_empty());
        self.bytes = kept;
    }
}

impl Executor<'_> {
    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), Error> {
        self.use_bytes(text.len())?;
        self.output.bytes.extend_from_slice(text);
        Ok(())
    }

    /// Marks what was written since `start`.
    pub(super) fn mark_written(&mut self, start: usize, mark: TaintId) {
        let range = start..self.output.bytes.len();
        if !mark.is_clean() && !range.is_empty() {
            self.output.tainted.push(TaintedRange { range, mark });
        }
    }
}
