//! The run as functions see it: `include`, `tpl` and the outside world.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::Executor;
use crate::syntax::node_text::Place;
use crate::syntax::on_enough_stack;
use crate::syntax::tree::Tree;
use crate::{Environment, Error, GoString, Limit, Location, Profile, Runtime, TaintId, Value, quote};

/// How often a template may include itself, Helm's limit.
const MAXIMUM_INCLUDES: usize = 1000;

/// How many bytes of texts for `tpl` are kept with their trees.
const MAXIMUM_KEPT_TEXT: usize = 16 << 20;

/// Texts which `tpl` has parsed, with their trees.
#[derive(Default)]
pub(super) struct ParsedTexts {
    trees: HashMap<GoString, Arc<[Arc<Tree>]>>,
    /// The length of all texts together.
    bytes: usize,
}

impl ParsedTexts {
    fn keep(&mut self, text: &[u8], trees: &Arc<[Arc<Tree>]>) {
        if self.bytes + text.len() <= MAXIMUM_KEPT_TEXT {
            self.bytes += text.len();
            self.trees.insert(GoString::from(text), Arc::clone(trees));
        }
    }
}

/// The run at the place of a call.
pub(super) struct Bridge<'a, 'e> {
    pub(super) executor: &'a mut Executor<'e>,
    pub(super) tree: &'a Tree,
    pub(super) place: Place<'a>,
}

impl Runtime for Bridge<'_, '_> {
    fn include(&mut self, name: &[u8], data: &Value) -> Result<Value, Error> {
        self.called(|executor| executor.include(name, data))
    }

    fn evaluate_text(&mut self, text: &[u8], data: &Value) -> Result<Value, Error> {
        self.called(|executor| executor.evaluate_text(text, data))
    }

    fn environment(&self) -> &dyn Environment {
        self.executor.settings.environment
    }

    fn profile(&self) -> Profile {
        self.executor.settings.profile
    }

    fn spend(&mut self, steps: u64) -> Result<(), Error> {
        self.executor.use_steps(steps)
    }

    fn location(&self) -> Location {
        self.tree.location(self.place)
    }

    fn origin(&self, function: &str) -> TaintId {
        self.executor.origin(function, self.location())
    }
}

impl<'e> Bridge<'_, 'e> {
    /// Runs something that this place calls.
    fn called<T>(&mut self, run: impl FnOnce(&mut Executor<'e>) -> T) -> T {
        self.executor.callers.push((Arc::clone(&self.tree.source), self.place.position()));
        let result = run(self.executor);
        self.executor.callers.pop();
        result
    }
}

impl Executor<'_> {
    fn include(&mut self, name: &[u8], data: &Value) -> Result<Value, Error> {
        let text = text_of(name);
        let tree = self.template(&text)?;
        // Only where that many are open can so many be of one name.
        if self.including.len() > MAXIMUM_INCLUDES
            && self.including.iter().filter(|open| ***open == *text).count() > MAXIMUM_INCLUDES
        {
            return Err(Error::message(format!(
                "rendering template has a nested reference name: {text}: unable to execute template"
            )));
        }
        self.including.push(Arc::clone(&tree.name));
        let result =
            self.nested(|executor| executor.execute_to_text(&tree, data, |text| GoString::from(text)));
        self.including.pop();
        let (text, mark) = result?;
        Ok(Value::from(text).with_taint(mark))
    }

    fn evaluate_text(&mut self, text: &[u8], data: &Value) -> Result<Value, Error> {
        if !self.templates.has_action(text) {
            self.use_bytes(text.len())?;
            return Ok(Value::from(without_no_value(text)));
        }
        let trees = match self.parsed.trees.get(text) {
            Some(trees) => Arc::clone(trees),
            None => {
                let name = Arc::from(self.settings.set_name);
                let trees = self.templates.parse_trees(&name, &Arc::from(text)).map_err(|error| {
                    Error::context(format!("cannot parse template {}: ", quote::quote(text)), error)
                })?;
                let trees: Arc<[Arc<Tree>]> = trees.into();
                self.parsed.keep(text, &trees);
                trees
            }
        };
        let outer = self.templates.clone();
        self.templates = outer.layered();
        let mut main = None;
        for tree in trees.iter() {
            if *tree.name == *self.settings.set_name {
                main = Some(Arc::clone(tree));
            }
            self.templates.add(Arc::clone(tree));
        }
        let result = match main {
            Some(main) => self.nested(|executor| executor.execute_to_text(&main, data, without_no_value)),
            None => Ok((GoString::default(), TaintId::CLEAN)),
        };
        self.templates = outer;
        let (evaluated, mark) = result.map_err(|error| match error {
            _ if error.is_limit() => error,
            _ => Error::context(
                format!("error during tpl function execution for {}: ", quote::quote(text)),
                error,
            ),
        })?;
        Ok(Value::from(evaluated).with_taint(mark))
    }

    /// Runs a nested execution within the limit of depth.
    fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= self.settings.limits.depth {
            return Err(Error::Limit(Limit::Depth(self.settings.limits.depth)));
        }
        self.depth += 1;
        let result = on_enough_stack(|| run(self));
        self.depth -= 1;
        result
    }
}

/// Go's text for missing values.
const NO_VALUE: &[u8] = b"<no value>";

/// Takes Go's text for missing values away, as Helm does.
fn without_no_value(text: &[u8]) -> GoString {
    let finder = memchr::memmem::Finder::new(NO_VALUE);
    if finder.find(text).is_none() {
        return GoString::from(text);
    }
    let mut kept = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = finder.find(rest) {
        kept.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + NO_VALUE.len()..).unwrap_or_default();
    }
    kept.extend_from_slice(rest);
    GoString::from(kept)
}

/// A template's name as text.
fn text_of(name: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(name) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => crate::unicode::characters(name).collect(),
    }
}
