//! Withholds values that are secret from a change.
//!
//! Invariant: after [`hide`] no scalar that the caller calls secret is left in the change, wherever in a part it stands. That
//! there is a change, and at which key, stays; lengths and digests are not told.

use plimsoll_yaml::Step;
use serde_json::Value;

use crate::change::{FieldChange, Location};

/// What stands in the place of a secret scalar within a map or list.
pub const HIDDEN: &str = "<hidden>";

/// Withholds what `is_secret` says of each scalar: its place, the name that tells what it is, and its text. The name is the
/// nearest key, or in `{name: X, value: Y}` the name. Gives whether anything was withheld; a scalar that was is gone from
/// the change, one within a part is replaced by [`HIDDEN`].
pub fn hide(change: &mut FieldChange, is_secret: &dyn Fn(&Location, &str, &str) -> bool) -> bool {
    let name = name_of(&change.location);
    let mut is_hidden = false;
    for value in change.before.iter_mut().chain(&mut change.after) {
        is_hidden |= hide_in(value, &change.location, &name, is_secret);
    }
    let is_scalar = |value: &Option<Value>| value.as_ref().is_none_or(|value| !is_part(value));
    if is_hidden && is_scalar(&change.before) && is_scalar(&change.after) {
        change.before = None;
        change.after = None;
    }
    is_hidden
}

fn is_part(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// The name of a value: that of the item which has it as its `value`, else its key.
fn name_of(location: &Location) -> String {
    let mut steps = location.steps().rev();
    if let (Some(Step::Key(value)), Some(Step::Item(fields))) = (steps.next(), steps.next())
        && value == "value"
        && let Some((_, name)) = fields.iter().find(|(key, _)| key == "name" || key == "key")
    {
        return name.clone();
    }
    location.key().to_owned()
}

fn hide_in(
    value: &mut Value,
    location: &Location,
    name: &str,
    is_secret: &dyn Fn(&Location, &str, &str) -> bool,
) -> bool {
    let text = match &mut *value {
        Value::Object(map) => {
            let named = ["name", "key"].iter().find_map(|key| map.get(*key)?.as_str().map(str::to_owned));
            let mut is_hidden = false;
            for (key, inner) in map.iter_mut() {
                let name = named.as_deref().filter(|_| key == "value").unwrap_or(key);
                is_hidden |= hide_in(inner, &location.join(Step::Key(key.clone())), name, is_secret);
            }
            return is_hidden;
        }
        Value::Array(items) => {
            let mut is_hidden = false;
            for (index, item) in items.iter_mut().enumerate() {
                is_hidden |= hide_in(item, &location.join(Step::Index(index)), name, is_secret);
            }
            return is_hidden;
        }
        Value::Null => return false,
        Value::String(text) => text.clone(),
        scalar => scalar.to_string(),
    };
    if is_secret(location, name, &text) {
        *value = Value::String(HIDDEN.to_owned());
        return true;
    }
    false
}
