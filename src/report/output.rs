//! Where a report goes and how: `-o FORMAT`, or `-o FORMAT=PATH`, as often as it is wanted.

use std::path::PathBuf;
use std::str::FromStr;

use serde_json::Value;

use super::json_text;
use crate::diagnostic::{Code, Diagnostic};
use crate::terminal::Terminal;

/// The formats of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For programs, as YAML.
    Yaml,
}

/// One `-o`: a format, and the file that it goes to; standard output where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Output, String> {
        let (format, path) = match text.split_once('=') {
            Some((_, "")) => return Err("a path must follow `=`".to_owned()),
            Some((format, path)) => (format, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = match format {
            "text" => Format::Text,
            "json" => Format::Json,
            "yaml" => Format::Yaml,
            _ => return Err("the formats are text, json and yaml".to_owned()),
        };
        Ok(Output { format, path })
    }
}

/// A report in every format.
pub struct Report<'a> {
    /// The text for people.
    pub text: &'a str,
    /// The same for programs.
    pub value: &'a Value,
}

impl Report<'_> {
    fn printed(&self, format: Format) -> String {
        match format {
            Format::Text => self.text.to_owned(),
            Format::Json => json_text(self.value),
            // Only control characters have no YAML form, and JSON is YAML.
            Format::Yaml => plimsoll_yaml::emit_value(self.value).unwrap_or_else(|_| json_text(self.value)),
        }
    }

    /// Writes the report to every output; gives what could not be written.
    pub fn write(&self, outputs: &[Output], terminal: &mut Terminal) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for output in outputs {
            let text = self.printed(output.format);
            let Some(path) = &output.path else {
                terminal.data(&text);
                continue;
            };
            if let Err(error) = std::fs::write(path, text) {
                let message = format!("could not write `{}`", path.display());
                problems.push(
                    Diagnostic::error(Code::new("output::write"), message).with_cause(error.to_string()),
                );
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_a_format_and_perhaps_a_path() {
        let output = |format, path: Option<&str>| Ok(Output { format, path: path.map(PathBuf::from) });
        assert_eq!("json".parse(), output(Format::Json, None));
        assert_eq!("yaml=out/report.yaml".parse(), output(Format::Yaml, Some("out/report.yaml")));
        assert_eq!("json=".parse::<Output>(), Err("a path must follow `=`".to_owned()));
        assert_eq!("xml".parse::<Output>(), Err("the formats are text, json and yaml".to_owned()));
    }
}
