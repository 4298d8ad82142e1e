//! Rules that were compiled before, and schemas that were looked through for rules.
//!
//! Many resources are of one kind, and compiling a rule takes longer than evaluating it. Rules and schemas are told by their
//! places in memory, so a memory belongs to schemas that nobody moves or drops while it is there.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use crate::cel::Program;

/// What is known of the rules of some schemas.
#[derive(Debug, Default)]
pub struct RuleMemory {
    ruled: RwLock<BTreeMap<usize, bool>>,
    programs: RwLock<BTreeMap<usize, Compiled>>,
}

type Compiled = Arc<Result<Program, String>>;

impl RuleMemory {
    /// Whether a schema has rules.
    pub(super) fn has_rules(&self, schema: &Value, look: impl FnOnce(&Value) -> bool) -> bool {
        remembered(&self.ruled, schema, || look(schema))
    }

    /// A rule as it was compiled.
    pub(super) fn program(
        &self,
        rule: &Value,
        compile: impl FnOnce() -> Result<Program, String>,
    ) -> Compiled {
        remembered(&self.programs, rule, || Arc::new(compile()))
    }
}

fn remembered<T: Clone>(memory: &RwLock<BTreeMap<usize, T>>, key: &Value, make: impl FnOnce() -> T) -> T {
    let key = ptr::from_ref(key).addr();
    let known = memory.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    known.unwrap_or_else(|| {
        let made = make();
        memory.write().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
        made
    })
}
