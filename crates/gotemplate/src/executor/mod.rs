//! Executes templates of a set on data.
//!
//! One executor serves one run, such as all templates of a release: its budgets, the counts of nested includes and the
//! marks of values which change from run to run hold for the whole run.

mod argument;
mod call;
mod field;
mod operand;
mod output;
mod pipeline;
mod range;
mod runtime;
mod walk;

use std::sync::Arc;

pub(crate) use field::zero_value;
use operand::Operand;
pub use output::{Output, TaintedRange};

use crate::syntax::node::VariableId;
use crate::syntax::node_text::Place;
use crate::syntax::tree::{Source, Tree};
use crate::{
    Environment, Error, ExecutionError, GoString, Limit, Profile, TaintId, Taints, Templates, Value, quote,
};

/// What a run may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nodes executed, functions called, elements walked.
    pub steps: u64,
    /// Bytes of output and of all texts in between.
    pub bytes: u64,
    /// How deep `include` and `tpl` may be nested together.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 30_000_000, bytes: 192 << 20, depth: 10_000 }
    }
}

/// What a field that a map does not have gives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MissingKey {
    /// No value: whatever is asked of it is no value either.
    Invalid,
    /// The zero value of the map's elements, as Helm sets it: fields of it are errors.
    #[default]
    Zero,
    /// An error.
    Error,
}

/// How templates are executed.
#[derive(Clone, Copy)]
pub struct Settings<'e> {
    /// The outside world.
    pub environment: &'e dyn Environment,
    /// Which Helm is reproduced.
    pub profile: Profile,
    /// What missing keys give.
    pub missing_key: MissingKey,
    /// The budgets.
    pub limits: Limits,
    /// The name of the set itself, under which `tpl` parses its texts: Helm's is `gotpl`.
    pub set_name: &'e str,
}

impl<'e> Settings<'e> {
    /// Returns Helm's settings.
    #[must_use]
    pub fn new(environment: &'e dyn Environment, profile: Profile) -> Self {
        let limits = Limits::default();
        Self { environment, profile, missing_key: MissingKey::default(), limits, set_name: "gotpl" }
    }
}

/// A run of templates.
pub struct Executor<'e> {
    settings: Settings<'e>,
    /// The set that `include` and `template` look into; inside of `tpl` it has what its text defines, too.
    templates: Templates,
    taints: Taints,
    steps_left: u64,
    bytes_left: u64,
    /// How deep `include` and `tpl` are nested at the moment.
    depth: u32,
    /// The calls of templates at the moment, outermost first.
    callers: Vec<(Arc<Source>, u32)>,
    /// The templates that are being included at the moment, outermost first.
    including: Vec<Arc<str>>,
    /// The trees of texts which `tpl` has parsed.
    parsed: runtime::ParsedTexts,
    output: Output,
}

/// The execution of one template.
struct Frame<'t> {
    tree: &'t Tree,
    /// What errors name.
    place: Option<Place<'t>>,
    /// What `$` is unless a variable of that name stands over it.
    root: Operand,
    variables: Vec<(VariableId, Operand)>,
    /// How deep `template` actions are nested.
    depth: u32,
}

impl Frame<'_> {
    fn error(&self, message: impl Into<GoString>) -> Error {
        self.error_with(message, None)
    }

    fn error_with(&self, message: impl Into<GoString>, cause: Option<Error>) -> Error {
        // Where a budget ends is told, not the thousands of calls around it.
        if cause.as_ref().is_some_and(Error::is_limit) {
            return cause.map(|limit| self.located(limit)).unwrap_or_else(|| self.error(message));
        }
        self.execution_error(message.into(), cause)
    }

    /// Gives the end of a budget its place.
    fn located(&self, error: Error) -> Error {
        match error {
            Error::Limit(_) => self.execution_error(GoString::default(), Some(error)),
            _ => error,
        }
    }

    fn execution_error(&self, message: GoString, cause: Option<Error>) -> Error {
        let node = self.place.map(|place| GoString::from(place.text(&self.tree.source.text)));
        Error::Execution(Box::new(ExecutionError {
            template: Arc::clone(&self.tree.name),
            location: self.place.map(|place| self.tree.location(place)),
            node: node.map_or_else(String::new, |node| node.to_text().into_owned()),
            message,
            cause,
        }))
    }
}

impl<'e> Executor<'e> {
    /// Creates a run over a set of templates.
    #[must_use]
    pub fn new(templates: &Templates, settings: Settings<'e>) -> Self {
        Self {
            templates: templates.clone(),
            taints: Taints::default(),
            steps_left: settings.limits.steps,
            bytes_left: settings.limits.bytes,
            depth: 0,
            callers: Vec::new(),
            including: Vec::new(),
            parsed: runtime::ParsedTexts::default(),
            output: Output::default(),
            settings,
        }
    }

    /// Executes a template and returns what it writes.
    ///
    /// # Errors
    /// The first error of the execution, or that there is no such template.
    pub fn execute(&mut self, name: &str, data: &Value) -> Result<Output, Error> {
        self.output = Output::default();
        self.callers.clear();
        let tree = self.template(name)?;
        self.execute_tree(&tree, data)?;
        Ok(std::mem::take(&mut self.output))
    }

    /// Returns the marks of values which are not the same on every run.
    #[must_use]
    pub fn taints(&self) -> &Taints {
        &self.taints
    }

    fn template(&self, name: &str) -> Result<Arc<Tree>, Error> {
        self.templates.find(name).ok_or_else(|| {
            let (name, set) =
                (quote::quote(name.as_bytes()), quote::quote(self.settings.set_name.as_bytes()));
            Error::message(format!("template: no template {name} associated with template {set}"))
        })
    }

    fn execute_tree(&mut self, tree: &Tree, data: &Value) -> Result<(), Error> {
        let dot = Operand::plain(data.clone());
        let mut frame = Frame { tree, place: None, root: dot.clone(), variables: Vec::new(), depth: 0 };
        self.nodes(&mut frame, &dot, &tree.nodes).map(|_| ())
    }

    /// Executes a tree at the end of the output, takes the text off again and returns what `read` makes of it.
    fn execute_to_text<T>(
        &mut self,
        tree: &Tree,
        data: &Value,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<(T, TaintId), Error> {
        let (start, tainted_start) = (self.output.bytes.len(), self.output.tainted.len());
        let result = self.execute_tree(tree, data);
        let text = read(self.output.bytes.get(start..).unwrap_or_default());
        self.output.bytes.truncate(start);
        let tainted = self.output.tainted.drain(tainted_start..);
        let mark = tainted.fold(TaintId::CLEAN, |mark, range| self.taints.union(mark, range.mark));
        result.map(|()| (text, mark))
    }

    fn step(&mut self) -> Result<(), Error> {
        self.use_steps(1)
    }

    fn use_steps(&mut self, steps: u64) -> Result<(), Error> {
        self.steps_left = self
            .steps_left
            .checked_sub(steps)
            .ok_or(Error::Limit(Limit::Steps(self.settings.limits.steps)))?;
        Ok(())
    }

    fn use_bytes(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes_left = self
            .bytes_left
            .checked_sub(bytes as u64)
            .ok_or(Error::Limit(Limit::OutputBytes(self.settings.limits.bytes)))?;
        Ok(())
    }
}
