//! Sets of named templates.
//!
//! A set is cheap to clone: what `tpl` adds lies in a layer above the set it was called in. An empty template never
//! replaces one that is not.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rayon::prelude::*;

use crate::function::FunctionId;
use crate::syntax::lexer::{self, Delimiters};
use crate::syntax::parser;
use crate::syntax::tree::{Source, Tree};
use crate::{Error, Function, Functions, ParseError};

/// From this many bytes on texts are parsed on all processors; for fewer the threads would take longer to start.
const MANY_BYTES: usize = 48 * 1024;

/// Named templates which call each other, and the functions that they know.
#[derive(Clone, Debug)]
pub struct Templates {
    layer: Rc<Layer>,
    functions: Rc<Functions>,
    delimiters: Rc<Delimiters>,
}

/// A text with the name under which it is parsed.
pub type NamedText = (Arc<str>, Arc<[u8]>);

type Trees = Vec<Arc<Tree>>;

#[derive(Clone, Debug, Default)]
struct Layer {
    trees: BTreeMap<Arc<str>, Arc<Tree>>,
    below: Option<Rc<Layer>>,
}

/// The most threads that are started besides the one at hand.
const MOST_OTHERS: usize = 3;

/// What a function makes of each text, made by this thread and by others that are started for it. A pool of threads would let
/// this one wait, and each thread takes memory of its own to begin with.
fn on_this_and_other_threads<T: Send>(
    texts: &[NamedText],
    make: impl Fn((usize, &NamedText)) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let make_some = || {
        let taken = std::iter::from_fn(|| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            texts.get(index).map(|text| (index, make((index, text))))
        });
        taken.collect::<Vec<(usize, T)>>()
    };
    let others = thread::available_parallelism().map_or(0, |all| all.get() - 1).min(MOST_OTHERS);
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(make_some)).collect();
        let mut made = make_some();
        for other in others {
            match other.join() {
                Ok(of_other) => made.extend(of_other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        made
    });
    made.sort_unstable_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, made)| made).collect()
}

impl Templates {
    /// Creates an empty set.
    #[must_use]
    pub fn new(functions: Functions) -> Self {
        Self { layer: Rc::default(), functions: Rc::new(functions), delimiters: Rc::default() }
    }

    /// Sets the marks around actions of texts which are parsed from now on.
    #[must_use]
    pub fn with_delimiters(mut self, delimiters: Delimiters) -> Self {
        self.delimiters = Rc::new(delimiters);
        self
    }

    /// Parses a text under a name and adds what it defines.
    ///
    /// # Errors
    /// The first thing wrong with the text, as [`Error::Parse`].
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<(), Error> {
        self.parse_all(&[(name.into(), text.as_ref().into())]).map_err(|(_, error)| error)
    }

    /// Parses texts and adds what they define, as if one were parsed after the other.
    ///
    /// # Errors
    /// The position of the first text that cannot be parsed, with the first thing wrong with it, as [`Error::Parse`].
    pub fn parse_all(&mut self, texts: &[NamedText]) -> Result<(), (usize, Error)> {
        let equals = equal_texts(texts);
        let (delimiters, ids) = (&*self.delimiters, self.functions.ids());
        let parse = |(index, (name, text)): (usize, &NamedText)| match equals.get(&index) {
            None => parser::parse(name, text, delimiters, ids),
            Some(_) => Ok(Vec::new()),
        };
        let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        let parsed: Vec<Result<Trees, ParseError>> = if bytes < MANY_BYTES {
            texts.iter().enumerate().map(parse).collect()
        } else if rayon::current_thread_index().is_some() {
            texts.par_iter().enumerate().map(parse).collect()
        } else {
            on_this_and_other_threads(texts, parse)
        };
        let mut all: Vec<Trees> = Vec::with_capacity(texts.len());
        for (index, (result, (name, text))) in parsed.into_iter().zip(texts).enumerate() {
            let trees = match equals.get(&index).and_then(|first| all.get(*first)) {
                None => result.map_err(|error| (index, Error::Parse(Box::new(error))))?,
                Some(first) => under_another_name(first, name, text),
            };
            for tree in &trees {
                self.add(Arc::clone(tree));
            }
            all.push(trees);
        }
        Ok(())
    }

    /// Reports whether there is a template of that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(crate) fn parse_trees(&self, name: &Arc<str>, text: &Arc<[u8]>) -> Result<Trees, Error> {
        parser::parse(name, text, &self.delimiters, self.functions.ids())
            .map_err(|error| Error::Parse(Box::new(error)))
    }

    /// Reports whether a text has an action at all.
    pub(crate) fn has_action(&self, text: &[u8]) -> bool {
        lexer::find(text, self.delimiters.left.as_bytes()).is_some()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<Tree>> {
        let mut layer = Some(&self.layer);
        while let Some(current) = layer {
            if let Some(tree) = current.trees.get(name) {
                return Some(Arc::clone(tree));
            }
            layer = current.below.as_ref();
        }
        None
    }

    /// Returns a function that a tree names.
    pub(crate) fn function(&self, id: FunctionId) -> Option<Rc<Function>> {
        self.functions.get(id).map(Rc::clone)
    }

    /// Returns all trees, also those behind others of the same name.
    pub(crate) fn trees(&self) -> Trees {
        let mut trees = Vec::new();
        let mut layer = Some(&self.layer);
        while let Some(current) = layer {
            trees.extend(current.trees.values().cloned());
            layer = current.below.as_ref();
        }
        trees
    }

    pub(crate) fn add(&mut self, tree: Arc<Tree>) {
        if tree.is_empty() && self.find(&tree.name).is_some() {
            return;
        }
        Rc::make_mut(&mut self.layer).trees.insert(Arc::clone(&tree.name), tree);
    }

    /// Returns a set that begins as this one and whose additions do not show here.
    pub(crate) fn layered(&self) -> Self {
        let layer = Rc::new(Layer { trees: BTreeMap::new(), below: Some(Rc::clone(&self.layer)) });
        Self { layer, ..self.clone() }
    }
}

/// Which texts are the same as an earlier one, with the first of these: charts bring the same library along many times.
///
/// A text that mentions one of the two names may define a template of that name, and is left out.
fn equal_texts(texts: &[NamedText]) -> HashMap<usize, usize> {
    let mut firsts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut equals = HashMap::new();
    let mentions = |text: &[u8], name: &str| memchr::memmem::find(text, name.as_bytes()).is_some();
    for (index, (name, text)) in texts.iter().enumerate() {
        let known = firsts.entry(text.len()).or_default();
        let first = known.iter().find_map(|first| {
            let (first_name, first_text) = texts.get(*first)?;
            let is_equal = first_text == text && !mentions(text, first_name) && !mentions(text, name);
            is_equal.then_some(*first)
        });
        match first {
            Some(first) => drop(equals.insert(index, first)),
            None => known.push(index),
        }
    }
    equals
}

/// The trees of a text for the same text under another name.
fn under_another_name(trees: &[Arc<Tree>], name: &Arc<str>, text: &Arc<[u8]>) -> Trees {
    let source = Arc::new(Source { name: Arc::clone(name), text: Arc::clone(text) });
    let tree = |tree: &Arc<Tree>| {
        let is_whole = tree.name == tree.source.name;
        Arc::new(Tree {
            name: Arc::clone(if is_whole { name } else { &tree.name }),
            source: Arc::clone(&source),
            nodes: Arc::clone(&tree.nodes),
        })
    };
    trees.iter().map(tree).collect()
}
