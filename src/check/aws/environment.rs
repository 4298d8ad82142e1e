//! An environment's account, checked: what Git declares for it, what the management cluster adds, what AWS says.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::Value;

use super::declared::{Declared, declared};
use super::{Checked, Compared, Options, check, management, unread};
use crate::check::access;
use crate::check::desired::Desired;
use crate::check::outcome::{Identity, Outcome, ResourceOutcome, Target, Unreadable};
use crate::check::run::CheckRequest;
use crate::diagnostic::Diagnostics;
use crate::live::aws::Target as AwsTarget;

/// Checks what an environment declares for its account; nothing where it has none.
///
/// Everything is read whatever part is asked for, since resources are found through each other; the findings are those of
/// the part.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
pub async fn check_environment(desired: &Desired, request: &CheckRequest) -> Result<Checked, Diagnostics> {
    let name = &desired.environment.metadata.name;
    let Some(aws) = &desired.environment.spec.aws else {
        return Ok(Checked::default());
    };
    let resources = declared(desired);
    let mut observed = observe(desired, request, &resources).await;
    let resources: Vec<Compared> = resources
        .into_iter()
        .enumerate()
        .map(|(place, declared)| Compared { declared, observed: observed.remove(&place) })
        .collect();
    let options = Options {
        account: aws.account_id.clone(),
        target: AwsTarget {
            region: aws.region.clone(),
            role_arn: aws.role_arn.clone(),
            endpoint_url: aws.endpoint_url.clone(),
        },
        at_once: request.concurrency,
        time: request.timeout,
        writers: request.writers,
    };
    let mut checked = check(resources, &options).await.map_err(|found| found.in_environment(name))?;
    checked.outcome.resources.retain(|resource| is_wanted(resource, request));
    Ok(checked)
}

/// What is declared for an environment's account where nothing of it could be read; nothing where it has none.
#[must_use]
pub fn unread_environment(desired: &Desired, request: &CheckRequest, cause: &str) -> Outcome {
    let Some(aws) = &desired.environment.spec.aws else { return Outcome::default() };
    let name = format!("aws:{}", aws.account_id);
    let resources = declared(desired).into_iter().map(|declared| unread(declared, &aws.account_id, cause));
    Outcome {
        resources: resources.filter(|resource| is_wanted(resource, request)).collect(),
        unreadable: vec![Unreadable { target: name.clone(), cause: cause.to_owned() }],
        targets: vec![Target { name, was_read: false }],
    }
}

/// What the clusters of the declared resources have of them.
async fn observe(
    desired: &Desired,
    request: &CheckRequest,
    resources: &[Declared],
) -> BTreeMap<usize, Value> {
    let clusters: BTreeSet<&str> =
        resources.iter().filter_map(|resource| resource.cluster.as_deref()).collect();
    let reads = clusters.into_iter().map(|cluster| async move {
        let connection = access::connect(&desired.environment, cluster, request).await.ok()?;
        Some(management::observe(&connection, cluster, resources).await)
    });
    join_all(reads).await.into_iter().flatten().flatten().collect()
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
