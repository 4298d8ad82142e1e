//! Comments, and whose they are.
//!
//! A comment is a head (above its owner), a line (behind it) or a foot (below it). Indentation and empty lines decide, as
//! go-yaml v3 decides it; which node the owner's place belongs to is found when the parser reaches that place.

use super::{Mark, Place, Scanner, Token, TokenKind};

/// How far go-yaml looks for the next comment line, in bytes.
const LOOKAHEAD: usize = 512;

/// Which side of its owner a comment stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommentKind {
    Head,
    Line,
    Foot,
}

/// A comment that the parser has not reached yet.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) kind: CommentKind,
    pub(crate) text: String,
    /// The place of the token that it belongs to.
    pub(crate) owner: Place,
    scan: Mark,
    /// Its first character; the column is from 1, but from 0 for a line comment.
    start: Mark,
    end: Mark,
}

/// A comment that is being put together from its lines.
struct Draft {
    text: String,
    owner: Place,
    scan: Mark,
    start: Mark,
}

impl Draft {
    /// Ends the comment at a place, and goes on there with an empty one.
    fn finish(&mut self, kind: CommentKind, end: Mark) -> Comment {
        let comment = Comment {
            kind,
            text: std::mem::take(&mut self.text),
            owner: self.owner,
            scan: self.scan,
            start: self.start,
            end,
        };
        self.scan = end;
        self.owner = end.place();
        comment
    }
}

