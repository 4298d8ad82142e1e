//! Answers of services that speak JSON, as values: what they say, or why they refuse.
//!
//! An answer that is no JSON object, such as a load balancer's page with status 200, is no answer.

use serde_json::Value;

use super::failure::{CallFailure, Cause};
use super::transport::RawAnswer;

/// Reads an answer that must be an object with this member.
pub(super) fn member(answer: &RawAnswer, name: &str) -> Result<Value, CallFailure> {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    if !(200..300).contains(&answer.status) {
        return Err(refusal(answer, body.as_ref()));
    }
    body.as_ref()
        .and_then(|body| body.get(name))
        .cloned()
        .ok_or_else(|| CallFailure::new(Cause::Malformed, format!("the answer holds no `{name}`")))
}

/// The code is in a header or in the body, with a namespace before it or a link behind it.
fn refusal(answer: &RawAnswer, body: Option<&Value>) -> CallFailure {
    let in_body = |name: &str| body.and_then(|body| body.get(name)).and_then(Value::as_str);
    let code = answer.header("x-amzn-errortype").or_else(|| in_body("__type")).or_else(|| in_body("code"));
    let code = code.map(|code| code.split(':').next().unwrap_or(code));
    let code = code.map(|code| code.rsplit('#').next().unwrap_or(code));
    let code = code.map_or_else(|| format!("HTTP {}", answer.status), str::to_owned);
    let message = in_body("message").or_else(|| in_body("Message")).unwrap_or_default();
    CallFailure::new(Cause::Service(code), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> RawAnswer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        RawAnswer { status, headers: headers.collect(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_member_is_what_the_answer_holds() {
        let cluster = member(&answer(200, &[], r#"{"cluster": {"name": "dev"}}"#), "cluster");
        assert_eq!(cluster.expect("it is there")["name"], "dev");
    }

    #[test]
    fn a_refusal_has_the_code_of_the_header_or_the_body() {
        let headers = [("x-amzn-errortype", "AccessDeniedException:http://internal.amazon.com/")];
        let failure = member(&answer(403, &headers, r#"{"message": "no"}"#), "cluster").expect_err("refused");
        assert_eq!(failure.to_string(), "AccessDeniedException: no");
        let body = r#"{"__type": "com.amazon.coral#ThrottlingException", "Message": "slow"}"#;
        let failure = member(&answer(400, &[], body), "cluster").expect_err("refused");
        assert_eq!(failure.to_string(), "ThrottlingException: slow");
        let failure = member(&answer(502, &[], "<html></html>"), "cluster").expect_err("refused");
        assert_eq!(failure.to_string(), "HTTP 502");
    }

    #[test]
    fn a_page_or_a_half_answer_is_malformed() {
        for body in ["<html></html>", r#"{"cluster": {"na"#, "", "{}"] {
            let failure = member(&answer(200, &[], body), "cluster").expect_err("no answer");
            assert_eq!(failure.to_string(), "MalformedAnswer: the answer holds no `cluster`");
        }
    }
}
