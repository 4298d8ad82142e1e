//! function-environment-configs 0.7.1, in process: selected EnvironmentConfigs become the environment of the pipeline.
//!
//! Follows `fn.go` of that version.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use plimsoll_gotemplate::quote::quote;
use serde_json::{Map, Value};

use crate::field_path::{go_type, set_value, string_at, value_at};
use crate::pipeline_state::{Desired, ENVIRONMENT_KEY, Fatal, FunctionResult, Observed};
use crate::required_resources::{Matching, RequiredResources, ResourceSelector};

/// Runs the function with its input.
pub(crate) fn run(
    input: &Value,
    observed: &Observed,
    required: &RequiredResources,
    desired: &mut Desired,
) -> Result<Vec<FunctionResult>, Fatal> {
    let find =
        |_: &str, selector: Option<&ResourceSelector>| selector.map(|selector| required.select(selector));
    run_on(input, observed, &find, desired)
}

/// What is given for a requirement, by its name and what it asks for, if it asks for anything.
type Find<'a> = dyn Fn(&str, Option<&ResourceSelector>) -> Option<Vec<&'a Value>> + 'a;

/// Runs the function on whatever finds the resources that it asks for.
pub(crate) fn run_on<'a>(
    input: &Value,
    observed: &Observed,
    find: &Find<'a>,
    desired: &mut Desired,
) -> Result<Vec<FunctionResult>, Fatal> {
    let Some(sources) = input.pointer("/spec/environmentConfigs").and_then(Value::as_array) else {
        return Ok(Vec::new());
    };
    let selectors = selectors(sources, &observed.composite)
        .map_err(|error| Fatal(format!("cannot build requirements: {error}")))?;
    if selectors.iter().all(Option::is_none) {
        // Where nothing is asked for nothing comes, and the original waits for that.
        return Ok(Vec::new());
    }
    let is_optional = input.pointer("/spec/policy/resolution").and_then(Value::as_str) == Some("Optional");
    let selected = selected(sources, &selectors, find, is_optional)
        .map_err(|error| Fatal(format!("cannot get selected environment configs: {error}")))?;
    let mut merged =
        merged(selected).map_err(|error| Fatal(format!("cannot merge environment data: {error}")))?;
    if let Some(Value::Object(before)) = desired.context.get(ENVIRONMENT_KEY) {
        merged = merge_maps(before.clone(), merged);
    }
    if let Some(Value::Object(defaults)) = input.pointer("/spec/defaultData") {
        merged = merge_maps(defaults.clone(), merged);
    }
    let is_empty = |key: &str| merged.get(key).and_then(Value::as_str).unwrap_or_default().is_empty();
    if is_empty("apiVersion") && is_empty("kind") {
        merged.insert("apiVersion".to_owned(), "internal.crossplane.io/v1alpha1".into());
        merged.insert("kind".to_owned(), "Environment".into());
    }
    desired.context.insert(ENVIRONMENT_KEY.to_owned(), Value::Object(merged));
    Ok(Vec::new())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_selector(source: &Value) -> bool {
    text(source, "/type") == "Selector"
}

/// What each source asks for; `None` where its labels are all optional and absent.
pub(crate) fn selectors(
    sources: &[Value],
    composite: &Value,
) -> Result<Vec<Option<ResourceSelector>>, String> {
    let selector = |matching| ResourceSelector {
        api_version: "apiextensions.crossplane.io/v1beta1".to_owned(),
        kind: "EnvironmentConfig".to_owned(),
        matching,
    };
    sources
        .iter()
        .map(|source| {
            if !is_selector(source) {
                return Ok(Some(selector(Matching::Name(text(source, "/ref/name").to_owned()))));
            }
            let mut labels = Vec::new();
            for label in
                source.pointer("/selector/matchLabels").and_then(Value::as_array).into_iter().flatten()
            {
                let key = text(label, "/key").to_owned();
                if text(label, "/type") == "Value" {
                    labels.push((key, text(label, "/value").to_owned()));
                    continue;
                }
                let path = text(label, "/valueFromFieldPath");
                match string_at(composite, path) {
                    Ok(value) => labels.push((key, value.to_owned())),
                    Err(_) if text(label, "/fromFieldPathPolicy") == "Optional" => {}
                    Err(error) => {
                        let path = quote(path.as_bytes());
                        return Err(format!("cannot get value from field path {path}: {error}"));
                    }
                }
            }
            Ok((!labels.is_empty()).then(|| selector(Matching::Labels(labels))))
        })
        .collect()
}

/// The configs by the path that they go to, in the order of the sources.
fn selected<'a>(
    sources: &[Value],
    selectors: &[Option<ResourceSelector>],
    find: &Find<'a>,
    is_optional: bool,
) -> Result<BTreeMap<String, Vec<&'a Value>>, String> {
    let mut configs: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for (index, (source, selector)) in sources.iter().zip(selectors).enumerate() {
        let name = format!("environment-config-{index}");
        let Some(found) = find(&name, selector.as_ref()) else { continue };
        let name = quote(name.as_bytes());
        let chosen = if is_selector(source) {
            by_selector(source, found)
                .map_err(|error| format!("cannot process environment config {name} by selector: {error}"))?
        } else {
            let wanted = quote(text(source, "/ref/name").as_bytes());
            if found.is_empty() && !is_optional {
                let context = format!("cannot process environment config {wanted} by reference, {name}");
                return Err(format!("{context}: Required environment config {wanted} not found"));
            }
            found
        };
        if !chosen.is_empty() {
            configs.entry(text(source, "/toFieldPath").to_owned()).or_default().extend(chosen);
        }
    }
    Ok(configs)
}

