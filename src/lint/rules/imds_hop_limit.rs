//! Pods cannot take the credentials of their node: tokens are required of the metadata service, and they travel one hop.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, template) in world.managed("ec2", "LaunchTemplate") {
        let options = template.value.pointer("/spec/forProvider/metadataOptions");
        // Older versions of the provider have a list of one.
        let options = options.map(|options| options.get(0).unwrap_or(options));
        if options
            .is_some_and(|options| options.get("httpEndpoint").and_then(Value::as_str) == Some("disabled"))
        {
            continue;
        }
        let path = "spec.forProvider.metadataOptions";
        let Some(options) = options else {
            findings.tell(
                index,
                path,
                "nothing is said of the metadata service, which then gives the node's credentials to pods",
            );
            continue;
        };
        let limit = options.get("httpPutResponseHopLimit").and_then(Value::as_f64).unwrap_or(2.0);
        if limit > 1.0 {
            let message = format!(
                "a hop limit of {limit} lets pods take the node's credentials, which hides a role that does not work"
            );
            findings.tell(index, format!("{path}.httpPutResponseHopLimit"), message);
        }
        if options.get("httpTokens").and_then(Value::as_str) != Some("required") {
            findings.tell(
                index,
                format!("{path}.httpTokens"),
                "the metadata service answers without a token",
            );
        }
    }
    for (index, group) in world.managed("eks", "NodeGroup") {
        if group.value.pointer("/spec/forProvider/launchTemplate").is_none() {
            let message = "nodes without a launch template answer pods with the node's credentials: their hop limit is 2";
            findings.tell(index, "spec.forProvider", message);
        }
    }
}
