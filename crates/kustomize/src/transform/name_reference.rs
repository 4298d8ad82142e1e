//! Names of resources inside other resources, after the names have changed.
//!
//! Follows `filters/nameref` and `accumulator/namereferencetransformer.go` v0.21.1. Who may be meant by a field is decided by
//! the ids that candidates had, so the candidates are looked up by their earlier names instead of being searched.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use compact_str::CompactString;
use plimsoll_yaml::Node;

use super::field_filter::visit_field;
use crate::config::{BackReference, FieldSpec};
use crate::error::{Error, Result};
use crate::identity::{Gvk, ResourceId};
use crate::resource::{Resource, ResourceMap, build_annotations};
use crate::schema::Schemas;
use crate::tree::fields;
use crate::tree::scalar::{self, raw_text};
use crate::tree::text;

/// Writes the present name wherever a resource refers to another by an earlier one.
pub(crate) fn fix_name_references(
    resources: &mut ResourceMap,
    references: &[BackReference],
    schemas: &Schemas,
) -> Result<()> {
    let candidates = Candidates::new(resources.resources(), schemas);
    let mut by_type: HashMap<Gvk, Vec<(&FieldSpec, &Gvk)>> = HashMap::new();
    let list = resources.resources_mut();
    for position in 0..list.len() {
        let Some(resource) = list.get_mut(position) else { break };
        let original = resource.original_id(schemas).gvk;
        let filters = by_type.entry(original).or_insert_with_key(|gvk| {
            references
                .iter()
                .flat_map(|reference| reference.referrers.iter().map(move |spec| (spec, &reference.gvk)))
                .filter(|(spec, _)| gvk.is_selected_by(&spec.gvk))
                .collect()
        });
        if filters.is_empty() {
            continue;
        }
        let referrer = Referrer::new(position, resource, &candidates)?;
        let fixed = filters.iter().try_for_each(|(spec, target)| referrer.fix(resource, spec, target));
        fixed.map_err(|error| with_details(error, position, &referrer.ambiguous.take(), list))?;
    }
    Ok(())
}

/// What is known of one resource that may be meant.
struct Candidate {
    position: usize,
    previous: Vec<ResourceId>,
    current: ResourceId,
    original_namespace: CompactString,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

struct Candidates {
    all: Vec<Candidate>,
    by_previous_name: HashMap<CompactString, Vec<usize>>,
    by_original_namespace: HashMap<CompactString, Vec<usize>>,
}

impl Candidates {
    fn new(resources: &[Resource], schemas: &Schemas) -> Candidates {
        let mut by_previous_name: HashMap<CompactString, Vec<usize>> = HashMap::new();
        let mut by_original_namespace: HashMap<CompactString, Vec<usize>> = HashMap::new();
        let mut all = Vec::with_capacity(resources.len());
        for (position, resource) in resources.iter().enumerate() {
            let previous = resource.previous_ids();
            let current = resource.current_id(schemas);
            let original_namespace: CompactString =
                previous.first().unwrap_or(&current).effective_namespace().into();
            for id in &previous {
                let positions = by_previous_name.entry(id.name.clone()).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
            by_original_namespace.entry(original_namespace.clone()).or_default().push(position);
            let words = |key: &str| resource.words_of(key).into_iter().map(str::to_owned).collect();
            all.push(Candidate {
                position,
                previous,
                current,
                original_namespace,
                prefixes: words(build_annotations::PREFIXES),
                suffixes: words(build_annotations::SUFFIXES),
            });
        }
        Candidates { all, by_previous_name, by_original_namespace }
    }
}

/// A resource whose fields are looked at.
struct Referrer<'a> {
    candidates: &'a Candidates,
    own: &'a Candidate,
    /// The namespaces of the service accounts that a role binding names.
    binding_namespaces: HashSet<String>,
    role: Option<Gvk>,
    /// The candidates among which none could be chosen.
    ambiguous: RefCell<Vec<usize>>,
}

impl<'a> Referrer<'a> {
    fn new(position: usize, resource: &Resource, candidates: &'a Candidates) -> Result<Referrer<'a>> {
        let own = candidates.all.get(position).ok_or_else(|| Error::new("a referrer is missing"))?;
        Ok(Referrer {
            candidates,
            own,
            binding_namespaces: binding_namespaces(resource, &own.current)?,
            role: role_of(resource),
            ambiguous: RefCell::default(),
        })
    }

    fn fix(&self, resource: &mut Resource, spec: &FieldSpec, target: &Gvk) -> Result<()> {
        // The field is looked up in the type as it is now, which is this resource's.
        let gvk = Gvk { cluster_scoped: false, ..self.own.current.gvk.clone() };
        let spec = FieldSpec::new(gvk, &spec.path, spec.create);
        let field = Field { referrer: self, spec: &spec, target };
        let fixed = resource.change(|node| visit_field(node, &spec, None, &mut |node| field.fix(node)));
        fixed.map_err(|error| {
            error.wrap(format!("updating name reference in '{}' field of '{}'", spec.path, self.own.current))
        })
    }

    /// Whether a candidate may be referred to from here at all.
    fn reaches(&self, candidate: &Candidate) -> bool {
        self.own.current.gvk.cluster_scoped
            || candidate.current.gvk.cluster_scoped
            || candidate.current.same_namespace(&self.own.current)
            || self.binding_namespaces.contains(candidate.current.namespace.as_str())
    }
}

struct Field<'a> {
    referrer: &'a Referrer<'a>,
    spec: &'a FieldSpec,
    target: &'a Gvk,
}

impl Field<'_> {
    fn fix(&self, node: &mut Node) -> Result<()> {
        if node.is_null() {
            return Ok(());
        }
        if let Some(items) = node.items_mut() {
            return items.iter_mut().filter(|item| !item.is_null()).try_for_each(|item| {
                if item.is_sequence() {
                    return Err(Error::new(format!(
                        "{} is expected to be either a string or a map of string",
                        text::print(item)
                    )));
                }
                self.fix(item)
            });
        }
        if node.is_mapping() { self.fix_mapping(node) } else { self.fix_scalar(node) }
    }