fn by_selector<'a>(source: &Value, mut found: Vec<&'a Value>) -> Result<Vec<&'a Value>, String> {
    match text(source, "/selector/mode") {
        "" | "Single" if found.len() == 1 => Ok(found),
        "" | "Single" => Err(format!("expected exactly one required resource, got {}", found.len())),
        "Multiple" => {
            let count = |key: &str| source.pointer(key).and_then(Value::as_u64);
            let minimum = count("/selector/minMatch").unwrap_or_default();
            if (found.len() as u64) < minimum {
                return Err(format!("expected at least {minimum} required resources, got {}", found.len()));
            }
            sort_by_path(&mut found, source.pointer("/selector/sortByFieldPath").and_then(Value::as_str))?;
            if let Some(maximum) = count("/selector/maxMatch") {
                found.truncate(usize::try_from(maximum).unwrap_or(usize::MAX));
            }
            Ok(found)
        }
        unknown => Err(format!("unknown selector mode {}", quote(unknown.as_bytes()))),
    }
}

pub(crate) fn sort_by_path(found: &mut Vec<&Value>, path: Option<&str>) -> Result<(), String> {
    let path = path.unwrap_or("metadata.name");
    if path.is_empty() {
        return Err("cannot sort by empty field path".to_owned());
    }
    let mut keyed: Vec<(Option<&Value>, &Value)> = Vec::with_capacity(found.len());
    let mut sort_type: Option<&'static str> = None;
    for config in found.iter() {
        let key = match value_at(config, path) {
            Ok(Value::Null) => None,
            Ok(value) => Some(value),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error.to_string()),
        };
        if let Some(key) = key {
            match sort_type {
                Some(first) if first != go_type(key) => {
                    let (first, other) = (quote(first.as_bytes()), quote(go_type(key).as_bytes()));
                    return Err(format!("cannot sort values of different types {first} and {other}"));
                }
                _ => sort_type = Some(go_type(key)),
            }
        }
        keyed.push((key, config));
    }
    match sort_type {
        None => return Ok(()),
        Some("string" | "int64" | "float64") => {}
        Some(other) => {
            let kind = match other {
                "map[string]interface {}" => "map",
                "[]interface {}" => "slice",
                other => other,
            };
            return if keyed.len() > 1 {
                Err(format!("unsupported type {} for sorting", quote(kind.as_bytes())))
            } else {
                Ok(())
            };
        }
    }
    keyed.sort_by(|(one, _), (other, _)| compare(*one, *other));
    *found = keyed.into_iter().map(|(_, config)| config).collect();
    Ok(())
}

/// Compares keys of one type; what is absent counts as empty or zero.
fn compare(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    let is_text = [one, other].into_iter().flatten().any(Value::is_string);
    if is_text {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        return text(one).cmp(&text(other));
    }
    match (one.map_or(Some(0), Value::as_i64), other.map_or(Some(0), Value::as_i64)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => {
            let float = |value: Option<&Value>| value.and_then(Value::as_f64).unwrap_or_default();
            float(one).total_cmp(&float(other))
        }
    }
}

fn merged(configs: BTreeMap<String, Vec<&Value>>) -> Result<Map<String, Value>, String> {
    let mut merged = Map::new();
    for (path, configs) in configs {
        for config in configs {
            let data = config.get("data");
            let name = text(config, "/metadata/name");
            let data = if path.is_empty() {
                match data {
                    Some(Value::Object(data)) => data.clone(),
                    None | Some(Value::Null) => {
                        let name = quote(name.as_bytes());
                        return Err(format!(
                            "cannot get data from environment config {name}: data: no such field"
                        ));
                    }
                    Some(_) => {
                        return Err(format!(
                            "cannot get data from environment config {}",
                            quote(name.as_bytes())
                        ));
                    }
                }
            } else {
                let mut placed = Value::Object(Map::new());
                set_value(&mut placed, &path, data.cloned().unwrap_or_default()).map_err(|_| {
                    format!(
                        "cannot get data from environment config {name} into path {}",
                        quote(path.as_bytes())
                    )
                })?;
                placed.as_object().cloned().unwrap_or_default()
            };
            merged = merge_maps(merged, data);
        }
    }
    Ok(merged)
}

/// The values of `over` on those of `base`, maps merged deep.
fn merge_maps(mut base: Map<String, Value>, over: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in over {
        let value = match (value, base.remove(&key)) {
            (Value::Object(value), Some(Value::Object(below))) => Value::Object(merge_maps(below, value)),
            (value, _) => value,
        };
        base.insert(key, value);
    }
    base
}
