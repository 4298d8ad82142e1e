//! OpenAPI schemas of custom resources, as the API server applies them.

mod defaulting;
mod field_error;
mod formats;
mod list_types;
mod rule_memory;
mod rule_path;
mod rules;
mod structural;
mod unknown_fields;
mod uri;
mod validation;

pub use defaulting::apply_defaults;
pub(crate) use field_error::go_number;
pub use field_error::{BadValue, FieldError, FieldErrorKind};
pub(crate) use formats::{is_date, is_of_format};
pub use list_types::check_list_types;
pub use rule_memory::RuleMemory;
pub use rules::check_rules;
pub(crate) use structural::UNSUPPORTED;
pub use structural::check_structural;
pub use unknown_fields::prune_unknown_fields;
pub(crate) use uri::is_request_uri;
pub use validation::validate;