    fn fix_scalar(&self, node: &mut Node) -> Result<()> {
        let Some(referral) = self.select(raw_text(node), None)? else { return Ok(()) };
        if referral.current.name == raw_text(node) || referral.current.name.is_empty() {
            return Ok(());
        }
        fields::set_scalar(node, scalar::untagged(&referral.current.name))
    }

    fn fix_mapping(&self, node: &mut Node) -> Result<()> {
        let Some(name) = fields::get(node, "name")? else {
            return Err(Error::new("path config error; no 'name' field in node"));
        };
        let old_name = raw_text(name).to_owned();
        let namespace = fields::get(node, "namespace")?.map(|namespace| raw_text(namespace).to_owned());
        let Some(referral) = self.select(&old_name, Some(namespace))? else { return Ok(()) };
        let (name, namespace) = (&referral.current.name, &referral.current.namespace);
        if *name == old_name && namespace.is_empty() {
            return Ok(());
        }
        fields::set_field(node, "name", scalar::untagged(name))?;
        if namespace.is_empty() {
            Ok(())
        } else {
            fields::set_field(node, "namespace", scalar::untagged(namespace))
        }
    }

    /// The resource that a name means; `namespace` is that of the mapping around the name, where one is.
    fn select(&self, old_name: &str, namespace: Option<Option<String>>) -> Result<Option<&Candidate>> {
        let candidates = self.referrer.candidates;
        let named = candidates.by_previous_name.get(old_name).map(Vec::as_slice).unwrap_or_default();
        let is_mapping = namespace.is_some();
        let in_namespace = self.namespace_filter(namespace.flatten());
        let mut found: Vec<&Candidate> = named
            .iter()
            .filter_map(|&position| candidates.all.get(position))
            .filter(|candidate| self.referrer.reaches(candidate) && in_namespace(candidate))
            .filter(|candidate| candidate.previous.iter().any(|id| id.gvk.is_selected_by(self.target)))
            .filter(|candidate| self.fits_role(candidate) && self.is_near(candidate))
            .collect();
        if found.len() == 1 {
            return Ok(found.pop());
        }
        found.retain(|candidate| self.has_affixes(candidate, true));
        if found.len() > 1 {
            found.retain(|candidate| self.has_affixes(candidate, false));
        }
        let Some(first) = found.first() else { return Ok(None) };
        let identical = found.iter().all(|candidate| {
            candidate.current.name == first.current.name
                && (!is_mapping || candidate.current.namespace == first.current.namespace)
        });
        if identical {
            return Ok(Some(first));
        }
        let ids: Vec<String> = found.iter().map(|candidate| candidate.current.to_string()).collect();
        self.referrer.ambiguous.replace(found.iter().map(|candidate| candidate.position).collect());
        Err(Error::new(format!("found multiple possible referrals: {}", ids.join(", "))))
    }

