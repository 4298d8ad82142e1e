//! Evaluates pipelines, commands and variables.

use super::{Executor, Frame, Operand};
use crate::syntax::node::{
    Command, Expression, Pipeline, ROOT_VARIABLE, Span, Variable, VariableId, string_value,
};
use crate::syntax::node_text::Place;
use crate::syntax::number_constant::NumberConstant;
use crate::syntax::on_enough_stack;
use crate::{Data, Error, GoString, Value};

/// How many variables are looked through for one step.
const VARIABLES_PER_STEP: usize = 32;

impl<'t> Frame<'t> {
    pub(super) fn set_variable(&mut self, variable: &Variable, value: Operand) -> Result<(), Error> {
        match self.variables.iter_mut().rev().find(|(id, _)| *id == variable.id) {
            Some((_, slot)) => *slot = value,
            None if variable.id == ROOT_VARIABLE => self.root = value,
            None => return Err(self.undefined(variable)),
        }
        Ok(())
    }

    /// Sets the variable that is `depth` from the top of the stack, from 1.
    pub(super) fn set_top_variable(&mut self, depth: usize, value: Operand) {
        let index = self.variables.len().checked_sub(depth);
        if let Some((_, slot)) = index.and_then(|index| self.variables.get_mut(index)) {
            *slot = value;
        }
    }

    fn find_variable(&self, id: VariableId) -> Option<(usize, &Operand)> {
        let root = (id == ROOT_VARIABLE).then_some((self.variables.len(), &self.root));
        self.variables
            .iter()
            .rev()
            .enumerate()
            .find(|(_, (own, _))| *own == id)
            .map(|(at, (_, value))| (at, value))
            .or(root)
    }

    fn undefined(&self, variable: &Variable) -> Error {
        let name = GoString::from(variable.name.text(&self.tree.source.text));
        self.error(format!("undefined variable: {}", name.to_text()))
    }
}

impl<'e> Executor<'e> {
    /// Evaluates a pipeline and keeps its value in the variables it declares or sets.
    pub(super) fn pipeline<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        pipeline: &'t Pipeline,
    ) -> Result<Operand, Error> {
        frame.place = Some(Place::Pipeline(pipeline));
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(frame, dot, command, value)?.unwrapped());
        }
        let value = value.unwrap_or_default();
        for variable in &pipeline.variables {
            if pipeline.is_assignment {
                frame.set_variable(variable, value.clone())?;
            } else {
                frame.variables.push((variable.id, value.clone()));
            }
        }
        Ok(value)
    }

    /// Evaluates a command; `last` is the value of the one before it, which becomes the last argument.
    fn command<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        command: &'t Command,
        last: Option<Operand>,
    ) -> Result<Operand, Error> {
        let Some((first, arguments)) = command.words.split_first() else {
            return Ok(Operand::INVALID);
        };
        match first {
            Expression::Field { names, .. } => {
                frame.place = Some(Place::Expression(first));
                return self.fields(frame, dot, dot.clone(), first, *names, arguments, last);
            }
            Expression::Chain { .. } => return self.chain(frame, dot, first, arguments, last),
            Expression::Function { function, .. } => {
                frame.place = Some(Place::Expression(first));
                let function = self.function(frame, *function)?;
                return self.call(frame, dot, &function, Place::Command(command), arguments, last);
            }
            Expression::Pipeline(pipeline) => {
                check_no_arguments(frame, first, arguments, last.as_ref())?;
                return on_enough_stack(|| self.pipeline(frame, dot, pipeline));
            }
            Expression::Variable(variable) => {
                return self.variable(frame, dot, first, variable, arguments, last);
            }
            _ => {}
        }
        frame.place = Some(Place::Expression(first));
        check_no_arguments(frame, first, arguments, last.as_ref())?;
        match first {
            Expression::Nil { .. } => Err(frame.error("nil is not a command")),
            _ => self.constant(frame, dot, first),
        }
    }

    pub(super) fn chain<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        expression: &'t Expression,
        arguments: &'t [Expression],
        last: Option<Operand>,
    ) -> Result<Operand, Error> {
        let Expression::Chain { base, names, .. } = expression else {
            return Ok(Operand::INVALID);
        };
        frame.place = Some(Place::Expression(expression));
        if let Expression::Nil { .. } = **base {
            let text = text_of(frame, expression);
            return Err(frame.error(format!("indirection through explicit nil in {}", text.to_text())));
        }
        let receiver = self.chain_base(frame, dot, base)?;
        self.fields(frame, dot, receiver, expression, *names, arguments, last)
    }

    /// Evaluates what a chain of fields begins with.
    fn chain_base<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        base: &'t Expression,
    ) -> Result<Operand, Error> {
        frame.place = Some(Place::Expression(base));
        match base {
            Expression::Pipeline(pipeline) => on_enough_stack(|| self.pipeline(frame, dot, pipeline)),
            Expression::Function { function, .. } => {
                let function = self.function(frame, *function)?;
                self.call(frame, dot, &function, Place::Expression(base), &[], None)
            }
            _ => self.constant(frame, dot, base),
        }
    }

    pub(super) fn variable<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        expression: &'t Expression,
        variable: &'t Variable,
        arguments: &'t [Expression],
        last: Option<Operand>,
    ) -> Result<Operand, Error> {
        frame.place = Some(Place::Expression(expression));
        let Some((distance, value)) = frame.find_variable(variable.id) else {
            return Err(frame.undefined(variable));
        };
        let value = value.clone();
        if distance >= VARIABLES_PER_STEP {
            self.use_steps((distance / VARIABLES_PER_STEP) as u64)?;
        }
        if variable.fields.is_empty() {
            check_no_arguments(frame, expression, arguments, last.as_ref())?;
            return Ok(value);
        }
        self.fields(frame, dot, value, expression, variable.fields, arguments, last)
    }

    /// Evaluates a constant or dot where nothing says which type is wanted.
    pub(super) fn constant(
        &mut self,
        frame: &Frame<'_>,
        dot: &Operand,
        expression: &Expression,
    ) -> Result<Operand, Error> {
        Ok(match expression {
            Expression::Boolean { value, .. } => Operand::plain(Value::from(*value)),
            Expression::Dot { .. } => dot.clone(),
            Expression::Number { constant, .. } => Operand::plain(ideal_constant(frame, constant)?),
            Expression::String { quoted, unquoted } => {
                Operand::plain(string_constant(frame, *quoted, unquoted.as_deref()))
            }
            _ => Operand::INVALID,
        })
    }
}

