//! What a function sees of the run that calls it.

use std::rc::Rc;

use crate::{Environment, Error, Location, Profile, TaintId, Value};

/// The run behind a call. The executor implements it.
pub trait Runtime {
    /// Executes a named template on `data` and returns its text, as Helm's `include`.
    ///
    /// # Errors
    /// When there is no such template, when it fails, or when it includes itself 1000 deep.
    fn include(&mut self, name: &[u8], data: &Value) -> Result<Value, Error>;

    /// Parses and executes `text` on `data` in a copy of the template set, as Helm's `tpl`.
    ///
    /// # Errors
    /// When the text does not parse or fails, with Helm's words before the reason.
    fn evaluate_text(&mut self, text: &[u8], data: &Value) -> Result<Value, Error>;

    /// Returns the outside world.
    fn environment(&self) -> &dyn Environment;

    /// Returns which Helm is reproduced.
    fn profile(&self) -> Profile;

    /// Uses up steps of the budget: functions whose work is not bounded by the size of their arguments call this first.
    ///
    /// # Errors
    /// When the budget is used up.
    fn spend(&mut self, steps: u64) -> Result<(), Error>;

    /// Returns the place of the call.
    fn location(&self) -> Location;

    /// Returns the mark of a result that is not the same on every run, for functions whose results only sometimes are.
    fn origin(&self, _function: &str) -> TaintId {
        TaintId::CLEAN
    }
}

/// A call in progress.
pub struct Call<'a> {
    /// The run.
    pub runtime: &'a mut dyn Runtime,
    /// The name under which the function was called.
    pub name: &'a str,
    /// For the arguments in order: whether they came as an empty interface, which some builtins tell from no value.
    pub(crate) interfaces: u64,
}

impl<'a> Call<'a> {
    /// Creates a call; arguments count as plain values.
    pub fn new(runtime: &'a mut dyn Runtime, name: &'a str) -> Self {
        Self { runtime, name, interfaces: 0 }
    }

    /// Returns the outside world.
    #[must_use]
    pub fn environment(&self) -> &dyn Environment {
        self.runtime.environment()
    }

    /// Returns which Helm is reproduced.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.runtime.profile()
    }

    /// Reports whether the argument came out of an interface (a map's or slice's element) and not from an expression.
    pub(crate) fn is_interface(&self, index: u32) -> bool {
        self.interfaces.checked_shr(index).is_some_and(|bits| bits & 1 == 1)
    }
}

/// The body of a function.
pub type Body = Rc<dyn Fn(&mut Call<'_>, &[Value]) -> Result<Value, Error>>;
