//! Custom resources that a controller writes back as a whole, from the table `data/written_back.tsv`: marks in a schema where
//! an empty value is the same as none.
//!
//! The API server keeps a custom resource as it is written. A controller that reads it into a structure and updates it with that
//! loses what the structure leaves out when empty, and adds what it does not.

use plimsoll_yaml::{FieldPath, Step};

use super::built_in::rows;
use super::{Shape, Types};

/// Marks the fields of a kind.
pub(super) fn mark(types: &mut Types, root: usize, kind: &str, group: &str) {
    for row in rows(include_str!("../../data/written_back.tsv")) {
        if let [own, mapping, fields] = row[..]
            && own.split_once('.') == Some((kind, group))
            && let Ok(path) = mapping.parse::<FieldPath>()
            && let Some(number) = mapping_at(types, root, &path)
            && let Some(one) = types.types.get_mut(number)
        {
            for key in fields.split(' ') {
                if let Some(field) = one.fields.get_mut(key) {
                    field.keeps_empty = false;
                }
            }
        }
    }
}

/// The type of the mapping at a path; none where this version has no such field.
fn mapping_at(types: &Types, root: usize, path: &FieldPath) -> Option<usize> {
    let whole = Shape::Struct(root);
    let mut shape = &whole;
    for step in &path.steps {
        shape = match (step, shape) {
            (Step::Key(key), Shape::Struct(number)) => &types.field(*number, key)?.shape,
            (Step::Any, Shape::List(item, _)) => item,
            _ => return None,
        };
    }
    match shape {
        Shape::Struct(number) => Some(*number),
        _ => None,
    }
}
