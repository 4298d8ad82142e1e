//! A chart's values and those of its subcharts made one: the user's over the parent's over the chart's own.
//!
//! Follows Helm 3.21.4 and 4.2.4 step by step, also in what tables end up shared between charts and in which nulls are kept:
//! Helm 4 takes nulls out of a chart's defaults first. Merging keeps every null, coalescing lets a null delete a default.

use std::collections::BTreeSet;

use plimsoll_gotemplate::{GoString, Map, Profile, Value, types};

use crate::arena::{Arena, ChartId};
use crate::error::{Error, ErrorKind, Warning};
use crate::shared;

/// What becomes of nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// A null deletes the default that it stands over.
    Delete,
    /// Nulls are values, to be looked at later.
    Keep,
}

/// Joins values; collects what Helm logs.
pub(crate) struct Coalescer<'a, 'c> {
    /// The charts.
    pub arena: &'a Arena<'c>,
    /// What becomes of nulls.
    pub nulls: Nulls,
    /// What was logged.
    pub warnings: &'a mut Vec<Warning>,
}

impl Coalescer<'_, '_> {
    /// The values of a chart and all its subcharts. The given ones are copied first; nothing may change them, or the defaults of
    /// a chart, from then on.
    pub(crate) fn run(&mut self, chart: ChartId, values: &Map) -> Result<Map, Error> {
        let values = shared::late_copy_table(values);
        self.chart(chart, &values, "")?;
        Ok(values)
    }

    fn chart(&mut self, chart: ChartId, values: &Map, prefix: &str) -> Result<(), Error> {
        self.defaults(chart, values, prefix);
        let arena = self.arena;
        for subchart in &arena[chart].dependencies {
            let name = &arena[*subchart].name;
            let own = match values.value(name.as_bytes()) {
                None => {
                    let own = Map::new();
                    put(values, name.as_str(), Value::from(own.clone()));
                    own
                }
                Some(value) => match value.map() {
                    Some(own) if own.go_type().is(types::MAP) => own.clone(),
                    _ => {
                        let shown = shared::as_boolean_verb(&value);
                        let message = format!("type mismatch on {name}: {shown}");
                        return Err(Error::new(ErrorKind::Values, message));
                    }
                },
            };
            let prefix = join(prefix, &arena[chart].name);
            self.globals(&own, values, &prefix);
            self.chart(*subchart, &own, &prefix)?;
        }
        Ok(())
    }

    /// Copies a chart's globals into those of a subchart, over what the subchart has.
    fn globals(&mut self, into: &Map, from: &Map, prefix: &str) {
        let Some(own) = global_table(into) else {
            self.warn(
                "coalesce.go:138",
                "warning: skipping globals because destination global is not a table.",
            );
            return;
        };
        let Some(above) = global_table(from) else {
            self.warn("coalesce.go:145", "warning: skipping globals because source global is not a table.");
            return;
        };
        for (key, value) in above.entries().iter() {
            match (value.map().filter(|_| shared::is_table(value)), own.value(key.as_bytes())) {
                (Some(table), existing) => {
                    let copy: Map =
                        table.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                    match existing {
                        None => put(&own, key.clone(), Value::from(copy)),
                        Some(existing) => match existing.map().filter(|_| shared::is_table(&existing)) {
                            Some(below) => {
                                self.tables_with(&copy, below, &join(prefix, &key.to_text()), Nulls::Keep);
                                put(&own, key.clone(), Value::from(copy));
                            }
                            None => {
                                let key = plimsoll_gotemplate::quote::quote(key.as_bytes());
                                let text =
                                    format!("Conflict: cannot merge map onto non-map for {key}. Skipping.");
                                self.warn("coalesce.go:161", text);
                            }
                        },
                    }
                }
                (None, Some(existing)) if shared::is_table(&existing) => {
                    self.warn("coalesce.go:175", format!("key {} is table. Skipping", key.to_text()));
                }
                (None, _) => put(&own, key.clone(), value.clone()),
            }
        }
        put(into, "global", Value::from(own));
    }

