//! Comparing two revisions of 5,000 resources beside rendering one of them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::generate;
use super::measure::{median, ratio};
use crate::cargo;
use crate::outcome::say;

const RESOURCES: usize = 5_000;

/// Commits a change to a repository of so many layers.
type Change = fn(&Path, usize) -> Result<()>;

/// Measures and prints.
pub(super) fn run() -> Result<()> {
    let status = cargo::command(&["build", "--release", "--quiet", "--bin", "plimsoll"]).status()?;
    ensure!(status.success(), "plimsoll does not build");
    let plimsoll = cargo::target_folder().join("release/plimsoll");
    let folder = tempfile::tempdir()?;
    let command = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new(&plimsoll);
        command.args(arguments).current_dir(folder);
        command
    };
    let render = ["render", "--env", "bench", "--dry-run"];
    let diff = ["diff", "--env", "bench", "--base", "HEAD~1"];
    for layers in [1, 5] {
        let repository = folder.path().join(format!("layers-{layers}"));
        fs::create_dir(&repository)?;
        generate::layered_repository(&repository, RESOURCES, layers)?;
        let changes: [(&str, Change); 2] = [
            ("one of them", |folder, _| generate::change_one_image(folder)),
            ("half of them", generate::change_every_second_image),
        ];
        for (changed, change) in changes {
            change(&repository, layers)?;
            let of_render = median(7, || Ok(command(&repository, &render)))?;
            let of_diff = median(7, || Ok(command(&repository, &diff)))?;
            say(&format!("{RESOURCES} resources in {layers} layer(s), {changed} changed"));
            say(&format!("  one render (--dry-run): {of_render}"));
            say(&format!(
                "  diff of two revisions: {of_diff}, {:.2} times one render",
                ratio(of_diff, of_render)
            ));
        }
    }
    Ok(())
}
