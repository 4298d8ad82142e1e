//! What a cluster serves, from aggregated discovery: two requests for all groups, versions and kinds.
//!
//! A group whose extension server does not answer is marked stale by the API server: what it has is unknown, not absent. So is
//! what one of the two requests would have told where it fails; where both fail the cluster cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_resource::Scope;
use serde::{Deserialize, Serialize};

use super::connection::{Accept, Connection};
use super::failure::{Cause, Failure};

/// A kind that a cluster serves in a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedKind {
    /// API group.
    pub group: String,
    /// API version, without the group.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Its name in paths.
    pub plural: String,
    /// Where its resources lie.
    #[serde(with = "scope_word")]
    pub scope: Scope,
    verbs: BTreeSet<String>,
}

impl ServedKind {
    /// Whether its resources can be listed.
    #[must_use]
    pub fn can_be_listed(&self) -> bool {
        self.verbs.contains("list")
    }

    /// Whether its resources are kept: made and deleted by somebody, and not computed at each request.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.can_be_listed() && self.verbs.contains("create") && self.verbs.contains("delete")
    }

    /// `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `apps/deployments`, as rights name it.
    #[must_use]
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}/{}", self.group, self.plural) }
    }

    /// The path of its collection: in a namespace, or everywhere.
    #[must_use]
    pub fn collection(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "api" } else { "apis" };
        let namespace = match (self.scope, namespace) {
            (Scope::Namespaced, Some(namespace)) => format!("namespaces/{}/", escaped(namespace)),
            _ => String::new(),
        };
        format!("/{root}/{}/{namespace}{}", self.api_version(), self.plural)
    }

    /// The path of one of its resources.
    #[must_use]
    pub fn object(&self, namespace: Option<&str>, name: &str) -> String {
        format!("{}/{}", self.collection(namespace), escaped(name))
    }
}

/// Text as one part of a path.
fn escaped(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => {
                path.push(char::from(byte))
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

/// Everything that a cluster serves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Served {
    /// All kinds in all versions; of each group its preferred version first.
    pub kinds: Vec<ServedKind>,
    /// Groups, with their versions, that the server cannot tell about.
    stale: BTreeMap<String, BTreeSet<String>>,
    /// Requests that failed, by their paths: what they would have told is unknown.
    #[serde(default)]
    pub unread: BTreeMap<String, Failure>,
}

/// Where the core group is told, and where all others are.
const ROOTS: [&str; 2] = ["/api", "/apis"];

impl Served {
    /// Asks a cluster what it serves.
    pub async fn discover(connection: &Connection) -> Result<Served, Failure> {
        let asks = ROOTS.map(|root| connection.get::<GroupList>(root, Accept::Discovery, parse));
        let mut served = Served::default();
        for (root, groups) in ROOTS.into_iter().zip(futures::future::join_all(asks).await) {
            match groups {
                Ok(groups) => groups.items.into_iter().for_each(|group| served.take(group)),
                Err(failure) => {
                    served.unread.insert(root.to_owned(), failure);
                }
            }
        }
        if served.unread.len() < ROOTS.len() { Ok(served) } else { Err(served.first_failure()) }
    }

    fn first_failure(self) -> Failure {
        let failure = self.unread.into_values().next();
        failure.unwrap_or_else(|| Failure::new(Cause::InvalidAnswer, "the cluster tells nothing"))
    }

    fn take(&mut self, group: Group) {
        let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
        for version in group.versions {
            if version.freshness.as_deref() == Some("Stale") {
                self.stale.entry(name.clone()).or_default().insert(version.version.clone());
            }
            for resource in version.resources {
                let Some(kind) = resource.response_kind.filter(|kind| !kind.kind.is_empty()) else {
                    continue;
                };
                let scope = if resource.scope == "Namespaced" { Scope::Namespaced } else { Scope::Cluster };
                self.kinds.push(ServedKind {
                    group: name.clone(),
                    version: version.version.clone(),
                    kind: kind.kind,
                    plural: resource.resource,
                    scope,
                    verbs: resource.verbs.into_iter().collect(),
                });
            }
        }
    }

    /// How a kind is served in a version; `Ok(None)` where the cluster certainly does not have the kind.
    pub fn find(&self, group: &str, version: &str, kind: &str) -> Result<Option<&ServedKind>, Failure> {
        let of_kind = || self.kinds.iter().filter(|served| served.group == group && served.kind == kind);
        if let Some(found) = of_kind().find(|served| served.version == version) {
            return Ok(Some(found));
        }
        if self.stale.contains_key(group) {
            return Err(Failure::new(Cause::GroupUnavailable, format!("no server answers for {group}")));
        }
        match of_kind().next() {
            Some(other) => {
                let detail = format!("{group}/{version} is not served, {} is", other.version);
                Err(Failure::new(Cause::VersionNotServed, detail))
            }
            None => match self.unread.get(if group.is_empty() { ROOTS[0] } else { ROOTS[1] }) {
                Some(failure) => Err(failure.clone()),
                None => Ok(None),
            },
        }
    }

    /// Where the resources of a kind lie, in whatever version.
    #[must_use]
    pub fn scope(&self, group: &str, kind: &str) -> Option<Scope> {
        self.kinds
            .iter()
            .find(|served| served.group == group && served.kind == kind)
            .map(|served| served.scope)
    }

    /// Each kind that is kept in namespaces, in its preferred version.
    pub fn kept_in_namespaces(&self) -> impl Iterator<Item = &ServedKind> {
        let mut seen = BTreeSet::new();
        self.kinds.iter().filter(move |served| {
            served.scope == Scope::Namespaced
                && served.is_kept()
                && seen.insert((served.group.clone(), served.plural.clone()))
        })
    }
}

fn parse(bytes: &[u8]) -> Result<GroupList, Failure> {
    let invalid = |_| Failure::new(Cause::InvalidAnswer, "the answer is no aggregated discovery");
    let list: GroupList = serde_json::from_slice(bytes).map_err(invalid)?;
    if list.kind == "APIGroupDiscoveryList" {
        Ok(list)
    } else {
        Err(Failure::new(
            Cause::InvalidAnswer,
            "the server has no aggregated discovery (Kubernetes 1.30 has it)",
        ))
    }
}

/// A scope as Kubernetes writes it.
mod scope_word {
    use plimsoll_resource::Scope;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(scope: &Scope, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match scope {
            Scope::Namespaced => "Namespaced",
            Scope::Cluster => "Cluster",
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(if word == "Namespaced" { Scope::Namespaced } else { Scope::Cluster })
    }
}

#[derive(Deserialize)]
struct GroupList {
    kind: String,
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    metadata: Option<GroupName>,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct GroupName {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    freshness: Option<String>,
    #[serde(default)]
    resources: Vec<ApiResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiResource {
    resource: String,
    response_kind: Option<ResponseKind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Deserialize)]
struct ResponseKind {
    kind: String,
}
