//! One YAML file of our own: its path, text and tree.

use plimsoll_yaml::{Budget, Dialect, Node, Span};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, yaml_message};
use crate::secrets::mask;

/// No file of our own configuration comes near these limits.
const CONFIGURATION_BUDGET: Budget = Budget { bytes: 4 << 20, depth: 64, nodes: 200_000, aliases: 20_000 };

/// A file that holds one YAML document.
#[derive(Debug, Clone)]
pub struct Document {
    path: String,
    text: String,
    root: Node,
}

/// One step into a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// The value of a key.
    Key(&'a str),
    /// An item of a sequence.
    Index(usize),
}

impl Document {
    /// Parses the text of a file that people write. An empty file is null.
    pub fn parse(path: String, text: &[u8], dialect: Dialect) -> Result<Document, Diagnostics> {
        Document::parse_within(path, text, dialect, &CONFIGURATION_BUDGET)
    }

    /// Parses the text of a file that programs write, which may be large.
    pub fn parse_large(path: String, text: &[u8], dialect: Dialect) -> Result<Document, Diagnostics> {
        Document::parse_within(path, text, dialect, &Budget::DEFAULT)
    }

    fn parse_within(
        path: String,
        text: &[u8],
        dialect: Dialect,
        budget: &Budget,
    ) -> Result<Document, Diagnostics> {
        let syntax = |message: String| Diagnostic::error(Code::new("config::syntax"), message);
        let Ok(decoded) = std::str::from_utf8(text) else {
            return Err(syntax("the file is not UTF-8".to_owned()).at(Place::file(path)).into());
        };
        let mut documents = plimsoll_yaml::parse(text, dialect, budget).map_err(|error| {
            let place = match error.offset() {
                Some(offset) => {
                    let offset = u32::try_from(offset).unwrap_or(u32::MAX);
                    let place = Place::of_span(path.clone(), decoded, Span::new(offset, offset));
                    mask::without_secrets(place, decoded)
                }
                None => Place::file(path.clone()),
            };
            Diagnostics::from(syntax(yaml_message(&error)).at(place))
        })?;
        if documents.len() > 1 {
            let place = Place::of_span(path, decoded, documents[1].span);
            return Err(syntax("the file holds more than one document".to_owned()).at(place).into());
        }
        let root = documents.pop().map_or_else(Node::null, |document| document.root);
        Ok(Document { path, text: decoded.to_owned(), root })
    }

    /// The file's path from the repository's root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's tree.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The same file with another tree, whose places are still those of the text.
    #[must_use]
    pub(super) fn with_root(&self, root: Node) -> Document {
        Document { root, ..self.clone() }
    }

    /// A node's place in the file; the file itself where the node has none.
    #[must_use]
    pub fn place(&self, node: &Node) -> Place {
        mask::without_secrets(Place::of_span(self.path.clone(), &self.text, node.span()), "")
    }

    /// The node at a path, or the deepest above it that is there.
    #[must_use]
    pub fn nearest(&self, steps: &[Step<'_>]) -> &Node {
        let mut node = &self.root;
        for step in steps {
            let next = match step {
                Step::Key(key) => node.get(key),
                Step::Index(index) => node.items().and_then(|items| items.get(*index)),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The place of the node at a path.
    #[must_use]
    pub fn place_at(&self, steps: &[Step<'_>]) -> Place {
        self.place(self.nearest(steps))
    }
}
