//! `plimsoll crossplane validate`: a drop-in for `crossplane beta validate` v2.2.1 and `crossplane resource validate` v2.5.
//!
//! Takes their arguments, prints their bytes and exits as they do: 1 where a resource is not valid, 80 for a wrong command line.
//! It fetches nothing: the definitions of packages are read from the cache folder that Crossplane's program fills.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use plimsoll_crossplane::definitions::{Definitions, GroupVersionKind};
use plimsoll_crossplane::resource_validation::{ValidatedResource, validate_resource};
use rayon::prelude::*;

use super::flags::{Flag, FlagValue, parse};
use crate::terminal::Terminal;
use crate::validate::document::{Summary, print_json, print_yaml};
use crate::validate::sources::{load, load_definitions};
use crate::validate::text::{Profile, Successes, print};

const FLAGS: &[Flag] = &[
    Flag { long: "help", short: Some('h'), value: FlagValue::None },
    Flag { long: "cache-dir", short: None, value: FlagValue::Required },
    Flag { long: "clean-cache", short: None, value: FlagValue::None },
    Flag { long: "crossplane-image", short: None, value: FlagValue::Required },
    Flag { long: "crossplane-profile", short: None, value: FlagValue::Required },
    Flag { long: "error-on-missing-schemas", short: None, value: FlagValue::None },
    Flag { long: "output", short: Some('o'), value: FlagValue::Required },
    Flag { long: "skip-success-results", short: None, value: FlagValue::None },
    Flag { long: "update-cache", short: None, value: FlagValue::None },
];

const HELP: &str = "\
Usage: plimsoll crossplane validate <extensions> <resources> [flags]

Validates resources against CRDs and XRDs as the API server does, offline, as `crossplane beta validate` prints it.

Arguments:
  <extensions>    files and folders with CRDs, XRDs and packages, separated by commas; - for standard input
  <resources>     files and folders with resources, separated by commas; - for standard input

Flags:
      --cache-dir=DIR                  folder with the definitions of packages that Crossplane's program has fetched
                                       (~/.crossplane/cache); packages are not fetched
      --crossplane-image=IMAGE         image in the cache whose definitions count too
      --crossplane-profile=v2.2        whose output: v2.2 or v2.5
      --error-on-missing-schemas       fail where a kind is not defined
  -o, --output=text                    text, json or yaml; the last two are those of v2.5
      --skip-success-results           leave out the lines of valid resources
      --clean-cache, --update-cache    accepted; the cache is only read

Example:
  plimsoll crossplane validate crds/,xrd.yaml resources.yaml
";

/// The status for a wrong command line, as kong has it.
const WRONG_USAGE: u8 = 80;

struct Arguments {
    extensions: String,
    resources: String,
    cache: Option<PathBuf>,
    image: Option<String>,
    profile: Profile,
    output: Output,
    missing_schemas_fail: bool,
    successes: Successes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    Text,
    Json,
    Yaml,
}

/// Runs the command and gives the status to exit with.
pub fn run(arguments: &[OsString], terminal: &mut Terminal) -> u8 {
    let outcome = match read_arguments(arguments) {
        Ok(Some(arguments)) => validate(&arguments, terminal).map_err(|problem| (1, problem)),
        Ok(None) => {
            terminal.data(HELP);
            Ok(())
        }
        Err(problem) => Err((WRONG_USAGE, problem)),
    };
    match outcome {
        Ok(()) => 0,
        Err((status, problem)) => {
            terminal.message_text(&format!("crossplane: error: {problem}\n"));
            status
        }
    }
}

