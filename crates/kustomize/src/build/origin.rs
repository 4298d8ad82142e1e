//! Where resources come from and what transformed them, for `buildMetadata`.

use plimsoll_yaml::Node;
use serde_json::Value;

use super::files::join_paths;
use super::remote::RepositoryPath;
use crate::error::Result;
use crate::resource::{Resource, build_annotations};
use crate::tree::text;

/// A file, or the plugin that made or changed something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) path: String,
    pub(crate) repo: String,
    pub(crate) reference: String,
    pub(crate) configured_in: String,
    pub(crate) configured_by: ConfiguredBy,
}

/// The plugin's own id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ConfiguredBy {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
}

impl Origin {
    /// The origin of what a path names from here.
    pub(crate) fn append(&self, path: &str) -> Origin {
        let mut origin = self.clone();
        match RepositoryPath::parse(path) {
            Some(repository) => {
                origin.repo = repository.clone_spec;
                origin.reference = repository.reference;
                origin.path = join_paths("", &repository.folder);
            }
            None => origin.path = join_paths(&origin.path, path),
        }
        origin
    }

    /// The origin of what a built-in plugin of the kustomization file makes or changes.
    pub(crate) fn of_builtin(&self, file: &str, kind: &str) -> Origin {
        Origin {
            path: String::new(),
            repo: self.repo.clone(),
            reference: self.reference.clone(),
            configured_in: join_paths(&self.path, file),
            configured_by: ConfiguredBy {
                api_version: "builtin".to_owned(),
                kind: kind.to_owned(),
                ..ConfiguredBy::default()
            },
        }
    }

    /// The origin of what a plugin makes or changes that is configured by this resource.
    pub(crate) fn of_plugin(configuration: &Resource) -> Option<Origin> {
        let origin = Origin::of_resource(configuration)?;
        Some(Origin {
            path: String::new(),
            configured_in: origin.path,
            configured_by: ConfiguredBy {
                api_version: configuration.api_version().to_owned(),
                kind: configuration.kind().to_owned(),
                name: configuration.name().to_owned(),
                namespace: configuration.namespace().to_owned(),
            },
            ..origin
        })
    }

    /// The origin that a resource's annotation names.
    pub(crate) fn of_resource(resource: &Resource) -> Option<Origin> {
        let value = text::yaml_to_json(resource.annotation(build_annotations::ORIGIN)?).ok()?;
        Some(Origin::from_json(&value))
    }

    fn from_json(value: &Value) -> Origin {
        let at =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let by = value.get("configuredBy").cloned().unwrap_or_default();
        Origin {
            path: at(value, "path"),
            repo: at(value, "repo"),
            reference: at(value, "ref"),
            configured_in: at(value, "configuredIn"),
            configured_by: ConfiguredBy {
                api_version: at(&by, "apiVersion"),
                kind: at(&by, "kind"),
                name: at(&by, "name"),
                namespace: at(&by, "namespace"),
            },
        }
    }

    fn to_node(&self) -> Node {
        let mut node = mapping(&[
            ("path", &self.path),
            ("repo", &self.repo),
            ("ref", &self.reference),
            ("configuredIn", &self.configured_in),
        ]);
        let by = &self.configured_by;
        let by = mapping(&[
            ("apiVersion", &by.api_version),
            ("kind", &by.kind),
            ("name", &by.name),
            ("namespace", &by.namespace),
        ]);
        if by.entries().is_some_and(|entries| !entries.is_empty()) {
            node.insert("configuredBy", by);
        }
        node
    }

    /// The text of the annotation.
    pub(crate) fn to_text(&self) -> String {
        text::print(&self.to_node())
    }
}

fn mapping(pairs: &[(&str, &str)]) -> Node {
    let mut node = Node::mapping(Vec::new());
    for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        node.insert(key, Node::string(*value));
    }
    node
}

/// Says where resources come from that do not say so yet.
pub(crate) fn annotate_origin(resources: &mut [Resource], origin: Option<&Origin>) -> Result<()> {
    let Some(origin) = origin else { return Ok(()) };
    for resource in
        resources.iter_mut().filter(|resource| resource.annotation(build_annotations::ORIGIN).is_none())
    {
        resource.set_annotation(build_annotations::ORIGIN, &origin.to_text())?;
    }
    Ok(())
}

/// Says what transformed resources; what has no origin yet has this one.
pub(crate) fn annotate_transformer(resources: &mut [Resource], origin: &Origin) -> Result<()> {
    for resource in resources {
        if resource.annotation(build_annotations::ORIGIN).is_none() {
            resource.set_annotation(build_annotations::ORIGIN, &origin.to_text())?;
            continue;
        }
        let earlier = resource.annotation(build_annotations::TRANSFORMATIONS).unwrap_or_default();
        let earlier = if earlier.is_empty() { Value::Null } else { text::yaml_to_json(earlier)? };
        let mut list: Vec<Node> =
            earlier.as_array().into_iter().flatten().map(|item| Origin::from_json(item).to_node()).collect();
        list.push(origin.to_node());
        let written = text::print(&Node::sequence(list));
        resource.set_annotation(build_annotations::TRANSFORMATIONS, &written)?;
    }
    Ok(())
}
