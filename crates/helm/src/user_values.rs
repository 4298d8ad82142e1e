//! The values that a user gives: files and `--set` flags of every kind, merged in Helm's order.
//!
//! The order is by kind (files, `--set-json`, `--set`, `--set-string`, `--set-file`, `--set-literal`), not that of the command
//! line. Reading files is the caller's.

use plimsoll_gotemplate::Profile;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::set_flags::{Typing, set};
use crate::set_literal::set_literal;
use crate::yaml_input;

/// A values file that was read.
#[derive(Debug, Clone)]
pub struct ValuesFile {
    /// The name that the user gave.
    pub name: String,
    /// The contents.
    pub bytes: Vec<u8>,
}

/// What the user gave, each kind in the order of the command line.
#[derive(Debug, Clone, Default)]
pub struct UserValues {
    /// `--values`
    pub files: Vec<ValuesFile>,
    /// `--set-json`
    pub json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub strings: Vec<String>,
    /// `--set-file`
    pub from_files: Vec<String>,
    /// `--set-literal`
    pub literals: Vec<String>,
}

impl UserValues {
    /// Merges everything. `read` gives the contents of a file that `--set-file` names.
    pub fn merge(
        &self,
        profile: Profile,
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<Map<String, Value>, Error> {
        let mut values = Map::new();
        for file in &self.files {
            let found = match profile {
                Profile::V3 => yaml_input::table(&file.bytes),
                Profile::V4 => yaml_input::merged_documents(&file.bytes),
            };
            let found =
                found.map_err(|message| refused(format!("failed to parse {}: {message}", file.name)))?;
            yaml_input::merge(&mut values, found);
        }
        for text in &self.json {
            if profile == Profile::V4 && text.trim().starts_with('{') {
                match serde_json::from_str(text.trim()).map(yaml_input::with_floats) {
                    Ok(Value::Object(entries)) => yaml_input::merge(&mut values, entries),
                    _ => return Err(refused(format!("failed parsing --set-json data JSON: {text}"))),
                }
            } else {
                set(text, &Typing::Json, profile, &mut values)
                    .map_err(|_| refused(format!("failed parsing --set-json data {text}")))?;
            }
        }
        let flags = [
            ("--set", &self.set, Typing::Typed),
            ("--set-string", &self.strings, Typing::Text),
            ("--set-file", &self.from_files, Typing::File(read)),
        ];
        for (flag, texts, typing) in flags {
            for text in texts {
                set(text, &typing, profile, &mut values)
                    .map_err(|message| refused(format!("failed parsing {flag} data: {message}")))?;
            }
        }
        for text in &self.literals {
            set_literal(text, profile, &mut values)
                .map_err(|message| refused(format!("failed parsing --set-literal data: {message}")))?;
        }
        Ok(values)
    }
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Values, message)
}
