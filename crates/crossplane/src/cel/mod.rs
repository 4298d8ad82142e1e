//! CEL, the language of `x-kubernetes-validations`: the text of a rule in, a value or a failure in upstream's words out.
//!
//! Our own engine and not the crate `cel`: rules are checked against the types that schemas give before they run, data stays
//! untyped until a rule reads it, costs are counted as the API server counts them, and the messages are those of cel-go; that crate
//! has none of these. Patterns are RE2's (`plimsoll_gotemplate::regex`).
//!
//! Upstream: cel-go v0.26 and k8s.io/apiserver `pkg/cel` v0.35, with the libraries of Kubernetes 1.34. Not here: making
//! messages of types. The words of syntax errors are our own.

mod checker;
mod declarations;
mod error;
mod escaping;
mod evaluator;
mod expression;
mod functions;
mod health_query;
mod lexer;
mod literals;
mod parser;
mod types;
mod value;

pub(crate) use error::Failure;
pub(crate) use health_query::{HealthQuery, QueryError};
pub(crate) use types::{Type, is_embedded};
pub(crate) use value::Value;

use evaluator::Evaluator;
use expression::Expression;

/// An expression that was checked.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    expression: Expression,
    /// Whether it asks for the value that a field had before.
    pub(crate) uses_old_self: bool,
}

/// What an expression must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A rule.
    Bool,
    /// A message.
    String,
}

impl Program {
    /// Parses and checks an expression over variables; the error is what the compiler of upstream says.
    pub(crate) fn compile<'s>(
        source: &str,
        variables: Vec<(String, Type<'s>)>,
        wanted: Wanted,
    ) -> Result<Program, String> {
        let failed = |problems: &[(usize, String)]| {
            let told: Vec<String> = problems.iter().map(|(at, told)| pointed(source, *at, told)).collect();
            format!("compilation failed: {}", told.join("\n"))
        };
        let expression = parser::parse(source).map_err(|problem| failed(&[problem]))?;
        let mut checked = checker::check(&expression, variables);
        if !checked.problems.is_empty() {
            checked.problems.sort_by_key(|(at, _)| *at);
            return Err(failed(&checked.problems));
        }
        match (wanted, checked.result) {
            (Wanted::Bool, Type::Bool) | (Wanted::String, Type::String) => {}
            (Wanted::Bool, _) => return Err("cel expression must evaluate to a bool".to_owned()),
            (Wanted::String, _) => return Err("messageExpression must evaluate to a string".to_owned()),
        }
        if let Some(failure) = literals::failing_conversion(&expression) {
            return Err(format!("program instantiation failed: {failure}"));
        }
        Ok(Program { expression, uses_old_self: checked.uses_old_self })
    }

    /// Evaluates the expression and tells what that cost.
    pub(crate) fn evaluate<'d>(
        &self,
        variables: Vec<(String, Value<'d>)>,
        limit: u64,
    ) -> (Result<Value<'d>, Failure>, u64) {
        let mut evaluator = Evaluator::new(variables, limit);
        let result = evaluator.evaluate(&self.expression);
        (result, evaluator.cost())
    }
}

/// A problem with the line that it is on and a mark below its place.
fn pointed(source: &str, at: usize, told: &str) -> String {
    let before = source.get(..at).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line_number = before.matches('\n').count() + 1;
    let line = source[line_start..].lines().next().unwrap_or_default().replace('\t', " ");
    let column = before[line_start..].chars().count();
    let mark = |character: char, narrow: char, wide: char| if character.is_ascii() { narrow } else { wide };
    let mut marks: String = line.chars().take(column).map(|character| mark(character, '.', '．')).collect();
    marks.push(mark(line.chars().nth(column).unwrap_or(' '), '^', '＾'));
    format!("ERROR: <input>:{line_number}:{}: {told}\n | {line}\n | {marks}", column + 1)
}

/// Runs a step of a walk down an expression, on a new piece of stack where little is left: expressions are bounded in depth, but
/// the stack of a worker thread is small.
fn deeper<R>(step: impl FnOnce() -> R) -> R {
    const LEFT: usize = 128 * 1024;
    const PIECE: usize = 2 * 1024 * 1024;
    stacker::maybe_grow(LEFT, PIECE, step)
}
