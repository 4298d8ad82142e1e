//! Checks the rules of `x-kubernetes-validations` as when an object is created: rules over what a field was before are skipped,
//! unless they say that this is optional.
//!
//! Follows k8s.io/apiextensions-apiserver `pkg/apiserver/schema/cel/{validation,compilation}.go` v0.35. A rule is compiled when a
//! value is there to check, so what is wrong with the rules of absent fields is not told.

use serde_json::Value;

use super::field_error::{BadValue, FieldError, FieldErrorKind, ROOT};
use super::rule_memory::RuleMemory;
use super::rule_path::rule_path;
use crate::cel::{Program, Type, Value as CelValue, Wanted, is_embedded};

/// What one rule, and all rules of an object together, may cost.
const BUDGET: u64 = 1_000_000;

/// The longest message that an expression may give.
const LONGEST_MESSAGE: usize = 5120;

/// Checks the rules of a whole resource.
#[must_use]
pub fn check_rules(object: &Value, schema: &Value, memory: &RuleMemory) -> Vec<FieldError> {
    if !memory.has_rules(schema, has_rules) {
        return Vec::new();
    }
    let mut checker = Checker { errors: Vec::new(), budget: BUDGET, is_over: false, memory };
    checker.check(object, schema, Node { schema, is_root: true }, "");
    checker.errors
}

fn has_rules(schema: &Value) -> bool {
    schema.as_object().into_iter().flatten().any(|(keyword, below)| match keyword.as_str() {
        "x-kubernetes-validations" => below.as_array().is_some_and(|rules| !rules.is_empty()),
        "items" | "additionalProperties" => has_rules(below),
        "properties" => below.as_object().into_iter().flatten().any(|(_, property)| has_rules(property)),
        _ => false,
    })
}

fn rules(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten()
}

/// A schema that gives types, which differs from that with the rules below `allOf`.
#[derive(Clone, Copy)]
struct Node<'s> {
    schema: &'s Value,
    is_root: bool,
}

impl<'s> Node<'s> {
    fn of(schema: &'s Value) -> Node<'s> {
        Node { schema, is_root: is_embedded(schema) }
    }
}

struct Checker<'m> {
    errors: Vec<FieldError>,
    budget: u64,
    /// Whether the budget is spent, after which nothing is checked.
    is_over: bool,
    memory: &'m RuleMemory,
}

