//! Values of templates: a source's own `values.yaml`, and over it the layer's.
//!
//! Maps are merged key by key, everything else is replaced, and a null of the layer takes a key away, as Helm merges values.
//! They are read as Helm reads them. A values file may use `parameters`, `aws`, `clusters`, `environment` and `layer` in
//! Jinja's braces.
//!
//! Upstream: helm 4.2 `pkg/chart/common/util/coalesce.go`.

use minijinja::Value as TemplateValue;
use plimsoll_resource::FileTree;
use plimsoll_yaml::{Budget, Dialect, Numbers, Span};
use serde_json::{Map, Value};

use super::template::Templates;
use crate::diagnostic::{Code, Diagnostic, Place, yaml_message};
use crate::secrets::mask;

/// Reads a values file; an absent or empty one has no values.
pub fn read(
    tree: &FileTree,
    path: &str,
    templates: &Templates,
    facts: &TemplateValue,
) -> Result<Map<String, Value>, Box<Diagnostic>> {
    let Some(bytes) = tree.get(path) else { return Ok(Map::new()) };
    let wrong = |message: String| Diagnostic::error(Code::new("values::unreadable"), message);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Box::new(wrong("the file is not UTF-8".to_owned()).at(Place::file(path))));
    };
    let is_template = text.contains("{{") || text.contains("{%");
    let rendered = if is_template { Some(templates.render_text(path, text, facts)?) } else { None };
    let text = rendered.as_deref().unwrap_or(text);
    let documents = plimsoll_yaml::parse(text, Dialect::Helm, &Budget::DEFAULT).map_err(|error| {
        let offset = error.offset().and_then(|offset| u32::try_from(offset).ok());
        let place = match offset {
            Some(offset) => {
                mask::without_secrets(Place::of_span(path, text, Span::new(offset, offset)), text)
            }
            None => Place::file(path),
        };
        Box::new(wrong(yaml_message(&error)).at(place))
    })?;
    match documents.as_slice() {
        [] => Ok(Map::new()),
        [only] => match only.root.to_value(Dialect::Helm, Numbers::AsWritten) {
            Ok(Value::Object(values)) => Ok(values),
            Ok(Value::Null) => Ok(Map::new()),
            _ => Err(Box::new(
                wrong("the values are no object".to_owned())
                    .at(mask::without_secrets(Place::of_span(path, text, only.root.span()), text)),
            )),
        },
        [_, second, ..] => Err(Box::new(
            wrong("the file holds more than one document".to_owned())
                .at(mask::without_secrets(Place::of_span(path, text, second.span), text)),
        )),
    }
}

/// `over` merged over `base`.
#[must_use]
pub fn merge(mut base: Map<String, Value>, over: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in over {
        let merged = match (base.remove(&key), value) {
            (_, Value::Null) => continue,
            (Some(Value::Object(base)), Value::Object(over)) => Value::Object(merge(base, over)),
            (_, Value::Object(over)) => Value::Object(merge(Map::new(), over)),
            (_, value) => value,
        };
        base.insert(key, merged);
    }
    base
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_are_merged_lists_replaced_and_nulls_take_away() {
        let base = json!({"a": {"x": 1, "y": 2}, "b": [1, 2], "c": 3, "d": 4});
        let over = json!({"a": {"y": null, "z": {"q": null, "r": 1}}, "b": [3], "c": {"k": 1}, "d": null, "e": null});
        let (Value::Object(base), Value::Object(over)) = (base, over) else { unreachable!() };
        let merged = Value::Object(merge(base, over));
        assert_eq!(merged, json!({"a": {"x": 1, "z": {"r": 1}}, "b": [3], "c": {"k": 1}}));
    }
}
