//! No call is made outside the policy that is printed, and the policy allows no more: every kind is compared with an account
//! that answers whatever is asked with one thing of everything.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_aws::service::{self, ShapeKind, iam_action};
use plimsoll_aws::{Account, Call, ManagedResource, Plan, Rights, kind, kind_names, least_policy};
use serde_json::{Map, Value, json};

/// Every text that such an account says, and every name that Git gives.
const NAME: &str = "thing";

fn account() -> Account {
    Account { id: "111122223333".to_owned(), partition: "aws".to_owned(), region: "eu-central-1".to_owned() }
}

/// A resource of a kind, with every parameter that its table knows.
fn resource(name: &str) -> ManagedResource {
    let (service, short) = name.split_once('.').expect("service and kind");
    let table = kind::kind(name).expect("it is listed");
    let mut parameters: Map<String, Value> = table
        .fields
        .iter()
        .filter(|(_, field)| field.fields.is_empty() && !field.map)
        .map(|(name, field)| (name.clone(), if field.list.is_some() { json!([NAME]) } else { json!(NAME) }))
        .collect();
    let arguments = table.source.iter().flat_map(|source| source.with.values());
    parameters
        .extend(arguments.filter(|from| !from.starts_with('$')).map(|from| (from.clone(), json!(NAME))));
    ManagedResource {
        manifest: json!({
            "apiVersion": format!("{service}.aws.upbound.io/v1beta1"),
            "kind": short,
            "metadata": {"name": NAME, "annotations": {"crossplane.io/external-name": NAME}},
            "spec": {"forProvider": parameters},
        }),
        observed: None,
    }
}

/// How much of an item a list tells; what it leaves out is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Lists {
    Whole,
    Short,
}

/// An answer with one of everything that its shape has, and no further page.
fn answer(call: &Call, lists: Lists) -> Value {
    let facts = service::service(&call.service).expect("the tables hold it");
    let operation = facts.operations.get(&call.operation).expect("the tables hold it");
    let mut value = operation.output.as_ref().map_or_else(|| json!({}), |shape| made(facts, shape, 0));
    if lists == Lists::Short {
        for list in ["Buckets", "SecretList"] {
            for item in value[list].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                item.retain(|name, _| !matches!(name.as_str(), "BucketRegion" | "KmsKeyId"));
            }
        }
    }
    if let (Some(pages), Some(members)) = (&operation.pages, value.as_object_mut()) {
        members.retain(|name, _| !pages.output.contains(name) && pages.more.as_ref() != Some(name));
    }
    value
}

fn made(facts: &service::Service, shape: &str, depth: usize) -> Value {
    let part = |member: &service::Member| made(facts, &member.shape, depth + 1);
    let known = facts.shapes.get(shape).filter(|_| depth < 8);
    match facts.kind(shape) {
        ShapeKind::Structure => {
            let members = known.into_iter().flat_map(|shape| &shape.members);
            // What is scheduled for deletion is as good as gone.
            let members = members.filter(|(name, _)| *name != "DeletedDate");
            let members = members.map(|(name, member)| match name.as_str() {
                "Policy" | "ResourcePolicy" if facts.kind(&member.shape) == ShapeKind::String => {
                    (name.clone(), json!("{}"))
                }
                "Main" | "IsEgress" => (name.clone(), json!(false)),
                "KeyManager" => (name.clone(), json!("CUSTOMER")),
                _ => (name.clone(), part(member)),
            });
            Value::Object(members.collect())
        }
        ShapeKind::List => {
            known.and_then(|shape| shape.member.as_ref()).map_or(json!([]), |member| json!([part(member)]))
        }
        ShapeKind::Map => json!({}),
        ShapeKind::Boolean => json!(true),
        ShapeKind::Integer | ShapeKind::Long | ShapeKind::Float | ShapeKind::Double => json!(1),
        _ => json!(NAME),
    }
}

/// The rights that comparing these resources took.
fn taken(resources: &[ManagedResource]) -> BTreeMap<String, BTreeSet<String>> {
    let mut taken = taken_with(resources, Lists::Whole);
    for (action, about) in taken_with(resources, Lists::Short) {
        taken.entry(action).or_default().extend(about);
    }
    taken
}

fn taken_with(resources: &[ManagedResource], lists: Lists) -> BTreeMap<String, BTreeSet<String>> {
    let mut plan = Plan::new(resources, account());
    let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    loop {
        let calls = plan.next_calls();
        if calls.is_empty() {
            return taken;
        }
        for call in calls {
            let action = iam_action(&call.service, &call.operation);
            let about = ["Bucket", "name", "clusterName"].iter().find_map(|key| call.params[*key].as_str());
            taken.entry(action).or_default().insert(about.unwrap_or_default().to_owned());
            plan.answer(call.id, Ok(answer(&call, lists)));
        }
    }
}

fn allows(rights: &Rights, action: &str, about: &str) -> bool {
    let is_about = |arn: &String| arn == "*" || arn.split(['/', ':']).any(|part| part == about);
    rights.get(action).is_some_and(|arns| arns.iter().any(is_about))
}

#[test]
fn no_call_is_made_outside_the_policy_and_the_policy_allows_no_more() {
    let mut wrong = Vec::new();
    let mut sets: Vec<Vec<String>> = kind_names().map(|name| vec![name]).collect();
    sets.push(kind_names().collect());
    for names in sets {
        let label = if names.len() == 1 { names[0].clone() } else { "all kinds".to_owned() };
        let resources: Vec<ManagedResource> = names.iter().map(|name| resource(name)).collect();
        let (rights, taken) = (least_policy(&resources, &account()), taken(&resources));
        for (action, about) in &taken {
            for about in about.iter().filter(|about| !allows(&rights, action, about)) {
                wrong.push(format!("{label}: {action} about `{about}` is not allowed"));
            }
        }
        for action in rights.keys().filter(|action| !taken.contains_key(*action)) {
            wrong.push(format!("{label}: {action} is allowed and never used"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_known_by_name_is_allowed_by_its_arn_alone() {
    let mut addon = resource("eks.Addon");
    addon.manifest["metadata"]["annotations"] = json!({"crossplane.io/external-name": "coredns"});
    addon.manifest["spec"]["forProvider"]["addonName"] = json!("coredns");
    let resources = [resource("s3.BucketPolicy"), addon, resource("ec2.VPC")];
    let rights = least_policy(&resources, &account());
    let arns = |action: &str| rights[action].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(arns("s3:GetBucketPolicy"), ["arn:aws:s3:::thing"]);
    for action in ["eks:DescribeAddon", "eks:ListPodIdentityAssociations"] {
        let expected = ["arn:aws:eks:*:111122223333:*/thing/*", "arn:aws:eks:*:111122223333:cluster/thing"];
        assert_eq!(arns(action), expected, "{action}");
    }
    assert_eq!(arns("ec2:DescribeVpcs"), ["*"]);
}

#[test]
fn a_name_that_only_the_live_systems_know_is_allowed_by_all() {
    let mut bucket = resource("s3.Bucket");
    bucket.manifest["metadata"] = json!({});
    let rights = least_policy(&[bucket], &account());
    assert_eq!(rights["s3:GetBucketPolicy"].iter().collect::<Vec<_>>(), ["*"]);
}
