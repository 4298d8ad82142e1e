//! `plimsoll lint`: rules over everything that environments render to.

use std::path::Path;

use plimsoll_yaml::{Budget, Dialect};

use crate::commands::inputs::{EnvironmentInputs, Revision, Selection, git_problem, load};
use crate::commands::{Outcome, tell, version};
use crate::config::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::exit::ExitStatus;
use crate::expansion::source_lines::{nearest, steps_of_path};
use crate::expansion::{EnvironmentResources, Expansion, places_of};
use crate::git::Repository;
use crate::lint::allow::judge;
use crate::lint::{Finding, Origin, World, check};
use crate::render::validation::of_later;
use crate::render::{RenderRequest, RenderedEnvironment, render};
use crate::report::lint::{Entry, LintReport, LintedEnvironment, github, json, sarif, text};
use crate::report::output::{Format, Output, print_value, write};
use crate::secrets::mask;
use crate::terminal::Terminal;

/// Arguments of `plimsoll lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll lint --env dev                            what is wrong across the layers of dev
  plimsoll lint --all -o text -o sarif=lint.sarif    every environment, for people and for code scanning
  plimsoll lint --all -o github                      annotations in a GitHub workflow
  plimsoll explain lint::trust-subject               what a rule is about, and how to mend what it finds

Exits with 2 where something of severity error is found. What is right in spite of a rule is allowed
with a reason in `spec.lint.allow` of environment.yaml.")]
pub struct Arguments {
    /// The environments.
    #[command(flatten)]
    pub selection: Selection,
    /// How to print the findings: text, json, sarif or github, and the file they go to; repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text", value_parser = output)]
    pub output: Vec<Output>,
}

fn output(text: &str) -> Result<Output, String> {
    Output::of(text, &[Format::Text, Format::Json, Format::Sarif, Format::Github])
}

/// Looks at the environments.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let repository = Repository::discover(Path::new(".")).map_err(|error| git_problem(&error))?;
    let mut report = LintReport::default();
    let mut failed = Diagnostics::new();
    let mut remarks = Diagnostics::new();
    for name in arguments.selection.names(&repository, Revision::WorkTree)? {
        terminal.progress(&format!("{name}: looking"));
        match load(&repository, Revision::WorkTree, &name).and_then(|inputs| look(&inputs)) {
            Ok((linted, found)) => {
                report.environments.push(linted);
                remarks.extend(found.in_environment(&name));
            }
            Err(problems) => failed.extend(problems),
        }
    }
    let colored = terminal.colors_data();
    let unwritten = write(&arguments.output, terminal, |output| match output.format {
        Format::Text => text::print(&report, colored && output.path.is_none()),
        Format::Github => github::print(&report),
        Format::Sarif => print_value(&sarif::value(&report, version::VERSION), Format::Json),
        format => print_value(&json::value(&report), format),
    });
    let mut status =
        if report.count(Severity::Error) > 0 { ExitStatus::Different } else { ExitStatus::Clean };
    for problems in [remarks, failed, unwritten] {
        if !problems.is_empty() {
            status = status.or(tell(&problems, terminal));
        }
    }
    Ok(status)
}

/// One environment: what is found in it, and what its permissions are worth.
fn look(inputs: &EnvironmentInputs) -> Result<(LintedEnvironment, Diagnostics), Diagnostics> {
    let today = Date::today();
    let EnvironmentInputs { environment, document, tree } = inputs;
    let rendered = render(RenderRequest { environment, document, tree, today })?;
    let name = &rendered.name;
    let resources = EnvironmentResources::of_rendered(&rendered);
    let mut expansion = resources.expand();
    let mut claims = std::mem::take(&mut expansion.found);
    claims.extend(of_later(&resources, &expansion, &rendered.schemas));
    let world = World::of(environment, &rendered, &expansion);
    let judged = judge(&world, check(&world), &environment.spec.lint.allow, today, document);
    let places = Places { rendered: &rendered, resources: &resources, expansion: &expansion, world: &world };
    let of_claims = claims.into_iter().map(|diagnostic| Entry {
        diagnostic: diagnostic.in_environment(name),
        resource: None,
        layer: None,
    });
    let findings = of_claims.chain(judged.findings.iter().map(|finding| places.entry(finding))).collect();
    let allowed =
        judged.allowed.iter().map(|(finding, reason)| (places.entry(finding), reason.clone())).collect();
    let linted =
        LintedEnvironment { name: name.clone(), resources: world.resources.len(), findings, allowed };
    Ok((linted, judged.remarks))
}

/// Finds the places of findings.
struct Places<'a> {
    rendered: &'a RenderedEnvironment,
    resources: &'a EnvironmentResources,
    expansion: &'a Expansion,
    world: &'a World,
}

impl Places<'_> {
    fn entry(&self, finding: &Finding) -> Entry {
        let code = Code::new(&finding.rule.code);
        let resource = self.world.resources.get(finding.resource);
        let id = resource.map(|resource| resource.id.to_string());
        let message = match &id {
            Some(id) => format!("`{id}`: {}", finding.message),
            None => finding.message.clone(),
        };
        let mut diagnostic = match finding.rule.severity {
            Severity::Error => Diagnostic::error(code, message),
            Severity::Warning => Diagnostic::warning(code, message),
            Severity::Note => Diagnostic::note(code, message),
        };
        match resource.map(|resource| &resource.origin) {
            Some(Origin::File { path, source }) => {
                diagnostic = diagnostic.at(self.place_in(path, &finding.field));
                diagnostic = diagnostic.with_link("rendered from", Place::file(source.clone()));
            }
            Some(Origin::Managed(index)) => {
                let managed = self.expansion.managed.get(*index);
                let mut places = managed
                    .map(|managed| places_of(self.resources, self.expansion, managed, &finding.field))
                    .unwrap_or_default()
                    .into_iter();
                if let Some(place) = places.next() {
                    diagnostic = diagnostic.at(place);
                }
                if let Some(managed) = managed {
                    let made = format!(
                        "resource `{}` of Composition `{}`",
                        managed.resource_name, managed.composition
                    );
                    diagnostic = diagnostic.with_cause(made);
                }
            }
            None => {}
        }
        if !finding.field.is_empty() {
            diagnostic = diagnostic.with_field(&finding.field);
        }
        let layer = resource.map(|resource| resource.layer.clone());
        Entry { diagnostic: diagnostic.in_environment(&self.rendered.name), resource: id, layer }
    }

    /// The place of a field in a rendered file; the file itself where there is none.
    fn place_in(&self, path: &str, field: &str) -> Place {
        let text = self.rendered.files.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let Some(text) = text else { return Place::file(path) };
        match plimsoll_yaml::parse_one(text, Dialect::Helm, &Budget::DEFAULT) {
            Ok(root) => {
                let (node, _) = nearest(&root, &steps_of_path(field));
                mask::without_secrets(Place::of_span(path, text, node.span()), text)
            }
            Err(_) => Place::file(path),
        }
    }
}
