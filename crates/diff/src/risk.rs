//! How risky a change is: the rules of `data/risks.yaml`, applied to the scalars that change.
//!
//! A rule names kinds and paths and when it strikes; what no comparison of two scalars can say (whether rights became wider)
//! is one of the named functions of [`widening`](crate::widening). A rename is judged as a removal and a creation too, since
//! that is what it does to a cluster.

use std::cmp::Reverse;
use std::sync::LazyLock;

use plimsoll_resource::ResourceId;
use serde::Deserialize;
use serde_json::Value;

use crate::change::{FieldChange, Leaf, Location};
use crate::class::{Class, class_of};
use crate::image;
use crate::pattern::{PathPattern, is_kind};
use crate::widening::{self, Widening};

/// How bad a risk can get, from least to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Behaviour may change.
    Medium,
    /// A service may stop, or a door opens a little.
    High,
    /// Data may be lost, or a door opens widely.
    Critical,
}

/// How a resource changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResourceChangeKind {
    /// Only the newer side has it.
    Added,
    /// Only the older side has it.
    Removed,
    /// Both have it.
    Changed,
    /// It has another name.
    Renamed,
}

/// The resource whose change is judged.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its identity.
    pub id: &'a ResourceId,
    /// How it changes.
    pub change: ResourceChangeKind,
    /// Its older version.
    pub before: Option<&'a Value>,
    /// Its newer version.
    pub after: Option<&'a Value>,
}

/// Why a change is risky.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Risk {
    /// The name of the rule.
    pub rule: &'static str,
    /// How bad it can get.
    pub severity: Severity,
    /// What may happen.
    pub message: String,
    /// The field; none where it is the resource as a whole.
    pub location: Option<Location>,
}

/// What a change comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The class of the whole change.
    pub class: Class,
    /// The risks, worst first.
    pub risks: Vec<Risk>,
    /// For each field: its class, and whether the resource must be made anew for it.
    pub fields: Vec<(Class, bool)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Rule {
    rule: String,
    severity: Severity,
    message: String,
    #[serde(default = "changed")]
    on: Vec<ResourceChangeKind>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    paths: Vec<PathPattern>,
    when: When,
    #[serde(default)]
    values: Vec<Value>,
    /// Whether the resource must be made anew.
    #[serde(default)]
    replaces: bool,
}

fn changed() -> Vec<ResourceChangeKind> {
    vec![ResourceChangeKind::Changed, ResourceChangeKind::Renamed]
}

/// When a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum When {
    /// For the resource as a whole.
    Always,
    /// Something at or below the path differs.
    Changes,
    /// Something at or below the path that was there differs or is gone.
    Departs,
    /// The value becomes one of the rule's.
    Becomes,
    /// The value was one of the rule's.
    Leaves,
    /// The number or quantity becomes smaller.
    Decreases,
    /// The version becomes another major one.
    MajorChanges,
    /// What an RBAC role permits becomes more.
    RoleWidens,
    /// Who a binding is for becomes more.
    BindingWidens,
    /// What a policy of IAM permits becomes more.
    PolicyWidens,
    /// Whom a NetworkPolicy lets through becomes more.
    NetworkWidens,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../data/risks.yaml")).expect("a test reads the table")
});

/// Judges the change of a resource by the fields that differ.
#[must_use]
pub fn judge(subject: Subject<'_>, fields: &[FieldChange]) -> Judgement {
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.concerns(subject)).collect();
    let mut risks = Vec::new();
    let mut judged = Vec::with_capacity(fields.len());
    for rule in &rules {
        if rule.when == When::Always {
            risks.push(rule.risk(None, &[]));
        } else if let Some(function) = rule.when.function() {
            for Widening { location, details, is_wide } in
                function(subject.before, subject.after, &rule.paths)
            {
                let mut risk = rule.risk(location, &details);
                if is_wide {
                    risk.severity = Severity::Critical;
                }
                risks.push(risk);
            }
        }
    }
    for field in fields {
        let leaves = field.leaves();
        let mut class = class_of(field);
        let mut needs_replace = false;
        for rule in &rules {
            let struck = leaves.iter().find(|leaf| rule.strikes(leaf));
            if let Some(leaf) = struck {
                class = Class::Risky;
                needs_replace |= rule.replaces;
                risks.push(rule.risk(Some(leaf.location.clone()), &[]));
            }
        }
        judged.push((class, needs_replace));
    }
    risks.sort_by(|one, other| (Reverse(one.severity), one).cmp(&(Reverse(other.severity), other)));
    risks.dedup_by(|second, first| {
        second.rule == first.rule && (second.message == first.message || second.location == first.location)
    });
    let class = match (risks.is_empty(), subject.change) {
        (false, _) => Class::Risky,
        (true, ResourceChangeKind::Changed) => class_of_all(&judged),
        (true, _) => Class::Other,
    };
    Judgement { class, risks, fields: judged }
}

