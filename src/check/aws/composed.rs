//! What claims became that Git does not tell: the managed resources that the management cluster says they own.
//!
//! A claim's composite names what was composed in its references, and so on through composites within. All claims are followed
//! together, level by level, so that each version is discovered and each kind of managed resource listed once. A claim that
//! cannot be followed is a failure, never nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use plimsoll_resource::split_api_version;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::declared::is_managed_group;
use super::management::{list, plurals};
use super::unexpanded::Unexpanded;
use crate::live::encoding::percent_encoded;
use crate::live::kube::{Accept, Cause, Connection, Failure};

/// How many composites may lie within each other.
const DEEPEST: usize = 10;

/// Where a cluster lists Crossplane's definitions, in the version that every release since 1.0 serves.
const DEFINITIONS: &str = "/apis/apiextensions.crossplane.io/v1/compositeresourcedefinitions";

/// What was found of one claim.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Followed {
    /// The objects of the managed resources that it became.
    pub objects: Vec<Value>,
    /// Why these are not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl From<Failure> for Followed {
    fn from(failure: Failure) -> Followed {
        Followed { objects: Vec::new(), failure: Some(failure) }
    }
}

/// An object that another one names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    api_version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// The group and kind of everything that a cluster's definitions make a claim or a composite.
pub(super) async fn definitions(connection: &Connection) -> Result<BTreeSet<(String, String)>, Failure> {
    let definitions = match list(connection, DEFINITIONS).await {
        Ok(definitions) => definitions,
        // Without Crossplane nothing is a claim.
        Err(failure) if failure.cause == Cause::NotFound => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let mut kinds = BTreeSet::new();
    for definition in &definitions {
        let text = |pointer: &str| definition.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let Some(group) = text("/spec/group") else { continue };
        let named = ["/spec/names/kind", "/spec/claimNames/kind"].into_iter().filter_map(text);
        kinds.extend(named.map(|kind| (group.clone(), kind)));
    }
    Ok(kinds)
}

/// What each claim became.
pub(super) async fn follow(connection: &Connection, claims: &[&Unexpanded]) -> Vec<Followed> {
    let mut catalog = Catalog { connection, plurals: BTreeMap::new() };
    let mut trails: Vec<Trail> = claims.iter().map(|claim| Trail::from_claim(claim)).collect();
    for _ in 0..DEEPEST {
        let level: BTreeSet<Reference> = trails.iter().flat_map(|trail| trail.ahead.clone()).collect();
        if level.is_empty() {
            break;
        }
        catalog.learn(level.iter().map(|reference| reference.api_version.as_str())).await;
        let reads = level.iter().map(|reference| catalog.object(reference));
        let objects: BTreeMap<&Reference, Result<Value, Failure>> =
            level.iter().zip(join_all(reads).await).collect();
        trails.iter_mut().for_each(|trail| trail.step(&objects));
    }
    let managed: BTreeSet<Reference> = trails.iter().flat_map(|trail| trail.managed.clone()).collect();
    catalog.learn(managed.iter().map(|reference| reference.api_version.as_str())).await;
    let kinds: BTreeSet<(&str, &str)> =
        managed.iter().map(|reference| (reference.api_version.as_str(), reference.kind.as_str())).collect();
    let reads = kinds.iter().map(|(api_version, kind)| catalog.objects(api_version, kind));
    let lists: BTreeMap<(&str, &str), Result<Vec<Value>, Failure>> =
        kinds.iter().copied().zip(join_all(reads).await).collect();
    trails.into_iter().map(|trail| trail.end(&lists)).collect()
}

/// The way from one claim to what it became.
struct Trail {
    seen: BTreeSet<Reference>,
    ahead: Vec<Reference>,
    managed: BTreeSet<Reference>,
    failure: Option<Failure>,
}

impl Trail {
    fn from_claim(claim: &Unexpanded) -> Trail {
        let first = Reference {
            api_version: claim.api_version.clone(),
            kind: claim.id.kind.clone(),
            namespace: claim.id.namespace.clone(),
            name: claim.id.name.clone(),
        };
        Trail {
            seen: BTreeSet::from([first.clone()]),
            ahead: vec![first],
            managed: BTreeSet::new(),
            failure: None,
        }
    }

    /// Goes on from the composites ahead to what they name.
    fn step(&mut self, objects: &BTreeMap<&Reference, Result<Value, Failure>>) {
        for composite in std::mem::take(&mut self.ahead) {
            match objects.get(&composite) {
                Some(Ok(object)) => {
                    for reference in references(object) {
                        let group = split_api_version(&reference.api_version).0;
                        if is_managed_group(group) {
                            self.managed.insert(reference);
                        } else if group.contains('.') && self.seen.insert(reference.clone()) {
                            // Groups of Kubernetes itself compose nothing; of any other it is seen in the object.
                            self.ahead.push(reference);
                        }
                    }
                }
                Some(Err(failure)) => self.failure = Some(failure.clone()),
                None => {}
            }
        }
    }

    fn end(self, lists: &BTreeMap<(&str, &str), Result<Vec<Value>, Failure>>) -> Followed {
        let mut followed = Followed { objects: Vec::new(), failure: self.failure };
        if !self.ahead.is_empty() {
            let too_deep = Failure::new(Cause::TooLarge, "composites lie too deep within each other");
            followed.failure.get_or_insert(too_deep);
        }
        for reference in &self.managed {
            let listed = match lists.get(&(reference.api_version.as_str(), reference.kind.as_str())) {
                Some(Ok(listed)) => listed,
                Some(Err(failure)) => {
                    followed.failure.get_or_insert_with(|| failure.clone());
                    continue;
                }
                None => continue,
            };
            let text = |object: &Value, pointer: &str| {
                object.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
            };
            let object = listed.iter().find(|object| {
                text(object, "/metadata/name").as_ref() == Some(&reference.name)
                    && text(object, "/metadata/namespace") == reference.namespace
            });
            match object {
                Some(object) => followed.objects.push(object.clone()),
                // A reference comes before its object, and stays while that is deleted: AWS may have what nobody knows of.
                None => {
                    let gone =
                        || Failure::new(Cause::NotFound, format!("{} {}", reference.kind, reference.name));
                    followed.failure.get_or_insert_with(gone);
                }
            }
        }
        if self.managed.is_empty() {
            let nothing = || Failure::new(Cause::NotFound, "it is not composed of anything yet");
            followed.failure.get_or_insert_with(nothing);
        }
        followed
    }
}

/// The objects that a composite or a claim names.
fn references(object: &Value) -> Vec<Reference> {
    let of_object = object.pointer("/metadata/namespace").and_then(Value::as_str);
    let list = |pointer: &str| object.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let of_composite = list("/spec/crossplane/resourceRefs").chain(list("/spec/resourceRefs"));
    let of_claim = object.pointer("/spec/resourceRef").map(|reference| (reference, None));
    let all = of_composite.map(|reference| (reference, of_object)).chain(of_claim);
    all.filter_map(|(reference, namespace)| {
        let text = |key: &str| reference.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Reference {
            api_version: text("apiVersion")?,
            kind: text("kind")?,
            namespace: text("namespace").or_else(|| namespace.map(str::to_owned)),
            name: text("name")?,
        })
    })
    .collect()
}

