//! A `kustomize` source into resources, as `kustomize build` makes them.
//!
//! Files are read as they are needed, so that the lock knows exactly what a kustomization stands on. Nothing remote is read,
//! no chart is rendered and nothing is executed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use plimsoll_kustomize::{BuildOptions, Entry, Files, Sources, TreeFiles, build};
use plimsoll_resource::FileTree;
use plimsoll_yaml::Span;

use super::documents;
use super::quoted_content::without_quoted_content;
use super::source::SourceOutput;
use super::source_text::{OutputPart, SourceText};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::secrets::mask;

const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Builds the kustomization of a folder.
pub(super) fn render(path: &str, tree: &FileTree) -> SourceOutput {
    let mut output = SourceOutput::default();
    let file = kustomization_file(path, tree);
    let files = RecordingFiles { files: TreeFiles::new(tree.clone()), read: RefCell::default() };
    let sources = Sources { files: &files, remote: None, charts: None };
    let mut warnings: Vec<String> = Vec::new();
    let mut warn = |warning: &str| warnings.push(warning.trim_end().to_owned());
    let built = build(sources, &format!("/{path}"), &BuildOptions::default(), &mut warn).and_then(|build| {
        build.resources().iter().map(|resource| resource.to_yaml()).collect::<Result<Vec<_>, _>>()
    });
    for warning in warnings {
        let warning = warning.trim_start_matches("# Warning: ").to_owned();
        output.found.push(
            Diagnostic::warning(Code::new("kustomize::deprecated"), warning).at(Place::file(file.clone())),
        );
    }
    match built {
        Ok(texts) => {
            for text in texts {
                let (pieces, found) = documents::read(source_text(&file, &text, tree));
                output.pieces.extend(pieces);
                output.found.extend(found);
            }
        }
        Err(error) => output.found.push(problem(&error, &file, tree)),
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
    let place = error.place().map_or_else(
        || Place::file(file.to_owned()),
        |place| {
            let name = place.file.trim_start_matches('/');
            let text = tree.get(name).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
            if text.is_empty() || !place.span.is_known() {
                Place::file(name)
            } else {
                mask::without_secrets(Place::of_span(name, text, place.span), text)
            }
        },
    );
    let mut diagnostic =
        Diagnostic::error(Code::new("kustomize::failed"), without_quoted_content(error.message().trim_end()))
            .at(place)
            .with_optional_help(help(error.message()).map(str::to_owned));
    for folder in error.chain() {
        let folder = folder.trim_start_matches('/');
        diagnostic = diagnostic.with_link("built through", Place::file(folder));
    }
    diagnostic
}

/// What to do about what is refused rather than wrong.
fn help(message: &str) -> Option<&'static str> {
    if message.contains("remote resources are not read") {
        Some(
            "nothing is fetched while rendering; copy the base into the repository, for example below `base/`",
        )
    } else if message.contains("must specify --enable-helm") {
        Some(
            "charts are not rendered here; write what `plimsoll template` prints into a file, and list it under `resources`",
        )
    } else if message.contains("unable to load external plugin") {
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
        self.files.locate(path)
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
