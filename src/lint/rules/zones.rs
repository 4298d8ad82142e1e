//! EKS clusters and database subnet groups have subnets in at least two availability zones: AWS refuses fewer.

use std::collections::BTreeSet;

use crate::lint::findings::Findings;
use crate::lint::references::managed_references;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (service, kind, path, what) in [
        ("eks", "Cluster", "spec.forProvider.vpcConfig.subnetIdRefs", "an EKS cluster"),
        ("rds", "SubnetGroup", "spec.forProvider.subnetIdRefs", "a database subnet group"),
        ("elasticache", "SubnetGroup", "spec.forProvider.subnetIdRefs", "a cache subnet group"),
    ] {
        for (index, resource) in world.managed(service, kind) {
            let references: Vec<_> = managed_references(resource)
                .into_iter()
                .filter(|reference| reference.path.starts_with(path))
                .collect();
            if references.is_empty() {
                continue;
            }
            let zones: Option<BTreeSet<&str>> = references
                .iter()
                .map(|reference| {
                    let (_, subnet) = world.referred(resource, reference)?;
                    Some(subnet.text("/spec/forProvider/availabilityZone")).filter(|zone| !zone.is_empty())
                })
                .collect();
            // Where a subnet or its zone is not known, nothing is.
            if let Some(zones) = zones.filter(|zones| zones.len() < 2) {
                let listed: Vec<&str> = zones.into_iter().collect();
                findings.tell(
                    index,
                    path,
                    format!("{what} needs subnets in two zones, and has `{}`", listed.join("`, `")),
                );
            }
        }
    }
}
