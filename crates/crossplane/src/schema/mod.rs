//! OpenAPI schemas of custom resources, as the API server applies them.

mod defaulting;

pub use defaulting::apply_defaults;
