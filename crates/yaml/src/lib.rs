//! YAML as the programs around Kubernetes read and write it.
//!
//! Turns bytes into [`Node`] trees with spans, under the rules of a [`Dialect`], and trees or plain JSON values back into the
//! bytes that go-yaml would write. It deliberately knows nothing of Kubernetes, files or diagnostics' layout.
//!
//! ```
//! use plimsoll_yaml::{Budget, Dialect, Numbers, parse, parse_one};
//!
//! let source = "on: 1\nname: web\n";
//! let tree = parse_one(source, Dialect::Helm, &Budget::DEFAULT)?;
//! let value = tree.to_value(Dialect::Helm, Numbers::AsWritten)?;
//! assert_eq!(value.to_string(), r#"{"name":"web","true":1}"#);
//!
//! let documents = parse("a: yes\n---\nb: [1, 2]\n", Dialect::Kustomize, &Budget::DEFAULT)?;
//! assert_eq!(documents[0].root.get("a").and_then(|node| node.as_str()), Some("yes"));
//!
//! let error = parse_one("a: b: c", Dialect::Helm, &Budget::DEFAULT).unwrap_err();
//! assert_eq!(error.to_string(), "yaml: mapping values are not allowed in this context");
//!
//! // Out again: as sigs.k8s.io/yaml writes a value, and as go-yaml v3 writes a node.
//! use plimsoll_yaml::{EmitOptions, emit_node, emit_value};
//! assert_eq!(emit_value(&value)?, "name: web\n\"true\": 1\n");
//! assert_eq!(emit_node(&documents[1].root, &EmitOptions::KYAML), "b: [1, 2]\n");
//! # Ok::<(), plimsoll_yaml::Error>(())
//! ```

mod budget;
mod compose;
mod dialect;
mod document;
mod duplicates;
mod emit;
mod error;
mod field_path;
mod float;
mod go_syntax;
mod input;
mod merge;
mod node;
mod number;
mod parse;
mod resolve;
mod scan;
mod simple;
mod span;
mod timestamp;
mod value;

pub use budget::{Budget, DEEPEST};
pub use dialect::Dialect;
pub use document::{Document, parse, parse_each, parse_one, parse_one_with_doubled_keys};
pub use emit::{
    EmitOptions, HtmlEscape, SequenceIndent, ValueWriter, emit_documents, emit_json, emit_json_pretty,
    emit_node, emit_value, emit_value_with,
};
pub use error::{Error, ErrorKind};
pub use field_path::{FieldPath, FieldPathError, Step};
pub use float::{format_json, format_yaml};
pub use node::{Entry, Extra, Node, Style, Tag};
pub use number::Number;
pub use resolve::resolve_plain;
pub use simple::{Collection, GivenUp, Listener, ValueBuilder, listen};
pub use span::{Position, Span};
pub use value::{Numbers, read_value};
