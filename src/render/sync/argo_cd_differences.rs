//! What Argo CD must not take for a difference: `ignoreDifferences` of an Application from the rows of
//! `argo_cd_differences.yaml` and the kinds that its layer has.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{LayerContents, health};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rows: Vec<Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Row {
    groups: Vec<String>,
    kinds: Vec<String>,
    composites: bool,
    managers: Vec<String>,
    pointers: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("argo_cd_differences.yaml")).expect("a test reads the table")
});

/// The entries for the kinds of a layer, sorted by group and kind.
pub(super) fn of_layer(layer: &LayerContents<'_>, facts: &health::Facts) -> Vec<Value> {
    let kinds: BTreeSet<(&str, &str)> =
        layer.resources.iter().map(|resource| (&*resource.id.group, &*resource.id.kind)).collect();
    kinds
        .into_iter()
        .filter_map(|(group, kind)| {
            let rows = TABLE.rows.iter().filter(|row| row.fits(group, kind, facts));
            let (mut managers, mut pointers) = (BTreeSet::new(), BTreeSet::new());
            for row in rows {
                managers.extend(row.managers.iter());
                pointers.extend(row.pointers.iter());
            }
            let mut entry = json!({"group": group, "kind": kind});
            if !managers.is_empty() {
                entry["managedFieldsManagers"] = json!(managers);
            }
            if !pointers.is_empty() {
                entry["jsonPointers"] = json!(pointers);
            }
            entry.as_object().is_some_and(|fields| fields.len() > 2).then_some(entry)
        })
        .collect()
}

impl Row {
    fn fits(&self, group: &str, kind: &str, facts: &health::Facts) -> bool {
        if self.composites {
            return facts.is_composite(group, kind);
        }
        let in_group = self.groups.iter().any(|known| match known.strip_prefix('*') {
            Some(suffix) => group.ends_with(suffix),
            None => known == group,
        });
        in_group && (self.kinds.is_empty() || self.kinds.iter().any(|known| known == kind))
    }
}