    /// Fills in a chart's own defaults below the values that are there.
    fn defaults(&mut self, chart: ChartId, values: &Map, prefix: &str) {
        let node = &self.arena[chart];
        let prefix = join(prefix, &node.name);
        let cleaned = match self.arena.profile {
            Profile::V3 => Nulls::Keep,
            Profile::V4 => self.nulls,
        };
        for (key, default) in node.values.entries().iter() {
            let Some(value) = values.value(key.as_bytes()) else {
                if cleaned == Nulls::Keep || !default.is_nil() {
                    put(values, key.clone(), shared::late_copy(default, cleaned));
                }
                continue;
            };
            if value.is_nil() && self.nulls == Nulls::Delete {
                values.remove(key.as_bytes());
            } else if let Some(table) = value.map().filter(|_| shared::is_table(&value)) {
                match default.map() {
                    None if default.is_nil() => {}
                    None => {
                        let key = key.to_text();
                        self.warn(
                            "coalesce.go:237",
                            format!("warning: skipped value for {prefix}.{key}: Not a table."),
                        );
                    }
                    Some(_) => {
                        let mut subcharts =
                            node.dependencies.iter().map(|id| self.arena[*id].name.as_bytes());
                        let is_subchart = subcharts.any(|name| name == key.as_bytes());
                        let (nulls, cleaned) =
                            if is_subchart { (Nulls::Keep, Nulls::Keep) } else { (self.nulls, cleaned) };
                        let below = shared::late_copy(default, cleaned);
                        if let Some(below) = below.map() {
                            self.tables_with(table, below, &join(&prefix, &key.to_text()), nulls);
                        }
                    }
                }
            }
        }
    }

    /// Merges a table below another, under the same rule for nulls.
    pub(crate) fn tables(&mut self, above: &Map, below: &Map) {
        self.tables_with(above, below, "", self.nulls);
    }

    fn tables_with(&mut self, above: &Map, below: &Map, prefix: &str, nulls: Nulls) {
        let entries = below.entries();
        let set_below: BTreeSet<&[u8]> =
            entries.iter().filter(|(_, value)| !value.is_nil()).map(|(key, _)| key.as_bytes()).collect();
        for (key, value) in above.entries().iter() {
            if value.is_nil() {
                put(below, key.clone(), Value::NIL);
            }
        }
        for (key, value) in below.entries().iter() {
            match above.value(key.as_bytes()) {
                Some(existing)
                    if nulls == Nulls::Delete && existing.is_nil() && set_below.contains(key.as_bytes()) =>
                {
                    above.remove(key.as_bytes());
                }
                None => put(above, key.clone(), value.clone()),
                Some(existing) => self.both(&existing, value, prefix, key, nulls),
            }
        }
    }

    fn both(&mut self, existing: &Value, value: &Value, prefix: &str, key: &GoString, nulls: Nulls) {
        let path = || join(prefix, &key.to_text());
        match (shared::is_table(existing), shared::is_table(value)) {
            (true, true) => {
                if let (Some(above), Some(below)) = (existing.map(), value.map()) {
                    self.tables_with(above, below, &path(), nulls);
                }
            }
            (false, true) => {
                let (path, shown) = (path(), shared::printed(value));
                let text = format!("warning: cannot overwrite table with non table for {path} ({shown})");
                self.warn("coalesce.go:316", text);
            }
            (true, false) if !value.is_nil() => {
                let (path, shown) = (path(), shared::printed(value));
                let text =
                    format!("warning: destination for {path} is a table. Ignoring non-table value ({shown})");
                self.warn("coalesce.go:319", text);
            }
            _ => {}
        }
    }

    fn warn(&mut self, origin: &'static str, text: impl Into<String>) {
        self.warnings.push(Warning { origin, text: text.into() });
    }
}

/// The globals of a table of values, empty where there are none; `None` where they are no table.
fn global_table(values: &Map) -> Option<Map> {
    match values.value(b"global") {
        None => Some(Map::new()),
        Some(value) if shared::is_table(&value) => value.map().cloned(),
        Some(_) => None,
    }
}

fn put(table: &Map, key: impl Into<GoString>, value: Value) {
    let is_set = table.insert(key, value);
    debug_assert!(is_set, "tables of values are never nil maps");
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
