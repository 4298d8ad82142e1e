//! `check` beside an account: what it says of changes that were made behind a repository's back.
//!
//! The account is moto's, started by each test; without it (`cargo xtask test` brings it) the tests are skipped, and say so.
//! A case of `tests/corpus/drift-aws/cases` is steps in the account beside what the report then says.

pub(crate) mod account;
mod management;
mod outline;
mod patience;
mod policy;
mod recorder;
mod shards;

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
pub(crate) fn account() -> Option<Account> {
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
        wrong.extend(of_snapshot(&account, &repository, &got, &case));
        wrong.extend(expected::compare(&case.with_extension("txt"), &account.name_ids(&got)));
    }
    expected::assert_none(&wrong);
}

/// A check of a snapshot says what a check of the account says, without credentials; the snapshot holds no secret.
fn of_snapshot(
    account: &Account,
    repository: &TemporaryRepository,
    live: &str,
    case: &std::path::Path,
) -> Vec<String> {
    let mut command = repository.command();
    account.show_to(&mut command);
    let taken =
        Run::of_command(command.args(["snapshot", "--env", "lab", "--only", "aws", "--to", "live.json"]));
    let text = std::fs::read_to_string(repository.path().join("live.json")).unwrap_or_default();
    let mut command = repository.command();
    account.show_to(&mut command);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env_remove("AWS_ACCESS_KEY_ID");
    let run = Run::of_command(command.args([
        "check",
        "--env",
        "lab",
        "--only",
        "aws",
        "--from-snapshot",
        "live.json",
        "-o",
        "json",
    ]));
    let got = match serde_json::from_str::<Value>(&run.stdout) {
        Ok(report) => format!("exit {}\n{}", run.status, outline::of(&report)),
        Err(_) => run.to_string(),
    };
    let mut wrong = Vec::new();
    if got != live {
        wrong.push(format!(
            "{}: of the snapshot\n{got}\nof the account\n{live}\ntaken\n{taken}",
            case.display()
        ));
    }
    if text.contains(NEVER) {
        wrong.push(format!("{}: the snapshot shows a secret", case.display()));
    }
    wrong
}
