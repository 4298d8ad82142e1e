//! The wire format of a check: kind `DriftReport`, apiVersion `plimsoll.dev/v1alpha1`.
//!
//! These types are a promise to programs that read reports; the comparison has types of its own ([`plimsoll_drift`]), which
//! [`super::assembly`] turns into these. Invariant: a value that is secret never comes here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The `apiVersion` of the report.
pub const API_VERSION: &str = "plimsoll.dev/v1alpha1";

/// The `kind` of the report.
pub const KIND: &str = "DriftReport";

/// What a check of one environment found, resource by resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DriftReport {
    /// Always `plimsoll.dev/v1alpha1`.
    pub api_version: String,
    /// Always `DriftReport`.
    pub kind: String,
    /// The environment.
    pub environment: String,
    /// The commit that was compared; null where it was the work tree.
    pub revision: Option<String>,
    /// What the check came to.
    pub verdict: Verdict,
    /// Whether everything could be read and compared.
    pub complete: bool,
    /// Which part of the resources this is; absent where it is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// How many resources are in which state.
    pub summary: Summary,
    /// Every resource that was looked at, those in sync too, sorted by their identity.
    pub resources: Vec<Resource>,
    /// The ignore rules of the environment, and what they hid.
    pub ignored: Vec<Ignored>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Everything was read, and lives as it is declared.
    Clean,
    /// Something differs.
    Drift,
    /// Part could not be read, and nothing that was read differs.
    Incomplete,
}

/// A part of the resources, as `--shard i/n` asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub of: u32,
    /// What all parts of one check have in common, and those of another have not.
    pub run: String,
}

/// How many resources are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// All of them.
    pub resources: u64,
    /// They live as they are declared.
    pub in_sync: u64,
    /// A field differs.
    pub changed: u64,
    /// They are declared and do not live.
    pub missing: u64,
    /// They live and are not declared.
    pub extra: u64,
    /// A change is under way.
    pub pending: u64,
    /// They could not be read or compared.
    pub unknown: u64,
    /// Fields that ignore rules hid.
    pub ignored_fields: u64,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resource {
    /// Which resource.
    pub id: Identity,
    /// What a resource of AWS, or one that Crossplane composes on a cluster, is declared by; absent for what stands in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// The layer that declares it; `sync` for the objects that apply the layers.
    pub layer: String,
    /// How it stands.
    pub state: State,
    /// How bad that is; null where it is in sync.
    pub severity: Option<Severity>,
    /// Why it is unknown, or what is under way.
    pub cause: Option<String>,
    /// Where it is declared; null where it is not.
    pub source: Option<Source>,
    /// The same as long as the finding is the same; null where it is in sync.
    pub fingerprint: Option<String>,
    /// The fields that differ, sorted by path.
    pub fields: Vec<Field>,
    /// Whether what is under way leads to what Git says, so that it is no drift.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settles: bool,
}

/// Which resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "platform", rename_all = "lowercase")]
pub enum Identity {
    /// A resource of a Kubernetes cluster.
    Kubernetes(KubernetesIdentity),
    /// A resource of the AWS account.
    Aws(AwsIdentity),
}

/// A resource of a Kubernetes cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubernetesIdentity {
    /// The cluster, by its name in the environment.
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

/// A resource of the AWS account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwsIdentity {
    /// The account's number.
    pub account: String,
    /// The region; null for global services.
    pub region: Option<String>,
    /// Service and kind: `ec2.SecurityGroup`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The identifier or name that AWS has for it.
    pub name: String,
}

/// What a resource of AWS, or one that Crossplane composes, is declared by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Via {
    /// The claim's kind, namespace and name; null where Git holds the managed resource itself.
    pub claim: Option<String>,
    /// The managed resource's kind, namespace and name; null for what lives in a cluster.
    pub managed_resource: Option<String>,
    /// How it was compared where it was not AWS that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<String>,
}

/// How a resource stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It lives as it is declared.
    InSync,
    /// A field differs.
    Changed,
    /// It is declared and does not live.
    Missing,
    /// It lives, and nothing declares it where everything should be declared.
    Extra,
    /// A change is under way on the other side.
    Pending,
    /// It could not be read or compared: never counted as clean.
    Unknown,
}

/// How bad a difference is. The order is from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Metadata.
    Low,
    /// Behaviour: image, environment, replicas, class, version.
    Medium,
    /// Opens a door a little: rights, network, exposure.
    High,
    /// Opens a door widely.
    Critical,
}

/// Where a resource is declared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// The file, from the repository's root.
    pub file: String,
    /// The line of its first key, from 1.
    pub line: u32,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// The field: `spec.template.spec.containers[name=web].image`.
    pub path: String,
    /// How it differs.
    pub change: Change,
    /// The declared value; null where there is none, or none that may be shown.
    pub desired: Option<Value>,
    /// The live value; null where there is none, or none that may be shown.
    pub live: Option<Value>,
    /// The line of the declared value in its file, from 1.
    pub line: Option<u32>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether going back needs the resource to be made anew.
    pub needs_replace: bool,
    /// Who made the change; null where the other side does not know.
    pub by: Option<Writer>,
}

/// How a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// Both sides have it, with different values.
    Changed,
    /// It is declared and does not live.
    Removed,
    /// It lives, is not declared, and nobody who may own it made it.
    Added,
    /// The same items in another order, where order counts.
    Reordered,
    /// The server dropped or refused what is declared.
    Rejected,
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Writer {
    /// The field manager, or the caller's ARN.
    pub manager: String,
    /// `Apply` or `Update`, or the name of the event.
    pub operation: Option<String>,
    /// When: in Kubernetes then or before; null where no time was kept.
    pub at: Option<String>,
}

/// An ignore rule, and what it hid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ignored {
    /// What the rule matches, as the environment file says it.
    pub rule: String,
    /// Why the differences are wanted.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<String>,
    /// Whether it hid anything, matched nothing, or holds no longer.
    pub status: RuleStatus,
    /// How many differences it hid: fields, and resources that it ignores as a whole.
    pub fields: u64,
}

/// What became of an ignore rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RuleStatus {
    /// It hid something.
    Used,
    /// It matched no difference.
    Unused,
    /// Its last day is over: it hides nothing any more.
    Expired,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unreadable {
    /// What: `kubernetes:workload:apps/deployments`, `aws:s3:GetBucketPolicy:langfuse-dev`.
    pub target: String,
    /// Why, in the other side's word for it.
    pub cause: String,
}
