//! `configMapGenerator` and `secretGenerator`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll_yaml::{Entry, Node, Style};

use super::key_values::{Read, load};
use crate::error::{Error, Result};
use crate::kustomization::GeneratorArguments;
use crate::resource::{Resource, build_annotations, set_quoted, string_node};
use crate::tree::fields;
use crate::tree::scalar::untagged;

/// Makes a ConfigMap; what is no UTF-8 becomes binary data.
pub(crate) fn generate_config_map(arguments: &GeneratorArguments, read: Read<'_>) -> Result<Resource> {
    let mut root = base_node("ConfigMap", arguments)?;
    let (mut data, mut binary) = (Vec::new(), Vec::new());
    for (key, value) in load(arguments, read)? {
        match String::from_utf8(value) {
            Ok(text) => data.push(entry(&key, text)),
            Err(error) => binary.push(entry(&key, encode(error.as_bytes()))),
        }
    }
    for (name, entries) in [("data", data), ("binaryData", binary)] {
        if !entries.is_empty() {
            root.insert(name, Node::mapping(entries));
        }
    }
    finish(root, arguments)
}

/// Makes a Secret.
pub(crate) fn generate_secret(arguments: &GeneratorArguments, read: Read<'_>) -> Result<Resource> {
    let mut root = base_node("Secret", arguments)?;
    let secret_type = if arguments.secret_type.is_empty() { "Opaque" } else { &arguments.secret_type };
    fields::set_field(&mut root, "type", string_node(secret_type))?;
    let data = load(arguments, read)?.into_iter().map(|(key, value)| entry(&key, encode(&value)));
    root.insert("data", Node::mapping(data.collect()));
    finish(root, arguments)
}

fn base_node(kind: &str, arguments: &GeneratorArguments) -> Result<Node> {
    if arguments.name.is_empty() {
        return Err(Error::new("a configmap must have a name"));
    }
    let mut root = Node::mapping(Vec::new());
    root.insert("apiVersion", Node::string("v1"));
    root.insert("kind", Node::string(kind));
    let mut metadata = Node::mapping(Vec::new());
    fields::set_field(&mut metadata, "name", string_node(&arguments.name))?;
    if !arguments.namespace.is_empty() {
        fields::set_field(&mut metadata, "namespace", string_node(&arguments.namespace))?;
    }
    root.insert("metadata", metadata);
    Ok(root)
}

fn entry(key: &str, value: String) -> Entry {
    let is_block = value.contains('\n');
    let value = Node::string(value);
    let value = if is_block { value.with_style(Style::Literal) } else { value };
    Entry { key: untagged(key), value }
}

/// Base64 in lines of 70 characters, each but a lone one with its end.
fn encode(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for line in encoded.as_bytes().chunks(LINE) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    lines
}

fn finish(mut root: Node, arguments: &GeneratorArguments) -> Result<Resource> {
    if let Some(options) = &arguments.options {
        for (key, value) in &options.labels {
            set_quoted(&mut root, "labels", key, value)?;
        }
        for (key, value) in &options.annotations {
            set_quoted(&mut root, "annotations", key, value)?;
        }
        if options.immutable {
            root.insert("immutable", Node::bool(true));
        }
    }
    let mut resource = Resource::new(root);
    let wants_hash = !arguments.options.as_ref().is_some_and(|options| options.disable_name_suffix_hash);
    if wants_hash {
        resource.set_annotation(build_annotations::NEEDS_HASH, build_annotations::ENABLED)?;
    }
    let behavior = match arguments.behavior.as_str() {
        known @ ("replace" | "merge" | "create") => known,
        _ => "unspecified",
    };
    resource.set_annotation(build_annotations::GENERATOR_BEHAVIOR, behavior)?;
    Ok(resource)
}