impl Scanner<'_> {
    /// A comment directly after `- ` of a first entry is the head of what follows, not of the line before.
    pub(super) fn lift_entry_comment(&mut self) {
        let Some(comment) = self.comments.back_mut() else { return };
        if comment.kind != CommentKind::Line || self.tokens.len() < 2 || self.cursor.is_break() {
            return;
        }
        let kind_at = |back: usize| self.tokens.get(self.tokens.len() - back).map(|token| &token.kind);
        if !matches!(
            (kind_at(2), kind_at(1)),
            (Some(TokenKind::BlockSequenceStart), Some(TokenKind::BlockEntry))
        ) {
            return;
        }
        comment.kind = CommentKind::Head;
        if comment.start.line + 1 == self.cursor.line() {
            comment.owner = self.cursor.place();
        }
    }

    /// Where the block ends that is being closed: before comments that stand at its own indentation.
    pub(super) fn block_end_mark(&self, end: &mut Mark) -> Mark {
        let mut stop = end.index;
        for comment in self.comments.iter().rev() {
            if comment.end.index < stop {
                break;
            }
            if i64::from(comment.start.column) == self.indent + 1 {
                *end = comment.start;
            }
            stop = comment.scan.index;
        }
        *end
    }

    /// Takes a comment that follows on the same line.
    pub(super) fn scan_line_comment(&mut self, owner: Place) {
        if self.cursor.breaks_passed > 0 {
            return;
        }
        let blanks =
            (0..LOOKAHEAD).take_while(|&ahead| matches!(self.cursor.peek(ahead), b' ' | b'\t')).count();
        if blanks == LOOKAHEAD || self.cursor.peek(blanks) != b'#' {
            return;
        }
        self.cursor.advance_spaces(blanks);
        let start = self.cursor.mark();
        let from = self.cursor.offset();
        self.skip_line_rest();
        self.comments.push_back(Comment {
            kind: CommentKind::Line,
            text: self.cursor.slice(from, self.cursor.offset()).to_owned(),
            owner,
            scan: Mark::default(),
            start,
            end: Mark::default(),
        });
    }

    /// Takes the comment lines from here to the next token and divides them among their owners.
    pub(super) fn scan_comments(&mut self, scan_start: Mark) {
        let (owner, after_value) = self.comment_owner();
        let mut next_indent = self.indent.max(0);
        let mut recent_empty = false;
        let mut first_empty = self.cursor.breaks_passed <= 1;
        let mut line = self.cursor.line();
        let mut column = i64::from(self.cursor.column());
        let foot_line = self.foot_line(scan_start);
        let mut draft = Draft { text: String::new(), owner, scan: scan_start, start: Mark::default() };
        let mut ahead = 0;
        while ahead < LOOKAHEAD {
            column += 1;
            let byte = self.cursor.peek(ahead);
            if matches!(byte, b' ' | b'\t') {
                ahead += 1;
                continue;
            }
            let here = self.mark_ahead(ahead, line, column);
            let start_column = i64::from(draft.start.column);
            let closes_flow = self.flow_level > 0 && matches!(byte, b']' | b'}');
            let is_break = self.cursor.break_width_at(ahead) > 0;
            if closes_flow || is_break || byte == 0 {
                if !draft.text.is_empty() && (closes_flow || !recent_empty) {
                    let dedented = start_column - 1 < next_indent;
                    let below = Some(draft.start.line) == foot_line && !after_value;
                    if closes_flow || (first_empty && (below || dedented)) {
                        if dedented {
                            draft.owner = draft.start.place();
                        }
                        self.comments.push_back(draft.finish(CommentKind::Foot, here));
                    } else if byte != 0 {
                        draft.text.push('\n');
                    }
                }
                if !is_break {
                    break;
                }
                first_empty = false;
                recent_empty = true;
                column = 0;
                line += 1;
                ahead += 1;
                continue;
            }
            if !draft.text.is_empty() && column - 1 < next_indent && column != start_column {
                self.comments.push_back(draft.finish(CommentKind::Foot, here));
            }
            if byte != b'#' {
                break;
            }
            if draft.text.is_empty() {
                draft.start = here;
            } else {
                draft.text.push('\n');
            }
            recent_empty = false;
            self.take_comment_line(ahead, &mut draft.text);
            // The break that ends the line is passed over, so what follows is the start of the next one.
            ahead = 1;
            column = 0;
            line = self.cursor.line();
            next_indent = self.indent.max(0);
        }
        if !draft.text.is_empty() {
            draft.owner = draft.start.place();
            let end = self.mark_ahead(ahead.saturating_sub(1), line, column);
            self.comments.push_back(draft.finish(CommentKind::Head, end));
        }
    }

    /// The place of the token before the comments, and whether it is a `:`.
    fn comment_owner(&self) -> (Place, bool) {
        let is_entry = |token: &&Token<'_>| matches!(token.kind, TokenKind::FlowEntry);
        let mut tokens = self.tokens.iter().rev();
        let last = tokens.next();
        let owner = match last.filter(is_entry) {
            Some(_) => tokens.next().or(last),
            None => last,
        };
        match owner {
            Some(token) => (token.start, matches!(token.kind, TokenKind::Value)),
            None => (self.cursor.place(), false),
        }
    }

    /// The line where a comment must start to be the foot of what stands above it.
    fn foot_line(&self, scan_start: Mark) -> Option<u32> {
        if scan_start.line == 0 {
            return None;
        }
        let passed = self.cursor.breaks_passed;
        let shares_line = passed == 0 && self.cursor.column() > 1;
        Some((self.cursor.line() + 1 + u32::from(shares_line)).saturating_sub(passed))
    }

    fn mark_ahead(&self, ahead: usize, line: u32, column: i64) -> Mark {
        let mark = self.cursor.mark();
        let ahead = ahead as u32;
        Mark { offset: mark.offset + ahead, index: mark.index + ahead, line, column: column.max(0) as u32 }
    }

    /// Passes what stands before the comment, and appends the comment up to the end of its line.
    fn take_comment_line(&mut self, ahead: usize, text: &mut String) {
        let start = self.cursor.offset() + ahead;
        while self.cursor.offset() < start {
            if self.cursor.take_break().is_empty() {
                self.cursor.advance();
            }
        }
        let from = self.cursor.offset();
        self.skip_line_rest();
        text.push_str(self.cursor.slice(from, self.cursor.offset()));
    }
}
