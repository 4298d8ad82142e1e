//! A layer's `patches`: strategic merge and JSON 6902, as kustomize applies them, over the resources of all sources.
//!
//! Unlike kustomize, a patch whose target no resource is, is an error: it looks like a change and is none.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use plimsoll_kustomize::{
    Error as KustomizeError, Patch as KustomizePatch, PatchOptions, Selector, apply_patches,
};
use plimsoll_resource::{FileTree, Resource, ResourceId, identify, normalize_path};
use plimsoll_yaml::{Budget, Dialect, Node, Span};

use super::documents::Piece;
use crate::config::environment::{Patch, PatchTarget};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, yaml_message};
use crate::secrets::mask;

/// What a layer's patches need.
#[derive(Debug, Clone, Copy)]
pub struct PatchContext<'a> {
    /// The inputs.
    pub tree: &'a FileTree,
    /// The folder that paths of patches are from.
    pub folder: &'a str,
    /// Where the environment lists each patch.
    pub places: &'a [Place],
}

/// The resources after all patches, and the files that were read.
pub fn apply(
    pieces: Vec<Piece>,
    patches: &[Patch],
    context: PatchContext<'_>,
) -> Result<(Vec<Piece>, BTreeSet<String>), Diagnostics> {
    if patches.is_empty() {
        return Ok((pieces, BTreeSet::new()));
    }
    let mut read = BTreeSet::new();
    let listed: Vec<KustomizePatch> = patches.iter().map(to_kustomize).collect();
    let resources =
        pieces.iter().map(|piece| plimsoll_kustomize::Resource::new(piece.resource.node.clone())).collect();
    let patched = apply_patches(resources, &listed, |path| {
        let file = normalize_path(&format!("{}/{path}", context.folder));
        let bytes = file.as_ref().and_then(|file| context.tree.get(file));
        let missing = || KustomizeError::new(format!("there is no file `{path}` in `{}`", context.folder));
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(missing)?;
        read.extend(file);
        Ok(text.to_owned())
    });
    let place =
        |index: usize| context.places.get(index).cloned().unwrap_or_else(|| Place::file(context.folder));
    let patched = patched.map_err(|problems| {
        let diagnose = |problem: plimsoll_kustomize::PatchProblem| {
            let listed_at = place(problem.patch);
            let broken = patches.get(problem.patch).and_then(|patch| syntax(patch, context, &listed_at));
            broken.unwrap_or_else(|| {
                Diagnostic::error(Code::new("patch::failed"), "the patch cannot be applied")
                    .at(listed_at)
                    .with_cause(without_quoted_text(problem.error.message()))
            })
        };
        problems.into_iter().map(diagnose).collect::<Diagnostics>()
    })?;
    let unmatched: Diagnostics = patched
        .unmatched
        .iter()
        .map(|index| {
            Diagnostic::error(Code::new("patch::no-target"), "the patch matches no resource of the layer")
                .at(place(*index))
                .with_help("names, kinds and namespaces of a target must match as a whole; take the patch out if it is obsolete")
        })
        .collect();
    if unmatched.has_errors() {
        return Err(unmatched);
    }
    Ok((reunite(pieces, patched.resources)?, read))
}

/// Where the text of a patch is no YAML: kustomize says only that it cannot be parsed.
fn syntax(patch: &Patch, context: PatchContext<'_>, listed_at: &Place) -> Option<Diagnostic> {
    let code = Code::new("patch::syntax");
    let first_error = |text: &str| {
        plimsoll_yaml::parse_each(text, Dialect::Kustomize, &Budget::DEFAULT)
            .into_iter()
            .find_map(Result::err)
    };
    if let Some(inline) = &patch.patch {
        let error = first_error(inline)?;
        let diagnostic = Diagnostic::error(code, yaml_message(&error)).at(listed_at.clone());
        return Some(match error.position() {
            Some(position) => diagnostic
                .with_cause(format!("line {}, column {} of the patch", position.line, position.column)),
            None => diagnostic,
        });
    }
    let file = normalize_path(&format!("{}/{}", context.folder, patch.path.as_deref()?))?;
    let text = std::str::from_utf8(context.tree.get(&file)?).ok()?;
    let error = first_error(text)?;
    let offset = error.offset().and_then(|offset| u32::try_from(offset).ok());
    let place = match offset {
        Some(offset) => mask::without_secrets(Place::of_span(file, text, Span::new(offset, offset)), text),
        None => Place::file(file),
    };
    Some(
        Diagnostic::error(code, yaml_message(&error))
            .at(place)
            .with_link("listed at", Place { excerpt: None, ..listed_at.clone() }),
    )
}

/// Gives each patched resource the origin that it had. Order is kept by patching, so where a resource has changed its name
/// it is the next original that no other patched resource is.
///
/// What a patch has changed is plain data without places; what none has touched keeps its tree.
fn reunite(
    originals: Vec<Piece>,
    patched: Vec<plimsoll_kustomize::Resource>,
) -> Result<Vec<Piece>, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut identified = Vec::new();
    for resource in patched {
        let value = resource.to_json().unwrap_or_default();
        let node = Node::from_value(&value);
        match identify(&node) {
            Ok(id) => identified.push((id, resource, node)),
            Err(reason) => found.push(Diagnostic::error(
                Code::new("patch::failed"),
                format!("a patch leaves no resource: {reason}"),
            )),
        }
    }
    let kept: HashSet<ResourceId> = identified.iter().map(|(id, _, _)| id.clone()).collect();
    let mut originals = originals.into_iter().peekable();
    let mut pieces = Vec::with_capacity(identified.len());
    let mut last = None;
    for (id, patched, node) in identified {
        let mut candidate = None;
        while let Some(original) = originals.peek() {
            let is_same = original.resource.id == id;
            if !is_same && kept.contains(&original.resource.id) {
                break;
            }
            candidate = originals.next();
            if is_same {
                break;
            }
        }
        let Some(from) = candidate.or_else(|| last.clone()) else { continue };
        let is_untouched = *patched.node() == from.resource.node;
        let resource = match is_untouched {
            true => Arc::clone(&from.resource),
            false => Arc::new(Resource { id, node, origin: from.resource.origin.clone() }),
        };
        let piece = Piece { resource, source: Arc::clone(&from.source), namespace: from.namespace.clone() };
        last = Some(from);
        pieces.push(piece);
    }
    if found.has_errors() { Err(found) } else { Ok(pieces) }
}

fn to_kustomize(patch: &Patch) -> KustomizePatch {
    let options = patch.options.unwrap_or_default();
    KustomizePatch {
        path: patch.path.clone().unwrap_or_default(),
        patch: patch.patch.clone().unwrap_or_default(),
        target: patch.target.as_ref().map(selector),
        options: PatchOptions {
            allow_name_change: options.allow_name_change,
            allow_kind_change: options.allow_kind_change,
        },
    }
}

fn selector(target: &PatchTarget) -> Selector {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    Selector {
        group: text(&target.group),
        version: text(&target.version),
        kind: text(&target.kind),
        name: text(&target.name),
        namespace: text(&target.namespace),
        annotation_selector: text(&target.annotation_selector),
        label_selector: text(&target.label_selector),
    }
}

/// kustomize quotes the whole patch in some of its messages, and with it values.
fn without_quoted_text(message: &str) -> String {
    const LONGEST: usize = 200;
    let line = message.lines().next().unwrap_or_default();
    match line.find(['{', '"']) {
        Some(at) if line.len() > LONGEST || line[at..].contains(['\\', '{']) => {
            format!("{} ...", line[..at].trim_end())
        }
        _ => line.chars().take(LONGEST).collect(),
    }
}
