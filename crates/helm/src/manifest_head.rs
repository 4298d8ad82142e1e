//! The few fields of a document that decide what becomes of it, read with the errors that Helm has for the whole.

use plimsoll_gotemplate::Profile;
use plimsoll_yaml::{Budget, Dialect, Node, Numbers, Tag, parse_one};

use crate::simple_head::simple_head;
use crate::typed::scalar_text;

/// What Helm reads of a document.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// `metadata.annotations`
    pub annotations: Vec<(String, String)>,
}

const DECODING: &str = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
const METADATA_TYPE: &str =
    r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

/// Reads the head of a document; all of the document must be YAML that JSON can be made of.
pub(crate) fn read_head(document: &[u8], profile: Profile) -> Result<Head, String> {
    if let Ok(head) = simple_head(document) {
        return Ok(head);
    }
    let root = parse_one(document, Dialect::Helm, &Budget::DEFAULT).map_err(converting)?;
    if !has_json_form(&root) {
        root.to_value(Dialect::Helm, Numbers::AsWritten).map_err(converting)?;
    }
    if root.is_null() {
        return Ok(Head::default());
    }
    if !root.is_mapping() {
        let package = if profile == Profile::V3 { "releaseutil" } else { "util" };
        return Err(format!("{DECODING} {} into Go value of type {package}.SimpleHead", kind(&root)));
    }
    let text = |value: Option<&Node>, path: &str| text_field(value, "SimpleHead", path);
    let mut head = Head {
        api_version: text(field(&root, "apiVersion"), "apiVersion")?,
        kind: text(field(&root, "kind"), "kind")?,
        ..Head::default()
    };
    let Some(metadata) = field(&root, "metadata").filter(|metadata| !metadata.is_null()) else {
        return Ok(head);
    };
    if !metadata.is_mapping() {
        let found = kind(metadata);
        return Err(format!(
            "{DECODING} {found} into Go struct field SimpleHead.metadata of type {METADATA_TYPE}"
        ));
    }
    head.name = text_field(field(metadata, "name"), "", "metadata.name")?;
    let Some(annotations) = field(metadata, "annotations").filter(|annotations| !annotations.is_null())
    else {
        return Ok(head);
    };
    let Some(entries) = annotations.entries() else {
        let found = kind(annotations);
        return Err(format!(
            "{DECODING} {found} into Go struct field .metadata.annotations of type map[string]string"
        ));
    };
    for entry in entries {
        let key = entry.key.scalar_text().unwrap_or_default().to_owned();
        head.annotations.push((key, text_field(Some(&entry.value), "", "metadata.annotations")?));
    }
    Ok(head)
}

fn converting(error: plimsoll_yaml::Error) -> String {
    format!("error converting YAML to JSON: {error}")
}

/// The value of a field: of equal keys the last counts, and case does not matter where no key is exact.
fn field<'a>(mapping: &'a Node, name: &str) -> Option<&'a Node> {
    let entries = mapping.entries()?;
    let find = |is_name: &dyn Fn(&str) -> bool| {
        entries
            .iter()
            .rev()
            .find(|entry| entry.key.scalar_text().is_some_and(is_name))
            .map(|entry| &entry.value)
    };
    find(&|key| key == name).or_else(|| find(&|key| key.eq_ignore_ascii_case(name)))
}

fn text_field(value: Option<&Node>, type_name: &str, path: &str) -> Result<String, String> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(String::new()) };
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    let plain = value.to_value(Dialect::Helm, Numbers::AsWritten).map_err(converting)?;
    scalar_text(&plain).ok_or_else(|| {
        format!("{DECODING} {} into Go struct field {type_name}.{path} of type string", kind(value))
    })
}

/// Whether nothing in the tree keeps JSON from being made of it.
fn has_json_form(node: &Node) -> bool {
    if let Some(entries) = node.entries() {
        return entries.iter().all(|entry| {
            entry.key.is_scalar()
                && !entry.key.is_null()
                && has_json_form(&entry.key)
                && has_json_form(&entry.value)
        });
    }
    if let Some(items) = node.items() {
        return items.iter().all(has_json_form);
    }
    // The floats without a form are spelt with an `n`: `.inf`, `.NaN`.
    node.tag() != Tag::Float || node.scalar_text().is_some_and(|text| !text.contains(['n', 'N']))
}

fn kind(node: &Node) -> &'static str {
    match node.tag() {
        Tag::Null => "null",
        Tag::Bool => "bool",
        Tag::Int | Tag::Float => "number",
        Tag::Sequence => "array",
        Tag::Mapping => "object",
        _ => "string",
    }
}
