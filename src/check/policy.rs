//! The least rights that checks need, printed: IAM policies as JSON, roles of clusters as manifests.
//!
//! A single policy is printed as it is, so that it can be handed to IAM. Else everything is one stream of YAML documents, which
//! JSON is too, each behind a comment that says whose it is.

use std::collections::BTreeSet;

use super::aws::declared::{Declarations, declared};
use super::aws::policy::{Besides, Policy, policies};
use super::aws::unexpanded::Extent;
use super::desired::Desired;
use super::kubernetes::policy::{ManagedKind, manifests};
use super::run::CheckRequest;
use crate::config::environment::Platform;
use crate::live::aws::Location;
use crate::report::json_text;

/// The rights that checking these environments needs, writing the reports to these places included.
#[must_use]
pub fn print(environments: &[Desired], request: &CheckRequest, written: &[Location]) -> String {
    let mut accounts: Vec<(String, Policy)> = Vec::new();
    let mut clusters = String::new();
    for desired in environments {
        if request.asks(Platform::Aws)
            && let Some(aws) = &desired.environment.spec.aws
        {
            let besides = Besides { writers: request.writers, written };
            let of_account =
                policies(desired, besides).into_iter().map(|policy| (aws.account_id.clone(), policy));
            accounts.extend(of_account);
        }
        if request.asks(Platform::Kubernetes) {
            clusters.push_str(&manifests(desired, &managed_kinds(desired, request)));
        }
    }
    if let ([(_, policy)], "") = (accounts.as_slice(), clusters.as_str()) {
        return json_text(&policy.document);
    }
    let mut text = String::new();
    for (account, policy) in &accounts {
        let document = json_text(&policy.document);
        text.push_str(&format!("---\n# account {account}: {}\n{document}", policy.holder));
    }
    text.push_str(&clusters);
    text
}

/// The rights that checking one environment needs in its clusters alone.
#[must_use]
pub fn print_clusters(desired: &Desired, request: &CheckRequest) -> String {
    manifests(desired, &managed_kinds(desired, request))
}

/// The kinds of managed resources whose objects say where their resources are in AWS.
fn managed_kinds(desired: &Desired, request: &CheckRequest) -> Vec<ManagedKind> {
    if desired.environment.spec.aws.is_none() || !request.asks(Platform::Aws) {
        return Vec::new();
    }
    let Declarations { resources, unexpanded } = declared(desired);
    // What makes a claim of a kind that nothing in Git defines is looked up.
    let definitions =
        unexpanded.into_iter().filter(|claim| claim.extent == Extent::IfClaim).filter_map(|claim| {
            Some(ManagedKind {
                group: "apiextensions.crossplane.io".to_owned(),
                kind: "CompositeResourceDefinition".to_owned(),
                cluster: claim.cluster?,
            })
        });
    let kinds: BTreeSet<ManagedKind> = resources
        .into_iter()
        .filter_map(|resource| {
            let (group, _) = plimsoll_resource::split_api_version(resource.text("/apiVersion")?);
            Some(ManagedKind {
                group: group.to_owned(),
                kind: resource.text("/kind")?.to_owned(),
                cluster: resource.cluster?,
            })
        })
        .chain(definitions)
        .collect();
    kinds.into_iter().collect()
}
