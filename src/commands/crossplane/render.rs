//! `plimsoll crossplane render`: a drop-in for `crossplane render` that runs the functions in process.
//!
//! Takes the arguments of crossplane v2.2.1 and exits as it does: 1 for what cannot be rendered, 80 for a wrong command line.

use std::ffi::OsString;
use std::path::Path;

use plimsoll_crossplane::manifest::Files;
use plimsoll_crossplane::render::{RenderArguments, render};

use super::flags::{Flag, FlagValue, parse};
use crate::commands::tell;
use crate::diagnostic::{Code, Diagnostic};
use crate::expansion::supplied;
use crate::terminal::Terminal;

const FLAGS: &[Flag] = &[
    Flag { long: "help", short: Some('h'), value: FlagValue::None },
    Flag { long: "context-files", short: None, value: FlagValue::Required },
    Flag { long: "context-values", short: None, value: FlagValue::Required },
    Flag { long: "include-function-results", short: Some('r'), value: FlagValue::None },
    Flag { long: "include-full-xr", short: Some('x'), value: FlagValue::None },
    Flag { long: "observed-resources", short: Some('o'), value: FlagValue::Required },
    Flag { long: "extra-resources", short: None, value: FlagValue::Required },
    Flag { long: "required-resources", short: Some('e'), value: FlagValue::Required },
    Flag { long: "include-context", short: Some('c'), value: FlagValue::None },
    Flag { long: "function-credentials", short: None, value: FlagValue::Required },
    Flag { long: "function-annotations", short: Some('a'), value: FlagValue::Required },
    Flag { long: "function-output", short: None, value: FlagValue::Required },
    Flag { long: "timeout", short: None, value: FlagValue::Required },
    Flag { long: "xrd", short: None, value: FlagValue::Required },
];

const HELP: &str = "\
Usage: plimsoll crossplane render <composite-resource> <composition> <functions> [flags]

Prints what a composite resource becomes, as `crossplane render` does, without Docker: function-patch-and-transform,
function-auto-ready, function-environment-configs and function-go-templating run in process.

Arguments:
  <composite-resource>    YAML file with the composite resource (XR)
  <composition>           YAML file with the Composition, in mode Pipeline
  <functions>             YAML file, or folder of them, with the Functions

Flags:
      --context-files=KEY=FILE         context key whose value is in a file; repeatable
      --context-values=KEY=YAML        context key with its value; repeatable, goes before --context-files
  -r, --include-function-results       also print what the functions said
  -x, --include-full-xr                also print spec and metadata of the composite resource
  -o, --observed-resources=PATH        composed resources that exist
      --extra-resources=PATH           resources that functions may ask for
  -e, --required-resources=PATH        resources that functions, and Compositions for them, may ask for
  -c, --include-context                also print the context
      --function-credentials=PATH      Secrets that steps name as credentials
  -a, --function-annotations=KEY=VALUE accepted; functions run in process, so it changes nothing
      --function-output=FILE           what functions answer, as FunctionOutput documents, instead of running them; repeatable
      --timeout=1m                     accepted; rendering does not wait for anything
      --xrd=PATH                       XRD whose defaults the composite resource is given

Example:
  plimsoll crossplane render xr.yaml composition.yaml functions.yaml --include-function-results
";

/// The status for a wrong command line, as kong has it.
const WRONG_USAGE: u8 = 80;

/// Runs the command and gives the status to exit with.
pub fn run(arguments: &[OsString], terminal: &mut Terminal) -> u8 {
    let arguments = match read_arguments(arguments) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            terminal.data(HELP);
            return 0;
        }
        Err(problem) => {
            terminal.message_text(&format!("crossplane: error: {problem}\n"));
            return WRONG_USAGE;
        }
    };
    let (mut arguments, answers) = arguments;
    for path in answers {
        let read = std::fs::read(&path).map_err(|error| {
            let message = format!("could not read `{path}`");
            Diagnostic::error(Code::new("claim::function-output"), message)
                .with_cause(error.to_string())
                .into()
        });
        match read.and_then(|bytes| supplied::read_outputs(&path, &bytes)) {
            Ok(outputs) => arguments.outputs.extend(outputs),
            Err(found) => {
                tell(&found, terminal);
                return 1;
            }
        }
    }
    match render(&arguments, &Disk) {
        Ok(text) => {
            terminal.data(&text);
            0
        }
        Err(error) => {
            terminal.message_text(&format!("crossplane: error: {error}\n"));
            1
        }
    }
}

