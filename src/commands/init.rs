//! `plimsoll init`: an environments repository with one working environment, in an empty or an existing directory.
//!
//! It asks nothing. A file that is there already is left as it is, whatever it says, so that a second run changes nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::commands::Outcome;
use crate::config::schema;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::git::{GitError, Repository};
use crate::init::{Example, files};
use crate::report::json_text;
use crate::terminal::Terminal;

/// Where the schema of environments goes; their first lines name it for editors.
const SCHEMA: &str = "overlays/environment.schema.json";

/// Arguments of `plimsoll init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll init                        here, with plain manifests
  plimsoll init --example helm envs    in the folder envs, with a chart of its own
  plimsoll init --example aws          with a Crossplane claim that becomes a bucket

Files that are there already are left as they are.")]
pub struct Arguments {
    /// The example to begin with.
    #[arg(long, value_name = "EXAMPLE", default_value = "plain")]
    pub example: Example,
    /// The folder; it is made where it is not there.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// Starts an environments repository.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let git = |error: GitError| crate::commands::inputs::git_problem(&error);
    let root = match Repository::discover(folder) {
        Ok(repository) => {
            let Some(root) = repository.work_tree().map(Path::to_owned) else {
                return Err(git(GitError::NoWorkTree { path: repository.git_directory().to_owned() }));
            };
            root
        }
        Err(GitError::NotARepository { .. }) => {
            Repository::begin(folder).map_err(git)?;
            terminal.message(&format!("made a Git repository in `{}`", folder.display()));
            folder.clone()
        }
        Err(error) => return Err(git(error)),
    };
    let schema = json_text(&schema::environment());
    let all = files(arguments.example);
    let mut kept = 0;
    let mut written = 0;
    for (path, text) in all.iter().copied().chain([(SCHEMA, schema.as_str())]) {
        if write_new(&root, path, text)? {
            terminal.data(&format!("wrote {path}\n"));
            written += 1;
        } else {
            terminal.data(&format!("kept  {path}\n"));
            kept += 1;
        }
    }
    terminal.message(&format!("{written} written, {kept} kept; next:"));
    if folder != Path::new(".") {
        terminal.message(&format!("  cd {}", folder.display()));
    }
    terminal.message("  git add --all && git commit --message 'Begin environments'");
    terminal.message("  plimsoll render --env dev");
    terminal.message("  git push");
    Ok(ExitStatus::Clean)
}

/// Writes a file that is not there; false where something is, whatever it is.
fn write_new(root: &Path, path: &str, text: &str) -> Result<bool, Diagnostics> {
    let path = root.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map(|()| true).map_err(|error| unwritable(&path, &error))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unwritable(&path, &error)),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostics {
    Diagnostic::error(Code::new("output::write"), format!("could not write `{}`", path.display()))
        .with_cause(error.to_string())
        .into()
}
