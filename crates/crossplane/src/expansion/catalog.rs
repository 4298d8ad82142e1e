//! What an environment has for expanding: definitions, Compositions, functions, and the resources that functions may ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::definitions::{Definitions, GroupVersionKind};
use crate::functions::InstalledFunction;
pub(super) use crate::json_pointer::text;
use crate::prepared_pipeline::Pipeline;
use crate::schema::apply_defaults;
use crate::xrd::XrdScope;

/// The resources of an environment, sorted out.
pub(super) struct Catalog<'a> {
    pub(super) resources: &'a [&'a Value],
    definitions: BTreeMap<(String, String), Definition<'a>>,
    pub(super) compositions: Vec<Composition<'a>>,
    schemas: Definitions,
}

/// An XRD.
pub(super) struct Definition<'a> {
    pub(super) xrd: &'a Value,
    pub(super) scope: XrdScope,
    /// Whether the kind that led here is that of its claims.
    pub(super) role: Role,
}

/// What an XRD makes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Composite,
    Claim,
}

/// A Composition with its place among the resources.
pub(super) struct Composition<'a> {
    pub(super) index: usize,
    pub(super) value: &'a Value,
    pub(super) pipeline: Arc<Pipeline>,
    /// Whether what it composes depends on the claim alone.
    pub(super) is_static: bool,
    /// What it reads of what it composes, by the names of the templates.
    pub(super) observed_paths: BTreeMap<String, Vec<String>>,
}

impl<'a> Catalog<'a> {
    pub(super) fn new(resources: &'a [&'a Value]) -> Catalog<'a> {
        let mut catalog = Catalog {
            resources,
            definitions: BTreeMap::new(),
            compositions: Vec::new(),
            schemas: Definitions::default(),
        };
        let mut functions = BTreeMap::new();
        for (index, value) in resources.iter().enumerate() {
            let kind = GroupVersionKind::of(value);
            match (kind.group.as_str(), kind.kind.as_str()) {
                ("apiextensions.crossplane.io", "CompositeResourceDefinition") => catalog.define(value),
                ("apiextensions.crossplane.io", "Composition") => {
                    let is_static = is_static(value);
                    let observed_paths = observed_paths(value);
                    let pipeline = Arc::default();
                    catalog.compositions.push(Composition {
                        index,
                        value,
                        pipeline,
                        is_static,
                        observed_paths,
                    });
                }
                ("pkg.crossplane.io", "Function") => {
                    let (name, package) = (text(value, "/metadata/name"), text(value, "/spec/package"));
                    let arguments = arguments_of(value, resources);
                    functions.insert(
                        name.to_owned(),
                        InstalledFunction { package: package.to_owned(), arguments },
                    );
                }
                _ => {}
            }
        }
        catalog.compositions.sort_by_key(|composition| text(composition.value, "/metadata/name"));
        catalog.assume_functions(&mut functions);
        for composition in &mut catalog.compositions {
            composition.pipeline = Arc::new(Pipeline::new(composition.value, &functions));
        }
        catalog
    }

    fn define(&mut self, xrd: &'a Value) {
        let scope = XrdScope::of(xrd);
        let group = text(xrd, "/spec/group");
        for (pointer, role) in [("/spec/names/kind", Role::Composite), ("/spec/claimNames/kind", Role::Claim)]
        {
            let kind = text(xrd, pointer);
            if !kind.is_empty() {
                let key = (group.to_owned(), kind.to_owned());
                self.definitions.insert(key, Definition { xrd, scope, role });
            }
        }
        // A definition that is wrong in itself is told where definitions are validated.
        let _ = self.schemas.add(xrd.clone());
    }

    /// Functions that the environment does not install are installed by somebody else, and are known by their names, which
    /// may have the owner of the package before them.
    fn assume_functions(&self, functions: &mut BTreeMap<String, InstalledFunction>) {
        for composition in &self.compositions {
            for step in steps(composition.value) {
                let name = text(step, "/functionRef/name");
                if !name.is_empty() && !functions.contains_key(name) {
                    let package = name.find("function-").map_or(name, |start| &name[start..]);
                    functions.insert(name.to_owned(), package.to_owned().into());
                }
            }
        }
    }

    pub(super) fn has_definitions(&self) -> bool {
        !self.definitions.is_empty()
    }

    /// The claims and composite resources of the environment.
    pub(super) fn roots(&self) -> Vec<usize> {
        let is_root = |index: &usize| {
            self.resources.get(*index).is_some_and(|resource| self.definition_of(resource).is_some())
        };
        (0..self.resources.len()).filter(is_root).collect()
    }

    /// The definition of a resource's kind.
    pub(super) fn definition_of(&self, resource: &Value) -> Option<&Definition<'a>> {
        let kind = GroupVersionKind::of(resource);
        self.definitions.get(&(kind.group, kind.kind))
    }

    /// Fills in the defaults of a composite resource or claim.
    pub(super) fn fill_defaults(&self, resource: &mut Value) {
        if let Ok(Some(schema)) = self.schemas.defaults(&GroupVersionKind::of(resource)) {
            apply_defaults(resource, schema);
        }
    }

    /// Whether every Composition composes from its claim alone, so that nothing needs to be simulated.
    pub(super) fn is_static(&self) -> bool {
        self.compositions.iter().all(|composition| composition.is_static)
    }

    /// The resources that a function may ask for: those whose kind some Composition names.
    pub(super) fn askable(&self) -> Vec<usize> {
        let texts: Vec<String> = self
            .compositions
            .iter()
            .filter(|composition| !composition.is_static)
            .map(|composition| composition.value["spec"]["pipeline"].to_string())
            .collect();
        let is_named = |resource: &Value| {
            let kind = text(resource, "/kind");
            !kind.is_empty() && texts.iter().any(|text| text.contains(kind))
        };
        (0..self.resources.len())
            .filter(|index| self.resources.get(*index).is_some_and(|it| is_named(it)))
            .collect()
    }
}

