//! `plimsoll crossplane expand`: the managed resources that an environment's claims become.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use plimsoll_crossplane::supplied_output::SuppliedOutput;
use plimsoll_yaml::{EmitOptions, Node, emit_node};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use crate::commands::inputs::{Revision, Selection, git_problem, load};
use crate::commands::{Outcome, tell};
use crate::config::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::exit::ExitStatus;
use crate::expansion::{EnvironmentResources, Expansion, ManagedResource, supplied, tree};
use crate::git::Repository;
use crate::render::{RenderRequest, render_claims};
use crate::report::json_text;
use crate::terminal::Terminal;

/// Arguments of `plimsoll crossplane expand`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll crossplane expand --env dev                       what dev's claims become, as YAML
  plimsoll crossplane expand --env dev -o tree               the same as a picture
  plimsoll crossplane expand --env dev langfuse-dev          of the claims with this name only
  plimsoll crossplane expand --env dev Network/langfuse-dev  of this claim only
  plimsoll crossplane expand --env dev --sources             with the file and line of every value
  plimsoll crossplane expand --all -o json=expansion.json    for programs, into a file
  plimsoll crossplane expand --env dev --observed live.yaml  with what the cluster says in place of unknowns

Claims are expanded through the XRDs and Compositions of the environment itself, from the work
tree, without Crossplane. What only the live systems can give, such as an ARN, stands in angle
brackets with its source: <Cluster dev status.atProvider.arn>. It is a view; what is committed
are the claims. `plimsoll render` says what the API server would refuse of it, `plimsoll lint`
what is doubtful.")]
pub struct Arguments {
    /// The claims: a name, or a kind and a name with a slash between. All claims without it.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// The environments.
    #[command(flatten)]
    pub selection: Selection,
    /// What a function answers that Plimsoll does not have: a file of FunctionOutput documents, used before those in
    /// overlays/<env>/function-outputs.yaml. May be given more than once.
    #[arg(long, value_name = "FILE")]
    pub function_output: Vec<PathBuf>,
    /// Resources as they are in the cluster, such as `kubectl get managed -A -o yaml` prints them: a file, or a folder of
    /// YAML files. What they say is not shown as unknown. May be given more than once.
    #[arg(long, value_name = "PATH")]
    pub observed: Vec<PathBuf>,
    /// Say behind every value which file and line it comes from.
    #[arg(long)]
    pub sources: bool,
    /// Format: yaml, tree or json; with =PATH into a file. May be given more than once.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "yaml")]
    pub output: Vec<ExpandOutput>,
}

/// One `-o`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandOutput {
    format: Format,
    path: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Tree,
    Json,
}

impl FromStr for ExpandOutput {
    type Err = String;

