//! The region is the same everywhere: of the environment, of managed resources and their zones, of pods and of ARNs.

use crate::lint::findings::Findings;
use crate::lint::iam::{statements, texts};
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let Some(region) = world.region.as_deref() else { return };
    for (index, resource) in
        world.resources.iter().enumerate().filter(|(_, resource)| resource.service().is_some())
    {
        let own = resource.text("/spec/forProvider/region");
        if !own.is_empty() && own != region {
            findings.tell(
                index,
                "spec.forProvider.region",
                format!("the region is `{own}`, the environment's is `{region}`"),
            );
        }
        let zone = resource.text("/spec/forProvider/availabilityZone");
        if !zone.is_empty() && !zone.starts_with(region) {
            findings.tell(
                index,
                "spec.forProvider.availabilityZone",
                format!("the zone `{zone}` is not in `{region}`"),
            );
        }
        if ["RolePolicy", "Policy"].contains(&resource.id.kind.as_str()) {
            for statement in statements(resource.text("/spec/forProvider/policy")) {
                for arn in texts(&statement, "Resource") {
                    let own = arn.split(':').nth(3).unwrap_or_default();
                    if !own.is_empty() && own != "*" && own != region {
                        findings.tell(
                            index,
                            "spec.forProvider.policy",
                            format!("the policy is for `{own}`, the environment's region is `{region}`"),
                        );
                    }
                }
            }
        }
    }
    for workload in world.workloads() {
        for variable in workload.containers().iter().flat_map(|container| container.variables()) {
            let is_region = variable.name == "AWS_REGION"
                || variable.name == "AWS_DEFAULT_REGION"
                || (variable.name.contains("S3") && variable.name.ends_with("_REGION"));
            if let Some(own) = variable.value.filter(|own| is_region && *own != region) {
                let message =
                    format!("`{}` is `{own}`, the environment's region is `{region}`", variable.name);
                findings.tell(workload.index, format!("{}.value", variable.path), message);
            }
        }
    }
    for (index, store) in world.of_kind("external-secrets.io", "SecretStore") {
        let own = store.text("/spec/provider/aws/region");
        if !own.is_empty() && own != region {
            findings.tell(
                index,
                "spec.provider.aws.region",
                format!("the region is `{own}`, the environment's is `{region}`"),
            );
        }
    }
}
