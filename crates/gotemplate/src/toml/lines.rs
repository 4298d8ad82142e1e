//! Stepping through the text of a TOML document: characters, blanks, strings.

use std::borrow::Cow;

/// A place in a text.
pub(super) struct Cursor<'t> {
    text: Cow<'t, str>,
    position: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text: String::from_utf8_lossy(text), position: 0 }
    }

    /// The line, from 1.
    pub(super) fn line(&self) -> usize {
        1 + self.text.as_bytes()[..self.position].iter().filter(|&&byte| byte == b'\n').count()
    }

    fn rest(&self) -> &str {
        self.text.get(self.position..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += character.len_utf8();
        Some(character)
    }

    /// Steps over a character if it is next.
    pub(super) fn take(&mut self, character: char) -> bool {
        let found = self.peek() == Some(character);
        if found {
            self.position += character.len_utf8();
        }
        found
    }

    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &str {
        let start = self.position;
        let length = self.rest().find(|character| !belongs(character)).unwrap_or(self.rest().len());
        self.position += length;
        self.text.get(start..self.position).unwrap_or_default()
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(|character| matches!(character, ' ' | '\t'));
    }

    /// Skips spaces, line ends and comments.
    pub(super) fn skip_blank_lines(&mut self) {
        loop {
            self.take_while(|character| matches!(character, ' ' | '\t' | '\r' | '\n'));
            if self.peek() != Some('#') {
                return;
            }
            self.take_while(|character| character != '\n');
        }
    }

    /// Whether a space and a digit follow, as between a date and a time.
    pub(super) fn is_space_and_digit(&self) -> bool {
        let mut next = self.rest().chars();
        next.next() == Some(' ') && next.next().is_some_and(|character| character.is_ascii_digit())
    }

    /// A string of any of the four kinds.
    pub(super) fn string(&mut self) -> Result<String, String> {
        let rest = self.rest();
        if rest.starts_with("\"\"\"") {
            return self.multiline("\"\"\"");
        }
        if rest.starts_with("'''") {
            return self.multiline("'''");
        }
        if self.next() == Some('"') { self.basic_string() } else { self.literal_string() }
    }

    /// The rest of a string in double quotes.
    pub(super) fn basic_string(&mut self) -> Result<String, String> {
        let mut output = String::new();
        loop {
            match self.next() {
                None => return Err("unexpected EOF; expected '\"'".to_owned()),
                Some('"') => return Ok(output),
                Some('\n') => return Err("strings cannot contain newlines".to_owned()),
                Some('\\') => output.push(self.escape()?),
                Some(other) => output.push(other),
            }
        }
    }

    /// The rest of a string in single quotes.
    pub(super) fn literal_string(&mut self) -> Result<String, String> {
        let start = self.position;
        match self.rest().find(['\'', '\n']) {
            Some(length) if self.rest().as_bytes().get(length) == Some(&b'\'') => {
                self.position = start + length + 1;
                Ok(self.text.get(start..start + length).unwrap_or_default().to_owned())
            }
            Some(_) => Err("strings cannot contain newlines".to_owned()),
            None => Err("unexpected EOF; expected \"'\"".to_owned()),
        }
    }

    /// A string between three quotes; a line end right behind the first ones does not belong to it.
    fn multiline(&mut self, mark: &str) -> Result<String, String> {
        self.position += mark.len();
        if self.rest().starts_with("\r\n") {
            self.position += 2;
        } else {
            self.take('\n');
        }
        let quote = if mark == "'''" { '\'' } else { '"' };
        let mut output = String::new();
        loop {
            if self.rest().starts_with(mark) {
                // Up to two more quotes belong to the text.
                let quotes = self.rest().chars().take_while(|&character| character == quote).count().min(5);
                self.position += quotes;
                output.extend(std::iter::repeat_n(quote, quotes - mark.len()));
                return Ok(output);
            }
            match self.next() {
                None if quote == '"' => return Err("unexpected EOF; expected '\"\"\"'".to_owned()),
                None => return Err("unexpected EOF; expected \"'''\"".to_owned()),
                Some('\\') if quote == '"' => {
                    let blank = self.rest().find(|character| !matches!(character, ' ' | '\t' | '\r' | '\n'));
                    let blank = blank.unwrap_or(self.rest().len());
                    if self.rest().get(..blank).is_some_and(|blank| blank.contains('\n')) {
                        self.position += blank;
                    } else {
                        output.push(self.escape()?);
                    }
                }
                Some(other) => output.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let letter = self.next().ok_or("unexpected EOF; expected '\"'")?;
        let (digits, name) = match letter {
            'b' => return Ok('\u{8}'),
            't' => return Ok('\t'),
            'n' => return Ok('\n'),
            'f' => return Ok('\u{c}'),
            'r' => return Ok('\r'),
            'e' => return Ok('\u{1b}'),
            '"' | '\\' => return Ok(letter),
            'x' => (2, "two"),
            'u' => (4, "four"),
            'U' => (8, "eight"),
            other => return Err(format!("invalid escape in string '\\{other}'")),
        };
        let text: String = self.rest().chars().take(digits).collect();
        if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let found = crate::quote::quote(text.as_bytes());
            return Err(format!(
                "expected {name} hexadecimal digits after '\\{letter}', but got {found} instead"
            ));
        }
        self.position += digits;
        u32::from_str_radix(&text, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| format!("Escaped character '\\u{text}' is not valid UTF-8."))
    }
}