    fn from_str(text: &str) -> Result<ExpandOutput, String> {
        let (format, path) = match text.split_once('=') {
            Some((_, "")) => return Err("a path must follow `=`".to_owned()),
            Some((format, path)) => (format, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = match format {
            "yaml" => Format::Yaml,
            "tree" => Format::Tree,
            "json" => Format::Json,
            _ => return Err("the formats are yaml, tree and json".to_owned()),
        };
        Ok(ExpandOutput { format, path })
    }
}

/// One environment with what its claims become.
struct Expanded {
    name: String,
    resources: EnvironmentResources,
    expansion: Expansion,
    /// The claims that were asked for, in order.
    claims: Vec<usize>,
}

/// Prints what the claims become.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let repository = Repository::discover(Path::new(".")).map_err(|error| git_problem(&error))?;
    let mut environments = Vec::new();
    let mut found = Diagnostics::new();
    let (outputs, observed) = supplied(arguments)?;
    for name in arguments.selection.names(&repository, Revision::WorkTree)? {
        let inputs = load(&repository, Revision::WorkTree, &name).and_then(|inputs| {
            render_claims(RenderRequest {
                environment: &inputs.environment,
                document: &inputs.document,
                tree: &inputs.tree,
                today: Date::today(),
            })
        });
        match inputs {
            Ok(rendered) => {
                let mut resources = EnvironmentResources::of_rendered(&rendered);
                resources.supplied.outputs =
                    Arc::new(outputs.iter().chain(resources.supplied.outputs.iter()).cloned().collect());
                resources.supplied.observed.clone_from(&observed);
                let mut expansion = resources.expand();
                found.extend(std::mem::take(&mut expansion.found).in_environment(&name));
                let claims = claims(&expansion, &arguments.names);
                environments.push(Expanded { name, resources, expansion, claims });
            }
            Err(problems) => found.extend(problems),
        }
    }
    found.extend(unknown_names(&environments, &arguments.names));
    let mut status = ExitStatus::Clean;
    for output in &arguments.output {
        let text = match output.format {
            Format::Yaml => yaml(&environments, arguments.sources),
            Format::Tree => {
                let colored = output.path.is_none() && terminal.colors_data();
                environments
                    .iter()
                    .map(|environment| tree::draw(&environment.expansion, &environment.claims, colored))
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Format::Json => json_text(&document(&environments)),
        };
        match &output.path {
            None => terminal.data(&text),
            Some(path) => {
                if let Err(error) = std::fs::write(path, text) {
                    let message = format!("could not write `{}`", path.display());
                    let diagnostic =
                        Diagnostic::error(Code::new("output::write"), message).with_cause(error.to_string());
                    status = status.or(tell(&Diagnostics::from(diagnostic), terminal));
                }
            }
        }
    }
    // The program ends here, and giving back thousands of resources one by one takes longer than reading them did.
    std::mem::forget(environments);
    if found.is_empty() { Ok(status) } else { Ok(status.or(tell(&found, terminal))) }
}

/// What the files say that the flags name.
fn supplied(arguments: &Arguments) -> Result<(Vec<SuppliedOutput>, Vec<Value>), Diagnostics> {
    let (mut outputs, mut observed) = (Vec::new(), Vec::new());
    let mut found = Diagnostics::new();
    for path in &arguments.function_output {
        let read =
            read_file(path).and_then(|bytes| supplied::read_outputs(&path.display().to_string(), &bytes));
        match read {
            Ok(read) => outputs.extend(read),
            Err(problems) => found.extend(problems),
        }
    }
    for path in &arguments.observed {
        let files = match list_manifests(path) {
            Ok(files) => files,
            Err(problems) => {
                found.extend(problems);
                continue;
            }
        };
        for file in files {
            let read = read_file(&file)
                .and_then(|bytes| supplied::read_observed(&file.display().to_string(), &bytes));
            match read {
                Ok(read) => observed.extend(read),
                Err(problems) => found.extend(problems),
            }
        }
    }
    if found.is_empty() { Ok((outputs, observed)) } else { Err(found) }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Diagnostics> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// The file itself, or the YAML files of a folder, sorted.
fn list_manifests(path: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| unreadable(path, &error))?.path();
        if file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostics {
    let message = format!("could not read `{}`", path.display());
    Diagnostic::error(Code::new("claim::function-output"), message).with_cause(error.to_string()).into()
}

/// The claims that are asked for: those of the environment itself, not what they are composed of.
fn claims(expansion: &Expansion, names: &[String]) -> Vec<usize> {
    let claims = expansion.composites.iter().enumerate().filter(|(_, composite)| composite.parent.is_none());
    claims
        .filter(|(_, claim)| {
            names.is_empty()
                || names.iter().any(|name| match name.split_once('/') {
                    Some((kind, name)) => claim.id.kind.eq_ignore_ascii_case(kind) && claim.id.name == name,
                    None => claim.id.name == *name,
                })
        })
        .map(|(index, _)| index)
        .collect()
}

/// Names that no environment has a claim for.
fn unknown_names(environments: &[Expanded], names: &[String]) -> Diagnostics {
    let known: Vec<String> = environments
        .iter()
        .flat_map(|environment| &environment.expansion.composites)
        .filter(|composite| composite.parent.is_none())
        .flat_map(|claim| [claim.id.name.clone(), format!("{}/{}", claim.id.kind, claim.id.name)])
        .collect();
    let is_known = |name: &String| {
        let one = std::slice::from_ref(name);
        environments.iter().any(|environment| !claims(&environment.expansion, one).is_empty())
    };
    names
        .iter()
        .filter(|name| !is_known(name))
        .map(|name| {
            Diagnostic::error(Code::new("claim::unknown-name"), format!("there is no claim `{name}`"))
                .with_optional_help(did_you_mean(name, known.iter().map(String::as_str)))
        })
        .collect()
}

impl Expanded {
    fn managed(&self) -> Vec<&ManagedResource> {
        let managed = self.expansion.managed.iter();
        managed.filter(|managed| self.claims.binary_search(&managed.claim).is_ok()).collect()
    }

    /// What the resources wait for that are not made at first.
    fn waiting(&self) -> Waits<'_> {
        let waiting = self.expansion.waiting.iter().rev();
        Waits(
            waiting
                .filter_map(|waiting| {
                    let name = waiting.resource_name.as_deref()?;
                    Some(((waiting.composite, name), waiting.sources.as_slice()))
                })
                .collect(),
        )
    }
}

/// What resources wait for, by their composites and the names of their templates.
struct Waits<'e>(BTreeMap<(usize, &'e str), &'e [String]>);

impl Waits<'_> {
    fn of(&self, managed: &ManagedResource) -> Option<&[String]> {
        self.0.get(&(managed.composite, managed.resource_name.as_str())).copied()
    }
}

