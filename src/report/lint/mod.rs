//! What `lint` found: one model, and a printer a file.

pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

use crate::diagnostic::{Diagnostic, Severity};

/// What `lint` found in the environments that were asked for.
#[derive(Debug, Clone, Default)]
pub struct LintReport {
    /// The environments, in the order they were asked for.
    pub environments: Vec<LintedEnvironment>,
}

/// What was found in one environment.
#[derive(Debug, Clone, Default)]
pub struct LintedEnvironment {
    /// Its name.
    pub name: String,
    /// How many resources were looked at, with those that claims become.
    pub resources: usize,
    /// What stands, by file and place.
    pub findings: Vec<Entry>,
    /// What is allowed, with the reason.
    pub allowed: Vec<(Entry, String)>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Code, severity, message and place.
    pub diagnostic: Diagnostic,
    /// The resource: group, kind, namespace and name.
    pub resource: Option<String>,
    /// Its layer.
    pub layer: Option<String>,
}

impl LintReport {
    /// How many findings of a severity stand.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.environments.iter().flat_map(|environment| &environment.findings);
        findings.filter(|entry| entry.diagnostic.severity == severity).count()
    }
}
