//! The kinds of managed resources that can be compared with AWS: one data file a service, loaded once.
//!
//! A file names its reads (operations and where their items are) and its kinds (how a resource is found among items, how each
//! parameter reads, what AWS fills in, what belongs to whom). Nothing here knows a particular kind.

mod spec;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use plimsoll_yaml::{Budget, Dialect, Numbers, parse_one};
use serde_json::Value;

pub use spec::{
    Belongs, DefaultBy, Derived, Drop, Each, Extra, Field, Find, Form, Join, Kind, ListOrder, Read,
    Reference, ServiceKinds, Severity, Source, Status, Take,
};

/// The files.
const FILES: &[(&str, &str)] = &[
    ("acm", include_str!("../../data/kinds/acm.yaml")),
    ("ec2", include_str!("../../data/kinds/ec2.yaml")),
    ("eks", include_str!("../../data/kinds/eks.yaml")),
    ("elasticache", include_str!("../../data/kinds/elasticache.yaml")),
    ("iam", include_str!("../../data/kinds/iam.yaml")),
    ("kms", include_str!("../../data/kinds/kms.yaml")),
    ("rds", include_str!("../../data/kinds/rds.yaml")),
    ("route53", include_str!("../../data/kinds/route53.yaml")),
    ("s3", include_str!("../../data/kinds/s3.yaml")),
    ("secretsmanager", include_str!("../../data/kinds/secretsmanager.yaml")),
];

static SERVICES: LazyLock<BTreeMap<&'static str, ServiceKinds>> = LazyLock::new(|| {
    let parsed = FILES.iter().map(|(name, text)| (*name, parse(text).expect("a test parses every file")));
    parsed.collect()
});

/// What all kinds share: references by the field they fill, and the tags that are nobody's drift.
static SHARED: LazyLock<spec::Shared> = LazyLock::new(|| {
    let value = value_of(include_str!("../../data/shared.yaml")).expect("a test parses the file");
    serde_json::from_value(value).expect("a test parses the file")
});

pub(crate) fn value_of(text: &str) -> Result<Value, String> {
    let tree = parse_one(text, Dialect::Kustomize, &Budget::DEFAULT).map_err(|error| error.to_string())?;
    tree.to_value(Dialect::Kustomize, Numbers::AsWritten).map_err(|error| error.to_string())
}

fn parse(text: &str) -> Result<ServiceKinds, String> {
    serde_json::from_value(value_of(text)?).map_err(|error| error.to_string())
}

/// The reads and kinds of a service.
#[must_use]
pub fn service_kinds(service: &str) -> Option<&'static ServiceKinds> {
    SERVICES.get(service)
}

/// A kind by its type, `ec2.VPC`.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    let (service, kind) = name.split_once('.')?;
    service_kinds(service)?.kinds.get(kind)
}

/// The types that can be compared, in order.
pub fn kind_names() -> impl Iterator<Item = String> {
    SERVICES
        .iter()
        .flat_map(|(service, kinds)| kinds.kinds.keys().map(move |kind| format!("{service}.{kind}")))
}

/// Every kind with its type.
pub(crate) fn all() -> impl Iterator<Item = (String, &'static Kind)> {
    SERVICES.iter().flat_map(|(service, kinds)| {
        kinds.kinds.iter().map(move |(name, kind)| (format!("{service}.{name}"), kind))
    })
}

/// What a reference of this name fills, where the kind itself does not say.
pub(crate) fn shared_reference(stem: &str) -> Option<&'static Reference> {
    SHARED.references.get(stem)
}

/// Whether a tag is written by AWS, Crossplane or Kubernetes themselves.
pub(crate) fn is_machine_tag(key: &str) -> bool {
    SHARED.machine_tags.iter().any(|prefix| key.starts_with(prefix.as_str()))
}

/// Whether tags say that AWS, EKS or a controller made a thing for itself.
pub(crate) fn is_owned(tags: &BTreeMap<String, String>) -> bool {
    tags.iter().any(|(key, value)| {
        SHARED.owner_tags.iter().any(|owner| {
            key.starts_with(owner.prefix.as_str())
                && owner.value.as_ref().is_none_or(|wanted| wanted == value)
        })
    })
}

/// Parameters that only steer the provider.
pub(crate) fn is_provider_only(field: &str) -> bool {
    SHARED.provider_only.iter().any(|known| known == field)
}

#[cfg(test)]
mod tests {
    use super::{FILES, kind_names, parse, service_kinds};
    use crate::service::service;

    #[test]
    fn every_file_is_whole() {
        for (name, text) in FILES {
            let kinds = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            for (read, facts) in &kinds.reads {
                let asked = facts.service.as_deref().unwrap_or(name);
                let known =
                    service(asked).is_some_and(|known| known.operations.contains_key(&facts.operation));
                assert!(known, "{name} {read}: {}", facts.operation);
                if let Some(each) = &facts.each {
                    assert!(kinds.reads.contains_key(&each.read), "{name} {read}: {}", each.read);
                }
            }
            for (kind, facts) in &kinds.kinds {
                let reads = facts.source.iter().map(|source| &source.read);
                for read in reads.chain(facts.joins.iter().map(|join| &join.read)) {
                    assert!(kinds.reads.contains_key(read), "{name} {kind}: {read}");
                }
            }
        }
        assert!(kind_names().count() >= 40, "kinds: {}", kind_names().count());
        assert!(service_kinds("nothing").is_none());
    }
}
