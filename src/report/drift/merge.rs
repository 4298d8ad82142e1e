//! Reports of shards into the report of the whole: it fails closed.
//!
//! A shard that is missing, doubled, of another run, of another revision or of another number of shards makes the whole
//! incomplete, and is told as unreadable; what the other shards found is told all the same. Where two reports speak of one
//! resource, the worse word counts.

use std::collections::{BTreeMap, BTreeSet};

use super::assembly::{Heading, of_parts};
use super::model::{DriftReport, Identity, Ignored, Resource, RuleStatus, Shard, State, Unreadable};

/// The reports of the whole, one an environment, in the order in which the environments first appear.
#[must_use]
pub fn merge(reports: Vec<DriftReport>) -> Vec<DriftReport> {
    let mut environments: Vec<(String, Vec<DriftReport>)> = Vec::new();
    for report in reports {
        match environments.iter_mut().find(|(name, _)| *name == report.environment) {
            Some((_, parts)) => parts.push(report),
            None => environments.push((report.environment.clone(), vec![report])),
        }
    }
    environments.into_iter().map(|(environment, parts)| merge_one(environment, parts)).collect()
}

fn merge_one(environment: String, parts: Vec<DriftReport>) -> DriftReport {
    let problem = |target: String, cause: &str| Unreadable { target, cause: cause.to_owned() };
    let mut unreadable = Vec::new();
    let first = parts.first().map(|part| (part.revision.clone(), part.shard.clone()));
    let (revision, shard) = first.unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for part in parts {
        let label = label(part.shard.as_ref());
        if part.revision != revision {
            unreadable.push(problem(label, "ShardOfAnotherRevision"));
            continue;
        }
        match (&shard, &part.shard) {
            (None, None) => {
                if !seen.insert(0) {
                    unreadable.push(problem(label, "ReportDoubled"));
                }
            }
            (Some(first), Some(own)) if own.run != first.run => {
                unreadable.push(problem(label, "ShardOfAnotherRun"));
                continue;
            }
            (Some(first), Some(own)) if own.of != first.of => {
                unreadable.push(problem(label, "ShardOfAnotherNumber"));
                continue;
            }
            (Some(_), Some(own)) => {
                if !seen.insert(own.index) {
                    unreadable.push(problem(label, "ShardDoubled"));
                }
            }
            _ => {
                unreadable.push(problem(label, "ShardsAndWholeMixed"));
                continue;
            }
        }
        kept.push(part);
    }
    if let Some(shard) = &shard {
        // A hostile number of shards must not become as many lines.
        const MOST_TOLD: usize = 1000;
        let absent = (1..=shard.of).filter(|index| !seen.contains(index)).take(MOST_TOLD);
        unreadable.extend(absent.map(|index| problem(format!("shard {index}/{}", shard.of), "ShardMissing")));
    }
    let mut resources: BTreeMap<Identity, Resource> = BTreeMap::new();
    let mut ignored: BTreeMap<(String, String, Option<String>), Ignored> = BTreeMap::new();
    for part in kept {
        unreadable.extend(part.unreadable);
        for resource in part.resources {
            let is_worse = resources.get(&resource.id).is_none_or(|known| rank(&resource) > rank(known));
            if is_worse {
                resources.insert(resource.id.clone(), resource);
            }
        }
        for rule in part.ignored {
            let key = (rule.rule.clone(), rule.reason.clone(), rule.expires.clone());
            match ignored.get_mut(&key) {
                Some(known) => {
                    known.fields += rule.fields;
                    known.status = worse_status(known.status, rule.status);
                }
                None => {
                    ignored.insert(key, rule);
                }
            }
        }
    }
    let has_unknown = resources.values().any(|resource| resource.state == State::Unknown);
    if !unreadable.is_empty() || has_unknown {
        // What was not seen may be what the rule is for.
        ignored.retain(|_, rule| rule.status != RuleStatus::Unused);
    }
    let heading = Heading { environment, revision, shard: None };
    of_parts(heading, resources.into_values().collect(), ignored.into_values().collect(), unreadable)
}

fn label(shard: Option<&Shard>) -> String {
    shard.map_or_else(|| "report".to_owned(), |shard| format!("shard {}/{}", shard.index, shard.of))
}

/// How much a resource's state weighs against another report's word for it.
fn rank(resource: &Resource) -> (u8, usize) {
    let state = match resource.state {
        State::InSync => 0,
        State::Pending => 1,
        State::Unknown => 2,
        State::Extra => 3,
        State::Changed => 4,
        State::Missing => 5,
    };
    (state, resource.fields.len())
}

fn worse_status(one: RuleStatus, other: RuleStatus) -> RuleStatus {
    match (one, other) {
        (RuleStatus::Expired, _) | (_, RuleStatus::Expired) => RuleStatus::Expired,
        (RuleStatus::Used, _) | (_, RuleStatus::Used) => RuleStatus::Used,
        _ => RuleStatus::Unused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drift::model::{KubernetesIdentity, Verdict};

    fn part(index: u32, of: u32, run: &str, state: State) -> DriftReport {
        let resource = Resource {
            id: Identity::Kubernetes(KubernetesIdentity {
                cluster: "workload".to_owned(),
                group: String::new(),
                kind: "ConfigMap".to_owned(),
                namespace: None,
                name: index.to_string(),
            }),
            via: None,
            layer: "app".to_owned(),
            state,
            severity: None,
            cause: None,
            source: None,
            fingerprint: None,
            fields: Vec::new(),
            settles: false,
        };
        let heading = Heading {
            environment: "dev".to_owned(),
            revision: Some("abc".to_owned()),
            shard: Some(Shard { index, of, run: run.to_owned() }),
        };
        of_parts(heading, vec![resource], Vec::new(), Vec::new())
    }

    fn causes(reports: Vec<DriftReport>) -> (Verdict, Vec<String>) {
        let merged = merge(reports);
        let causes = merged[0].unreadable.iter().map(|one| format!("{} {}", one.target, one.cause)).collect();
        (merged[0].verdict, causes)
    }

    #[test]
    fn all_shards_make_the_whole() {
        let (verdict, causes) = causes(vec![part(2, 2, "r", State::InSync), part(1, 2, "r", State::InSync)]);
        assert_eq!((verdict, causes), (Verdict::Clean, Vec::new()));
    }

    #[test]
    fn a_missing_doubled_or_foreign_shard_is_never_clean() {
        let clean = |index, of, run| part(index, of, run, State::InSync);
        for (reports, told) in [
            (vec![clean(1, 2, "r")], vec!["shard 2/2 ShardMissing"]),
            (vec![clean(1, 2, "r"), clean(2, 2, "r"), clean(2, 2, "r")], vec!["shard 2/2 ShardDoubled"]),
            (
                vec![clean(1, 2, "r"), clean(2, 2, "s")],
                vec!["shard 2/2 ShardMissing", "shard 2/2 ShardOfAnotherRun"],
            ),
            (
                vec![clean(1, 2, "r"), clean(2, 3, "r")],
                vec!["shard 2/2 ShardMissing", "shard 2/3 ShardOfAnotherNumber"],
            ),
        ] {
            let (verdict, causes) = causes(reports);
            assert_eq!(verdict, Verdict::Incomplete);
            assert_eq!(causes, told);
        }
        let (verdict, _) = causes(vec![part(1, 2, "r", State::Missing)]);
        assert_eq!(verdict, Verdict::Drift);
    }
}
