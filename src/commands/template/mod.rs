//! `plimsoll template`: a drop-in for `helm template`, byte for byte.
//!
//! Reads the command line, the chart and the values files, lets the engine render, and prints what Helm prints. Exits with 1
//! where Helm does. What needs a network or a cluster is refused by name.

mod chart_source;
mod flags;
mod output;
pub(crate) mod system;

use std::ffi::OsString;

use plimsoll_gotemplate::{Executor, Functions, Profile, Settings, Templates, Value};
use plimsoll_helm::{
    ErrorKind, KubeVersion, Operation, Release, Remains, RenderOptions, SchemaValidation, UserValues,
    ValuesFile, Warning, render,
};

use crate::exit::ExitStatus;
use crate::terminal::Terminal;
use flags::{Flags, Refusal};
use system::System;

/// Why nothing was rendered, as Helm tells it after `Error: `.
struct Failure {
    message: String,
    /// Whether Helm had begun a release, and so names `--debug`.
    has_release: bool,
}

/// What Helm 4 also logs before it tells that it is an error.
const BAD_NAME: &str = "release name check failed";

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure { message, has_release: false }
    }
}

impl From<plimsoll_helm::Error> for Failure {
    fn from(error: plimsoll_helm::Error) -> Failure {
        let has_release = matches!(
            error.kind(),
            ErrorKind::KubeVersion | ErrorKind::Parse | ErrorKind::Execution | ErrorKind::Manifest
        );
        Failure { message: error.to_string(), has_release }
    }
}

/// Runs the command with the arguments after its name.
pub fn run(arguments: &[OsString], terminal: &mut Terminal) -> u8 {
    run_with(arguments, terminal).code()
}

fn run_with(arguments: &[OsString], terminal: &mut Terminal) -> ExitStatus {
    let arguments: Vec<String> =
        arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let parsed =
        flags::profile(&arguments).and_then(|profile| Ok((profile, Flags::parse(&arguments, profile)?)));
    let (profile, flags) = match parsed {
        Ok(parsed) => parsed,
        Err(Refusal(message)) => {
            terminal.message(&format!("Error: {message}"));
            return ExitStatus::Failed;
        }
    };
    if flags.is_on("help") {
        terminal.data(&flags::help(profile));
        return ExitStatus::Clean;
    }
    for deprecation in &flags.deprecations {
        terminal.message(deprecation);
    }
    let mut warnings = Vec::new();
    let outcome = template(&flags, profile, &mut warnings, terminal);
    for warning in &warnings {
        terminal.message(&logged(warning, profile));
    }
    match outcome {
        Ok(()) if terminal.write_failure().is_some() => ExitStatus::Failed,
        Ok(()) => ExitStatus::Clean,
        Err(failure) => {
            if failure.has_release && flags.is_on("debug") {
                terminal.data("\n");
            }
            let message = failure.message;
            if profile == Profile::V4 && message.starts_with(BAD_NAME) {
                let reason = message.trim_start_matches(BAD_NAME).trim_start_matches(": ");
                let quoted = plimsoll_gotemplate::quote::quote(reason.as_bytes());
                terminal.message(&format!("level=ERROR msg=\"{BAD_NAME}\" error={quoted}"));
            }
            if failure.has_release && !flags.is_on("debug") {
                terminal.message(&format!("Error: {message}\n\nUse --debug flag to render out invalid YAML"));
            } else {
                terminal.message(&format!("Error: {message}"));
            }
            ExitStatus::Failed
        }
    }
}

/// A line of Helm's log; Helm 4 puts the time before it, which is left out here.
fn logged(warning: &Warning, profile: Profile) -> String {
    match profile {
        Profile::V3 if warning.origin.is_empty() => warning.text.clone(),
        Profile::V3 => format!("{}: {}", warning.origin, warning.text),
        Profile::V4 => {
            // What merges values writes through Go's own log, which Helm 4 takes for information.
            let level = if warning.text.starts_with("warning: ") { "INFO" } else { "WARN" };
            format!("level={level} msg={}", plimsoll_gotemplate::quote::quote(warning.text.as_bytes()))
        }
    }
}

