//! The run as functions see it: `include`, `tpl` and the outside world.

use std::collections::HashMap;
use std::rc::Rc;

use super::Executor;
use crate::syntax::node_text::Place;
use crate::syntax::on_enough_stack;
use crate::syntax::tree::Tree;
use crate::{Environment, Error, GoString, Limit, Location, Profile, Runtime, TaintId, Value, quote};

/// How often a template may include itself, Helm's limit.
const MAXIMUM_INCLUDES: u32 = 1000;

/// How many bytes of texts for `tpl` are kept with their trees.
const MAXIMUM_KEPT_TEXT: usize = 16 << 20;

/// Texts which `tpl` has parsed, with their trees.
#[derive(Default)]
pub(super) struct ParsedTexts {
    trees: HashMap<GoString, Rc<[Rc<Tree>]>>,
    /// The length of all texts together.
    bytes: usize,
}

impl ParsedTexts {
    fn keep(&mut self, text: &GoString, trees: &Rc<[Rc<Tree>]>) {
        if self.bytes + text.len() <= MAXIMUM_KEPT_TEXT {
            self.bytes += text.len();
            self.trees.insert(text.clone(), Rc::clone(trees));
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
        self.called(|executor| executor.evaluate_text(&GoString::from(text), data))
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
        self.executor.callers.push((Rc::clone(&self.tree.source), self.place.position()));
        let result = run(self.executor);
        self.executor.callers.pop();
        result
    }
}

impl Executor<'_> {
    fn include(&mut self, name: &[u8], data: &Value) -> Result<Value, Error> {
        let key = GoString::from(name);
        let text = key.to_text();
        let count = self.included.entry(key.clone()).or_default();
        if *count > MAXIMUM_INCLUDES {
            return Err(Error::message(format!(
                "rendering template has a nested reference name: {text}: unable to execute template"
            )));
        }
        *count += 1;
        let result = match self.template(&text) {
            Ok(tree) => self.nested(|executor| executor.execute_to_text(&tree, data)),
            Err(error) => Err(error),
        };
        if let Some(count) = self.included.get_mut(&key) {
            *count -= 1;
        }
        let (bytes, mark) = result?;
        Ok(Value::from(bytes).with_taint(mark))
    }

    fn evaluate_text(&mut self, text: &GoString, data: &Value) -> Result<Value, Error> {
        if !self.templates.has_action(text.as_bytes()) {
            self.use_bytes(text.len())?;
            return Ok(Value::from(without_no_value(text.as_bytes())));
        }
        let trees = match self.parsed.trees.get(text) {
            Some(trees) => Rc::clone(trees),
            None => {
                let name = Rc::from(self.settings.set_name);
                let trees = self.templates.parse_trees(&name, text).map_err(|error| {
                    Error::context(
                        format!("cannot parse template {}: ", quote::quote(text.as_bytes())),
                        error,
                    )
                })?;
                let trees: Rc<[Rc<Tree>]> = trees.into();
                self.parsed.keep(text, &trees);
                trees
            }
        };
        let outer = self.templates.clone();
        self.templates = outer.layered();
        let mut main = None;
        for tree in trees.iter() {
            if *tree.name == *self.settings.set_name {
                main = Some(Rc::clone(tree));
            }
            self.templates.add(Rc::clone(tree));
        }
        let result = match main {
            Some(main) => self.nested(|executor| executor.execute_to_text(&main, data)),
            None => Ok((Vec::new(), TaintId::CLEAN)),
        };
        self.templates = outer;
        let (bytes, mark) = result.map_err(|error| match error {
            _ if error.is_limit() => error,
            _ => Error::context(
                format!("error during tpl function execution for {}: ", quote::quote(text.as_bytes())),
                error,
            ),
        })?;
        Ok(Value::from(without_no_value(&bytes)).with_taint(mark))
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

/// Takes Go's text for missing values away, as Helm does.
fn without_no_value(text: &[u8]) -> Vec<u8> {
    const WORD: &[u8] = b"<no value>";
    let mut kept = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        let (before, from) = rest.split_at(at);
        kept.extend_from_slice(before);
        match from.strip_prefix(WORD) {
            Some(after) => rest = after,
            None => {
                kept.push(b'<');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    kept.extend_from_slice(rest);
    kept
}
