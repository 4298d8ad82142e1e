//! The library of formats: names of Kubernetes and a few formats of strings, which tell what is wrong with a text.
//!
//! Follows k8s.io/apiserver v0.35 `pkg/cel/library/format.go` and k8s.io/apimachinery `pkg/util/validation`; what the names must
//! look like is data, `data/cel_formats.tsv`. What is wrong with a URI is told less exactly than Go's `net/url` tells it.

use plimsoll_gotemplate::quote::quote;
use plimsoll_gotemplate::regex::Regex;

use super::super::value::Value;
use super::Outcome;
use crate::schema::{is_of_format, is_request_uri};

/// A format, by the name of the function that gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format(&'static str);

/// Formats of strings, with the size that their cost counts with and what is told.
const OF_STRINGS: [(&str, u64, &str); 5] = [
    ("uri", 2400, ""),
    ("uuid", 84, "does not match the UUID format"),
    ("byte", 88, "invalid base64"),
    ("date", 96, "invalid date"),
    ("datetime", 96, "invalid datetime"),
];

/// Names whose last characters are still to come.
const PREFIXES: [(&str, &str); 3] = [
    ("dns1123LabelPrefix", "dns1123Label"),
    ("dns1123SubdomainPrefix", "dns1123Subdomain"),
    ("dns1035LabelPrefix", "dns1035Label"),
];

const QUALIFIED_NAME: &str = "qualifiedName";

struct NameRule {
    function: &'static str,
    longest: usize,
    pattern: &'static str,
    size: u64,
    told: &'static str,
    examples: &'static str,
}

fn rules() -> impl Iterator<Item = NameRule> {
    let lines = include_str!("../../../data/cel_formats.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut columns = line.split('\t');
        let mut column = || columns.next().unwrap_or_default();
        let (function, _, longest, pattern, size) = (column(), column(), column(), column(), column());
        let (told, examples) = (column(), column());
        let longest = longest.parse().unwrap_or_default();
        NameRule { function, longest, pattern, size: size.parse().unwrap_or_default(), told, examples }
    })
}

impl Format {
    fn named(name: &str) -> Option<Format> {
        let known = rules()
            .map(|rule| rule.function)
            .chain(PREFIXES.iter().map(|(prefix, _)| *prefix))
            .chain(OF_STRINGS.iter().map(|(format, ..)| *format));
        known.into_iter().find(|known| *known == name).map(Format)
    }

    /// The size of the pattern, as costs count it.
    pub(super) fn pattern_size(self) -> u64 {
        let base = PREFIXES.iter().find(|(prefix, _)| *prefix == self.0).map_or(self.0, |(_, base)| base);
        let of_names = rules().find(|rule| rule.function == base).map(|rule| rule.size);
        let of_strings = OF_STRINGS.iter().find(|(format, ..)| *format == base).map(|(_, size, _)| *size);
        of_names.or(of_strings).unwrap_or(1)
    }

    /// What is wrong with a text; nothing where it is of the format.
    fn problems(self, text: &str) -> Vec<String> {
        if let Some((format, _, told)) = OF_STRINGS.iter().find(|(format, ..)| *format == self.0) {
            return match *format {
                "uri" if is_request_uri(text) => Vec::new(),
                "uri" if text.is_empty() => vec!["parse \"\": empty url".to_owned()],
                "uri" => vec![format!("parse {}: invalid URI for request", quote(text.as_bytes()))],
                format if is_of_format(format, text) => Vec::new(),
                _ => vec![(*told).to_owned()],
            };
        }
        if let Some((_, base)) = PREFIXES.iter().find(|(prefix, _)| *prefix == self.0) {
            return name_problems(base, &mask_trailing_dash(text));
        }
        if self.0 == QUALIFIED_NAME { qualified_name_problems(text) } else { name_problems(self.0, text) }
    }
}

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("format.named", [Value::String(name)]) => {
            Ok(Value::Optional(Format::named(name).map(|format| Value::Format(format).into())))
        }
        ("validate", [Value::Format(format), Value::String(text)]) => {
            let problems = format.problems(text);
            Ok(match problems.is_empty() {
                true => Value::Optional(None),
                false => Value::some(Value::list(problems.into_iter().map(Value::string).collect())),
            })
        }
        (name, []) => Ok(Value::Format(Format::named(name.strip_prefix("format.")?)?)),
        _ => return None,
    })
}

fn name_problems(function: &str, text: &str) -> Vec<String> {
    let Some(rule) = rules().find(|rule| rule.function == function) else { return Vec::new() };
    let mut problems = Vec::new();
    if text.len() > rule.longest {
        problems.push(format!("must be no more than {} characters", rule.longest));
    }
    if !matches(rule.pattern, text) {
        let has_dots = function == "dns1123Label"
            && rules().any(|other| other.function == "dns1123Subdomain" && matches(other.pattern, text));
        problems.push(if has_dots { "must not contain dots".to_owned() } else { mismatch(&rule) });
    }
    problems
}

fn qualified_name_problems(text: &str) -> Vec<String> {
    let Some(rule) = rules().find(|rule| rule.function == QUALIFIED_NAME) else { return Vec::new() };
    let parts: Vec<&str> = text.split('/').collect();
    let mut problems = Vec::new();
    let name = match parts.as_slice() {
        [name] => name,
        ["", name] => {
            problems.push("prefix part must be non-empty".to_owned());
            name
        }
        [prefix, name] => {
            let of_prefix = name_problems("dns1123Subdomain", prefix);
            problems.extend(of_prefix.into_iter().map(|problem| format!("prefix part {problem}")));
            name
        }
        _ => {
            let optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a qualified name {} {optional}", mismatch(&rule))];
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > rule.longest {
        problems.push(format!("name part must be no more than {} characters", rule.longest));
    }
    if !matches(rule.pattern, name) {
        problems.push(format!("name part {}", mismatch(&rule)));
    }
    problems
}

/// The text with its last two characters replaced where it ends in a dash, as Kubernetes looks at beginnings of names.
fn mask_trailing_dash(text: &str) -> String {
    match text.strip_suffix('-').and_then(|before| before.char_indices().next_back()) {
        Some((start, _)) => format!("{}a", &text[..start]),
        None => text.to_owned(),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(format!("^{pattern}$").as_bytes()).is_ok_and(|regex| regex.is_match(text.as_bytes()))
}

fn mismatch(rule: &NameRule) -> String {
    let examples: Vec<String> = rule.examples.split('|').map(|example| format!("'{example}', ")).collect();
    let examples = examples.join(" or ");
    format!("{} (e.g. {examples}regex used for validation is '{}')", rule.told, rule.pattern)
}
