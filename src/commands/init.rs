//! `plimsoll init`: an environments repository with one working environment, in an empty or an existing directory.
//!
//! It asks for the example alone, and only a person at a terminal who named none. A file that is there already is left as it
//! is, whatever it says, and told where it says something else, so that a second run changes nothing. Nothing is written
//! through a link.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use plimsoll_resource::FileTree;

use crate::check::run::CheckRequest;
use crate::check::scope::CheckScope;
use crate::check::{desired, policy};
use crate::commands::Outcome;
use crate::commands::check::request_of;
use crate::config::date::Date;
use crate::config::environment::Platform;
use crate::config::{environment_path, read_environment, schema};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::git::{GitError, Repository};
use crate::init::{self, Example, NewFile};
use crate::live::kube::ExecPlugins;
use crate::render::{RenderRequest, render};
use crate::report::json_text;
use crate::terminal::Terminal;

/// Where the schema of environments goes; their first lines name it for editors.
const SCHEMA: &str = "overlays/environment.schema.json";

/// Where the rights go that a check of the example needs.
const CLUSTER_RIGHTS: &str = "policies/dev-clusters.yaml";
const AWS_RIGHTS: &str = "policies/dev-aws.json";

const ABOUT_RIGHTS: &str = "\
# What a drift check of `dev` may do in its clusters: get and list. Bind these roles to the account that the check signs in as, and
# write them anew as the environment grows: `plimsoll check --env dev --print-policy`.
";

/// Arguments of `plimsoll init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll init                        here; asks for the example on a terminal, else `plain`
  plimsoll init --example helm envs    in the folder envs, with a chart of its own
  plimsoll init --example aws          with a Crossplane claim that becomes a bucket

Files that are there already are left as they are, and told where they say something else. Where
overlays/dev is not the example's, no example is written.")]
pub struct Arguments {
    /// The example to begin with.
    #[arg(long, value_name = "EXAMPLE")]
    pub example: Option<Example>,
    /// The folder; it is made where it is not there.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// Starts an environments repository.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let git = |error: GitError| crate::commands::inputs::git_problem(&error);
    let (repository, root) = match Repository::discover(folder) {
        Ok(repository) => {
            let Some(root) = repository.work_tree().map(Path::to_owned) else {
                return Err(git(GitError::NoWorkTree { path: repository.git_directory().to_owned() }));
            };
            (repository, root)
        }
        Err(GitError::NotARepository { .. }) => {
            let repository = Repository::begin(folder).map_err(git)?;
            terminal.message(&format!("made a Git repository in `{}`", folder.display()));
            (repository, folder.clone())
        }
        Err(error) => return Err(git(error)),
    };
    let environment = environment_path(init::ENVIRONMENT);
    let example = match arguments.example {
        Some(example) => example,
        None if root.join(&environment).exists() => Example::default(),
        None => asked(terminal),
    };
    let own = init::files(example);
    let is_own = |path: &str| own.iter().find(|(known, _)| *known == path).map(|(_, text)| text.as_bytes());
    let has_another = std::fs::read(root.join(&environment))
        .is_ok_and(|bytes| is_own(&environment).is_some_and(|own| own != bytes));
    let schema = json_text(&schema::environment());
    let rights = rights_of_a_check(&own)?;
    let generated = [(SCHEMA, &schema)].into_iter().chain(rights.iter().map(|(path, text)| (*path, text)));
    let mut tally = Tally::default();
    for (path, text) in own.iter().copied().chain(generated.map(|(path, text)| (path, text.as_str()))) {
        if has_another && init::is_of_example(path) {
            tally.left_out += 1;
            continue;
        }
        let became = write_new(&root, path, text)?;
        terminal.data(&format!("{} {path}\n", became.word()));
        tally.count(became);
    }
    tell(&tally, &environment, terminal);
    terminal.message("next:");
    let begin = "git add --all && git commit --message 'Begin environments'";
    match folder.as_path() == Path::new(".") {
        true => terminal.message(&format!("  {begin}")),
        false => terminal.message(&format!("  cd {} && {begin}", folder.display())),
    }
    terminal.message("  plimsoll render --all");
    terminal.message(match repository.has_remote() {
        true => "  git push",
        false => "  git remote add origin URL && git push --set-upstream origin HEAD",
    });
    Ok(ExitStatus::Clean)
}

