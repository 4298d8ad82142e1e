//! `cargo xtask test`: the tests of every crate, then the corpora where there are any.

use std::path::PathBuf;

use anyhow::Result;

use crate::outcome::{Outcome, say};
use crate::peers::Parts;
use crate::provision::Provisioned;
use crate::{cargo, conformance, peers, properties, provision};

/// Arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail when a real program or a tool that some test needs cannot be had, instead of skipping that test.
    #[arg(long)]
    require_peers: bool,
    /// Folder with recorded cases of the real programs; the tests of this repository do not need it.
    #[arg(long, env = "PLIMSOLL_SHARED")]
    corpus: Option<PathBuf>,
    #[command(flatten)]
    parts: Parts,
}

/// Runs everything and prints one closing line.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut tests = cargo::command(&["test", "--workspace", "--no-fail-fast", "--", "--show-output"]);
    let peers = peers::all()?;
    arguments.parts.verify(&peers)?;
    for peer in peers {
        if let Some(part) = arguments.parts.leave_out(&peer) {
            say(&format!("left out: what runs {} {}; `--with {part}` runs it", peer.name, peer.version));
            // Empty and not unset, so that its tests can tell that this is meant and not a lack.
            tests.env(peer.variable(), "");
            continue;
        }
        match provision::provision(&peer)? {
            Provisioned::Ready(path) => {
                tests.env(peer.variable(), path);
            }
            Provisioned::Unavailable(why) => {
                say(&format!("skipped: what is compared with {} {}: {why}", peer.name, peer.version));
                outcome.add(Outcome::SKIPPED);
            }
        }
    }
    match &arguments.corpus {
        Some(corpus) => {
            // Tests run in the folders of their crates, so a relative path would lead nowhere.
            tests.env("PLIMSOLL_SHARED", std::fs::canonicalize(corpus)?);
        }
        None => {
            tests.env_remove("PLIMSOLL_SHARED");
        }
    }
    outcome.add(cargo::run_tests(tests)?);
    outcome.add(properties::compare(1, properties::CASES_OF_TESTS, properties::Compared::Bytes)?);
    if let Some(corpus) = &arguments.corpus {
        outcome.add(conformance::run_all(corpus)?);
    }
    if arguments.require_peers && outcome.skipped > 0 {
        say(&format!("error: {} part(s) were skipped, and --require-peers was given", outcome.skipped));
        outcome.add(Outcome::FAILED);
    }
    say(&outcome.to_string());
    Ok(outcome)
}
