//! Failures of templates in the words and layouts of Helm 3.21.4 and 4.2.4, with the structure kept beside them.

use plimsoll_gotemplate::{Error as TemplateError, Profile};

use crate::error::{Detail, Error, ErrorKind, Frame};

/// A template that does not parse.
pub(crate) fn of_parsing(path: &str, error: &TemplateError) -> Error {
    let text = error.to_string();
    let parts: Vec<&str> = text.split(": ").collect();
    let message = match parts.as_slice() {
        [_, location, .., last] => format!("parse error at ({location}): {last}"),
        [_, location] => format!("parse error at ({location}): {location}"),
        _ => format!("parse error in ({path}): {text}"),
    };
    let mut detail = Detail { reason: text.clone(), ..Detail::default() };
    if let TemplateError::Parse(error) = error {
        detail.reason.clone_from(&error.message);
        detail.chain.push(Frame {
            location: plimsoll_gotemplate::Location {
                template: error.template.clone(),
                line: error.line,
                column: 0,
            },
            template: error.template.to_string(),
            expression: String::new(),
        });
    }
    Error::new(ErrorKind::Parse, message).with_detail(detail)
}

/// A template that failed.
pub(crate) fn of_execution(path: &str, error: &TemplateError, profile: Profile) -> Error {
    if let TemplateError::Limit(limit) = error.root_cause() {
        return Error::limit(format!("rendering {path}: {limit}"));
    }
    let text = error.to_string();
    let message = if matches!(error, TemplateError::Execution(_)) {
        refusal(&text).unwrap_or_else(|| match profile {
            Profile::V3 => text.clone(),
            Profile::V4 => chain_in_lines(error).unwrap_or_else(|| text.clone()),
        })
    } else {
        text.clone()
    };
    Error::new(ErrorKind::Execution, message).with_detail(detail(error))
}

fn detail(error: &TemplateError) -> Detail {
    let mut detail = Detail::default();
    let mut at = Some(error);
    while let Some(current) = at {
        if let TemplateError::Execution(execution) = current {
            if let Some(location) = &execution.location {
                detail.chain.push(Frame {
                    location: location.clone(),
                    template: execution.template.to_string(),
                    expression: execution.node.clone(),
                });
            }
            if execution.cause.is_none() {
                detail.reason = execution.message.to_text().into_owned();
            }
        } else if current.cause().is_none() {
            detail.reason = match current {
                TemplateError::Refused(text) => text.to_text().into_owned(),
                other => other.to_string(),
            };
        }
        at = current.cause();
    }
    detail
}

/// The message of `fail` or `required` with the place of the outermost template, if one of them ended it.
fn refusal(text: &str) -> Option<String> {
    let mut parts = text.splitn(3, ": ");
    let (_, location, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, after) = rest.split_once("HELM_ERR_START")?;
    let (message, _) = after.rsplit_once("HELM_ERR_END")?;
    Some(format!("execution error at ({location}): {message}"))
}

/// One link of a chain of failures, as Helm 4 lays it out.
#[derive(PartialEq, Eq)]
struct Link {
    location: String,
    function: String,
    message: String,
}

/// Helm 4's layout, a few lines for every link; `None` where a link is no failure of a template, and Helm leaves the text
/// as it is.
fn chain_in_lines(error: &TemplateError) -> Option<String> {
    let mut links: Vec<Link> = Vec::new();
    let mut at = Some(error);
    while let Some(current) = at {
        let link = link(&current.to_string())?;
        if links.last() != Some(&link) {
            links.push(link);
        }
        at = current.cause();
    }
    let mut text = String::new();
    for link in &links {
        let parts = [(&link.location, "\n  "), (&link.function, "\n    "), (&link.message, "\n")];
        for (part, end) in parts {
            if !part.is_empty() {
                text.push_str(part);
                text.push_str(end);
            }
        }
    }
    Some(text.trim().to_owned())
}

fn link(text: &str) -> Option<Link> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(Link { location: String::new(), function: String::new(), message: text.to_owned() });
    }
    executing(rest).or_else(|| {
        let (location, message) = rest.rsplit_once(": ")?;
        let message = up_to_next(message);
        Some(Link { location: location.to_owned(), function: String::new(), message: message.to_owned() })
    })
}

/// `LOCATION: executing "NAME" at <NODE>: MESSAGE`
fn executing(text: &str) -> Option<Link> {
    let (location, after) = text.split_once(": executing ")?;
    let (name, after) = after.strip_prefix('"')?.split_once('"')?;
    let (node, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
    Some(Link {
        location: location.to_owned(),
        function: format!("executing \"{name}\" at <{node}>:"),
        message: up_to_next(message).to_owned(),
    })
}

fn up_to_next(message: &str) -> &str {
    message.split(" template:").next().unwrap_or(message)
}
