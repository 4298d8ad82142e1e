//! Which fields of Go structs are pointers: what an OpenAPI document does not say.
//!
//! Reads the struct types of a package's files line by line, as gofmt prints them. Embedded structs of the same package give
//! their fields to the one that embeds them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// A struct: whether each JSON field is a pointer, and the names of what it embeds.
#[derive(Default)]
pub(super) struct GoStruct {
    pointers: BTreeMap<String, bool>,
    embedded: Vec<String>,
}

/// The structs of a package, by name.
pub(super) type Package = BTreeMap<String, GoStruct>;

/// Reads the package in a folder.
pub(super) fn read(folder: &Path) -> Result<Package> {
    let mut package = Package::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".go") && !name.ends_with("_test.go") && !name.contains("generated") {
            read_file(&fs::read_to_string(&path)?, &mut package);
        }
    }
    Ok(package)
}

fn read_file(source: &str, package: &mut Package) {
    let mut current: Option<(String, GoStruct)> = None;
    for line in source.lines() {
        let opened = line.strip_prefix("type ").and_then(|rest| rest.strip_suffix(" struct {"));
        if let Some(name) = opened {
            current = Some((name.to_owned(), GoStruct::default()));
        } else if line == "}" {
            package.extend(current.take());
        } else if let Some((_, one)) = &mut current {
            read_field(line, one);
        }
    }
}

fn read_field(line: &str, one: &mut GoStruct) {
    let Some((declaration, tag)) = line.split_once("`json:\"") else { return };
    let tag = tag.split('"').next().unwrap_or_default();
    let words: Vec<&str> = declaration.split_whitespace().collect();
    let Some(type_name) = words.last() else { return };
    let mut options = tag.split(',');
    let key = options.next().unwrap_or_default();
    if options.any(|option| option == "inline") {
        one.embedded.push(type_name.trim_start_matches('*').to_owned());
    } else {
        one.pointers.insert(key.to_owned(), type_name.starts_with('*'));
    }
}

/// Whether each field of a struct is a pointer.
pub(super) fn pointers(package: &Package, name: &str) -> BTreeMap<String, bool> {
    let mut all = BTreeMap::new();
    let mut waiting = vec![name.to_owned()];
    while let Some(one) = waiting.pop().and_then(|name| package.get(&name)) {
        for (key, is_pointer) in &one.pointers {
            all.entry(key.clone()).or_insert(*is_pointer);
        }
        waiting.extend(one.embedded.iter().filter(|name| !name.contains('.')).cloned());
    }
    all
}
