//! Snapshots: what the clusters of an environment say, read once and compared elsewhere without credentials.
//!
//! A snapshot is what a check of one revision read, less what must not be kept; see [`super::kubernetes`] for what that is. It
//! holds no AWS: to a check of a snapshot what is declared for an account is unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::access;
use super::aws;
use super::desired::Desired;
use super::kubernetes::source::{Answer, ClusterRecord, ClusterSource};
use super::kubernetes::{self, ClusterTask, RevisionMatch};
use super::outcome::Outcome;
use super::run::{CheckRequest, homeless, tasks};
use crate::config::environment::Platform;
use crate::live::kube::{Cause, Failure};

/// The `apiVersion` of snapshots.
pub const API_VERSION: &str = "plimsoll.dev/v1alpha1";

/// The `kind` of snapshots.
pub const KIND: &str = "LiveSnapshot";

/// What lives, as one check read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveSnapshot {
    /// Always `plimsoll.dev/v1alpha1`.
    pub api_version: String,
    /// Always `LiveSnapshot`.
    pub kind: String,
    /// The environment.
    pub environment: String,
    /// The commit that says which Secrets are equal; none for the work tree.
    pub revision: Option<String>,
    /// What each cluster said.
    pub clusters: BTreeMap<String, Answer<ClusterRecord>>,
}

/// Reads what lives, and what a check of it comes to.
pub async fn take(desired: &Desired, request: &CheckRequest) -> (Outcome, LiveSnapshot) {
    let mut snapshot = LiveSnapshot {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        environment: desired.environment.metadata.name.clone(),
        revision: desired.revision.clone(),
        clusters: BTreeMap::new(),
    };
    let mut outcome = homeless(desired, request);
    let reads = tasks(desired, request).into_iter().map(|task| async {
        let cluster = task.cluster.to_string();
        let connection = access::connect(&desired.environment, &task.cluster, request).await;
        (cluster, kubernetes::record(task, connection).await)
    });
    for (cluster, (part, record)) in futures::future::join_all(reads).await {
        outcome.extend(part);
        snapshot.clusters.insert(cluster, record);
    }
    (outcome, snapshot)
}

/// Compares a snapshot as a check compares what lives.
pub async fn compare(desired: &Desired, request: &CheckRequest, snapshot: &LiveSnapshot) -> Outcome {
    let mut outcome = Outcome::default();
    let is_same = snapshot.revision.is_some() && snapshot.revision == desired.revision;
    let matched = if is_same { RevisionMatch::Same } else { RevisionMatch::Other };
    if request.asks(Platform::Kubernetes) {
        outcome.extend(homeless(desired, request));
        for task in tasks(desired, request) {
            let source = match snapshot.clusters.get(&*task.cluster) {
                Some(Answer::Read(record)) => Ok(ClusterSource::Recorded(Arc::new(record.clone()))),
                Some(Answer::Failed(failure)) => Err(failure.clone()),
                None => Err(Failure::new(Cause::NotInSnapshot, "the snapshot does not hold the cluster")),
            };
            let task = ClusterTask { snapshot: Some(matched), ..task };
            outcome.extend(kubernetes::check(task, source).await);
        }
    }
    if request.asks(Platform::Aws) {
        outcome.extend(aws::unread_environment(desired, request, Cause::NotInSnapshot.word()));
    }
    outcome
}
