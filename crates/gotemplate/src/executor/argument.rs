//! Evaluates arguments and checks that they fit their parameters.

use super::field::zero_value;
use super::pipeline::{ideal_constant, string_constant, text_of};
use super::{Executor, Frame, Operand};
use crate::syntax::node::Expression;
use crate::syntax::node_text::Place;
use crate::syntax::on_enough_stack;
use crate::{Data, Error, GoType, Kind, Value, types};

impl<'e> Executor<'e> {
    pub(super) fn argument<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        parameter: &'static GoType,
        expression: &'t Expression,
    ) -> Result<Operand, Error> {
        frame.place = Some(Place::Expression(expression));
        let value = match expression {
            Expression::Dot { .. } => dot.clone(),
            Expression::Nil { .. } => {
                if parameter.can_be_nil() {
                    let is_interface = parameter.is(types::ANY);
                    return Ok(Operand { value: zero_value(parameter), is_interface });
                }
                return Err(frame.error(format!("cannot assign nil to {}", parameter.name)));
            }
            Expression::Field { names, .. } => {
                self.fields(frame, dot, dot.clone(), expression, *names, &[], None)?
            }
            Expression::Variable(variable) => self.variable(frame, dot, expression, variable, &[], None)?,
            Expression::Pipeline(pipeline) => on_enough_stack(|| self.pipeline(frame, dot, pipeline))?,
            Expression::Function { function, .. } => {
                let function = self.function(frame, *function)?;
                self.call(frame, dot, &function, Place::Expression(expression), &[], None)?
            }
            Expression::Chain { .. } => self.chain(frame, dot, expression, &[], None)?,
            Expression::Boolean { .. } | Expression::Number { .. } | Expression::String { .. } => {
                return typed_constant(frame, parameter, expression).map(Operand::plain);
            }
        };
        validated(frame, value, parameter)
    }
}

/// Checks that a value may be given to a parameter and converts it as far as Go does.
pub(super) fn validated(
    frame: &Frame<'_>,
    operand: Operand,
    parameter: &'static GoType,
) -> Result<Operand, Error> {
    if parameter.is(types::ANY) || parameter.is(types::REFLECT) {
        return Ok(operand);
    }
    let Some(own) = operand.value.go_type() else {
        return match (operand.is_interface, parameter.can_be_nil()) {
            (false, true) => Ok(Operand::plain(zero_value(parameter).with_taint(operand.value.taint()))),
            (false, false) => Err(frame.error(format!("invalid value; expected {}", parameter.name))),
            (true, _) => Err(wrong_type(frame, parameter, "interface {}")),
        };
    };
    if !own.is_assignable_to(parameter) {
        return Err(wrong_type(frame, parameter, own.name));
    }
    let mark = operand.value.taint();
    Ok(Operand::plain(match operand.value.data() {
        Data::Map(map) if !own.is(parameter) => Value::from(map.converted(parameter)).with_taint(mark),
        _ => operand.value,
    }))
}

fn wrong_type(frame: &Frame<'_>, parameter: &GoType, own: &str) -> Error {
    frame.error(format!("wrong type for value; expected {}; got {own}", parameter.name))
}

/// Evaluates a constant as the type that the parameter wants.
fn typed_constant(
    frame: &Frame<'_>,
    parameter: &'static GoType,
    expression: &Expression,
) -> Result<Value, Error> {
    let constant = match expression {
        Expression::Number { constant, .. } => Some(constant),
        _ => None,
    };
    let (wanted, value) = match parameter.kind {
        Kind::Bool => (
            "bool",
            match expression {
                Expression::Boolean { value, .. } => Some(Value::from(*value)),
                _ => None,
            },
        ),
        Kind::String => (
            "string",
            match expression {
                Expression::String { quoted, unquoted } => {
                    Some(string_constant(frame, *quoted, unquoted.as_deref()))
                }
                _ => None,
            },
        ),
        Kind::Int | Kind::Int32 | Kind::Int64 => {
            let integer = constant.and_then(|constant| constant.integer);
            (
                "integer",
                integer.map(|integer| match parameter.kind {
                    Kind::Int => Value::from(Data::Int(integer)),
                    // Go's SetInt keeps the low bits.
                    Kind::Int32 => Value::from(integer as i32),
                    _ => Value::from(integer),
                }),
            )
        }
        Kind::Uint8 | Kind::Uint64 => {
            let unsigned = constant.and_then(|constant| constant.unsigned);
            (
                "unsigned integer",
                unsigned.map(|unsigned| match parameter.kind {
                    Kind::Uint8 => Value::from(unsigned as u8),
                    _ => Value::from(unsigned),
                }),
            )
        }
        Kind::Float64 => ("float", constant.and_then(|constant| constant.float).map(Value::from)),
        Kind::Complex128 => {
            let complex = constant.and_then(|constant| constant.complex);
            ("complex", complex.map(|(real, imaginary)| Value::from(Data::Complex128(real, imaginary))))
        }
        _ if parameter.is(types::ANY) || parameter.is(types::REFLECT) => {
            return match expression {
                Expression::Boolean { value, .. } => Ok(Value::from(*value)),
                Expression::String { quoted, unquoted } => {
                    Ok(string_constant(frame, *quoted, unquoted.as_deref()))
                }
                Expression::Number { constant, .. } => ideal_constant(frame, constant),
                _ => Ok(Value::NIL),
            };
        }
        _ => {
            let text = text_of(frame, expression);
            return Err(frame.error(format!(
                "can't handle {} for arg of type {}",
                text.to_text(),
                parameter.name
            )));
        }
    };
    value.ok_or_else(|| {
        let text = text_of(frame, expression);
        frame.error(format!("expected {wanted}; found {}", text.to_text()))
    })
}
