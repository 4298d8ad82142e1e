//! Rights of Kubernetes: what roles permit, and to whom bindings give it.

use plimsoll_yaml::FieldPath;
use serde_json::Value;

use super::{Widening, texts};
use crate::change::Location;
use crate::pattern::PathPattern;

/// Rights that lead to all others, or to secrets: verbs on resources.
const WIDE: [(&str, &str); 6] = [
    ("*", "secrets"),
    ("get", "secrets"),
    ("list", "secrets"),
    ("watch", "secrets"),
    ("create", "pods/exec"),
    ("create", "serviceaccounts/token"),
];

/// Verbs that lead to all other rights, whatever they are on.
const WIDE_VERBS: [&str; 3] = ["escalate", "bind", "impersonate"];

/// One right: a verb on a resource of a group, perhaps of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Right<'a> {
    group: &'a str,
    resource: &'a str,
    name: Option<&'a str>,
    verb: &'a str,
}

impl Right<'_> {
    fn is_covered_by(&self, other: &Right<'_>) -> bool {
        let covers = |wide: &str, narrow: &str| wide == "*" || wide == narrow;
        let (resource, _) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        covers(other.group, self.group)
            && (covers(other.resource, self.resource)
                || other
                    .resource
                    .strip_suffix("/*")
                    .is_some_and(|of| of == resource && self.resource.contains('/')))
            && (other.name.is_none() || other.name == self.name)
            && covers(other.verb, self.verb)
    }

    fn is_wide(&self) -> bool {
        let is_everything = self.resource == "*"
            && ["*", "get", "list", "watch"].contains(&self.verb)
            && ["", "*"].contains(&self.group);
        is_everything || WIDE_VERBS.contains(&self.verb) || WIDE.contains(&(self.verb, self.resource))
    }

    fn words(&self) -> String {
        let mut words = format!("`{}` on `{}", self.verb, self.resource);
        if !self.group.is_empty() {
            words.push('.');
            words.push_str(self.group);
        }
        words.push('`');
        words
    }
}

/// A role with this many rights written out is not compared right by right.
const MOST_RIGHTS: usize = 4096;

fn rights(role: Option<&Value>) -> Option<Vec<Right<'_>>> {
    let mut rights = Vec::new();
    for rule in role.and_then(|role| role.get("rules")).and_then(Value::as_array).into_iter().flatten() {
        let groups = texts(rule.get("apiGroups"));
        let names = texts(rule.get("resourceNames"));
        let names: Vec<Option<&str>> =
            if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
        let addresses = texts(rule.get("nonResourceURLs"));
        let mut resources: Vec<(&str, &str)> = Vec::new();
        for group in &groups {
            resources.extend(texts(rule.get("resources")).into_iter().map(|resource| (*group, resource)));
        }
        resources.extend(addresses.into_iter().map(|address| ("", address)));
        for (group, resource) in resources {
            for name in &names {
                for verb in texts(rule.get("verbs")) {
                    rights.push(Right { group, resource, name: *name, verb });
                    if rights.len() > MOST_RIGHTS {
                        return None;
                    }
                }
            }
        }
    }
    Some(rights)
}

/// What a Role or ClusterRole permits anew.
pub(crate) fn role(before: Option<&Value>, after: Option<&Value>, _: &[PathPattern]) -> Vec<Widening> {
    let location = Some(Location { paths: vec![FieldPath::of_keys(&["rules"])] });
    let same = |one: Option<&Value>, other: Option<&Value>| {
        one.and_then(|role| role.get("rules")) == other.and_then(|role| role.get("rules"))
    };
    let (Some(old), Some(new)) = (rights(before), rights(after)) else {
        let unread = Widening { location, details: Vec::new(), is_wide: true };
        return if same(before, after) { Vec::new() } else { vec![unread] };
    };
    let gained: Vec<&Right<'_>> =
        new.iter().filter(|right| !old.iter().any(|other| right.is_covered_by(other))).collect();
    // Most roles of a new component read what is theirs; only what is wide is worth a word then.
    let is_wide = gained.iter().any(|right| right.is_wide());
    if gained.is_empty() || before.is_none() && !is_wide {
        return Vec::new();
    }
    let told = gained.iter().filter(|right| before.is_some() || right.is_wide());
    let mut details: Vec<String> = told.map(|right| right.words()).collect();
    details.sort();
    details.dedup();
    vec![Widening { location, details, is_wide }]
}

/// Whom a binding gives its role to anew.
pub(crate) fn binding(before: Option<&Value>, after: Option<&Value>, _: &[PathPattern]) -> Vec<Widening> {
    let role = |binding: Option<&Value>| binding.and_then(|binding| binding.get("roleRef").cloned());
    let subjects = |binding: Option<&Value>| -> Vec<Value> {
        let subjects = binding.and_then(|binding| binding.get("subjects"));
        subjects.and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (old, new) = (subjects(before), subjects(after));
    let is_other_role = before.is_some() && role(before) != role(after);
    let gained: Vec<&Value> = new.iter().filter(|subject| is_other_role || !old.contains(subject)).collect();
    let role_name = after.and_then(|binding| binding.pointer("/roleRef/name")).and_then(Value::as_str);
    let is_everyone = |subject: &Value| {
        let name = subject.get("name").and_then(Value::as_str).unwrap_or_default();
        ["system:unauthenticated", "system:authenticated", "system:anonymous", "system:serviceaccounts"]
            .contains(&name)
    };
    let is_powerful = ["cluster-admin", "admin", "system:masters"].contains(&role_name.unwrap_or_default());
    let is_wide = is_powerful || gained.iter().any(|subject| is_everyone(subject));
    if gained.is_empty() || before.is_none() && !is_wide {
        return Vec::new();
    }
    let words = |subject: &&Value| {
        let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
        format!("`{}` to {} `{}`", role_name.unwrap_or_default(), text("kind"), text("name"))
    };
    let location = Some(Location { paths: vec![FieldPath::of_keys(&["subjects"])] });
    vec![Widening { location, details: gained.iter().map(words).collect(), is_wide }]
}