fn template(
    flags: &Flags,
    profile: Profile,
    warnings: &mut Vec<Warning>,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let system = System::new();
    if flags.positional.is_empty() {
        let usage = "helm template [NAME] [CHART] [flags]";
        return Err(format!("\"helm template\" requires at least 1 argument\n\nUsage:  {usage}").into());
    }
    let kube_version = match flags.value("kube-version") {
        None | Some("") => KubeVersion::default(),
        Some(version) => KubeVersion::parse(version)?,
    };
    check_dry_run(flags, profile)?;
    if profile == Profile::V4 && flags.value("dry-run") == Some("unset") {
        let text = "--dry-run is deprecated and should be replaced with '--dry-run=client'".to_owned();
        warnings.push(Warning { origin: "", text });
    }
    let (name, chart) = name_and_chart(flags, profile, &system)?;
    let located = chart_source::locate(&chart)?;
    let values = user_values(flags)?.merge(profile, &|path| {
        chart_source::read_values(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    })?;
    let loaded = chart_source::load(&located, profile)?;
    warnings.extend(loaded.warnings);
    let operation = if flags.is_on("is-upgrade") { Operation::Upgrade } else { Operation::Install };
    let namespace = match flags.value("namespace") {
        Some(namespace) => namespace.to_owned(),
        None => system.namespace(),
    };
    let release = Release {
        name,
        namespace: if namespace.is_empty() { "default".to_owned() } else { namespace },
        operation,
    };
    let mut options = RenderOptions::new(release, profile, &system);
    options.kube_version = kube_version;
    options.api_versions = flags.values("api-versions");
    options.remains = Remains::Leave;
    if flags.is_on("skip-schema-validation") {
        options.schemas = SchemaValidation::Skip;
    }
    let rendered = render(&loaded.chart, &values, &options, warnings)?;
    let written = output::write(&rendered, flags, &options.release.name, profile, terminal);
    // The program ends after this; freeing large charts piece by piece would take a tenth of its time.
    std::mem::forget((loaded.chart, rendered));
    written
}

fn check_dry_run(flags: &Flags, profile: Profile) -> Result<(), Failure> {
    let offline = match profile {
        Profile::V3 => ["", "unset", "true", "client"].as_slice(),
        Profile::V4 => ["client", "unset", "true"].as_slice(),
    };
    match flags.value("dry-run") {
        None => Ok(()),
        Some(wanted) if offline.contains(&wanted) => Ok(()),
        Some(wanted @ ("server" | "none" | "false")) => Err(format!(
            "--dry-run={wanted} does not work offline: check the output against a cluster with `kubectl apply \
             --dry-run=server`"
        )
        .into()),
        Some(_) if profile == Profile::V3 => {
            let allowed = "false, true, none, client, server";
            Err(format!("Invalid dry-run flag. Flag must one of the following: {allowed}").into())
        }
        Some(wanted) => Err(format!(
            "invalid dry-run value ({}). Must be \"none\", \"server\", or \"client\"",
            plimsoll_gotemplate::quote::quote(wanted.as_bytes())
        )
        .into()),
    }
}

/// The release's name and the chart that the arguments name.
fn name_and_chart(flags: &Flags, profile: Profile, system: &System) -> Result<(String, String), Failure> {
    let template = flags.value("name-template").unwrap_or_default();
    match flags.positional.as_slice() {
        [name, chart] if flags.is_on("generate-name") => {
            let _ = (name, chart);
            Err("cannot set --generate-name and also specify a name".to_owned().into())
        }
        [_, _] if !template.is_empty() => {
            Err("cannot set --name-template and also specify a name".to_owned().into())
        }
        [name, chart] => Ok((name.clone(), chart.clone())),
        [chart] if !template.is_empty() => Ok((name_from(template, profile, system)?, chart.clone())),
        [chart] => Ok(("release-name".to_owned(), chart.clone())),
        [_, _, rest @ ..] => {
            let rest = rest.join(", ");
            Err(format!("expected at most two arguments, unexpected arguments: {rest}").into())
        }
        [] => Err("\"helm template\" requires at least 1 argument".to_owned().into()),
    }
}

fn name_from(template: &str, profile: Profile, system: &System) -> Result<String, Failure> {
    let mut functions = Functions::builtins();
    plimsoll_gotemplate::functions::register(&mut functions, profile);
    let mut set = Templates::new(functions);
    set.parse("name-template", template).map_err(|error| error.to_string())?;
    let mut settings = Settings::new(system, profile);
    settings.set_name = "name-template";
    let output = Executor::new(&set, settings)
        .execute("name-template", &Value::NIL)
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.bytes).into_owned())
}

fn user_values(flags: &Flags) -> Result<UserValues, Failure> {
    let files = flags
        .values("values")
        .into_iter()
        .map(|name| chart_source::read_values(&name).map(|bytes| ValuesFile { name, bytes }))
        .collect::<Result<_, _>>()?;
    Ok(UserValues {
        files,
        json: flags.values("set-json"),
        set: flags.values("set"),
        strings: flags.values("set-string"),
        from_files: flags.values("set-file"),
        literals: flags.values("set-literal"),
    })
}
