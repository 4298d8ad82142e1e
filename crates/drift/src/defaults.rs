//! What the API server fills in where a resource says nothing.
//!
//! The facts are rows of `data/defaults.tsv`; the few that are not a constant are the functions here, each named after what
//! upstream's `pkg/apis/*/v1/defaults.go` of Kubernetes v1.35.4 does. Whether a default applies is asked of what lives and of what
//! is declared alike: a field that was changed by hand drags its own defaults with it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::place::{Frame, Place};
use crate::sides::{at, text};

/// A value that is filled in, and when.
#[derive(Debug, Clone)]
pub(crate) struct ServerDefault {
    source: Source,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
enum Source {
    Literal(Value),
    /// A copy of the field beside it.
    Copy(Box<str>),
    /// A copy of the field beside it, as far as Git declares that.
    CopyOfDeclared(Box<str>),
    /// A function of the mapping, with the name of a field.
    Function(Box<str>, Box<str>),
}

#[derive(Debug, Clone)]
enum Condition {
    IsOneOf(Box<str>, Vec<Box<str>>),
    IsThere(Box<str>),
    IsNotThere(Box<str>),
    /// The resource is of this kind.
    In(Box<str>),
    /// The mapping stands under this key.
    Under(Box<str>),
    /// A field of the nearest mapping of a type above.
    Above(Box<str>, Box<str>, Box<str>),
}

impl ServerDefault {
    /// A constant.
    pub(crate) fn literal(value: Value) -> ServerDefault {
        ServerDefault { source: Source::Literal(value), conditions: Vec::new() }
    }

    /// A row of the table, from its third column on.
    pub(crate) fn parse(value: &str, conditions: &[&str]) -> Option<ServerDefault> {
        let source = if let Some(name) = value.strip_prefix("=declared.") {
            Source::CopyOfDeclared(name.into())
        } else if let Some(name) = value.strip_prefix('=') {
            Source::Copy(name.into())
        } else if let Some(function) = value.strip_prefix('@') {
            let (function, name) = function.split_once(':').unwrap_or((function, ""));
            Source::Function(function.into(), name.into())
        } else {
            Source::Literal(serde_json::from_str(value).ok()?)
        };
        let conditions = conditions.iter().map(|condition| Condition::parse(condition)).collect();
        Some(ServerDefault { source, conditions })
    }

    /// The constant, whatever the conditions.
    pub(crate) fn constant(&self) -> Option<&Value> {
        match &self.source {
            Source::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The values that the server may have filled in at a place whose mapping is `frame`; most often one.
    pub(crate) fn values<'d>(
        &'d self,
        place: &Place<'_>,
        frame: &Frame<'_>,
        kind: &str,
    ) -> Vec<Cow<'d, Value>> {
        let applies = |side: &Value, is_live: bool| {
            self.conditions.iter().all(|condition| condition.holds(side, place, kind, is_live))
        };
        let (for_live, for_desired) = (applies(frame.live, true), applies(frame.desired, false));
        if let Source::Literal(value) = &self.source {
            let mut values = Vec::new();
            if for_live || for_desired {
                values.push(Cow::Borrowed(value));
            }
            return values;
        }
        let mut values = Vec::new();
        let sides = [(for_live, frame.live, true), (for_desired, frame.desired, false)];
        for (_, side, is_live) in sides.iter().filter(|(applies, ..)| *applies) {
            let value = match &self.source {
                Source::Literal(_) => None,
                Source::Copy(name) => side.get(name.as_ref()).cloned(),
                Source::CopyOfDeclared(_) if *is_live => None,
                Source::CopyOfDeclared(name) => side.get(name.as_ref()).cloned(),
                Source::Function(function, name) => computed(function, side, name, place, *is_live),
            };
            values.extend(value.filter(|value| !value.is_null()).map(Cow::Owned));
        }
        values
    }
}

impl Condition {
    fn parse(text: &str) -> Condition {
        if let Some(kind) = text.strip_prefix("in:") {
            return Condition::In(kind.into());
        }
        if let Some(key) = text.strip_prefix("under:") {
            return Condition::Under(key.into());
        }
        if let Some(name) = text.strip_prefix('!') {
            return Condition::IsNotThere(name.into());
        }
        let Some((name, value)) = text.split_once('=') else { return Condition::IsThere(text.into()) };
        match name.split_once('.') {
            Some((type_name, name)) => Condition::Above(type_name.into(), name.into(), value.into()),
            None => Condition::IsOneOf(name.into(), value.split('|').map(Box::from).collect()),
        }
    }

