//! Helm charts, rendered as `helm template` renders them, byte for byte.
//!
//! Turns a chart (files in memory), values and a release into documents. Which Helm is reproduced is a
//! [`Profile`](plimsoll_gotemplate::Profile). It deliberately does no IO and downloads nothing; hooks are told apart from
//! other manifests but nothing runs.

mod archive;
mod arena;
mod capabilities;
mod chart;
mod chart_object;
mod coalesce;
mod dependencies;
mod error;
mod failure;
mod files_object;
mod glob;
mod go_struct;
mod ignore;
mod manifest;
mod manifest_head;
mod metadata;
mod objects;
mod path_match;
mod render;
mod schema;
mod schema_document;
mod schema_failure;
mod schema_format;
mod schema_validator;
mod schema_value;
mod scope;
mod semver;
mod set_flags;
mod set_literal;
mod shared;
mod simple_head;
mod typed;
mod unknown_values;
mod user_values;
mod value_mentions;
mod values_methods;
mod yaml_input;

pub use archive::{ArchiveBudget, ChartFile, unpack};
pub use capabilities::KubeVersion;
pub use chart::{Chart, LoadOptions, Loaded};
pub use error::{Detail, Error, ErrorKind, Frame, Violation, Warning};
pub use ignore::{IgnoreRules, PathKind};
pub use manifest::{Hook, Manifest, split_documents, trim, trim_end, trim_start};
pub use metadata::{Dependency, Maintainer, Metadata};
pub use path_match::{BadPattern, path_matches};
pub use render::{
    Operation, RandomOrigin, RandomOutput, Release, Remains, RenderOptions, Rendered, SchemaValidation,
    check_installable, coalesced_values, render,
};
pub use set_flags::{Typing, set};
pub use set_literal::set_literal;
pub use unknown_values::{KnownValues, UnknownValue};
pub use user_values::{UserValues, ValuesFile};
