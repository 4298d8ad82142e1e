//! API versions that the declared version of Kubernetes has no longer, or is about to lose: rows of `data/removed_apis.tsv`.

use crate::lint::findings::Findings;
use crate::lint::world::World;

const REMOVED: &str = include_str!("../data/removed_apis.tsv");

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let Some(declared) = kubernetes_minor(world) else { return };
    for row in REMOVED.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [api_version, kind, deprecated, removed, instead] = columns.as_slice() else { continue };
        let (Ok(deprecated), Ok(removed)) = (deprecated.parse::<u32>(), removed.parse::<u32>()) else {
            continue;
        };
        for (index, resource) in world.resources.iter().enumerate() {
            if resource.id.kind != *kind
                || resource.text("/apiVersion") != *api_version
                || resource.cluster != "workload"
            {
                continue;
            }
            let instead = if *instead == "-" { String::new() } else { format!("; use `{instead}`") };
            if declared >= removed {
                let message = format!(
                    "`{api_version}` {kind} is gone since Kubernetes 1.{removed}, the cluster has 1.{declared}{instead}"
                );
                findings.tell(index, "apiVersion", message);
            } else if declared >= deprecated {
                let message = format!("`{api_version}` {kind} goes with Kubernetes 1.{removed}{instead}");
                findings.tell(index, "apiVersion", message);
            }
        }
    }
}

/// The minor version of Kubernetes that the EKS cluster of the environment has.
fn kubernetes_minor(world: &World) -> Option<u32> {
    let (_, cluster) = world.managed("eks", "Cluster").next()?;
    cluster.text("/spec/forProvider/version").strip_prefix("1.")?.parse().ok()
}
