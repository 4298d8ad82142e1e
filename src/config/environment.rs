//! What `overlays/<env>/environment.yaml` says, as types.
//!
//! The types are the one source of the published JSON Schema: their doc comments are its descriptions, their attributes its
//! rules. A kind of source that does not work yet is not here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An environment: what it is made of, where it runs, and how it is synced and checked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    /// Version of this file's format.
    pub api_version: ApiVersion,
    /// Always `Environment`.
    pub kind: EnvironmentKind,
    /// The name of the environment.
    pub metadata: Metadata,
    /// What the environment is made of.
    pub spec: Spec,
}

/// The versions of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// The only one so far.
    #[serde(rename = "plimsoll.dev/v1alpha1")]
    V1Alpha1,
}

/// The kind of an environment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EnvironmentKind {
    /// The only one.
    Environment,
}

/// The name of an environment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The name; the folder's below `overlays/`.
    #[schemars(length(min = 1, max = 63), regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
}

/// What an environment is made of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    /// Values that templates and value files see as `parameters`.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// The AWS account; without it no AWS call is made.
    #[serde(default)]
    pub aws: Option<Aws>,
    /// The clusters that layers are applied to, by name.
    #[serde(default)]
    pub clusters: BTreeMap<String, Cluster>,
    /// The scope of kinds that nothing in the tree defines.
    #[serde(default)]
    pub kinds: Vec<KindScope>,
    /// The layers, in the order in which they are listed; `dependsOn` says which must come first.
    #[schemars(length(min = 1))]
    pub layers: Vec<Layer>,
    /// How the layers are applied; without it no sync objects are written.
    #[serde(default)]
    pub sync: Option<Sync>,
    /// What looks like a secret and is none.
    #[serde(default)]
    pub secrets: Secrets,
    /// What `lint` is allowed to find.
    #[serde(default)]
    pub lint: Lint,
    /// What the drift check takes for its own and what it ignores; rendering does not read it.
    #[serde(default)]
    pub drift: Drift,
}

/// An AWS account and region.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Aws {
    /// The account's number, in quotes.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    pub account_id: String,
    /// The region.
    #[schemars(length(min = 1))]
    pub region: String,
    /// A role to assume for reading; null is the caller's own.
    #[serde(default)]
    pub role_arn: Option<String>,
    /// Another endpoint than AWS's.
    #[serde(default)]
    pub endpoint_url: Option<String>,
}

/// How a cluster is reached: by a kubeconfig, or as an EKS cluster by its name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    /// Path of a kubeconfig; null is KUBECONFIG, then ~/.kube/config, then the pod's own account.
    #[serde(default)]
    pub kubeconfig: Option<String>,
    /// The context of the kubeconfig; null is its current one.
    #[serde(default)]
    pub context: Option<String>,
    /// An EKS cluster of the AWS account.
    #[serde(default)]
    pub eks: Option<Eks>,
}

/// An EKS cluster.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Eks {
    /// The cluster's name.
    #[schemars(length(min = 1))]
    pub name: String,
}

/// Whether a kind's resources lie in namespaces.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KindScope {
    /// API group; empty for the core group.
    pub group: String,
    /// Kind.
    #[schemars(length(min = 1))]
    pub kind: String,
    /// Its scope.
    pub scope: Scope,
}

/// Where the resources of a kind lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// In namespaces.
    Namespaced,
    /// In the cluster itself.
    Cluster,
}

/// A part of the environment that is applied as one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layer {
    /// The name; a folder of the output.
    #[schemars(length(min = 1, max = 63), regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
    /// Layers that must be healthy before this one is applied.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// The cluster that the layer is applied to, by its name in `clusters`.
    pub destination: String,
    /// The namespace of namespaced resources that name none.
    #[serde(default)]
    #[schemars(length(min = 1, max = 63), regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub namespace: Option<String>,
    /// Where the layer's resources come from.
    #[schemars(length(min = 1))]
    pub sources: Vec<Source>,
    /// Changes to the resources of all sources, in the syntax of kustomize's `patches`.
    #[serde(default)]
    pub patches: Vec<Patch>,
    /// Whether what leaves Git is deleted from the cluster; null is yes, but no for a layer that holds data.
    #[serde(default)]
    pub prune: Option<bool>,
}

/// Where resources come from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Source {
    /// A folder with Jinja templates in `templates/` and their values in `values.yaml`.
    Templates(Folder),
    /// A file or folder with plain manifests.
    Manifests(Folder),
    /// A folder with a kustomization, built as `kustomize build` does.
    Kustomize(Folder),
    /// A Helm chart, of the repository or fetched, rendered as `helm template` does.
    Helm(Box<HelmChart>),
}

