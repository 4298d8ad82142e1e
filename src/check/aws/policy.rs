//! The least rights that a check needs in AWS, as IAM policies: computed from the tables and from what Git declares alone.
//!
//! Nobody is asked. Where the environment names a role, what reads is the role's, and what the caller needs besides is a policy of
//! its own: to take the role on, and to reach the buckets that its reports and snapshots go to.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_aws::{Account, ManagedResource, Rights, least_policy, least_right};
use serde_json::{Value, json};

use super::Writers;
use super::declared::declared;
use crate::check::desired::Desired;
use crate::config::environment;
use crate::live::aws::{Location, partition_name};

/// The version of IAM's policy language.
const VERSION: &str = "2012-10-17";

/// A policy, and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// `the role arn:aws:iam::111122223333:role/reader`, or `the caller`.
    pub holder: String,
    /// The document.
    pub document: Value,
}

/// What of a check needs rights beside the reading of resources.
#[derive(Debug, Clone, Copy)]
pub struct Besides<'a> {
    /// Whether CloudTrail is asked who made each change.
    pub writers: Writers,
    /// Where in S3 reports go to.
    pub written: &'a [Location],
}

/// The policies for an environment; none where it has no account.
#[must_use]
pub fn policies(desired: &Desired, besides: Besides<'_>) -> Vec<Policy> {
    let Some(aws) = &desired.environment.spec.aws else { return Vec::new() };
    let partition = partition_name(&aws.region);
    let reader = statements(&rights(desired, aws, besides.writers));
    let mut caller = Vec::new();
    if let Some(role_arn) = &aws.role_arn {
        caller.push(statement("AssumeRole", &["sts:AssumeRole"], std::slice::from_ref(role_arn)));
    }
    for (place, location) in besides.written.iter().enumerate() {
        caller.extend(of_store(location, partition, place));
    }
    let document = |statements: Vec<Value>| json!({"Version": VERSION, "Statement": statements});
    match &aws.role_arn {
        Some(role_arn) => vec![
            Policy { holder: format!("the role {role_arn}"), document: document(reader) },
            Policy { holder: "the caller".to_owned(), document: document(caller) },
        ],
        None => {
            let statements = reader.into_iter().chain(caller).collect();
            vec![Policy { holder: "the caller".to_owned(), document: document(statements) }]
        }
    }
}

/// What reading the environment's account takes, clusters by their names in EKS included.
fn rights(desired: &Desired, aws: &environment::Aws, writers: Writers) -> Rights {
    let account = Account {
        id: aws.account_id.clone(),
        partition: partition_name(&aws.region).to_owned(),
        region: aws.region.clone(),
    };
    let resources: Vec<ManagedResource> = declared(desired)
        .resources
        .into_iter()
        .map(|resource| ManagedResource { manifest: resource.value, observed: None })
        .collect();
    let mut all = vec![least_policy(&resources, &account)];
    let spec = &desired.environment.spec;
    let destinations: BTreeSet<&str> = spec.layers.iter().map(|layer| layer.destination.as_str()).collect();
    let clusters = spec.clusters.iter().filter(|(name, _)| destinations.contains(name.as_str()));
    for eks in clusters.filter_map(|(_, cluster)| cluster.eks.as_ref()) {
        all.push(least_right("eks", "DescribeCluster", &eks.name, &account));
    }
    if writers == Writers::Asked {
        all.push(least_right("cloudtrail", "LookupEvents", "", &account));
    }
    let mut rights = Rights::new();
    for (action, arns) in all.into_iter().flatten() {
        rights.entry(action).or_default().extend(arns);
    }
    for arns in rights.values_mut().filter(|arns| arns.contains("*")) {
        arns.retain(|arn| arn == "*");
    }
    rights
}

/// A statement for each set of ARNs.
fn statements(rights: &Rights) -> Vec<Value> {
    let mut by_arns: BTreeMap<&BTreeSet<String>, Vec<&str>> = BTreeMap::new();
    for (action, arns) in rights {
        by_arns.entry(arns).or_default().push(action);
    }
    let mut names = BTreeSet::new();
    let statements = by_arns.into_iter().map(|(arns, actions)| {
        let arns: Vec<String> = arns.iter().cloned().collect();
        let is_everything = arns.iter().any(|arn| arn == "*");
        let service = actions.first().and_then(|action| action.split(':').next()).unwrap_or_default();
        let stem = if is_everything { "Read".to_owned() } else { format!("Read{}", service.to_uppercase()) };
        let mut name = stem.clone();
        let mut number = 2;
        while !names.insert(name.clone()) {
            name = format!("{stem}{number}");
            number += 1;
        }
        statement(&name, &actions, &arns)
    });
    statements.collect()
}

fn statement(name: &str, actions: &[&str], arns: &[String]) -> Value {
    let resource = match arns {
        [one] => json!(one),
        all => json!(all),
    };
    json!({"Sid": name, "Effect": "Allow", "Action": actions, "Resource": resource})
}

/// What writing to a location takes, and reading it back. Its bucket is looked at for its region.
fn of_store(location: &Location, partition: &str, place: usize) -> Vec<Value> {
    let bucket = format!("arn:{partition}:s3:::{}", location.bucket);
    let objects = format!("{bucket}/{}", location.keys());
    let name = |what: &str| if place == 0 { what.to_owned() } else { format!("{what}{}", place + 1) };
    let mut statements = vec![
        statement(&name("ReportBucket"), &["s3:ListBucket"], &[bucket]),
        statement(&name("Reports"), &["s3:GetObject", "s3:PutObject"], &[objects]),
    ];
    if let Some(key) = location.encryption_key() {
        let (arn, condition) = match key {
            key if key.starts_with("arn:") && key.contains(":key/") => (key.to_owned(), None),
            key => match key.rsplit_once("alias/") {
                Some((_, alias)) => (
                    format!("arn:{partition}:kms:*:*:key/*"),
                    Some(
                        json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": format!("alias/{alias}")}}),
                    ),
                ),
                None => (format!("arn:{partition}:kms:*:*:key/{key}"), None),
            },
        };
        let mut own = statement(&name("ReportKey"), &["kms:Decrypt", "kms:GenerateDataKey"], &[arn]);
        if let Some(condition) = condition {
            own["Condition"] = condition;
        }
        statements.push(own);
    }
    statements
}
