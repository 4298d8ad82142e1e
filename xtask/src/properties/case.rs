//! A kustomization as parts that can be taken away one by one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

/// A base, an overlay on it, and a component that the overlay may take.
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
    /// A file beside a kustomization: the folder, the file's name, what it holds.
    File(&'static str, &'static str, String),
}

/// The folder of the base.
pub(super) const BASE: &str = "base";
/// The folder of the overlay.
pub(super) const OVERLAY: &str = "overlay";
/// The folder of the component.
pub(super) const COMPONENT: &str = "component";

impl Case {
    /// Adds a file and the item of a list that names it.
    pub(super) fn push_file(
        &mut self,
        of: &'static str,
        list: &'static str,
        name: &'static str,
        content: String,
    ) {
        self.push(Part::File(of, name, content));
        self.push(Part::Item(of, list, name.to_owned()));
    }

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
        fields.insert((COMPONENT, "apiVersion"), " kustomize.config.k8s.io/v1alpha1\n".to_owned());
        fields.insert((COMPONENT, "kind"), " Component\n".to_owned());
        for of in [BASE, OVERLAY, COMPONENT].map(|of| folder.join(of)) {
            // What an earlier case left there shall not help this one.
            if of.exists() {
                fs::remove_dir_all(&of)?;
            }
            fs::create_dir_all(&of)?;
        }
        for part in &self.parts {
            match part {
                Part::Resource(text) => resources.push_str(&format!("---\n{text}")),
                Part::Item(of, list, item) => {
                    let text = fields.entry((of, list)).or_insert_with(|| "\n".to_owned());
                    text.push_str(&format!("- {item}\n"));
                }
                Part::File(of, name, content) => fs::write(folder.join(of).join(name), content)?,
                Part::Field(of, field, value) => {
                    fields.insert((of, field), format!(" {value}\n"));
                }
            }
        }
        for of in [BASE, OVERLAY, COMPONENT] {
            let own = fields.iter().filter(|((folder, _), _)| *folder == of);
            let text: String = own.map(|((_, field), value)| format!("{field}:{value}")).collect();
            fs::write(folder.join(of).join("kustomization.yaml"), text)?;
        }
        fs::write(folder.join(BASE).join("resources.yaml"), resources)?;
        Ok(())
    }
}