fn yaml(environments: &[Expanded], with_sources: bool) -> String {
    let mut text = String::new();
    for environment in environments {
        let waits = environment.waiting();
        let documents: Vec<String> = environment
            .managed()
            .into_par_iter()
            .map(|managed| yaml_document(environment, managed, waits.of(managed), with_sources))
            .collect();
        text.extend(documents);
        for waiting in environment.expansion.waiting.iter().filter(|waiting| waiting.outlook.is_missing()) {
            let composite = environment.expansion.composites.get(waiting.composite);
            let is_wanted =
                composite.is_some_and(|composite| environment.claims.binary_search(&composite.claim).is_ok());
            if let (Some(composite), true) = (composite, is_wanted) {
                let name = waiting.resource_name.as_deref().unwrap_or("everything else");
                let kind = format!("{} {}", composite.id.kind, composite.id.name);
                let sources = match waiting.sources.as_slice() {
                    [] => String::new(),
                    sources => format!(" without {}", sources.join(", ")),
                };
                text.push_str(&format!("# {kind}: {name} is not made{sources}\n"));
            }
        }
    }
    text
}

fn yaml_document(
    environment: &Expanded,
    managed: &ManagedResource,
    waits_for: Option<&[String]>,
    with_sources: bool,
) -> String {
    let mut text = "---\n".to_owned();
    if let Some(claim) = environment.expansion.claim_of(managed) {
        text.push_str(&format!(
            "# {} {}, resource {} of {}\n",
            claim.id.kind, claim.id.name, managed.resource_name, managed.composition
        ));
    }
    match waits_for {
        Some([]) => text.push_str("# comes later\n"),
        Some(sources) => text.push_str(&format!("# waits for {}\n", sources.join(", "))),
        None => {}
    }
    let mut node = Node::from_value(&managed.value);
    if with_sources {
        for (path, lines) in environment.resources.all_lines_of(&environment.expansion, managed) {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            if let Some(place) = node_at(&mut node, &path).filter(|_| !lines.is_empty()) {
                place.extra_mut().line_comment = format!("# {}", lines.join(", "));
            }
        }
    }
    text.push_str(&emit_node(&node, &EmitOptions::KYAML));
    text
}

/// The node at a path as Crossplane writes paths.
fn node_at<'n>(node: &'n mut Node, path: &str) -> Option<&'n mut Node> {
    use plimsoll_crossplane::field_path::{Segment, Segments};
    let segments = Segments::parse(path).ok()?;
    segments.0.iter().try_fold(node, |node, segment| match segment {
        Segment::Field(field) => node.get_mut(field),
        Segment::Index(index) => node.items_mut()?.get_mut(*index as usize),
    })
}

fn document(environments: &[Expanded]) -> Value {
    let listed: Vec<Value> = environments.iter().map(environment_document).collect();
    json!({"apiVersion": "plimsoll.dev/v1alpha1", "kind": "ExpansionReport", "environments": listed})
}

fn environment_document(environment: &Expanded) -> Value {
    let expansion = &environment.expansion;
    let reference = |index: usize| {
        expansion.composites.get(index).map(|composite| {
            json!({
                "apiVersion": composite.api_version,
                "kind": composite.id.kind,
                "namespace": composite.id.namespace,
                "name": composite.id.name,
                "file": composite.file,
                "composition": composite.composition,
            })
        })
    };
    let waits = environment.waiting();
    let managed: Vec<Value> = environment
        .managed()
        .into_par_iter()
        .map(|managed| {
            let sources: Map<String, Value> = environment
                .resources
                .all_lines_of(expansion, managed)
                .into_iter()
                .filter(|(_, lines)| !lines.is_empty())
                .map(|(path, lines)| (path, lines.iter().map(ToString::to_string).collect()))
                .collect();
            let unknown: Vec<Value> = managed
                .unknown
                .iter()
                .map(|field| json!({"path": field.path, "sources": field.sources}))
                .collect();
            json!({
                "claim": reference(managed.claim),
                "composite": reference(managed.composite),
                "resourceName": managed.resource_name,
                "resource": *managed.value,
                "sources": sources,
                "unknown": unknown,
                "waitsFor": waits.of(managed),
            })
        })
        .collect();
    let missing: Vec<Value> = expansion
        .waiting
        .iter()
        .filter(|waiting| waiting.outlook.is_missing())
        .map(|waiting| {
            json!({
                "composite": reference(waiting.composite),
                "resourceName": waiting.resource_name,
                "waitsFor": waiting.sources,
            })
        })
        .collect();
    json!({"name": environment.name, "managed": managed, "missing": missing})
}
