//! `.Chart`: a struct in Helm 3, where an unknown field is an error, and a map by Go's field names in Helm 4, where it is
//! nil.

use plimsoll_gotemplate::{GoString, GoType, Kind, List, Map, Profile, Value, types};
use serde_json::Value as Json;

use crate::arena::Node;
use crate::go_struct::{Field, Struct};
use crate::metadata::{Dependency, Maintainer, Metadata};
use crate::shared;

const METADATA: &GoType = &GoType::named("chart.Metadata", Kind::Struct, None);
const CHART: &GoType = &GoType::unnamed("struct { chart.Metadata; IsRoot bool }", Kind::Struct, None);
const MAINTAINER: &GoType = &GoType::unnamed("*chart.Maintainer", Kind::Pointer, None);
const MAINTAINERS: &GoType = &GoType::unnamed("[]*chart.Maintainer", Kind::Slice, Some(MAINTAINER));
const DEPENDENCY: &GoType = &GoType::unnamed("*chart.Dependency", Kind::Pointer, None);
const DEPENDENCIES: &GoType = &GoType::unnamed("[]*chart.Dependency", Kind::Slice, Some(DEPENDENCY));

/// What templates of a chart find under `.Chart`.
pub(crate) fn chart_object(node: &Node<'_>, profile: Profile) -> Value {
    let is_root = node.parent.is_none();
    let mut metadata = node.source.metadata.clone();
    metadata.name.clone_from(&node.name);
    metadata.dependencies =
        node.declared.as_ref().map(|all| all.iter().map(|one| one.borrow().clone()).collect());
    let fields = metadata_fields(&metadata, profile);
    match profile {
        Profile::V3 => {
            let metadata = plain_struct(METADATA, fields);
            Value::from_object(Struct {
                go_type: CHART,
                fields: vec![Field::embedded("Metadata", metadata), Field::new("IsRoot", "IsRoot", is_root)],
                pointer_text: None,
                getters: &[],
            })
        }
        Profile::V4 => {
            let map = as_map(fields);
            let _ = map.insert("IsRoot", Value::from(is_root));
            Value::from(map)
        }
    }
}

fn metadata_fields(metadata: &Metadata, profile: Profile) -> Vec<Field> {
    let text = |name, json, text: &str| Field::optional(name, json, text);
    vec![
        text("Name", "name", &metadata.name),
        text("Home", "home", &metadata.home),
        Field::optional("Sources", "sources", strings(metadata.sources.as_deref(), profile)),
        text("Version", "version", &metadata.version),
        text("Description", "description", &metadata.description),
        Field::optional("Keywords", "keywords", strings(metadata.keywords.as_deref(), profile)),
        Field::optional(
            "Maintainers",
            "maintainers",
            items(metadata.maintainers.as_deref(), MAINTAINERS, profile, |item| {
                element(MAINTAINER, maintainer_fields(item), profile)
            }),
        ),
        text("Icon", "icon", &metadata.icon),
        text("APIVersion", "apiVersion", &metadata.api_version),
        text("Condition", "condition", &metadata.condition),
        text("Tags", "tags", &metadata.tags),
        text("AppVersion", "appVersion", &metadata.app_version),
        Field::optional("Deprecated", "deprecated", metadata.deprecated),
        Field::optional("Annotations", "annotations", string_map(metadata.annotations.as_deref())),
        text("KubeVersion", "kubeVersion", &metadata.kube_version),
        Field::optional(
            "Dependencies",
            "dependencies",
            items(metadata.dependencies.as_deref(), DEPENDENCIES, profile, |item| {
                element(DEPENDENCY, dependency_fields(item, profile), profile)
            }),
        ),
        text("Type", "type", &metadata.kind),
    ]
}

fn maintainer_fields(maintainer: &Maintainer) -> Vec<Field> {
    vec![
        Field::optional("Name", "name", maintainer.name.as_str()),
        Field::optional("Email", "email", maintainer.email.as_str()),
        Field::optional("URL", "url", maintainer.url.as_str()),
    ]
}

fn dependency_fields(dependency: &Dependency, profile: Profile) -> Vec<Field> {
    let imports = match &dependency.import_values {
        None if profile == Profile::V3 => Value::from(List::nil(types::LIST)),
        None => Value::from(Vec::<Value>::new()),
        Some(wanted) => {
            let wanted = wanted.iter().map(|wanted| import_value(wanted, dependency.is_imported()));
            Value::from(wanted.collect::<Vec<_>>())
        }
    };
    vec![
        Field::new("Name", "name", dependency.name.as_str()),
        Field::optional("Version", "version", dependency.version.as_str()),
        Field::new("Repository", "repository", dependency.repository.as_str()),
        Field::optional("Condition", "condition", dependency.condition.as_str()),
        Field::optional("Tags", "tags", strings(dependency.tags.as_deref(), profile)),
        Field::optional("Enabled", "enabled", dependency.enabled),
        Field::optional("ImportValues", "import-values", imports),
        Field::optional("Alias", "alias", dependency.alias.as_str()),
    ]
}

fn import_value(wanted: &Json, is_imported: bool) -> Value {
    match wanted {
        Json::Object(entries) if is_imported => {
            let texts = entries.iter().map(|(key, value)| {
                (GoString::from(key.as_str()), Value::from(value.as_str().unwrap_or_default()))
            });
            Value::from(Map::of_type(types::STRING_MAP, texts.collect()))
        }
        other => shared::from_json(&crate::yaml_input::with_floats(other.clone())),
    }
}

fn plain_struct(go_type: &'static GoType, fields: Vec<Field>) -> Value {
    Value::from_object(Struct { go_type, fields, pointer_text: None, getters: &[] })
}

fn element(go_type: &'static GoType, fields: Vec<Field>, profile: Profile) -> Value {
    match profile {
        Profile::V3 => plain_struct(go_type, fields),
        Profile::V4 => Value::from(as_map(fields)),
    }
}

fn as_map(fields: Vec<Field>) -> Map {
    fields.into_iter().map(|field| (GoString::from(field.name), field.value)).collect()
}

fn strings(texts: Option<&[String]>, profile: Profile) -> Value {
    match (texts, profile) {
        (None, Profile::V3) => Value::from(List::nil(types::STRINGS)),
        (Some(texts), Profile::V3) => Value::from(List::of_strings(texts.iter().map(String::as_str))),
        (texts, Profile::V4) => {
            let texts = texts.unwrap_or_default().iter().map(|text| Value::from(text.as_str()));
            Value::from(texts.collect::<Vec<_>>())
        }
    }
}

fn string_map(entries: Option<&[(String, String)]>) -> Value {
    Value::from(match entries {
        None => Map::nil(types::STRING_MAP),
        Some(entries) => {
            let texts =
                entries.iter().map(|(key, value)| (GoString::from(key.as_str()), value.as_str().into()));
            Map::of_type(types::STRING_MAP, texts.collect())
        }
    })
}

fn items<T>(
    items: Option<&[T]>,
    go_type: &'static GoType,
    profile: Profile,
    element: impl Fn(&T) -> Value,
) -> Value {
    match (items, profile) {
        (None, Profile::V3) => Value::from(List::nil(go_type)),
        (items, _) => {
            let found: Vec<Value> = items.unwrap_or_default().iter().map(element).collect();
            match profile {
                Profile::V3 => Value::from(List::of_type(go_type, found)),
                Profile::V4 => Value::from(found),
            }
        }
    }
}
