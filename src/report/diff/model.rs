//! The wire format of a diff: kind `DiffReport`, apiVersion `plimsoll.dev/v1alpha1`.
//!
//! These types are a promise to programs that read reports; engines have types of their own. Invariant: a value that is
//! secret never comes here. Where a field's values are withheld, `hidden` is true; that something was added, removed or
//! changed is still told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The `apiVersion` of the report.
pub const API_VERSION: &str = "plimsoll.dev/v1alpha1";

/// The `kind` of the report.
pub const KIND: &str = "DiffReport";

/// What a change does to rendered environments, resource by resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiffReport {
    /// Always `plimsoll.dev/v1alpha1`.
    pub api_version: String,
    /// Always `DiffReport`.
    pub kind: String,
    /// Version of the program that compared.
    pub tool_version: String,
    /// The worst of the environments' verdicts.
    pub verdict: Verdict,
    /// The environments that were compared, in the order in which they were asked for.
    pub environments: Vec<EnvironmentDiff>,
    /// Changes that several resources share, field by field; each has at least two members.
    pub groups: Vec<ChangeGroup>,
    /// The sums over all environments.
    pub summary: Summary,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Both sides render to the same resources.
    Unchanged,
    /// They do not.
    Changed,
    /// A side does not render, so that not all could be compared: never to be taken for `unchanged`.
    Incomplete,
}

/// One environment at two revisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentDiff {
    /// Its name.
    pub name: String,
    /// What its comparison came to.
    pub verdict: Verdict,
    /// Whether the environment itself comes or goes.
    pub presence: Presence,
    /// The revision that is compared with.
    pub base: Revision,
    /// The revision that is looked at.
    pub head: Revision,
    /// The layers of either side, in the order of the head's; those without a change too.
    pub layers: Vec<LayerDiff>,
    /// Why a side does not render, or its claims cannot be expanded. Where a side does not render, no layer is listed; where
    /// claims cannot be expanded, no managed resource.
    pub errors: Vec<SideError>,
    /// The sums over the layers.
    pub summary: Summary,
}

/// Which of the two revisions have an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// Both.
    Both,
    /// Only the head: it is new.
    Added,
    /// Only the base: it is taken away.
    Removed,
}

/// A revision of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revision {
    /// As it was asked for: `main`, `HEAD~2`, `WORKTREE`.
    pub name: String,
    /// The commit that was rendered; null for the work tree.
    pub commit: Option<String>,
    /// Whether the commit is not the one that is named but where the two revisions parted.
    pub is_merge_base: bool,
}

/// Why a side does not render, or a claim of it cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SideError {
    /// The side.
    pub side: Side,
    /// The stable code of the diagnostic; `plimsoll explain` tells what it means.
    pub code: String,
    /// What is wrong, in one line.
    pub message: String,
    /// The file at fault, from the repository's root.
    pub file: Option<String>,
    /// The line at fault, from 1.
    pub line: Option<u32>,
    /// What to do, where that is known.
    pub help: Option<String>,
}

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// What is compared with.
    Base,
    /// What is looked at.
    Head,
}

/// One layer at two revisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LayerDiff {
    /// Its name.
    pub name: String,
    /// The cluster that it goes to.
    pub destination: String,
    /// The resources that change, sorted by the path of their file; managed resources behind their claim.
    pub resources: Vec<ResourceDiff>,
    /// The sums over its resources.
    pub summary: Summary,
}

/// One resource that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceDiff {
    /// Which resource; on the head's side where it was renamed.
    pub id: ResourceIdentity,
    /// What it was called before it was renamed.
    pub previous: Option<ResourceIdentity>,
    /// The layer that had it before, where it moves to another.
    pub previous_layer: Option<String>,
    /// How it changes.
    pub change: ResourceChange,
    /// How much attention it needs.
    pub class: Class,
    /// What makes it risky, worst first; empty for all other classes.
    pub reasons: Vec<Reason>,
    /// Where it is written and what it is made from.
    pub source: ResourceSource,
    /// The claim that it is composed for, if the repository holds only that.
    pub via: Option<Via>,
    /// The fields that change, sorted by path. Of a resource that comes or goes: its parts, each as a whole.
    pub fields: Vec<FieldDiff>,
    /// The container images that change.
    pub images: Vec<ImageDiff>,
    /// The group of equal changes that it belongs to: an index of the report's `groups`.
    pub group: Option<u32>,
}

