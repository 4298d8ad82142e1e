//! Where in a text something stands, with the line that shows it.

use plimsoll_yaml::{Position, Span};

/// A file, and the part of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path from the repository's root, or what else names the text.
    pub file: String,
    /// Line and column of the start, where the text itself is at fault.
    pub position: Option<Position>,
    /// The line at fault.
    pub excerpt: Option<Excerpt>,
}

/// One line of a text with the part at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, tabs made blanks, without what must not be shown.
    pub line: String,
    /// How many characters stand before the part at fault.
    pub before: usize,
    /// How many characters the part at fault has on this line; at least one.
    pub width: usize,
}

/// Lines longer than this are shown in part: enough for any terminal.
const WIDEST_LINE: usize = 160;

impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(path: impl Into<String>) -> Place {
        Place { file: path.into(), position: None, excerpt: None }
    }

    /// A line of a file.
    #[must_use]
    pub fn line(path: impl Into<String>, line: u32) -> Place {
        Place { file: path.into(), position: Some(Position { line, column: 1 }), excerpt: None }
    }

    /// A part of a text, with an excerpt. A span that was never in a text gives the whole file.
    #[must_use]
    pub fn of_span(path: impl Into<String>, source: &str, span: Span) -> Place {
        let mut place = Place::of_position(path, source, span);
        place.excerpt = place.position.and_then(|position| Excerpt::of_span(source, span, position));
        place
    }

    /// A part of a text, without an excerpt.
    #[must_use]
    pub fn of_position(path: impl Into<String>, source: &str, span: Span) -> Place {
        Place { file: path.into(), position: span.position_in(source), excerpt: None }
    }

    /// `file:line:column`, as far as it is known.
    #[must_use]
    pub fn label(&self) -> String {
        match self.position {
            Some(position) => format!("{}:{}:{}", self.file, position.line, position.column),
            None => self.file.clone(),
        }
    }
}

impl Excerpt {
    /// The first line of a span.
    fn of_span(source: &str, span: Span, position: Position) -> Option<Excerpt> {
        let start = floor_boundary(source, span.start as usize);
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |newline| start + newline);
        let line = source[line_start..line_end].trim_end_matches('\r');
        let end = floor_boundary(source, (span.end as usize).min(line_end)).max(start);
        let width = source[start..end].trim_end().chars().count();
        Some(Excerpt::of_line(line, position.column as usize - 1, width))
    }

    /// A line and the characters of it that are at fault. What is too wide is cut around them.
    #[must_use]
    pub fn of_line(line: &str, before: usize, width: usize) -> Excerpt {
        let characters: Vec<char> =
            line.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
        let before = before.min(characters.len());
        let (first, cut) = if characters.len() <= WIDEST_LINE {
            (0, characters.as_slice())
        } else {
            let first = before.saturating_sub(WIDEST_LINE / 2).min(characters.len() - WIDEST_LINE);
            (first, &characters[first..first + WIDEST_LINE])
        };
        let before = before - first;
        let width = width.min(cut.len().saturating_sub(before)).max(1);
        Excerpt { line: cut.iter().collect(), before, width }
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_first_line_of_the_span() {
        let source = "a: 1\nbé: [x,\n  y]\n";
        let start = source.find('[').unwrap();
        let span = Span::new(u32::try_from(start).unwrap(), u32::try_from(source.len()).unwrap());
        let place = Place::of_span("f.yaml", source, span);
        assert_eq!(place.label(), "f.yaml:2:5");
        assert_eq!(place.excerpt, Some(Excerpt { line: "bé: [x,".to_owned(), before: 4, width: 3 }));
    }

    #[test]
    fn a_line_too_wide_is_cut_around_the_fault() {
        let line = "x".repeat(1000) + "!" + &"y".repeat(1000);
        let excerpt = Excerpt::of_line(&line, 1000, 1);
        assert_eq!(excerpt.line.chars().count(), WIDEST_LINE);
        assert_eq!(excerpt.line.chars().nth(excerpt.before), Some('!'));
    }
}
