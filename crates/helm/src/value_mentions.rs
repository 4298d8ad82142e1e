//! Which values the templates of a chart ask for, as paths from `.Values`.
//!
//! Reads the text of templates, not their meaning: chains through `.Values`, with the literal keys that `index`, `get`, `hasKey`,
//! `dig` and `pluck` add. A chain whose value is handed on as a whole (to `toYaml`, `range`, `include`, a variable) mentions
//! everything below it. What cannot be told this way counts as mentioned, so that no value that has an effect is called unknown.

use std::collections::BTreeMap;

use serde_json::Value;

/// The values that templates ask for, as a tree of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// The keys that are asked for.
    pub(crate) below: BTreeMap<String, Mentions>,
    /// Whether the value is handed on as a whole.
    pub(crate) is_whole: bool,
}

/// Functions whose literal arguments are keys of the value that follows or precedes them.
const KEY_FUNCTIONS: [&str; 6] = ["index", "get", "hasKey", "pluck", "dig", "unset"];

impl Mentions {
    /// Adds what texts among values ask for: charts hand many of them to `tpl`.
    pub(crate) fn add_values(&mut self, value: &Value) {
        match value {
            Value::String(text) if text.contains("{{") => self.add_template(text),
            Value::Array(items) => items.iter().for_each(|item| self.add_values(item)),
            Value::Object(entries) => entries.values().for_each(|value| self.add_values(value)),
            _ => {}
        }
    }

    /// Adds what a template asks for.
    pub(crate) fn add_template(&mut self, text: &str) {
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let after = rest.get(start + 2..).unwrap_or_default();
            // Strings may hold braces; an action that is cut short by them mentions what stands before.
            let end = after.find("}}").unwrap_or(after.len());
            let (action, next) = after.split_at(end);
            if !action.trim_start_matches('-').trim_start().starts_with("/*") {
                self.add_action(action);
            }
            rest = next;
        }
    }

    /// Adds a path that something else than a template asks for, such as a condition.
    pub(crate) fn add_path(&mut self, path: &str) {
        self.at(path.split('.').filter(|key| !key.is_empty()).map(str::to_owned));
    }

    /// Adds everything that other templates ask for.
    pub(crate) fn extend(&mut self, other: &Mentions) {
        self.is_whole |= other.is_whole;
        for (key, below) in &other.below {
            self.below.entry(key.clone()).or_default().extend(below);
        }
    }

    /// The tree at a path, made where it is not there.
    fn at(&mut self, path: impl Iterator<Item = String>) -> &mut Mentions {
        path.fold(self, |mentions, key| mentions.below.entry(key).or_default())
    }

    fn add_action(&mut self, action: &str) {
        let tokens = tokens(action);
        let is_condition = matches!(
            tokens.iter().find_map(|token| match token {
                Token::Word(word) if *word != "else" => Some(*word),
                _ => None,
            }),
            Some("if")
        );
        for (position, token) in tokens.iter().enumerate() {
            let Token::Chain(chain) = token else { continue };
            let Some((_, path)) = chain.split_once("Values") else { continue };
            let mut path: Vec<String> =
                path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
            let function = function_before(&tokens, position);
            let mut is_whole = !is_condition;
            if function.is_some_and(|function| KEY_FUNCTIONS.contains(&function)) {
                let keys = keys_around(&tokens, position);
                is_whole = !keys.are_all_literal;
                path.extend(keys.literals);
            }
            self.at(path.into_iter()).is_whole |= is_whole;
        }
    }
}

