//! Validates resources against definitions, as the API server would when they are created.
//!
//! Follows crossplane v2.2.1 `cmd/crank/beta/validate/validate.go`: defaults are filled in, the schema is checked, and unknown
//! fields are taken out and told, and rules are evaluated, in this order.

use serde_json::Value;

use crate::built_in::{DecodingError, decode_strictly};
use crate::definitions::{Definitions, GroupVersionKind};
use crate::schema::{
    BadValue, FieldError, FieldErrorKind, RuleMemory, apply_defaults, check_rules, prune_unknown_fields,
    validate,
};

/// What kind of check found an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The schema.
    Schema,
    /// The search for unknown fields.
    UnknownField,
    /// A rule of `x-kubernetes-validations`.
    Rule,
}

/// What one definition says of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The errors: of the schema, of unknown fields, of rules; each group sorted by text.
    pub errors: Vec<(Check, FieldError)>,
}

/// What is found of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidatedResource {
    /// What it is.
    pub kind: GroupVersionKind,
    /// Its name, or that of the composed resource that it stands for.
    pub name: String,
    /// Its namespace, empty where it has none.
    pub namespace: String,
    /// Why it could not be given its defaults, if so.
    pub defaulting_problem: Option<String>,
    /// What each definition of its kind says; none where the kind is not defined.
    pub verdicts: Vec<Verdict>,
}

impl ValidatedResource {
    /// Judges the resource as one of Kubernetes' own kinds if nothing defines its kind, as Crossplane's cli v2.5.0 does.
    #[must_use]
    pub fn or_as_built_in(mut self, resource: &Value) -> ValidatedResource {
        if self.verdicts.is_empty()
            && let Some(found) = decode_strictly(resource)
        {
            let unreadable = |error: DecodingError| {
                FieldError::new(FieldErrorKind::Unreadable, "", BadValue::Nil, error.message)
            };
            let errors = found.into_iter().map(|error| (Check::Schema, unreadable(error))).collect();
            self.verdicts.push(Verdict { errors });
        }
        self
    }
}

/// Validates a resource.
#[must_use]
pub fn validate_resource(resource: &Value, definitions: &Definitions) -> ValidatedResource {
    let kind = GroupVersionKind::of(resource);
    let text =
        |pointer: &str| resource.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = match text("/metadata/name") {
        name if name.is_empty() => text("/metadata/annotations/crossplane.io~1composition-resource-name"),
        name => name,
    };
    let namespace = text("/metadata/namespace");
    let schemas = definitions.schemas(&kind);
    if schemas.is_empty() {
        return ValidatedResource { kind, name, namespace, defaulting_problem: None, verdicts: Vec::new() };
    }
    let mut resource = resource.clone();
    let defaulting_problem = match definitions.defaults(&kind) {
        Ok(schema) => {
            if let Some(schema) = schema {
                apply_defaults(&mut resource, schema);
            }
            None
        }
        Err(problem) => Some(problem),
    };
    // Of a kind that is defined twice, the last definition says which fields are known.
    let known = schemas.last().copied().unwrap_or(&Value::Null);
    let verdicts =
        schemas.iter().map(|schema| check(&mut resource, schema, known, definitions.rules())).collect();
    ValidatedResource { kind, name, namespace, defaulting_problem, verdicts }
}

fn check(resource: &mut Value, schema: &Value, known: &Value, rules: &RuleMemory) -> Verdict {
    let mut errors = Vec::new();
    let mut tell = |check: Check, found: Vec<FieldError>| {
        let mut found: Vec<FieldError> = found;
        found.sort_by_cached_key(ToString::to_string);
        errors.extend(found.into_iter().map(|error| (check, error)));
    };
    tell(Check::Schema, validate(resource, schema));
    tell(Check::UnknownField, prune_unknown_fields(resource, known));
    tell(Check::Rule, check_rules(resource, known, rules));
    Verdict { errors }
}
