//! `plimsoll build DIR`: a drop-in for `kustomize build` 5.8.1, with the same bytes and errors.
//!
//! Flags that make no sense without plugins, containers and a helm binary are refused by name; nothing is executed and nothing
//! is downloaded: remote bases and charts are those that `plimsoll fetch` pinned for an environment of the repository.

use std::ffi::OsString;
use std::path::Path;

use plimsoll_kustomize::{BuildOptions, LoadRestriction, Reorder, Sources, build};

use super::DropIn;
use super::template::system::System;
use crate::disk_files::DiskFiles;
use crate::fetch::{Elsewhere, RepositoryPins};
use crate::render::chart_engine::{Charts, RandomCharts};
use crate::terminal::Terminal;

/// The row of this command.
pub const DROP_IN: DropIn =
    DropIn { words: &["build"], about: "Build a kustomization, as `kustomize build` does", run };

const HELP: &str = "\
Build a set of resources from a kustomization, with the bytes of `kustomize build` 5.8.1.

Usage: plimsoll build [DIR] [flags]

DIR holds a kustomization.yaml; without it the current folder is meant.

Flags:
      --enable-helm                     render the charts of `helmCharts`
      --helm-api-versions stringArray   API versions that charts find
      --helm-kube-version string        version of Kubernetes that charts find
      --load-restrictor string          LoadRestrictionsRootOnly, or LoadRestrictionsNone to read files outside the kustomization's folder
  -o, --output string                   file to write to, or a folder for one file a resource
      --reorder string                  legacy or none: the order where the kustomization has no `sortOptions`
      --enable-managedby-label          add the label app.kubernetes.io/managed-by
  -h, --help                            this text

Examples:
  plimsoll build overlays/dev/app              print the resources
  plimsoll build base/app -o rendered/         write one file a resource
  plimsoll build overlays/dev/app --enable-helm | kubectl diff -f -
";

/// Flags of the original that are refused, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("--enable-alpha-plugins", "plugins are not run"),
    ("--enable-exec", "executables are not run"),
    ("--network", "containers are not run"),
    ("--network-name", "containers are not run"),
    ("--mount", "containers are not run"),
    ("--env", "containers are not run"),
    ("-e", "containers are not run"),
    ("--as-current-user", "containers are not run"),
    ("--helm-command", "charts are rendered without a helm binary"),
    ("--helm-debug", "charts are rendered without a helm binary"),
    ("--stack-trace", "errors name the files instead"),
];

fn run(arguments: &[OsString], terminal: &mut Terminal) -> u8 {
    let outcome = Arguments::parse(arguments, terminal).and_then(|arguments| match arguments {
        None => {
            terminal.data(HELP);
            Ok(())
        }
        Some(arguments) => arguments.run(terminal),
    });
    match outcome {
        Ok(()) => match terminal.write_failure() {
            None => 0,
            Some(error) => {
                terminal.message(&format!("Error: {error}"));
                1
            }
        },
        Err(message) => {
            terminal.message(&format!("Error: {message}"));
            1
        }
    }
}

#[derive(Debug, Default)]
struct Arguments {
    folder: Option<String>,
    output: String,
    options: BuildOptions,
}

