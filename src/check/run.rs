//! A check of one environment: every cluster at once, then the ignore rules, then the report.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::access;
use super::aws::{self, Checked, Writers};
use super::composed;
use super::desired::{Desired, DesiredResource, SYNC_CLUSTER};
use super::ignoring;
use super::kubernetes::{self, ClusterTask};
use super::outcome::{Identity, Outcome, ResourceOutcome, Target, Unreadable};
use super::scope::CheckScope;
use crate::config::date::Date;
use crate::config::environment::{Own, Platform};
use crate::diagnostic::Diagnostics;
use crate::exit::ExitStatus;
use crate::live::kube::ExecPlugins;
use crate::report::drift::assembly::{Heading, assemble};
use crate::report::drift::model::{self, DriftReport, RuleStatus};

/// How an environment is checked.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// Which resources are looked at.
    pub scope: CheckScope,
    /// Which platforms are asked; all where none is named.
    pub only: Vec<Platform>,
    /// How many requests one cluster or account gets at once.
    pub concurrency: usize,
    /// How long the reading may take.
    pub timeout: Duration,
    /// Whether a kubeconfig may start programs.
    pub plugins: ExecPlugins,
    /// What all shards of one check have in common.
    pub run: String,
    /// The day that ignore rules are judged by.
    pub today: Date,
    /// Whether it is asked who made each change in AWS.
    pub writers: Writers,
}

impl CheckRequest {
    /// When reading ends that begins now: one moment for all that is read, whatever comes first.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    /// Whether a platform is asked.
    #[must_use]
    pub fn asks(&self, platform: Platform) -> bool {
        self.only.is_empty() || self.only.contains(&platform)
    }
}

/// Reads what lives and compares it. All calls to AWS are told besides.
///
/// # Errors
/// The account that answers is not the declared one; then nothing is compared.
pub async fn read(desired: &Desired, request: &CheckRequest) -> Result<Checked, Diagnostics> {
    let deadline = request.deadline();
    let (clusters, account) =
        futures::join!(read_clusters(desired, request, deadline), read_account(desired, request, deadline));
    let account = account?;
    let mut outcome = clusters;
    outcome.extend(account.outcome);
    Ok(Checked { outcome, ..account })
}

async fn read_account(
    desired: &Desired,
    request: &CheckRequest,
    deadline: Instant,
) -> Result<Checked, Diagnostics> {
    if request.asks(Platform::Aws) {
        aws::check_environment(desired, request, deadline).await
    } else {
        Ok(Checked::default())
    }
}

async fn read_clusters(desired: &Desired, request: &CheckRequest, deadline: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    if request.asks(Platform::Kubernetes) {
        outcome.extend(homeless(desired, request));
        let checks = tasks(desired, request).into_iter().map(|task| async {
            let connection = access::connect(&desired.environment, &task.cluster, request, deadline).await;
            kubernetes::check(task, connection).await
        });
        for part in futures::future::join_all(checks).await {
            outcome.extend(part);
        }
    }
    outcome
}

/// The report of what was found, and the status to exit with.
#[must_use]
pub fn report(desired: &Desired, request: &CheckRequest, mut outcome: Outcome) -> (DriftReport, ExitStatus) {
    let spec = &desired.environment.spec;
    let mut ignored = ignoring::apply(&spec.drift.ignore, request.today, &mut outcome);
    let is_part =
        !request.scope.layers.is_empty() || !request.only.is_empty() || !outcome.unreadable.is_empty();
    if is_part && request.scope.shard.is_none() {
        // What was not looked at may be what the rule is for.
        ignored.retain(|rule| rule.status != RuleStatus::Unused);
    }
    let heading = Heading {
        environment: desired.environment.metadata.name.clone(),
        revision: desired.revision.clone(),
        shard: request.scope.shard.map(|shard| model::Shard {
            index: shard.index,
            of: shard.of,
            run: request.run.clone(),
        }),
    };
    assemble(heading, outcome, ignored)
}

/// One task a cluster that something is declared for, or that a layer goes to.
#[must_use]
pub fn tasks(desired: &Desired, request: &CheckRequest) -> Vec<ClusterTask> {
    let spec = &desired.environment.spec;
    let mut by_cluster: BTreeMap<Arc<str>, Vec<Arc<DesiredResource>>> = BTreeMap::new();
    let composed = composed::composed(desired);
    for resource in desired.resources.iter().chain(&composed) {
        if let Some(cluster) = &resource.cluster {
            by_cluster.entry(Arc::clone(cluster)).or_default().push(Arc::clone(resource));
        }
    }
    let namespaces: HashMap<String, String> =
        spec.layers.iter().filter_map(|layer| Some((layer.name.clone(), layer.namespace.clone()?))).collect();
    let mut asked: BTreeSet<&str> = spec
        .layers
        .iter()
        .filter(|layer| request.scope.has_layer(&layer.name))
        .map(|layer| layer.destination.as_str())
        .collect();
    if request.scope.has_layer(super::desired::SYNC_LAYER) {
        asked.insert(SYNC_CLUSTER);
    }
    by_cluster
        .into_iter()
        .filter(|(cluster, _)| asked.contains(&**cluster))
        .map(|(cluster, resources)| ClusterTask {
            own: own_of(desired, &cluster),
            cluster,
            resources,
            namespaces: namespaces.clone(),
            scope: request.scope.clone(),
            snapshot: None,
        })
        .collect()
}

/// What belongs to the repository in one cluster: a namespace does where the repository puts something into it, or makes it.
/// One that it puts nothing into is looked at everywhere.
pub(super) fn own_of(desired: &Desired, cluster: &str) -> Own {
    let mut own = desired.environment.spec.drift.own.clone();
    own.namespaces.retain(|namespace| {
        let holds = |resource: &&Arc<DesiredResource>| {
            resource.id.namespace.as_ref() == Some(namespace)
                || (resource.id.kind == "Namespace" && resource.id.name == *namespace)
        };
        let mut holders = desired.resources.iter().filter(holds).peekable();
        holders.peek().is_none() || holders.any(|resource| resource.cluster.as_deref() == Some(cluster))
    });
    own
}

/// What lies in a folder that is no layer of the environment: nobody knows where it lives.
pub(super) fn homeless(desired: &Desired, request: &CheckRequest) -> Outcome {
    let mut outcome = Outcome::default();
    let is_wanted = |resource: &&Arc<DesiredResource>| {
        resource.cluster.is_none()
            && &*resource.layer != super::desired::SYNC_LAYER
            && request.scope.has_layer(&resource.layer)
            && request.scope.holds(&format!("kubernetes - {}", resource.id))
    };
    for resource in desired.resources.iter().filter(is_wanted) {
        outcome.unreadable.push(Unreadable {
            target: format!("layer:{}", resource.layer),
            cause: "NoSuchLayer".to_owned(),
        });
        outcome.resources.push(ResourceOutcome {
            id: Identity::Kubernetes { cluster: String::new(), id: resource.id.clone() },
            via: None,
            layer: resource.layer.to_string(),
            source: Some(resource.source.clone()),
            finding: plimsoll_drift::Finding::unknown("NoSuchLayer"),
        });
    }
    if !outcome.resources.is_empty() {
        outcome.targets.push(Target { name: "layers".to_owned(), was_read: false });
    }
    outcome
}
