//! Calls functions and methods: counts and checks arguments, and marks results.

use std::borrow::Cow;
use std::rc::Rc;

use super::argument::validated;
use super::pipeline::text_of;
use super::runtime::Bridge;
use super::{Executor, Frame, Operand};
use crate::function::FunctionId;
use crate::syntax::node::Expression;
use crate::syntax::node_text::Place;
use crate::weight::weigh;
use crate::{Call, Data, Error, Function, GoString, Location, TaintFlow, TaintId, TaintOrigin, Value, types};

/// How many calls of templates around a call are told.
const MAXIMUM_CALLERS: usize = 16;

impl<'e> Executor<'e> {
    /// The function that a tree names.
    pub(super) fn function(&self, frame: &Frame<'_>, id: FunctionId) -> Result<Rc<Function>, Error> {
        self.templates.function(id).ok_or_else(|| frame.error("function not defined"))
    }

    /// Calls a function with the arguments of a command; `last` came through the pipe.
    ///
    /// `place` is what an error of the function itself names.
    pub(super) fn call<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        function: &Function,
        place: Place<'t>,
        words: &'t [Expression],
        last: Option<Operand>,
    ) -> Result<Operand, Error> {
        self.step()?;
        let signature = function.signature;
        let count = words.len() + usize::from(last.is_some());
        let parameters = signature.parameters;
        let fixed = if signature.is_variadic { parameters.len().saturating_sub(1) } else { words.len() };
        if signature.is_variadic && count < fixed {
            let got = words.len();
            let message =
                format!("wrong number of args for {}: want at least {fixed} got {got}", function.name);
            return Err(frame.error(message));
        }
        if !signature.is_variadic && count != parameters.len() {
            let wanted = parameters.len();
            return Err(
                frame.error(format!("wrong number of args for {}: want {wanted} got {count}", function.name))
            );
        }
        if function.is_builtin() && matches!(function.name, "and" | "or") {
            return self.decide(frame, dot, function.name == "or", words, last);
        }
        let parameter =
            |index: usize| parameters.get(index).or(parameters.last()).copied().unwrap_or(types::ANY);
        let mut arguments = Vec::with_capacity(count);
        let mut interfaces = 0u64;
        for (index, word) in words.iter().enumerate() {
            let argument = self.argument(frame, dot, parameter(index), word)?;
            interfaces |= u64::from(argument.is_interface).checked_shl(index as u32).unwrap_or(0);
            arguments.push(argument.value);
        }
        if let Some(last) = last {
            let index = arguments.len();
            let argument = validated(frame, last, parameter(index))?;
            interfaces |= u64::from(argument.is_interface).checked_shl(index as u32).unwrap_or(0);
            arguments.push(argument.value);
        }
        let callee = (function.is_builtin() && function.name == "call")
            .then(|| callee_text(frame, words, arguments.first()));
        let name = callee.as_ref().map_or(Cow::Borrowed(function.name), GoString::to_text);
        if function.weighs_arguments() {
            let weight = arguments.iter().fold(0u64, |sum, argument| sum.saturating_add(weigh(argument)));
            self.use_steps(weight)?;
        }
        let result = {
            let mut bridge = Bridge { executor: self, tree: frame.tree, place };
            let mut call = Call { runtime: &mut bridge, name: &name, interfaces };
            function.run(&mut call, &arguments)
        };
        let value = match result {
            Ok(value) => value,
            Err(cause) => {
                frame.place = Some(place);
                return Err(frame.error_with(format!("error calling {}: ", function.name), Some(cause)));
            }
        };
        let value = self.finished(frame, function, place, &arguments, value)?;
        Ok(Operand { value, is_interface: signature.result.is(types::ANY) })
    }

    /// Evaluates `and` and `or`, which stop at the argument that decides.
    fn decide<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        deciding: bool,
        words: &'t [Expression],
        last: Option<Operand>,
    ) -> Result<Operand, Error> {
        let mut value = Operand::INVALID;
        for word in words {
            value = self.argument(frame, dot, types::REFLECT, word)?;
            if value.value.is_true() == deciding {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// Charges for a result and gives it the marks that the function's flow says.
    fn finished(
        &mut self,
        frame: &Frame<'_>,
        function: &Function,
        place: Place<'_>,
        arguments: &[Value],
        value: Value,
    ) -> Result<Value, Error> {
        if function.taint != TaintFlow::Carry {
            match value.data() {
                Data::String(text) => self.use_bytes(text.len())?,
                Data::List(list) => self.use_bytes(list.len().saturating_mul(size_of::<Value>()))?,
                _ => {}
            }
        }
        match function.taint {
            TaintFlow::Carry => Ok(value),
            TaintFlow::Derive if self.taints.is_empty() => Ok(value),
            TaintFlow::Derive => {
                // What a condition finds out about a container does not depend on all that is in it.
                let is_answer = matches!(value.data(), Data::Bool(_));
                let own = |argument: &Value| {
                    if is_answer { argument.taint() } else { self.taints.of_value(argument) }
                };
                let mark = arguments
                    .iter()
                    .fold(TaintId::CLEAN, |mark, argument| self.taints.union(mark, own(argument)));
                let is_argument = arguments.iter().any(|argument| match (argument.data(), value.data()) {
                    (Data::Map(one), Data::Map(other)) => one.is_same(other),
                    (Data::List(one), Data::List(other)) => one.is_same(other),
                    _ => false,
                });
                Ok(if is_argument { value } else { self.taints.mark(value, mark) })
            }
            TaintFlow::Source => {
                let mark = self.origin(function.name, frame.tree.location(place));
                Ok(self.taints.mark(value, mark))
            }
        }
    }

    /// Returns the mark of a call of a function that is not the same on every run.
    pub(super) fn origin(&self, function: &str, location: Location) -> TaintId {
        let callers = self.callers.iter().rev().take(MAXIMUM_CALLERS);
        self.taints.origin(TaintOrigin {
            function: function.to_owned(),
            location,
            callers: callers.map(|(source, position)| source.location(*position)).collect(),
        })
    }
}

/// Returns the text of what `call` calls, for its errors: the argument as written, or what came through the pipe.
fn callee_text(frame: &Frame<'_>, words: &[Expression], piped: Option<&Value>) -> GoString {
    if let Some(word) = words.first() {
        return text_of(frame, word);
    }
    match piped.map(Value::data) {
        Some(Data::String(text)) => text.clone(),
        Some(Data::Nil) | None => GoString::from("<invalid Value>"),
        Some(_) => GoString::from(format!("<{} Value>", piped.map_or("invalid", Value::type_name))),
    }
}
