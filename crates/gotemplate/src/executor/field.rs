//! Evaluates fields: keys of maps, members of objects, methods with their arguments.

use super::range::wrapper;
use super::{Executor, Frame, MissingKey, Operand};
use crate::syntax::node::{Expression, Span};
use crate::syntax::node_text::Place;
use crate::{Data, Error, Function, GoType, Kind, List, Map, Member, Value, quote, types};

/// The arguments of a method.
struct Arguments<'t> {
    words: &'t [Expression],
    last: Option<Operand>,
}

impl<'e> Executor<'e> {
    /// Evaluates `.a.b.c` on a receiver; only the last name gets the arguments.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one expression, taken apart by three callers"
    )]
    pub(super) fn fields<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        receiver: Operand,
        expression: &'t Expression,
        names: Span,
        words: &'t [Expression],
        last: Option<Operand>,
    ) -> Result<Operand, Error> {
        let tree = frame.tree;
        let mut names = names.names(&tree.source.text);
        let Some(mut name) = names.next() else {
            return Ok(receiver);
        };
        let mut receiver = receiver;
        for next in names {
            let none = Arguments { words: &[], last: None };
            receiver = self.field(frame, dot, receiver, expression, name, none)?;
            name = next;
        }
        self.field(frame, dot, receiver, expression, name, Arguments { words, last })
    }

    fn field<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        receiver: Operand,
        expression: &'t Expression,
        name: &str,
        arguments: Arguments<'t>,
    ) -> Result<Operand, Error> {
        self.step()?;
        if receiver.value.is_nil() {
            return match (receiver.is_interface, self.settings.missing_key) {
                (true, _) => Err(frame.error(format!("nil pointer evaluating interface {{}}.{name}"))),
                (false, MissingKey::Error) => {
                    Err(frame.error(format!("nil data; no entry for key {}", quote::quote(name.as_bytes()))))
                }
                (false, _) => Ok(Operand::plain(Value::NIL.with_taint(receiver.value.taint()))),
            };
        }
        if let Some(method) = method(&receiver.value, name) {
            let mark = receiver.value.taint();
            let place = Place::Expression(expression);
            let result = self.call(frame, dot, &method, place, arguments.words, arguments.last)?;
            return Ok(Operand { value: self.tainted_by(result.value, mark), ..result });
        }
        let has_arguments = !arguments.words.is_empty() || arguments.last.is_some();
        match receiver.value.data() {
            Data::Object(object) => match object.member(name) {
                Some(Member::Field(_)) if has_arguments => {
                    Err(frame.error(format!("{name} has arguments but cannot be invoked as function")))
                }
                Some(Member::Field(value)) => {
                    Ok(Operand::plain(self.tainted_by(value, receiver.value.taint())))
                }
                _ => Err(cannot_evaluate(frame, name, &receiver)),
            },
            Data::Map(_) if has_arguments => {
                Err(frame.error(format!("{name} is not a method but has arguments")))
            }
            Data::Map(map) => {
                let found = match map.value(name.as_bytes()) {
                    Some(value) => wrapper(map.go_type())(value),
                    None => self.missing(frame, name, map)?,
                };
                Ok(Operand { value: self.tainted_by(found.value, receiver.value.taint()), ..found })
            }
            _ => Err(cannot_evaluate(frame, name, &receiver)),
        }
    }

    fn missing(&self, frame: &Frame<'_>, name: &str, map: &Map) -> Result<Operand, Error> {
        match self.settings.missing_key {
            MissingKey::Invalid => Ok(Operand::INVALID),
            MissingKey::Zero => {
                let element = map.go_type().element.unwrap_or(types::ANY);
                Ok(wrapper(map.go_type())(zero_value(element)))
            }
            MissingKey::Error => {
                Err(frame.error(format!("map has no entry for key {}", quote::quote(name.as_bytes()))))
            }
        }
    }
}

fn cannot_evaluate(frame: &Frame<'_>, name: &str, receiver: &Operand) -> Error {
    frame.error(format!("can't evaluate field {name} in type {}", receiver.type_name()))
}

fn method(receiver: &Value, name: &str) -> Option<Function> {
    match receiver.data() {
        Data::Object(object) => match object.member(name)? {
            Member::Method(method) => Some(method),
            Member::Field(_) => None,
        },
        Data::Map(map) => map.go_type().methods?(receiver, name),
        Data::List(list) => list.go_type().methods?(receiver, name),
        _ => None,
    }
}

/// Returns the zero value of a type.
pub(crate) fn zero_value(go_type: &'static GoType) -> Value {
    match go_type.kind {
        Kind::Bool => Value::from(false),
        Kind::Int => Value::from(0usize),
        Kind::Int32 => Value::from(0i32),
        Kind::Int64 => Value::from(0i64),
        Kind::Uint8 => Value::from(0u8),
        Kind::Uint64 => Value::from(0u64),
        Kind::Float64 => Value::from(0.0),
        Kind::Complex128 => Value::from(Data::Complex128(0.0, 0.0)),
        Kind::String => Value::from(""),
        Kind::Slice => Value::from(List::nil(go_type)),
        Kind::Map => Value::from(Map::nil(go_type)),
        Kind::Struct | Kind::Pointer | Kind::Func | Kind::Interface | Kind::Invalid => Value::NIL,
    }
}
