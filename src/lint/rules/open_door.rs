//! Nothing but the web is open to the world: security groups let others in on 80 and 443 only, databases have no public address,
//! and buckets block public access.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{LintResource, World, items};

const WORLD: [&str; 2] = ["0.0.0.0/0", "::/0"];

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, rule) in world.managed("ec2", "SecurityGroupIngressRule") {
        for field in ["cidrIpv4", "cidrIpv6"] {
            let cidr = rule.text(&format!("/spec/forProvider/{field}"));
            tell_open(findings, index, rule, field, &[cidr]);
        }
    }
    for (index, rule) in world.managed("ec2", "SecurityGroupRule") {
        if rule.text("/spec/forProvider/type") == "ingress" {
            for field in ["cidrBlocks", "ipv6CidrBlocks"] {
                let pointer = format!("/spec/forProvider/{field}");
                let cidrs: Vec<&str> = items(&rule.value, &pointer).filter_map(Value::as_str).collect();
                tell_open(findings, index, rule, field, &cidrs);
            }
        }
    }
    for (index, database) in world.managed("rds", "Instance") {
        if database.value.pointer("/spec/forProvider/publiclyAccessible") == Some(&Value::Bool(true)) {
            findings.tell(index, "spec.forProvider.publiclyAccessible", "the database has a public address");
        }
    }
    for (index, bucket) in world.managed("s3", "Bucket") {
        let blocks = world.managed("s3", "BucketPublicAccessBlock").any(|(_, block)| {
            let is_of = block.text("/spec/forProvider/bucketRef/name") == bucket.id.name
                || block.text("/spec/forProvider/bucket") == bucket.external_name();
            let fields =
                ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
            is_of
                && fields.iter().all(|field| {
                    block.value.pointer(&format!("/spec/forProvider/{field}")) == Some(&Value::Bool(true))
                })
        });
        if !blocks {
            findings.tell(index, "metadata.name", "nothing blocks public access to the bucket");
        }
    }
}

fn tell_open(findings: &mut Findings<'_>, index: usize, rule: &LintResource, field: &str, cidrs: &[&str]) {
    let port = |name: &str| rule.value.pointer(&format!("/spec/forProvider/{name}")).and_then(Value::as_f64);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a port is small and not negative"
    )]
    let (from, to) = (port("fromPort").map(|port| port as u32), port("toPort").map(|port| port as u32));
    let is_web = from == to && matches!(from, Some(80 | 443));
    if let Some(cidr) = cidrs.iter().find(|cidr| WORLD.contains(cidr))
        && !is_web
    {
        let ports = match (from, to) {
            (Some(from), Some(to)) if from == to => format!("port {from}"),
            (Some(from), Some(to)) => format!("ports {from} to {to}"),
            _ => "all ports".to_owned(),
        };
        findings.tell(index, format!("spec.forProvider.{field}"), format!("`{cidr}` may reach {ports}"));
    }
}
