//! `vars`: values of fields that stand as `$(NAME)` in others.
//!
//! Follows `filters/refvar` and `accumulator` v0.21.1.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_yaml::{Dialect, Node, Number, Style, Tag, format_yaml};

use super::field_filter::visit_field;
use crate::config::FieldSpec;
use crate::error::{Error, Result};
use crate::identity::{Gvk, ResourceId, split_api_version};
use crate::resource::ResourceMap;
use crate::schema::Schemas;
use crate::tree::paths;
use crate::tree::scalar::{self, raw_text};

/// An entry of `vars`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) api_version: String,
    pub(crate) gvk: Gvk,
    pub(crate) object_name: String,
    pub(crate) object_namespace: String,
    pub(crate) field_path: String,
}

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct VariableSet {
    set: BTreeMap<String, Variable>,
}

impl Variable {
    /// Fills in the type of an `apiVersion` and the path that is meant by none.
    fn complete(&mut self) {
        if self.field_path.is_empty() {
            "metadata.name".clone_into(&mut self.field_path);
        }
        if !self.api_version.is_empty() {
            match self.api_version.split('/').count() {
                1 => self.gvk.version = self.api_version.as_str().into(),
                2 => {
                    let (group, version) = split_api_version(&self.api_version);
                    self.gvk.group = group.into();
                    self.gvk.version = version.into();
                }
                _ => {}
            }
        }
    }

    /// The variable as Go's `%v` prints it.
    fn go_text(&self) -> String {
        // The object prints as its type alone, whose method Go finds through embedding.
        format!("{{{} {} {{{}}}}}", self.name, self.gvk, self.field_path)
    }
}

/// Variables as Go's `%v` prints a list of them.
pub(crate) fn list_variables(variables: &[Variable]) -> String {
    let texts: Vec<String> = variables.iter().map(Variable::go_text).collect();
    crate::go::list(&texts)
}

impl VariableSet {
    /// Adds the variables of a kustomization and remembers which resources they are of.
    pub(crate) fn add(
        &mut self,
        variables: &[Variable],
        resources: &mut ResourceMap,
        schemas: &Schemas,
    ) -> Result<()> {
        for variable in variables {
            let mut variable = variable.clone();
            variable.complete();
            let id = ResourceId {
                gvk: variable.gvk.clone(),
                name: variable.object_name.as_str().into(),
                namespace: variable.object_namespace.as_str().into(),
            };
            let exact = !id.namespace.is_empty();
            let found = resources.find(&id.name, schemas, |other| {
                if exact { id.same_resource(other) } else { id.same_type_and_name(other) }
            });
            match found.as_slice() {
                [] => {}
                [position] => {
                    if let Some(resource) = resources.resources_mut_keeping_ids().get_mut(*position) {
                        resource.variable_names.push(variable.name.clone());
                    }
                }
                _ => {
                    return Err(Error::new(format!(
                        "found {} resId matches for var {} (unable to disambiguate)",
                        found.len(),
                        variable.go_text()
                    )));
                }
            }
        }
        variables.iter().try_for_each(|variable| self.insert(variable.clone()))
    }

    /// Adds the variables of another set.
    pub(crate) fn merge(&mut self, other: VariableSet) -> Result<()> {
        other.set.into_values().try_for_each(|variable| self.insert(variable))
    }

    fn insert(&mut self, mut variable: Variable) -> Result<()> {
        if self.set.contains_key(&variable.name) {
            return Err(Error::new(format!("var '{}' already encountered", variable.name)));
        }
        variable.complete();
        self.set.insert(variable.name.clone(), variable);
        Ok(())
    }
}

/// Puts the values of all variables in the place of their names. Gives the names that stand nowhere.
pub(crate) fn resolve_variables(
    resources: &mut ResourceMap,
    variables: &VariableSet,
    specs: &[FieldSpec],
) -> Result<Vec<String>> {
    if variables.set.is_empty() {
        return Ok(Vec::new());
    }
    let values = values_of(resources, variables)?;
    let mut used = BTreeSet::new();
    for resource in resources.resources_mut() {
        for spec in specs {
            resource.change(|node| {
                visit_field(node, spec, None, &mut |field| replace_in(field, &values, &mut used))
            })?;
        }
    }
    Ok(values.into_keys().filter(|name| !used.contains(name)).collect())
}

/// The value of a variable: a scalar, or something that cannot stand in another field.
#[derive(Debug, Clone)]
enum Known {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Collection,
}

fn values_of(resources: &ResourceMap, variables: &VariableSet) -> Result<BTreeMap<String, Known>> {
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for (position, resource) in resources.resources().iter().enumerate() {
        for name in &resource.variable_names {
            owners.entry(name).or_insert(position);
        }
    }
    let mut values = BTreeMap::new();
    for (name, variable) in &variables.set {
        let owner = owners.get(name.as_str()).and_then(|&position| resources.resources().get(position));
        let Some(owner) = owner else {
            return Err(Error::new(format!(
                "var '{}' cannot be mapped to a field in the set of known resources",
                variable.go_text()
            )));
        };
        let known = known_at(owner.node(), &variable.field_path).ok().flatten().ok_or_else(|| {
            Error::new(format!(
                "field specified in var '{}' not found in corresponding resource",
                variable.go_text()
            ))
        })?;
        values.insert(name.clone(), known);
    }
    Ok(values)
}

