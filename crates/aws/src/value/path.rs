//! Paths into items: `Associations.Main`, `Tags[Key=Name].Value`, `^.RoleName`. A list on the way stands for all its items.

use serde_json::Value;

/// All values at a path; a list at its end stands for its items.
pub(crate) fn all_at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, filter) = match step.split_once('[') {
            Some((name, filter)) => (name, filter.trim_end_matches(']').split_once('=')),
            None => (step, None),
        };
        let mut next = Vec::new();
        for value in found {
            flatten(value, &mut |item| {
                if let Some(member) = item.get(name).filter(|member| !member.is_null()) {
                    flatten(member, &mut |part| {
                        if filter.is_none_or(|(key, wanted)| text_at(part, key).as_deref() == Some(wanted)) {
                            next.push(part);
                        }
                    });
                }
            });
        }
        found = next;
    }
    found
}

fn flatten<'v>(value: &'v Value, take: &mut impl FnMut(&'v Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(take),
        other => take(other),
    }
}

/// The first value at a path.
pub(crate) fn first_at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    all_at(value, path).into_iter().next()
}

/// The first value at a path, as text.
pub(crate) fn text_at(value: &Value, path: &str) -> Option<String> {
    first_at(value, path).map(super::form::text_of)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{all_at, text_at};

    #[test]
    fn lists_stand_for_their_items() {
        let item = json!({"Groups": [{"Id": "a", "On": true}, {"Id": "b", "On": false}], "Empty": []});
        assert_eq!(all_at(&item, "Groups.Id"), [&json!("a"), &json!("b")]);
        assert_eq!(text_at(&item, "Groups[On=false].Id").as_deref(), Some("b"));
        assert!(all_at(&item, "Empty").is_empty());
        assert!(all_at(&item, "Groups.Nothing").is_empty());
    }
}
