//! The kustomization file: what it says, in every accepted spelling.

mod arguments;
mod charts;
mod field_entry;
mod file;
mod read;

pub(crate) use arguments::{
    GeneratorArguments, read_generator_arguments, read_image, read_patch, read_replacement, read_replica,
    read_selector, to_json_patch, to_json_replacements,
};
pub(crate) use charts::{Chart, ChartGlobals, read_chart, read_globals, to_json as to_json_chart};
pub(crate) use field_entry::FieldEntry;
pub(crate) use file::{Kustomization, Label, ReplacementEntry};
