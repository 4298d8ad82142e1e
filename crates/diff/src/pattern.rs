//! Patterns of paths and kinds, as the tables write them.
//!
//! A path is steps with dots between; `*` in a step stands for any characters, `**` for any number of steps, and a key with
//! dots stands in `["..."]`. An item of a list is one step, whatever its keys. A kind is `Kind.group`, where `*` stands for
//! any characters; the core group is left out.

use plimsoll_resource::ResourceId;
use plimsoll_yaml::Step;
use serde::Deserialize;

use crate::change::Location;

/// A pattern of paths.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub(crate) struct PathPattern {
    steps: Vec<StepPattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum StepPattern {
    Glob(String),
    Deep,
}

impl From<String> for PathPattern {
    fn from(text: String) -> PathPattern {
        let mut steps = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let (step, after) = match rest.strip_prefix("[\"").and_then(|inner| inner.split_once("\"]")) {
                Some(quoted) => quoted,
                None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
            };
            if step.is_empty() {
                break;
            }
            steps.push(if step == "**" { StepPattern::Deep } else { StepPattern::Glob(step.to_owned()) });
            rest = after;
        }
        PathPattern { steps }
    }
}

impl PathPattern {
    /// Whether the pattern is of this very place.
    pub(crate) fn matches(&self, location: &Location) -> bool {
        self.leads(location, Reach::Place)
    }

    /// Whether the pattern is of this place or of one above it.
    pub(crate) fn covers(&self, location: &Location) -> bool {
        self.leads(location, Reach::PlaceOrAbove)
    }

    /// Whether the pattern may be of this place or of one below it.
    pub(crate) fn may_lead_below(&self, location: &Location) -> bool {
        let mut steps = location.steps();
        for part in &self.steps {
            match (part, steps.next()) {
                (StepPattern::Deep, _) | (_, None) => return true,
                (StepPattern::Glob(glob), Some(step)) if !is_step(glob, step) => return false,
                _ => {}
            }
        }
        steps.next().is_none()
    }

    fn leads(&self, location: &Location, reach: Reach) -> bool {
        // Nearly every pattern names a step that the path does not have, which is found without noting anything.
        let may_lead = self.steps.iter().all(|part| match part {
            StepPattern::Deep => true,
            StepPattern::Glob(glob) => location.steps().any(|step| is_step(glob, step)),
        });
        may_lead && reaches(&self.steps, &location.steps().collect::<Vec<_>>(), reach)
    }
}

/// What a pattern has to reach of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Its end.
    Place,
    /// Its end, or any step before.
    PlaceOrAbove,
}

/// Marks, pattern step by pattern step, which prefixes of the path are matched so far: pattern times path, however many `**`.
fn reaches(pattern: &[StepPattern], steps: &[&Step], reach: Reach) -> bool {
    let mut reached = vec![false; steps.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for part in pattern {
        let mut next = vec![false; steps.len() + 1];
        let mut is_open = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reached.get(index).copied().unwrap_or(false);
            match part {
                StepPattern::Deep => {
                    is_open |= here;
                    *slot = is_open;
                }
                StepPattern::Glob(glob) => {
                    if let Some(before) = index.checked_sub(1) {
                        *slot = reached.get(before).copied().unwrap_or(false)
                            && steps.get(before).is_some_and(|step| is_step(glob, step));
                    }
                }
            }
        }
        reached = next;
    }
    match reach {
        Reach::Place => reached.last().copied().unwrap_or(false),
        Reach::PlaceOrAbove => reached.contains(&true),
    }
}

fn is_step(pattern: &str, step: &Step) -> bool {
    match step {
        Step::Key(key) => glob(pattern, key),
        Step::Index(_) | Step::Item(_) | Step::Any => pattern == "*",
    }
}

/// Whether a kind is one of these.
pub(crate) fn is_kind(patterns: &[String], id: &ResourceId) -> bool {
    let kind = if id.group.is_empty() { id.kind.clone() } else { format!("{}.{}", id.kind, id.group) };
    patterns.iter().any(|pattern| glob(pattern, &kind))
}

/// `*` stands for any characters, everything else for itself.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use plimsoll_yaml::FieldPath;

    use super::*;

    #[test]
    fn patterns_match_by_steps_and_cover_what_is_below() {
        for (pattern, path, matches, covers) in [
            ("spec.replicas", "spec.replicas", true, true),
            ("spec.replicas", "spec.replicasMax", false, false),
            ("spec.selector", "spec.selector.matchLabels.app", false, true),
            ("**.containers.*.image", "spec.template.spec.containers[name=web].image", true, true),
            ("**.image", "image", true, true),
            ("**", "a.b", true, true),
            ("metadata.annotations[\"checksum/*\"]", "metadata.annotations.checksum/config", true, true),
            ("metadata.annotations[\"helm.sh/*\"]", "metadata.annotations[\"helm.sh/hook\"]", true, true),
            ("metadata.annotations[\"helm.sh/*\"]", "metadata.annotations.a", false, false),
            ("spec.*.x", "spec[3].x", true, true),
        ] {
            let location = Location { paths: vec![path.parse::<FieldPath>().unwrap()] };
            let pattern_of = PathPattern::from(pattern.to_owned());
            assert_eq!(pattern_of.matches(&location), matches, "{pattern} {path}");
            assert_eq!(pattern_of.covers(&location), covers, "{pattern} {path}");
            assert!(!matches || pattern_of.may_lead_below(&location), "{pattern} {path}");
        }
    }

    #[test]
    fn a_place_with_nothing_to_find_below_it_is_told() {
        for (pattern, path, may_lead) in [
            ("spec.a.*.b", "spec", true),
            ("spec.a.*.b", "spec.a[3]", true),
            ("spec.a.*.b", "spec.c", false),
            ("spec.a.*.b", "spec.a[3].b.c", false),
            ("**.b", "anything.at.all", true),
        ] {
            let location = Location { paths: vec![path.parse::<FieldPath>().unwrap()] };
            let pattern_of = PathPattern::from(pattern.to_owned());
            assert_eq!(pattern_of.may_lead_below(&location), may_lead, "{pattern} {path}");
        }
    }
}
