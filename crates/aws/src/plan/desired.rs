//! A managed resource of Git as far as a comparison needs it: its kind, names, region and parameters.

use serde_json::{Map, Value};

use super::{Account, ManagedResource};
use crate::kind::{self, Kind, ServiceKinds};

/// The groups of the two families of APIs.
const GROUPS: [&str; 2] = [".aws.upbound.io", ".aws.m.upbound.io"];

/// A managed resource.
#[derive(Debug)]
pub(super) struct Desired {
    /// Which of the given resources it is.
    pub(super) index: usize,
    /// `ec2.VPC`.
    pub(super) kind_name: String,
    /// Its table, if there is one.
    pub(super) facts: Option<(&'static ServiceKinds, &'static Kind)>,
    /// The object's name and namespace.
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    /// What Crossplane writes into the tag `crossplane-kind`.
    pub(super) tag_kind: String,
    /// The external name, from Git or from the management cluster.
    pub(super) external: Option<String>,
    pub(super) region: String,
    /// `spec.forProvider`.
    pub(super) parameters: Map<String, Value>,
    /// The same as the management cluster has it, with references filled.
    pub(super) observed: Map<String, Value>,
    pub(super) labels: Map<String, Value>,
    /// What composed it, by which siblings are known.
    pub(super) controller: Option<String>,
}

impl Desired {
    /// The resource, if it is one of AWS's providers.
    pub(super) fn of(index: usize, resource: &ManagedResource, account: &Account) -> Option<Desired> {
        let manifest = &resource.manifest;
        let group = manifest["apiVersion"].as_str()?.split_once('/')?.0;
        let service = GROUPS.iter().find_map(|suffix| group.strip_suffix(suffix))?;
        let kind = manifest["kind"].as_str()?;
        let kind_name = format!("{service}.{kind}");
        let facts = kind::service_kinds(service).zip(kind::kind(&kind_name));
        let mut parameters = object(&manifest["spec"]["forProvider"]);
        for name in facts.into_iter().flat_map(|(_, kind)| &kind.inline) {
            if parameters.get(name).is_some_and(|value| !value.is_string()) {
                let members = parameters.remove(name).map(|value| object(&value)).unwrap_or_default();
                members.into_iter().for_each(|(name, value)| {
                    parameters.entry(name).or_insert(value);
                });
            }
        }
        let observed = resource.observed.as_ref();
        let annotation = |object: &Value| {
            let name = object["metadata"]["annotations"]["crossplane.io/external-name"].as_str();
            name.filter(|name| !name.is_empty()).map(str::to_owned)
        };
        let labels = object(&manifest["metadata"]["labels"]);
        let owners = manifest["metadata"]["ownerReferences"].as_array();
        let owner = owners.into_iter().flatten().find(|owner| owner["controller"] == Value::Bool(true));
        let controller = owner.map(|owner| format!("{}/{}", owner["kind"], owner["name"]));
        let composite = labels.get("crossplane.io/composite").map(Value::to_string);
        Some(Desired {
            index,
            facts,
            name: manifest["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
            namespace: manifest["metadata"]["namespace"].as_str().map(str::to_owned),
            tag_kind: format!("{kind}.{group}").to_lowercase(),
            external: annotation(manifest).or_else(|| observed.and_then(annotation)),
            region: parameters
                .get("region")
                .and_then(Value::as_str)
                .map_or_else(|| account.region.clone(), str::to_owned),
            observed: observed.map(|object_| object(&object_["spec"]["forProvider"])).unwrap_or_default(),
            parameters,
            labels,
            controller: controller.or(composite),
            kind_name,
        })
    }

    /// The name in AWS that Git gives it, for kinds that have one.
    pub(super) fn aws_name(&self) -> String {
        let kind = self.facts.map(|(_, kind)| kind);
        let field = kind.and_then(|kind| kind.name_field.as_ref());
        let given = field.and_then(|field| self.parameters.get(field)).and_then(Value::as_str);
        let name = given.unwrap_or_else(|| self.external.as_deref().unwrap_or(&self.name));
        // The provider keeps compound names such as `cluster:group`, of which the last part is the name.
        let name = if given.is_none() && kind.is_some_and(|kind| kind.named) {
            name.rsplit(':').next().unwrap_or(name)
        } else {
            name
        };
        if kind.is_some_and(|kind| kind.lower_case) { name.to_lowercase() } else { name.to_owned() }
    }
}

/// An object, also where it is the only item of a list.
pub(super) fn object(value: &Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map.clone(),
        Value::Array(items) if items.len() == 1 => object(&items[0]),
        _ => Map::new(),
    }
}
