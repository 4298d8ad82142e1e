//! Policies of IAM: what their statements allow, and to whom a role is trusted.

use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

use super::{Widening, texts};
use crate::change::Location;
use crate::embedded;
use crate::pattern::{PathPattern, glob};

/// What the policies at the rule's paths allow anew.
pub(crate) fn policy(before: Option<&Value>, after: Option<&Value>, paths: &[PathPattern]) -> Vec<Widening> {
    let old: Vec<Value> = before
        .map(|value| policies(value, paths))
        .unwrap_or_default()
        .into_iter()
        .map(|(_, policy)| policy)
        .collect();
    let old: Vec<&Value> = old.iter().flat_map(statements).collect();
    let mut found = Vec::new();
    for (location, policy) in after.map(|value| policies(value, paths)).unwrap_or_default() {
        let new: Vec<&Value> = statements(&policy).collect();
        let is_allow = |statement: &&&Value| effect(statement) == "Allow";
        let mut gained: Vec<&Value> = Vec::new();
        for statement in new.iter().filter(is_allow) {
            if !old.iter().filter(is_allow).any(|other| covers(other, statement)) {
                gained.push(statement);
            }
        }
        let mut details: Vec<String> = gained.iter().map(|statement| words(statement)).collect();
        let is_wide = gained.iter().any(|statement| is_wide(statement));
        if before.is_some() {
            let lost = old.iter().filter(|statement| effect(statement) == "Deny" && !new.contains(statement));
            details.extend(lost.map(|statement| format!("no longer denied {}", actions(statement))));
        } else if !is_wide {
            details.clear();
        }
        if !details.is_empty() {
            found.push(Widening { location: Some(location), details, is_wide });
        }
    }
    found
}

/// The policies of a resource, with their places; a policy is a text that holds JSON.
fn policies(resource: &Value, paths: &[PathPattern]) -> Vec<(Location, Value)> {
    let mut found = Vec::new();
    let root = Location { paths: vec![FieldPath::ROOT] };
    let leads_on = |location: &Location| paths.iter().any(|path| path.may_lead_below(location));
    collect(resource, &root, &leads_on, &mut |location, text| {
        if paths.iter().any(|path| path.matches(location))
            && let Some(policy) = embedded::parse(text)
        {
            found.push((location.clone(), policy));
        }
    });
    found
}

/// Visits the texts of a resource, below the places only that lead on to any.
fn collect(
    value: &Value,
    location: &Location,
    leads_on: &dyn Fn(&Location) -> bool,
    visit: &mut dyn FnMut(&Location, &str),
) {
    if !leads_on(location) {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect(value, &location.join(Step::Key(key.clone())), leads_on, visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &location.join(Step::Index(index)), leads_on, visit);
            }
        }
        Value::String(text) => visit(location, text),
        _ => {}
    }
}

fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    let statement = policy.get("Statement");
    let one = statement.filter(|statement| statement.is_object());
    statement.and_then(Value::as_array).into_iter().flatten().chain(one)
}

fn effect(statement: &Value) -> &str {
    statement.get("Effect").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a statement allows all that another does: by its parts, with wildcards, under the same or fewer conditions.
fn covers(wide: &Value, narrow: &Value) -> bool {
    let plain = ["Action", "Resource"].iter().all(|key| {
        let (of_wide, of_narrow) = (texts(wide.get(*key)), texts(narrow.get(*key)));
        of_narrow.iter().all(|text| of_wide.iter().any(|pattern| covers_text(key, pattern, text)))
            && (!of_narrow.is_empty() || wide.get(*key) == narrow.get(*key))
    });
    let rest = ["NotAction", "NotResource", "Principal", "NotPrincipal"];
    plain
        && rest.iter().all(|key| wide.get(*key) == narrow.get(*key))
        && (wide.get("Condition").is_none() || wide.get("Condition") == narrow.get("Condition"))
}

fn covers_text(key: &str, pattern: &str, text: &str) -> bool {
    if key == "Action" {
        return glob(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase());
    }
    glob(pattern, text)
}

fn is_wide(statement: &Value) -> bool {
    let is_any = |key: &str| texts(statement.get(key)).contains(&"*");
    let is_anyone = match statement.get("Principal") {
        Some(Value::String(text)) => text == "*",
        Some(Value::Object(principals)) => principals.values().any(|value| texts(Some(value)).contains(&"*")),
        _ => false,
    };
    is_any("Action")
        || is_anyone && statement.get("Condition").is_none()
        || statement.get("NotAction").is_some()
}

fn actions(statement: &Value) -> String {
    let actions = texts(statement.get("Action"));
    match actions.as_slice() {
        [] => "all but the actions it names".to_owned(),
        [one] => format!("`{one}`"),
        [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
    }
}

fn words(statement: &Value) -> String {
    match texts(statement.get("Resource")).as_slice() {
        [] => actions(statement),
        [one] => format!("{} on `{one}`", actions(statement)),
        [first, rest @ ..] => format!("{} on `{first}` and {} more", actions(statement), rest.len()),
    }
}