    fn holds(&self, side: &Value, place: &Place<'_>, kind: &str, is_live: bool) -> bool {
        match self {
            Condition::IsOneOf(name, values) => {
                let own = scalar_text(at(side, name));
                own.is_some_and(|own| values.iter().any(|value| **value == own))
            }
            Condition::IsThere(name) => !is_empty(at(side, name)),
            Condition::IsNotThere(name) => {
                at(side, name).is_null() && at(place.frame.desired, name).is_null()
            }
            Condition::In(own) => own.as_ref() == kind,
            Condition::Under(key) => place.upwards().nth(1).and_then(Place::own_key) == Some(key.as_ref()),
            Condition::Above(type_name, name, value) => {
                let above = place.upwards().map(|above| &above.frame);
                let side_of = |frame: &Frame<'_>| {
                    scalar_text(at(if is_live { frame.live } else { frame.desired }, name))
                };
                above
                    .filter(|frame| frame.type_name.rsplit('.').next() == Some(type_name.as_ref()))
                    .any(|frame| side_of(frame).is_some_and(|own| *own == **value))
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn computed(function: &str, side: &Value, name: &str, place: &Place<'_>, is_live: bool) -> Option<Value> {
    match function {
        "pull-policy" => Some(json!(pull_policy(text(side, name)))),
        "policy-types" if !is_live => Some(policy_types(side)),
        "lower" => Some(json!(text(side, name).to_lowercase())),
        "list-kind" => Some(json!(format!("{}List", text(side, name)))),
        "default-request" => Some(default_request(side)),
        "data-source-reference" if !is_live => data_source_reference(side),
        "template-labels" => side.pointer("/template/metadata/labels").cloned(),
        "server-labels" => server_labels(place),
        _ => None,
    }
}

/// `Always` for an image whose tag is `latest`, or that has neither tag nor digest.
fn pull_policy(image: &str) -> &'static str {
    let (name, has_digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    match name.rsplit('/').next().and_then(|last| last.split_once(':')) {
        Some((_, "latest")) => "Always",
        None if !has_digest && !image.is_empty() => "Always",
        _ => "IfNotPresent",
    }
}

/// Ingress always, and egress where the policy declares rules for it: rules that come later change no types.
fn policy_types(policy: &Value) -> Value {
    if is_empty(at(policy, "egress")) { json!(["Ingress"]) } else { json!(["Ingress", "Egress"]) }
}

/// What a limit range asks for where it does not say: its defaults, which are its maxima where it does not say, then its minima.
fn default_request(range: &Value) -> Value {
    let mut request = Map::new();
    for name in ["min", "max", "default"] {
        request.extend(at(range, name).as_object().cloned().unwrap_or_default());
    }
    Value::Object(request)
}

/// The twin of a volume claim's `dataSource`.
fn data_source_reference(claim: &Value) -> Option<Value> {
    claim.get("dataSource").cloned()
}

/// The name of a namespace as its label, and the labels of a template on a resource without any.
fn server_labels(place: &Place<'_>) -> Option<Value> {
    let root = place.upwards().last()?;
    let is_of_root = place.upwards().count() == 3;
    let declared = root.frame.desired;
    match root.frame.type_name {
        "core.v1.Namespace" if is_of_root => {
            Some(json!({"kubernetes.io/metadata.name": declared.pointer("/metadata/name")?}))
        }
        "batch.v1.Job" | "core.v1.ReplicationController"
            if is_of_root && declared.pointer("/metadata/labels").is_none_or(is_empty) =>
        {
            declared.pointer("/spec/template/metadata/labels").cloned()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::pull_policy;

    #[test]
    fn the_pull_policy_follows_the_tag() {
        for (image, policy) in [
            ("web", "Always"),
            ("registry.example:5000/web", "Always"),
            ("web:latest", "Always"),
            ("web:1.4.2", "IfNotPresent"),
            ("web@sha256:4a5a", "IfNotPresent"),
            ("web:latest@sha256:4a5a", "Always"),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
