//! What the clusters of an environment add to what Git declares for AWS: the objects of managed resources, and what claims became
//! that Git does not tell everything of.
//!
//! Objects are a help: without them AWS is asked by what Git says alone. What such a claim became is known nowhere else, so
//! a claim that cannot be followed is unknown. All clusters are read at once, each with one connection.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use plimsoll_drift::Finding;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::composed::{self, Followed};
use super::declared::{Declarations, Declared, spoken};
use super::source::AccountRecord;
use super::unexpanded::{Extent, Unexpanded};
use super::{Compared, kind_of_group, management};
use crate::check::access;
use crate::check::desired::Desired;
use crate::check::outcome::{Identity, Outcome, ResourceOutcome, Unreadable, Via};
use crate::check::run::CheckRequest;
use crate::config::environment::Platform;
use crate::live::kube::{Cause, Connection, Failure};

/// One part in so many of the time of a check may go to clusters: AWS is to be read in the time that is left.
const SHARE_OF_TIME: u32 = 3;

/// What clusters say.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    /// The objects of declared managed resources, by cluster.
    pub(super) objects: BTreeMap<String, Vec<Value>>,
    /// What claims became, by their keys; none for what is no claim.
    pub(super) claims: BTreeMap<String, Followed>,
    /// The clusters of which it is not known what their definitions make claims, and why.
    pub(super) definitions: BTreeMap<String, Failure>,
}

/// Reads the clusters of what is declared.
pub(super) async fn read(
    desired: &Desired,
    request: &CheckRequest,
    declarations: &Declarations,
    deadline: Instant,
) -> Surroundings {
    let resources = declarations.resources.iter().filter_map(|resource| resource.cluster.as_deref());
    let claims = declarations.unexpanded.iter().filter_map(|claim| claim.cluster.as_deref());
    let clusters: BTreeSet<&str> = resources.chain(claims).collect();
    let reader = Reader { desired, request, declarations, deadline };
    let reads = clusters.into_iter().map(|cluster| reader.read(cluster));
    let mut all = Surroundings::default();
    for part in join_all(reads).await {
        all.objects.extend(part.objects);
        all.claims.extend(part.claims);
        all.definitions.extend(part.definitions);
    }
    all
}

struct Reader<'a> {
    desired: &'a Desired,
    request: &'a CheckRequest,
    declarations: &'a Declarations,
    deadline: Instant,
}

impl Reader<'_> {
    /// Reads one cluster.
    async fn read(&self, cluster: &str) -> Surroundings {
        let Reader { desired, request, declarations, deadline } = *self;
        // Opening a cluster by its name asks AWS, which may hang too.
        let ends = (Instant::now() + request.timeout / SHARE_OF_TIME).min(deadline);
        let claims: Vec<&Unexpanded> = declarations
            .unexpanded
            .iter()
            .filter(|claim| claim.cluster.as_deref() == Some(cluster))
            .collect();
        let mut part = Surroundings::default();
        let found = match access::connect(&desired.environment, cluster, request, ends).await {
            Ok(connection) => {
                let objects = management::observe(&connection, cluster, &declarations.resources, ends);
                let (objects, found) =
                    futures::join!(objects, timeout_at(ends, follow(&connection, &claims)));
                part.objects.insert(cluster.to_owned(), objects);
                found.unwrap_or_else(|_| {
                    Found::unread(&claims, &Failure::new(Cause::Timeout, "the time for claims was over"))
                })
            }
            Err(failure) => Found::unread(&claims, &failure),
        };
        part.claims = found.claims;
        part.definitions.extend(found.definitions.map(|failure| (cluster.to_owned(), failure)));
        part
    }
}

/// What one cluster says of claims.
#[derive(Default)]
struct Found {
    claims: BTreeMap<String, Followed>,
    /// Why it is not known which of the kinds that nothing in Git defines are claims.
    definitions: Option<Failure>,
}

impl Found {
    /// Nothing, for one reason.
    fn unread(claims: &[&Unexpanded], failure: &Failure) -> Found {
        let mut found = Found::default();
        for claim in claims {
            if claim.extent == Extent::IfClaim {
                found.definitions = Some(failure.clone());
            } else {
                found.claims.insert(claim.key(), Followed::from(failure.clone()));
            }
        }
        found
    }
}