/// Which resource: the same names as in a drift report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceIdentity {
    /// Always `kubernetes`.
    pub platform: String,
    /// The cluster that it is applied to.
    pub cluster: String,
    /// API group; empty for the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Namespace; null for what lies in the cluster itself.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

/// How a resource changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResourceChange {
    /// Only the head has it.
    Added,
    /// Only the base has it.
    Removed,
    /// Fields differ.
    Changed,
    /// It is the same resource under another name, namespace, group or layer, perhaps with other fields that differ.
    Renamed,
    /// Nothing differs but the order of a list.
    Reordered,
}

/// How much attention a change needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// Only labels, annotations and checksums.
    MetadataOnly,
    /// Only an image or a version, and not a major one.
    Routine,
    /// Anything else.
    Other,
    /// It may lose data, open a door or stop a service.
    Risky,
}

/// Why a change is risky.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reason {
    /// The stable name of the rule.
    pub rule: String,
    /// How bad it can get.
    pub severity: Severity,
    /// What may happen, in one line.
    pub message: String,
    /// The field; null where it is the resource as a whole.
    pub path: Option<String>,
}

/// How bad a risk can get, from least to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Behaviour may change.
    Medium,
    /// A service may stop, or a door opens a little.
    High,
    /// Data may be lost, or a door opens widely.
    Critical,
}

/// Where a resource is written and what it is made from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceSource {
    /// Its file below `environments/`; the base's where the head does not have it, the claim's for a managed resource.
    pub file: String,
    /// The input that it is made from.
    pub input: String,
}

/// What a managed resource is composed for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Via {
    /// The claim's kind and name: `Database langfuse/langfuse-db`.
    pub claim: String,
}

/// One field that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldDiff {
    /// The field, spelled as in a drift report: `spec.containers[name=web].image`. A field inside a text that is YAML or JSON
    /// follows the text's own path after ` | `.
    pub path: String,
    /// How it changes.
    pub change: FieldChange,
    /// The base's value; null where there is none, and where it is hidden.
    pub before: Option<Value>,
    /// The head's value; null where there is none, and where it is hidden.
    pub after: Option<Value>,
    /// Whether something is withheld because it is, or may be, secret. A scalar's values are null then; within a part or a
    /// text, `<hidden>` stands in the place of what is withheld.
    pub hidden: bool,
    /// How much attention it needs by itself.
    pub class: Class,
    /// Whether the resource must be made anew for it.
    pub needs_replace: bool,
}

/// How a field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldChange {
    /// Only the head has it.
    Added,
    /// Only the base has it.
    Removed,
    /// Both have it, with different values.
    Changed,
    /// The same items in another order.
    Reordered,
}

/// A container image that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageDiff {
    /// The field.
    pub path: String,
    /// The base's image.
    pub before: Option<String>,
    /// The head's image.
    pub after: Option<String>,
}

/// One change that several resources share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeGroup {
    /// How each member changes.
    pub change: ResourceChange,
    /// How much attention each needs.
    pub class: Class,
    /// The fields that change, the same in each.
    pub fields: Vec<FieldDiff>,
    /// The resources.
    pub members: Vec<GroupMember>,
}

/// A resource of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupMember {
    /// Its environment.
    pub environment: String,
    /// Its layer.
    pub layer: String,
    /// The resource.
    pub id: ResourceIdentity,
}

/// How many resources change in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// Resources that come.
    pub added: u32,
    /// Resources that go.
    pub removed: u32,
    /// Resources with fields that differ.
    pub changed: u32,
    /// Resources under another name.
    pub renamed: u32,
    /// Resources in which nothing differs but an order.
    pub reordered: u32,
    /// Resources that are the same on both sides; managed ones are not counted.
    pub unchanged: u32,
    /// Of those that change: how many are risky.
    pub risky: u32,
    /// Of those that change: how many change no more than an image or a version.
    pub routine: u32,
    /// Of those that change: how many change no more than labels, annotations and checksums.
    pub metadata_only: u32,
    /// Sides that do not render, or whose claims cannot be expanded.
    pub errors: u32,
}

