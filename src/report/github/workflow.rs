//! What a workflow's runner reads: annotations, and step outputs.

use std::fmt::Write as _;

use crate::report::diff::model::DiffReport;

/// The most annotations of one kind that GitHub shows for a step.
const MOST: usize = 10;

/// The annotations of a diff: an error for each place that does not render, a warning for each file of a risky change.
#[must_use]
pub fn annotations(report: &DiffReport) -> String {
    let mut text = String::new();
    let errors = report.environments.iter().flat_map(|environment| {
        environment.errors.iter().filter_map(move |error| Some((environment, error, error.file.as_deref()?)))
    });
    for (environment, error, file) in errors.take(MOST) {
        let title = format!("{}: {}", environment.name, error.code);
        text.push_str(&annotation(
            "error",
            Some(AnnotationPlace { file, line: error.line, column: None }),
            &title,
            &error.message,
        ));
    }
    let risky = report.environments.iter().flat_map(|environment| {
        let resources = environment.layers.iter().flat_map(|layer| &layer.resources);
        resources.filter_map(move |resource| Some((environment, resource, resource.reasons.first()?)))
    });
    for (environment, resource, reason) in risky.take(MOST) {
        let title = format!("{}: {}", environment.name, resource.id);
        text.push_str(&annotation(
            "warning",
            Some(AnnotationPlace { file: &resource.source.file, line: None, column: None }),
            &title,
            &reason.message,
        ));
    }
    text
}

/// Where an annotation stands.
#[derive(Debug, Clone, Copy)]
pub struct AnnotationPlace<'a> {
    /// The file, from the repository's root.
    pub file: &'a str,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
}

/// One annotation, as a command that the runner reads from standard output.
#[must_use]
pub fn annotation(level: &str, place: Option<AnnotationPlace<'_>>, title: &str, message: &str) -> String {
    let mut command = format!("::{level} ");
    if let Some(AnnotationPlace { file, line, column }) = place {
        let _ = write!(command, "file={},", property(file));
        for (name, number) in [("line", line), ("col", column)] {
            if let Some(number) = number {
                let _ = write!(command, "{name}={number},");
            }
        }
    }
    let _ = writeln!(command, "title={}::{}", property(title), escaped(message));
    command
}

/// Step outputs, as lines of the file that `GITHUB_OUTPUT` names. A value that could end its line is left out.
#[must_use]
pub fn outputs(values: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in values.iter().filter(|(_, value)| !value.contains(['\n', '\r'])) {
        let _ = writeln!(text, "{name}={value}");
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_command_or_begins_another() {
        assert_eq!(
            annotation(
                "error",
                Some(AnnotationPlace { file: "a,b:c", line: Some(3), column: Some(7) }),
                "x\n::set-env::",
                "100%\r\n::error::y"
            ),
            "::error file=a%2Cb%3Ac,line=3,col=7,title=x%0A%3A%3Aset-env%3A%3A::100%25%0D%0A::error::y\n"
        );
    }

    #[test]
    fn no_value_begins_another_output() {
        let values = [("verdict", "changed".to_owned()), ("url", "x\nverdict=clean".to_owned())];
        assert_eq!(outputs(&values), "verdict=changed\n");
    }
}
