//! Where a report goes and how: `-o FORMAT`, or `-o FORMAT=PATH`, as often as it is wanted.

use std::path::PathBuf;
use std::str::FromStr;

use serde_json::Value;

use super::json_text;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
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
    /// A page of GitHub's Markdown.
    Markdown,
    /// The syntax that GitHub colours in a `diff` fence.
    Github,
    /// One HTML page that needs nothing else.
    Html,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// The formats by their names.
const NAMES: [(&str, Format); 7] = [
    ("text", Format::Text),
    ("json", Format::Json),
    ("yaml", Format::Yaml),
    ("markdown", Format::Markdown),
    ("github", Format::Github),
    ("html", Format::Html),
    ("sarif", Format::Sarif),
];

/// One `-o`: a format, and the file that it goes to; standard output where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: Option<PathBuf>,
}

impl Output {
    /// What `-o` says, for a command that has these formats.
    pub fn of(text: &str, formats: &[Format]) -> Result<Output, String> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err("a path must follow `=`".to_owned()),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let offered = || NAMES.iter().filter(|(_, format)| formats.contains(format));
        match offered().find(|(offered, _)| *offered == name) {
            Some((_, format)) => Ok(Output { format: *format, path }),
            None => {
                let names: Vec<&str> = offered().map(|(name, _)| *name).collect();
                let (last, others) = names.split_last().ok_or("there is no format to choose")?;
                Err(format!("the formats are {} and {last}", others.join(", ")))
            }
        }
    }
}

impl FromStr for Output {
    type Err = String;

    /// As most reports are printed: as text, JSON or YAML.
    fn from_str(text: &str) -> Result<Output, String> {
        Output::of(text, &[Format::Text, Format::Json, Format::Yaml])
    }
}

/// A value for programs.
#[must_use]
pub fn print_value(value: &Value, format: Format) -> String {
    match format {
        // Only control characters have no YAML form, and JSON is YAML.
        Format::Yaml => plimsoll_yaml::emit_value(value).unwrap_or_else(|_| json_text(value)),
        _ => json_text(value),
    }
}

/// Writes to every output what `print` makes of it; gives what could not be written.
pub fn write(outputs: &[Output], terminal: &mut Terminal, print: impl Fn(&Output) -> String) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for output in outputs {
        let text = print(output);
        let Some(path) = &output.path else {
            terminal.data(&text);
            continue;
        };
        if let Err(error) = std::fs::write(path, text) {
            let message = format!("could not write `{}`", path.display());
            problems
                .push(Diagnostic::error(Code::new("output::write"), message).with_cause(error.to_string()));
        }
    }
    problems
}

/// A report in every format.
pub struct Report<'a> {
    /// The text for people.
    pub text: &'a str,
    /// The same for programs.
    pub value: &'a Value,
}

impl Report<'_> {
    /// Writes the report to every output; gives what could not be written.
    pub fn write(&self, outputs: &[Output], terminal: &mut Terminal) -> Diagnostics {
        write(outputs, terminal, |output| match output.format {
            Format::Text => self.text.to_owned(),
            format => print_value(self.value, format),
        })
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
