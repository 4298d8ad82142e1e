//! `allOf`, `anyOf`, `oneOf` and `not`.

use plimsoll_gotemplate::quote::quote;
use serde_json::Value;

use super::{Checker, Found, Problem};

impl Checker {
    pub(super) fn check_alternatives(&mut self, value: &Value, schema: &Value, path: &str) -> Found {
        let mut found = Found::default();
        let schemas =
            |keyword: &str| schema.get(keyword).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let name = quote(path.as_bytes());
        if !schemas("anyOf").is_empty() {
            self.check_any(value, schemas("anyOf"), path, &mut found);
        }
        if !schemas("oneOf").is_empty() {
            self.check_one(value, schemas("oneOf"), path, &mut found);
        }
        let all = schemas("allOf");
        let mut valid = 0;
        for schema in all {
            let one = self.check(value, schema, path);
            valid += usize::from(one.is_valid());
            found.merge(one);
        }
        if valid != all.len() {
            let none = if valid == 0 { ". None validated" } else { "" };
            let told = format!("{name} must validate all the schemas (allOf){none}");
            found.problems.push(Problem::unplaced(told));
        }
        if let Some(not) = schema.get("not").filter(|not| not.is_object())
            && self.check(value, not, path).is_valid()
        {
            found.problems.push(Problem::unplaced(format!("{name} must not validate the schema (not)")));
        }
        found.matches += 1;
        found
    }

    /// Of the schemas that fail, the first with the most matches tells its problems.
    fn check_any(&mut self, value: &Value, schemas: &[Value], path: &str, found: &mut Found) {
        let mut best: Option<Found> = None;
        for schema in schemas {
            let one = self.check(value, schema, path);
            if one.is_valid() {
                found.merge(one);
                return;
            }
            if best.as_ref().is_none_or(|best| one.matches > best.matches) {
                best = Some(one);
            }
        }
        let told = format!("{} must validate at least one schema (anyOf)", quote(path.as_bytes()));
        found.problems.push(Problem::unplaced(told));
        found.merge(best.unwrap_or_default());
    }

    fn check_one(&mut self, value: &Value, schemas: &[Value], path: &str, found: &mut Found) {
        let mut best: Option<Found> = None;
        let mut first_valid: Option<Found> = None;
        let mut valid = 0_usize;
        for schema in schemas {
            let one = self.check(value, schema, path);
            if one.is_valid() {
                valid += 1;
                best = None;
                first_valid.get_or_insert(one);
            } else if valid == 0 && best.as_ref().is_none_or(|best| one.matches > best.matches) {
                best = Some(one);
            }
        }
        if valid == 1 {
            found.merge(first_valid.unwrap_or_default());
            return;
        }
        let count = match valid {
            0 => "Found none valid".to_owned(),
            valid => format!("Found {valid} valid alternatives"),
        };
        let told =
            format!("{} must validate one and only one schema (oneOf). {count}", quote(path.as_bytes()));
        found.problems.push(Problem::unplaced(told));
        found.merge(best.unwrap_or_default());
    }
}