/// The value of a string constant.
pub(super) fn string_constant(frame: &Frame<'_>, quoted: Span, unquoted: Option<&[u8]>) -> Value {
    Value::from(GoString::from(string_value(quoted, unquoted, &frame.tree.source.text)))
}

/// Gives a constant the type that its spelling suggests.
pub(super) fn ideal_constant(frame: &Frame<'_>, constant: &NumberConstant) -> Result<Value, Error> {
    let text = &constant.text;
    if let Some((real, imaginary)) = constant.complex {
        return Ok(Value::from(Data::Complex128(real, imaginary)));
    }
    let is_hexadecimal_integer =
        matches!(**text, [b'0', b'x' | b'X', _, ..]) && !text.iter().any(|byte| b"pP".contains(byte));
    let is_character = text.first() == Some(&b'\'');
    let looks_like_float = text.iter().any(|byte| b".eEpP".contains(byte));
    match (constant.float, constant.integer, constant.unsigned) {
        (Some(float), _, _) if !is_hexadecimal_integer && !is_character && looks_like_float => {
            Ok(Value::from(float))
        }
        (_, Some(integer), _) => Ok(Value::from(Data::Int(integer))),
        (_, None, Some(_)) => Err(frame.error(format!("{} overflows int", String::from_utf8_lossy(text)))),
        _ => Ok(Value::NIL),
    }
}

pub(super) fn text_of(frame: &Frame<'_>, expression: &Expression) -> GoString {
    GoString::from(Place::Expression(expression).text(&frame.tree.source.text))
}

fn check_no_arguments(
    frame: &Frame<'_>,
    first: &Expression,
    arguments: &[Expression],
    last: Option<&Operand>,
) -> Result<(), Error> {
    if arguments.is_empty() && last.is_none() {
        return Ok(());
    }
    let text = text_of(frame, first);
    Err(frame.error(format!("can't give argument to non-function {}", text.to_text())))
}
