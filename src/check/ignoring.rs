//! The environment's ignore rules over what was found, and what a report tells of each rule.

use plimsoll_drift::{Identity as Named, IgnoreRule as Rule, Outcome as RuleOutcome, glob, ignore};

use super::outcome::{Identity, Outcome, ResourceOutcome};
use crate::config::date::Date;
use crate::config::environment::{IgnoreRule, Platform};
use crate::report::drift::model::{Ignored, RuleStatus};

/// Takes out of the findings what the rules cover, and tells what became of each rule.
#[must_use]
pub fn apply(rules: &[IgnoreRule], today: Date, outcome: &mut Outcome) -> Vec<Ignored> {
    if rules.is_empty() {
        return Vec::new();
    }
    let engine_rules: Vec<Rule> = rules.iter().map(engine_rule).collect();
    let findings = outcome
        .resources
        .iter()
        .map(|resource| (named(resource, &engine_rules), resource.finding.clone()))
        .collect();
    let (kept, outcomes) = ignore(&engine_rules, &today.to_string(), findings);
    for (resource, finding) in outcome.resources.iter_mut().zip(kept) {
        resource.finding = finding;
    }
    rules.iter().zip(outcomes).map(|(rule, outcome)| told(rule, &outcome)).collect()
}

fn engine_rule(rule: &IgnoreRule) -> Rule {
    Rule {
        // The environment file is checked when it is read: a path that is written there is one.
        path: rule.path.as_ref().and_then(|path| path.parse().ok()),
        platform: rule.platform.map(|platform| platform_word(platform).to_owned()),
        cluster: rule.cluster.clone(),
        group: rule.group.clone(),
        kind: rule.kind.clone(),
        namespace: rule.namespace.clone(),
        name: rule.name.clone(),
        layer: rule.layer.clone(),
        expires: rule.expires.clone(),
    }
}

fn platform_word(platform: Platform) -> &'static str {
    match platform {
        Platform::Kubernetes => "kubernetes",
        Platform::Aws => "aws",
    }
}

/// A resource as rules name it. One of AWS is called what its managed resource is called, or what AWS calls it where a rule
/// says that.
fn named<'r>(resource: &'r ResourceOutcome, rules: &[Rule]) -> Named<'r> {
    match &resource.id {
        Identity::Kubernetes { cluster, id } => Named {
            platform: "kubernetes",
            cluster,
            group: &id.group,
            kind: &id.kind,
            namespace: id.namespace.as_deref().unwrap_or_default(),
            name: &id.name,
            layer: &resource.layer,
        },
        Identity::Aws { kind, name, .. } => {
            let (service, kind) = kind.split_once('.').unwrap_or(("", kind));
            let says = |rule: &Rule| rule.name.as_deref().is_some_and(|pattern| glob(pattern, name));
            let declared = resource.via.as_ref().and_then(|via| via.managed_resource.as_deref());
            let declared = declared.and_then(|declared| declared.split_once(' ')).map(|(_, name)| name);
            let declared = declared.map(|declared| declared.split_once('/').unwrap_or(("", declared)));
            let (namespace, managed) = declared.unwrap_or(("", name));
            Named {
                platform: "aws",
                cluster: "",
                group: service,
                kind,
                namespace,
                name: if rules.iter().any(says) { name } else { managed },
                layer: &resource.layer,
            }
        }
    }
}

fn told(rule: &IgnoreRule, outcome: &RuleOutcome) -> Ignored {
    let hidden = if rule.path.is_some() { outcome.fields } else { outcome.fields.max(outcome.resources) };
    let status = if outcome.is_expired {
        RuleStatus::Expired
    } else if outcome.is_unused() {
        RuleStatus::Unused
    } else {
        RuleStatus::Used
    };
    Ignored {
        rule: words(rule),
        reason: rule.reason.clone(),
        expires: rule.expires.clone(),
        status,
        fields: hidden as u64,
    }
}

/// What a rule matches, as a line: `path=spec.replicas kind=Deployment name=web`.
fn words(rule: &IgnoreRule) -> String {
    let platform = rule.platform.map(|platform| platform_word(platform).to_owned());
    let parts = [
        ("path", &rule.path),
        ("kind", &rule.kind),
        ("name", &rule.name),
        ("namespace", &rule.namespace),
        ("layer", &rule.layer),
        ("cluster", &rule.cluster),
        ("group", &rule.group),
        ("platform", &platform),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter_map(|(key, value)| value.as_ref().map(|value| format!("{key}={value}")))
        .collect();
    told.join(" ")
}