/// A Helm chart, and what it is rendered with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HelmChart {
    /// Path of the chart, a folder or a packaged `.tgz`, from the repository's root; or `oci://registry/path/chart`; or with
    /// `repository` the chart's name there.
    #[schemars(length(min = 1))]
    pub chart: String,
    /// The chart repository, `https://...` or `oci://...`, where `chart` is a name.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub repository: Option<String>,
    /// The version that the chart must have; of a chart that is fetched a whole one, such as `1.2.3`.
    #[serde(default)]
    pub version: Option<String>,
    /// The release's name.
    #[schemars(length(min = 1, max = 53))]
    pub release: String,
    /// Values files from `overlays/<env>/<layer>/`, each merged over those before it, and the layer's `values.yaml` over all.
    #[serde(default)]
    pub values: Vec<String>,
    /// Values that are merged over all files.
    #[serde(default)]
    pub values_object: BTreeMap<String, Value>,
    /// Which Helm is followed.
    #[serde(default)]
    pub profile: HelmProfile,
    /// The version of Kubernetes that the chart is told.
    #[serde(default)]
    pub kube_version: Option<String>,
    /// API versions that the chart is told beside the built-in ones.
    #[serde(default)]
    pub api_versions: Vec<String>,
    /// Whether the chart's `crds/` are taken.
    #[serde(default)]
    pub include_crds: bool,
    /// What becomes of hooks other than tests, which are always dropped.
    #[serde(default)]
    pub hooks: Hooks,
    /// The release's namespace; without it the layer's.
    #[serde(default)]
    #[schemars(length(min = 1, max = 63), regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub namespace: Option<String>,
}

/// A line of Helm's releases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HelmProfile {
    /// Helm 3.21.
    V3,
    /// Helm 4.2.
    #[default]
    V4,
}

/// What becomes of a chart's hooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hooks {
    /// They are resources like all others.
    #[default]
    Keep,
    /// They are left out.
    Drop,
}

/// A path in the repository.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Folder {
    /// Path from the repository's root.
    #[schemars(length(min = 1))]
    pub path: String,
}

/// A strategic merge or JSON 6902 patch, as kustomize's `patches` has them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Patch {
    /// A file with the patch, from `overlays/<env>/<layer>/`.
    #[serde(default)]
    pub path: Option<String>,
    /// The patch itself.
    #[serde(default)]
    pub patch: Option<String>,
    /// The resources to change; without it the patch's own kind and name say.
    #[serde(default)]
    pub target: Option<PatchTarget>,
    /// What the patch may change besides.
    #[serde(default)]
    pub options: Option<PatchOptions>,
}

/// Which resources a patch changes. Names, namespaces and kinds are regular expressions that must match as a whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchTarget {
    /// API group.
    #[serde(default)]
    pub group: Option<String>,
    /// API version.
    #[serde(default)]
    pub version: Option<String>,
    /// Kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// A label selector: `app=web,tier!=db`.
    #[serde(default)]
    pub label_selector: Option<String>,
    /// A selector over annotations.
    #[serde(default)]
    pub annotation_selector: Option<String>,
}

/// What a patch may change besides fields.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchOptions {
    /// The resource's name.
    #[serde(default)]
    pub allow_name_change: bool,
    /// The resource's kind.
    #[serde(default)]
    pub allow_kind_change: bool,
}

/// How the layers are applied.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Sync {
    /// By Flux on the management cluster.
    Flux(Flux),
    /// By Argo CD on the management cluster.
    #[serde(rename = "argocd")]
    ArgoCd(ArgoCd),
}

/// How Flux applies the layers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flux {
    /// The namespace of Flux's own objects.
    #[serde(default = "flux_namespace")]
    pub namespace: String,
    /// The repository, as Flux reaches it.
    #[schemars(length(min = 1))]
    pub url: String,
    /// The branch that Flux follows.
    #[serde(default = "main_branch")]
    pub branch: String,
    /// A Secret in Flux's namespace with the credentials of the repository.
    #[serde(default)]
    pub secret_ref: Option<SecretName>,
    /// How often Flux looks.
    #[serde(default = "ten_minutes")]
    #[schemars(regex(pattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"))]
    pub interval: String,
    /// How long a layer may take to become healthy.
    #[serde(default = "forty_five_minutes")]
    #[schemars(regex(pattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"))]
    pub timeout: String,
    /// How Flux reaches the workload cluster from the management cluster.
    #[serde(default)]
    pub workload_kube_config: Option<KubeConfig>,
}

