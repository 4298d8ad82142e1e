//! What of a value may be shown.
//!
//! The values of a Secret never are, nor anything made of them such as a length or a hash. Elsewhere a test that is passed in
//! decides, given the name that a text stands under: its key, or the `name` beside it where a variable has one.

use serde_json::{Value, json};

use crate::place::Place;
use crate::sides::text;
use crate::walk::DEEPEST;

const HIDDEN: &str = "(secret)";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Decides what may be shown of one resource.
#[derive(Clone, Copy)]
pub(crate) struct Mask<'m> {
    pub(crate) is_secret_kind: bool,
    pub(crate) is_secret: &'m dyn Fn(&str, &str) -> bool,
}

impl Mask<'_> {
    /// The value at a place as it may be shown; `None` for what is secret, or is none.
    pub(crate) fn shown(&self, place: &Place<'_>, value: &Value) -> Option<Value> {
        if value.is_null() || (self.is_secret_kind && is_payload(place)) {
            return None;
        }
        let name = match place.own_key() {
            Some("value" | "values") => Some(text(place.frame.live, "name"))
                .filter(|name| !name.is_empty())
                .or(Some(text(place.frame.desired, "name")))
                .filter(|name| !name.is_empty())
                .or(place.key()),
            _ => place.key(),
        };
        self.without_secrets(name.unwrap_or_default(), value, 0)
    }

    fn without_secrets(&self, name: &str, value: &Value, depth: usize) -> Option<Value> {
        let hidden = || (depth > 0).then(|| json!(HIDDEN));
        match value {
            _ if name == LAST_APPLIED || depth > DEEPEST => hidden(),
            Value::Array(items) => {
                let items = items.iter().filter_map(|item| self.without_secrets(name, item, depth + 1));
                Some(Value::Array(items.collect()))
            }
            Value::Object(map) => {
                let own = text(value, "name");
                let shown = map.iter().filter_map(|(key, item)| {
                    let name = if key == "value" && !own.is_empty() { own } else { key };
                    Some((key.clone(), self.without_secrets(name, item, depth + 1)?))
                });
                Some(Value::Object(shown.collect()))
            }
            Value::String(text) if (self.is_secret)(name, text) => hidden(),
            Value::Number(number) if (self.is_secret)(name, &number.to_string()) => hidden(),
            scalar => Some(scalar.clone()),
        }
    }
}

/// Whether a place is in a Secret's content.
fn is_payload(place: &Place<'_>) -> bool {
    let top = place.upwards().filter_map(Place::own_key).last();
    matches!(top, Some("data" | "stringData"))
}
