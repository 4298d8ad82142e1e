//! By what a cluster knows a composed resource, whatever its name: the way of templates that leads to it from its claim.
//!
//! Crossplane annotates what it composes with the name of the template and labels it with the outermost composite and the claim;
//! which of the composites within composes it only its owner says. Follows crossplane v2.2.1
//! `internal/controller/apiextensions/composite`, and its generators of names. A function of one object.

use serde_json::Value;

use crate::expansion::{Composite, Expansion, ManagedResource};

/// The annotation with the name of the template.
pub(super) const RESOURCE_NAME: &str = "/metadata/annotations/crossplane.io~1composition-resource-name";

const COMPOSITE: &str = "/metadata/labels/crossplane.io~1composite";
const CLAIM_NAME: &str = "/metadata/labels/crossplane.io~1claim-name";
const CLAIM_NAMESPACE: &str = "/metadata/labels/crossplane.io~1claim-namespace";

/// By what the cluster knows a composed resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// The names of the templates on the way to it from the outermost composite, its own last.
    pub lineage: Vec<String>,
    /// The name of the outermost composite; ends in `-` where Crossplane draws the rest.
    pub root: String,
    /// Namespace and name of the claim, where it is no composite itself.
    pub claim: Option<(String, String)>,
    /// The kind of the composite that composes it.
    pub owner_kind: String,
    /// The name of that composite, where it is known.
    pub owner_name: Option<String>,
    /// Whether its own name is known.
    pub has_name: bool,
}

impl Template {
    /// The template of an expanded resource.
    #[must_use]
    pub fn of(managed: &ManagedResource, expansion: &Expansion) -> Option<Template> {
        let owner = expansion.composites.get(managed.composite)?;
        let mut lineage = vec![managed.resource_name.clone()];
        let mut root = owner;
        while let Some(name) = &root.resource_name {
            lineage.push(name.clone());
            root = expansion.composites.get(root.parent?)?;
        }
        lineage.reverse();
        let claim = root.parent.and_then(|claim| expansion.composites.get(claim));
        let of_claim =
            |claim: &Composite| (claim.id.namespace.clone().unwrap_or_default(), claim.id.name.clone());
        Some(Template {
            lineage,
            root: root.id.name.clone(),
            claim: claim.map(of_claim),
            owner_kind: owner.id.kind.clone(),
            owner_name: Some(owner.id.name.clone()).filter(|name| !name.ends_with('-')),
            has_name: managed.has_name,
        })
    }

    /// The name of its template in the Composition.
    #[must_use]
    pub fn resource_name(&self) -> &str {
        self.lineage.last().map_or("", String::as_str)
    }

    /// The way to the composite that composes it.
    #[must_use]
    pub fn owner_lineage(&self) -> &[String] {
        self.lineage.split_last().map_or(&[], |(_, owner)| owner)
    }

    /// Whether the outermost composite has this name.
    #[must_use]
    pub fn is_root(&self, name: &str) -> bool {
        is_name(&self.root, name)
    }

    /// Whether an object was composed by this template, as far as the object alone says it: of composites whose names are drawn
    /// it does not say which one it was.
    #[must_use]
    pub fn made(&self, object: &Value) -> bool {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let is_of_root = text(COMPOSITE).is_some_and(|name| self.is_root(name));
        let is_of_claim = match (&self.claim, text(CLAIM_NAMESPACE).zip(text(CLAIM_NAME))) {
            (Some((namespace, name)), Some(of_object)) => of_object == (namespace, name),
            _ => true,
        };
        let is_of_owner = owner(object).is_none_or(|(kind, name)| {
            kind == self.owner_kind && self.owner_name.as_deref().is_none_or(|own| own == name)
        });
        is_of_root && is_of_claim && is_of_owner && text(RESOURCE_NAME) == Some(self.resource_name())
    }

    /// Whether an object may be made by the one template as by the other, as far as it says.
    #[must_use]
    pub fn is_like(&self, other: &Template) -> bool {
        self.resource_name() == other.resource_name()
            && (&self.root, &self.claim, &self.owner_kind, &self.owner_name)
                == (&other.root, &other.claim, &other.owner_kind, &other.owner_name)
    }
}

/// Kind and name of the composite that controls an object.
#[must_use]
pub fn owner(object: &Value) -> Option<(&str, &str)> {
    let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array)?;
    let controls = |owner: &&Value| owner.get("controller").and_then(Value::as_bool) == Some(true);
    let owner = owners.iter().find(controls)?;
    let text = |key: &str| owner.get(key).and_then(Value::as_str);
    text("kind").zip(text("name"))
}

/// Whether a name is this one, or this one with an end that Crossplane draws.
fn is_name(known: &str, name: &str) -> bool {
    if !known.ends_with('-') {
        return known == name;
    }
    let is_drawn = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match name.strip_prefix(known) {
        Some(end) => is_drawn(end),
        // A beginning that would make the name too long is cut off.
        None => {
            name.len() == LONGEST && name.get(..LONGEST - DRAWN).is_some_and(|cut| known.starts_with(cut))
        }
    }
}

/// How long a drawn name becomes at most, and how long its end is.
const LONGEST: usize = 63;
const DRAWN: usize = 5;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(lineage: &[&str], root: &str, owner_name: Option<&str>) -> Template {
        Template {
            lineage: lineage.iter().map(|name| (*name).to_owned()).collect(),
            root: root.to_owned(),
            owner_kind: "Network".to_owned(),
            owner_name: owner_name.map(str::to_owned),
            ..Template::default()
        }
    }

    fn object(root: &str, template: &str, owner: &str) -> Value {
        json!({"metadata": {"name": "x", "labels": {"crossplane.io/composite": root},
            "annotations": {"crossplane.io/composition-resource-name": template},
            "ownerReferences": [{"kind": "Network", "name": owner, "controller": true}]}})
    }

    #[test]
    fn an_object_with_a_drawn_name_is_known_by_its_composite_and_template() {
        let vpc = template(&["vpc"], "network-", None);
        assert!(vpc.made(&object("network-8h2kf", "vpc", "network-8h2kf")));
        assert!(!vpc.made(&object("network-8h2kf", "subnet", "network-8h2kf")));
        assert!(!vpc.made(&object("other-8h2kf", "vpc", "other-8h2kf")));
        assert!(!vpc.made(&object("network-b-8h2kf", "vpc", "network-b-8h2kf")), "another claim's");
    }

    #[test]
    fn what_a_composite_within_composes_is_labelled_with_the_outermost_and_owned_by_the_inner() {
        let vpc = template(&["net", "vpc"], "shop", Some("shop-net"));
        assert!(vpc.made(&object("shop", "vpc", "shop-net")));
        assert!(!vpc.made(&object("shop", "vpc", "shop-other")), "of another composite within");
        assert!(!vpc.made(&object("shop-net", "vpc", "shop-net")));
        assert_eq!((vpc.resource_name(), vpc.owner_lineage()), ("vpc", ["net".to_owned()].as_slice()));
    }

    #[test]
    fn composites_of_claims_of_one_name_are_told_apart_by_the_claims_namespace() {
        let of = |namespace: &str| Template {
            claim: Some((namespace.to_owned(), "network".to_owned())),
            ..template(&["vpc"], "network-", None)
        };
        let mut object = object("network-8h2kf", "vpc", "network-8h2kf");
        object["metadata"]["labels"]["crossplane.io/claim-namespace"] = json!("quay");
        object["metadata"]["labels"]["crossplane.io/claim-name"] = json!("network");
        assert!(of("quay").made(&object) && !of("shop").made(&object));
    }
}