/// How Argo CD applies the layers: one Application a layer, in sync waves below one that holds them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArgoCd {
    /// The namespace of Argo CD's own objects.
    #[serde(default = "argo_cd_namespace")]
    pub namespace: String,
    /// The repository, as Argo CD reaches it. Its credentials are a Secret that Argo CD finds by itself.
    #[schemars(length(min = 1))]
    pub url: String,
    /// The branch that Argo CD follows.
    #[serde(default = "main_branch")]
    pub branch: String,
    /// The project of the Applications; null makes one for the environment, which allows its repository and clusters only.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub project: Option<String>,
    /// The names by which Argo CD knows the clusters. `management` is the one it runs in unless it stands here.
    #[serde(default)]
    pub clusters: BTreeMap<String, String>,
}

/// A Secret by its name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretName {
    /// The Secret's name.
    #[schemars(length(min = 1))]
    pub name: String,
}

/// A kubeconfig in a Secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubeConfig {
    /// The Secret, in Flux's namespace.
    pub secret_ref: SecretKey,
}

/// A key of a Secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretKey {
    /// The Secret's name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The key; null is `value`, as Flux has it.
    #[serde(default)]
    pub key: Option<String>,
}

/// What looks like a secret and is none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Values that may be written although they look like secrets.
    #[serde(default)]
    pub allow: Vec<AllowedSecret>,
}

/// Permission to write values that look like secrets. Names and keys are globs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedSecret {
    /// Kind of the resource.
    #[serde(default)]
    pub kind: Option<String>,
    /// Name of the resource.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Namespace of the resource.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Keys of a Secret or ConfigMap, names of variables, or whole field paths.
    #[schemars(length(min = 1))]
    pub keys: Vec<String>,
    /// Why this is no secret, or why it may be written.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The last day on which the permission holds, `2027-01-31`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub expires: Option<String>,
}

/// What `lint` is allowed to find.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lint {
    /// Findings that are known and right in spite of their rule.
    #[serde(default)]
    pub allow: Vec<AllowedFinding>,
}

/// Permission for findings of a rule. Names are globs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedFinding {
    /// The rule: its code, with or without `lint::`.
    #[schemars(length(min = 1))]
    pub rule: String,
    /// Kind of the resource.
    #[serde(default)]
    pub kind: Option<String>,
    /// Name of the resource.
    #[serde(default)]
    pub name: Option<String>,
    /// Namespace of the resource.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Why it is right.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The last day on which the permission holds, `2027-01-31`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub expires: Option<String>,
}

/// What the drift check takes for its own and what it ignores.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Where everything belongs to the repository, so that what it lacks is reported.
    #[serde(default)]
    pub own: Own,
    /// Differences that are known and wanted.
    #[serde(default)]
    pub ignore: Vec<IgnoreRule>,
}

/// Where everything belongs to the repository.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// Namespaces.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Label selectors.
    #[serde(default)]
    pub selectors: Vec<String>,
}

/// A difference that is known and wanted. Names are globs; a path covers all below it, `*` is one key or item.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IgnoreRule {
    /// Field path, as it is reported; without it the whole resource is ignored.
    #[serde(default)]
    pub path: Option<String>,
    /// Kind of the resource.
    #[serde(default)]
    pub kind: Option<String>,
    /// Name of the resource.
    #[serde(default)]
    pub name: Option<String>,
    /// Namespace of the resource.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Layer of the resource.
    #[serde(default)]
    pub layer: Option<String>,
    /// Cluster of the resource.
    #[serde(default)]
    pub cluster: Option<String>,
    /// API group of the resource.
    #[serde(default)]
    pub group: Option<String>,
    /// Platform of the resource.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Why the difference is wanted.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The last day on which the rule holds, `2027-01-31`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub expires: Option<String>,
}

/// Where a resource lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// A Kubernetes cluster.
    Kubernetes,
    /// The AWS account.
    Aws,
}

fn argo_cd_namespace() -> String {
    "argocd".to_owned()
}

fn flux_namespace() -> String {
    "flux-system".to_owned()
}

fn main_branch() -> String {
    "main".to_owned()
}

fn ten_minutes() -> String {
    "10m".to_owned()
}

fn forty_five_minutes() -> String {
    "45m".to_owned()
}