fn validate(arguments: &Arguments, terminal: &mut Terminal) -> Result<(), String> {
    let Arguments { extensions, resources, .. } = arguments;
    if extensions == "-" && resources == "-" {
        return Err("cannot use stdin for both extensions and resources".to_owned());
    }
    let from =
        |what: &str, source: &str, error: String| format!("cannot load {what} from \"{source}\": {error}");
    // What the resources are decides which definitions are wanted; what is wrong with the definitions is told first.
    let loaded = load(resources).map_err(|error| from("resources", resources, error));
    let kinds: BTreeSet<GroupVersionKind> = loaded.iter().flatten().map(GroupVersionKind::of).collect();
    let extensions = load_definitions(extensions, &|kind| kinds.contains(kind))
        .map_err(|error| from("extensions", extensions, error))?;
    let resources = loaded?;
    let mut definitions = Definitions::default();
    for extension in extensions {
        definitions.add(extension).map_err(|error| format!("cannot prepare extensions: {error}"))?;
    }
    add_packages(&mut definitions, arguments)?;
    definitions.check().map_err(|error| format!("cannot validate resources: {error}"))?;
    let validated = |resource| match arguments.profile {
        Profile::V2_2 => validate_resource(resource, &definitions),
        Profile::V2_5 => validate_resource(resource, &definitions).or_as_built_in(resource),
    };
    let resources: Vec<ValidatedResource> = resources.par_iter().map(validated).collect();
    // The program ends with this command, and giving back a hundred thousand small pieces of memory takes longer than a resource.
    std::mem::forget(definitions);
    let summary = match arguments.output {
        Output::Text => {
            let (text, summary) = print(&resources, arguments.profile, arguments.successes);
            terminal.data(&text);
            summary
        }
        Output::Json => {
            terminal.data(&print_json(&resources));
            Summary::of(&resources)
        }
        Output::Yaml => {
            terminal.data(
                &print_yaml(&resources)
                    .map_err(|error| format!("cannot render validation result: {error}"))?,
            );
            Summary::of(&resources)
        }
    };
    let prefix = if arguments.profile == Profile::V2_2 { "cannot validate resources: " } else { "" };
    if summary.invalid > 0 {
        return Err(format!("{prefix}could not validate all resources"));
    }
    if arguments.missing_schemas_fail && summary.missing_schemas > 0 {
        return Err(format!("{prefix}could not validate all resources, schema(s) missing"));
    }
    Ok(())
}

/// Adds what the cache holds of the packages that the extensions name, and of those that these name.
fn add_packages(definitions: &mut Definitions, arguments: &Arguments) -> Result<(), String> {
    let mut waiting: Vec<String> = arguments.image.iter().cloned().collect();
    let (mut seen, mut taken) = (BTreeSet::new(), 0);
    loop {
        waiting.extend(definitions.packages().iter().skip(taken).cloned());
        taken = definitions.packages().len();
        let Some(image) = waiting.pop() else { return Ok(()) };
        if !seen.insert(image.clone()) {
            continue;
        }
        let folder = arguments.cache.as_ref().map(|cache| cache.join(image.replace(':', "@")));
        let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
            return Err(format!(
                "cannot download and load cache: package {image} is not in the cache folder, and packages are not fetched; \
                 fill the cache with Crossplane's program and name it with --cache-dir"
            ));
        };
        let objects = load(&folder.display().to_string()).map_err(|error| {
            format!(
                "cannot download and load cache: cannot load cache: cannot load cache for {image}: {error}"
            )
        })?;
        for object in objects {
            definitions.add(object).map_err(|error| format!("cannot download and load cache: {error}"))?;
        }
    }
}

/// The arguments; `None` where help is asked for.
fn read_arguments(arguments: &[OsString]) -> Result<Option<Arguments>, String> {
    let parsed = parse(arguments, FLAGS)?;
    let mut read = Arguments {
        extensions: String::new(),
        resources: String::new(),
        cache: std::env::home_dir().map(|home| home.join(".crossplane/cache")),
        image: None,
        profile: Profile::V2_2,
        output: Output::Text,
        missing_schemas_fail: false,
        successes: Successes::Shown,
    };
    let mut profile = None;
    for (flag, value) in parsed.flags {
        match flag {
            "help" => return Ok(None),
            "cache-dir" => read.cache = Some(PathBuf::from(value)),
            "crossplane-image" => read.image = Some(value),
            "crossplane-profile" => {
                profile = Some(match value.as_str() {
                    "v2.2" => Profile::V2_2,
                    "v2.5" => Profile::V2_5,
                    other => {
                        return Err(format!(
                            "--crossplane-profile: must be one of \"v2.2\",\"v2.5\" but got {other:?}"
                        ));
                    }
                });
            }
            "error-on-missing-schemas" => read.missing_schemas_fail = super::render::switch(flag, &value)?,
            "output" => {
                read.output = match value.as_str() {
                    "text" | "" => Output::Text,
                    "json" => Output::Json,
                    "yaml" => Output::Yaml,
                    other => return Err(format!("--output: unknown output format: {other:?}")),
                };
            }
            "skip-success-results" if super::render::switch(flag, &value)? => {
                read.successes = Successes::Skipped
            }
            _ => {}
        }
    }
    read.profile = profile.unwrap_or(if read.output == Output::Text { Profile::V2_2 } else { Profile::V2_5 });
    let mut positional = parsed.positional.into_iter();
    match (positional.next(), positional.next()) {
        (Some(extensions), Some(resources)) => (read.extensions, read.resources) = (extensions, resources),
        (Some(_), None) => return Err("expected \"<resources>\"".to_owned()),
        _ => return Err("expected \"<extensions> <resources>\"".to_owned()),
    }
    match positional.next() {
        Some(unexpected) => Err(format!("unexpected argument {unexpected}")),
        None => Ok(Some(read)),
    }
}
