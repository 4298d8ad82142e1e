//! The built-in generators: each makes resources of its settings.

mod charts;
mod config_map;
mod iam_policy;
mod key_values;

pub use charts::{ChartEngine, ChartRequest};
pub(crate) use charts::{ChartFiles, inflate_chart, validate_chart};
pub(crate) use config_map::{generate_config_map, generate_secret};
pub(crate) use iam_policy::{IamPolicy, generate_iam_policy};
