//! One build from its options to the finished resources.

use rayon::prelude::*;

use super::loader::Loader;
use super::remote::RemoteContent;
use super::target::Target;
use crate::config::FieldSpec;
use crate::error::{Error, Result};
use crate::generate::ChartEngine;
use crate::kustomization::Chart;
use crate::resource::{Resource, ResourceMap, build_annotations};
use crate::schema::Schemas;
use crate::transform::{SortOptions, add_labels, sort_resources};

use super::files::Files;

/// Which files a kustomization may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadRestriction {
    /// Those in or below its folder.
    #[default]
    RootOnly,
    /// All files that the caller gives.
    None,
}

/// The order of the output where the kustomization says nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reorder {
    /// Namespaces first, webhooks last, as nobody asked for anything else.
    #[default]
    Unspecified,
    /// The same, asked for.
    Legacy,
    /// As the resources came.
    None,
}

/// Whether charts are rendered, and for which cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HelmOptions {
    /// Whether charts are rendered at all.
    pub enabled: bool,
    /// API versions that the cluster has.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes; empty for what the chart's entry says.
    pub kube_version: String,
}

impl HelmOptions {
    pub(super) fn require(&self) -> Result<()> {
        if self.enabled { Ok(()) } else { Err(Error::new("must specify --enable-helm")) }
    }

    /// What a chart's entry leaves open is as these options say.
    pub(super) fn apply_to(&self, mut chart: Chart) -> Chart {
        if chart.kube_version.is_empty() {
            chart.kube_version.clone_from(&self.kube_version);
        }
        if chart.api_versions.is_empty() {
            chart.api_versions.clone_from(&self.api_versions);
        }
        chart
    }
}

/// How to build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// Which files may be read.
    pub load_restriction: LoadRestriction,
    /// The order of the output.
    pub reorder: Reorder,
    /// Charts.
    pub helm: HelmOptions,
    /// Whether every resource gets the label `app.kubernetes.io/managed-by`.
    pub managed_by_label: bool,
}

/// What a remote path holds, or the reason why that is not known.
pub type RemoteReader<'a> = dyn Fn(&str) -> std::result::Result<RemoteContent, String> + 'a;

/// What a build reads from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The local files.
    pub files: &'a dyn Files,
    /// What remote paths hold; without it they are refused. The error is the reason.
    pub remote: Option<&'a RemoteReader<'a>>,
    /// What renders charts; without it they are refused.
    pub charts: Option<&'a dyn ChartEngine>,
}

/// The resources of a kustomization.
#[derive(Debug)]
pub struct Build {
    resources: ResourceMap,
    schemas: Schemas,
}

impl Build {
    /// The resources in the order of the output.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        self.resources.resources()
    }

    /// The bytes that `kustomize build` prints.
    pub fn to_yaml(&self) -> Result<String> {
        let resources = self.resources();
        let texts: Vec<Result<String>> = if resources.len() < MANY_RESOURCES {
            resources.iter().map(printed).collect()
        } else {
            resources.par_iter().map(printed).collect()
        };
        let mut out = String::new();
        for (index, text) in texts.into_iter().enumerate() {
            if index > 0 {
                out.push_str("---\n");
            }
            out.push_str(&text?);
        }
        Ok(out)
    }

    /// The files that `kustomize build --output FOLDER` writes, by their names.
    pub fn to_files(&self) -> Result<Vec<(String, String)>> {
        let ids: Vec<_> =
            self.resources().iter().map(|resource| resource.current_id(&self.schemas)).collect();
        let namespaced = ids.iter().filter(|id| !id.gvk.cluster_scoped);
        let namespaces: std::collections::BTreeSet<&str> =
            namespaced.map(|id| id.effective_namespace()).collect();
        let mut files = Vec::with_capacity(ids.len());
        for (resource, id) in self.resources().iter().zip(&ids) {
            let mut name = format!("{}_{}.yaml", id.gvk.join_parts().to_lowercase(), id.name.to_lowercase());
            if namespaces.len() > 1 && !id.gvk.cluster_scoped {
                name = format!("{}_{name}", id.effective_namespace().to_lowercase());
            }
            files.push((name, resource.to_yaml()?));
        }
        Ok(files)
    }
}

/// From this many on resources are printed on all processors; for fewer the threads would take longer to start.
const MANY_RESOURCES: usize = 32;

fn printed(resource: &Resource) -> Result<String> {
    resource.to_yaml().map_err(|error| {
        // Of a tree that cannot be read back Go shows the map that was not filled.
        let shown = if error.message().starts_with("yaml:") {
            "map[string]interface {}(nil)".to_owned()
        } else {
            crate::go::value(resource.node())
        };
        error.wrap(shown)
    })
}

/// What the label says about who made a resource: the version whose bytes these are.
const MANAGED_BY: &str = "kustomize-v5.8.1";

/// Builds the kustomization in the folder `path`. Warnings are given to `warn` as they come up.
///
/// # Errors
/// In kustomize's words, whatever keeps it from building; the first problem ends the build, as there.
pub fn build(
    sources: Sources<'_>,
    path: &str,
    options: &BuildOptions,
    warn: &mut dyn FnMut(&str),
) -> Result<Build> {
    let loader = Loader::at_start(sources, path, options.load_restriction)?;
    let mut target = Target::load(loader, options, sources, warn)?;
    let mut schemas = Schemas::new();
    target.choose_schema(&mut schemas)?;
    let mut resources = target.make_resources(&mut schemas, warn)?;
    let kustomization = target.kustomization();
    sort(&mut resources, kustomization.sort_options.as_ref(), options, &schemas, warn)?;
    let asks_for = |option: &str| kustomization.build_metadata.iter().any(|asked| asked == option);
    if options.managed_by_label || asks_for("managedByLabel") {
        let label = [("app.kubernetes.io/managed-by".to_owned(), MANAGED_BY.to_owned())].into();
        add_labels(&mut resources, &label, &[FieldSpec::anywhere("metadata/labels")])?;
    }
    let mut removed = build_annotations::BUILD.to_vec();
    if !asks_for("originAnnotations") {
        removed.push(build_annotations::ORIGIN);
    }
    if !asks_for("transformerAnnotations") {
        removed.push(build_annotations::TRANSFORMATIONS);
    }
    for resource in resources.resources_mut_keeping_ids() {
        let mut annotations = resource.annotations();
        let removes_always = removed.len() > build_annotations::BUILD.len();
        if annotations.is_empty() && !removes_always {
            continue;
        }
        annotations.retain(|key, _| !removed.contains(&key.as_str()));
        resource.set_annotations(&annotations)?;
    }
    Ok(Build { resources, schemas })
}

fn sort(
    resources: &mut ResourceMap,
    asked: Option<&SortOptions>,
    options: &BuildOptions,
    schemas: &Schemas,
    warn: &mut dyn FnMut(&str),
) -> Result<()> {
    match (asked, options.reorder) {
        (Some(asked), reorder) => {
            if reorder != Reorder::Unspecified {
                warn(
                    "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') and in a CLI flag \
                     ('--reorder'). Using the kustomization file over the CLI flag.",
                );
            }
            sort_resources(resources, asked, schemas)
        }
        (None, Reorder::None) => Ok(()),
        (None, Reorder::Legacy | Reorder::Unspecified) => {
            let legacy = SortOptions { order: "legacy".to_owned(), legacy: None };
            sort_resources(resources, &legacy, schemas)
        }
    }
}
