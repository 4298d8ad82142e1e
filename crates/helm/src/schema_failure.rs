//! What does not fit a schema: a tree, printed as santhosh-tekuri/jsonschema v6.0.2 prints it.

use plimsoll_gotemplate::quote::quote;

/// A value that does not fit, with the reasons below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The value's JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// The reasons.
    pub causes: Vec<Failure>,
    /// What kind of node it is in the tree.
    pub role: Role,
}

/// What a node of the tree stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A keyword that failed.
    Keyword,
    /// Several keywords of one schema that failed.
    Group,
    /// A `$ref`: not shown where it has one cause only.
    Reference,
}

impl Failure {
    /// The causes of a group, or the failure alone.
    pub(crate) fn flattened(self) -> Vec<Failure> {
        if self.role == Role::Group { self.causes } else { vec![self] }
    }

    /// The lines of the failure and of what is below it. A line begins where the one before it ended.
    pub(crate) fn listed(&self) -> String {
        let mut text = String::new();
        self.list(&mut text, 0);
        text
    }

    fn list(&self, text: &mut String, depth: usize) {
        let mut depth = depth;
        if self.role != Role::Reference || self.causes.len() != 1 {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&"  ".repeat(depth));
            text.push_str(&format!("- at {}: {}", quoted(&self.pointer), self.message));
            depth += 1;
        }
        for cause in &self.causes {
            cause.list(text, depth);
        }
    }
}

/// A text in single quotes, with Go's escapes.
pub(crate) fn quoted(text: &str) -> String {
    let inner = quote(text.as_bytes());
    let inner = inner.get(1..inner.len().saturating_sub(1)).unwrap_or_default();
    format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
}

/// Texts in single quotes with commas between them.
pub(crate) fn all_quoted<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// A number as English writes it: `1,234.5`.
pub(crate) fn grouped(number: f64) -> String {
    let text = format!("{number}");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}
