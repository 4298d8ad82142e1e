//! `helmCharts` of a kustomization, rendered by our own engine from charts of the repository or pinned ones.
//!
//! Gives what `helm template` prints for the same chart, which is what kustomize takes. Follows `HelmChartInflationGenerator`
//! of kustomize api v0.21.1 for its arguments; a release without a name, which Helm would name after the clock, is refused.
//! What is refused, and what could not be had, is collected as diagnostics, since kustomize knows only texts.

use std::cell::RefCell;

use plimsoll_gotemplate::{Environment, Profile};
use plimsoll_helm::{
    ArchiveBudget, Chart, ChartFile, Hook, KubeVersion, LoadOptions, Manifest, Release, RenderOptions,
    Rendered, UserValues, ValuesFile,
};
use plimsoll_kustomize::{ChartEngine, ChartRequest};
use plimsoll_resource::FileTree;

use super::helm_failure::FailedChart;
use super::helm_templates::ChartTemplates;
use super::{helm_failure, helm_randomness};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::fetch::{ChartAddress, Elsewhere, dependencies};

/// What becomes of charts whose output would be another on every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RandomCharts {
    /// They are refused.
    Refused,
    /// They are rendered as Helm renders them.
    Accepted,
}

/// Renders the charts of one build.
pub struct Charts<'a> {
    elsewhere: &'a dyn Elsewhere,
    environment: &'a dyn Environment,
    random: RandomCharts,
    found: RefCell<Diagnostics>,
}

/// The Helm that is followed.
const PROFILE: Profile = Profile::V4;

impl<'a> Charts<'a> {
    /// An engine with charts from elsewhere, and the clock and randomness that templates see.
    #[must_use]
    pub fn new(
        elsewhere: &'a dyn Elsewhere,
        environment: &'a dyn Environment,
        random: RandomCharts,
    ) -> Charts<'a> {
        Charts { elsewhere, environment, random, found: RefCell::default() }
    }

    /// What was refused, and could not be had.
    #[must_use]
    pub fn into_problems(self) -> Diagnostics {
        self.found.into_inner()
    }

    /// Keeps problems, and gives them as the text that kustomize passes on.
    fn tell(&self, problems: Diagnostics) -> String {
        let texts: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
        self.found.borrow_mut().extend(problems);
        texts.join("; ")
    }

    fn render_chart(&self, request: &ChartRequest) -> Result<Vec<u8>, Diagnostics> {
        let label = format!("helmCharts/{}", request.name);
        let failed = |error: &plimsoll_helm::Error, templates: Option<&ChartTemplates>| {
            let chart = templates.map(|templates| FailedChart { templates, values: None });
            helm_failure::diagnose(error, &label, chart)
        };
        let options = LoadOptions { profile: PROFILE, ..LoadOptions::default() };
        let mut chart =
            Chart::from_tree(&request.chart, "", &options).map_err(|error| failed(&error, None))?.chart;
        let missing = dependencies::complete(&mut chart, self.elsewhere, &options);
        if missing.has_errors() {
            return Err(missing);
        }
        let templates = ChartTemplates::of(&chart, &label);
        let values = UserValues {
            files: request
                .values
                .iter()
                .map(|bytes| ValuesFile { name: "values.yaml".to_owned(), bytes: bytes.to_vec() })
                .collect(),
            ..UserValues::default()
        };
        let mut warnings = Vec::new();
        let rendered = values
            .merge(PROFILE, &|_| Err("no file is read here".to_owned()))
            .and_then(|values| {
                let options = self.render_options(request)?;
                plimsoll_helm::render(&chart, &values, &options, &mut warnings)
            })
            .map_err(|error| failed(&error, Some(&templates)))?;
        let hooks: Vec<&Manifest> = rendered
            .hooks
            .iter()
            .filter(|manifest| {
                let is_test = manifest.hook.as_ref().is_some_and(Hook::is_test);
                let is_skipped = request.skip_hooks || (is_test && request.skip_tests);
                !is_skipped
            })
            .collect();
        if self.random == RandomCharts::Refused {
            let manifests = rendered.manifests.iter().chain(hooks.iter().copied());
            let refused = helm_randomness::refuse(&rendered.random, manifests, &templates);
            if refused.has_errors() {
                return Err(refused);
            }
        }
        Ok(printed(&rendered, &hooks, request.include_crds))
    }

    /// The files of a packaged chart.
    fn unpack(&self, address: &ChartAddress) -> Result<Vec<ChartFile>, Diagnostics> {
        let bytes = self.elsewhere.chart(address)?;
        plimsoll_helm::unpack(&bytes, &ArchiveBudget::default(), PROFILE).map_err(|error| {
            let message = format!("`{address}` is no chart");
            Diagnostic::error(Code::new("fetch::chart"), message).with_cause(error.to_string()).into()
        })
    }

    fn render_options(&self, request: &ChartRequest) -> Result<RenderOptions<'a>, plimsoll_helm::Error> {
        let namespace = if request.namespace.is_empty() { "default" } else { &request.namespace };
        let release = Release {
            name: request.release_name.clone(),
            namespace: namespace.to_owned(),
            ..Release::default()
        };
        let mut options = RenderOptions::new(release, PROFILE, self.environment);
        if !request.kube_version.is_empty() {
            options.kube_version = KubeVersion::parse(&request.kube_version)?;
        }
        options.api_versions.clone_from(&request.api_versions);
        Ok(options)
    }
}

impl ChartEngine for Charts<'_> {
    fn fetch(&self, repository: &str, name: &str, version: &str) -> Result<FileTree, String> {
        let chart = ChartAddress::new(repository, name, Some(version))
            .map_err(|problem| {
                let message = format!("chart `{name}` of `helmCharts`: {}", problem.message);
                Diagnostic::error(Code::new(problem.code), message).with_help(problem.help)
            })
            .map_err(Diagnostics::from)
            .and_then(|address| self.unpack(&address));
        let files = chart.map_err(|problems| self.tell(problems))?;
        let mut tree = FileTree::new();
        for file in files {
            tree.insert(&file.name, file.data).map_err(|error| error.to_string())?;
        }
        Ok(tree)
    }

    fn render(&self, request: &ChartRequest) -> Result<String, String> {
        if request.release_name.is_empty() || !request.name_template.is_empty() {
            let message = format!("chart `{}` of `helmCharts` has no `releaseName`", request.name);
            let problem = Diagnostic::error(Code::new("helm::values"), message)
                .with_help("write one: Helm would make up a name that differs from run to run");
            return Err(self.tell(problem.into()));
        }
        let text = self.render_chart(request).map_err(|problems| self.tell(problems))?;
        String::from_utf8(text).map_err(|_| format!("chart `{}` gives text that is not UTF-8", request.name))
    }
}

/// What `helm template` prints of a chart.
fn printed(rendered: &Rendered, hooks: &[&Manifest], includes_crds: bool) -> Vec<u8> {
    let mut text = Vec::new();
    let mut append = |path: &str, content: &[u8]| {
        text.extend_from_slice(format!("---\n# Source: {path}\n").as_bytes());
        text.extend_from_slice(content);
        text.push(b'\n');
    };
    for file in rendered.crds.iter().filter(|_| includes_crds) {
        append(&file.name, &file.data);
    }
    for manifest in rendered.manifests.iter().chain(hooks.iter().copied()) {
        append(&manifest.path, &manifest.content);
    }
    text
}
