//! The AWS half of a check: what is declared for the account, beside what the account says.
//!
//! Identity comes first: with credentials of another account nothing is asked and nothing compared. Then `plimsoll-aws` says
//! what to ask and what the answers mean, [`crate::live::aws`] asks. Here declared resources go in and findings come out.
//! What could not be read is unknown, with the service's own code.

mod composed;
pub mod declared;
mod environment;
pub mod findings;
mod keeping;
pub mod management;
pub mod policy;
mod provider_state;
pub mod reading;
pub mod source;
mod surroundings;
pub mod unexpanded;
mod writers;

use std::collections::BTreeSet;

use plimsoll_aws::{Account, AwsResult, ManagedResource, Plan, State as AwsState};
use plimsoll_drift::{Finding, State};
use plimsoll_resource::split_api_version;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::live::aws::{CallFailure, Caller, Cause, Ledger, Session, Target, partition_name};

use super::kubernetes::RevisionMatch;
use super::outcome::{Identity, Outcome, ResourceOutcome, Target as CheckTarget, Unreadable};
use declared::Declared;
pub use environment::{check_environment, compare_recorded, record_environment};
use keeping::Keeper;
use reading::Reading;
use source::{AccountRecord, AccountSource, Recorder, Refusal};

/// How an account is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The account that it must be.
    pub account: String,
    /// Where and as whom to ask.
    pub target: Target,
    /// How many calls are made at once.
    pub at_once: usize,
    /// When all of it ends.
    pub deadline: Instant,
    /// Whether CloudTrail is asked who made each change.
    pub writers: Writers,
    /// Whether what is read is a snapshot, and of which revision.
    pub recorded: Option<RevisionMatch>,
}

/// Whether writers are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// CloudTrail is left alone.
    NotAsked,
    /// CloudTrail is asked about each drifted resource.
    Asked,
}

/// A declared resource and the object in the management cluster, where that could be read.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What Git declares.
    pub declared: Declared,
    /// What the management cluster has.
    pub observed: Option<Value>,
}

/// What a check of an account came to.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Its findings.
    pub outcome: Outcome,
    /// What was asked.
    pub ledger: Ledger,
    /// Parameters that Git declares and no table knows, with the resources that they are of: nothing is said about them.
    pub uncompared: Vec<String>,
}

/// Compares what is declared with the account.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
pub async fn check(resources: Vec<Compared>, options: &Options) -> Result<Checked, Diagnostics> {
    let caller = match identified(options).await? {
        Ok(caller) => caller,
        Err(refusal) => return Ok(unidentified(resources, options, &refusal)),
    };
    let (mut checked, names) = compare(resources, options, AccountSource::Live(&caller)).await;
    if options.writers == Writers::Asked {
        writers::name_writers(&caller, &mut checked.outcome.resources, &names, options.deadline).await;
    }
    Ok(Checked { ledger: caller.ledger(), ..checked })
}

/// Compares what is declared with the account, and keeps what it says.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
async fn record(
    resources: Vec<Compared>,
    options: &Options,
    keeper: &Keeper,
) -> Result<(Checked, AccountRecord), Diagnostics> {
    let mut record = AccountRecord { account: options.account.clone(), ..AccountRecord::default() };
    let caller = match identified(options).await? {
        Ok(caller) => caller,
        Err(refusal) => {
            let checked = unidentified(resources, options, &refusal);
            record.failure = Some(refusal);
            return Ok((checked, record));
        }
    };
    let recorder = Recorder::new(keeper);
    let source = AccountSource::Recording(&caller, &recorder);
    let (checked, _) = compare(resources, options, source).await;
    record.answers = recorder.answers();
    Ok((Checked { ledger: caller.ledger(), ..checked }, record))
}