    fn namespace_filter(&self, namespace: Option<String>) -> impl Fn(&Candidate) -> bool {
        let candidates = self.referrer.candidates;
        let originally = namespace.as_ref().is_some_and(|namespace| {
            let positions = candidates.by_original_namespace.get(namespace.as_str());
            namespace != crate::identity::NOT_A_NAMESPACE
                && positions
                    .into_iter()
                    .flatten()
                    .filter_map(|&position| candidates.all.get(position))
                    .any(|candidate| self.referrer.reaches(candidate))
        });
        move |candidate| match &namespace {
            None => true,
            Some(namespace) if originally => candidate.original_namespace == *namespace,
            Some(namespace) => {
                namespace != crate::identity::NOT_A_NAMESPACE
                    && candidate.current.effective_namespace() == namespace
            }
        }
    }

    fn fits_role(&self, candidate: &Candidate) -> bool {
        match &self.referrer.role {
            Some(role) if self.spec.path.ends_with("roleRef/name") => {
                candidate.previous.iter().any(|id| id.gvk.is_selected_by(role))
            }
            _ => true,
        }
    }

    fn is_near(&self, candidate: &Candidate) -> bool {
        let own = &self.referrer.own.current;
        own.gvk.cluster_scoped
            || candidate.current.gvk.cluster_scoped
            || candidate.current.gvk.kind == "ServiceAccount"
            || own.same_namespace(&candidate.current)
    }

    fn has_affixes(&self, candidate: &Candidate, allow_none: bool) -> bool {
        let own = self.referrer.own;
        let fits = |mine: &[String], theirs: &[String]| {
            (allow_none && (mine.is_empty() || theirs.is_empty())) || have_same_end(mine, theirs)
        };
        fits(&own.prefixes, &candidate.prefixes) && fits(&own.suffixes, &candidate.suffixes)
    }
}

/// Adds what kustomize prints where a name means several resources: the referrer and all that it may mean.
fn with_details(error: Error, referrer: usize, ambiguous: &[usize], list: &[Resource]) -> Error {
    if ambiguous.is_empty() {
        return error;
    }
    let print = |position: usize| list.get(position).and_then(|resource| resource.to_yaml().ok());
    let mut message = error.message().to_owned();
    let referrer = print(referrer).unwrap_or_default();
    message.push_str(&format!("\n\n**** Too many possible referral targets to referrer:\n{referrer}\n"));
    for (index, &position) in ambiguous.iter().enumerate() {
        message
            .push_str(&format!("--- possible referral {index}:\n{}\n", print(position).unwrap_or_default()));
    }
    error.with_message(message)
}

fn have_same_end(one: &[String], other: &[String]) -> bool {
    let (short, long) = if one.len() > other.len() { (other, one) } else { (one, other) };
    if short.is_empty() { long.is_empty() } else { long.ends_with(short) }
}

fn binding_namespaces(resource: &Resource, id: &ResourceId) -> Result<HashSet<String>> {
    let mut namespaces = HashSet::new();
    if resource.kind() != "RoleBinding" {
        return Ok(namespaces);
    }
    for subject in resource.node().get("subjects").and_then(Node::items).unwrap_or_default() {
        let Some(namespace) = subject.get("namespace") else { continue };
        if subject.get("kind").map(raw_text) != Some("ServiceAccount") {
            continue;
        }
        if !scalar::is_string(namespace) {
            return Err(Error::new(format!(
                "Invalid Input: namespace is blank for resource {}\n",
                crate::go::quote(&id.to_string())
            )));
        }
        namespaces.insert(raw_text(namespace).to_owned());
    }
    Ok(namespaces)
}

fn role_of(resource: &Resource) -> Option<Gvk> {
    let role = resource.node().get("roleRef")?;
    Some(Gvk::new(role.get("apiGroup").map(raw_text)?, "", role.get("kind").map(raw_text)?))
}
