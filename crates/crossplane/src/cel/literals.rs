//! What is wrong with the literals of an expression: durations, timestamps, patterns, formats, and conversions that can be made
//! before the expression runs.
//!
//! Follows cel-go v0.26 `cel/validator.go`, `ext/formatting.go` and the constant folding of `interpreter/planner.go`.

use plimsoll_gotemplate::regex::Regex;

use super::checker::visit;
use super::evaluator::literal_value;
use super::expression::{Expression, Kind, Literal};
use super::functions::{conversion, strings, time};
use super::lexer::Problem;

/// The problems that the compiler tells.
pub(super) fn check_literals(expression: &Expression) -> Vec<Problem> {
    let mut found = Vec::new();
    visit(expression, &mut |inner| {
        let Kind::Call { function, target, arguments } = &inner.kind else { return };
        let Some(last) = arguments.last() else { return };
        if let (Some(target), "format", Kind::List(elements)) = (target, function.as_str(), &last.kind)
            && let Kind::Literal(Literal::String(format)) = &target.kind
        {
            let values: Vec<&Expression> = elements.iter().map(|element| &element.value).collect();
            found.extend(check_format(format, &values, inner.at));
        }
        let Kind::Literal(Literal::String(text)) = &last.kind else { return };
        let is_wrong = match (function.as_str(), arguments.len(), target.is_some()) {
            ("duration", 1, false) => time::parse_duration(text).is_err(),
            ("timestamp", 1, false) => time::parse_timestamp(text).is_err(),
            ("matches", 2, false) | ("matches", 1, true) => Regex::new(text.as_bytes()).is_err(),
            _ => false,
        };
        if is_wrong {
            found.push((last.at, format!("invalid {function} argument")));
        }
    });
    found
}

/// The clauses of a format against the values that are literals.
fn check_format(format: &str, values: &[&Expression], at: usize) -> Option<Problem> {
    let clauses = match strings::clauses(format) {
        Ok(clauses) => clauses,
        Err(failure) => return Some((at, failure.message)),
    };
    for (index, clause) in clauses.iter().enumerate() {
        let Some(value) = values.get(index) else { return Some((at, format!("index {index} out of range"))) };
        if let Kind::Literal(literal) = &value.kind
            && let Err(failure) =
                strings::format_clause(clause.letter, clause.precision, &literal_value(literal))
        {
            return Some((value.at, failure.message));
        }
    }
    (values.len() > clauses.len()).then(|| {
        let (expected, given) = (clauses.len(), values.len());
        (at, format!("too many arguments supplied to string.format (expected {expected}, got {given})"))
    })
}

/// Why a conversion of a literal fails, which upstream finds when it makes the program.
pub(super) fn failing_conversion(expression: &Expression) -> Option<String> {
    const CONVERSIONS: [&str; 8] =
        ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];
    let mut found = None;
    visit(expression, &mut |inner| {
        let Kind::Call { function, target: None, arguments } = &inner.kind else { return };
        let [Expression { kind: Kind::Literal(literal), .. }] = arguments.as_slice() else { return };
        if CONVERSIONS.contains(&function.as_str())
            && let Some(Err(failure)) = conversion::call(function, false, &[literal_value(literal)])
        {
            found.get_or_insert(failure.message);
        }
    });
    found
}
