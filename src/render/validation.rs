//! What the API server would refuse: claims, definitions, Compositions and the managed resources that claims become, against
//! the definitions that the environment has, or what is known of their kinds.
//!
//! Of managed resources those are looked at that are made at once; what comes later is for `lint`, so that rendering is quick.
//! A kind without a definition is not looked at. Values are not repeated in messages: any of them may be a secret.

use std::collections::BTreeSet;

use plimsoll_crossplane::definitions::{Definitions, GroupVersionKind};
use plimsoll_crossplane::expansion::UnknownField;
use plimsoll_crossplane::field_path::delete_field;
use plimsoll_crossplane::resource_validation::{Check, validate_resource};
use plimsoll_crossplane::schema::{BadValue, FieldError, FieldErrorKind, check_list_types, check_structural};
use plimsoll_crossplane::xrd::composite_schema;
use plimsoll_yaml::{Dialect, Node, Numbers};
use rayon::prelude::*;
use serde_json::Value;

use super::built_in_kinds;
use super::documents::Piece;
use super::layer::place_of;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::expansion::source_lines::{key_place_at, place_at, steps_of_path};
use crate::expansion::{
    Expansion, ManagedResource, Sources, Supplied, UNKNOWN_VERSION, expand_at_first, places_of,
};
use crate::fetch::schemas::PinnedSchemas;
use crate::validate::kinds;

/// What validation knows besides the resources themselves.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// What is supplied for claims to be expanded.
    pub(super) supplied: &'a Supplied,
    /// Definitions that the environment has pinned.
    pub(super) schemas: &'a PinnedSchemas,
    /// Whether what claims become is looked at.
    pub(super) managed: ManagedResources,
}

/// What is done with the resources that claims become.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ManagedResources {
    /// They are validated.
    #[default]
    Validated,
    /// They are not even composed.
    LeftAlone,
}

/// Tells everything that would be refused of all resources, and in which of the new ones something was found by itself. The
/// others are known to be what Kubernetes can read.
pub(super) fn check(pieces: &[&Piece], new: &[&Piece], known: Known<'_>) -> (Diagnostics, BTreeSet<usize>) {
    let ((mut found, struck), of_definitions) =
        rayon::join(|| built_in_kinds::check(new), || check_by_definitions(pieces, known));
    found.extend(of_definitions);
    (found, struck)
}

/// What definitions of the environment and tables of ours refuse.
fn check_by_definitions(pieces: &[&Piece], known: Known<'_>) -> Diagnostics {
    let mut found = Diagnostics::new();
    let defined = defined_kinds(pieces);
    let is_pinned = |piece: &Piece| known.schemas.has(&piece.resource.id.group, &piece.resource.id.kind);
    let wanted: Vec<&Piece> =
        pieces.iter().copied().filter(|piece| is_wanted(piece, &defined) || is_pinned(piece)).collect();
    if wanted.is_empty() {
        return found;
    }
    let entries: Vec<(&Piece, Value)> = wanted
        .into_par_iter()
        .filter_map(|piece| {
            // What is no plain data is told where it is written.
            let value = piece.resource.node.to_value(Dialect::Kustomize, Numbers::AsWritten).ok()?;
            Some((piece, value))
        })
        .collect();
    let sources = PieceSources { entries, supplied: known.supplied };
    let mut definitions = Definitions::default();
    for (index, (piece, value)) in sources.entries.iter().enumerate() {
        if !is_definition(piece) {
            continue;
        }
        found.extend(sources.unstructural(index));
        if let Err(problem) = definitions.add(value.clone()) {
            let message = format!("`{}` defines nothing: {problem}", piece.resource.id);
            found.push(Diagnostic::error(Code::new("manifest::invalid"), message).at(place_of(piece)));
        }
    }
    // The tables take as long to read as claims to expand.
    let is_composed = !found.has_errors() && known.managed == ManagedResources::Validated;
    let expand = || if is_composed { expand_at_first(&sources) } else { Expansion::default() };
    let (expansion, ()) = rayon::join(expand, kinds::load);
    let kinds: BTreeSet<GroupVersionKind> = sources
        .entries
        .iter()
        .map(|(_, value)| GroupVersionKind::of(value))
        .chain(expansion.managed.iter().map(|managed| GroupVersionKind::of(&managed.value)))
        .collect();
    for kind in &kinds {
        if !definitions.schemas(kind).is_empty() {
            continue;
        }
        if let Some(definition) = definition_of(known.schemas, &kind.api_version(), &kind.kind) {
            // It was a definition when it was fetched, and a table of ours defines what it says.
            let _ = definitions.add(definition);
        }
    }
    let errors: Vec<Vec<(Check, FieldError)>> =
        sources.entries.par_iter().map(|(_, value)| errors(value, &definitions)).collect();
    for ((index, (piece, _)), errors) in sources.entries.iter().enumerate().zip(errors) {
        found.extend(
            errors
                .into_iter()
                .map(|(check, error)| {
                    let place = match check {
                        Check::UnknownField => {
                            key_place_at(&sources, index, &steps_of_path(field_of(&error)))
                        }
                        _ => place_at(&sources, index, &steps_of_path(field_of(&error))),
                    };
                    refused(&piece.resource.id.to_string(), check, &error)
                        .at(place.unwrap_or_else(|| place_of(piece)))
                })
                .collect(),
        );
    }
    let of_managed: Vec<Diagnostics> = expansion
        .managed
        .par_iter()
        .map(|managed| of_managed(&sources, &expansion, managed, &definitions))
        .collect();
    of_managed.into_iter().for_each(|of_managed| found.extend(of_managed));
    // What else keeps a claim from being expanded does not keep the API server from taking it; `lint` tells it.
    let is_refused = |found: &Diagnostic| found.code.name() == UNKNOWN_VERSION;
    found.extend(expansion.found.into_iter().filter(is_refused).collect());
    found
}