impl Definition<'_> {
    /// The version that composites are reconciled in; `None` where the XRD has none.
    pub(super) fn referenceable_version(&self) -> Option<&str> {
        let versions = self.xrd.pointer("/spec/versions")?.as_array()?;
        let is_referenceable =
            |version: &&Value| version.get("referenceable").and_then(Value::as_bool) == Some(true);
        let version = versions.iter().find(is_referenceable).or_else(|| versions.first())?;
        version.get("name").and_then(Value::as_str)
    }

    /// Whether a version is there and served.
    pub(super) fn serves(&self, version: &str) -> bool {
        let versions = self.xrd.pointer("/spec/versions").and_then(Value::as_array);
        versions.into_iter().flatten().any(|entry| {
            text(entry, "/name") == version && entry.get("served").and_then(Value::as_bool) != Some(false)
        })
    }
}

/// What a Function's program is started with by the DeploymentRuntimeConfig that it refers to.
fn arguments_of(function: &Value, resources: &[&Value]) -> Vec<String> {
    let name = match text(function, "/spec/runtimeConfigRef/name") {
        "" => "default",
        name => name,
    };
    let is_its = |resource: &&&Value| {
        text(resource, "/kind") == "DeploymentRuntimeConfig" && text(resource, "/metadata/name") == name
    };
    let containers = resources.iter().find(is_its).and_then(|config| {
        config.pointer("/spec/deploymentTemplate/spec/template/spec/containers")?.as_array()
    });
    let runtime =
        containers.into_iter().flatten().find(|container| text(container, "/name") == "package-runtime");
    let arguments = runtime.and_then(|container| container.get("args")?.as_array());
    arguments.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn steps(composition: &Value) -> impl Iterator<Item = &Value> {
    composition.pointer("/spec/pipeline").and_then(Value::as_array).into_iter().flatten()
}

/// Whether patches read nothing of the world: no status, no identity that Crossplane gives, no environment, and every step is
/// one whose input says so.
fn is_static(composition: &Value) -> bool {
    steps(composition).all(|step| {
        let function = text(step, "/functionRef/name");
        if function.ends_with("function-auto-ready") {
            return true;
        }
        let input = step.get("input").unwrap_or(&Value::Null);
        if text(input, "/kind") != "Resources"
            || !text(input, "/apiVersion").starts_with("pt.fn.crossplane.io/")
        {
            return false;
        }
        patches(input).all(|patch| {
            let kind = patch.get("type").and_then(Value::as_str).unwrap_or("FromCompositeFieldPath");
            let reads_composite = kind == "FromCompositeFieldPath" || kind == "CombineFromComposite";
            let reads_known = reads(patch).iter().all(|path| is_known(path));
            !kind.contains("Environment") && (!reads_composite || reads_known)
        }) && input.get("environment").is_none_or(Value::is_null)
    })
}

/// The patches of an input of function-patch-and-transform, those of patch sets among them.
pub(super) fn patches(input: &Value) -> impl Iterator<Item = &Value> {
    let of = |list: &'static str| {
        input
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .flat_map(|entry| entry.get("patches").and_then(Value::as_array).into_iter().flatten())
    };
    of("patchSets").chain(of("resources"))
}

/// The paths that patches read of composed resources.
fn observed_paths(composition: &Value) -> BTreeMap<String, Vec<String>> {
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for input in steps(composition).filter_map(|step| step.get("input")) {
        let listed = |list: &str| input.get(list).and_then(Value::as_array).into_iter().flatten();
        for template in listed("resources") {
            let own = template.get("patches").and_then(Value::as_array).into_iter().flatten();
            let patches = own.flat_map(|patch| {
                let set = text(patch, "/patchSetName");
                let of_set = listed("patchSets")
                    .filter(move |entry| !set.is_empty() && text(entry, "/name") == set)
                    .filter_map(|entry| entry.get("patches").and_then(Value::as_array))
                    .flatten();
                std::iter::once(patch).chain(of_set)
            });
            let read = patches
                .filter(|patch| {
                    let kind = text(patch, "/type");
                    [
                        "ToCompositeFieldPath",
                        "CombineToComposite",
                        "ToEnvironmentFieldPath",
                        "CombineToEnvironment",
                    ]
                    .contains(&kind)
                })
                .flat_map(reads)
                .filter(|path| path.starts_with("status.") || path.starts_with("metadata."))
                .map(str::to_owned);
            paths.entry(text(template, "/name").to_owned()).or_default().extend(read);
        }
    }
    paths
}

/// The paths that a patch reads.
pub(super) fn reads(patch: &Value) -> Vec<&str> {
    match patch.pointer("/combine/variables").and_then(Value::as_array) {
        Some(variables) => variables.iter().map(|variable| text(variable, "/fromFieldPath")).collect(),
        None => vec![text(patch, "/fromFieldPath")],
    }
}

/// Whether Git says what stands at a path of a composite resource.
fn is_known(path: &str) -> bool {
    let begins = |head: &str| {
        path.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    begins("spec")
        || begins("apiVersion")
        || begins("kind")
        || ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations"]
            .iter()
            .any(|head| begins(head))
}