/// A part of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    /// A name of a function or a keyword.
    Word(&'a str),
    /// Fields behind dots, perhaps of a variable: `.Values.a`, `$.Values.a`.
    Chain(&'a str),
    /// The contents of a string.
    Literal(&'a str),
    /// Anything else: a parenthesis, a pipe, a number.
    Other(char),
}

fn tokens(action: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = action;
    while let Some(first) = rest.chars().next() {
        let is_name = |character: char| character.is_alphanumeric() || character == '_';
        let (token, length) = match first {
            '"' | '`' | '\'' => {
                let inner = rest.get(1..).unwrap_or_default();
                let end = string_end(inner, first);
                (Some(Token::Literal(inner.get(..end).unwrap_or_default())), end + 2)
            }
            '.' | '$' => {
                let end = rest.find(|character| !is_name(character) && character != '.' && character != '$');
                let end = end.unwrap_or(rest.len());
                (Some(Token::Chain(rest.get(..end).unwrap_or_default())), end)
            }
            _ if is_name(first) => {
                let end = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
                (Some(Token::Word(rest.get(..end).unwrap_or_default())), end)
            }
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ => (Some(Token::Other(first)), first.len_utf8()),
        };
        tokens.extend(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

/// Where a string ends that began with this quote.
fn string_end(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' && quote != '`' {
            is_escaped = true;
        } else if character == quote {
            return at;
        }
    }
    text.len()
}

/// The function that a chain is an argument of.
fn function_before<'a>(tokens: &[Token<'a>], position: usize) -> Option<&'a str> {
    tokens.iter().take(position).rev().find_map(|token| match token {
        Token::Word(word) => Some(Some(*word)),
        Token::Other('(' | '|' | '=') => Some(None),
        _ => None,
    })?
}

/// The keys among the arguments of a function.
struct Keys {
    literals: Vec<String>,
    /// Whether no key is calculated: `index .Values "a" $key` may ask for any key of `a`.
    are_all_literal: bool,
}

/// The keys that stand beside a chain among the arguments of one function.
fn keys_around(tokens: &[Token<'_>], position: usize) -> Keys {
    let literal = |token: &Token<'_>| match token {
        Token::Literal(text) => Some((*text).to_owned()),
        _ => None,
    };
    let before = tokens.iter().take(position).rev().map_while(literal);
    let mut before: Vec<String> = before.collect();
    before.reverse();
    // The last literal before the value of `dig` is its default.
    before.pop();
    let after: Vec<String> = tokens.iter().skip(position + 1).map_while(literal).collect();
    let is_calculated = matches!(
        tokens.get(position + 1 + after.len()),
        Some(Token::Chain(_) | Token::Word(_) | Token::Other('('))
    );
    let literals: Vec<String> = before.into_iter().chain(after).collect();
    Keys { are_all_literal: !is_calculated && !literals.is_empty(), literals }
}

#[cfg(test)]
mod tests {
    use super::Mentions;

    fn mentions(text: &str) -> Vec<String> {
        fn collect(mentions: &Mentions, path: &str, found: &mut Vec<String>) {
            if mentions.is_whole {
                found.push(format!("{path}*"));
            } else if mentions.below.is_empty() {
                found.push(path.to_owned());
            }
            for (key, below) in &mentions.below {
                collect(below, &format!("{path}.{key}"), found);
            }
        }
        let mut mentions = Mentions::default();
        mentions.add_template(text);
        let mut found = Vec::new();
        collect(&mentions, "", &mut found);
        found
    }

    #[test]
    fn values_are_mentioned_by_chains_and_literal_keys() {
        assert_eq!(mentions("{{ .Values.a.b }} {{- if $.Values.c }}"), [".a.b*", ".c"]);
        assert_eq!(
            mentions("{{ hasKey .Values.a \"b\" }}{{ index .Values \"x-y\" \"z\" }}"),
            [".a.b", ".x-y.z"]
        );
        assert_eq!(mentions("{{ dig \"b\" \"c\" \"default\" .Values.a }}"), [".a.b.c"]);
        assert_eq!(mentions("{{ index .Values $name }}"), ["*"]);
        assert_eq!(mentions("{{ with index .Values \"a\" $name }}"), [".a*"]);
        assert_eq!(mentions("{{/* .Values.a */}} {{ printf \"%s\" .context.Values.b | quote }}"), [".b*"]);
        assert_eq!(mentions("{{ $values := .Values }}"), ["*"]);
        assert_eq!(mentions("{{ \"unfinished .Values.a"), [""]);
    }
}