/// What would be refused of managed resources that come later, once the live systems answer: rendering does not wait for them,
/// linting does.
#[must_use]
pub fn of_later(sources: &dyn Sources, expansion: &Expansion, schemas: &PinnedSchemas) -> Diagnostics {
    let later: Vec<&ManagedResource> =
        expansion.managed.iter().filter(|managed| managed.comes_later).collect();
    let mut definitions = Definitions::default();
    let kinds: BTreeSet<(&str, &str)> =
        later.iter().map(|managed| (managed.api_version.as_str(), managed.id.kind.as_str())).collect();
    for definition in kinds.into_iter().filter_map(|(version, kind)| definition_of(schemas, version, kind)) {
        // It was a definition when it was fetched, and a table of ours defines what it says.
        let _ = definitions.add(definition);
    }
    let found: Vec<Diagnostics> =
        later.into_par_iter().map(|managed| of_managed(sources, expansion, managed, &definitions)).collect();
    found.into_iter().flatten().collect()
}

/// The definition of a kind that the environment's resources do not define: the pinned one, else what a table of ours knows.
fn definition_of(schemas: &PinnedSchemas, api_version: &str, kind: &str) -> Option<Value> {
    schemas.definition(api_version, kind).or_else(|| kinds::definition(api_version, kind))
}

/// Groups whose kinds are known by a table.
fn is_known_group(group: &str) -> bool {
    group.ends_with("crossplane.io") || group.ends_with(".upbound.io")
}

fn is_definition(piece: &Piece) -> bool {
    matches!(
        (piece.resource.id.group.as_str(), piece.resource.id.kind.as_str()),
        ("apiextensions.crossplane.io", "CompositeResourceDefinition")
            | ("apiextensions.k8s.io", "CustomResourceDefinition")
    )
}

/// Groups and kinds that resources of the environment define.
fn defined_kinds(pieces: &[&Piece]) -> BTreeSet<(String, String)> {
    let text =
        |node: &Node, path: &[&str]| node.at(path).and_then(Node::as_str).unwrap_or_default().to_owned();
    pieces
        .iter()
        .filter(|piece| is_definition(piece))
        .flat_map(|piece| {
            let node = &piece.resource.node;
            let group = text(node, &["spec", "group"]);
            let kinds = [&["spec", "names", "kind"], &["spec", "claimNames", "kind"]];
            kinds.map(|path| (group.clone(), text(node, path)))
        })
        .collect()
}

fn is_wanted(piece: &Piece, defined: &BTreeSet<(String, String)>) -> bool {
    let id = &piece.resource.id;
    is_known_group(&id.group)
        || is_definition(piece)
        || (!defined.is_empty()
            && (defined.contains(&(id.group.clone(), id.kind.clone())) || id.kind == "EnvironmentConfig"))
}

/// The resources that are looked at, as sources of an expansion.
pub(super) struct PieceSources<'a> {
    pub(super) entries: Vec<(&'a Piece, Value)>,
    pub(super) supplied: &'a Supplied,
}

impl Sources for PieceSources<'_> {
    fn values(&self) -> Vec<&Value> {
        self.entries.iter().map(|(_, value)| value).collect()
    }

    fn value(&self, index: usize) -> Option<&Value> {
        self.entries.get(index).map(|(_, value)| value)
    }

    fn node(&self, index: usize) -> Option<&Node> {
        self.entries.get(index).map(|(piece, _)| &piece.resource.node)
    }

    fn place_of(&self, index: usize, node: &Node) -> Option<Place> {
        let (piece, _) = self.entries.get(index)?;
        let at = piece.source.text.get(node.span().start as usize..);
        // After a patch a value may come from the patch, whose text is another.
        let stands_there = at.is_some_and(|at| {
            let at = at.trim_start_matches(['"', '\'', '|', '>', '-', '+', '\n', ' ']);
            let text = node.scalar_text().unwrap_or_default();
            at.starts_with(text.lines().next().unwrap_or_default())
        });
        if node.span().is_known() && stands_there {
            Some(piece.source.place(node.span()))
        } else {
            Some(place_of(piece))
        }
    }

    fn supplied(&self) -> &Supplied {
        self.supplied
    }
}

