//! An environment's account, checked: what Git declares for it, what the management cluster adds, what AWS says.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::Value;

use tokio::time::Instant;

use super::declared::{Declared, declared};
use super::keeping::Keeper;
use super::source::{AccountRecord, AccountSource, Refusal};
use super::{Checked, Compared, Options, check, compare, management, unidentified};
use crate::check::access;
use crate::check::desired::Desired;
use crate::check::kubernetes::RevisionMatch;
use crate::check::outcome::{Identity, ResourceOutcome};
use crate::check::run::CheckRequest;
use crate::config::environment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::live::aws::Target as AwsTarget;
use crate::live::kube::Cause;

/// Checks what an environment declares for its account; nothing where it has none.
///
/// Everything is read whatever part is asked for, since resources are found through each other; the findings are those of
/// the part.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
pub async fn check_environment(desired: &Desired, request: &CheckRequest) -> Result<Checked, Diagnostics> {
    let Some(aws) = &desired.environment.spec.aws else { return Ok(Checked::default()) };
    let resources = declared(desired);
    let objects = observe(desired, request, &resources).await;
    let resources = compared(resources, &objects);
    let checked = check(resources, &options(aws, request)).await;
    of_part(checked, desired, request)
}

/// Checks what an environment declares for its account, and keeps what account and clusters say of it.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
pub async fn record_environment(
    desired: &Desired,
    request: &CheckRequest,
) -> Result<(Checked, Option<AccountRecord>), Diagnostics> {
    let Some(aws) = &desired.environment.spec.aws else { return Ok((Checked::default(), None)) };
    let resources = declared(desired);
    let keeper = Keeper::of(&resources);
    let objects = observe(desired, request, &resources).await;
    let resources = compared(resources, &objects);
    let recorded = super::record(resources, &options(aws, request), &keeper).await;
    let (checked, record) =
        recorded.map_err(|found| found.in_environment(&desired.environment.metadata.name))?;
    let kept = objects
        .into_iter()
        .map(|(cluster, objects)| (cluster, objects.iter().map(|object| keeper.object(object)).collect()));
    Ok((checked, Some(AccountRecord { objects: kept.collect(), ..record })))
}

/// Compares what an environment declares for its account with what a snapshot holds of it.
///
/// # Errors
/// The snapshot is of another account.
pub async fn compare_recorded(
    desired: &Desired,
    request: &CheckRequest,
    record: Option<&AccountRecord>,
    revision: RevisionMatch,
) -> Result<Checked, Diagnostics> {
    let Some(aws) = &desired.environment.spec.aws else { return Ok(Checked::default()) };
    let options = Options { recorded: Some(revision), ..options(aws, request) };
    let resources = declared(desired);
    let Some(record) = record else {
        let target = format!("aws:{}", aws.account_id);
        let refusal = Refusal { target, code: Cause::NotInSnapshot.word().to_owned() };
        let resources = compared(resources, &BTreeMap::new());
        return of_part(Ok(unidentified(resources, &options, &refusal)), desired, request);
    };
    if record.account != aws.account_id {
        let message = format!("the snapshot is of account {}, and not of {}", record.account, aws.account_id);
        return Err(Diagnostics::from(
            Diagnostic::error(Code::new("check::other-account"), message).with_help(
                "nothing was compared; take the snapshot with credentials of the environment's account",
            ),
        )
        .in_environment(&desired.environment.metadata.name));
    }
    let resources = compared(resources, &record.objects);
    let checked = match &record.failure {
        Some(refusal) => unidentified(resources, &options, refusal),
        None => {
            let deadline = Instant::now() + options.time;
            compare(resources, &options, AccountSource::Recorded(record), deadline).await.0
        }
    };
    of_part(Ok(checked), desired, request)
}

fn options(aws: &environment::Aws, request: &CheckRequest) -> Options {
    Options {
        account: aws.account_id.clone(),
        target: AwsTarget {
            region: aws.region.clone(),
            role_arn: aws.role_arn.clone(),
            endpoint_url: aws.endpoint_url.clone(),
        },
        at_once: request.concurrency,
        time: request.timeout,
        writers: request.writers,
        recorded: None,
    }
}

/// The findings of the part that is asked for.
fn of_part(
    checked: Result<Checked, Diagnostics>,
    desired: &Desired,
    request: &CheckRequest,
) -> Result<Checked, Diagnostics> {
    let mut checked = checked.map_err(|found| found.in_environment(&desired.environment.metadata.name))?;
    checked.outcome.resources.retain(|resource| is_wanted(resource, request));
    Ok(checked)
}

/// The declared resources beside the objects that clusters have of them.
fn compared(resources: Vec<Declared>, objects: &BTreeMap<String, Vec<Value>>) -> Vec<Compared> {
    let mut observed = management::matched(&resources, objects);
    let resources = resources.into_iter().enumerate();
    resources.map(|(place, declared)| Compared { declared, observed: observed.remove(&place) }).collect()
}

/// What the clusters of the declared resources have of them, by cluster.
async fn observe(
    desired: &Desired,
    request: &CheckRequest,
    resources: &[Declared],
) -> BTreeMap<String, Vec<Value>> {
    let clusters: BTreeSet<&str> =
        resources.iter().filter_map(|resource| resource.cluster.as_deref()).collect();
    let reads = clusters.into_iter().map(|cluster| async move {
        let connection = access::connect(&desired.environment, cluster, request).await.ok()?;
        Some((cluster.to_owned(), management::observe(&connection, cluster, resources).await))
    });
    join_all(reads).await.into_iter().flatten().collect()
}

fn is_wanted(resource: &ResourceOutcome, request: &CheckRequest) -> bool {
    if !request.scope.has_layer(&resource.layer) {
        return false;
    }
    let Identity::Aws { region, kind, name, .. } = &resource.id else { return true };
    // What is declared is named by its declaration: the id in AWS may be known to one shard and unknown to another.
    let declared = resource.via.as_ref().and_then(|via| via.managed_resource.as_deref());
    let name = match declared {
        Some(declared) => format!("aws {kind} {declared}"),
        None => format!("aws {} {kind} extra {name}", region.as_deref().unwrap_or("-")),
    };
    request.scope.holds(&name)
}
