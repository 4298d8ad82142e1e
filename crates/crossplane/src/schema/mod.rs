//! OpenAPI schemas of custom resources, as the API server applies them.

mod defaulting;
mod field_error;
mod formats;
mod structural;
mod unknown_fields;
mod uri;
mod validation;

pub use defaulting::apply_defaults;
pub use field_error::{BadValue, FieldError, FieldErrorKind};
pub use structural::check_structural;
pub use unknown_fields::prune_unknown_fields;
pub use validation::validate;
