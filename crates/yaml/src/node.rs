//! The tree: what a YAML document says, with how and where it said it.
//!
//! A [`Node`] keeps what a rewrite must not lose (order of keys, style, comments, the text of a number) beside what
//! the document means (a [`Tag`] resolved by the dialect that read it). Aliases are expanded and anchors are gone.
//!
//! Invariants: a mapping keeps the order of its source; a scalar's text is never reformatted by the tree.

use compact_str::CompactString;

use crate::span::Span;

/// A scalar, a sequence or a mapping, with its tag, style, span and comments.
///
/// Equality is of content and tag alone: style, span and comments do not count.
#[derive(Debug, Clone)]
pub struct Node {
    content: Content,
    span: Span,
    extra: Option<Box<Extra>>,
}

/// What a node holds. Type and style lie here, where the enumeration has room for them: a node is six words.
#[derive(Debug, Clone)]
enum Content {
    Scalar(Form, CompactString),
    Sequence(Form, Vec<Node>),
    Mapping(Form, Vec<Entry>),
}

/// The type of a node and how it is written.
#[derive(Debug, Clone, Copy)]
struct Form {
    tag: Tag,
    style: Style,
}

impl Form {
    fn plain(tag: Tag) -> Form {
        Form { tag, style: Style::Plain }
    }
}

/// A key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key; any node in YAML, a string scalar in nearly every document.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// What few nodes have: comments and a tag written out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    /// Comment lines above the node, with their `#`, joined by newlines.
    pub head_comment: String,
    /// The comment at the end of the node's line, with its `#`.
    pub line_comment: String,
    /// Comment lines below the node, with their `#`, joined by newlines.
    pub foot_comment: String,
    /// The tag in its short form (`!vault`, `!!str`), where one was written.
    pub custom_tag: String,
}

/// The type that a dialect's rules gave to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean.
    Bool,
    /// An integer of any size; the text is as written (`0777`, `0x1F`).
    Int,
    /// A floating point number; the text is as written.
    Float,
    /// A string.
    Str,
    /// A date or time, where the dialect knows them.
    Timestamp,
    /// Base64 by an explicit `!!binary`.
    Binary,
    /// The key `<<`, where the dialect merges.
    Merge,
    /// A sequence.
    Sequence,
    /// A mapping.
    Mapping,
    /// A tag that is none of YAML's own: [`Extra::custom_tag`].
    Custom,
}

impl Tag {
    /// The short form of the type's own tag; a custom tag is written on strings.
    #[must_use]
    pub const fn short_name(self) -> &'static str {
        match self {
            Tag::Null => "!!null",
            Tag::Bool => "!!bool",
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
            Tag::Sequence => "!!seq",
            Tag::Mapping => "!!map",
            Tag::Str | Tag::Custom => "!!str",
        }
    }
}

/// How a node was, or is to be, written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Style {
    /// Whatever the emitter finds fit.
    #[default]
    Plain,
    /// `'...'`
    SingleQuoted,
    /// `"..."`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// `[...]` or `{...}`
    Flow,
}

impl Node {
    /// A string.
    #[must_use]
    pub fn string(text: impl Into<CompactString>) -> Node {
        Node::scalar(text, Tag::Str)
    }

    /// A scalar of the given type, with the text that a plain scalar of it has.
    #[must_use]
    pub fn scalar(text: impl Into<CompactString>, tag: Tag) -> Node {
        Node::from_content(Content::Scalar(Form::plain(tag), text.into()))
    }

    /// `null`.
    #[must_use]
    pub fn null() -> Node {
        Node::scalar("null", Tag::Null)
    }

    /// A boolean.
    #[must_use]
    pub fn bool(value: bool) -> Node {
        Node::scalar(if value { "true" } else { "false" }, Tag::Bool)
    }

    /// An integer.
    #[must_use]
    pub fn int(value: i64) -> Node {
        Node::scalar(value.to_string(), Tag::Int)
    }

    /// A sequence.
    #[must_use]
    pub fn sequence(items: Vec<Node>) -> Node {
        Node::from_content(Content::Sequence(Form::plain(Tag::Sequence), items))
    }

    /// A mapping.
    #[must_use]
    pub fn mapping(entries: Vec<Entry>) -> Node {
        Node::from_content(Content::Mapping(Form::plain(Tag::Mapping), entries))
    }

    fn from_content(content: Content) -> Node {
        Node { content, span: Span::NONE, extra: None }
    }

    fn form(&self) -> Form {
        match &self.content {
            Content::Scalar(form, _) | Content::Sequence(form, _) | Content::Mapping(form, _) => *form,
        }
    }

