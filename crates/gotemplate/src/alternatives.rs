//! Which values would take the place of a call: what a template asks before it calls a function.
//!
//! `{{ .Values.password | default (randAlphaNum 10) }}` asks for `Values.password`, and so does
//! `{{ if .Values.password }}...{{ else }}{{ randAlphaNum 10 }}{{ end }}`. The paths come from the text alone: fields of
//! `.Values`, also through `with`, variables and `$`. Whether the value is really used instead is not decided here.

use std::collections::HashMap;

use crate::syntax::node::{Branch, BranchKind, Expression, Node, Pipeline, ROOT_VARIABLE, Span};
use crate::syntax::on_enough_stack;
use crate::{Location, Templates};

impl Templates {
    /// Returns the paths of values which the text around a call asks for, nearest first: `Values.auth.password`.
    #[must_use]
    pub fn alternatives(&self, location: &Location) -> Vec<String> {
        let mut found = Vec::new();
        for tree in self.trees().iter().filter(|tree| tree.source.name == location.template) {
            let Some(position) = tree.source.position(location) else {
                continue;
            };
            let source = &tree.source.text;
            let mut search = Search { source, position, paths: HashMap::new(), found: Vec::new() };
            if search.nodes(&tree.nodes, "") {
                found.append(&mut search.found);
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|path| seen.insert(path.clone()));
        found
    }
}

struct Search<'s> {
    source: &'s [u8],
    position: u32,
    /// What variables stand for, as paths from the root.
    paths: HashMap<u32, String>,
    found: Vec<String>,
}

impl Search<'_> {
    /// Looks for the call in a body; reports whether it is there.
    fn nodes(&mut self, nodes: &[Node], dot: &str) -> bool {
        nodes.iter().any(|node| match node {
            Node::Action { pipeline, .. } => self.leading(pipeline, dot),
            Node::Branch(branch) => on_enough_stack(|| self.branch(branch, dot)),
            Node::Template(call) => {
                call.pipeline.as_ref().is_some_and(|pipeline| self.leading(pipeline, dot))
            }
            Node::Text { .. } | Node::Break { .. } | Node::Continue { .. } => false,
        })
    }

    fn branch(&mut self, branch: &Branch, dot: &str) -> bool {
        if self.leading(&branch.pipeline, dot) {
            return true;
        }
        let inner = match branch.kind {
            BranchKind::If => Some(dot.to_owned()),
            BranchKind::With => self.path_of_pipeline(&branch.pipeline, dot),
            BranchKind::Range => None,
        };
        // The elements of a range have no path that a values file could set.
        let is_inside = self.nodes(&branch.body, inner.as_deref().unwrap_or("*"))
            || branch.otherwise.as_ref().is_some_and(|otherwise| self.nodes(otherwise, dot));
        if is_inside {
            self.collect(&branch.pipeline, dot);
        }
        is_inside
    }

    /// Looks for the call in a pipeline that comes before what it leads, and notes the variables that it declares.
    fn leading(&mut self, pipeline: &Pipeline, dot: &str) -> bool {
        if let ([variable], Some(path)) = (&*pipeline.variables, self.path_of_pipeline(pipeline, dot)) {
            self.paths.insert(variable.id.0, path);
        }
        let is_here = self.contains(pipeline);
        if is_here {
            self.collect(pipeline, dot);
        }
        is_here
    }

    fn contains(&self, pipeline: &Pipeline) -> bool {
        on_enough_stack(|| {
            pipeline.commands.iter().flat_map(|command| command.words.iter()).any(|word| self.is_call(word))
        })
    }

    fn is_call(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Function { position, .. } => *position == self.position,
            Expression::Pipeline(pipeline) => self.contains(pipeline),
            Expression::Chain { base, .. } => self.is_call(base),
            _ => false,
        }
    }

    /// Adds the paths of all values that a pipeline asks for.
    fn collect(&mut self, pipeline: &Pipeline, dot: &str) {
        on_enough_stack(|| {
            for word in pipeline.commands.iter().flat_map(|command| command.words.iter()) {
                match word {
                    Expression::Pipeline(inner) => self.collect(inner, dot),
                    _ => self.found.extend(self.path(word, dot).and_then(|path| values_path(&path))),
                }
            }
        });
    }

    fn path_of_pipeline(&self, pipeline: &Pipeline, dot: &str) -> Option<String> {
        match &*pipeline.commands {
            [command] => match &*command.words {
                [word] => self.path(word, dot),
                _ => None,
            },
            _ => None,
        }
    }

    fn path(&self, expression: &Expression, dot: &str) -> Option<String> {
        match expression {
            Expression::Dot { .. } => Some(dot.to_owned()),
            Expression::Field { names, .. } => Some(self.joined(dot, *names)),
            Expression::Variable(variable) if variable.id == ROOT_VARIABLE => {
                Some(self.joined("", variable.fields))
            }
            Expression::Variable(variable) => {
                Some(self.joined(self.paths.get(&variable.id.0)?, variable.fields))
            }
            Expression::Pipeline(pipeline) => self.path_of_pipeline(pipeline, dot),
            Expression::Chain { base, names, .. } => Some(self.joined(&self.path(base, dot)?, *names)),
            _ => None,
        }
    }

    fn joined(&self, start: &str, names: Span) -> String {
        let mut path = start.to_owned();
        for name in names.names(self.source) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        path
    }
}

/// Returns the part of a path from `Values` on, as in `.context.Values.auth`.
fn values_path(path: &str) -> Option<String> {
    let at = path.split('.').position(|name| name == "Values")?;
    let names: Vec<&str> = path.split('.').skip(at).collect();
    (names.len() > 1).then(|| names.join("."))
}