fn known_at(root: &Node, path: &str) -> Result<Option<Known>> {
    let parts: Vec<String> = paths::split_bracketed(path, '.').into_iter().flat_map(split_index).collect();
    let Some(node) = paths::lookup(root, &parts)? else { return Ok(None) };
    if !node.is_scalar() {
        return Ok(Some(Known::Collection));
    }
    let text = raw_text(node);
    Ok(match node.tag() {
        Tag::Int => paths::atoi(text).map(Known::Int),
        Tag::Float => match node.as_number(Dialect::Kustomize) {
            Some(Number::Float(value)) => Some(Known::Float(value)),
            Some(number) => Some(Known::Float(number.as_f64())),
            None => None,
        },
        Tag::Bool => match text {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(Known::Bool(true)),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(Known::Bool(false)),
            _ => None,
        },
        _ => Some(Known::Text(text.to_owned())),
    })
}

/// `a[0]` as `a` and `0`.
fn split_index(part: String) -> Vec<String> {
    let split = part.strip_suffix(']').and_then(|inner| inner.rsplit_once('['));
    match split {
        Some((name, index)) if !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) => {
            let mut parts = vec![index.to_owned()];
            if !name.is_empty() {
                parts.insert(0, name.to_owned());
            }
            parts
        }
        _ => vec![part],
    }
}

fn replace_in(node: &mut Node, values: &BTreeMap<String, Known>, used: &mut BTreeSet<String>) -> Result<()> {
    if node.is_null() {
        return Ok(());
    }
    if let Some(items) = node.items_mut() {
        for item in items {
            if !scalar::is_string(item) {
                return Err(Error::new("invalid value type expect a string"));
            }
            replace_scalar(item, values, used);
        }
        return Ok(());
    }
    if let Some(entries) = node.entries_mut() {
        for entry in entries {
            if !scalar::is_string(&entry.key) {
                return Err(Error::new(format!(
                    "invalid map key: value='{}', tag='{}'",
                    raw_text(&entry.key),
                    crate::tree::text::short_tag(&entry.key)
                )));
            }
            if scalar::is_string(&entry.value) {
                replace_scalar(&mut entry.value, values, used);
            }
        }
        return Ok(());
    }
    if scalar::is_string(node) {
        replace_scalar(node, values, used);
    }
    Ok(())
}

fn replace_scalar(node: &mut Node, values: &BTreeMap<String, Known>, used: &mut BTreeSet<String>) {
    let (text, tag) = match expand(raw_text(node), values, used) {
        Known::Text(text) => (text, Tag::Str),
        Known::Int(value) => (value.to_string(), Tag::Int),
        Known::Bool(value) => (value.to_string(), Tag::Bool),
        Known::Float(value) => (plain_float(value), Tag::Float),
        Known::Collection => return,
    };
    node.set_scalar(text, tag);
    node.set_style(Style::Plain);
}

/// `strconv.FormatFloat(value, 'f', -1, 64)`.
fn plain_float(value: f64) -> String {
    format!("{value}")
}

/// The text with every `$(NAME)` that is known replaced; `$$` is `$`. Text that is nothing but one name becomes the value
/// itself, with its type.
fn expand(input: &str, values: &BTreeMap<String, Known>, used: &mut BTreeSet<String>) -> Known {
    let mut out = String::with_capacity(input.len());
    let mut rest = input;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        let Some(next) = after.chars().next() else { break };
        out.push_str(&rest[..at]);
        match (next, after.find(')')) {
            ('$', _) => {
                out.push('$');
                rest = &after[1..];
            }
            ('(', Some(end)) => {
                let name = &after[1..end];
                let known = values.get(name).filter(|known| !matches!(known, Known::Collection));
                if let Some(known) = known {
                    used.insert(name.to_owned());
                    if input.len() == name.len() + 3 {
                        return known.clone();
                    }
                }
                match known {
                    Some(Known::Text(text)) => out.push_str(text),
                    Some(Known::Int(value)) => out.push_str(&value.to_string()),
                    Some(Known::Bool(value)) => out.push_str(&value.to_string()),
                    Some(Known::Float(value)) => out.push_str(&format_yaml(*value)),
                    Some(Known::Collection) | None => out.push_str(&rest[at..at + end + 2]),
                }
                rest = &after[end + 1..];
            }
            ('(', None) => {
                out.push_str("$(");
                rest = &after[1..];
            }
            (other, _) => {
                out.push('$');
                out.push(other);
                rest = &after[other.len_utf8()..];
            }
        }
    }
    out.push_str(rest);
    Known::Text(out)
}
