//! What an environment allows in spite of a rule: `spec.lint.allow`, each with its reason.

use super::findings::Finding;
use super::iam::matches;
use super::world::World;
use crate::config::date::Date;
use crate::config::environment::AllowedFinding;
use crate::config::{Document, Step};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Findings told apart by what the environment allows.
#[derive(Debug, Default)]
pub struct Judged {
    /// What stands.
    pub findings: Vec<Finding>,
    /// What is allowed, with the reason.
    pub allowed: Vec<(Finding, String)>,
    /// Permissions that have ended or that nothing needs.
    pub remarks: Diagnostics,
}

/// Judges findings on a day. The document is the environment's file, which remarks have their places in.
#[must_use]
pub fn judge(
    world: &World,
    findings: Vec<Finding>,
    rules: &[AllowedFinding],
    today: Date,
    document: &Document,
) -> Judged {
    let mut judged = Judged::default();
    let mut is_used = vec![false; rules.len()];
    let has_ended = |rule: &AllowedFinding| {
        rule.expires.as_deref().and_then(Date::parse).is_some_and(|last| last < today)
    };
    for finding in findings {
        let mut reason = None;
        for (rule, is_used) in rules.iter().zip(&mut is_used) {
            if covers(world, rule, &finding) {
                *is_used = true;
                if !has_ended(rule) {
                    reason.get_or_insert_with(|| rule.reason.clone());
                }
            }
        }
        match reason {
            Some(reason) => judged.allowed.push((finding, reason)),
            None => judged.findings.push(finding),
        }
    }
    for (index, (rule, is_used)) in rules.iter().zip(is_used).enumerate() {
        let place = document.place_at(&[
            Step::Key("spec"),
            Step::Key("lint"),
            Step::Key("allow"),
            Step::Index(index),
        ]);
        let remark = if has_ended(rule) {
            let last = rule.expires.as_deref().unwrap_or_default();
            let message = format!("the permission for `{}` ended on {last}", rule.rule);
            Diagnostic::warning(Code::new("allow::expired"), message)
                .with_help("mend the finding, or permit it anew")
        } else if !is_used {
            let message = format!("nothing needs the permission for `{}`", rule.rule);
            Diagnostic::warning(Code::new("allow::unused"), message).with_help("take it away")
        } else {
            continue;
        };
        judged.remarks.push(remark.at(place));
    }
    judged
}

fn covers(world: &World, rule: &AllowedFinding, finding: &Finding) -> bool {
    let Some(resource) = world.resources.get(finding.resource) else { return false };
    let fits =
        |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|pattern| matches(pattern, text));
    finding.rule.code.strip_prefix("lint::") == Some(rule.rule.trim_start_matches("lint::"))
        && fits(&rule.kind, &resource.id.kind)
        && fits(&rule.name, &resource.id.name)
        && fits(&rule.namespace, resource.id.namespace.as_deref().unwrap_or_default())
}
