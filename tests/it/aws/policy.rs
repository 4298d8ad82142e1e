//! `check --print-policy`: what it prints is enough, since a check asks for nothing else.

use serde_json::Value;

use super::{account, recorder, steps};
use crate::support::{Run, TemporaryRepository, expected};

#[test]
fn a_check_makes_no_call_outside_the_policy_that_is_printed() {
    let Some(mut account) = account() else { return };
    let corpus = expected::package().join("tests/corpus/drift-aws");
    account.empty();
    account.take(&steps(&corpus.join("account.yaml")));
    let recorder = recorder::start(account.port(), |_| true);
    let repository = TemporaryRepository::with(&corpus.join("repository"));
    let policy = repository.run(&["check", "--env", "lab", "--who", "--print-policy", "--only", "aws"]);
    assert_eq!((policy.status, policy.stderr.as_str()), (0, ""), "{policy}");
    let policy: Value = serde_json::from_str(&policy.stdout).expect("a policy is JSON");
    let mut command = repository.command();
    account.show_to(&mut command);
    command.env("AWS_ENDPOINT_URL", recorder.address());
    let run = Run::of_command(command.args(["check", "--env", "lab", "--who", "--only", "aws"]));
    assert_eq!(run.status, 0, "{run}");
    let mut asked: Vec<recorder::Asked> = recorder.received().iter().map(recorder::name_of).collect();
    asked.sort();
    asked.dedup();
    let outside: Vec<_> = asked.iter().filter(|asked| !allows(&policy, asked)).collect();
    assert!(outside.is_empty(), "not allowed: {outside:#?} by {policy:#}");
    assert!(asked.len() > 20, "the check asked for {asked:#?}");
    assert_eq!(asked.iter().filter(|asked| asked.operation == "GetCallerIdentity").count(), 1);
}

fn allows(policy: &Value, asked: &recorder::Asked) -> bool {
    let action = plimsoll_aws::service::iam_action(&asked.service, &asked.operation);
    let holds = |statement: &Value| {
        let actions = statement["Action"].as_array().expect("actions are a list");
        let resources = match &statement["Resource"] {
            Value::Array(arns) => arns.clone(),
            one => vec![one.clone()],
        };
        let is_about = |arn: &Value| {
            let arn = arn.as_str().unwrap_or_default();
            arn == "*" || arn.ends_with(&format!(":::{}", asked.bucket))
        };
        actions.iter().any(|own| *own == action) && resources.iter().any(is_about)
    };
    action.is_empty() || policy["Statement"].as_array().expect("statements").iter().any(holds)
}

#[test]
fn the_policy_of_an_environment_is_printed() {
    let corpus = expected::package().join("tests/corpus/drift-aws");
    let repository = TemporaryRepository::with(&corpus.join("repository"));
    let wrong = |name: &str, arguments: &[&str]| {
        let all = [&["check", "--env", "lab", "--print-policy"], arguments].concat();
        expected::compare(&corpus.join(name), &repository.run(&all).to_string())
    };
    let reports = "json=s3://reports/lab?sse=aws:kms&kmsKeyId=alias/reports";
    let wrong: Vec<String> =
        [wrong("policy.txt", &["--only", "aws"]), wrong("policy-of-all.txt", &["--who", "-o", reports])]
            .into_iter()
            .flatten()
            .collect();
    expected::assert_none(&wrong);
}
