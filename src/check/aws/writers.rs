//! Who changed what differs: CloudTrail's word on each drifted resource.
//!
//! Only what differs is asked about, since the service takes two questions a second. A refusal ends the asking and is no
//! failure of the check.

use plimsoll_aws::{AwsResult, State as AwsState};
use plimsoll_drift::State;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Compared;
use crate::check::outcome::{Identity, ResourceOutcome};
use crate::live::aws::{Caller, Trail, last_writer, writer_of};

/// The names by which the trail may know a resource: its own, its ARN, and those of what it is a part of.
pub(super) fn names_of(result: &AwsResult, resources: &[Compared]) -> Vec<String> {
    let drifted =
        matches!(result.state, AwsState::Changed | AwsState::Missing | AwsState::Extra | AwsState::Pending);
    if !drifted {
        return Vec::new();
    }
    let mut names = vec![result.name.clone()];
    names.extend(result.arn.clone());
    // `ROLE:POLICY`, `CLUSTER:ADDON`, `ROLE/ARN`: the events speak of the parts.
    names.extend(
        result.name.split([':', '#']).filter(|_| !result.name.starts_with("arn:")).map(str::to_owned),
    );
    if let Some(compared) = result.resource.and_then(|index| resources.get(index)) {
        let parents = ["securityGroupId", "routeTableId", "vpcId", "role", "bucket", "clusterName"];
        for side in compared.observed.iter().chain([&compared.declared.value]) {
            let parameters = side.pointer("/spec/forProvider");
            let parents = parents.iter().filter_map(|key| parameters?.get(*key)?.as_str());
            names.extend(parents.map(str::to_owned));
        }
    }
    let values = result.differences.iter().flat_map(|difference| [&difference.live, &difference.desired]);
    names.extend(
        values.flatten().filter_map(Value::as_str).filter(|text| is_identifier(text)).map(str::to_owned),
    );
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| name.len() > 2 && seen.insert(name.clone()));
    names
}

/// Whether a text is an id of EC2, such as `sg-0a1b2c3d`.
fn is_identifier(text: &str) -> bool {
    text.split_once('-').is_some_and(|(prefix, rest)| {
        (1..=6).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.len() >= 8
            && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Fills in who changed each drifted resource, as far as the trail tells and the time allows.
pub(super) async fn name_writers(
    caller: &Caller,
    resources: &mut [ResourceOutcome],
    names: &[Vec<String>],
    deadline: Instant,
) {
    let trail = Trail::new(caller);
    for (resource, names) in resources.iter_mut().zip(names) {
        if names.is_empty() || resource.finding.state == State::InSync {
            continue;
        }
        let Identity::Aws { region, .. } = &resource.id else { continue };
        let events = timeout_at(deadline, trail.writes(region.as_deref(), names)).await;
        let Ok(Ok(events)) = events else { return };
        for field in &mut resource.finding.fields {
            field.by = writer_of(field, &events).or_else(|| last_writer(&events));
        }
    }
}
