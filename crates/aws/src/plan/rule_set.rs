//! The old style of security group rules: one object for several ranges, of which AWS makes a rule each.
//!
//! An object of kind SecurityGroupRule is known by its content alone. It is found where one of its rules is; the item is then
//! all of its rules together, under the names of the new style's fields.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::find::{Blocked, Finder, Found, Outcome, Resolved};
use super::inventory::{Item, Items};
use crate::kind::Form;
use crate::value::{Names, canonical, text_at, text_of};

/// Where each peer of a rule stands in Git and in AWS.
const PEERS: [(&str, &str, Form); 4] = [
    ("cidrBlocks", "CidrIpv4", Form::Cidr),
    ("ipv6CidrBlocks", "CidrIpv6", Form::Cidr),
    ("prefixListIds", "PrefixListId", Form::Text),
    ("sourceSecurityGroupId", "ReferencedGroupInfo.GroupId", Form::Text),
];

/// Finds the rules of an object.
pub(super) fn find(finder: &mut Finder<'_>, index: usize, resolved: &Resolved, items: &Items) -> Outcome {
    let group = match finder.argument(index, resolved, "securityGroupId") {
        Ok(Some(group)) => text_of(&group),
        Ok(None) | Err(Blocked::Dangling) => return Outcome::Missing,
        Err(Blocked::Pending) => return Outcome::Pending,
        Err(Blocked::Unknown(failure)) => return Outcome::Unknown(failure),
    };
    match resolved.blocked.get("sourceSecurityGroupId") {
        Some(Blocked::Pending) => return Outcome::Pending,
        Some(Blocked::Unknown(failure)) => return Outcome::Unknown(failure.clone()),
        _ => {}
    }
    let names = finder.names(&finder.resources[index].region);
    let wanted = peers_of(&resolved.parameters, &group, &names);
    let traffic = traffic_of(&resolved.parameters);
    let is_egress = resolved.parameters.get("type").and_then(Value::as_str) == Some("egress");
    let rules: Vec<&Item> = items
        .items
        .iter()
        .filter(|item| {
            text_at(&item.value, "GroupId").as_deref() == Some(group.as_str())
                && item.value["IsEgress"] == Value::Bool(is_egress)
                && traffic_of_rule(&item.value) == traffic
                && peer_of_rule(&item.value, &names).is_some_and(|peer| wanted.contains(&peer))
        })
        .collect();
    let Some(first) = rules.first() else {
        return match &items.failure {
            Some(failure) => Outcome::Unknown(failure.clone()),
            None => Outcome::Missing,
        };
    };
    let peers: BTreeSet<(usize, String)> =
        rules.iter().filter_map(|rule| peer_of_rule(&rule.value, &names)).collect();
    let mut value = first.value.clone();
    let Some(members) = value.as_object_mut() else { return Outcome::Missing };
    for (position, (name, _, _)) in PEERS.iter().enumerate() {
        let own: Vec<&String> =
            peers.iter().filter(|(kind, _)| *kind == position).map(|(_, peer)| peer).collect();
        members.insert((*name).to_owned(), json!(own));
    }
    let is_self = peers.contains(&(3, group.clone()));
    members.insert("self".to_owned(), Value::Bool(is_self));
    members.insert("type".to_owned(), json!(if is_egress { "egress" } else { "ingress" }));
    // One description of the object stands for those of all its rules: one that differs is shown.
    let declared = resolved.parameters.get("description").map(text_of).unwrap_or_default();
    let description = |rule: &&Item| text_at(&rule.value, "Description").unwrap_or_default();
    let other = rules.iter().map(description).find(|text| *text != declared);
    members.insert("Description".to_owned(), Value::String(other.unwrap_or(declared)));
    let keys = rules.iter().map(|rule| rule.key.clone()).collect();
    let id = text_at(&first.value, "SecurityGroupRuleId").unwrap_or_default();
    Outcome::Found(Arc::new(Found { keys, value, id, arn: None }))
}

fn peers_of(parameters: &Map<String, Value>, group: &str, names: &Names) -> BTreeSet<(usize, String)> {
    let mut peers = BTreeSet::new();
    for (position, (name, _, form)) in PEERS.iter().enumerate() {
        let single = parameters.get(*name).filter(|value| !value.is_null());
        let items = single.map(|value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
        for item in items.into_iter().flatten() {
            peers.insert((position, canonical(*form, &item, names)));
        }
    }
    if parameters.get("self") == Some(&Value::Bool(true)) {
        peers.insert((3, group.to_owned()));
    }
    peers
}

fn peer_of_rule(rule: &Value, names: &Names) -> Option<(usize, String)> {
    PEERS.iter().enumerate().find_map(|(position, (_, path, form))| {
        let text = text_at(rule, path).filter(|text| !text.is_empty())?;
        Some((position, canonical(*form, &Value::String(text), names)))
    })
}

/// Protocol and ports; all traffic has no ports.
fn traffic(protocol: Option<&Value>, from: Option<&Value>, to: Option<&Value>) -> (String, String, String) {
    let names = Names::default();
    let protocol = canonical(Form::Protocol, protocol.unwrap_or(&Value::Null), &names);
    if protocol == "-1" {
        return (protocol, String::new(), String::new());
    }
    (protocol, from.map(text_of).unwrap_or_default(), to.map(text_of).unwrap_or_default())
}

fn traffic_of(parameters: &Map<String, Value>) -> (String, String, String) {
    traffic(parameters.get("protocol"), parameters.get("fromPort"), parameters.get("toPort"))
}

fn traffic_of_rule(rule: &Value) -> (String, String, String) {
    traffic(rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort"))
}
