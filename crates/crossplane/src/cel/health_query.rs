//! An expression over one `object` of no known type, as function-auto-ready uses CEL: no schema, no cost limit of Kubernetes'.

use serde_json::Value as Json;

use super::evaluator::Evaluator;
use super::expression::Expression;
use super::{Type, Value, checker, literals, parser, pointed};

/// What one query may cost: the original has no limit, and nothing may run without end.
const LIMIT: u64 = 10_000_000;

/// A query that was checked.
#[derive(Debug, Clone)]
pub(crate) struct HealthQuery(Expression);

/// Why a query says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// What is wrong with its text, as the compiler prints it.
    Compile(String),
    /// It gives something else than true or false.
    NotBool,
    /// It fails on the object.
    Evaluate(String),
}

impl HealthQuery {
    pub(crate) fn compile(source: &str) -> Result<HealthQuery, QueryError> {
        let failed = |problems: &[(usize, String)]| {
            let told: Vec<String> = problems.iter().map(|(at, told)| pointed(source, *at, told)).collect();
            QueryError::Compile(told.join("\n"))
        };
        let expression = parser::parse(source).map_err(|problem| failed(&[problem]))?;
        let mut checked = checker::check(&expression, vec![("object".to_owned(), Type::Dynamic)]);
        if !checked.problems.is_empty() {
            checked.problems.sort_by_key(|(at, _)| *at);
            return Err(failed(&checked.problems));
        }
        if !matches!(checked.result, Type::Bool) {
            return Err(QueryError::NotBool);
        }
        if let Some(failure) = literals::failing_conversion(&expression) {
            return Err(QueryError::Evaluate(failure.to_string()));
        }
        Ok(HealthQuery(expression))
    }

    pub(crate) fn evaluate(&self, object: &Json) -> Result<bool, QueryError> {
        let mut evaluator = Evaluator::new(vec![("object".to_owned(), Value::of_plain(object))], LIMIT);
        match evaluator.evaluate(&self.0) {
            Ok(value) => Ok(matches!(value, Value::Bool(true))),
            Err(failure) => Err(QueryError::Evaluate(failure.message)),
        }
    }
}
