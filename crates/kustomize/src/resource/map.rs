//! Sets of resources in the order in which they came, found by id.
//!
//! Upstream looks through the whole list for each of its questions (`resmap/reswrangler.go` v0.21.1). Here indexes answer
//! them, so that a build costs time in proportion to its resources: one of the ids as of now, exact, and one of all names that
//! a resource has or had, from which the few candidates are then compared in full.

use std::collections::HashMap;

use compact_str::CompactString;

use super::Resource;
use crate::error::{Error, Result};
use crate::identity::ResourceId;
use crate::schema::Schemas;
use crate::select::CompiledSelector;

/// Resources, each id once.
#[derive(Debug, Clone, Default)]
pub struct ResourceMap {
    list: Vec<Resource>,
    by_current_id: Option<HashMap<ResourceId, usize>>,
    by_name: Option<HashMap<CompactString, Vec<usize>>>,
}

impl ResourceMap {
    /// No resources.
    #[must_use]
    pub fn new() -> ResourceMap {
        ResourceMap::default()
    }

    /// The resources of a list, or an error where two have one id.
    pub fn of(resources: Vec<Resource>, schemas: &Schemas) -> Result<ResourceMap> {
        let mut map = ResourceMap::new();
        map.append_all(resources, schemas)?;
        Ok(map)
    }

