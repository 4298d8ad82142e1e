//! The built-in facts, read from this crate's data files.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::document::{Kind, SchemaDocument, Type, TypeIndex};

const MERGE_KEYS: &str = include_str!("../../data/merge_keys.tsv");
const KINDS: &str = include_str!("../../data/kinds.tsv");

/// Which built-in kinds have a namespace.
pub(super) static SCOPES: LazyLock<HashMap<&'static str, HashMap<&'static str, bool>>> =
    LazyLock::new(|| {
        let mut scopes: HashMap<&str, HashMap<&str, bool>> = HashMap::new();
        for [api_version, kind, scope, _] in rows(KINDS) {
            match scope {
                "namespaced" => scopes.entry(api_version).or_default().insert(kind, true),
                "cluster" => scopes.entry(api_version).or_default().insert(kind, false),
                _ => None,
            };
        }
        scopes
    });

/// The merge keys of the built-in kinds.
pub(super) static TYPES: LazyLock<Arc<SchemaDocument>> = LazyLock::new(|| {
    let mut document = SchemaDocument::default();
    let mut indexes: HashMap<&str, TypeIndex> = HashMap::new();
    for [owner, field, shape, strategy, keys, target] in rows(MERGE_KEYS) {
        let owner = named(&mut document, &mut indexes, owner);
        let target = (target != "-").then(|| named(&mut document, &mut indexes, target));
        let index = match (shape, target) {
            ("object", Some(target)) => target,
            ("map", _) => document.add_type(Type { any_field: target, ..Type::default() }),
            _ => document.add_type(Type {
                items: target,
                strategy: absent(strategy).to_owned(),
                keys: absent(keys).split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
                ..Type::default()
            }),
        };
        if let Some(owner) = document.types.get_mut(owner) {
            owner.fields.insert(field.to_owned(), index);
        }
    }
    for [api_version, kind, _, target] in rows(KINDS) {
        // A kind without merged lists still is a known one: below it nothing is inferred.
        let index = if target == "-" {
            document.add_type(Type::default())
        } else {
            named(&mut document, &mut indexes, target)
        };
        let key: Kind = (api_version.to_owned(), kind.to_owned());
        document.kinds.insert(key, index);
    }
    document.names = indexes.into_iter().map(|(name, index)| (name.to_owned(), index)).collect();
    Arc::new(document)
});

fn named(
    document: &mut SchemaDocument,
    indexes: &mut HashMap<&'static str, TypeIndex>,
    name: &'static str,
) -> TypeIndex {
    *indexes.entry(name).or_insert_with(|| document.add_type(Type::default()))
}

/// The name under which the data files have a definition of Kubernetes' own.
pub(super) fn short_name(definition: &str) -> String {
    const PREFIXES: [(&str, &str); 5] = [
        ("io.k8s.apimachinery.pkg.apis.", "machinery."),
        ("io.k8s.apiextensions-apiserver.pkg.apis.", ""),
        ("io.k8s.kube-aggregator.pkg.apis.", ""),
        ("io.k8s.api.", ""),
        ("io.k8s.", ""),
    ];
    let found = PREFIXES.iter().find_map(|(prefix, short)| Some((definition.strip_prefix(prefix)?, short)));
    found.map_or_else(|| definition.to_owned(), |(rest, short)| format!("{short}{rest}"))
}

fn absent(cell: &str) -> &str {
    if cell == "-" { "" } else { cell }
}

/// The rows of a table that have exactly as many cells as asked for.
pub(crate) fn rows<const CELLS: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; CELLS]> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.try_into().ok()
    })
}
