//! What is no drift and how bad the rest is, as data: the files under `rules/` and `data/`, read once.

mod others;
mod writer_rule;

use std::sync::LazyLock;

use plimsoll_yaml::{Budget, Dialect, FieldPath, Numbers, parse_one};
use serde_json::Value;

use crate::finding::Severity;
use crate::ignore::glob;
use crate::schema::BuiltIn;
use crate::schema::rows;
use crate::severity::{NamedSeverities, SeverityRule, severity_of};
use crate::sides::at;
use crate::walk::Walk;

pub(crate) use others::Others;
pub use others::is_somebodys;
pub(crate) use writer_rule::WriterRule;

/// The rules by which a comparison judges.
#[derive(Debug)]
pub struct Rules {
    pub(crate) built_in: BuiltIn,
    pub(crate) others: Others,
    writer_rules: Vec<WriterRule>,
    deployers: Vec<Box<str>>,
    named_severities: NamedSeverities,
    kinds: Vec<KindSeverity>,
}

/// How bad it is that a resource of a kind is missing, or extra.
#[derive(Debug)]
struct KindSeverity {
    kind: &'static str,
    group: &'static str,
    missing: Severity,
    extra: Severity,
}

/// What the rules say of something that lives and is not declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Somebody may own it.
    Left,
    /// Nobody may.
    Drift,
}

static BUILT_IN: LazyLock<Rules> = LazyLock::new(Rules::read);

const WRITER_RULES: [&str; 11] = [
    include_str!("../rules/server.yaml"),
    include_str!("../rules/kube-controller-manager.yaml"),
    include_str!("../rules/autoscalers.yaml"),
    include_str!("../rules/flux.yaml"),
    include_str!("../rules/argocd.yaml"),
    include_str!("../rules/helm.yaml"),
    include_str!("../rules/kubectl.yaml"),
    include_str!("../rules/cert-manager.yaml"),
    include_str!("../rules/crossplane.yaml"),
    include_str!("../rules/cloud.yaml"),
    include_str!("../rules/operators.yaml"),
];

impl Rules {
    /// The rules that the tool comes with.
    #[must_use]
    pub fn built_in() -> &'static Rules {
        &BUILT_IN
    }

    fn read() -> Rules {
        let writer_rules = WRITER_RULES.iter().flat_map(|file| {
            let file = read_yaml(file);
            file.as_array().into_iter().flatten().map(WriterRule::read).collect::<Vec<_>>()
        });
        let deployers = read_yaml(include_str!("../rules/deployers.yaml"));
        let mut named_severities = NamedSeverities::new();
        for row in rows(include_str!("../data/severity.tsv")) {
            if let ["*", key, change, value, severity] = row[..]
                && let Some(rule) = SeverityRule::parse(key, change, value, severity)
            {
                named_severities.entry(key.into()).or_default().push(rule);
            }
        }
        let kinds = rows(include_str!("../data/kinds_severity.tsv")).filter_map(|row| match row[..] {
            [kind, group, missing, extra] => Some(KindSeverity {
                kind,
                group: if group == "-" { "" } else { group },
                missing: severity_of(missing)?,
                extra: severity_of(extra)?,
            }),
            _ => None,
        });
        Rules {
            built_in: BuiltIn::read(),
            others: Others::read(&read_yaml(include_str!("../rules/others.yaml"))),
            writer_rules: writer_rules.collect(),
            deployers: texts(at(&deployers, "managers")),
            named_severities,
            kinds: kinds.collect(),
        }
    }

    pub(crate) fn named_severities(&self) -> &NamedSeverities {
        &self.named_severities
    }

    /// Whether a manager is known to write what Git declares.
    pub(crate) fn is_deployer(&self, manager: &str) -> bool {
        self.deployers.iter().any(|pattern| glob(pattern, manager))
    }

    /// How bad it is that a resource of a kind is missing.
    pub(crate) fn missing(&self, group: &str, kind: &str) -> Severity {
        self.kind(group, kind).map_or(Severity::Medium, |row| row.missing)
    }

    /// How bad it is that a resource of a kind is there which nothing declares.
    pub(crate) fn extra(&self, group: &str, kind: &str) -> Severity {
        self.kind(group, kind).map_or(Severity::Medium, |row| row.extra)
    }

    fn kind(&self, group: &str, kind: &str) -> Option<&KindSeverity> {
        self.kinds.iter().find(|row| row.kind == kind && row.group == group)
    }

    /// Whether somebody may own what lives at a path and is not declared.
    pub(crate) fn verdict(&self, walk: &Walk<'_>, path: &FieldPath, live: &Value) -> Verdict {
        let is_left = self.writer_rules.iter().any(|rule| rule.covers(walk, path, live));
        if is_left { Verdict::Left } else { Verdict::Drift }
    }
}

/// A data file as plain data.
///
/// The files are part of the program, and a test reads them all.
fn read_yaml(text: &str) -> Value {
    let tree = parse_one(text, Dialect::Helm, &Budget::DEFAULT).expect("the data files are YAML");
    tree.to_value(Dialect::Helm, Numbers::AsWritten).expect("the data files are plain data")
}

/// A list of texts.
fn texts(value: &Value) -> Vec<Box<str>> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(Box::from).collect()
}
