//! Templates that were parsed before. One Composition composes many resources, and parsing takes longer than most templates run.

use std::cell::RefCell;

use plimsoll_gotemplate::{Delimiters, Error, Templates};

use super::functions;

/// The name that the function gives a template.
pub(super) const NAME: &str = "manifests";

/// So many texts are kept; then all are forgotten, since a template out of the environment may be another each time.
const MOST_TEXTS: usize = 64;

/// A text with its own marks around actions, if it has any.
struct Parsed {
    text: String,
    delimiters: Option<(String, String)>,
    templates: Templates,
}

thread_local! {
    /// Only functions.
    static EMPTY: Templates = Templates::new(functions::all());
    static PARSED: RefCell<Vec<Parsed>> = RefCell::default();
}

/// Parses a text, with other marks around actions where both are given.
pub(super) fn parse(text: &str, delimiters: (Option<&str>, Option<&str>)) -> Result<Templates, Error> {
    let delimiters = match delimiters {
        (Some(left), Some(right)) => Some((left, right)),
        _ => None,
    };
    let is_it = |parsed: &&Parsed| {
        let own = parsed.delimiters.as_ref().map(|(left, right)| (left.as_str(), right.as_str()));
        own == delimiters && parsed.text == text
    };
    let found = PARSED.with_borrow(|parsed| Some(parsed.iter().find(is_it)?.templates.clone()));
    if let Some(templates) = found {
        return Ok(templates);
    }
    let delimiters = delimiters.map(|(left, right)| (left.to_owned(), right.to_owned()));
    let mut templates = EMPTY.with(Clone::clone);
    if let Some((left, right)) = delimiters.clone() {
        templates = templates.with_delimiters(Delimiters { left, right });
    }
    templates.parse(NAME, text)?;
    PARSED.with_borrow_mut(|parsed| {
        if parsed.len() >= MOST_TEXTS {
            parsed.clear();
        }
        parsed.push(Parsed { text: text.to_owned(), delimiters, templates: templates.clone() });
    });
    Ok(templates)
}
