//! Sets of named templates.
//!
//! A set is cheap to clone: what `tpl` adds lies in a layer above the set it was called in. An empty template never
//! replaces one that is not.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::syntax::lexer::{self, Delimiters};
use crate::syntax::parser;
use crate::syntax::tree::Tree;
use crate::{Error, Functions, GoString};

/// Named templates which call each other, and the functions that they know.
#[derive(Clone, Debug)]
pub struct Templates {
    layer: Rc<Layer>,
    functions: Rc<Functions>,
    delimiters: Rc<Delimiters>,
}

#[derive(Clone, Debug, Default)]
struct Layer {
    trees: BTreeMap<Rc<str>, Rc<Tree>>,
    below: Option<Rc<Layer>>,
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
    pub fn parse(&mut self, name: &str, text: impl Into<GoString>) -> Result<(), Error> {
        let trees = self.parse_trees(&Rc::from(name), &text.into())?;
        for tree in trees {
            self.add(tree);
        }
        Ok(())
    }

    /// Reports whether there is a template of that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(crate) fn parse_trees(&self, name: &Rc<str>, text: &GoString) -> Result<Vec<Rc<Tree>>, Error> {
        parser::parse(name, text, &self.delimiters, &self.functions)
            .map_err(|error| Error::Parse(Box::new(error)))
    }

    /// Reports whether a text has an action at all.
    pub(crate) fn has_action(&self, text: &[u8]) -> bool {
        lexer::find(text, self.delimiters.left.as_bytes()).is_some()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Rc<Tree>> {
        let mut layer = Some(&self.layer);
        while let Some(current) = layer {
            if let Some(tree) = current.trees.get(name) {
                return Some(Rc::clone(tree));
            }
            layer = current.below.as_ref();
        }
        None
    }

    /// Returns all trees, also those behind others of the same name.
    pub(crate) fn trees(&self) -> Vec<Rc<Tree>> {
        let mut trees = Vec::new();
        let mut layer = Some(&self.layer);
        while let Some(current) = layer {
            trees.extend(current.trees.values().cloned());
            layer = current.below.as_ref();
        }
        trees
    }

    pub(crate) fn add(&mut self, tree: Rc<Tree>) {
        if tree.is_empty() && self.find(&tree.name).is_some() {
            return;
        }
        Rc::make_mut(&mut self.layer).trees.insert(Rc::clone(&tree.name), tree);
    }

    /// Returns a set that begins as this one and whose additions do not show here.
    pub(crate) fn layered(&self) -> Self {
        let layer = Rc::new(Layer { trees: BTreeMap::new(), below: Some(Rc::clone(&self.layer)) });
        Self { layer, ..self.clone() }
    }
}
