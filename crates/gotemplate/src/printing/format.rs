//! Format strings: flags, widths, precisions, argument numbers and verbs.

use super::{Flags, Printer};
use crate::unicode::decode_first;
use crate::{Error, Value};

/// Widths and precisions beyond this are mistakes.
const MAXIMUM_WIDTH: i64 = 1_000_000;

/// Where reading a format stands.
struct Progress<'f> {
    format: &'f [u8],
    position: usize,
    arguments: &'f [Value],
    /// The argument that the next verb takes.
    next: usize,
    /// Whether arguments were taken by number, so that unused ones are not reported.
    is_reordered: bool,
    /// Whether the argument numbers of this verb make sense.
    is_good: bool,
}

impl Printer {
    /// Writes a format with its arguments.
    pub(super) fn format(&mut self, format: &[u8], arguments: &[Value]) -> Result<(), Error> {
        let mut progress =
            Progress { format, position: 0, arguments, next: 0, is_reordered: false, is_good: true };
        while let Some(rest) = format.get(progress.position..).filter(|rest| !rest.is_empty()) {
            let length = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
            self.push(rest.get(..length).unwrap_or_default());
            progress.position += length + 1;
            if length == rest.len() {
                break;
            }
            progress.is_good = true;
            if !self.verb(&mut progress)? {
                break;
            }
        }
        self.extra_arguments(&progress)
    }

    /// Writes one verb; reports false at the end of the format.
    fn verb(&mut self, progress: &mut Progress<'_>) -> Result<bool, Error> {
        self.flags = Flags::default();
        while let Some(byte) = progress.peek() {
            match byte {
                b'#' => self.flags.sharp = true,
                b'0' => self.flags.zero = true,
                b'+' => self.flags.plus = true,
                b'-' => self.flags.minus = true,
                b' ' => self.flags.space = true,
                _ => break,
            }
            progress.position += 1;
        }
        let mut is_after_number = progress.argument_number();
        self.width(progress, &mut is_after_number);
        self.precision(progress, &mut is_after_number);
        if !is_after_number {
            progress.argument_number();
        }
        let Some((verb, width)) = progress.format.get(progress.position..).and_then(decode_first) else {
            self.push(b"%!(NOVERB)");
            return Ok(false);
        };
        progress.position += width;
        match (verb, progress.arguments.get(progress.next)) {
            ('%', _) => self.push(b"%"),
            _ if !progress.is_good => self.mistake(verb, b"(BADINDEX)"),
            (_, None) => self.mistake(verb, b"(MISSING)"),
            (_, Some(argument)) => {
                if matches!(verb, 'v' | 'w') {
                    self.flags.is_syntax = std::mem::replace(&mut self.flags.sharp, false);
                    self.flags.names_fields = std::mem::replace(&mut self.flags.plus, false);
                }
                self.argument(argument, verb)?;
                progress.next += 1;
            }
        }
        Ok(true)
    }

    fn width(&mut self, progress: &mut Progress<'_>, is_after_number: &mut bool) {
        if progress.peek() != Some(b'*') {
            let width = progress.number();
            if *is_after_number && width.is_some() {
                progress.is_good = false;
            }
            self.flags.width = width;
            return;
        }
        progress.position += 1;
        match progress.whole_argument() {
            Some(width) => {
                self.flags.width = usize::try_from(width.unsigned_abs()).ok();
                if width < 0 {
                    // A negative width pads to the right.
                    self.flags.minus = true;
                    self.flags.zero = false;
                }
            }
            None => self.push(b"%!(BADWIDTH)"),
        }
        *is_after_number = false;
    }

    fn precision(&mut self, progress: &mut Progress<'_>, is_after_number: &mut bool) {
        // A dot at the very end is the verb.
        if progress.peek() != Some(b'.') || progress.position + 1 >= progress.format.len() {
            return;
        }
        progress.position += 1;
        if *is_after_number {
            progress.is_good = false;
        }
        *is_after_number = progress.argument_number();
        if progress.peek() == Some(b'*') {
            progress.position += 1;
            let precision = progress.whole_argument().and_then(|number| usize::try_from(number).ok());
            self.flags.precision = precision;
            if precision.is_none() {
                self.push(b"%!(BADPREC)");
            }
            *is_after_number = false;
        } else {
            self.flags.precision = Some(progress.number().unwrap_or(0));
        }
    }

    fn mistake(&mut self, verb: char, what: &[u8]) {
        self.push(b"%!");
        self.push_character(verb);
        self.push(what);
    }

    fn extra_arguments(&mut self, progress: &Progress<'_>) -> Result<(), Error> {
        let extra = progress.arguments.get(progress.next..).unwrap_or_default();
        if progress.is_reordered || extra.is_empty() {
            return Ok(());
        }
        self.flags = Flags::default();
        self.push(b"%!(EXTRA ");
        for (index, argument) in extra.iter().enumerate() {
            if index > 0 {
                self.push(b", ");
            }
            if !argument.is_nil() {
                self.push(argument.type_name().as_bytes());
                self.push(b"=");
            }
            self.argument(argument, 'v')?;
        }
        self.push(b")");
        Ok(())
    }
}

impl Progress<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    /// Reads a plain number; one that is much too large swallows the rest of the format.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            let so_far = number.unwrap_or(0);
            if so_far > MAXIMUM_WIDTH {
                self.position = self.format.len();
                return None;
            }
            number = Some(so_far * 10 + i64::from(digit - b'0'));
            self.position += 1;
        }
        number.and_then(|number| usize::try_from(number).ok())
    }

    /// Reads `[3]`; reports whether there was a number, good or out of range.
    fn argument_number(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.is_reordered = true;
        let rest = self.format.get(self.position..).unwrap_or_default();
        let end = if rest.len() < 3 { None } else { rest.iter().position(|byte| *byte == b']') };
        let Some(end) = end else {
            self.position += 1;
            self.is_good = false;
            return false;
        };
        let digits = rest.get(1..end).unwrap_or_default();
        let number = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse::<usize>().ok())
            .filter(|number| *number < 10_000_010);
        self.position += end + 1;
        match number {
            Some(number) if (1..=self.arguments.len()).contains(&number) => {
                self.next = number - 1;
                true
            }
            _ => {
                self.is_good = false;
                number.is_some()
            }
        }
    }

    /// Takes an argument as a width or precision.
    fn whole_argument(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        let unsigned = || argument.unsigned().and_then(|number| i64::try_from(number).ok());
        argument.integer().or_else(unsigned).filter(|number| number.abs() <= MAXIMUM_WIDTH)
    }
}
