//! The selector of `patches.target` and of replacements: anchored regular expressions and label queries.
//!
//! An empty part matches everything. Follows `types.SelectorRegex` and `resWrangler.Select` of kustomize api v0.21.1.

use regex::Regex;

use super::LabelSelector;
use crate::error::{Error, Result};
use crate::identity::{Gvk, ResourceId};
use crate::resource::Resource;

/// Which resources something applies to; an empty part stands for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// A regular expression for the group.
    pub group: String,
    /// A regular expression for the version.
    pub version: String,
    /// A regular expression for the kind.
    pub kind: String,
    /// A regular expression for the name.
    pub name: String,
    /// A regular expression for the namespace.
    pub namespace: String,
    /// A label query for annotations.
    pub annotation_selector: String,
    /// A label query.
    pub label_selector: String,
}

impl Selector {
    /// Whether no part but label and annotation queries is given.
    pub(crate) fn names_nothing(&self) -> bool {
        [&self.group, &self.version, &self.kind, &self.name, &self.namespace]
            .iter()
            .all(|part| part.is_empty())
    }
}

/// A selector whose expressions were compiled.
#[derive(Debug)]
pub(crate) struct CompiledSelector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    annotations: LabelQuery,
    labels: LabelQuery,
}

impl CompiledSelector {
    /// Compiles the expressions. A label query that is wrong is an error only once a resource is tried.
    pub(crate) fn new(selector: &Selector) -> Result<CompiledSelector> {
        Ok(CompiledSelector {
            group: Pattern::new(&selector.group)?,
            version: Pattern::new(&selector.version)?,
            kind: Pattern::new(&selector.kind)?,
            name: Pattern::new(&selector.name)?,
            namespace: Pattern::new(&selector.namespace)?,
            annotations: LabelQuery::new(&selector.annotation_selector),
            labels: LabelQuery::new(&selector.label_selector),
        })
    }

    /// The only name that the selector can match, where its expression is plain text.
    pub(crate) fn literal_name(&self) -> Option<&str> {
        self.name.literal()
    }

    /// Whether a resource with these ids is meant: namespace and name may match the first or the present id.
    pub(crate) fn selects(
        &self,
        resource: &Resource,
        original: &ResourceId,
        current: &ResourceId,
    ) -> Result<bool> {
        let named = (self.namespace.matches(original.effective_namespace())
            || self.namespace.matches(current.effective_namespace()))
            && (self.name.matches(&original.name) || self.name.matches(&current.name))
            && self.matches_type(&current.gvk);
        Ok(named && self.matches_metadata(resource)?)
    }

    /// Whether the id is meant, with its namespace as written.
    pub(crate) fn matches_id(&self, id: &ResourceId) -> bool {
        self.matches_type(&id.gvk) && self.name.matches(&id.name) && self.namespace.matches(&id.namespace)
    }

    /// Whether labels and annotations fit.
    pub(crate) fn matches_metadata(&self, resource: &Resource) -> Result<bool> {
        Ok(self.labels.matches(|| resource.labels())?
            && self.annotations.matches(|| resource.annotations())?)
    }

    /// As [`CompiledSelector::matches_metadata`], annotations first, which decides about which wrong query is reported.
    pub(crate) fn matches_annotations_then_labels(&self, resource: &Resource) -> Result<bool> {
        let annotations = self.annotations.matches(|| resource.annotations())?;
        Ok(self.labels.matches(|| resource.labels())? && annotations)
    }

    fn matches_type(&self, gvk: &Gvk) -> bool {
        self.group.matches(&gvk.group) && self.version.matches(&gvk.version) && self.kind.matches(&gvk.kind)
    }
}

#[derive(Debug)]
enum LabelQuery {
    Any,
    Parsed(LabelSelector),
    Wrong(Error),
}

impl LabelQuery {
    fn new(query: &str) -> LabelQuery {
        if query.is_empty() {
            return LabelQuery::Any;
        }
        match LabelSelector::parse(query) {
            Ok(parsed) => LabelQuery::Parsed(parsed),
            Err(error) => LabelQuery::Wrong(error),
        }
    }

    fn matches(&self, labels: impl FnOnce() -> std::collections::BTreeMap<String, String>) -> Result<bool> {
        match self {
            LabelQuery::Any => Ok(true),
            LabelQuery::Parsed(selector) => Ok(selector.matches(&labels())),
            LabelQuery::Wrong(error) => Err(error.clone()),
        }
    }
}

#[derive(Debug)]
enum Pattern {
    Any,
    Literal(String),
    Expression(Regex),
}

impl Pattern {
    fn new(pattern: &str) -> Result<Pattern> {
        if pattern.is_empty() {
            return Ok(Pattern::Any);
        }
        if !pattern.contains(is_meta) {
            return Ok(Pattern::Literal(pattern.to_owned()));
        }
        compile(&format!("^(?:{pattern})$")).map(Pattern::Expression)
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Literal(literal) => literal == text,
            Pattern::Expression(expression) => expression.is_match(text),
        }
    }

    fn literal(&self) -> Option<&str> {
        match self {
            Pattern::Literal(literal) => Some(literal),
            _ => None,
        }
    }
}

fn is_meta(character: char) -> bool {
    r"\.+*?()|[]{}^$".contains(character)
}

/// Compiles a regular expression of Go's syntax.
pub(crate) fn compile(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| {
        Error::new(format!(
            "error parsing regexp: {}: `{}`",
            go_reason(&error, pattern),
            go_excerpt(&error, pattern)
        ))
    })
}

/// Go's words for the usual mistakes.
fn go_reason(error: &regex::Error, pattern: &str) -> String {
    let text = error.to_string();
    for (ours, theirs) in [
        ("unclosed group", "missing closing )"),
        ("unopened group", "unexpected )"),
        ("unclosed character class", "missing closing ]"),
        ("repetition operator missing expression", "missing argument to repetition operator"),
        ("invalid escape sequence", "invalid escape sequence"),
        ("unrecognized escape sequence", "invalid escape sequence"),
        ("incomplete escape sequence", "trailing backslash at end of expression"),
        ("invalid character class range", "invalid character class range"),
    ] {
        if text.contains(ours) {
            return theirs.to_owned();
        }
    }
    format!("invalid expression {pattern:?}")
}

fn go_excerpt<'a>(error: &regex::Error, pattern: &'a str) -> &'a str {
    if error.to_string().contains("repetition operator missing expression") {
        let at = pattern.find(['*', '+', '?']).unwrap_or(0);
        return pattern.get(at..=at).unwrap_or(pattern);
    }
    pattern
}

impl std::fmt::Display for Selector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = ResourceId {
            gvk: Gvk::new(&self.group, &self.version, &self.kind),
            name: self.name.as_str().into(),
            namespace: self.namespace.as_str().into(),
        };
        write!(formatter, "{id}:a={}:l={}", self.annotation_selector, self.label_selector)
    }
}
