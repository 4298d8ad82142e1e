//! `namePrefix` and `nameSuffix`.

use plimsoll_yaml::Node;

use super::field_filter::{Creation, visit_field};
use crate::config::FieldSpec;
use crate::error::Result;
use crate::identity::Gvk;
use crate::resource::{ResourceMap, build_annotations};
use crate::schema::Schemas;
use crate::tree::fields;
use crate::tree::scalar::{self, raw_text};

/// What is added to names, and at which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affix<'a> {
    Prefix(&'a str),
    Suffix(&'a str),
}

impl Affix<'_> {
    fn text(&self) -> &str {
        match self {
            Affix::Prefix(text) | Affix::Suffix(text) => text,
        }
    }

    fn add_to(&self, name: &str) -> String {
        match self {
            Affix::Prefix(prefix) => format!("{prefix}{name}"),
            Affix::Suffix(suffix) => format!("{name}{suffix}"),
        }
    }
}

/// Adds to the fields of all resources but those whose names mean something outside.
pub(crate) fn add_affix(
    resources: &mut ResourceMap,
    affix: Affix<'_>,
    specs: &[FieldSpec],
    schemas: &Schemas,
) -> Result<()> {
    for resource in resources.resources_mut() {
        let id = resource.original_id(schemas);
        if keeps_its_name(&id.gvk) {
            continue;
        }
        for spec in specs.iter().filter(|spec| id.gvk.is_selected_by(&spec.gvk)) {
            if spec.path == "metadata/name" {
                let key = match affix {
                    Affix::Prefix(_) => build_annotations::PREFIXES,
                    Affix::Suffix(_) => build_annotations::SUFFIXES,
                };
                resource.append_to_annotation(key, affix.text())?;
                if !affix.text().is_empty() {
                    resource.store_previous_id(schemas)?;
                }
            }
            resource.change(|node| add_affix_at(node, affix, spec))?;
        }
    }
    Ok(())
}

/// Adds to one field of one tree.
pub(crate) fn add_affix_at(root: &mut Node, affix: Affix<'_>, spec: &FieldSpec) -> Result<()> {
    visit_field(root, spec, Some(Creation::STRING), &mut |field| {
        let written = affix.add_to(raw_text(field));
        fields::set_scalar(field, scalar::untagged(&written))
    })
}

fn keeps_its_name(gvk: &Gvk) -> bool {
    match gvk.kind.as_str() {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => gvk.group == "apiregistration.k8s.io",
        _ => false,
    }
}
