//! Charts while they are being rendered: nodes that know their parents and share values, as Helm's pointers do.
//!
//! Dependencies are processed by copying nodes and setting their parents anew. What a copy shares with its original differs
//! between Helm 3.21.4 and 4.2.4 and shows in paths, in aliases and in imported values, so both are reproduced here.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_gotemplate::{Map, Profile};

use crate::chart::Chart;
use crate::metadata::Dependency;
use crate::shared;

/// Names a chart in an [`Arena`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChartId(usize);

/// What a chart needs, as Helm changes it in place.
pub(crate) type SharedDependency = Rc<RefCell<Dependency>>;

/// A chart within a tree of charts.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    /// The chart as it was loaded.
    pub source: &'a Chart,
    /// Its name, or its alias.
    pub name: String,
    /// The dependencies that it declares.
    pub declared: Option<Vec<SharedDependency>>,
    /// Its default values.
    pub values: Map,
    /// The chart that it belongs to.
    pub parent: Option<ChartId>,
    /// The charts that belong to it.
    pub dependencies: Vec<ChartId>,
}

/// All charts of a tree, and copies of them.
#[derive(Debug)]
pub(crate) struct Arena<'a> {
    nodes: Vec<Node<'a>>,
    /// Which Helm is reproduced.
    pub profile: Profile,
}

impl<'a> Arena<'a> {
    /// The tree of a chart, and its root.
    pub(crate) fn new(chart: &'a Chart, profile: Profile) -> (Arena<'a>, ChartId) {
        let mut arena = Arena { nodes: Vec::new(), profile };
        let root = arena.add(chart, None);
        (arena, root)
    }

    fn add(&mut self, chart: &'a Chart, parent: Option<ChartId>) -> ChartId {
        let declared = chart.metadata.dependencies.as_ref();
        let id = self.push(Node {
            source: chart,
            name: chart.metadata.name.clone(),
            declared: declared.map(|all| all.iter().cloned().map(RefCell::new).map(Rc::new).collect()),
            values: shared::table_from_json(&chart.values),
            parent,
            dependencies: Vec::new(),
        });
        let dependencies = chart.dependencies.iter().map(|child| self.add(child, Some(id))).collect();
        self[id].dependencies = dependencies;
        id
    }

    fn push(&mut self, node: Node<'a>) -> ChartId {
        self.nodes.push(node);
        ChartId(self.nodes.len() - 1)
    }

    /// Makes charts the dependencies of another, in place of those that it had.
    pub(crate) fn set_dependencies(&mut self, id: ChartId, dependencies: Vec<ChartId>) {
        for dependency in &dependencies {
            self[*dependency].parent = Some(id);
        }
        self[id].dependencies = dependencies;
    }

    /// A copy of a chart under another name (if any), as Helm makes one for every declared dependency.
    pub(crate) fn copy(&mut self, id: ChartId, alias: &str) -> ChartId {
        let mut node = self[id].clone();
        if !alias.is_empty() {
            node.name = alias.to_owned();
        }
        if self.profile == Profile::V3 {
            return self.push(node);
        }
        for dependency in node.declared.iter_mut().flatten() {
            let own = dependency.borrow().clone();
            *dependency = Rc::new(RefCell::new(own));
        }
        let originals = std::mem::take(&mut node.dependencies);
        let copy = self.push(node);
        let copies = originals
            .into_iter()
            .map(|original| {
                let child = self[original].clone();
                self.push(child)
            })
            .collect();
        self.set_dependencies(copy, copies);
        copy
    }

    /// The path of a chart from the root: `app/charts/database`.
    pub(crate) fn full_path(&self, id: ChartId) -> String {
        let mut names = vec![self[id].name.as_str()];
        let mut at = id;
        while let Some(parent) = self[at].parent {
            names.push(&self[parent].name);
            at = parent;
        }
        names.reverse();
        names.join("/charts/")
    }
}

impl<'a> std::ops::Index<ChartId> for Arena<'a> {
    type Output = Node<'a>;

    fn index(&self, id: ChartId) -> &Node<'a> {
        &self.nodes[id.0]
    }
}

impl std::ops::IndexMut<ChartId> for Arena<'_> {
    fn index_mut(&mut self, id: ChartId) -> &mut Self::Output {
        &mut self.nodes[id.0]
    }
}