/// Metadata beside a new image is part of the routine.
fn class_of_all(fields: &[(Class, bool)]) -> Class {
    fields.iter().map(|(class, _)| *class).max().unwrap_or(Class::Other)
}

impl When {
    fn function(self) -> Option<widening::Function> {
        match self {
            When::RoleWidens => Some(widening::role),
            When::BindingWidens => Some(widening::binding),
            When::PolicyWidens => Some(widening::policy),
            When::NetworkWidens => Some(widening::network),
            _ => None,
        }
    }
}

impl Rule {
    fn concerns(&self, subject: Subject<'_>) -> bool {
        self.on.contains(&subject.change) && (self.kinds.is_empty() || is_kind(&self.kinds, subject.id))
    }

    fn strikes(&self, leaf: &Leaf<'_>) -> bool {
        let is_at = || self.paths.iter().any(|path| path.matches(&leaf.location));
        let is_below = || self.paths.iter().any(|path| path.covers(&leaf.location));
        let is_of = |value: &Value| self.values.contains(value);
        match self.when {
            When::Changes => is_below(),
            When::Departs => leaf.before.is_some_and(|value| !value.is_null()) && is_below(),
            When::Becomes => leaf.after.is_some_and(is_of) && !leaf.before.is_some_and(is_of) && is_at(),
            When::Leaves => leaf.before.is_some_and(is_of) && !leaf.after.is_some_and(is_of) && is_at(),
            When::Decreases => {
                let amounts = leaf.before.and_then(amount).zip(leaf.after.and_then(amount));
                amounts.is_some_and(|(before, after)| after < before) && is_at()
            }
            When::MajorChanges => {
                let sides = leaf.before.zip(leaf.after);
                sides.is_some_and(|(before, after)| image::changes_major(before, after)) && is_at()
            }
            When::Always
            | When::RoleWidens
            | When::BindingWidens
            | When::PolicyWidens
            | When::NetworkWidens => false,
        }
    }

    fn risk(&'static self, location: Option<Location>, details: &[String]) -> Risk {
        const TOLD: usize = 3;
        let mut message = self.message.clone();
        if !details.is_empty() {
            let told = details.get(..TOLD).unwrap_or(details).join(", ");
            message = format!("{message}: {told}");
            if details.len() > TOLD {
                message.push_str(&format!(" and {} more", details.len() - TOLD));
            }
        }
        Risk { rule: &self.rule, severity: self.severity, message, location }
    }
}

/// A number, or a quantity of Kubernetes: `1500m`, `20Gi`.
fn amount(value: &Value) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
    ];
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.as_str(),
        _ => return None,
    };
    let found = SUFFIXES.iter().find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)));
    let (number, factor) = found.unwrap_or((text, 1.0));
    number.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_rule_is_read_and_says_where_and_when() {
        let mut names = Vec::new();
        for rule in RULES.iter() {
            let needs_path = rule.when != When::Always && rule.when.function().is_none();
            assert_eq!(needs_path, !rule.paths.is_empty() && rule.when.function().is_none(), "{}", rule.rule);
            let needs_values = matches!(rule.when, When::Becomes | When::Leaves);
            assert_eq!(needs_values, !rule.values.is_empty(), "{}", rule.rule);
            assert!(!rule.on.is_empty() && !rule.message.ends_with('.'), "{}", rule.rule);
            names.push(&rule.rule);
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "names of rules are unique");
    }

    #[test]
    fn amounts_are_numbers_and_quantities() {
        assert_eq!(amount(&json!("20Gi")), Some(21_474_836_480.0));
        assert_eq!(amount(&json!("1500m")), Some(1.5));
        assert_eq!(amount(&json!(3)), Some(3.0));
        assert_eq!(amount(&json!("all")), None);
    }
}
