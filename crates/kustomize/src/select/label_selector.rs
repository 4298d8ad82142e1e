//! Label queries as the API machinery of Kubernetes reads them: `a=b, c!=d, e in (f,g), !h, i > 5`.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};

/// Requirements that all have to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Exists,
    Absent,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}

impl LabelSelector {
    /// Reads a query; an empty one matches everything.
    pub(crate) fn parse(query: &str) -> Result<LabelSelector> {
        let mut parser = Parser { tokens: tokenize(query), position: 0 };
        let mut requirements = parser.requirements()?;
        requirements.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(LabelSelector { requirements })
    }

    /// Whether the labels fulfil every requirement.
    pub(crate) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels.get(&requirement.key)))
    }
}

impl Requirement {
    fn matches(&self, value: Option<&String>) -> bool {
        match (self.operator, value) {
            (Operator::Exists, value) => value.is_some(),
            (Operator::Absent, value) => value.is_none(),
            (Operator::In, value) => value.is_some_and(|value| self.values.contains(value)),
            (Operator::NotIn, value) => value.is_none_or(|value| !self.values.contains(value)),
            (Operator::GreaterThan | Operator::LessThan, None) => false,
            (operator, Some(value)) => {
                let Ok(value) = value.parse::<i64>() else { return false };
                self.values.iter().filter_map(|bound| bound.parse::<i64>().ok()).any(|bound| match operator {
                    Operator::GreaterThan => value > bound,
                    _ => value < bound,
                })
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Symbol(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(word) => word,
            Token::Symbol(symbol) => symbol,
        }
    }
}

fn tokenize(query: &str) -> Vec<Token> {
    let is_special = |character: char| "=!(),><".contains(character);
    let mut tokens = Vec::new();
    let mut rest = query.trim_start_matches([' ', '\t', '\r', '\n']);
    while let Some(first) = rest.chars().next() {
        let symbol = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"]
            .into_iter()
            .find(|symbol| rest.starts_with(symbol));
        let length = match symbol {
            Some(symbol) => {
                tokens.push(Token::Symbol(symbol));
                symbol.len()
            }
            None => {
                let end = rest.find(|character| is_special(character) || character.is_ascii_whitespace());
                let length = end.unwrap_or(rest.len()).max(first.len_utf8());
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start_matches([' ', '\t', '\r', '\n']);
    }
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.position)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.position).cloned();
        self.position += 1;
        token
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                None => return Ok(requirements),
                Some(Token::Word(_) | Token::Symbol("!")) => {
                    let requirement =
                        self.requirement().map_err(|error| error.wrap("unable to parse requirement"))?;
                    requirements.push(requirement);
                    match self.next() {
                        None => return Ok(requirements),
                        Some(Token::Symbol(",")) => match self.peek() {
                            Some(Token::Word(_) | Token::Symbol("!")) => {}
                            other => {
                                let found = text_of(other);
                                return Err(Error::new(format!(
                                    "found '{found}', expected: identifier after ','"
                                )));
                            }
                        },
                        Some(other) => {
                            return Err(Error::new(format!(
                                "found '{}', expected: ',' or 'end of string'",
                                other.text()
                            )));
                        }
                    }
                }
                Some(other) => {
                    return Err(Error::new(format!(
                        "found '{}', expected: !, identifier, or 'end of string'",
                        other.text()
                    )));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement> {
        let negated = self.peek() == Some(&Token::Symbol("!"));
        if negated {
            self.next();
        }
        let key = match self.next() {
            Some(Token::Word(word)) => word,
            other => {
                return Err(Error::new(format!("found '{}', expected: identifier", text_of(other.as_ref()))));
            }
        };
        validate_key(&key)?;
        if negated || matches!(self.peek(), None | Some(Token::Symbol(","))) {
            let operator = if negated { Operator::Absent } else { Operator::Exists };
            return Ok(Requirement { key, operator, values: BTreeSet::new() });
        }
        let operator = self.operator()?;
        let values = match operator {
            Ok(set_operator) => {
                let values = self.values()?;
                return Ok(Requirement { key, operator: set_operator, values });
            }
            Err(operator) => (operator, BTreeSet::from([self.exact_value()])),
        };
        let (operator, values) = values;
        if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
            if let Some(value) = values.iter().find(|value| value.parse::<i64>().is_err()) {
                return Err(Error::new(format!(
                    "values[0]: Invalid value: {value:?}: for 'Gt', 'Lt' operators, the value must be an integer"
                )));
            }
        } else if let Some(value) = values.iter().find(|value| !is_label_value(value)) {
            return Err(Error::new(format!(
                "values[0][{key}]: Invalid value: {value:?}: {LABEL_VALUE_RULE}"
            )));
        }
        Ok(Requirement { key, operator, values })
    }

    /// `Ok` is an operator that takes a set, `Err` one that takes a value.
    fn operator(&mut self) -> Result<std::result::Result<Operator, Operator>> {
        match self.next() {
            Some(Token::Symbol("=" | "==")) => Ok(Err(Operator::In)),
            Some(Token::Symbol("!=")) => Ok(Err(Operator::NotIn)),
            Some(Token::Symbol(">")) => Ok(Err(Operator::GreaterThan)),
            Some(Token::Symbol("<")) => Ok(Err(Operator::LessThan)),
            Some(Token::Word(word)) if word == "in" => Ok(Ok(Operator::In)),
            Some(Token::Word(word)) if word == "notin" => Ok(Ok(Operator::NotIn)),
            other => Err(Error::new(format!(
                "found '{}', expected: in, notin, =, ==, !=, gt, lt",
                text_of(other.as_ref())
            ))),
        }
    }

    fn values(&mut self) -> Result<BTreeSet<String>> {
        match self.next() {
            Some(Token::Symbol("(")) => {}
            other => return Err(Error::new(format!("found '{}' expected: '('", text_of(other.as_ref())))),
        }
        let mut values = BTreeSet::new();
        loop {
            match self.next() {
                Some(Token::Word(word)) => {
                    values.insert(word);
                    match self.peek() {
                        Some(Token::Symbol(",")) => {
                            self.next();
                            if self.peek() == Some(&Token::Symbol(")")) {
                                values.insert(String::new());
                            }
                        }
                        Some(Token::Symbol(")")) => {}
                        other => {
                            return Err(Error::new(format!(
                                "found '{}', expected: ',' or ')'",
                                text_of(other)
                            )));
                        }
                    }
                }
                Some(Token::Symbol(",")) => {
                    values.insert(String::new());
                }
                Some(Token::Symbol(")")) => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    return Ok(values);
                }
                other => {
                    return Err(Error::new(format!(
                        "found '{}', expected: ',', or identifier",
                        text_of(other.as_ref())
                    )));
                }
            }
        }
    }

    fn exact_value(&mut self) -> String {
        match self.peek() {
            Some(Token::Word(_)) => self.next().map(|token| token.text().to_owned()).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

fn text_of(token: Option<&Token>) -> &str {
    token.map_or("", Token::text)
}

const LABEL_VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

fn is_label_value(value: &str) -> bool {
    value.is_empty() || (value.len() <= 63 && is_name(value))
}

fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    edge(name.as_bytes().first()) && edge(name.as_bytes().last()) && name.bytes().all(inner)
}

fn validate_key(key: &str) -> Result<()> {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let prefix_fits = prefix.is_none_or(|prefix| {
        !prefix.is_empty()
            && prefix.len() <= 253
            && prefix.split('.').all(|part| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                    && !part.starts_with('-')
                    && !part.ends_with('-')
            })
    });
    if prefix_fits && name.len() <= 63 && is_name(name) {
        return Ok(());
    }
    Err(Error::new(format!(
        "key: Invalid value: {key:?}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    )))
}