impl Arguments {
    /// Reads the command line; `None` where only help is asked for.
    fn parse(arguments: &[OsString], terminal: &mut Terminal) -> Result<Option<Arguments>, String> {
        let mut read = Arguments::default();
        let mut folders = Vec::new();
        let mut words = arguments.iter().map(|word| word.to_string_lossy().into_owned());
        let mut only_folders = false;
        while let Some(word) = words.next() {
            if only_folders || !word.starts_with('-') || word == "-" {
                folders.push(word);
                continue;
            }
            if word == "--" {
                only_folders = true;
                continue;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None if !word.starts_with("--") && word.len() > 2 && word.is_char_boundary(2) => {
                    let (name, value) = word.split_at(2);
                    (name.to_owned(), Some(value.to_owned()))
                }
                None => (word, None),
            };
            if let Some((refused, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
                return Err(format!("flag {refused} is not supported: {why}"));
            }
            if matches!(name.as_str(), "-h" | "--help") {
                return Ok(None);
            }
            if !read.set_switch(&name, value.as_deref(), terminal)? {
                let value = value.or_else(|| words.next()).ok_or_else(|| missing_argument(&name))?;
                read.set_value(&name, value, terminal)?;
            }
        }
        if folders.len() > 1 {
            return Err("specify one path to kustomization.yaml".to_owned());
        }
        read.folder = folders.pop();
        Ok(Some(read))
    }

    /// Sets a flag that takes no value; false where the flag takes one.
    fn set_switch(
        &mut self,
        name: &str,
        value: Option<&str>,
        terminal: &mut Terminal,
    ) -> Result<bool, String> {
        let switch = match name {
            "--enable-helm" => &mut self.options.helm.enabled,
            "--enable-managedby-label" => {
                terminal.message(
                    "Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has been deprecated. \
                     Use the `managedByLabel` option in the `buildMetadata` field instead.",
                );
                &mut self.options.managed_by_label
            }
            "--helm-api-versions"
            | "--helm-kube-version"
            | "--load-restrictor"
            | "-o"
            | "--output"
            | "--reorder" => {
                return Ok(false);
            }
            other if other.starts_with("--") => return Err(format!("unknown flag: {other}")),
            other => {
                let letter = other.trim_start_matches('-');
                return Err(format!("unknown shorthand flag: '{letter}' in {other}"));
            }
        };
        *switch = match value {
            None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => true,
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            Some(other) => {
                return Err(format!(
                    "invalid argument {other:?} for \"{name}\" flag: strconv.ParseBool: parsing {other:?}: invalid syntax"
                ));
            }
        };
        Ok(true)
    }

    fn set_value(&mut self, name: &str, value: String, terminal: &mut Terminal) -> Result<(), String> {
        match name {
            "--helm-api-versions" => self.options.helm.api_versions.push(value),
            "--helm-kube-version" => self.options.helm.kube_version = value,
            "--load-restrictor" => {
                self.options.load_restriction = match value.as_str() {
                    "LoadRestrictionsNone" => LoadRestriction::None,
                    "LoadRestrictionsRootOnly" | "" => LoadRestriction::RootOnly,
                    other => {
                        return Err(format!(
                            "illegal flag value --load-restrictor {other}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]"
                        ));
                    }
                }
            }
            "--reorder" => {
                terminal.message(
                    "Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.",
                );
                self.options.reorder = match value.as_str() {
                    "legacy" => Reorder::Legacy,
                    "none" => Reorder::None,
                    other => {
                        return Err(format!(
                            "illegal flag value --reorder {other}; legal values: [legacy none]"
                        ));
                    }
                }
            }
            _ => self.output = value,
        }
        Ok(())
    }

    fn run(mut self, terminal: &mut Terminal) -> Result<(), String> {
        if std::env::var_os("KUSTOMIZE_ENABLE_MANAGEDBY_LABEL").is_some_and(|value| value == "on") {
            self.options.managed_by_label = true;
        }
        let current = std::env::current_dir().map_err(|error| error.to_string())?;
        let folder = self.folder.as_deref().unwrap_or(".");
        let pins = RepositoryPins::around(current.join(folder));
        let remote = |address: &str| pins.remote(address).map_err(|problem| problem.message);
        let system = System::new();
        let charts = Charts::new(&pins, &system, RandomCharts::Accepted);
        let files = DiskFiles::seen_from(current);
        let sources = Sources { files: &files, remote: Some(&remote), charts: Some(&charts) };
        let built = build(sources, folder, &self.options, &mut |warning| terminal.message(warning))
            .map_err(|error| error.to_string())?;
        let text = |error: plimsoll_kustomize::Error| error.to_string();
        if self.output.is_empty() {
            terminal.data(&built.to_yaml().map_err(text)?);
            return Ok(());
        }
        let output = Path::new(&self.output);
        let written = if output.is_dir() {
            let files = built.to_files().map_err(text)?;
            files.into_iter().try_for_each(|(name, content)| std::fs::write(output.join(name), content))
        } else {
            std::fs::write(output, built.to_yaml().map_err(text)?)
        };
        written.map_err(|error| format!("open {}: {error}", self.output))
    }
}

fn missing_argument(name: &str) -> String {
    if name.starts_with("--") {
        format!("flag needs an argument: {name}")
    } else {
        format!("flag needs an argument: '{}' in {name}", name.trim_start_matches('-'))
    }
}
