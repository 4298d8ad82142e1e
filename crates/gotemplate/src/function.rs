//! Functions by name, with signatures from which the executor checks arguments as Go's reflection does.
//!
//! A function is registered with the types of its parameters and of its result. The executor evaluates and checks the
//! arguments (`wrong number of args for X: want 2 got 1`, `wrong type for value; expected string; got int`), so a body may
//! rely on them: a `STRING` parameter is a string, an `INT` an `int`, a `MAP` a map, though perhaps Go's nil map; `ANY`
//! is anything. What a body returns as `Err` is shown as `error calling NAME: TEXT`.
//!
//! ```
//! use plimsoll_gotemplate::{Error, Function, Functions, Signature, Value, types};
//!
//! let mut functions = Functions::builtins();
//! functions.register(Function::new(
//!     "repeat",
//!     Signature::new(&[types::INT, types::STRING], types::STRING),
//!     |call, arguments| {
//!         let (count, text) = (arguments[0].integer().unwrap_or(0), arguments[1].string().cloned().unwrap_or_default());
//!         let count = usize::try_from(count).map_err(|_| Error::message("strings: negative Repeat count"))?;
//!         call.runtime.spend(count as u64)?;
//!         Ok(Value::from(text.as_bytes().repeat(count)))
//!     },
//! ));
//! functions.remove("js");
//! ```

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use foldhash::fast::FixedState;

use crate::call::Body;
use crate::{Call, Error, GoType, Value, types};

/// The types of a function's parameters and result.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// The types in order; of a variadic function the last one is the type of each further argument.
    pub parameters: &'static [&'static GoType],
    /// Whether the last parameter takes any number of arguments.
    pub is_variadic: bool,
    /// The type of the result.
    pub result: &'static GoType,
}

impl Signature {
    /// Declares a signature with a fixed number of parameters.
    #[must_use]
    pub const fn new(parameters: &'static [&'static GoType], result: &'static GoType) -> Self {
        Self { parameters, is_variadic: false, result }
    }

    /// Declares a signature whose last parameter takes any number of arguments.
    #[must_use]
    pub const fn variadic(parameters: &'static [&'static GoType], result: &'static GoType) -> Self {
        Self { parameters, is_variadic: true, result }
    }
}

/// How the result of a function takes over the marks of its arguments (see [`crate::Taints`]).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TaintFlow {
    /// The result is made from the arguments: it is marked when any of them, or anything inside them, is.
    #[default]
    Derive,
    /// The result is one of the arguments or holds them or comes out of them (`default`, `dict`, `get`, `merge`): what is
    /// marked in there keeps its own marks.
    Carry,
    /// The result is not the same on every run (`randAlphaNum`, `now`).
    Source,
}

/// A function that templates can call.
#[derive(Clone)]
pub struct Function {
    /// The name in templates and errors.
    pub name: &'static str,
    /// The types.
    pub signature: Signature,
    /// How marks flow through it.
    pub taint: TaintFlow,
    pub(crate) is_builtin: bool,
    pub(crate) body: Body,
}

impl Function {
    /// Creates a function whose result derives from its arguments.
    #[must_use]
    pub fn new(
        name: &'static str,
        signature: Signature,
        body: impl Fn(&mut Call<'_>, &[Value]) -> Result<Value, Error> + 'static,
    ) -> Self {
        Self { name, signature, taint: TaintFlow::Derive, is_builtin: false, body: Rc::new(body) }
    }

    /// Sets how marks flow.
    #[must_use]
    pub fn with_taint(mut self, taint: TaintFlow) -> Self {
        self.taint = taint;
        self
    }

    /// Reports whether a call is charged for all that is in the arguments: results which derive from them may be as
    /// large. Other functions charge for what they look at by themselves.
    pub(crate) fn weighs_arguments(&self) -> bool {
        // A question about a value is answered without looking at all of it.
        let is_question = self.signature.result.is(types::BOOL);
        self.taint == TaintFlow::Derive && !self.is_builtin && !is_question
    }

    /// Reports whether it is one of the language's own, of which some are evaluated specially.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.is_builtin
    }

    /// Runs the body on arguments which fit the signature.
    ///
    /// # Errors
    /// The body's own.
    pub fn run(&self, call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
        (self.body)(call, arguments)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Function").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Names a function of a [`Functions`]; what replaces a function takes over its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct FunctionId(u32);

/// The names of functions, which is all of them that parsing needs; it can be shared between threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionIds(HashMap<&'static [u8], (&'static str, FunctionId), FixedState>);

impl FunctionIds {
    /// Finds a function by its name.
    pub(crate) fn find(&self, name: &[u8]) -> Option<(&'static str, FunctionId)> {
        self.0.get(name).copied()
    }
}

/// More functions than charts know.
const USUAL_COUNT: usize = 320;

/// The functions that templates know.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    ids: FunctionIds,
    /// By their numbers, also those that were taken away.
    all: Vec<Rc<Function>>,
}

impl Functions {
    /// Returns the language's own functions.
    #[must_use]
    pub fn builtins() -> Self {
        let ids = FunctionIds(HashMap::with_capacity_and_hasher(USUAL_COUNT, FixedState::default()));
        let mut functions = Self { ids, all: Vec::with_capacity(USUAL_COUNT) };
        crate::builtins::register(&mut functions);
        functions
    }

    /// Adds a function; one of the same name is replaced.
    pub fn register(&mut self, function: Function) {
        let name = function.name;
        if let Some(known) =
            self.ids.find(name.as_bytes()).and_then(|(_, id)| self.all.get_mut(id.0 as usize))
        {
            *known = Rc::new(function);
            return;
        }
        // There are hundreds of functions.
        let id = FunctionId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.ids.0.insert(name.as_bytes(), (name, id));
        self.all.push(Rc::new(function));
    }

    /// Takes a function away.
    pub fn remove(&mut self, name: &str) {
        self.ids.0.remove(name.as_bytes());
    }

    /// Finds a function.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Rc<Function>> {
        let (_, id) = self.ids.find(name.as_bytes())?;
        self.all.get(id.0 as usize)
    }

    /// The function of a number that [`FunctionIds`] gave.
    pub(crate) fn get(&self, id: FunctionId) -> Option<&Rc<Function>> {
        self.all.get(id.0 as usize)
    }

    /// The names alone.
    pub(crate) fn ids(&self) -> &FunctionIds {
        &self.ids
    }

    /// Returns all names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        let mut names: Vec<&'static str> = self.ids.0.values().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.into_iter()
    }
}
