//! `cargo xtask bench`: ratios, side by side in one run, on inputs made for the purpose.
//!
//! Prints ratios and never judges: a busy machine makes a slow figure, not a failed test.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::outcome::{Outcome, say};

mod charts;
mod crossplane;
mod diff;
mod generate;
mod helm;
mod kustomize;
mod measure;
mod render;

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which benchmarks to run; all where none is named.
    subjects: Vec<Subject>,
    /// Folder with the corpora, for what measures over one.
    #[arg(long, env = "PLIMSOLL_SHARED")]
    corpus: Option<PathBuf>,
}

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// Start-up, and rendering, comparing and committing 5,000 resources beside `git add && git commit` of the same files.
    Render,
    /// `plimsoll build` beside kustomize: a trivial build, up to 8,000 resources, 3.3 MB of definitions.
    Kustomize,
    /// `plimsoll template` beside Helm 3: charts of our own, and the cases of a corpus where one is given.
    Helm,
    /// 1,000 claims expanded; renders and validations beside the recorded times of the real programs.
    Crossplane,
    /// Comparing two revisions of 5,000 resources beside rendering one.
    Diff,
}

/// Runs the benchmarks named.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let subjects =
        if arguments.subjects.is_empty() { Subject::value_variants() } else { &arguments.subjects };
    let mut outcome = Outcome::default();
    for subject in subjects {
        match subject {
            Subject::Render => render::run()?,
            Subject::Kustomize => kustomize::run()?,
            Subject::Helm => helm::run(arguments.corpus.as_deref())?,
            Subject::Crossplane => crossplane::run(arguments.corpus.as_deref())?,
            Subject::Diff => diff::run()?,
        }
        outcome.add(Outcome::PASSED);
    }
    say(&outcome.to_string());
    Ok(outcome)
}
