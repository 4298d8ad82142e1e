//! What changes between two versions of a resource, as files: `cases/<case>.yaml` holds the older and the newer version as
//! two documents (`null` where there is none), `cases/<case>.expected` what is told of the change.
//!
//! `UPDATE_EXPECTED=1` writes what came out instead of comparing; it is refused where `CI` is set.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_diff::{
    FieldChange, FieldChangeKind, HIDDEN, RenameCandidate, ResourceChangeKind, Subject, compare, hide,
    images, judge, pair_renamed, parts,
};
use plimsoll_resource::{ResourceId, identify};
use plimsoll_yaml::{Budget, Dialect, Node, Numbers, parse};
use serde_json::Value;

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    cases.sort();
    cases
}

fn check(folder: &str, print: impl Fn(&[Node]) -> String) {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some_and(|value| value == "1");
    assert!(!(update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    let mut wrong = String::new();
    for case in cases(folder) {
        let text = fs::read_to_string(&case).expect("a case");
        let documents = parse(&text, Dialect::Helm, &Budget::DEFAULT).expect("a case is YAML");
        let nodes: Vec<Node> = documents.into_iter().map(|document| document.root).collect();
        let got = print(&nodes);
        let path = case.with_extension("expected");
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if got != expected && update {
            fs::write(&path, &got).expect("the case can be written");
        } else if got != expected {
            let _ = writeln!(wrong, "{}\n--- expected\n{expected}--- got\n{got}", path.display());
        }
    }
    assert!(
        wrong.is_empty(),
        "`UPDATE_EXPECTED=1 cargo test -p plimsoll-diff` accepts what came out\n{wrong}"
    );
}

fn value(node: &Node) -> Option<Value> {
    let value = node.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data");
    (!value.is_null()).then_some(value)
}

#[test]
fn changes_are_told_field_by_field_with_their_risks() {
    check("cases", |nodes| {
        let [older, newer] = nodes else { return "a case has two documents\n".to_owned() };
        let (before, after) = (value(older), value(newer));
        let named = if after.is_some() { newer } else { older };
        let id = identify(named).expect("a resource");
        let (change, mut fields) = match (&before, &after) {
            (Some(before), Some(after)) => {
                let is_renamed = identify(older).expect("a resource") != id;
                let change =
                    if is_renamed { ResourceChangeKind::Renamed } else { ResourceChangeKind::Changed };
                (change, compare(before, after))
            }
            (Some(before), None) => (ResourceChangeKind::Removed, parts(before, FieldChangeKind::Removed)),
            (_, after) => {
                let after = after.as_ref().expect("one side is there");
                (ResourceChangeKind::Added, parts(after, FieldChangeKind::Added))
            }
        };
        let subject = Subject { id: &id, change, before: before.as_ref(), after: after.as_ref() };
        let judgement = judge(subject, &fields);
        let mut text = format!("{id}: {change:?}, {:?}\n", judgement.class);
        for risk in &judgement.risks {
            let at = risk.location.as_ref().map(|location| format!(" at {location}")).unwrap_or_default();
            let _ = writeln!(text, "! {:?} {}: {}{at}", risk.severity, risk.rule, risk.message);
        }
        for image in images(&fields) {
            let _ = writeln!(text, "image {} -> {}", shown(image.before), shown(image.after));
        }
        for (field, (class, needs_replace)) in fields.iter_mut().zip(&judgement.fields) {
            let hidden = hide(field, &|location, name, text| {
                is_secret(&id, &location.to_string(), name, text).then(|| HIDDEN.to_owned())
            });
            let _ = writeln!(
                text,
                "{class:?}{}{} {}",
                if *needs_replace { " replaces" } else { "" },
                if hidden { " hidden" } else { "" },
                line(field)
            );
        }
        text
    });
}

/// What the tests call secret: the data of Secrets, and what says so.
fn is_secret(id: &ResourceId, location: &str, name: &str, text: &str) -> bool {
    id.kind == "Secret" && location.starts_with("data") || name == "PASSWORD" || text.contains("s3cr3t")
}

fn shown(image: Option<String>) -> String {
    image.unwrap_or_else(|| "none".to_owned())
}

fn line(field: &FieldChange) -> String {
    let side = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    format!("{:?} {}: {} -> {}", field.kind, field.location, side(&field.before), side(&field.after))
}

#[test]
fn renamed_resources_are_found() {
    check("renames", |nodes| {
        let resources: Vec<(&Node, ResourceId, Value)> = nodes
            .iter()
            .map(|node| (node, identify(node).expect("a resource"), value(node).expect("data")))
            .collect();
        let side = |wanted: &str| -> Vec<RenameCandidate<'_>> {
            resources
                .iter()
                .filter(|(node, ..)| node.get("side").and_then(Node::as_str) == Some(wanted))
                .map(|(_, id, value)| RenameCandidate { id, value })
                .collect()
        };
        let (removed, added) = (side("old"), side("new"));
        let pairs = pair_renamed(&removed, &added);
        let mut text = String::new();
        for (old, new) in &pairs {
            let _ = writeln!(text, "{} -> {}", removed[*old].id, added[*new].id);
        }
        let _ = writeln!(text, "{} of {} and {}", pairs.len(), removed.len(), added.len());
        text
    });
}
