//! An environment's account, checked: what Git declares for it, what the management cluster adds, what AWS says.

use tokio::time::Instant;

use super::composed::Followed;
use super::declared::{Declarations, declared};
use super::keeping::Keeper;
use super::source::{AccountRecord, AccountSource, Refusal};
use super::surroundings::{self, Surroundings};
use super::{Checked, Options, check, compare, unidentified};
use crate::check::desired::Desired;
use crate::check::kubernetes::RevisionMatch;
use crate::check::outcome::{Identity, ResourceOutcome, Via};
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
pub async fn check_environment(
    desired: &Desired,
    request: &CheckRequest,
    deadline: Instant,
) -> Result<Checked, Diagnostics> {
    let Some(aws) = &desired.environment.spec.aws else { return Ok(Checked::default()) };
    let declarations = declared(desired);
    let surroundings = surroundings::read(desired, request, &declarations, deadline).await;
    let checked = check(surroundings.compared(&declarations), &options(aws, request, deadline)).await;
    let part = Part { desired, request, declarations: &declarations, surroundings: &surroundings };
    part.of(checked)
}

/// Checks what an environment declares for its account, and keeps what account and clusters say of it.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
pub async fn record_environment(
    desired: &Desired,
    request: &CheckRequest,
    deadline: Instant,
) -> Result<(Checked, Option<AccountRecord>), Diagnostics> {
    let Some(aws) = &desired.environment.spec.aws else { return Ok((Checked::default(), None)) };
    let declarations = declared(desired);
    let keeper = Keeper::of(&declarations.resources);
    let surroundings = surroundings::read(desired, request, &declarations, deadline).await;
    let resources = surroundings.compared(&declarations);
    let recorded = super::record(resources, &options(aws, request, deadline), &keeper).await;
    let (checked, record) =
        recorded.map_err(|found| found.in_environment(&desired.environment.metadata.name))?;
    let part = Part { desired, request, declarations: &declarations, surroundings: &surroundings };
    let checked = part.of(Ok(checked))?;
    let Surroundings { objects, claims, definitions } = surroundings;
    let kept = |objects: Vec<_>| objects.iter().map(|object| keeper.object(object)).collect();
    let objects = objects.into_iter().map(|(cluster, objects)| (cluster, kept(objects))).collect();
    let claims = claims
        .into_iter()
        .map(|(key, claim)| (key, Followed { objects: kept(claim.objects), ..claim }))
        .collect();
    Ok((checked, Some(AccountRecord { objects, claims, definitions, ..record })))
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
    let options = Options { recorded: Some(revision), ..options(aws, request, request.deadline()) };
    let declarations = declared(desired);
    let Some(record) = record else {
        let target = format!("aws:{}", aws.account_id);
        let refusal = Refusal { target, code: Cause::NotInSnapshot.word().to_owned() };
        let surroundings = &Surroundings::default();
        let resources = surroundings.compared(&declarations);
        let part = Part { desired, request, declarations: &declarations, surroundings };
        return part.of(Ok(unidentified(resources, &options, &refusal)));
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
    let surroundings = &Surroundings::recorded(record);
    let resources = surroundings.compared(&declarations);
    let checked = match &record.failure {
        Some(refusal) => unidentified(resources, &options, refusal),
        None => compare(resources, &options, AccountSource::Recorded(record)).await.0,
    };
    Part { desired, request, declarations: &declarations, surroundings }.of(Ok(checked))
}

fn options(aws: &environment::Aws, request: &CheckRequest, deadline: Instant) -> Options {
    Options {
        account: aws.account_id.clone(),
        target: AwsTarget {
            region: aws.region.clone(),
            role_arn: aws.role_arn.clone(),
            endpoint_url: aws.endpoint_url.clone(),
        },
        at_once: request.concurrency,
        deadline,
        writers: request.writers,
        recorded: None,
    }
}

/// What is asked for of what was found.
struct Part<'a> {
    desired: &'a Desired,
    request: &'a CheckRequest,
    declarations: &'a Declarations,
    surroundings: &'a Surroundings,
}

impl Part<'_> {
    /// The findings of this part, and the claims that nobody knows the whole of.
    fn of(&self, checked: Result<Checked, Diagnostics>) -> Result<Checked, Diagnostics> {
        let environment = &self.desired.environment;
        let mut checked = checked.map_err(|found| found.in_environment(&environment.metadata.name))?;
        if let Some(aws) = &environment.spec.aws {
            checked.outcome.extend(self.surroundings.unknown(
                self.declarations,
                &aws.account_id,
                self.request,
            ));
        }
        checked.outcome.resources.retain(|resource| is_wanted(resource, self.request));
        // After that, since the cluster may be read by one shard and not by another.
        let names = self.surroundings.drawn_names(self.declarations);
        for via in checked.outcome.resources.iter_mut().filter_map(|resource| resource.via.as_mut()) {
            if let Some(drawn) = names.get(&Via { compared: None, ..via.clone() }) {
                via.managed_resource = Some(drawn.clone());
            }
        }
        Ok(checked)
    }
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
