//! The differences that an environment knows and wants: rules over findings, on every platform.
//!
//! A rule names a path, a resource or both. What it covers leaves the finding and is counted; a rule past its end covers
//! nothing. No clock is read: the day is given.

use plimsoll_yaml::FieldPath;

use crate::finding::{FieldChange, Finding, State};

/// What a rule may name of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity<'a> {
    /// `kubernetes` or `aws`.
    pub platform: &'a str,
    /// The cluster, as the environment names it; empty on AWS.
    pub cluster: &'a str,
    /// The API group; of an AWS resource the service.
    pub group: &'a str,
    /// The kind; of an AWS resource the type without its service.
    pub kind: &'a str,
    /// The namespace; empty where there is none.
    pub namespace: &'a str,
    /// The name, or the AWS id.
    pub name: &'a str,
    /// The layer.
    pub layer: &'a str,
}

/// A rule: what is `Some` must fit, as a glob of `*`, for the rule to apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IgnoreRule {
    /// The path, which covers all below it; without one the whole resource is ignored.
    pub path: Option<FieldPath>,
    /// The platform.
    pub platform: Option<String>,
    /// The cluster.
    pub cluster: Option<String>,
    /// The API group.
    pub group: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The layer.
    pub layer: Option<String>,
    /// The last day on which the rule holds, `2027-01-31`.
    pub expires: Option<String>,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// How many differing fields it covered.
    pub fields: usize,
    /// How many resources it ignored as a whole.
    pub resources: usize,
    /// Whether its last day has passed, so that it covered nothing.
    pub is_expired: bool,
}

impl Outcome {
    /// Whether the rule still holds and there was nothing for it.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        !self.is_expired && self.fields == 0 && self.resources == 0
    }
}

/// The findings without what the rules cover, and what became of each rule, in the order of the rules. The first rule that
/// covers a difference is counted for it. `today` is written `2027-01-31`.
///
/// What could not be read stays unknown whatever a rule says, as there is no difference to cover.
#[must_use]
pub fn ignore(
    rules: &[IgnoreRule],
    today: &str,
    findings: Vec<(Identity<'_>, Finding)>,
) -> (Vec<Finding>, Vec<Outcome>) {
    let is_over = |rule: &IgnoreRule| rule.expires.as_deref().is_some_and(|last| today > last);
    let mut outcomes: Vec<Outcome> =
        rules.iter().map(|rule| Outcome { is_expired: is_over(rule), ..Outcome::default() }).collect();
    let kept = findings.into_iter().map(|(identity, finding)| {
        let mut applying: Vec<(&IgnoreRule, &mut Outcome)> = rules
            .iter()
            .zip(&mut outcomes)
            .filter(|(rule, outcome)| !outcome.is_expired && rule.applies_to(&identity))
            .collect();
        without_ignored(finding, &mut applying)
    });
    let kept = kept.collect();
    (kept, outcomes)
}

fn without_ignored(mut finding: Finding, rules: &mut [(&IgnoreRule, &mut Outcome)]) -> Finding {
    if matches!(finding.state, State::InSync | State::Unknown) {
        return finding;
    }
    if let Some((_, outcome)) = rules.iter_mut().find(|(rule, _)| rule.path.is_none()) {
        outcome.resources += 1;
        outcome.fields += finding.fields.len();
        return Finding::in_sync();
    }
    let before = finding.fields.len();
    finding.fields.retain(|field| match rules.iter_mut().find(|(rule, _)| rule.covers(field)) {
        Some((_, outcome)) => {
            outcome.fields += 1;
            false
        }
        None => true,
    });
    let is_settled = finding.fields.len() == before || matches!(finding.state, State::Missing | State::Extra);
    if is_settled {
        return finding;
    }
    match finding.state {
        State::Pending if !finding.fields.is_empty() => finding,
        _ => Finding::of_fields(finding.fields),
    }
}

impl IgnoreRule {
    fn applies_to(&self, identity: &Identity<'_>) -> bool {
        let pairs = [
            (&self.platform, identity.platform),
            (&self.cluster, identity.cluster),
            (&self.group, identity.group),
            (&self.kind, identity.kind),
            (&self.namespace, identity.namespace),
            (&self.name, identity.name),
            (&self.layer, identity.layer),
        ];
        pairs.iter().all(|(wanted, found)| wanted.as_deref().is_none_or(|pattern| glob(pattern, found)))
    }

    fn covers(&self, field: &FieldChange) -> bool {
        let Some(own) = &self.path else { return true };
        field.path.parse::<FieldPath>().is_ok_and(|path| own.covers(&path))
    }
}

/// Whether a text fits a pattern in which `*` stands for any run of characters.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}
