//! The functions that charts can call: sprig's without `env` and `expandenv`, and Helm's own of both profiles.
//!
//! Every area is one file with a table of names, signatures and bodies. The bodies take arguments which fit their
//! signature, return Go's error texts, and ask the [`crate::Environment`] for time, randomness and the cluster.
//! A function that Go lets panic returns the text which `text/template` makes of the panic.
//!
//! Deliberately otherwise: `keys`, `values` and `pluck` are in sorted order where Go has none.
//!
//! Upstream: sprig 3.3.0 with goutils 1.1.1, xstrings 1.5.0, cast 1.7.0, decimal 1.4.0, mergo 1.0.1; `pkg/engine` of Helm
//! 3.21.4 and 4.2.4.

mod arguments;
mod case;
mod certificate_object;
mod certificates;
mod conversion;
mod dates;
mod decimal;
mod deep;
mod defaults;
mod dictionaries;
mod hashes;
mod host;
mod json_text;
mod list_edits;
mod lists;
mod merge;
mod numbers;
mod passwords;
mod paths;
mod plain;
mod random;
mod reflection;
mod regular_expressions;
mod serialization;
mod splitting;
mod text;
mod time_object;
mod url;
mod versions;
mod wrapping;
mod yaml_text;

use crate::{Functions, Profile};

pub(crate) use deep::too_deep;
pub(crate) use time_object::from_time;
pub use url::{WebAddress, read_web_address};

/// Registers all functions that charts of a profile can call.
pub fn register(functions: &mut Functions, profile: Profile) {
    let areas = [
        case::functions,
        certificates::functions,
        dates::functions,
        defaults::functions,
        dictionaries::functions,
        hashes::functions,
        host::functions,
        list_edits::functions,
        lists::functions,
        numbers::functions,
        passwords::functions,
        paths::functions,
        random::functions,
        reflection::functions,
        regular_expressions::functions,
        splitting::functions,
        text::functions,
        url::functions,
        versions::functions,
        wrapping::functions,
    ];
    for function in areas.into_iter().flat_map(|area| area()).chain(serialization::functions(profile)) {
        functions.register(function);
    }
}
