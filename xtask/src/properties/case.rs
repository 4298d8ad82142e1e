//! A kustomization as parts that can be taken away one by one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

/// A base and an overlay on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    parts: Vec<Part>,
}

/// One part of a case.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// A document of the base's resources.
    Resource(String),
    /// An item of a list of a kustomization: its folder, the list, the item.
    Item(&'static str, &'static str, String),
    /// A field of a kustomization: its folder, the field, the value.
    Field(&'static str, &'static str, String),
}

/// The folder of the base.
pub(super) const BASE: &str = "base";
/// The folder of the overlay.
pub(super) const OVERLAY: &str = "overlay";

impl Case {
    pub(super) fn push(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// How many parts there are.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// The case without one of its parts.
    pub(super) fn without(&self, index: usize) -> Case {
        let mut parts = self.parts.clone();
        parts.remove(index);
        Case { parts }
    }

    /// Writes the files below a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let mut resources = String::new();
        let mut fields: BTreeMap<(&str, &str), String> = BTreeMap::new();
        fields.insert((BASE, "resources"), " [resources.yaml]\n".to_owned());
        fields.insert((OVERLAY, "resources"), " [../base]\n".to_owned());
        for part in &self.parts {
            match part {
                Part::Resource(text) => resources.push_str(&format!("---\n{text}")),
                Part::Item(of, list, item) => {
                    let text = fields.entry((of, list)).or_insert_with(|| "\n".to_owned());
                    text.push_str(&format!("- {item}\n"));
                }
                Part::Field(of, field, value) => {
                    fields.insert((of, field), format!(" {value}\n"));
                }
            }
        }
        for of in [BASE, OVERLAY] {
            fs::create_dir_all(folder.join(of))?;
            let own = fields.iter().filter(|((folder, _), _)| *folder == of);
            let text: String = own.map(|((_, field), value)| format!("{field}:{value}")).collect();
            fs::write(folder.join(of).join("kustomization.yaml"), text)?;
        }
        fs::write(folder.join(BASE).join("resources.yaml"), resources)?;
        Ok(())
    }
}
