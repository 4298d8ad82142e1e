//! Workloads of charts that are too large for the nodes of the environment, and that only because nobody chose their size.
//!
//! A chart's own sizes are those of a production: three replicas of a database with gibibytes each. Values that leave them say
//! nothing wrong, and the pods stay Pending. Where the environment makes no nodes, nothing is known and nothing is told.

use super::capacity::{Capacity, Nodes, pods_of, requested};
use super::world::World;
use crate::config::environment::Environment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expansion::EnvironmentResources;
use crate::render::{DefaultSize, RenderedEnvironment};

/// The code of the warnings.
pub const DEFAULT_SIZE: &str = "values::default-size";

/// Warns of the workloads with default sizes, where the nodes do not hold all pods, largest first.
#[must_use]
pub fn too_large(environment: &Environment, rendered: &RenderedEnvironment) -> Diagnostics {
    if rendered.default_sizes.is_empty() {
        return Diagnostics::new();
    }
    let expansion = EnvironmentResources::of_rendered(rendered).expand();
    let world = World::of(environment, rendered, &expansion);
    let Some(nodes) = Nodes::of(&world) else { return Diagnostics::new() };
    let mut wanted = Capacity::default();
    let mut found: Vec<(Capacity, Diagnostic)> = Vec::new();
    for workload in world.workloads().filter(|workload| workload.resource.cluster == "workload") {
        let (pod, count) = (requested(&workload), pods_of(&workload, nodes));
        let mut all = Capacity::default();
        all.add(pod, count);
        wanted.add(all, 1);
        let id = &workload.resource.id;
        let size = rendered.default_sizes.iter().find(|size| size.kind == id.kind && size.name == id.name);
        if let Some(size) = size.filter(|_| is_part(all, nodes.all)) {
            found.push((all, diagnose(size, pod, count)));
        }
    }
    if nodes.all.holds(wanted) {
        return Diagnostics::new();
    }
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    let (wants, count, has) = (wanted.text(), nodes.count, nodes.all.text());
    let cause = format!("all pods request {wants}, but {count} nodes have {has} for them");
    found.into_iter().map(|(_, diagnostic)| diagnostic.with_cause(cause.clone())).collect()
}

/// Whether it is more than a tenth of what there is; less is not what the nodes lack.
fn is_part(size: Capacity, all: Capacity) -> bool {
    size.cpu * 10 > all.cpu || size.memory * 10 > all.memory
}

fn diagnose(size: &DefaultSize, pod: Capacity, count: i128) -> Diagnostic {
    let DefaultSize { kind, name, chart, values, place } = size;
    let pods = if count == 1 { "one pod".to_owned() } else { format!("{count} pods, each") };
    let message = format!(
        "`{kind} {name}` has the size that the chart `{chart}` chose, {pods} of {}, and the nodes are too small",
        pod.text()
    );
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    Diagnostic::warning(Code::new(DEFAULT_SIZE), message)
        .at(place.clone())
        .with_help(format!("choose a size: set {}", values.join(", ")))
}
