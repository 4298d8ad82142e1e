//! References between managed resources, filled with what their targets are in AWS.
//!
//! A reference names its target or selects by labels and by what composed it. Names that Git gives need no look at AWS; ids and
//! most ARNs do. A value that Git gives beside a reference holds, as it does for the provider.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::desired::Desired;
use super::find::{Blocked, Finder, Outcome, Resolved, arn_of, has};
use crate::kind::{self, Kind, Reference, Take};

impl Finder<'_> {
    /// The parameters of a resource with its references filled.
    pub(super) fn resolve(&mut self, index: usize) -> Arc<Resolved> {
        if let Some(resolved) = &self.resolved[index] {
            return Arc::clone(resolved);
        }
        let resource = &self.resources[index];
        let kind = resource.facts.map(|(_, kind)| kind);
        let mut resolved = Resolved::default();
        let parameters = self.fill(index, kind, &resource.parameters, &resource.observed, "", &mut resolved);
        resolved.parameters = parameters;
        if let Some((parameter, stem)) = kind.and_then(|kind| kind.relative.as_ref())
            && let Some(name) = self.absolute(index, &resolved, kind, parameter, stem)
        {
            resolved.parameters.insert(parameter.clone(), Value::String(name));
        }
        if let Some(drop) = kind.and_then(|kind| kind.drop.as_ref()) {
            let parameters = Value::Object(resolved.parameters.clone());
            if drop.when.iter().all(|(path, wanted)| has(&parameters, path, wanted)) {
                resolved.parameters.retain(|name, _| !drop.members.contains(name));
            }
        }
        let resolved = Arc::new(resolved);
        self.resolved[index] = Some(Arc::clone(&resolved));
        resolved
    }

    /// A name that is relative to that of a target in Git, as a whole; `None` where it is whole already.
    fn absolute(
        &self,
        index: usize,
        resolved: &Resolved,
        kind: Option<&'static Kind>,
        parameter: &str,
        stem: &str,
    ) -> Option<String> {
        let own = &self.resources[index];
        let reference = reference_of(kind, stem)?;
        let named =
            own.parameters.get(&format!("{stem}Ref")).and_then(|reference| reference["name"].as_str());
        let target = match named {
            Some(name) => self.target_named(index, reference, name, None)?,
            None => {
                let id = resolved.parameters.get(stem).and_then(Value::as_str)?;
                let is_it = |target: &Desired| {
                    target.kind_name == reference.kind && target.external.as_deref() == Some(id)
                };
                self.resources.iter().position(is_it)?
            }
        };
        let spelled = |name: &str| name.trim_end_matches('.').to_lowercase();
        let whole = spelled(self.resources[target].parameters.get(parameter)?.as_str()?);
        let name = spelled(resolved.parameters.get(parameter).and_then(Value::as_str).unwrap_or_default());
        let is_whole = name == whole || name.ends_with(&format!(".{whole}"));
        (!is_whole).then(|| if name.is_empty() { whole } else { format!("{name}.{whole}") })
    }

    fn fill(
        &mut self,
        index: usize,
        kind: Option<&'static Kind>,
        from: &Map<String, Value>,
        observed: &Map<String, Value>,
        above: &str,
        resolved: &mut Resolved,
    ) -> Map<String, Value> {
        let mut filled = Map::new();
        let mut references = Vec::new();
        for (name, value) in from {
            let at = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            if let Some((stem, many)) = reference_stem(name, value)
                && let Some(reference) = reference_of(kind, stem)
            {
                references.push((stem, many, reference, value));
                continue;
            }
            let beside = observed.get(name);
            let value = match value {
                Value::Object(part) if name != "tags" => {
                    let beside = beside.map(super::desired::object).unwrap_or_default();
                    Value::Object(self.fill(index, kind, part, &beside, &at, resolved))
                }
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    let items = items.iter().enumerate().map(|(position, item)| match item {
                        Value::Object(part) => {
                            let beside = beside.and_then(|beside| beside.get(position));
                            let beside = beside.map(super::desired::object).unwrap_or_default();
                            Value::Object(self.fill(index, kind, part, &beside, &at, resolved))
                        }
                        other => other.clone(),
                    });
                    Value::Array(items.collect())
                }
                other => other.clone(),
            };
            filled.insert(name.clone(), value);
        }
        for (stem, many, reference, value) in references {
            let many = many || reference.many;
            let plural = if many && !stem.ends_with('s') { format!("{stem}s") } else { stem.to_owned() };
            let field = reference.field.clone().unwrap_or(plural);
            if filled.get(&field).is_some_and(|value| !value.is_null()) {
                continue;
            }
            let at = if above.is_empty() { field.clone() } else { format!("{above}.{field}") };
            match self.targets(index, reference, value, observed.get(&field)) {
                Ok(mut values) => {
                    let value = if many { Value::Array(values) } else { values.pop().unwrap_or(Value::Null) };
                    filled.insert(field, value);
                }
                Err(blocked) => {
                    resolved.blocked.insert(at, blocked);
                }
            }
        }
        filled
    }

    /// What references become.
    fn targets(
        &mut self,
        index: usize,
        reference: &Reference,
        value: &Value,
        observed: Option<&Value>,
    ) -> Result<Vec<Value>, Blocked> {
        let mut targets = Vec::new();
        let single = std::slice::from_ref(value);
        for one in value.as_array().map_or(single, Vec::as_slice) {
            if let Some(name) = one["name"].as_str() {
                let namespace = one["namespace"].as_str().map(str::to_owned);
                targets.extend(self.target_named(index, reference, name, namespace.as_deref()));
            } else {
                targets.extend(self.selected(index, reference, one));
            }
        }
        if targets.is_empty() {
            let observed = observed.filter(|value| !value.is_null()).ok_or(Blocked::Dangling)?;
            return Ok(observed.as_array().cloned().unwrap_or_else(|| vec![observed.clone()]));
        }
        targets.into_iter().map(|target| self.taken(target, reference.take)).collect()
    }

    fn target_named(
        &self,
        index: usize,
        reference: &Reference,
        name: &str,
        namespace: Option<&str>,
    ) -> Option<usize> {
        let own = &self.resources[index];
        let namespace = namespace.or(own.namespace.as_deref());
        let named = self.by_name.get(&(reference.kind.as_str(), name))?;
        let beside = named.iter().find(|target| self.resources[**target].namespace.as_deref() == namespace);
        beside.or(named.first()).copied()
    }

    fn selected(&self, index: usize, reference: &Reference, selector: &Value) -> Vec<usize> {
        let labels = selector["matchLabels"].as_object();
        let same_controller = selector["matchControllerRef"] == Value::Bool(true);
        if labels.is_none() && !same_controller {
            return Vec::new();
        }
        let own = &self.resources[index];
        let matches = |target: &Desired| {
            target.kind_name == reference.kind
                && (!same_controller || (target.controller.is_some() && target.controller == own.controller))
                && labels.into_iter().flatten().all(|(key, value)| target.labels.get(key) == Some(value))
                && (own.namespace.is_none() || target.namespace == own.namespace)
        };
        (0..self.resources.len()).filter(|target| matches(&self.resources[*target])).collect()
    }

    /// The id or ARN of a target. Names that Git gives need no look at AWS.
    fn taken(&mut self, target: usize, take: Take) -> Result<Value, Blocked> {
        let resource = &self.resources[target];
        if let Some((_, kind)) = resource.facts
            && kind.named
        {
            let name = resource.aws_name();
            match take {
                Take::Id => return Ok(Value::String(name)),
                Take::Arn => {
                    let item = Value::Object(Map::new());
                    if kind.arn.as_deref().is_some_and(|arn| arn.contains("${"))
                        && let Some(arn) = arn_of(kind, &item, &name, resource, self.account)
                    {
                        return Ok(Value::String(arn));
                    }
                }
            }
        }
        match self.find(target) {
            Outcome::Pending => Err(Blocked::Pending),
            Outcome::Unknown(failure) => Err(Blocked::Unknown(failure)),
            Outcome::Missing => Err(Blocked::Dangling),
            Outcome::Found(found) => match take {
                Take::Id => Ok(Value::String(found.id.clone())),
                Take::Arn => found.arn.clone().map(Value::String).ok_or(Blocked::Dangling),
            },
        }
    }
}

/// The stem of a reference's name, and whether it is a list of references.
fn reference_stem<'n>(name: &'n str, value: &Value) -> Option<(&'n str, bool)> {
    if !(value.is_object() || value.is_array()) {
        return None;
    }
    if let Some(stem) = name.strip_suffix("Refs") {
        return Some((stem, true));
    }
    let stem = name.strip_suffix("Ref").or_else(|| name.strip_suffix("Selector"))?;
    Some((stem, false))
}

fn reference_of(kind: Option<&'static Kind>, stem: &str) -> Option<&'static Reference> {
    kind.and_then(|kind| kind.references.get(stem)).or_else(|| kind::shared_reference(stem))
}