/// A caller with credentials of the declared account; else what could not be asked.
///
/// # Errors
/// The credentials are those of another account, or may not take on the role.
async fn identified(options: &Options) -> Result<Result<Caller, Refusal>, Diagnostics> {
    let refusal = |failure: &CallFailure| {
        let target = match &options.target.role_arn {
            Some(role_arn) => format!("aws:sts:AssumeRole:{role_arn}"),
            None => format!("aws:sts:GetCallerIdentity:{}", options.account),
        };
        Refusal { target, code: failure.code().to_owned() }
    };
    let asked = async {
        let session = Session::open(&options.target).await?;
        let identity = session.identity().await;
        Ok((session, identity))
    };
    let late = |_| Err(CallFailure::new(Cause::Timeout, "the time of the check was over"));
    let (session, identity) = match timeout_at(options.deadline, asked).await.unwrap_or_else(late) {
        Ok(asked) => asked,
        Err(failure) => return Ok(Err(refusal(&failure))),
    };
    match identity {
        Ok(identity) if identity.account != options.account => {
            Err(other_account(&identity.account, &identity.arn, options))
        }
        Ok(_) => Ok(Ok(Caller::new(session, options.at_once, options.deadline))),
        Err(failure) => match (&options.target.role_arn, &failure.cause) {
            (Some(role_arn), Cause::Service(_)) => Err(refused_role(role_arn, &failure)),
            _ => Ok(Err(refusal(&failure))),
        },
    }
}

/// Compares with what a source says, and gives the names besides by which the trail may know each resource.
async fn compare(
    resources: Vec<Compared>,
    options: &Options,
    source: AccountSource<'_>,
) -> (Checked, Vec<Vec<String>>) {
    let account = account_of(options);
    let resources: Vec<Compared> = resources.into_iter().map(filled).collect();
    let managed: Vec<ManagedResource> = resources
        .iter()
        .map(|resource| ManagedResource {
            manifest: resource.declared.value.clone(),
            observed: resource.observed.clone(),
        })
        .collect();
    let mut plan = Plan::new(&managed, account);
    let reading = reading::read(source, &mut plan, options.deadline).await;
    let mut results = plan.finish();
    if options.recorded == Some(RevisionMatch::Other) {
        results.iter_mut().for_each(keeping::leave_hidden_open);
    }
    for result in &mut results {
        let declared = result.resource.and_then(|index| resources.get(index)).map(|one| &one.declared);
        if declared.is_some_and(|declared| declared.is_of_cluster() && keeping::is_hidden(&declared.value)) {
            keeping::leave_open(result);
        }
    }
    let causes: BTreeSet<&str> = results
        .iter()
        .filter(|result| result.state == AwsState::Unknown)
        .filter_map(|result| result.cause.as_deref())
        .collect();
    let mut outcome = Outcome {
        unreadable: reading.unreadable(&causes),
        targets: vec![CheckTarget { name: format!("aws:{}", options.account), was_read: was_read(&reading) }],
        ..Outcome::default()
    };
    let uncompared = results.iter().flat_map(uncompared).collect();
    let names = results.iter().map(|result| writers::names_of(result, &resources)).collect();
    outcome.resources =
        results.into_iter().map(|result| resource_outcome(result, &resources, options)).collect();
    (Checked { outcome, uncompared, ..Checked::default() }, names)
}

fn account_of(options: &Options) -> Account {
    Account {
        id: options.account.clone(),
        partition: partition_name(&options.target.region).to_owned(),
        region: options.target.region.clone(),
    }
}

/// The parameters of a result that were not compared, as `ec2.VPC main: spec.forProvider.x`.
fn uncompared(result: &AwsResult) -> impl Iterator<Item = String> + '_ {
    result.uncompared.iter().map(|path| format!("{} {}: {path}", result.kind, result.name))
}

/// Where no call was needed, nothing was unreadable.
fn was_read(reading: &Reading) -> bool {
    reading.was_answered || reading.failures.is_empty()
}

/// A resource whose open values are those that the management cluster has.
fn filled(mut resource: Compared) -> Compared {
    let Some(observed) = &resource.observed else { return resource };
    let declared = &mut resource.declared;
    let mut unknown = Vec::new();
    for path in std::mem::take(&mut declared.unknown) {
        let known = plimsoll_crossplane::field_path::value_at(observed, &path).ok().cloned();
        let set = known.map(|value| {
            plimsoll_crossplane::field_path::set_value(&mut declared.value, &path, value).is_ok()
        });
        if set != Some(true) {
            unknown.push(path);
        }
    }
    declared.unknown = unknown;
    resource
}

