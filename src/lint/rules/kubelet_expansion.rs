//! `$(NAME)` in a variable or an argument names a variable that stands before it: the kubelet replaces no other.

use crate::lint::findings::Findings;
use crate::lint::world::{World, items};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            let takes_all = items(container.value, "/envFrom").next().is_some();
            let variables = container.variables();
            for (position, variable) in variables.iter().enumerate() {
                for name in variable.value.into_iter().flat_map(expanded) {
                    if takes_all || variables.iter().take(position).any(|other| other.name == name) {
                        continue;
                    }
                    let path = format!("{}.value", variable.path);
                    let message = if variables.iter().skip(position).any(|other| other.name == name) {
                        format!(
                            "`{}` uses `$({name})`, which stands behind it and is not replaced",
                            variable.name
                        )
                    } else {
                        format!(
                            "`{}` uses `$({name})`, which the container does not have; write `$$(` for the text itself",
                            variable.name
                        )
                    };
                    findings.tell(workload.index, path, message);
                }
            }
        }
    }
}

/// The names in `$(NAME)`; `$$(` is an escape.
fn expanded(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        rest = rest.get(start + 1..).unwrap_or_default();
        if let Some(escaped) = rest.strip_prefix('$') {
            rest = escaped;
        } else if let Some((name, behind)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            names.push(name);
            rest = behind;
        }
    }
    names
}
