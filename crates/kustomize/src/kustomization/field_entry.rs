//! An entry of a kustomization, which something was done for, and the part of the kustomization file that says it.
//!
//! The part is looked for only once something failed, so that a build which succeeds pays nothing for it.

use plimsoll_yaml::{Budget, Dialect, Node, Span, Style};

use crate::decode::Step;

/// A field of a kustomization, or an item of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldEntry {
    /// The spellings of the field; where it is a list, the items of the later ones follow those of the first.
    spellings: &'static [&'static str],
    index: Option<usize>,
}

impl FieldEntry {
    /// The whole field.
    pub(crate) const fn field(spellings: &'static [&'static str]) -> FieldEntry {
        FieldEntry { spellings, index: None }
    }

    /// An item of the field.
    pub(crate) const fn item(spellings: &'static [&'static str], index: usize) -> FieldEntry {
        FieldEntry { spellings, index: Some(index) }
    }

    /// The item of the field, where the whole field was meant.
    pub(crate) fn or_item(self, index: Option<usize>) -> FieldEntry {
        FieldEntry { index: self.index.or(index), ..self }
    }

    /// The part of a kustomization file that says it; unknown where that does not.
    pub(crate) fn span(self, content: &[u8]) -> Span {
        let Ok(root) = plimsoll_yaml::parse_one(content, Dialect::Helm, &Budget::DEFAULT) else {
            return Span::NONE;
        };
        let fields = || self.spellings.iter().filter_map(|spelling| find_field(&root, spelling));
        let item =
            self.index.and_then(|index| fields().filter_map(|(_, value)| value.items()).flatten().nth(index));
        item.map(first_part).or_else(|| fields().next().map(|(key, _)| key.span())).unwrap_or(Span::NONE)
    }
}

/// The part of a kustomization file at the end of a path of keys and indexes; unknown where that leads nowhere.
pub(super) fn span_of(content: &[u8], path: &[Step]) -> Span {
    let Ok(root) = plimsoll_yaml::parse_one(content, Dialect::Helm, &Budget::DEFAULT) else {
        return Span::NONE;
    };
    let mut node = &root;
    let mut span = Span::NONE;
    for step in path {
        let next = match step {
            Step::Key(key) => find_field(node, key).map(|(key, value)| (key.span(), value)),
            Step::Index(index) => {
                node.items().and_then(|items| items.get(*index)).map(|item| (first_part(item), item))
            }
        };
        let Some((part, value)) = next else { return Span::NONE };
        (span, node) = (part, value);
    }
    span
}

fn find_field<'n>(node: &'n Node, name: &str) -> Option<(&'n Node, &'n Node)> {
    let keyed = |fits: &dyn Fn(&str) -> bool| {
        let mut entries = node.entries().unwrap_or_default().iter();
        let entry = entries.find(|entry| entry.key.scalar_text().is_some_and(fits))?;
        Some((&entry.key, &entry.value))
    };
    keyed(&|key| key == name).or_else(|| keyed(&|key| key.eq_ignore_ascii_case(name)))
}

/// What tells an item from others: a scalar itself, of a mapping its first key, with its value where that stands on the same line.
fn first_part(item: &Node) -> Span {
    let Some(first) = item.entries().and_then(<[_]>::first) else { return item.span() };
    let (key, value) = (first.key.span(), first.value.span());
    let is_block = matches!(first.value.style(), Style::Literal | Style::Folded);
    let is_one_line = first.value.is_scalar() && !is_block && value.is_known() && key.is_known();
    if is_one_line { Span::new(key.start, value.end) } else { key }
}
