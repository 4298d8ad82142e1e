//! `commonAnnotations`.

use std::collections::BTreeMap;

use super::labels::add_entries;
use crate::config::FieldSpec;
use crate::error::Result;
use crate::resource::ResourceMap;

/// Adds annotations at every field of the specifications.
pub(crate) fn add_annotations(
    resources: &mut ResourceMap,
    annotations: &BTreeMap<String, String>,
    specs: &[FieldSpec],
) -> Result<()> {
    add_entries(resources, annotations, specs)
}
