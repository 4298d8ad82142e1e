//! `ValueAddTransformer`: one value put into, or between the parts of, several fields.

use plimsoll_yaml::Node;

use super::namespace::NamespaceTransform;
use crate::error::Result;
use crate::resource::ResourceMap;
use crate::schema::Schemas;
use crate::select::{CompiledSelector, Selector};
use crate::tree::fields::{self, NodeKind};
use crate::tree::paths;
use crate::tree::scalar::{self, raw_text};

/// A field that gets the value.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValueTarget {
    pub(crate) selector: Option<Selector>,
    pub(crate) field_path: String,
    pub(crate) file_path_position: i64,
}

/// Puts the value into a field of the selected resources.
pub(crate) fn add_value(
    resources: &mut ResourceMap,
    value: &str,
    target: &ValueTarget,
    schemas: &Schemas,
) -> Result<()> {
    let positions = match &target.selector {
        None => (0..resources.resources().len()).collect(),
        Some(selector) => resources.select(&CompiledSelector::new(selector)?, schemas)?,
    };
    for position in positions {
        resources.change(position, schemas, |resource| {
            if target.field_path == "metadata/namespace" {
                let transform =
                    NamespaceTransform { namespace: value.to_owned(), ..NamespaceTransform::default() };
                let gvk = resource.gvk(schemas);
                return resource.change(|node| transform.apply(node, &gvk));
            }
            resource.change(|node| target.set(node, value))
        })?;
    }
    Ok(())
}

impl ValueTarget {
    /// Puts the value into one tree.
    pub(crate) fn set(&self, root: &mut Node, value: &str) -> Result<()> {
        // Unlike elsewhere an empty first part is kept, and then skipped as blank.
        let mut parts: Vec<String> = Vec::new();
        for part in self.field_path.split('/') {
            match parts.last_mut() {
                Some(last) if last.ends_with('\\') => {
                    last.pop();
                    last.push('/');
                    last.push_str(part);
                }
                _ => parts.push(part.to_owned()),
            }
        }
        let Some(field) = paths::lookup_or_create(root, &parts, NodeKind::Scalar)? else { return Ok(()) };
        fields::expect_kind(field, NodeKind::Scalar)?;
        let written = match usize::try_from(self.file_path_position) {
            Ok(position) if position > 0 => insert_part(raw_text(field), position - 1, value),
            _ => value.to_owned(),
        };
        if written.is_empty() {
            return Ok(());
        }
        fields::set_scalar(field, scalar::untagged(&written))
    }
}

/// A path with a part added before the one at `position`; a leading `/` does not count.
fn insert_part(path: &str, position: usize, part: &str) -> String {
    if part.is_empty() {
        return path.to_owned();
    }
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    let joined = clean_join(&parts);
    if is_absolute { format!("/{joined}") } else { joined }
}

fn clean_join(parts: &[&str]) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in parts {
        match *part {
            "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    kept.join("/")
}
