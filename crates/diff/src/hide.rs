//! Withholds values that are secret from a change.
//!
//! Invariant: after [`hide`] no scalar that the caller redacts is left in the change, wherever in a part it stands. That there
//! is a change, and at which key, stays; lengths and digests are not told.

use plimsoll_yaml::Step;
use serde_json::Value;

use crate::change::{FieldChange, Location};

/// What stands in the place of a secret scalar within a map or list.
pub const HIDDEN: &str = "<hidden>";

/// Withholds what `redact` replaces of each scalar: it is given the scalar's place, the name that tells what it is, and its
/// text. The name is the nearest key, or in `{name: X, value: Y}` the name. Gives whether anything was withheld. A scalar
/// that is [`HIDDEN`] as a whole leaves a change without values; within a part, and for a part of a text, what `redact` gave
/// stands in its place.
pub fn hide(change: &mut FieldChange, redact: &Redact<'_>) -> bool {
    let name = name_of(&change.location);
    let mut is_hidden = false;
    for value in change.before.iter_mut().chain(&mut change.after) {
        is_hidden |= hide_in(value, &change.location, &name, redact);
    }
    let is_hidden_whole = |value: &Option<Value>| value.as_ref().is_some_and(|value| value == HIDDEN);
    if is_hidden_whole(&change.before) || is_hidden_whole(&change.after) {
        change.before = None;
        change.after = None;
    }
    is_hidden
}

/// From a scalar's place, its name and its text to what is shown instead; none where it may be shown.
pub type Redact<'a> = dyn Fn(&Location, &str, &str) -> Option<String> + Sync + 'a;

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

fn hide_in(value: &mut Value, location: &Location, name: &str, redact: &Redact<'_>) -> bool {
    let text = match &mut *value {
        Value::Object(map) => {
            let named = ["name", "key"].iter().find_map(|key| map.get(*key)?.as_str().map(str::to_owned));
            let mut is_hidden = false;
            for (key, inner) in map.iter_mut() {
                let name = named.as_deref().filter(|_| key == "value").unwrap_or(key);
                is_hidden |= hide_in(inner, &location.join(Step::Key(key.clone())), name, redact);
            }
            return is_hidden;
        }
        Value::Array(items) => {
            let mut is_hidden = false;
            for (index, item) in items.iter_mut().enumerate() {
                is_hidden |= hide_in(item, &location.join(Step::Index(index)), name, redact);
            }
            return is_hidden;
        }
        Value::Null => return false,
        Value::String(text) => text.clone(),
        scalar => scalar.to_string(),
    };
    match redact(location, name, &text) {
        Some(shown) => {
            *value = Value::String(shown);
            true
        }
        None => false,
    }
}
