//! The formats of a drift report, and where each goes: `-o FORMAT` or `-o FORMAT=PATH`.
//!
//! Several environments give one document: texts one after the other, and for programs a `DriftReportList`.

use std::path::PathBuf;
use std::str::FromStr;

use serde_json::{Value, json};

use super::model::{API_VERSION, DriftReport};
use super::text::Color;
use super::{html, junit, markdown, text};
use crate::report::json_text;

/// The formats of drift reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For programs, as YAML.
    Yaml,
    /// For issues and comments.
    Markdown,
    /// For dashboards of tests.
    Junit,
    /// One HTML page that needs nothing else.
    Html,
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
            "markdown" => Format::Markdown,
            "junit" => Format::Junit,
            "html" => Format::Html,
            _ => return Err("the formats are text, json, yaml, markdown, junit and html".to_owned()),
        };
        Ok(Output { format, path })
    }
}

/// Reports in a format.
#[must_use]
pub fn print(reports: &[DriftReport], format: Format, color: Color) -> String {
    let joined = |printed: Vec<String>| printed.join("\n");
    match format {
        Format::Text => joined(reports.iter().map(|report| text::print(report, color)).collect()),
        Format::Markdown => joined(reports.iter().map(markdown::print).collect()),
        Format::Junit => match reports {
            [report] => junit::print(report),
            reports => junit::print_all(reports),
        },
        Format::Html => html::print(reports),
        Format::Json => json_text(&value(reports)),
        // Only control characters have no YAML form, and JSON is YAML.
        Format::Yaml => {
            let value = value(reports);
            plimsoll_yaml::emit_value(&value).unwrap_or_else(|_| json_text(&value))
        }
    }
}

/// Reports for programs: one as it is, several as a list.
#[must_use]
pub fn value(reports: &[DriftReport]) -> Value {
    match reports {
        [report] => json!(report),
        reports => json!({"apiVersion": API_VERSION, "kind": "DriftReportList", "items": reports}),
    }
}

/// The reports in a document: one, or a list of them.
pub fn parse(bytes: &[u8]) -> Result<Vec<DriftReport>, serde_json::Error> {
    let value: Value = serde_json::from_slice(bytes)?;
    match value.get("kind").and_then(Value::as_str) {
        Some("DriftReportList") => serde_json::from_value(value.get("items").cloned().unwrap_or_default()),
        _ => Ok(vec![serde_json::from_value(value)?]),
    }
}
