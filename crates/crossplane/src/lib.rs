//! Crossplane offline: what claims and composite resources become, and whether the API server would take them.
//!
//! Turns composite resources, Compositions and function inputs, all as JSON values, into composed resources. It runs no
//! functions as processes and talks to no cluster; the functions that it knows are written here.

mod auto_ready;
pub mod built_in;
mod cel;
mod composed_metadata;
mod condition;
pub mod definition_text;
pub mod definitions;
mod environment_configs;
pub mod expansion;
pub mod field_path;
pub mod functions;
mod go_templating;
mod go_value;
mod json_pointer;
pub mod manifest;
pub mod number;
mod patch_and_transform;
pub mod pipeline;
pub mod pipeline_memory;
pub mod pipeline_state;
pub mod prepared_pipeline;
pub mod provenance;
pub mod quantity;
pub mod render;
pub mod required_resources;
pub mod resource_validation;
pub mod schema;
pub mod supplied_output;
mod upstream_tables;
pub mod xrd;

pub use auto_ready::CustomChecks;
