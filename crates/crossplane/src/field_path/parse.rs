//! The text of a path as segments.

use std::fmt;

use plimsoll_gotemplate::quote::quote;

use super::PathError;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of an object.
    Field(String),
    /// A place in an array.
    Index(u32),
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segments(pub Vec<Segment>);

impl Segment {
    /// A key, without the quotes that may stand around it.
    #[must_use]
    pub fn field(text: &str) -> Segment {
        Segment::Field(text.trim_matches(['\'', '"']).to_owned())
    }

    /// What stands in brackets: an index where it is a number of at most 32 bits, else a key.
    #[must_use]
    pub fn field_or_index(text: &str) -> Segment {
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(index) if is_digits => Segment::Index(index),
            _ => Segment::field(text),
        }
    }
}

impl Segments {
    /// Parses a path. The error holds the path, as Crossplane's does.
    pub fn parse(path: &str) -> Result<Segments, PathError> {
        parse(path).map_err(|error| error.within(&format!("cannot parse path {}", quote(path.as_bytes()))))
    }

    /// The first `count` segments.
    #[must_use]
    pub fn first(&self, count: usize) -> Segments {
        Segments(self.0.iter().take(count).cloned().collect())
    }
}

impl fmt::Display for Segments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(field) if field == "*" || field.contains('.') => {
                    write!(formatter, "[{field}]")?
                }
                Segment::Field(field) if position == 0 => formatter.write_str(field)?,
                Segment::Field(field) => write!(formatter, ".{field}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn parse(path: &str) -> Result<Segments, PathError> {
    let mut segments = Vec::new();
    let mut position = 0;
    loop {
        let rest = &path[position..];
        let Some((length, stop)) =
            rest.char_indices().find(|(_, character)| matches!(character, '.' | '[' | ']'))
        else {
            push_field(&mut segments, rest);
            return Ok(Segments(segments));
        };
        push_field(&mut segments, &rest[..length]);
        position += length;
        position = match stop {
            ']' => return Err(unexpected(']', position)),
            '.' => after_period(path, position)?,
            _ => after_bracket(path, position, &mut segments)?,
        };
    }
}

fn push_field(segments: &mut Vec<Segment>, text: &str) {
    if !text.is_empty() {
        segments.push(Segment::field(text));
    }
}

fn after_period(path: &str, position: usize) -> Result<usize, PathError> {
    if position == 0 || position + 1 == path.len() {
        return Err(unexpected('.', position));
    }
    match path.as_bytes().get(position + 1) {
        Some(b'.') => Err(unexpected('.', position + 1)),
        Some(b'[') => Err(unexpected('[', position + 1)),
        _ => Ok(position + 1),
    }
}

fn after_bracket(path: &str, position: usize, segments: &mut Vec<Segment>) -> Result<usize, PathError> {
    let start = position + 1;
    let Some(length) = path[start..].find(']') else {
        return Err(PathError::invalid(format!("unterminated '[' at position {position}")));
    };
    if length == 0 {
        return Err(unexpected(']', start));
    }
    let text = &path[start..start + length];
    if let Some(bracket) = text.find('[') {
        return Err(unexpected('[', start + bracket));
    }
    segments.push(Segment::field_or_index(text));
    Ok(start + length + 1)
}

fn unexpected(character: char, position: usize) -> PathError {
    PathError::invalid(format!("unexpected '{character}' at position {position}"))
}
