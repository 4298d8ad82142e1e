//! Whether a change permits more than before: roles, bindings, policies of IAM, NetworkPolicies.
//!
//! Each function takes both versions and tells what the newer one permits and the older one did not. What they do not
//! understand counts as permitted more: a door is rather told open than overlooked.

mod network;
mod policy;
mod rbac;

use serde_json::Value;

use crate::change::Location;
use crate::pattern::PathPattern;

pub(crate) use network::network;
pub(crate) use policy::policy;
pub(crate) use rbac::{binding, role};

/// Something that is permitted anew.
pub(crate) struct Widening {
    /// The field.
    pub(crate) location: Option<Location>,
    /// What is permitted anew, in words.
    pub(crate) details: Vec<String>,
    /// Whether that is about everything.
    pub(crate) is_wide: bool,
}

/// From the older and the newer version of a resource, and the paths of the rule, to what is permitted anew.
pub(crate) type Function = fn(Option<&Value>, Option<&Value>, &[PathPattern]) -> Vec<Widening>;

/// The texts of a list, or of one text that stands for a list of one.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