    /// The resources in order.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.list
    }

    /// The resources in order, taken out.
    #[must_use]
    pub fn into_resources(self) -> Vec<Resource> {
        self.list
    }

    /// The resources to be changed in any way.
    pub(crate) fn resources_mut(&mut self) -> &mut Vec<Resource> {
        self.by_current_id = None;
        self.by_name = None;
        &mut self.list
    }

    /// The resources to be changed in anything but names, namespaces and kinds.
    pub(crate) fn resources_mut_keeping_ids(&mut self) -> &mut [Resource] {
        &mut self.list
    }

    /// Adds a resource whose id none has yet.
    pub(crate) fn append(&mut self, resource: Resource, schemas: &Schemas) -> Result<()> {
        let id = resource.current_id(schemas);
        let position = self.list.len();
        let key = comparable(&id);
        let index = self.current_index(schemas);
        if let Some(&earlier) = index.get(&key) {
            return Err(already_registered(&id, &resource, self.list.get(earlier)));
        }
        index.insert(key, position);
        if let Some(names) = &mut self.by_name {
            add_names(names, &resource, position);
        }
        self.list.push(resource);
        Ok(())
    }

    /// Adds resources whose ids none has yet.
    pub(crate) fn append_all(&mut self, resources: Vec<Resource>, schemas: &Schemas) -> Result<()> {
        resources.into_iter().try_for_each(|resource| self.append(resource, schemas))
    }

    /// The positions of the resources that have, or had, this name and fulfil the condition.
    pub(crate) fn find(
        &mut self,
        name: &str,
        schemas: &Schemas,
        fits: impl Fn(&ResourceId) -> bool,
    ) -> Vec<usize> {
        let candidates = self.name_index().get(name).cloned().unwrap_or_default();
        let fits_any = |position: &usize| {
            let Some(resource) = self.list.get(*position).filter(|resource| !resource.is_empty()) else {
                return false;
            };
            fits(&resource.current_id(schemas)) || resource.previous_ids().iter().any(&fits)
        };
        candidates.into_iter().filter(fits_any).collect()
    }

    /// The one resource that has or had this id.
    pub(crate) fn position_of(&mut self, id: &ResourceId, schemas: &Schemas) -> Result<usize> {
        let found = self.find(&id.name, schemas, |other| id.same_resource(other));
        let problem = match found.as_slice() {
            [position] => return Ok(*position),
            [] => "no matches",
            _ => "multiple matches",
        };
        Err(Error::new(format!("{problem} for Id {id}; failed to find unique target for patch {id}")))
    }

    /// The positions of the resources that a selector can mean by its name alone.
    pub(crate) fn candidates(&mut self, selector: &CompiledSelector) -> Vec<usize> {
        match selector.literal_name() {
            Some(name) => self.name_index().get(name).cloned().unwrap_or_default(),
            None => (0..self.list.len()).collect(),
        }
    }

    /// The positions of the resources that a selector means.
    pub(crate) fn select(&mut self, selector: &CompiledSelector, schemas: &Schemas) -> Result<Vec<usize>> {
        let mut selected = Vec::new();
        for position in self.candidates(selector) {
            let Some(resource) = self.list.get(position) else { continue };
            let current = resource.current_id(schemas);
            let original = resource.previous_ids().into_iter().next().unwrap_or_else(|| current.clone());
            if selector.selects(resource, &original, &current)? {
                selected.push(position);
            }
        }
        Ok(selected)
    }

    /// Changes one resource, also its id.
    pub(crate) fn change(
        &mut self,
        position: usize,
        schemas: &Schemas,
        change: impl FnOnce(&mut Resource) -> Result<()>,
    ) -> Result<()> {
        let Some(resource) = self.list.get_mut(position) else { return Ok(()) };
        let before = resource.current_id(schemas);
        change(resource)?;
        if self.by_current_id.is_some() && before != resource.current_id(schemas) {
            self.by_current_id = None;
        }
        if let Some(names) = &mut self.by_name {
            add_names(names, resource, position);
        }
        Ok(())
    }

    /// Puts a resource in the place of another.
    pub(crate) fn replace(&mut self, position: usize, resource: Resource) {
        self.by_current_id = None;
        if let Some(names) = &mut self.by_name {
            add_names(names, &resource, position);
        }
        if let Some(place) = self.list.get_mut(position) {
            *place = resource;
        }
    }

    /// Drops the resources of which nothing is left.
    pub(crate) fn drop_empty(&mut self) {
        if self.list.iter().any(Resource::is_empty) {
            self.resources_mut().retain(|resource| !resource.is_empty());
        }
    }

    /// Refuses two resources of one id.
    pub(crate) fn refuse_doubles(&mut self, schemas: &Schemas) -> Result<()> {
        let mut seen = HashMap::new();
        for resource in &self.list {
            let id = resource.current_id(schemas);
            if let Some(earlier) = seen.insert(comparable(&id), resource) {
                return Err(already_registered(&id, resource, Some(earlier)));
            }
        }
        Ok(())
    }

    fn current_index(&mut self, schemas: &Schemas) -> &mut HashMap<ResourceId, usize> {
        let list = &self.list;
        self.by_current_id.get_or_insert_with(|| {
            let ids = list.iter().map(|resource| comparable(&resource.current_id(schemas)));
            ids.enumerate().map(|(position, id)| (id, position)).collect()
        })
    }

    fn name_index(&mut self) -> &HashMap<CompactString, Vec<usize>> {
        let list = &self.list;
        self.by_name.get_or_insert_with(|| {
            let mut names = HashMap::new();
            for (position, resource) in list.iter().enumerate() {
                add_names(&mut names, resource, position);
            }
            names
        })
    }
}

fn already_registered(id: &ResourceId, resource: &Resource, earlier: Option<&Resource>) -> Error {
    let error = Error::new(format!("may not add resource with an already registered id: {id}"))
        .with_earlier(earlier.and_then(Resource::place));
    match resource.place() {
        Some(place) => error.in_file(&place.file, place.span),
        None => error,
    }
}

fn add_names(names: &mut HashMap<CompactString, Vec<usize>>, resource: &Resource, position: usize) {
    let previous = resource.words_of(super::annotations::PREVIOUS_NAMES);
    for name in previous.into_iter().chain([resource.name()]) {
        let positions = match names.get_mut(name) {
            Some(positions) => positions,
            None => names.entry(CompactString::from(name)).or_default(),
        };
        // Positions come in ascending order but for changes of earlier resources.
        match positions.binary_search(&position) {
            Ok(_) => {}
            Err(place) => positions.insert(place, position),
        }
    }
}

/// The id in a form in which ids of one resource are equal.
pub(crate) fn comparable(id: &ResourceId) -> ResourceId {
    let mut key = id.clone();
    key.namespace = id.effective_namespace().into();
    key.gvk.cluster_scoped = false;
    key
}
