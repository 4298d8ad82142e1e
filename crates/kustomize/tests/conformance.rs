//! The tables of kustomize's own tests, where the shared corpora are at hand (`PLIMSOLL_SHARED`).

#![expect(clippy::print_stdout, reason = "says what was skipped, and how many rows were compared")]

use std::path::PathBuf;

use plimsoll_kustomize::{
    ListIncrease, MergeOptions, Schemas, hash_of, merge_three_way, merge_two_way, parse_tree,
    parse_with_source, print_tree,
};
use serde_json::Value;

fn rows(table: &str) -> Option<Vec<Value>> {
    let Some(shared) = std::env::var_os("PLIMSOLL_SHARED") else {
        println!("skipped: PLIMSOLL_SHARED is not set, {table} is not compared");
        return None;
    };
    let path = PathBuf::from(shared).join("corpus/kustomize").join(table);
    let text = std::fs::read_to_string(&path).expect("the corpus has this table");
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect())
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Compares every row and reports all that differ.
fn compare(table: &str, run: impl Fn(&Value) -> Result<String, String>) {
    let Some(rows) = rows(table) else { return };
    let mut differing = Vec::new();
    for row in &rows {
        let got = run(row);
        let fits = match (row.get("error").and_then(Value::as_str), &got) {
            (Some(error), Err(found)) => error == found,
            (None, Ok(found)) => found == row_expected(row),
            _ => false,
        };
        if !fits {
            let wanted = row.get("error").and_then(Value::as_str).unwrap_or_else(|| row_expected(row));
            differing.push(format!("{}\n--- expected\n{wanted}\n--- got\n{got:?}\n", text(row, "name")));
        }
    }
    println!("{table}: {} of {} rows", rows.len() - differing.len(), rows.len());
    assert!(
        differing.is_empty(),
        "{} of {} rows differ:\n{}",
        differing.len(),
        rows.len(),
        differing.join("\n")
    );
}

fn row_expected(row: &Value) -> &str {
    row.get("expected").or_else(|| row.get("hash")).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn two_way_merges() {
    compare("merge2.jsonl", |row| {
        let read = |field| parse_tree(text(row, field)).map_err(|error| error.to_string());
        let increase = match text(row, "list_increase_direction") {
            "prepend" => ListIncrease::Prepend,
            _ => ListIncrease::Append,
        };
        let options = MergeOptions { increase, infer_keys: row["infer"] == true };
        let merged = merge_two_way(read("dest")?, read("update")?, options, &Schemas::new());
        let merged = merged.map_err(|error| error.to_string())?;
        Ok(merged.map(|node| print_tree(&node)).unwrap_or_default())
    });
}

#[test]
fn hashes() {
    compare("hash.jsonl", |row| {
        // The tests of the hasher begin their texts with a line break that the table lacks, and lines count in the hash.
        let begins = if text(row, "source") == "api/hasher/hasher_test.go" { "\n" } else { "" };
        let input = format!("{begins}{}", text(row, "input"));
        let resource = parse_with_source(&input).map_err(|error| error.to_string())?;
        hash_of(&resource).map_err(|error| error.to_string())
    });
}

#[test]
fn three_way_merges() {
    compare("merge3.jsonl", |row| {
        let read = |field| parse_tree(text(row, field)).map_err(|error| error.to_string());
        let (dest, original, update) = (read("dest")?, read("original")?, read("update")?);
        let merged = merge_three_way(dest, &original, &update, row["infer"] == true, &Schemas::new());
        Ok(merged.map_err(|error| error.to_string())?.map(|node| print_tree(&node)).unwrap_or_default())
    });
}