impl PieceSources<'_> {
    /// The schemas of a definition that the API server does not take.
    fn unstructural(&self, index: usize) -> Diagnostics {
        let Some((piece, value)) = self.entries.get(index) else { return Diagnostics::new() };
        let versions = value.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
        let is_composite = piece.resource.id.kind == "CompositeResourceDefinition";
        versions
            .enumerate()
            .filter_map(|(position, version)| {
                let name = version.get("name").and_then(Value::as_str)?;
                let problem = if is_composite {
                    match composite_schema(value, name) {
                        Some(schema) => check_structural(&schema).err()?,
                        None => "it has no schema".to_owned(),
                    }
                } else {
                    check_structural(version.pointer("/schema/openAPIV3Schema")?).err()?
                };
                let message = format!("`{}`, version `{name}`: {problem}", piece.resource.id);
                let steps =
                    ["spec".to_owned(), "versions".to_owned(), position.to_string(), "schema".to_owned()];
                let place = place_at(self, index, &steps).unwrap_or_else(|| place_of(piece));
                Some(Diagnostic::error(Code::new("manifest::invalid"), message).at(place))
            })
            .collect()
    }
}

fn errors(value: &Value, definitions: &Definitions) -> Vec<(Check, FieldError)> {
    let mut verdicts = validate_resource(value, definitions).verdicts;
    let mut errors = verdicts.pop().map(|verdict| verdict.errors).unwrap_or_default();
    let schemas = definitions.schemas(&GroupVersionKind::of(value));
    let repeated = schemas.last().map(|schema| check_list_types(value, schema)).unwrap_or_default();
    errors.extend(repeated.into_iter().map(|error| (Check::Schema, error)));
    errors
}

/// What would be refused of a managed resource, at what it comes from.
fn of_managed(
    sources: &dyn Sources,
    expansion: &Expansion,
    managed: &ManagedResource,
    definitions: &Definitions,
) -> Diagnostics {
    let claim = expansion.claim_of(managed).map(|claim| claim.id.to_string()).unwrap_or_default();
    let errors = errors(&managed.value, definitions);
    // A rule over what is not known yet is kept where it is broken without that as well.
    let without_unknown =
        if errors.iter().any(|(check, _)| *check == Check::Rule) && !managed.unknown.is_empty() {
            let mut value = Value::clone(&managed.value);
            for field in &managed.unknown {
                // What is not there is not deleted.
                let _ = delete_field(&mut value, &field.path);
            }
            self::errors(&value, definitions)
        } else {
            Vec::new()
        };
    errors
        .into_iter()
        .filter(|(check, error)| match check {
            Check::Rule => managed.unknown.is_empty() || without_unknown.contains(&(*check, error.clone())),
            _ => !depends_on_unknown(field_of(error), &managed.unknown),
        })
        .map(|(check, error)| {
            let subject = format!("{}` of `{claim}", managed.id);
            let mut diagnostic = refused(&subject, check, &error);
            let mut places = places_of(sources, expansion, managed, field_of(&error)).into_iter();
            if let Some(place) = places.next() {
                diagnostic = diagnostic.at(place);
            }
            let in_composition =
                format!("resource `{}` of Composition `{}`", managed.resource_name, managed.composition);
            diagnostic.with_cause(in_composition)
        })
        .collect()
}

/// Whether the value at a path is not known yet, or one below or above it.
fn depends_on_unknown(path: &str, unknown: &[UnknownField]) -> bool {
    let is_below = |path: &str, above: &str| {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    unknown.iter().any(|field| is_below(&field.path, path) || is_below(path, &field.path))
}

fn field_of(error: &FieldError) -> &str {
    if error.field == "<nil>" { "" } else { &error.field }
}

/// What is wrong, without the value itself.
fn without_value(error: &FieldError) -> &str {
    let detail = error.detail.trim();
    match &error.value {
        BadValue::Value(Value::String(value)) if !value.is_empty() => match detail.find(value.as_str()) {
            Some(start) => detail.get(..start).unwrap_or_default().trim_end_matches([' ', ':', '"']),
            None => detail,
        },
        _ => detail,
    }
}

fn refused(subject: &str, check: Check, error: &FieldError) -> Diagnostic {
    let field = field_of(error);
    let detail = without_value(error);
    let (code, message) = match (check, error.kind) {
        (Check::UnknownField, _) => {
            ("manifest::unknown-field", format!("`{subject}` has no field `{field}`"))
        }
        (Check::Rule, _) if field.is_empty() => {
            ("manifest::rule", format!("`{subject}` breaks a rule: {detail}"))
        }
        (Check::Rule, _) => ("manifest::rule", format!("`{field}` of `{subject}` breaks a rule: {detail}")),
        (_, FieldErrorKind::Required) => ("manifest::invalid", format!("`{subject}` lacks `{field}`")),
        (_, _) => ("manifest::invalid", format!("`{field}` of `{subject}` is refused: {detail}")),
    };
    let diagnostic = Diagnostic::error(Code::new(code), message);
    if field.is_empty() { diagnostic } else { diagnostic.with_field(field) }
}