/// The arguments and the files with what functions answer; `None` where help is asked for.
fn read_arguments(arguments: &[OsString]) -> Result<Option<(RenderArguments, Vec<String>)>, String> {
    let parsed = parse(arguments, FLAGS)?;
    let mut render = RenderArguments::default();
    let mut answers = Vec::new();
    for (flag, value) in parsed.flags {
        match flag {
            "help" => return Ok(None),
            "include-function-results" => render.include.results = switch(flag, &value)?,
            "include-full-xr" => render.include.full_composite = switch(flag, &value)?,
            "include-context" => render.include.context = switch(flag, &value)?,
            "observed-resources" => render.observed = Some(absolute(&value)),
            "extra-resources" => render.extra = Some(absolute(&value)),
            "required-resources" => render.required = Some(absolute(&value)),
            "function-credentials" => render.credentials = Some(absolute(&value)),
            "function-annotations" => render.function_annotations.push(value),
            "function-output" => answers.push(value),
            "xrd" => render.xrd = Some(existing_file("--xrd", value)?),
            "context-files" => render.context_files.extend([pair(flag, &value)?]),
            "context-values" => render.context_values.extend([pair(flag, &value)?]),
            _ => {}
        }
    }
    let mut positional = parsed.positional.into_iter();
    let names = ["composite-resource", "composition", "functions"];
    let mut given = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        match positional.next() {
            Some(path) if name == "functions" => given.push(absolute(&path)),
            Some(path) => given.push(existing_file(&format!("<{name}>"), path)?),
            None => {
                let missing: Vec<String> = names[index..].iter().map(|name| format!("<{name}>")).collect();
                return Err(format!("expected \"{}\"", missing.join(" ")));
            }
        }
    }
    if let Some(unexpected) = positional.next() {
        return Err(format!("unexpected argument {unexpected}"));
    }
    if let Ok([composite, composition, functions]) = <[String; 3]>::try_from(given) {
        render.composite = composite;
        render.composition = composition;
        render.functions = functions;
    }
    Ok(Some((render, answers)))
}

pub(super) fn switch(flag: &str, value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        other => Err(format!("--{flag}: bool value must be true, 1, yes, false, 0 or no but got {other:?}")),
    }
}

fn pair(flag: &str, value: &str) -> Result<(String, String), String> {
    match value.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(format!("--{flag}: expected \"<key>=<value>\" but got {value:?}")),
    }
}

/// Kong looks whether the files exist before the command runs, and makes their paths absolute.
fn existing_file(argument: &str, path: String) -> Result<String, String> {
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Err(format!("{argument}: \"{path}\" exists but is a directory")),
        Ok(_) => Ok(absolute(&path)),
        Err(error) => Err(format!("{argument}: stat {}: {}", absolute(&path), words(&error))),
    }
}

fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string())
}

/// What Go's `os` calls an error.
fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The files of this machine.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| format!("open {}: {}", absolute(path), words(&error)))
    }

    fn list(&self, path: &str) -> Result<Option<Vec<String>>, String> {
        if !Path::new(path).is_dir() {
            return Ok(None);
        }
        let entries =
            std::fs::read_dir(path).map_err(|error| format!("open {}: {}", absolute(path), words(&error)))?;
        let mut paths: Vec<String> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .map(|path| path.display().to_string())
            .collect();
        paths.sort();
        Ok(Some(paths))
    }
}
