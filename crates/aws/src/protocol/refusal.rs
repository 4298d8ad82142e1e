//! The errors of AWS's services: their code and words, from wherever a protocol puts them.

use roxmltree::Document;
use serde_json::Value;

use super::answer::{AnswerError, Response, child};
use crate::service::Protocol;

/// What an answer with an error status says.
pub(super) fn of(protocol: Protocol, response: &Response<'_>) -> AnswerError {
    let said = match protocol {
        Protocol::Json | Protocol::RestJson => of_json(response),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => of_xml(response),
    };
    match said {
        Some((code, message)) => AnswerError::Service { code, message, status: response.status },
        None => AnswerError::Malformed(format!("no error document with status {}", response.status)),
    }
}

/// The code without the namespace before `#` and the address after `:`.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).to_owned()
}

fn of_json(response: &Response<'_>) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(response.body).ok().unwrap_or_default();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let code = response.header("x-amzn-errortype").map(str::to_owned);
    let code = code.or_else(|| text("__type")).or_else(|| text("code"))?;
    Some((bare(&code), text("message").or_else(|| text("Message")).unwrap_or_default()))
}

fn of_xml(response: &Response<'_>) -> Option<(String, String)> {
    let text = std::str::from_utf8(response.body).ok()?;
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    // `<Error>` itself, in `<ErrorResponse>`, or in `<Response><Errors>`.
    let error = match root.tag_name().name() {
        "Error" => root,
        "ErrorResponse" => child(root, "Error")?,
        "Response" => child(child(root, "Errors")?, "Error")?,
        _ => return None,
    };
    let word = |name| child(error, name).and_then(|node| node.text()).unwrap_or_default().trim().to_owned();
    let code = word("Code");
    (!code.is_empty()).then(|| (code, word("Message")))
}
