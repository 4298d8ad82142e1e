//! References of managed resources lead to managed resources of the environment.

use crate::lint::findings::Findings;
use crate::lint::references::managed_references;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, resource) in world.resources.iter().enumerate() {
        if resource.service().is_none() {
            continue;
        }
        for reference in managed_references(resource) {
            if reference.name.contains('<') || world.referred(resource, &reference).is_some() {
                continue;
            }
            let kind = reference.target.as_ref().map_or("managed resource", |(_, kind)| kind.as_str());
            findings.tell(index, reference.path, format!("there is no {kind} `{}`", reference.name));
        }
    }
}
