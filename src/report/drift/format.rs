//! The formats of a drift report, and where each goes: `-o FORMAT`, `-o FORMAT=PATH` or `-o FORMAT=s3://BUCKET/PREFIX`.
//!
//! Several environments give one document: texts one after the other, and for programs a `DriftReportList`.

use std::str::FromStr;

use serde_json::{Value, json};

use super::model::{API_VERSION, DriftReport};
use super::text::Color;
use super::{html, junit, markdown, text};
use crate::report::destination::Destination;
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

impl Format {
    /// How the names of files in this format end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Json => "json",
            Format::Yaml => "yaml",
            Format::Markdown => "md",
            Format::Junit => "xml",
            Format::Html => "html",
        }
    }

    /// What a server calls it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; charset=utf-8",
            Format::Json => "application/json",
            Format::Yaml => "application/yaml",
            Format::Markdown => "text/markdown; charset=utf-8",
            Format::Junit => "application/xml",
            Format::Html => "text/html; charset=utf-8",
        }
    }
}

/// One `-o`: a format, and where it goes to; standard output where nothing is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The file or the place in S3.
    pub destination: Option<Destination>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Output, String> {
        let (format, destination) = match text.split_once('=') {
            Some((_, "")) => return Err("a path must follow `=`".to_owned()),
            Some((format, path)) => (format, Some(path.parse()?)),
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
        Ok(Output { format, destination })
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
