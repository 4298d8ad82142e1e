//! `images`: other names, tags and digests for container images.

use plimsoll_yaml::Node;
use regex::Regex;

use super::field_filter::visit_fields;
use crate::config::FieldSpec;
use crate::error::Result;
use crate::resource::ResourceMap;
use crate::tree::fields::{self, NodeKind};
use crate::tree::scalar::{self, raw_text};

/// An entry of `images`; an empty part changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) new_name: String,
    pub(crate) tag_suffix: String,
    pub(crate) new_tag: String,
    pub(crate) digest: String,
}

/// Sets an image in every `containers` and `initContainers` list and at the fields of the specifications.
pub(crate) fn set_images(resources: &mut ResourceMap, image: &Image, specs: &[FieldSpec]) -> Result<()> {
    let setter = ImageSetter::new(image);
    for resource in resources.resources_mut_keeping_ids() {
        if resource.kind() != "CustomResourceDefinition" {
            resource.change(|node| setter.set_in_containers(node))?;
        }
    }
    for resource in resources.resources_mut_keeping_ids() {
        if resource.kind() != "CustomResourceDefinition" {
            resource.change(|node| visit_fields(node, specs, None, &mut |field| setter.set(field)))?;
        }
    }
    Ok(())
}

pub(crate) struct ImageSetter<'a> {
    image: &'a Image,
    pattern: Option<Regex>,
}

impl<'a> ImageSetter<'a> {
    pub(crate) fn new(image: &'a Image) -> ImageSetter<'a> {
        // The name is part of the expression as it is, so that `.` in it stands for any character.
        let pattern = format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", image.name);
        ImageSetter { image, pattern: Regex::new(&pattern).ok() }
    }

    /// Sets the image of every item of every list of containers, wherever it is.
    pub(crate) fn set_in_containers(&self, node: &mut Node) -> Result<()> {
        if let Some(items) = node.items_mut() {
            return items.iter_mut().try_for_each(|item| self.set_in_containers(item));
        }
        for entry in node.entries_mut().into_iter().flatten() {
            self.set_in_containers(&mut entry.value)?;
            if !matches!(raw_text(&entry.key), "containers" | "initContainers") {
                continue;
            }
            for container in entry.value.items_mut().into_iter().flatten() {
                if let Some(field) = fields::get_mut(container, "image")? {
                    self.set(field)?;
                }
            }
        }
        Ok(())
    }

    /// Sets one image, if its name is the one that is looked for.
    pub(crate) fn set(&self, node: &mut Node) -> Result<()> {
        fields::expect_kind(node, NodeKind::Scalar)?;
        let value = raw_text(node);
        if !self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(value)) {
            return Ok(());
        }
        let (name, tag, digest) = split_image(value);
        let image = self.image;
        let name = if image.new_name.is_empty() { name } else { image.new_name.as_str() };
        let suffixed = format!("{tag}{}", image.tag_suffix);
        let (tag, digest) =
            match (image.new_tag.is_empty(), image.digest.is_empty(), image.tag_suffix.is_empty()) {
                (false, false, _) => (image.new_tag.as_str(), image.digest.as_str()),
                (false, true, _) => (image.new_tag.as_str(), ""),
                (true, false, _) => ("", image.digest.as_str()),
                (true, true, false) => (suffixed.as_str(), ""),
                (true, true, true) => (tag, digest),
            };
        let mut written = name.to_owned();
        if !tag.is_empty() {
            written.push(':');
            written.push_str(tag);
        }
        if !digest.is_empty() {
            written.push('@');
            written.push_str(digest);
        }
        fields::set_scalar(node, scalar::untagged(&written))
    }
}

/// Name, tag and digest; a port in the registry's name is no tag.
fn split_image(image: &str) -> (&str, &str, &str) {
    let slash = image.find('/').filter(|&slash| slash > 0).unwrap_or(0);
    let (at, colon) = (image[slash..].find('@'), image[slash..].find(':'));
    let at = at.map(|at| at + slash);
    let colon = colon.map(|colon| colon + slash);
    match (at, colon) {
        (None, None) => (image, "", ""),
        (Some(at), colon) if colon.is_none_or(|colon| at < colon) => (&image[..at], "", &image[at + 1..]),
        (Some(at), Some(colon)) => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (_, Some(colon)) => (&image[..colon], &image[colon + 1..], ""),
        (Some(at), None) => (&image[..at], "", &image[at + 1..]),
    }
}
