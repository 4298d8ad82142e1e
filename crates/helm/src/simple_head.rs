//! The head of a document that is simple enough to be read without a tree, as nearly every rendered one is.
//!
//! Gives up on whatever decoding the whole would treat in a way of its own: fields of other types, fields twice or in another
//! case, null keys, floats that JSON has no form for. Then the tree decides.

use std::borrow::Cow;

use plimsoll_yaml::{Budget, Collection, Dialect, GivenUp, Listener, Span, Style, Tag, resolve_plain};

use crate::manifest_head::Head;

/// Reads the head of a simple document.
pub(crate) fn simple_head(document: &[u8]) -> Result<Head, GivenUp> {
    let mut reader = Reader::default();
    plimsoll_yaml::listen(document, Dialect::Helm, &Budget::DEFAULT, &mut reader)?;
    let text = |text: Option<String>| text.unwrap_or_default();
    Ok(Head {
        api_version: text(reader.api_version),
        kind: text(reader.kind),
        name: text(reader.name),
        annotations: reader.annotations,
    })
}

/// What a collection is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Root,
    Metadata,
    Annotations,
    Other,
}

/// What the value after a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    ApiVersion,
    Kind,
    Metadata,
    Name,
    Annotations,
    Annotation,
    Other,
}

/// A collection that is open.
struct Level {
    part: Part,
    is_mapping: bool,
    /// The field whose value comes next; none where a key comes next.
    field: Option<Field>,
}

#[derive(Default)]
struct Reader {
    levels: Vec<Level>,
    api_version: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    has_metadata: bool,
    has_annotations: bool,
    annotations: Vec<(String, String)>,
}

impl Reader {
    /// Which field a key begins.
    fn field(&mut self, part: Part, key: &str) -> Result<Field, GivenUp> {
        let known: &[(&str, Field)] = match part {
            Part::Root => {
                &[("apiVersion", Field::ApiVersion), ("kind", Field::Kind), ("metadata", Field::Metadata)]
            }
            Part::Metadata => &[("name", Field::Name), ("annotations", Field::Annotations)],
            Part::Annotations => {
                self.annotations.push((key.to_owned(), String::new()));
                return Ok(Field::Annotation);
            }
            Part::Other => return Ok(Field::Other),
        };
        let Some((name, field)) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) else {
            return Ok(Field::Other);
        };
        let is_known = match field {
            Field::ApiVersion => self.api_version.is_some(),
            Field::Kind => self.kind.is_some(),
            Field::Name => self.name.is_some(),
            Field::Metadata => std::mem::replace(&mut self.has_metadata, true),
            _ => std::mem::replace(&mut self.has_annotations, true),
        };
        if *name != key || is_known { Err(GivenUp) } else { Ok(*field) }
    }

    fn value(&mut self, field: Field, text: &str, tag: Tag) -> Result<(), GivenUp> {
        let slot = match field {
            Field::Other => return Ok(()),
            Field::Metadata | Field::Annotations => {
                return if tag == Tag::Null { Ok(()) } else { Err(GivenUp) };
            }
            Field::ApiVersion => self.api_version.get_or_insert_default(),
            Field::Kind => self.kind.get_or_insert_default(),
            Field::Name => self.name.get_or_insert_default(),
            Field::Annotation => &mut self.annotations.last_mut().ok_or(GivenUp)?.1,
        };
        match tag {
            Tag::Str => text.clone_into(slot),
            Tag::Null => {}
            _ => return Err(GivenUp),
        }
        Ok(())
    }
}

impl Listener<'_> for Reader {
    fn scalar(&mut self, text: Cow<'_, str>, style: Style, _: Span) -> Result<(), GivenUp> {
        let (part, field) = match self.levels.last_mut() {
            Some(Level { is_mapping: false, .. }) => (Part::Other, Some(Field::Other)),
            Some(level) => (level.part, level.field.take()),
            None => return Err(GivenUp),
        };
        let tag = if style == Style::Plain { tag_of(&text, field)? } else { Tag::Str };
        match field {
            Some(field) => self.value(field, &text, tag),
            None if tag == Tag::Null => Err(GivenUp),
            None => {
                let field = self.field(part, &text)?;
                if let Some(level) = self.levels.last_mut() {
                    level.field = Some(field);
                }
                Ok(())
            }
        }
    }

    fn open(&mut self, collection: Collection, _: Style, _: u32) -> Result<(), GivenUp> {
        let is_mapping = collection == Collection::Mapping;
        let part = match self.levels.last_mut() {
            None if is_mapping => Part::Root,
            None => return Err(GivenUp),
            Some(Level { is_mapping: false, .. }) => Part::Other,
            Some(level) => match level.field.take() {
                Some(Field::Other) => Part::Other,
                Some(Field::Metadata) if is_mapping => Part::Metadata,
                Some(Field::Annotations) if is_mapping => Part::Annotations,
                _ => return Err(GivenUp),
            },
        };
        self.levels.push(Level { part, is_mapping, field: None });
        Ok(())
    }

    fn close(&mut self, _: Option<u32>) -> Result<(), GivenUp> {
        self.levels.pop().map(|_| ()).ok_or(GivenUp)
    }
}

/// The type of a plain scalar, as far as it matters where it stands.
fn tag_of(text: &str, field: Option<Field>) -> Result<Tag, GivenUp> {
    let is_number_like = text.starts_with(|first: char| matches!(first, '0'..='9' | '+' | '-' | '.'));
    if is_number_like && text.contains(['n', 'N']) && resolve_plain(text, Dialect::Helm) == Tag::Float {
        return Err(GivenUp);
    }
    match field {
        Some(Field::Other) => Ok(Tag::Str),
        _ => Ok(resolve_plain(text, Dialect::Helm)),
    }
}
