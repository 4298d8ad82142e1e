//! NetworkPolicies: whom they let through.
//!
//! A rule without peers is for everyone, one without ports for all ports; a direction that the policy does not name is open.

use plimsoll_yaml::FieldPath;
use serde_json::Value;

use super::{Widening, texts};
use crate::change::Location;
use crate::pattern::PathPattern;

/// One permission: a peer and a port, where none stands for all.
#[derive(PartialEq)]
struct Passage<'a> {
    peer: Option<&'a Value>,
    port: Option<&'a Value>,
}

impl Passage<'_> {
    fn is_covered_by(&self, other: &Passage<'_>) -> bool {
        let is_same_port = |one: &Value, other: &Value| {
            let part = |port: &Value, key: &str| port.get(key).cloned();
            let protocol = |port: &Value| part(port, "protocol").unwrap_or_else(|| "TCP".into());
            part(one, "port") == part(other, "port")
                && part(one, "endPort") == part(other, "endPort")
                && protocol(one) == protocol(other)
        };
        let covers_port = match (self.port, other.port) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(port), Some(other)) => is_same_port(port, other),
        };
        covers_port && (other.peer.is_none() || other.peer == self.peer)
    }

    fn is_wide(&self) -> bool {
        let cidr = self.peer.and_then(|peer| peer.pointer("/ipBlock/cidr")).and_then(Value::as_str);
        self.peer.is_none() || matches!(cidr, Some("0.0.0.0/0" | "::/0"))
    }
}

/// What a policy lets through in a direction; none where it does not restrict that direction.
fn passages<'a>(policy: &'a Value, direction: &str, peers: &str) -> Option<Vec<Passage<'a>>> {
    let spec = policy.get("spec")?;
    let field = direction.to_lowercase();
    let types = texts(spec.get("policyTypes"));
    let is_restricted = match types.is_empty() {
        true => direction == "Ingress" || spec.get(&field).is_some(),
        false => types.contains(&direction),
    };
    if !is_restricted {
        return None;
    }
    let each = |value: Option<&'a Value>| -> Vec<Option<&'a Value>> {
        match value.and_then(Value::as_array).map(Vec::as_slice) {
            None | Some([]) => vec![None],
            Some(items) => items.iter().map(Some).collect(),
        }
    };
    let mut passages = Vec::new();
    for rule in spec.get(&field).and_then(Value::as_array).into_iter().flatten() {
        for peer in each(rule.get(peers)) {
            passages.extend(each(rule.get("ports")).into_iter().map(|port| Passage { peer, port }));
        }
    }
    Some(passages)
}

/// What a NetworkPolicy lets through anew.
pub(crate) fn network(before: Option<&Value>, after: Option<&Value>, _: &[PathPattern]) -> Vec<Widening> {
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let mut found = Vec::new();
    if before.pointer("/spec/podSelector") != after.pointer("/spec/podSelector") {
        let location = Some(Location { paths: vec![FieldPath::of_keys(&["spec", "podSelector"])] });
        found.push(Widening { location, details: vec!["it is for other pods".to_owned()], is_wide: false });
    }
    for (direction, peers) in [("Ingress", "from"), ("Egress", "to")] {
        let field = direction.to_lowercase();
        let location = Some(Location { paths: vec![FieldPath::of_keys(&["spec", &field])] });
        let (old, new) = (passages(before, direction, peers), passages(after, direction, peers));
        let gained = match (old, new) {
            (None, _) => continue,
            (Some(_), None) => {
                found.push(Widening { location, details: vec![format!("all {field}")], is_wide: true });
                continue;
            }
            (Some(old), Some(new)) => new
                .into_iter()
                .filter(|passage| !old.iter().any(|other| passage.is_covered_by(other)))
                .collect::<Vec<_>>(),
        };
        if !gained.is_empty() {
            let is_wide = direction == "Ingress" && gained.iter().any(Passage::is_wide);
            let whom = if gained.iter().any(Passage::is_wide) { "anyone" } else { "more peers or ports" };
            let details =
                vec![format!("{field} {} {whom}", if direction == "Ingress" { "from" } else { "to" })];
            found.push(Widening { location, details, is_wide });
        }
    }
    found
}
