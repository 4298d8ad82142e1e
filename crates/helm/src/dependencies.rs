//! Which subcharts take part, under which names, and which of their values the parent imports.
//!
//! Follows Helm 3.21.4 and 4.2.4: a declared dependency is turned off by its condition, else by its tags; a chart below
//! `charts/` that nothing declares always takes part; imported values stand below the parent's own.

use plimsoll_gotemplate::{Data, GoString, Map, Profile, Value};

use crate::arena::{Arena, ChartId, SharedDependency};
use crate::coalesce::{Coalescer, Nulls};
use crate::error::{Error, ErrorKind, Warning};
use crate::semver::is_in_range;
use crate::shared;

/// What the chart declares but `charts/` lacks is an error.
pub(crate) fn check(arena: &Arena<'_>, chart: ChartId) -> Result<(), Error> {
    let node = &arena[chart];
    let missing: Vec<String> = node
        .declared
        .iter()
        .flatten()
        .map(|declared| declared.borrow().name.clone())
        .filter(|name| !node.dependencies.iter().any(|id| arena[*id].name == *name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (words, command) = match arena.profile {
        Profile::V3 => ("An error occurred while checking for chart dependencies", "`helm dependency build`"),
        Profile::V4 => ("an error occurred while checking for chart dependencies", "'helm dependency build'"),
    };
    let message = format!(
        "{words}. You may need to run {command} to fetch missing dependencies: found in Chart.yaml, but \
         missing in charts/ directory: {}",
        missing.join(", ")
    );
    Err(Error::new(ErrorKind::Dependencies, message))
}

/// Keeps the dependencies that take part, and imports their values.
pub(crate) fn process(
    arena: &mut Arena<'_>,
    chart: ChartId,
    values: &Map,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    enable(arena, chart, values, "", warnings)?;
    import(arena, chart, warnings)
}

fn enable(
    arena: &mut Arena<'_>,
    chart: ChartId,
    values: &Map,
    path: &str,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    let Some(declared) = arena[chart].declared.clone() else { return Ok(()) };
    let existing = arena[chart].dependencies.clone();
    let mut dependencies: Vec<ChartId> = existing
        .iter()
        .copied()
        .filter(|id| {
            let node = &arena[*id];
            !declared.iter().any(|declared| {
                let declared = declared.borrow();
                node.name == declared.name && is_in_range(&declared.version, &node.source.metadata.version)
            })
        })
        .collect();
    for requirement in &declared {
        let (name, version, alias) = {
            let requirement = requirement.borrow();
            (requirement.name.clone(), requirement.version.clone(), requirement.alias.clone())
        };
        let found = existing.iter().find(|id| {
            arena[**id].name == name && is_in_range(&version, &arena[**id].source.metadata.version)
        });
        if let Some(id) = found {
            dependencies.push(arena.copy(*id, &alias));
        }
        if !alias.is_empty() {
            requirement.borrow_mut().name = alias;
        }
    }
    arena.set_dependencies(chart, dependencies.clone());
    for requirement in &declared {
        requirement.borrow_mut().enabled = true;
    }
    let coalesced = Coalescer { arena, nulls: Nulls::Delete, warnings }.run(chart, values)?;
    apply_tags(&declared, &coalesced, warnings);
    apply_conditions(&declared, &coalesced, path, warnings);
    let is_off = |name: &str| {
        declared
            .iter()
            .map(|requirement| requirement.borrow())
            .any(|requirement| !requirement.enabled && requirement.name == name)
    };
    let kept: Vec<ChartId> = dependencies.into_iter().filter(|id| !is_off(&arena[*id].name)).collect();
    let still_declared: Vec<SharedDependency> =
        declared.iter().filter(|requirement| !is_off(&requirement.borrow().name)).cloned().collect();
    for id in &kept {
        let path = format!("{path}{}.", arena[*id].name);
        enable(arena, *id, &coalesced, &path, warnings)?;
    }
    arena[chart].declared = if still_declared.is_empty() { None } else { Some(still_declared) };
    arena.set_dependencies(chart, kept);
    Ok(())
}

fn apply_tags(declared: &[SharedDependency], values: &Map, warnings: &mut Vec<Warning>) {
    let Some(tags) = shared::table_at(values, "tags") else { return };
    for requirement in declared {
        let mut requirement = requirement.borrow_mut();
        let (mut some_true, mut some_false) = (false, false);
        for tag in requirement.tags.iter().flatten() {
            match tags.value(tag.as_bytes()).as_ref().map(Value::data) {
                None => {}
                Some(Data::Bool(true)) => some_true = true,
                Some(Data::Bool(false)) => some_false = true,
                Some(_) => warnings.push(Warning {
                    origin: "dependencies.go:95",
                    text: format!(
                        "Warning: Tag '{tag}' for chart {} returned non-bool value",
                        requirement.name
                    ),
                }),
            }
        }
        requirement.enabled = some_true || !some_false;
    }
}

fn apply_conditions(declared: &[SharedDependency], values: &Map, path: &str, warnings: &mut Vec<Warning>) {
    for requirement in declared {
        let mut requirement = requirement.borrow_mut();
        let conditions = requirement.condition.trim().to_owned();
        for condition in conditions.split(',').filter(|condition| !condition.is_empty()) {
            match scalar_at(values, &format!("{path}{condition}")).as_ref().map(Value::data) {
                Some(Data::Bool(enabled)) => {
                    requirement.enabled = *enabled;
                    break;
                }
                Some(_) => warnings.push(Warning {
                    origin: "dependencies.go:64",
                    text: format!(
                        "Warning: Condition path '{condition}' for chart {} returned non-bool value",
                        requirement.name
                    ),
                }),
                None => {}
            }
        }
    }
}

/// What stands at a path of keys, unless it is a table.
fn scalar_at(values: &Map, path: &str) -> Option<Value> {
    let (table, key) = match path.rsplit_once('.') {
        Some((tables, key)) => (shared::table_at(values, tables)?, key),
        None => (values.clone(), path),
    };
    table.value(key.as_bytes()).filter(|value| !shared::is_table(value))
}

fn import(arena: &mut Arena<'_>, chart: ChartId, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    for id in arena[chart].dependencies.clone() {
        import(arena, id, warnings)?;
    }
    let Some(declared) = arena[chart].declared.clone() else { return Ok(()) };
    let mut coalescer = Coalescer { arena, nulls: Nulls::Keep, warnings };
    let merged = coalescer.run(chart, &Map::new())?;
    let imported = Map::new();
    for requirement in &declared {
        let (name, imports) = {
            let requirement = requirement.borrow();
            (requirement.name.clone(), requirement.imports_to_do())
        };
        for wanted in &imports {
            let (child, parent, warning) = match wanted {
                serde_json::Value::Object(entries) => {
                    let text = |key: &str| {
                        let value = entries.get(key).map_or(Value::NIL, |value| {
                            shared::from_json(&crate::yaml_input::with_floats(value.clone()))
                        });
                        shared::printed(&value)
                    };
                    (text("child"), Some(text("parent")), "dependencies.go:270")
                }
                serde_json::Value::String(key) => (format!("exports.{key}"), None, "dependencies.go:287"),
                _ => continue,
            };
            match table(&merged, &format!("{name}.{child}")) {
                Err(key) => {
                    let of = if parent.is_some() { format!(" from chart {name}") } else { String::new() };
                    let text = format!("Warning: ImportValues missing table{of}: \"{key}\" is not a table");
                    coalescer.warnings.push(Warning { origin: warning, text });
                }
                Ok(table) => {
                    let below = parent.map_or_else(|| table.clone(), |parent| nested(&parent, &table));
                    coalescer.tables(&imported, &below);
                }
            }
        }
    }
    // What is imported shares tables with what it is imported from.
    let values = if imported.is_empty() { merged } else { shared::deep_copy_table(&merged) };
    coalescer.tables(&values, &imported);
    for requirement in &declared {
        let mut requirement = requirement.borrow_mut();
        requirement.mark_imported();
    }
    arena[chart].values = values;
    Ok(())
}

/// The table at a path, or the first key on the way that has none.
fn table(values: &Map, path: &str) -> Result<Map, String> {
    let mut table = values.clone();
    for key in path.split('.') {
        let inner = table.value(key.as_bytes()).and_then(|value| value.map().cloned());
        table = inner.ok_or_else(|| key.to_owned())?;
    }
    Ok(table)
}

/// A table that holds another at a path; `.` is the table itself.
fn nested(path: &str, table: &Map) -> Map {
    if path == "." {
        return table.clone();
    }
    path.split('.')
        .rev()
        .fold(table.clone(), |inner, key| [(GoString::from(key), Value::from(inner))].into_iter().collect())
}