/// What a cluster serves, as far as it was asked.
struct Catalog<'a> {
    connection: &'a Connection,
    plurals: BTreeMap<String, Result<BTreeMap<String, String>, Failure>>,
}

impl Catalog<'_> {
    /// Asks for the kinds of versions that are not known yet.
    async fn learn(&mut self, versions: impl Iterator<Item = &str>) {
        let wanted: BTreeSet<&str> =
            versions.filter(|version| !self.plurals.contains_key(*version)).collect();
        let reads = wanted.iter().map(|version| plurals(self.connection, version));
        let found = join_all(reads).await;
        self.plurals.extend(wanted.into_iter().map(str::to_owned).zip(found));
    }

    fn plural(&self, api_version: &str, kind: &str) -> Result<&str, Failure> {
        let not_served = || Failure::new(Cause::NotFound, format!("{kind} is not served"));
        let plurals = self.plurals.get(api_version).ok_or_else(not_served)?;
        let plurals = match plurals {
            Ok(plurals) => plurals,
            Err(failure) if failure.cause == Cause::NotFound => return Err(not_served()),
            Err(failure) => return Err(failure.clone()),
        };
        plurals.get(kind).map(String::as_str).ok_or_else(not_served)
    }

    /// One object.
    async fn object(&self, reference: &Reference) -> Result<Value, Failure> {
        let plural = self.plural(&reference.api_version, &reference.kind)?;
        let namespace =
            reference.namespace.as_deref().map(|name| format!("namespaces/{}/", percent_encoded(name)));
        let path = format!(
            "/apis/{}/{}{plural}/{}",
            reference.api_version,
            namespace.unwrap_or_default(),
            percent_encoded(&reference.name)
        );
        let read = |bytes: &[u8]| {
            serde_json::from_slice(bytes)
                .ok()
                .filter(|object: &Value| object.pointer("/metadata/name").is_some())
                .ok_or_else(|| Failure::new(Cause::InvalidAnswer, "the answer is no object"))
        };
        self.connection.get(&path, Accept::Json, read).await
    }

    /// All objects of a kind, each saying what it is, as items of lists do not.
    async fn objects(&self, api_version: &str, kind: &str) -> Result<Vec<Value>, Failure> {
        let plural = self.plural(api_version, kind)?;
        let mut objects = list(self.connection, &format!("/apis/{api_version}/{plural}")).await?;
        for members in objects.iter_mut().filter_map(Value::as_object_mut) {
            members.insert("apiVersion".to_owned(), Value::from(api_version));
            members.insert("kind".to_owned(), Value::from(kind));
        }
        Ok(objects)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn composites_of_both_generations_and_claims_name_what_they_own() {
        let reference = |namespace: Option<&str>| Reference {
            api_version: "ec2.aws.m.upbound.io/v1beta1".to_owned(),
            kind: "VPC".to_owned(),
            namespace: namespace.map(str::to_owned),
            name: "main".to_owned(),
        };
        let named = json!({"apiVersion": "ec2.aws.m.upbound.io/v1beta1", "kind": "VPC", "name": "main"});
        let second =
            json!({"metadata": {"namespace": "lab"}, "spec": {"crossplane": {"resourceRefs": [named]}}});
        assert_eq!(references(&second), [reference(Some("lab"))]);
        let first = json!({"metadata": {}, "spec": {"resourceRefs": [named, {"kind": "VPC"}]}});
        assert_eq!(references(&first), [reference(None)], "one without a name is not made yet");
        let claim = json!({"metadata": {"namespace": "lab"}, "spec": {"resourceRef": named}});
        assert_eq!(
            references(&claim),
            [reference(None)],
            "a composite of the first generation has no namespace"
        );
    }
}
