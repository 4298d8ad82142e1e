//! A `kustomize` source into resources, as `kustomize build` makes them.
//!
//! Files are read as they are needed, so that the lock knows exactly what a kustomization stands on. What is remote, bases and
//! charts, comes from where the caller says: from the pins when rendering. Nothing is executed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use plimsoll_gotemplate::FixedEnvironment;
use plimsoll_kustomize::{BuildOptions, Entry, Files, HelmOptions, RemoteContent, Sources, TreeFiles, build};
use plimsoll_resource::FileTree;
use plimsoll_yaml::Span;

use super::chart_engine::Charts;
pub use super::chart_engine::RandomCharts;
use super::known_documents::DocumentReader;
use super::quoted_content::without_quoted_content;
use super::source::SourceOutput;
use super::source_text::{OutputPart, SourceText};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::fetch::Elsewhere;
use crate::secrets::mask;

const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Builds the kustomization of a folder.
#[must_use]
pub fn render(
    path: &str,
    tree: &FileTree,
    elsewhere: &dyn Elsewhere,
    random: RandomCharts,
    documents: DocumentReader<'_>,
) -> SourceOutput {
    let mut output = SourceOutput::default();
    let file = kustomization_file(path, tree);
    let files = RecordingFiles { files: TreeFiles::new(tree.clone()), read: RefCell::default() };
    let missing: RefCell<Diagnostics> = RefCell::default();
    let remote = |address: &str| -> Result<RemoteContent, String> {
        elsewhere.remote(address).map_err(|problem| {
            let message = problem.message.clone();
            missing.borrow_mut().push(problem);
            message
        })
    };
    let environment = FixedEnvironment::at(0);
    let charts = Charts::new(elsewhere, &environment, random);
    let sources = Sources { files: &files, remote: Some(&remote), charts: Some(&charts) };
    let options = BuildOptions {
        helm: HelmOptions { enabled: true, ..HelmOptions::default() },
        ..BuildOptions::default()
    };
    let mut warnings: Vec<String> = Vec::new();
    let mut warn = |warning: &str| warnings.push(warning.trim_end().to_owned());
    let built = build(sources, &format!("/{path}"), &options, &mut warn).and_then(|build| {
        build.resources().iter().map(|resource| resource.to_yaml()).collect::<Result<Vec<_>, _>>()
    });
    let mut refused = charts.into_problems();
    for problem in missing.into_inner() {
        // A path is tried as a file and then as a folder.
        if !refused.iter().any(|known| known.message == problem.message) {
            refused.push(problem);
        }
    }
    for warning in warnings {
        let warning = warning.trim_start_matches("# Warning: ").to_owned();
        output.found.push(
            Diagnostic::warning(Code::new("kustomize::deprecated"), warning).at(Place::file(file.clone())),
        );
    }
    match built {
        Ok(texts) => {
            for text in texts {
                let (pieces, found) = documents.read(source_text(&file, &text, tree));
                output.pieces.extend(pieces);
                output.found.extend(found);
            }
        }
        Err(error) => {
            let of_build = problem(&error, &file, tree);
            if refused.has_errors() {
                // The build fails because of them, in words that say less.
                let place = of_build.place.unwrap_or_else(|| Place::file(file));
                let chain = of_build.chain;
                let with_place = |problem: Diagnostic| Diagnostic {
                    place: problem.place.or_else(|| Some(place.clone())),
                    chain: [problem.chain, chain.clone()].concat(),
                    ..problem
                };
                let errors = refused.into_iter().filter(|problem| problem.severity == Severity::Error);
                output.found.extend(errors.map(with_place).collect());
            } else {
                output.found.push(of_build);
            }
        }
    }
    output.read = files.read.into_inner();
    output
}

/// The kustomization file of a folder; the name that it should have where there is none.
fn kustomization_file(path: &str, tree: &FileTree) -> String {
    let names = FILE_NAMES.iter().map(|name| format!("{path}/{name}"));
    names.clone().find(|file| tree.get(file).is_some()).or_else(|| names.clone().next()).unwrap_or_default()
}

/// A built resource's text, whose places are the kustomization: the engine merges what many files say.
fn source_text(file: &str, text: &str, tree: &FileTree) -> SourceText {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let first_line =
        tree.get(file).and_then(|bytes| bytes.iter().position(|byte| *byte == b'\n')).unwrap_or_default();
    let part = OutputPart {
        output: Span::new(0, length),
        template: file.into(),
        source: Span::new(0, u32::try_from(first_line).unwrap_or(u32::MAX)),
        is_literal: false,
    };
    SourceText::rendered(file.to_owned(), text.into(), vec![part], tree)
}

fn problem(error: &plimsoll_kustomize::Error, file: &str, tree: &FileTree) -> Diagnostic {
    let place = error.place().map_or_else(|| Place::file(file.to_owned()), |place| place_in(place, tree));
    let message = without_quoted_content(error.message().trim_end());
    let mut diagnostic = Diagnostic::error(Code::new("kustomize::failed"), message)
        .at(place)
        .with_optional_help(help(error.message()).map(str::to_owned));
    if let Some(earlier) = error.earlier() {
        diagnostic = diagnostic.with_link("first declared", place_in(earlier, tree));
    }
    for entry in error.chain() {
        diagnostic = diagnostic.with_link("built through", place_in(entry, tree));
    }
    diagnostic
}

/// A place of the engine in the files of a tree, without the secrets that the excerpt may hold.
fn place_in(place: &plimsoll_kustomize::Place, tree: &FileTree) -> Place {
    let name = place.file.trim_start_matches('/');
    let text = tree.get(name).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    if text.is_empty() || !place.span.is_known() {
        Place::file(name)
    } else {
        mask::without_secrets(Place::of_span(name, text, place.span), text)
    }
}

/// What to do about what is refused rather than wrong.
fn help(message: &str) -> Option<&'static str> {
    if message.contains("unable to load external plugin") {
        Some("nothing is executed while rendering; write what the plugin gives into a file")
    } else if message.contains("invalid literal source") {
        Some("a literal is `key=value`; what it says is not shown, as it may be a secret")
    } else {
        None
    }
}

/// The files of a tree, and which of them were read.
struct RecordingFiles {
    files: TreeFiles,
    read: RefCell<BTreeSet<String>>,
}

impl Files for RecordingFiles {
    fn locate(&self, path: &str) -> Result<Entry, String> {
        // Only what a source names was read, so which part of the path is missing is not known here.
        let missing = |error: String| match error.starts_with("lstat ") {
            true => format!("lstat {path}: no such file or directory"),
            false => error,
        };
        self.files.locate(path).map_err(missing)
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let bytes = self.files.read(path)?;
        if let Some(path) = plimsoll_resource::normalize_path(path.trim_start_matches('/')) {
            self.read.borrow_mut().insert(path);
        }
        Ok(bytes)
    }

    fn below(&self, folder: &str) -> FileTree {
        let below = self.files.below(folder);
        let folder = folder.trim_matches('/');
        self.read.borrow_mut().extend(below.iter().map(|(path, _)| format!("{folder}/{path}")));
        below
    }
}