/// The least rights that a check of the example needs, as `check --print-policy` prints them: in its clusters and, where it has an
/// account, in AWS.
fn rights_of_a_check(example: &[NewFile]) -> Result<Vec<(&'static str, String)>, Diagnostics> {
    let mut tree = FileTree::new();
    for (path, text) in example {
        // The paths of examples lie inside the tree, so none is refused.
        let _ = tree.insert(path, text.as_bytes());
    }
    let file = tree.get(&environment_path(init::ENVIRONMENT)).cloned().unwrap_or_default();
    let (environment, document) = read_environment(init::ENVIRONMENT, &file)?;
    let today = Date::today();
    let request = RenderRequest { environment: &environment, document: &document, tree: &tree, today };
    let desired = desired::of_rendered(&environment, &render(request)?)?;
    let check = request_of(CheckScope::default(), 1, Duration::ZERO, ExecPlugins::Refused);
    let mut files =
        vec![(CLUSTER_RIGHTS, format!("{ABOUT_RIGHTS}{}", policy::print_clusters(&desired, &check)))];
    if environment.spec.aws.is_some() {
        let check = CheckRequest { only: vec![Platform::Aws], ..check };
        files.push((AWS_RIGHTS, policy::print(&[desired], &check, &[])));
    }
    Ok(files)
}

fn tell(tally: &Tally, environment: &str, terminal: &mut Terminal) {
    let Tally { written, same, kept, left_out } = tally;
    terminal.message(&format!(
        "{written} written, {same} were there already, {kept} kept although they say something else"
    ));
    if *left_out > 0 {
        terminal.message(&format!("`{environment}` is not that of the example, so the example was left out"));
    }
}

/// Asks which example to begin with, where a person can answer; an empty answer, or none, is the default.
fn asked(terminal: &mut Terminal) -> Example {
    let input = std::io::stdin();
    if !terminal.is_watched() || !input.is_terminal() {
        return Example::default();
    }
    terminal.message("Which example shall it begin with?");
    for (number, example) in (1..).zip(Example::value_variants()) {
        let value = example.to_possible_value();
        let (name, help) = value.as_ref().map_or(("", String::new()), |value| {
            (value.get_name(), value.get_help().map(ToString::to_string).unwrap_or_default())
        });
        terminal.message(&format!("  {number}  {name:<10} {help}"));
    }
    loop {
        terminal.message_text("[1] ");
        let mut answer = String::new();
        if input.lock().read_line(&mut answer).is_err() || answer.trim().is_empty() {
            return Example::default();
        }
        if let Some(example) = Example::answered(answer.trim()) {
            return example;
        }
        terminal.message("a number, or a name of the list");
    }
}

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Became {
    /// It is new.
    Written,
    /// It was there and says the same.
    Same,
    /// It was there, or a link leads there, and it is left.
    Kept,
}

impl Became {
    fn word(self) -> &'static str {
        match self {
            Became::Written => "wrote",
            Became::Same => "same ",
            Became::Kept => "kept ",
        }
    }
}

/// How many files became what.
#[derive(Default)]
struct Tally {
    written: usize,
    same: usize,
    kept: usize,
    left_out: usize,
}

impl Tally {
    fn count(&mut self, became: Became) {
        let counted = match became {
            Became::Written => &mut self.written,
            Became::Same => &mut self.same,
            Became::Kept => &mut self.kept,
        };
        *counted += 1;
    }
}

/// Writes a file that is not there.
fn write_new(root: &Path, path: &str, text: &str) -> Result<Became, Diagnostics> {
    if leads_through_a_link(root, path) {
        return Ok(Became::Kept);
    }
    let path = root.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => file
            .write_all(text.as_bytes())
            .map(|()| Became::Written)
            .map_err(|error| unwritable(&path, &error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let is_same = std::fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes());
            Ok(if is_same { Became::Same } else { Became::Kept })
        }
        Err(error) => Err(unwritable(&path, &error)),
    }
}

/// Whether a folder on the way is a link: what lies behind it is not this repository's.
fn leads_through_a_link(root: &Path, path: &str) -> bool {
    Path::new(path)
        .ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty())
        .any(|folder| root.join(folder).is_symlink())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostics {
    Diagnostic::error(Code::new("output::write"), format!("could not write `{}`", path.display()))
        .with_cause(error.to_string())
        .into()
}
