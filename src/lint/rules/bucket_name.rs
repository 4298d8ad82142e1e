//! Buckets that pods and policies name are buckets that the environment makes.

use crate::lint::findings::Findings;
use crate::lint::iam::{statements, texts};
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let buckets: Vec<&str> =
        world.managed("s3", "Bucket").map(|(_, bucket)| bucket.external_name()).collect();
    if buckets.is_empty() {
        return;
    }
    let known = buckets.join("`, `");
    for workload in world.workloads() {
        for variable in workload.containers().iter().flat_map(|container| container.variables()) {
            let is_bucket = variable.name.contains("S3") && variable.name.ends_with("_BUCKET");
            if let Some(value) = variable.value.filter(|value| is_bucket && !buckets.contains(value)) {
                let message = format!(
                    "`{}` is `{value}`, but the environment makes the bucket `{known}`",
                    variable.name
                );
                findings.tell(workload.index, format!("{}.value", variable.path), message);
            }
        }
    }
    for kind in ["RolePolicy", "Policy"] {
        for (index, policy) in world.managed("iam", kind) {
            for statement in statements(policy.text("/spec/forProvider/policy")) {
                for resource in texts(&statement, "Resource") {
                    let Some(rest) = resource.strip_prefix("arn:aws:s3:::") else { continue };
                    let name = rest.split('/').next().unwrap_or(rest);
                    if !name.contains('*') && !buckets.contains(&name) {
                        let message = format!(
                            "the policy is for the bucket `{name}`, but the environment makes `{known}`"
                        );
                        findings.tell(index, "spec.forProvider.policy", message);
                    }
                }
            }
        }
    }
}
