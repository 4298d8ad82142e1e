//! `check` beside an account: what it says of changes that were made behind a repository's back.
//!
//! The account is moto's, started by each test; without it (`cargo xtask test` brings it) the tests are skipped, and say so.
//! A case of `tests/corpus/drift-aws/cases` is steps in the account beside what the report then says.

mod account;
mod outline;

use std::io::Write;

use account::{Account, Step};
use serde_json::Value;

use crate::support::{Run, TemporaryRepository, expected};

/// What no output may show.
const NEVER: &str = "never-show-this";

fn steps(path: &std::path::Path) -> Vec<Step> {
    let text = std::fs::read_to_string(path).expect("the corpus can be read");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The stand-in, or a notice that the test was skipped.
fn account() -> Option<Account> {
    let account = Account::start();
    if account.is_none() {
        let _ =
            writeln!(std::io::stdout(), "skipped: what is compared with AWS: PLIMSOLL_PEER_MOTO is not set");
    }
    account
}

#[test]
fn a_check_says_what_changed_in_the_account() {
    let Some(mut account) = account() else { return };
    let corpus = expected::package().join("tests/corpus/drift-aws");
    let baseline = steps(&corpus.join("account.yaml"));
    let repository = TemporaryRepository::with(&corpus.join("repository"));
    let mut wrong = Vec::new();
    for case in expected::entries("drift-aws/cases") {
        if case.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        account.empty();
        account.take(&baseline);
        account.take(&steps(&case));
        let mut command = repository.command();
        account.show_to(&mut command);
        let run = Run::of_command(command.args(["check", "--env", "lab", "--only", "aws", "-o", "json"]));
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains(NEVER), "{}: a secret is shown:\n{said}", case.display());
        let got = match serde_json::from_str::<Value>(&run.stdout) {
            Ok(report) => format!("exit {}\n{}", run.status, outline::of(&report)),
            Err(_) => format!("exit {}\n{said}", run.status),
        };
        wrong.extend(expected::compare(&case.with_extension("txt"), &account.name_ids(&got)));
    }
    expected::assert_none(&wrong);
}
