//! Trees and JSON values into YAML, with the bytes that go-yaml writes.
//!
//! Three writers: [`emit_value`] is sigs.k8s.io/yaml's `Marshal` (Helm's `toYaml`, kustomize's output), [`emit_value_with`] is
//! `Marshal` of go-yaml v3, and [`emit_node`] is v3's encoding of a node, which keeps order, styles and comments.

mod analysis;
mod comments;
mod json;
mod key_order;
mod machine;
mod node;
mod text;
mod value;

pub use json::{HtmlEscape, emit_json, emit_json_pretty};
pub use node::{emit_documents, emit_node};
pub use value::{ValueWriter, emit_value, emit_value_with};

use crate::dialect::Dialect;
use machine::{Generation, Layout};

/// How far a sequence stands in from the mapping that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SequenceIndent {
    /// `-` below the key's first letter, as kyaml writes.
    Compact,
    /// `-` indented, as go-yaml v3 writes by itself.
    #[default]
    Wide,
}

/// The layout of go-yaml v3's encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmitOptions {
    /// Whose rules say when a plain scalar would be read as another type.
    pub dialect: Dialect,
    /// Columns for each level, 2 to 9.
    pub indent: usize,
    /// Where sequences in mappings begin.
    pub sequences: SequenceIndent,
    /// The column behind which lines are folded at spaces; `None` never folds.
    pub width: Option<usize>,
}

impl EmitOptions {
    /// What `yaml.Marshal` of go-yaml v3 does: four columns, sequences indented.
    pub const GO_YAML_V3: EmitOptions =
        EmitOptions { dialect: Dialect::Kustomize, indent: 4, sequences: SequenceIndent::Wide, width: None };

    /// Helm's `toYamlPretty`: go-yaml v3 with two columns.
    pub const PRETTY: EmitOptions = EmitOptions { indent: 2, ..EmitOptions::GO_YAML_V3 };

    /// kyaml's encoder: two columns, sequences compact.
    pub const KYAML: EmitOptions = EmitOptions { sequences: SequenceIndent::Compact, ..EmitOptions::PRETTY };

    fn layout(&self) -> Layout {
        Layout {
            generation: Generation::V3,
            indent: self.indent,
            width: self.width,
            compact_sequences: self.sequences == SequenceIndent::Compact,
        }
    }
}
