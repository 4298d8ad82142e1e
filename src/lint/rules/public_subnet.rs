//! Public subnets are public: they give public addresses, their route table leads everything else to an internet gateway, and
//! load balancers find them by their tag.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{LintResource, World};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let has_cluster = world.managed("eks", "Cluster").next().is_some();
    for (index, subnet) in world.managed("ec2", "Subnet") {
        let gives_addresses =
            subnet.value.pointer("/spec/forProvider/mapPublicIpOnLaunch") == Some(&Value::Bool(true));
        let tag = subnet.text("/spec/forProvider/tags/kubernetes.io~1role~1elb") == "1";
        let associations: Vec<&LintResource> = world
            .managed("ec2", "RouteTableAssociation")
            .filter(|(_, association)| is_same(world.leads_to(association, "subnetIdRef"), subnet))
            .map(|(_, association)| association)
            .collect();
        let leads_out = associations.iter().any(|association| {
            world.leads_to(association, "routeTableIdRef").is_some_and(|table| leads_out(world, table))
        });
        match (gives_addresses || tag, leads_out) {
            (true, false) if associations.is_empty() => {
                findings.tell(
                    index,
                    "spec.forProvider",
                    "the public subnet has no route table, so nothing in it reaches the internet",
                );
            }
            (true, false) => {
                findings.tell(
                    index,
                    "spec.forProvider",
                    "the route table of the public subnet has no route to an internet gateway",
                );
            }
            (true, true) if !gives_addresses => {
                findings.tell(
                    index,
                    "spec.forProvider.mapPublicIpOnLaunch",
                    "the public subnet gives no public addresses to nodes",
                );
            }
            (true, true) if has_cluster && !tag => {
                findings.tell(
                    index,
                    "spec.forProvider.tags",
                    "load balancers do not find the subnet without the tag `kubernetes.io/role/elb: \"1\"`",
                );
            }
            _ => {}
        }
    }
}

fn leads_out(world: &World, table: &LintResource) -> bool {
    world.managed("ec2", "Route").any(|(_, route)| {
        is_same(world.leads_to(route, "routeTableIdRef"), table)
            && route.text("/spec/forProvider/destinationCidrBlock") == "0.0.0.0/0"
            && world
                .leads_to(route, "gatewayIdRef")
                .is_some_and(|gateway| gateway.id.kind == "InternetGateway")
    })
}

fn is_same(found: Option<&LintResource>, wanted: &LintResource) -> bool {
    found.is_some_and(|found| std::ptr::eq(found, wanted))
}