fn resource_outcome(result: AwsResult, resources: &[Compared], options: &Options) -> ResourceOutcome {
    let compared = result.resource.and_then(|index| resources.get(index));
    let state = result.state;
    let extra_layer = layer_of_extra(&result, resources);
    let mut outcome = findings::outcome(
        &options.account,
        result,
        compared.map(|compared| &compared.declared),
        &extra_layer,
    );
    let observed = compared.and_then(|compared| Some((&compared.declared, compared.observed.as_ref()?)));
    if let Some((declared, observed)) = observed
        && matches!(state, AwsState::Unsupported | AwsState::ClusterOnly)
    {
        let mut finding = provider_state::compare(&declared.value, observed);
        for field in &mut finding.fields {
            field.line = declared.line(&field.path);
        }
        // What has nothing in AWS has no state there either.
        if !(state == AwsState::ClusterOnly && finding.state == State::Unknown) {
            outcome.finding = finding;
            if let Some(via) = &mut outcome.via {
                via.compared = Some("status.atProvider".to_owned());
            }
        }
    }
    outcome
}

/// The layer of what only AWS has: that of the first declared resource of its service, since it is a part of one of them.
fn layer_of_extra(result: &AwsResult, resources: &[Compared]) -> String {
    let service = result.kind.split('.').next().unwrap_or_default();
    let of_service = resources.iter().find(|resource| kind_of(&resource.declared.value).starts_with(service));
    of_service.or(resources.first()).map(|resource| resource.declared.layer.clone()).unwrap_or_default()
}

/// Service and kind of a managed resource: `ec2.SecurityGroup`.
fn kind_of(value: &Value) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    kind_of_group(split_api_version(text("apiVersion")).0, text("kind"))
}

fn kind_of_group(group: &str, kind: &str) -> String {
    format!("{}.{kind}", group.split('.').next().unwrap_or_default())
}

/// Everything is unknown where it is not known whose account is asked.
fn unidentified(resources: Vec<Compared>, options: &Options, refusal: &Refusal) -> Checked {
    let resources =
        resources.into_iter().map(|resource| unread(resource.declared, &options.account, &refusal.code));
    Checked {
        outcome: Outcome {
            resources: resources.collect(),
            unreadable: vec![Unreadable { target: refusal.target.clone(), cause: refusal.code.clone() }],
            targets: vec![CheckTarget { name: format!("aws:{}", options.account), was_read: false }],
        },
        ..Checked::default()
    }
}

/// A declared resource that nothing was read of.
fn unread(declared: Declared, account: &str, cause: &str) -> ResourceOutcome {
    let external = declared.text("/metadata/annotations/crossplane.io~1external-name");
    let name = external.or_else(|| declared.text("/metadata/name")).unwrap_or_default().to_owned();
    let region = declared.text("/spec/forProvider/region").map(str::to_owned);
    ResourceOutcome {
        id: Identity::Aws { account: account.to_owned(), region, kind: kind_of(&declared.value), name },
        via: Some(declared.via),
        layer: declared.layer,
        source: Some(declared.source),
        finding: Finding::unknown(cause),
    }
}

fn other_account(account: &str, arn: &str, options: &Options) -> Diagnostics {
    let message = format!("the credentials are those of account {account}, and not of {}", options.account);
    Diagnostic::error(Code::new("check::other-account"), message)
        .with_cause(format!("the caller is {arn}"))
        .with_help("nothing was read or compared; check `AWS_PROFILE`, or `spec.aws.accountId` and `spec.aws.roleArn`")
        .into()
}

fn refused_role(role_arn: &str, failure: &CallFailure) -> Diagnostics {
    let message = format!("the role `{role_arn}` cannot be taken on");
    Diagnostic::error(Code::new("check::role-refused"), message)
        .with_cause(failure.to_string())
        .with_help(
            "nothing was read or compared; let the caller assume the role, or take `spec.aws.roleArn` away",
        )
        .into()
}