/// Follows those that are claims.
async fn follow(connection: &Connection, claims: &[&Unexpanded]) -> Found {
    let mut found = Found::default();
    let mut kinds = BTreeSet::new();
    if claims.iter().any(|claim| claim.extent == Extent::IfClaim) {
        match composed::definitions(connection).await {
            Ok(defined) => kinds = defined,
            Err(failure) => found.definitions = Some(failure),
        }
    }
    let is_claim = |claim: &&&Unexpanded| {
        claim.extent != Extent::IfClaim || kinds.contains(&(claim.id.group.clone(), claim.id.kind.clone()))
    };
    let followed: Vec<&Unexpanded> = claims.iter().filter(is_claim).copied().collect();
    let objects = composed::follow(connection, &followed).await;
    found.claims = followed.into_iter().map(Unexpanded::key).zip(objects).collect();
    found
}

impl Surroundings {
    /// What a snapshot holds of them.
    pub(super) fn recorded(record: &AccountRecord) -> Surroundings {
        Surroundings {
            objects: record.objects.clone(),
            claims: record.claims.clone(),
            definitions: record.definitions.clone(),
        }
    }

    /// The resources beside their objects, with those that claims became which Git does not tell.
    pub(super) fn compared(&self, declarations: &Declarations) -> Vec<Compared> {
        let resources = &declarations.resources;
        let mut observed = management::matched(resources, &self.objects);
        let mut compared: Vec<Compared> = resources
            .iter()
            .enumerate()
            .map(|(place, declared)| Compared {
                declared: declared.clone(),
                observed: observed.remove(&place),
            })
            .collect();
        for claim in &declarations.unexpanded {
            let Some(followed) = self.claims.get(&claim.key()) else { continue };
            for object in followed.objects.iter().filter(|object| claim.leaves_open(object)) {
                let declared = Declared::of_cluster(claim, object);
                // What Git tells of the claim is there already.
                if !compared.iter().any(|known| is_same(known, &declared)) {
                    compared.push(Compared { declared, observed: Some(object.clone()) });
                }
            }
        }
        compared
    }

    /// What resources are called whose names Crossplane drew, by what Git alone can say of them.
    pub(super) fn drawn_names(&self, declarations: &Declarations) -> BTreeMap<Via, String> {
        let resources = &declarations.resources;
        let names =
            management::matched(resources, &self.objects).into_iter().filter_map(|(place, object)| {
                let declared = resources.get(place)?;
                let is_drawn = declared.composed.as_ref().is_some_and(|template| !template.has_name);
                is_drawn.then(|| (declared.via.clone(), spoken(&object)))
            });
        names.collect()
    }

    /// The claims that nobody knows the whole of: each is unknown, and why stands beside.
    pub(super) fn unknown(
        &self,
        declarations: &Declarations,
        account: &str,
        request: &CheckRequest,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        // With AWS alone, a management cluster that cannot be read makes nothing incomplete by itself.
        if request.asks(Platform::Kubernetes) {
            outcome.unreadable.extend(self.definitions.iter().map(|(cluster, failure)| Unreadable {
                target: format!("kubernetes:{cluster}:compositeresourcedefinitions"),
                cause: failure.to_string(),
            }));
        }
        let claims = declarations.unexpanded.iter();
        for claim in claims.filter(|claim| request.scope.has_layer(&claim.layer)) {
            let failure = match self.claims.get(&claim.key()) {
                Some(followed) => followed.failure.clone(),
                None if claim.extent == Extent::IfClaim => None,
                None if claim.cluster.is_none() => {
                    Some(Failure::new(Cause::NoAccess, "the environment has no layer with the claim"))
                }
                None => Some(Failure::new(Cause::NotInSnapshot, "the snapshot does not hold the claim")),
            };
            let Some(failure) = failure else { continue };
            outcome
                .unreadable
                .push(Unreadable { target: format!("claim:{}", claim.spoken()), cause: failure.to_string() });
            let id = &claim.id;
            outcome.resources.push(ResourceOutcome {
                id: Identity::Aws {
                    account: account.to_owned(),
                    region: None,
                    kind: kind_of_group(&id.group, &id.kind),
                    name: id
                        .namespace
                        .as_ref()
                        .map_or_else(|| id.name.clone(), |namespace| format!("{namespace}/{}", id.name)),
                },
                via: Some(Via { claim: Some(claim.spoken()), ..Via::default() }),
                layer: claim.layer.clone(),
                source: Some(claim.source.clone()),
                finding: Finding::unknown(failure.cause.word()),
            });
        }
        outcome
    }
}

/// Whether a resource that is known already is of the same object of a cluster.
fn is_same(known: &Compared, declared: &Declared) -> bool {
    let side = known.observed.as_ref().unwrap_or(&known.declared.value);
    let text = |pointer: &str| side.pointer(pointer).and_then(Value::as_str);
    known.declared.cluster == declared.cluster
        && known.declared.text("/kind") == declared.text("/kind")
        && text("/metadata/namespace") == declared.text("/metadata/namespace")
        && text("/metadata/name") == declared.text("/metadata/name")
}
