//! What is known about AWS's services and the operations that a check may call, from tables of facts.
//!
//! The tables are made from AWS's published service models (`cargo xtask aws-tables`). A service or an operation that they do
//! not hold cannot be asked for, which is what keeps a check read-only.

mod model;
mod rights;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use model::{Member, Operation, Pages, Protocol, Service, Shape, ShapeKind};
pub use rights::iam_action;

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../data/services/", $name, ".json")))),*]
    };
}

/// The tables, by the name that botocore gives a service.
const TABLES: &[(&str, &str)] = tables![
    "acm",
    "cloudtrail",
    "ec2",
    "eks",
    "elasticache",
    "iam",
    "kms",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "secretsmanager",
    "sts",
];

type Lazy = LazyLock<Service, Box<dyn FnOnce() -> Service + Send>>;

/// Each is parsed when it is first asked for.
static SERVICES: LazyLock<BTreeMap<&'static str, Lazy>> = LazyLock::new(|| {
    TABLES
        .iter()
        .map(|(name, text)| {
            let parse: Box<dyn FnOnce() -> Service + Send> =
                Box::new(|| serde_json::from_str(text).expect("a test parses every table"));
            (*name, LazyLock::new(parse))
        })
        .collect()
});

/// The facts about a service.
#[must_use]
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.get(name).map(|service| &**service)
}

/// The names of the services that there are facts about.
pub fn service_names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}

/// How an operation's answers come in pages, where they do.
#[must_use]
pub fn pages(service_name: &str, operation: &str) -> Option<&'static Pages> {
    service(service_name)?.operations.get(operation)?.pages.as_ref()
}

#[cfg(test)]
mod tests {
    use super::{ShapeKind, service, service_names};

    #[test]
    fn every_table_is_whole() {
        for name in service_names() {
            let service = service(name).expect("it is listed");
            for (operation, facts) in &service.operations {
                for shape in facts.input.iter().chain(&facts.output) {
                    assert!(service.shapes.contains_key(shape), "{name} {operation} {shape}");
                }
            }
            for (shape, facts) in &service.shapes {
                let parts = facts.members.values().chain(&facts.member).chain(&facts.key).chain(&facts.value);
                for part in parts {
                    let known =
                        service.shapes.contains_key(&part.shape) || service.kind(&part.shape).is_plain();
                    assert!(known, "{name} {shape} {}", part.shape);
                }
            }
        }
        assert_eq!(service("ec2").expect("listed").kind("boolean"), ShapeKind::Boolean);
    }
}