impl DiffReport {
    /// Every resource that changes, with its environment and layer.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str, &ResourceDiff)> {
        self.environments.iter().flat_map(|environment| {
            environment.layers.iter().flat_map(|layer| {
                let names = (environment.name.as_str(), layer.name.as_str());
                layer.resources.iter().map(move |resource| (names.0, names.1, resource))
            })
        })
    }

    /// The first resource of a group: in what they share it speaks for all.
    #[must_use]
    pub fn first_of(&self, group: &ChangeGroup) -> Option<&ResourceDiff> {
        let member = group.members.first()?;
        let mut resources = self.resources();
        let found = resources.find(|(environment, layer, resource)| {
            *environment == member.environment && *layer == member.layer && resource.id == member.id
        });
        found.map(|(_, _, resource)| resource)
    }
}

impl Summary {
    /// Whether anything changes.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.added + self.removed + self.changed + self.renamed + self.reordered > 0
    }

    /// Counts one resource that changes.
    pub fn count(&mut self, change: ResourceChange, class: Class) {
        let of_change = match change {
            ResourceChange::Added => &mut self.added,
            ResourceChange::Removed => &mut self.removed,
            ResourceChange::Changed => &mut self.changed,
            ResourceChange::Renamed => &mut self.renamed,
            ResourceChange::Reordered => &mut self.reordered,
        };
        *of_change = of_change.saturating_add(1);
        let of_class = match class {
            Class::MetadataOnly => &mut self.metadata_only,
            Class::Routine => &mut self.routine,
            Class::Risky => &mut self.risky,
            Class::Other => return,
        };
        *of_class = of_class.saturating_add(1);
    }

    /// Adds the counts of a part.
    pub fn add(&mut self, part: &Summary) {
        let Summary {
            added,
            removed,
            changed,
            renamed,
            reordered,
            unchanged,
            risky,
            routine,
            metadata_only,
            errors,
        } = part;
        for (sum, count) in [
            (&mut self.added, added),
            (&mut self.removed, removed),
            (&mut self.changed, changed),
            (&mut self.renamed, renamed),
            (&mut self.reordered, reordered),
            (&mut self.unchanged, unchanged),
            (&mut self.risky, risky),
            (&mut self.routine, routine),
            (&mut self.metadata_only, metadata_only),
            (&mut self.errors, errors),
        ] {
            *sum = sum.saturating_add(*count);
        }
    }
}

impl std::fmt::Display for ResourceIdentity {
    /// `Deployment langfuse/web`, `Namespace dev`: what a person needs, without cluster and group.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(formatter, "{} {namespace}/{}", self.kind, self.name),
            None => write!(formatter, "{} {}", self.kind, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_what_it_writes_and_nothing_else() {
        let report = DiffReport {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            tool_version: "0".to_owned(),
            verdict: Verdict::Unchanged,
            environments: Vec::new(),
            groups: Vec::new(),
            summary: Summary::default(),
        };
        let mut value = serde_json::to_value(&report).unwrap();
        assert_eq!(serde_json::from_value::<DiffReport>(value.clone()).unwrap(), report);
        value["more"] = Value::Bool(true);
        assert!(serde_json::from_value::<DiffReport>(value).is_err());
    }

    #[test]
    fn sums_count_each_resource_by_its_change_and_its_class() {
        let mut part = Summary { unchanged: 3, ..Summary::default() };
        part.count(ResourceChange::Removed, Class::Risky);
        part.count(ResourceChange::Changed, Class::Other);
        let mut sum = part;
        sum.add(&part);
        assert_eq!((sum.removed, sum.changed, sum.risky, sum.unchanged), (2, 2, 2, 6));
        assert!(sum.has_changes() && !Summary { unchanged: 1, ..Summary::default() }.has_changes());
    }
}
