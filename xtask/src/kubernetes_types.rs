//! `cargo xtask kubernetes-types`: writes the table of the Go types that Kubernetes' own kinds are decoded into.
//!
//! The types are read by a Go program in `xtask/kubernetes_types`, whose `go.mod` pins the versions.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::outcome::{Outcome, say};

const TABLE: &str = "crates/crossplane/src/built_in/kubernetes_types.tsv";

/// Writes the table.
pub(crate) fn write() -> Result<Outcome> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("go")
        .args(["run", "."])
        .current_dir(folder.join("kubernetes_types"))
        .output()
        .context("go could not be started")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = folder.join("..").join(TABLE);
    let is_same = fs::read(&table).is_ok_and(|before| before == output.stdout);
    fs::write(&table, &output.stdout).with_context(|| TABLE.to_owned())?;
    say(&format!("{TABLE}: {}", if is_same { "unchanged" } else { "written" }));
    Ok(Outcome::default())
}
