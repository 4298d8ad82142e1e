//! Tags in any of the shapes that AWS gives them: a map, or lists of keys with values.

use std::collections::BTreeMap;

use serde_json::Value;

use super::form::text_of;

/// The tags, by their keys.
pub(crate) fn tags_of(value: &Value) -> BTreeMap<String, String> {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), text_of(value))).collect(),
        Value::Array(items) => items.iter().filter_map(pair).collect(),
        _ => BTreeMap::new(),
    }
}

fn pair(item: &Value) -> Option<(String, String)> {
    let word = |names: [&str; 3]| names.iter().find_map(|name| item.get(*name)).map(text_of);
    let key = word(["Key", "TagKey", "key"])?;
    Some((key, word(["Value", "TagValue", "value"]).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tags_of;

    #[test]
    fn all_shapes_give_the_same() {
        let one = tags_of(&json!({"team": "data"}));
        assert_eq!(one, tags_of(&json!([{"Key": "team", "Value": "data"}])));
        assert_eq!(one, tags_of(&json!([{"TagKey": "team", "TagValue": "data"}])));
        assert!(tags_of(&json!([{"Value": "without a key"}])).is_empty());
    }
}
