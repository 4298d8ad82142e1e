//! Diagnostics for people.
//!
//! ```text
//! error[config::unknown-key]: unknown key `depends`
//!   --> overlays/dev/environment.yaml:14:7
//!    |
//! 14 |       depends: [network]
//!    |       ^^^^^^^
//!    = environment: dev
//!    = help: did you mean `dependsOn`?
//! ```

use std::fmt::Write;

use super::{Diagnostic, Diagnostics, Severity};

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const CYAN: &str = "\u{1b}[1;36m";
const BLUE: &str = "\u{1b}[1;34m";

/// All diagnostics, an empty line between two; with the escapes of a terminal where `colored`.
#[must_use]
pub fn print(diagnostics: &Diagnostics, colored: bool) -> String {
    let texts: Vec<String> = diagnostics.iter().map(|diagnostic| print_one(diagnostic, colored)).collect();
    texts.join("\n")
}

/// One diagnostic, with its final newline.
#[must_use]
pub fn print_one(diagnostic: &Diagnostic, colored: bool) -> String {
    let paint =
        |style: &str, text: &str| if colored { format!("{style}{text}{RESET}") } else { text.to_owned() };
    let severity = match diagnostic.severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => CYAN,
    };
    let heading = format!("{}[{}]", diagnostic.severity.word(), diagnostic.code.name());
    let mut text = format!(
        "{}{}\n",
        paint(severity, &heading),
        paint(BOLD, &format!(": {}", one_line(&diagnostic.message)))
    );
    let position = diagnostic.place.as_ref().and_then(|place| place.position);
    let excerpt = diagnostic.place.as_ref().and_then(|place| place.excerpt.as_ref());
    let number =
        position.filter(|_| excerpt.is_some()).map_or(String::new(), |position| position.line.to_string());
    let margin = " ".repeat(number.len().max(1));
    let (arrow, bar, equals) = (paint(BLUE, "-->"), paint(BLUE, "|"), paint(BLUE, "="));
    if let Some(place) = &diagnostic.place {
        push_line(&mut text, &format!("{margin}{arrow} {}", place.label()));
    }
    if let Some(excerpt) = excerpt {
        let caret = paint(severity, &"^".repeat(excerpt.width));
        push_line(&mut text, &format!("{margin} {bar}"));
        push_line(&mut text, format!("{} {bar} {}", paint(BLUE, &number), excerpt.line).trim_end());
        push_line(&mut text, &format!("{margin} {bar} {}{caret}", " ".repeat(excerpt.before)));
    }
    let mut remark = |label: &str, content: &str| {
        push_line(&mut text, &format!("{margin} {equals} {label}: {}", one_line(content)));
    };
    if let Some(field) = &diagnostic.field {
        remark("field", field);
    }
    for link in &diagnostic.chain {
        remark(&link.relation, &link.place.label());
    }
    for cause in &diagnostic.causes {
        remark("caused by", cause);
    }
    if let Some(environment) = &diagnostic.environment {
        remark("environment", environment);
    }
    if let Some(help) = &diagnostic.help {
        remark("help", help);
    }
    text
}

fn push_line(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

/// A message is one line whatever a file name or a foreign error brought into it, and no escape reaches the terminal.
fn one_line(message: &str) -> String {
    message.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use plimsoll_yaml::Span;

    use super::*;
    use crate::diagnostic::{Code, Place};

    #[test]
    fn a_diagnostic_has_its_place_its_chain_and_its_help() {
        let source = "a: 1\nlayers:\n  - depends: [network]\n";
        let span = Span::new(17, 24);
        let diagnostic = Diagnostic::error(Code::new("config::unknown-key"), "unknown key `depends`")
            .at(Place::of_span("overlays/dev/environment.yaml", source, span))
            .with_link("included from", Place::line("base/x.yaml", 7))
            .with_cause("first\nreason")
            .in_environment("dev")
            .with_help("did you mean `dependsOn`?");
        let expected = "\
error[config::unknown-key]: unknown key `depends`
 --> overlays/dev/environment.yaml:3:5
  |
3 |   - depends: [network]
  |     ^^^^^^^
  = included from: base/x.yaml:7:1
  = caused by: first reason
  = environment: dev
  = help: did you mean `dependsOn`?
";
        assert_eq!(print_one(&diagnostic, false), expected);
    }
}
