//! Health of custom resources, from the rows of `health.yaml`: as CEL for Flux's `healthCheckExprs`, as Lua for Argo CD's
//! `resource.customizations`.
//!
//! Conditions that are not there yet read as not met. Flux evaluates an expression over an object that has no `status` at all
//! to an error, which it takes for "not yet"; nothing in CEL can tell that case, since the variable itself is missing.
//! A condition that is false is no failure: controllers pass through it while references resolve, so only the timeout fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use plimsoll_resource::split_api_version;
use serde::Deserialize;
use serde_json::{Value, json};

use super::LayerContents;

#[derive(Debug, Deserialize)]
struct Table {
    composites: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    groups: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    conditions: Vec<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_yaml::from_str(include_str!("health.yaml")).expect("a test reads the table"));

/// The kinds that definitions of the environment make.
pub(super) struct Facts {
    composites: BTreeSet<(String, String)>,
}

impl Facts {
    /// Reads the definitions of all layers.
    pub(super) fn of(layers: &[LayerContents<'_>]) -> Facts {
        let mut composites = BTreeSet::new();
        for value in super::definitions(layers) {
            let Some((group, kinds)) = defined(value) else { continue };
            composites.extend(kinds.into_iter().map(|kind| (group.to_owned(), kind.to_owned())));
        }
        Facts { composites }
    }

    /// The expressions for the kinds of a layer, sorted by kind.
    pub(super) fn expressions(&self, layer: &LayerContents<'_>) -> Vec<Value> {
        let kinds: BTreeSet<(&str, &str)> = layer
            .resources
            .iter()
            .map(|resource| (resource.api_version.as_str(), resource.id.kind.as_str()))
            .collect();
        kinds
            .into_iter()
            .filter_map(|(api_version, kind)| {
                let conditions = self.conditions(split_api_version(api_version).0, kind);
                let current: Vec<String> = conditions.iter().map(|condition| is_true(condition)).collect();
                (!current.is_empty()).then(
                    || json!({"apiVersion": api_version, "kind": kind, "current": current.join(" && ")}),
                )
            })
            .collect()
    }

    /// Scripts for all kinds of some layers that have conditions, by group and kind.
    pub(super) fn scripts(&self, layers: &[LayerContents<'_>]) -> BTreeMap<(String, String), String> {
        let resources = layers.iter().flat_map(|layer| layer.resources);
        resources
            .filter_map(|resource| {
                let (group, kind) = (&resource.id.group, &resource.id.kind);
                let conditions = self.conditions(group, kind);
                (!conditions.is_empty()).then(|| ((group.clone(), kind.clone()), script(conditions)))
            })
            .collect()
    }

    /// Whether a definition of the environment makes the kind.
    pub(super) fn is_composite(&self, group: &str, kind: &str) -> bool {
        self.composites.contains(&(group.to_owned(), kind.to_owned()))
    }

    fn conditions(&self, group: &str, kind: &str) -> &'static [String] {
        if self.is_composite(group, kind) {
            return &TABLE.composites;
        }
        TABLE.rows.iter().find(|row| row.fits(group, kind)).map_or(&[], |row| &row.conditions)
    }
}

impl Row {
    fn fits(&self, group: &str, kind: &str) -> bool {
        let in_group = self.groups.iter().any(|known| match known.strip_prefix('*') {
            Some(suffix) => group.ends_with(suffix),
            None => known == group,
        });
        in_group && (self.kinds.is_empty() || self.kinds.iter().any(|known| known == kind))
    }
}

fn is_true(condition: &str) -> String {
    format!("status.?conditions.orValue([]).exists(c, c.type == '{condition}' && c.status == 'True')")
}

/// Healthy once all conditions hold. Until then it is under way, whatever is false, since controllers pass through failures
/// while references resolve; a resource without a status is under way too, where Argo CD's own scripts call it healthy.
fn script(conditions: &[String]) -> String {
    let names: Vec<String> = conditions.iter().map(|condition| format!("\"{condition}\"")).collect();
    format!(
        r#"local found = {{}}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    found[condition.type] = condition
  end
end
for _, name in ipairs({{{}}}) do
  local condition = found[name]
  if condition == nil then
    return {{status = "Progressing", message = "waiting for " .. name}}
  end
  if condition.status ~= "True" then
    return {{status = "Progressing", message = name .. ": " .. (condition.message or condition.reason or condition.status)}}
  end
end
return {{status = "Healthy", message = ""}}
"#,
        names.join(", ")
    )
}

/// The group, and the kinds of composite and claim, that a CompositeResourceDefinition makes.
pub(super) fn defined(value: &Value) -> Option<(&str, Vec<&str>)> {
    let group = split_api_version(value.get("apiVersion")?.as_str()?).0;
    if group != "apiextensions.crossplane.io" || value.get("kind")? != "CompositeResourceDefinition" {
        return None;
    }
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let kinds = [text("/spec/names/kind"), text("/spec/claimNames/kind")].into_iter().flatten().collect();
    Some((text("/spec/group")?, kinds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_its_first_row_that_fits_holds() {
        let facts = Facts { composites: BTreeSet::new() };
        assert_eq!(facts.conditions("ec2.aws.m.upbound.io", "VPC"), ["Synced", "Ready"]);
        assert!(facts.conditions("aws.m.upbound.io", "ClusterProviderConfig").is_empty());
        assert!(facts.conditions("apiextensions.crossplane.io", "Composition").is_empty());
        assert_eq!(facts.conditions("pkg.crossplane.io", "Provider"), ["Installed", "Healthy"]);
    }
}
