//! YAML as the programs around Kubernetes read and write it.
//!
//! Turns bytes into [`Node`] trees with spans, under the rules of a [`Dialect`], and trees or plain JSON values back into the
//! bytes that go-yaml would write. It deliberately knows nothing of Kubernetes, files or diagnostics' layout.

mod dialect;
mod node;
mod span;

pub use dialect::Dialect;
pub use node::{Entry, Extra, Node, Style, Tag};
pub use span::{Position, Span};
