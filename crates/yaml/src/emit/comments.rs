//! Writing comments: heads above, lines behind, feet below with an empty line to what follows.

use super::analysis::break_width;
use super::machine::Machine;

impl Machine {
    pub(super) fn write_head_comment(&mut self) {
        if !self.waiting.tail.is_empty() {
            let tail = std::mem::take(&mut self.waiting.tail);
            self.write_indent();
            self.write_comment(&tail);
            self.foot_indent = self.indent.max(0);
        }
        if !self.waiting.head.is_empty() {
            let head = std::mem::take(&mut self.waiting.head);
            self.write_indent();
            self.write_comment(&head);
        }
    }

    pub(super) fn write_line_comment(&mut self) {
        if self.waiting.line.is_empty() {
            return;
        }
        let line = std::mem::take(&mut self.waiting.line);
        if !self.whitespace {
            self.out.push(' ');
            self.column += 1;
        }
        self.write_comment(&line);
    }

    pub(super) fn write_foot_comment(&mut self) {
        if self.waiting.foot.is_empty() {
            return;
        }
        let foot = std::mem::take(&mut self.waiting.foot);
        self.write_indent();
        self.write_comment(&foot);
        self.foot_indent = self.indent.max(0);
    }

    fn write_comment(&mut self, comment: &str) {
        let bytes = comment.as_bytes();
        let mut ends_in_break = false;
        let mut at = 0;
        while at < bytes.len() {
            let width = break_width(bytes, at);
            if width > 0 {
                self.out.push_str(comment.get(at..at + width).unwrap_or_default());
                self.column = 0;
                self.indention = true;
                ends_in_break = true;
                at += width;
                continue;
            }
            if ends_in_break {
                self.write_indent();
            }
            let end = (at..bytes.len()).find(|&end| break_width(bytes, end) > 0).unwrap_or(bytes.len());
            let line = comment.get(at..end).unwrap_or_default();
            if !line.starts_with('#') {
                self.out.push_str("# ");
                self.column += 2;
            }
            self.out.push_str(line);
            self.column += line.chars().count();
            self.indention = false;
            ends_in_break = false;
            at = end;
        }
        if !ends_in_break {
            self.put_break();
        }
        self.whitespace = true;
    }
}