impl Checker<'_> {
    fn check(&mut self, value: &Value, ruled: &Value, node: Node<'_>, path: &str) {
        if value.is_null() || self.is_over {
            return;
        }
        self.check_here(value, ruled, node, path);
        for part in ruled.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            if self.is_over {
                return;
            }
            self.check(value, part, node, path);
        }
        match value {
            Value::Array(items) => {
                let schemas = (object_at(ruled, "items"), object_at(node.schema, "items"));
                if let (Some(ruled), Some(schema)) = schemas {
                    for (index, item) in items.iter().enumerate() {
                        self.check(item, ruled, Node::of(schema), &format!("{path}[{index}]"));
                    }
                }
            }
            Value::Object(fields) => {
                let additional = (
                    object_at(ruled, "additionalProperties"),
                    object_at(node.schema, "additionalProperties"),
                );
                if let (Some(ruled), Some(schema)) = additional {
                    for (name, value) in fields {
                        self.check(value, ruled, Node::of(schema), &format!("{path}[{name}]"));
                    }
                }
                for (name, value) in fields {
                    let (Some(ruled), Some(schema)) = (property(ruled, name), property(node.schema, name))
                    else {
                        continue;
                    };
                    let is_typed = Type::of_schema(schema, is_embedded(schema)).is_some();
                    if is_typed {
                        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                        self.check(value, ruled, Node::of(schema), &below);
                    }
                }
            }
            _ => {}
        }
    }

    fn check_here(&mut self, value: &Value, ruled: &Value, node: Node<'_>, path: &str) {
        let mut rules = rules(ruled).peekable();
        if rules.peek().is_none() {
            return;
        }
        let field = if path.is_empty() { ROOT } else { path };
        let type_name = node.schema.get("type").and_then(Value::as_str).unwrap_or_default();
        let invalid =
            |detail: String| FieldError::invalid(field, BadValue::Value(Value::from(type_name)), detail);
        if self.budget == 0 {
            self.errors.push(invalid(OUT_OF_BUDGET.to_owned()));
            self.is_over = true;
            return;
        }
        let Some(declared) = Type::of_schema(node.schema, node.is_root) else {
            let detail =
                "rule compiler initialization error: failed to convert to declType for CEL validation rules";
            self.errors.push(invalid(detail.to_owned()));
            return;
        };
        let data = CelValue::of_data(value, node.schema, node.is_root);
        for rule in rules {
            let text = |keyword: &str| rule.get(keyword).and_then(Value::as_str).unwrap_or_default();
            if text("rule").trim().is_empty() {
                continue;
            }
            let told = match text("message").trim() {
                "" => text("rule").trim(),
                message => message,
            };
            let allows_no_old = rule.get("optionalOldSelf") == Some(&Value::Bool(true));
            let old = if allows_no_old { Type::Optional(declared.clone().into()) } else { declared.clone() };
            let types = || vec![("self".to_owned(), declared.clone()), ("oldSelf".to_owned(), old.clone())];
            let compile = || Program::compile(text("rule"), types(), Wanted::Bool);
            let program = self.memory.program(rule, compile);
            let program = match &*program {
                Ok(program) => program,
                Err(error) => {
                    self.errors.push(invalid(format!("rule compile error: {error}")));
                    continue;
                }
            };
            if program.uses_old_self && !allows_no_old {
                continue;
            }
            let data = match &data {
                Ok(data) => data.clone(),
                Err(failure) => {
                    self.errors.push(invalid(format!("{} evaluating rule: {told}", failure.message)));
                    continue;
                }
            };
            let mut values = vec![("self".to_owned(), data)];
            if allows_no_old {
                values.push(("oldSelf".to_owned(), CelValue::Optional(None)));
            }
            let (result, cost) = program.evaluate(values.clone(), BUDGET);
            if cost > self.budget {
                self.errors.push(invalid(OUT_OF_BUDGET.to_owned()));
                self.is_over = true;
                return;
            }
            self.budget -= cost;
            match result {
                Ok(CelValue::Bool(true)) => continue,
                Err(failure) if failure.message.starts_with("no such overload") => {
                    self.errors.push(invalid(format!(
                        "'{}': call arguments did not match a supported operator, function or macro signature for rule: {told}",
                        failure.message
                    )));
                    continue;
                }
                Err(failure) if failure.is_final => {
                    self.errors.push(invalid(format!(
                        "'{}': no further validation rules will be run due to call cost exceeds limit for rule: {told}",
                        failure.message
                    )));
                    self.is_over = true;
                    return;
                }
                Err(failure) => {
                    self.errors.push(invalid(format!("{} evaluating rule: {told}", failure.message)));
                    continue;
                }
                Ok(_) => {}
            }
            let field = match rule_path(text("fieldPath"), node.schema) {
                Some(below) if path.is_empty() => below,
                Some(below) => format!("{path}.{below}"),
                None => field.to_owned(),
            };
            let mut detail = match text("message").trim() {
                "" => format!("failed rule: {}", text("rule").trim()),
                message => message.to_owned(),
            };
            if !text("messageExpression").is_empty()
                && let Ok(program) = Program::compile(text("messageExpression"), types(), Wanted::String)
            {
                let (message, cost) = program.evaluate(values, BUDGET);
                let is_cancelled = matches!(&message, Err(failure) if failure.is_final);
                if cost > self.budget || is_cancelled {
                    let detail = if cost > self.budget {
                        "messageExpression evaluation failed due to running out of cost budget, no further validation rules \
                         will be run"
                            .to_owned()
                    } else {
                        let source = plimsoll_gotemplate::quote::quote(text("messageExpression").as_bytes());
                        format!(
                            "no further validation rules will be run due to call cost exceeds limit for messageExpression: {source}"
                        )
                    };
                    self.errors.push(FieldError::invalid(
                        field,
                        BadValue::Value(Value::from(type_name)),
                        detail,
                    ));
                    self.is_over = true;
                    return;
                }
                self.budget -= cost;
                if let Ok(CelValue::String(message)) = message {
                    let message = message.trim();
                    if !message.is_empty() && message.len() <= LONGEST_MESSAGE && !message.contains('\n') {
                        detail = message.to_owned();
                    }
                }
            }
            self.errors.push(failed_rule(field, value, type_name, detail, text("reason")));
        }
    }
}

const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

fn failed_rule(field: String, value: &Value, type_name: &str, detail: String, reason: &str) -> FieldError {
    let bad = if matches!(type_name, "object" | "array") {
        BadValue::Omitted
    } else {
        BadValue::Value(value.clone())
    };
    match reason {
        "FieldValueForbidden" => {
            FieldError::new(FieldErrorKind::Forbidden, field, BadValue::Value(Value::from("")), detail)
        }
        "FieldValueRequired" => FieldError::required(field, detail),
        "FieldValueDuplicate" => FieldError::new(FieldErrorKind::Duplicate, field, bad, ""),
        _ => FieldError::invalid(field, bad, detail),
    }
}

fn object_at<'s>(schema: &'s Value, keyword: &str) -> Option<&'s Value> {
    schema.get(keyword).filter(|below| below.is_object())
}

fn property<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema.get("properties")?.get(name)
}
