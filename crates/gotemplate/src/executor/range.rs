//! `range` over slices, maps and whole numbers.

use super::walk::Flow;
use super::{Executor, Frame, Operand};
use crate::printing::append_text;
use crate::syntax::node::Branch;
use crate::{Data, Error, GoString, GoType, Value, types};

impl<'e> Executor<'e> {
    pub(super) fn range<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        branch: &'t Branch,
    ) -> Result<Flow, Error> {
        let collection = self.pipeline(frame, dot, &branch.pipeline)?.value;
        let mark = frame.variables.len();
        let mut iterations = Iterations { branch, mark, has_run: false };
        let outer = collection.taint();
        match collection.data() {
            Data::List(list) => {
                let wrap = wrapper(list.go_type());
                for (index, item) in list.items().iter().enumerate() {
                    let item = wrap(self.tainted_by(item.clone(), outer));
                    if iterations.run(self, frame, Operand::plain(Value::from(index)), item)? == Flow::Break {
                        break;
                    }
                }
            }
            Data::Map(map) => {
                let wrap = wrapper(map.go_type());
                for (key, item) in map.entries().iter() {
                    let item = wrap(self.tainted_by(item.clone(), outer));
                    let key = Operand::plain(Value::from(key.clone()));
                    if iterations.run(self, frame, key, item)? == Flow::Break {
                        break;
                    }
                }
            }
            Data::Nil => {}
            _ => self.range_over_number(frame, &collection, &mut iterations)?,
        }
        match &branch.otherwise {
            // A `break` in there ends this range, a `continue` belongs to the one around it: Go's own.
            Some(otherwise) if !iterations.has_run => match self.nodes(frame, dot, otherwise)? {
                Flow::Break => Ok(Flow::Next),
                flow => Ok(flow),
            },
            _ => Ok(Flow::Next),
        }
    }

    fn range_over_number<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        number: &Value,
        iterations: &mut Iterations<'t>,
    ) -> Result<(), Error> {
        let whole =
            || number.integer().or_else(|| number.unsigned().and_then(|number| i64::try_from(number).ok()));
        let Some(count) = whole() else {
            return Err(frame.error(shown(b"range can't iterate over ", number, b"")?));
        };
        if iterations.branch.pipeline.variables.len() > 1 {
            return Err(frame.error(shown(
                b"can't use ",
                number,
                b" to iterate over more than one variable",
            )?));
        }
        for index in 0..count {
            let item = match number.data() {
                Data::Int64(_) => Data::Int64(index),
                Data::Int32(_) => Data::Int32(i32::try_from(index).unwrap_or(i32::MAX)),
                Data::Uint8(_) => Data::Uint8(u8::try_from(index).unwrap_or(u8::MAX)),
                Data::Uint64(_) => Data::Uint64(index.unsigned_abs()),
                _ => Data::Int(index),
            };
            let item = self.tainted_by(Value::from(item), number.taint());
            if iterations.run(self, frame, Operand::INVALID, Operand::plain(item))? == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    /// Returns the value with the mark of what it was taken out of.
    pub(super) fn tainted_by(&self, value: Value, outer: crate::TaintId) -> Value {
        if outer.is_clean() {
            return value;
        }
        let mark = self.taints.union(value.taint(), outer);
        value.with_taint(mark)
    }
}

/// The runs of a range's body.
struct Iterations<'t> {
    branch: &'t Branch,
    /// The number of variables before the body.
    mark: usize,
    has_run: bool,
}

impl<'t> Iterations<'t> {
    fn run(
        &mut self,
        executor: &mut Executor<'_>,
        frame: &mut Frame<'t>,
        index: Operand,
        item: Operand,
    ) -> Result<Flow, Error> {
        executor.step()?;
        self.has_run = true;
        let pipeline = &self.branch.pipeline;
        match (&*pipeline.variables, pipeline.is_assignment) {
            ([], _) => {}
            ([only], true) => frame.set_variable(only, item.clone())?,
            ([first, second, ..], true) => {
                frame.set_variable(first, index)?;
                frame.set_variable(second, item.clone())?;
            }
            ([_], false) => frame.set_top_variable(1, item.clone()),
            ([_, _, ..], false) => {
                frame.set_top_variable(1, item.clone());
                frame.set_top_variable(2, index);
            }
        }
        let flow = executor.nodes(frame, &item, &self.branch.body)?;
        frame.variables.truncate(self.mark);
        Ok(flow)
    }
}

/// Returns how elements of a type come out of it.
pub(super) fn wrapper(go_type: &GoType) -> fn(Value) -> Operand {
    if go_type.element.is_some_and(|element| element.is(types::ANY)) {
        Operand::interface
    } else {
        Operand::plain
    }
}

fn shown(before: &[u8], value: &Value, after: &[u8]) -> Result<GoString, Error> {
    let mut text = before.to_vec();
    append_text(&mut text, value)?;
    text.extend_from_slice(after);
    Ok(GoString::from(text))
}