    fn form_mut(&mut self) -> &mut Form {
        match &mut self.content {
            Content::Scalar(form, _) | Content::Sequence(form, _) | Content::Mapping(form, _) => form,
        }
    }

    /// The same node with a span.
    #[must_use]
    pub fn with_span(mut self, span: Span) -> Node {
        self.span = span;
        self
    }

    /// The same node with a style.
    #[must_use]
    pub fn with_style(mut self, style: Style) -> Node {
        self.set_style(style);
        self
    }

    /// Where the node stands in its source.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The type of the node.
    #[must_use]
    pub fn tag(&self) -> Tag {
        self.form().tag
    }

    /// Changes the type of the node and nothing else.
    pub fn set_tag(&mut self, tag: Tag) {
        self.form_mut().tag = tag;
    }

    /// How the node was written.
    #[must_use]
    pub fn style(&self) -> Style {
        self.form().style
    }

    /// Changes how the node will be written.
    pub fn set_style(&mut self, style: Style) {
        self.form_mut().style = style;
    }

    /// Comments and a tag of its own, where the node has any.
    #[must_use]
    pub fn extra(&self) -> Option<&Extra> {
        self.extra.as_deref()
    }

    /// Comments and tag of the node, to be changed.
    pub fn extra_mut(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Takes comments and a written tag away from the node.
    pub fn clear_extra(&mut self) {
        self.extra = None;
    }

    /// Whether the node is a scalar.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        matches!(self.content, Content::Scalar(..))
    }

    /// Whether the node is a sequence.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.content, Content::Sequence(..))
    }

    /// Whether the node is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.content, Content::Mapping(..))
    }

    /// Whether the node is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.tag() == Tag::Null
    }

    /// The text of a scalar of any type.
    #[must_use]
    pub fn scalar_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(_, text) => Some(text),
            _ => None,
        }
    }

    /// Changes the text of a scalar, and makes a scalar of what is none.
    pub fn set_scalar(&mut self, text: impl Into<CompactString>, tag: Tag) {
        self.content = Content::Scalar(Form { tag, style: self.style() }, text.into());
    }

    /// The text of a string; `None` for a number, `true`, null and collections.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if self.tag() == Tag::Str { self.scalar_text() } else { None }
    }

    /// The items of a sequence.
    #[must_use]
    pub fn items(&self) -> Option<&[Node]> {
        match &self.content {
            Content::Sequence(_, items) => Some(items),
            _ => None,
        }
    }

    /// The items of a sequence, to be changed.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.content {
            Content::Sequence(_, items) => Some(items),
            _ => None,
        }
    }

    /// The items of a sequence, owned; none for what is no sequence.
    #[must_use]
    pub fn into_items(self) -> Vec<Node> {
        match self.content {
            Content::Sequence(_, items) => items,
            _ => Vec::new(),
        }
    }

    /// The entries of a mapping, owned; none for what is no mapping.
    #[must_use]
    pub fn into_entries(self) -> Vec<Entry> {
        match self.content {
            Content::Mapping(_, entries) => entries,
            _ => Vec::new(),
        }
    }

    /// The entries of a mapping, in the order of the source.
    #[must_use]
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Mapping(_, entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries of a mapping, to be changed.
    pub fn entries_mut(&mut self) -> Option<&mut Vec<Entry>> {
        match &mut self.content {
            Content::Mapping(_, entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of the first entry whose key has this text; `None` for what is no mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The first entry whose key has this text.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key.scalar_text() == Some(key))
    }

    /// The value of the first entry whose key has this text, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries_mut()?
            .iter_mut()
            .find(|entry| entry.key.scalar_text() == Some(key))
            .map(|entry| &mut entry.value)
    }

    /// The value below a chain of keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Puts a value under a key: in its place where the mapping has the key, else last. Does nothing to what is no
    /// mapping, and says so by `false`.
    pub fn insert(&mut self, key: &str, value: Node) -> bool {
        if let Some(place) = self.get_mut(key) {
            *place = value;
            return true;
        }
        match self.entries_mut() {
            Some(entries) => {
                entries.push(Entry { key: Node::string(key), value });
                true
            }
            None => false,
        }
    }

    /// Takes the entry of a key out of a mapping.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let entries = self.entries_mut()?;
        let index = entries.iter().position(|entry| entry.key.scalar_text() == Some(key))?;
        Some(entries.remove(index).value)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.tag() == other.tag()
            && match (&self.content, &other.content) {
                (Content::Scalar(_, own), Content::Scalar(_, other)) => own == other,
                (Content::Sequence(_, own), Content::Sequence(_, other)) => own == other,
                (Content::Mapping(_, own), Content::Mapping(_, other)) => own == other,
                _ => false,
            }
    }
}
