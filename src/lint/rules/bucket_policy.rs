//! The role of pods that use a bucket lets them list it and read and write its objects, each on the ARN that it is about.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::iam::{ROLE_ANNOTATION, matches, role_of_arn, statements, texts};
use crate::lint::world::World;

/// What the application does with a bucket, and whether that is about its objects.
const NEEDED: [(&str, bool); 3] = [("s3:ListBucket", false), ("s3:GetObject", true), ("s3:PutObject", true)];

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let buckets: Vec<&str> =
        world.managed("s3", "Bucket").map(|(_, bucket)| bucket.external_name()).collect();
    for workload in world.workloads() {
        let variables: Vec<_> =
            workload.containers().iter().flat_map(|container| container.variables()).collect();
        let used: BTreeSet<&str> = variables
            .iter()
            .filter(|variable| variable.name.contains("S3") && variable.name.ends_with("_BUCKET"))
            .filter_map(|variable| variable.value)
            .filter(|value| buckets.contains(value))
            .collect();
        let account = workload.pod_text("serviceAccountName");
        let Some((_, account)) = world.find(workload.resource, "", "ServiceAccount", account) else {
            continue;
        };
        let Some((_, role)) = role_of_arn(account.text(ROLE_ANNOTATION)) else { continue };
        let Some((index, role)) = world.role(role) else { continue };
        let policies = world.policies_of(role);
        let statements: Vec<Value> = policies.iter().flat_map(|policy| statements(policy)).collect();
        for bucket in used {
            for (action, is_object) in NEEDED {
                let arn = format!("arn:aws:s3:::{bucket}{}", if is_object { "/x" } else { "" });
                let is_allowed = statements.iter().any(|statement| {
                    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
                        && texts(statement, "Action").iter().any(|pattern| matches(pattern, action))
                        && texts(statement, "Resource").iter().any(|pattern| matches(pattern, &arn))
                });
                if !is_allowed {
                    let place = arn.trim_end_matches("/x");
                    let place = if is_object { format!("{place}/*") } else { place.to_owned() };
                    let message = format!(
                        "pods of `{}` use the bucket `{bucket}`, but their role may not `{action}` on `{place}`",
                        workload.resource.id.name
                    );
                    findings.tell(index, "metadata.name", message);
                }
            }
        }
    }
}
