//! Evaluates checked expressions, and counts what they cost.
//!
//! Follows cel-go v0.26 `interpreter`: `&&`, `||` and the loops over them forget a failure where the other side decides. Costs are
//! those of `interpreter/runtimecost.go` and k8s.io/apiserver `pkg/cel/library/cost.go`; literals cost nothing.

use std::rc::Rc;

use super::checker::{TYPE_NAMES, qualified_name};
use super::declarations::overloads;
use super::error::Failure;
use super::expression::{Expression, Kind, Literal, Loop, LoopForm, SelectStyle};
use super::functions::{self, Patterns, cost};
use super::value::{List, Map, Value};

pub(super) type Outcome<'d> = Result<Value<'d>, Failure>;

pub(super) struct Evaluator<'d> {
    variables: Vec<(String, Value<'d>)>,
    patterns: Patterns,
    cost: u64,
    limit: u64,
}

impl<'d> Evaluator<'d> {
    pub(super) fn new(variables: Vec<(String, Value<'d>)>, limit: u64) -> Evaluator<'d> {
        Evaluator { variables, patterns: Patterns::default(), cost: 0, limit }
    }

    /// What the evaluation has cost so far.
    pub(super) fn cost(&self) -> u64 {
        self.cost
    }

    fn pay(&mut self, cost: u64) -> Result<(), Failure> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > self.limit { Err(Failure::out_of_budget()) } else { Ok(()) }
    }

    pub(super) fn evaluate(&mut self, expression: &Expression) -> Outcome<'d> {
        super::deeper(|| self.evaluate_here(expression))
    }

