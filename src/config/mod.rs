//! Configuration: `overlays/<env>/environment.yaml` read, checked and typed.
//!
//! A file is parsed once into a tree with spans, the tree is walked against the published JSON Schema ([`schema`],
//! [`conformance`]), then typed ([`environment`]), then checked for what no schema can say ([`consistency`]). Each step
//! reports all problems of the file, and a file that does not conform is mended as far as it takes to come to the last one
//! ([`mending`]). Nothing here reads the disk: the text is passed in.

mod conformance;
mod consistency;
pub mod date;
mod document;
pub mod environment;
mod mending;
pub mod schema;

pub use document::{Document, Step};

use plimsoll_yaml::Dialect;
use serde_yaml::with::singleton_map_recursive;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use environment::Environment;
use mending::Mending;

/// Where the file of an environment lies, from the repository's root.
#[must_use]
pub fn environment_path(name: &str) -> String {
    format!("overlays/{name}/environment.yaml")
}

/// Reads the file of the environment called `name`, with the tree that its places are found in.
pub fn read_environment(name: &str, text: &[u8]) -> Result<(Environment, Document), Diagnostics> {
    let path = environment_path(name);
    let document =
        Document::parse(path, text, Dialect::Yaml12).map_err(|found| found.in_environment(name))?;
    let (mut found, mendings) = conformance::check(&document, &schema::environment());
    if found.has_errors() {
        if let Some((environment, document)) = mending::mended(&document, &mendings) {
            let further = consistency::check(name, &environment, &document);
            let may_lose_names = mendings.iter().any(Mending::may_lose_names);
            let is_told = |one: &Diagnostic| {
                found.iter().any(|told| told.place == one.place)
                    || may_lose_names && one.code == Code::new(consistency::UNKNOWN_NAME)
            };
            let further: Diagnostics = further.into_iter().filter(|one| !is_told(one)).collect();
            found.extend(further);
        }
        return Err(found.in_environment(name));
    }
    let deserializer = serde_yaml::Deserializer::from_str(document.text());
    let environment: Environment = singleton_map_recursive::deserialize(deserializer).map_err(|error| {
        // The schema has been checked; what is left are readings that differ between the two parsers.
        let place = error
            .location()
            .map(|at| Place::line(document.path(), u32::try_from(at.line()).unwrap_or(u32::MAX)));
        let mut diagnostic = Diagnostic::error(Code::new("config::unreadable"), "the file cannot be read")
            .in_environment(name)
            .with_help("write the value at this place in quotes");
        diagnostic.place = place;
        Diagnostics::from(diagnostic)
    })?;
    let found = consistency::check(name, &environment, &document);
    if found.has_errors() { Err(found.in_environment(name)) } else { Ok((environment, document)) }
}
