//! function-auto-ready v0.7.0: the function and its health checks.

use serde_json::{Value, json};

use super::function_messages::{compare_response, read_request};
use super::{Verdict, compare};
use crate::auto_ready::{CustomChecks, health, run};
use crate::pipeline_state::Fatal;

pub(super) fn replay(test: &str, data: &Value) -> Verdict {
    let checks = match test {
        "TestCELHealthcheckCustomizations" => CustomChecks::Enabled,
        _ => CustomChecks::Disabled,
    };
    match test {
        "TestRunFunction" | "TestCELHealthcheckCustomizations" => {
            let request = &data["args"]["req"]["json"];
            let (observed, mut desired) = read_request(request);
            let outcome = run(&request["input"], &observed, &mut desired, checks);
            let outcome = outcome.map_err(|Fatal(message)| message);
            let mut wanted = data["want"]["rsp"]["json"].clone();
            if wanted["context"].is_null() {
                wanted["context"] = request["context"].clone();
            }
            compare_response(&desired, outcome, &wanted)
        }
        "TestRunFunctionCacheTTL" => {
            // How long a response may be kept decides nothing here; the text must be a duration.
            let (observed, mut desired) = read_request(&json!({}));
            let outcome = run(&data["input"], &observed, &mut desired, checks);
            compare(Ok(outcome.is_ok().into()), &Value::Null, &true.into())
        }
        _ if test.starts_with("TestCheck") => {
            compare(Ok(health::is_healthy(&data["obj"]).into()), &Value::Null, &data["expected"])
        }
        other => Err(format!("nothing replays {other}")),
    }
}
