//! Snapshots: what the clusters and the account of an environment say, read once and compared elsewhere without credentials.
//!
//! A snapshot is what a check of one revision read, less what must not be kept; see [`super::kubernetes`] and [`super::aws`] for
//! what that is. To a check of a snapshot whatever it does not hold is unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::access;
use super::aws::source::AccountRecord;
use super::aws::{self, Checked};
use super::desired::Desired;
use super::kubernetes::source::{Answer, ClusterRecord, ClusterSource};
use super::kubernetes::{self, ClusterTask, RevisionMatch};
use super::outcome::Outcome;
use super::run::{CheckRequest, homeless, tasks};
use crate::config::environment::Platform;
use crate::diagnostic::Diagnostics;
use crate::live::kube::{Cause, Failure};

/// The `apiVersion` of snapshots.
pub const API_VERSION: &str = "plimsoll.dev/v1alpha1";

/// The `kind` of snapshots.
pub const KIND: &str = "LiveSnapshot";

/// The most bytes of a snapshot.
pub const LONGEST: u64 = 1 << 30;

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
    /// What the account said; none where it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRecord>,
}

/// Reads what lives, and what a check of it comes to.
///
/// # Errors
/// The account that answers is not the declared one.
pub async fn take(desired: &Desired, request: &CheckRequest) -> Result<(Outcome, LiveSnapshot), Diagnostics> {
    let deadline = request.deadline();
    let account = async {
        if request.asks(Platform::Aws) {
            aws::record_environment(desired, request, deadline).await
        } else {
            Ok((Checked::default(), None))
        }
    };
    let (clusters, account) = futures::join!(take_clusters(desired, request, deadline), account);
    let (mut outcome, clusters) = clusters;
    let (checked, account) = account?;
    outcome.extend(checked.outcome);
    let snapshot = LiveSnapshot {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        environment: desired.environment.metadata.name.clone(),
        revision: desired.revision.clone(),
        clusters,
        account,
    };
    Ok((outcome, snapshot))
}

async fn take_clusters(
    desired: &Desired,
    request: &CheckRequest,
    deadline: Instant,
) -> (Outcome, BTreeMap<String, Answer<ClusterRecord>>) {
    let mut records = BTreeMap::new();
    if !request.asks(Platform::Kubernetes) {
        return (Outcome::default(), records);
    }
    let mut outcome = homeless(desired, request);
    let reads = tasks(desired, request).into_iter().map(|task| async {
        let cluster = task.cluster.to_string();
        let connection = access::connect(&desired.environment, &task.cluster, request, deadline).await;
        (cluster, kubernetes::record(task, connection).await)
    });
    for (cluster, (part, record)) in futures::future::join_all(reads).await {
        outcome.extend(part);
        records.insert(cluster, record);
    }
    (outcome, records)
}

/// Compares a snapshot as a check compares what lives.
///
/// # Errors
/// The snapshot is of another account than the declared one.
pub async fn compare(
    desired: &Desired,
    request: &CheckRequest,
    snapshot: &LiveSnapshot,
) -> Result<Checked, Diagnostics> {
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
    let mut checked = Checked::default();
    if request.asks(Platform::Aws) {
        checked = aws::compare_recorded(desired, request, snapshot.account.as_ref(), matched).await?;
        outcome.extend(std::mem::take(&mut checked.outcome));
    }
    Ok(Checked { outcome, ..checked })
}