    fn evaluate_here(&mut self, expression: &Expression) -> Outcome<'d> {
        match &expression.kind {
            Kind::Literal(literal) => Ok(literal_value(literal)),
            Kind::Identifier(name) => {
                self.pay(1)?;
                self.named(name).ok_or_else(|| Failure::new(format!("no such attribute(s): {name}")))
            }
            Kind::Select { operand, field, style } => self.select(expression, operand, field, *style),
            Kind::Call { function, target, arguments } => self.call(function, target.as_deref(), arguments),
            Kind::List(elements) => {
                let mut items = Vec::new();
                let mut is_constant = true;
                for element in elements {
                    is_constant = is_constant && matches!(element.value.kind, Kind::Literal(_));
                    match self.evaluate(&element.value)? {
                        Value::Optional(inside) if element.is_optional => {
                            items.extend(inside.map(|inside| inside.as_ref().clone()));
                        }
                        value => items.push(value),
                    }
                }
                self.pay(if is_constant { 0 } else { 10 })?;
                Ok(Value::list(items))
            }
            Kind::Map(entries) => {
                let mut made: Vec<(Value<'d>, Value<'d>)> = Vec::new();
                for entry in entries {
                    let key = self.evaluate(&entry.key)?;
                    let value = match self.evaluate(&entry.value)? {
                        Value::Optional(None) if entry.is_optional => continue,
                        Value::Optional(Some(inside)) if entry.is_optional => inside.as_ref().clone(),
                        value => value,
                    };
                    insert_new(&mut made, key, value)?;
                }
                self.pay(30)?;
                Ok(Value::Map(Map::Made(Rc::new(made))))
            }
            Kind::Loop(looped) => self.run_loop(looped),
            Kind::OptionalMap { operand, variable, body, flattens } => match self.evaluate(operand)? {
                Value::Optional(Some(inside)) => {
                    self.variables.push((variable.clone(), inside.as_ref().clone()));
                    let result = self.evaluate(body);
                    self.variables.pop();
                    result.map(|result| if *flattens { result } else { Value::some(result) })
                }
                Value::Optional(None) => Ok(Value::Optional(None)),
                _ => Err(Failure::no_such_overload()),
            },
        }
    }

    fn named(&self, name: &str) -> Option<Value<'d>> {
        let variable = self.variables.iter().rev().find(|(variable, _)| variable == name);
        variable
            .map(|(_, value)| value.clone())
            .or_else(|| TYPE_NAMES.contains(&name).then(|| Value::Type(name.into())))
    }

    fn select(
        &mut self,
        expression: &Expression,
        operand: &Expression,
        field: &str,
        style: SelectStyle,
    ) -> Outcome<'d> {
        if let Some(found) = qualified_name(expression).and_then(|name| self.named(&name)) {
            return Ok(found);
        }
        let operand = self.evaluate(operand)?;
        self.pay(u64::from(style != SelectStyle::Presence))?;
        let (operand, is_optional) = match operand {
            Value::Optional(None) => {
                return Ok(if style == SelectStyle::Presence {
                    Value::Bool(false)
                } else {
                    Value::Optional(None)
                });
            }
            Value::Optional(Some(inside)) => (inside.as_ref().clone(), true),
            other => (other, style == SelectStyle::Optional),
        };
        let Value::Map(map) = operand else { return Err(Failure::new(format!("no such key: {field}"))) };
        let found = map.get(&Value::string(field)).transpose()?;
        match (style, found) {
            (SelectStyle::Presence, found) => Ok(Value::Bool(found.is_some())),
            (_, Some(value)) if is_optional => Ok(Value::some(value)),
            (_, None) if is_optional => Ok(Value::Optional(None)),
            (_, Some(value)) => Ok(value),
            (_, None) => Err(Failure::new(format!("no such key: {field}"))),
        }
    }

    fn call(&mut self, function: &str, target: Option<&Expression>, arguments: &[Expression]) -> Outcome<'d> {
        match (function, arguments) {
            ("_&&_", [one, other]) => return self.decide(one, other, false),
            ("_||_", [one, other]) => return self.decide(one, other, true),
            ("_?_:_", [condition, yes, no]) => {
                return match self.evaluate(condition)? {
                    Value::Bool(true) => self.evaluate(yes),
                    Value::Bool(false) => self.evaluate(no),
                    _ => Err(Failure::no_such_overload()),
                };
            }
            ("or" | "orValue", [other]) if target.is_some() => {
                let target = target
                    .map_or_else(|| Err(Failure::no_such_overload()), |target| self.evaluate(target))?;
                return match target {
                    Value::Optional(Some(inside)) if function == "orValue" => Ok(inside.as_ref().clone()),
                    Value::Optional(Some(_)) => Ok(target),
                    Value::Optional(None) => self.evaluate(other),
                    _ => Err(Failure::no_such_overload()),
                };
            }
            _ => {}
        }
        let qualified = target
            .and_then(qualified_name)
            .map(|prefix| format!("{prefix}.{function}"))
            .filter(|name| overloads(name).is_some());
        let mut values = Vec::with_capacity(arguments.len() + 1);
        if let Some(target) = target.filter(|_| qualified.is_none()) {
            values.push(self.evaluate(target)?);
        }
        for argument in arguments {
            values.push(self.evaluate(argument)?);
        }
        let name = qualified.as_deref().unwrap_or(function);
        let is_member = target.is_some() && qualified.is_none();
        let result = functions::call(name, is_member, &values, &mut self.patterns);
        self.pay(cost::of_call(name, &values, result.as_ref().ok()))?;
        result
    }

    /// `&&` and `||`: what decides wins, even over a failure on the other side.
    fn decide(&mut self, one: &Expression, other: &Expression, decisive: bool) -> Outcome<'d> {
        let one = self.evaluate(one);
        match &one {
            Ok(Value::Bool(value)) if *value == decisive => return one,
            Err(failure) if failure.is_final => return one,
            _ => {}
        }
        let other = self.evaluate(other);
        match (one, other) {
            (_, Ok(Value::Bool(value))) if value == decisive => Ok(Value::Bool(decisive)),
            (_, Err(failure)) if failure.is_final => Err(failure),
            (Err(failure), _) | (Ok(Value::Bool(_)), Err(failure)) => Err(failure),
            (Ok(Value::Bool(_)), Ok(Value::Bool(_))) => Ok(Value::Bool(!decisive)),
            _ => Err(Failure::no_such_overload()),
        }
    }

    fn run_loop(&mut self, looped: &Loop) -> Outcome<'d> {
        let range = self.evaluate(&looped.range)?;
        let mut rounds: Vec<(Outcome<'d>, Option<Outcome<'d>>)> = Vec::new();
        let has_two = looped.variables.len() == 2;
        match &range {
            Value::List(list) if has_two => {
                let numbers = (0_i64..).map(|index| Ok(Value::Int(index)));
                rounds.extend(numbers.zip(list.iter().map(Some)));
            }
            Value::List(list) => rounds.extend(list.iter().map(|item| (item, None))),
            Value::Map(map) => {
                for key in map.keys() {
                    let value =
                        has_two.then(|| map.get(&key).unwrap_or_else(|| Err(Failure::new("no such key"))));
                    rounds.push((Ok(key), value));
                }
            }
            other => {
                let told = format!("got '{}', expected iterable type", other.go_type());
                return Err(Failure::new(told));
            }
        }
        let outer = self.variables.len();
        let result = self.run_rounds(looped, rounds);
        self.variables.truncate(outer);
        result
    }

    fn run_rounds(&mut self, looped: &Loop, rounds: Vec<(Outcome<'d>, Option<Outcome<'d>>)>) -> Outcome<'d> {
        let mut state = LoopState::default();
        let outer = self.variables.len();
        for (first, second) in rounds {
            self.variables.truncate(outer);
            self.pay(match looped.form {
                LoopForm::All => 3,
                LoopForm::Exists => 4,
                _ => 2,
            })?;
            let first = match first {
                Ok(value) => value,
                Err(failure) => {
                    state.failure.get_or_insert(failure);
                    continue;
                }
            };
            let mut names = looped.variables.iter().cloned();
            self.variables.extend(names.next().map(|name| (name, first.clone())));
            if let (Some(name), Some(second)) = (names.next(), second) {
                self.variables.push((name, second?));
            }
            let holds = match &looped.condition {
                None => true,
                Some(condition) => match self.evaluate(condition) {
                    Ok(Value::Bool(holds)) => holds,
                    Err(failure) if failure.is_final => return Err(failure),
                    failed => {
                        let failure = failed.err().unwrap_or_else(Failure::no_such_overload);
                        if !matches!(looped.form, LoopForm::All | LoopForm::Exists) {
                            return Err(failure);
                        }
                        state.failure.get_or_insert(failure);
                        continue;
                    }
                },
            };
            match looped.form {
                LoopForm::All if !holds => return Ok(Value::Bool(false)),
                LoopForm::Exists if holds => return Ok(Value::Bool(true)),
                LoopForm::All | LoopForm::Exists => {}
                _ if !holds => {}
                LoopForm::ExistsOne => state.count += 1,
                LoopForm::Filter => {
                    self.pay(12)?;
                    state.items.push(first);
                }
                LoopForm::List | LoopForm::SortBy | LoopForm::Map | LoopForm::MapEntry => {
                    self.pay(11)?;
                    let Some(result) = looped.results.first() else { continue };
                    let result = self.evaluate(result)?;
                    match looped.form {
                        LoopForm::List => state.items.push(result),
                        LoopForm::Map | LoopForm::SortBy => state.entries.push((first, result)),
                        _ => {
                            let Value::Map(map) = &result else { return Err(Failure::no_such_overload()) };
                            for key in map.keys() {
                                let value = map.get(&key).transpose()?.unwrap_or(Value::Null);
                                insert_new(&mut state.entries, key, value)?;
                            }
                        }
                    }
                }
            }
        }
        if let Some(failure) = state.failure {
            return Err(failure);
        }
        self.pay(1)?;
        Ok(match looped.form {
            LoopForm::All => Value::Bool(true),
            LoopForm::Exists => Value::Bool(false),
            LoopForm::ExistsOne => Value::Bool(state.count == 1),
            LoopForm::Filter | LoopForm::List => Value::list(state.items),
            LoopForm::Map | LoopForm::MapEntry => Value::Map(Map::Made(Rc::new(state.entries))),
            LoopForm::SortBy => {
                let mut entries = state.entries;
                entries
                    .sort_by(|(_, one), (_, other)| one.compare(other).unwrap_or(std::cmp::Ordering::Equal));
                Value::List(List::Made(Rc::new(entries.into_iter().map(|(item, _)| item).collect())))
            }
        })
    }
}

#[derive(Default)]
struct LoopState<'d> {
    items: Vec<Value<'d>>,
    entries: Vec<(Value<'d>, Value<'d>)>,
    count: usize,
    /// The first failure of `all` and `exists`, which a later element may still outweigh.
    failure: Option<Failure>,
}

fn insert_new<'d>(
    entries: &mut Vec<(Value<'d>, Value<'d>)>,
    key: Value<'d>,
    value: Value<'d>,
) -> Result<(), Failure> {
    for (known, _) in entries.iter() {
        if known.equals(&key)? {
            return Err(Failure::new(format!("insert failed: key {} already exists", key.printed())));
        }
    }
    entries.push((key, value));
    Ok(())
}

pub(super) fn literal_value<'d>(literal: &Literal) -> Value<'d> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(value) => Value::string(value.as_str()),
        Literal::Bytes(value) => Value::Bytes(value.as_slice().into()),
    }
}
