//! The Go types that Kubernetes' own kinds are decoded into, from `kubernetes_types.tsv`.
//!
//! `kind` rows give the type of a kind; a `struct` row begins a struct, and the rows after it are its fields: name, type, and the
//! embedded structs between, if any. `cargo xtask kubernetes-types` writes the table from client-go v0.35.3's scheme with
//! apiextensions and API registration, as Crossplane's cli v2.5.0 uses it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A Go struct.
pub(super) struct Structure {
    /// Its name as Go prints it: `v1.PodSpec`.
    pub(super) name: &'static str,
    fields: HashMap<&'static str, Field>,
}

/// A field of a struct.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// Its type.
    pub(super) go_type: GoType,
    /// The embedded structs that it lies in, from the outside.
    pub(super) embedded: &'static str,
}

/// A type, as the table writes it.
#[derive(Clone, Copy)]
pub(super) struct GoType(&'static str);

/// What a type is made of.
pub(super) enum Shape {
    /// Any value.
    Any,
    /// A struct.
    Structure(&'static Structure),
    /// A list of a type.
    List(GoType),
    /// A map from strings to a type.
    Map(GoType),
    /// Base64.
    Bytes,
    /// A type that reads JSON itself, by its name.
    Custom(&'static str),
    /// A string, boolean or number, by its Go kind.
    Scalar(&'static str),
}

struct Table {
    /// By `apiVersion`, then by kind.
    kinds: HashMap<&'static str, HashMap<&'static str, GoType>>,
    structures: Vec<Structure>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { kinds: HashMap::new(), structures: Vec::new() };
    for line in include_str!("kubernetes_types.tsv").lines() {
        let mut cells = line.split('\t');
        let (first, second) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let third = cells.next().unwrap_or_default();
        match (first, cells.next()) {
            ("kind", Some(go_type)) => {
                table.kinds.entry(second).or_default().insert(third, GoType(go_type));
            }
            ("struct", _) => table.structures.push(Structure { name: second, fields: HashMap::new() }),
            _ => {
                let field = Field { go_type: GoType(second), embedded: third };
                if let Some(structure) = table.structures.last_mut() {
                    structure.fields.insert(first, field);
                }
            }
        }
    }
    table
});

/// The type of a kind; `None` where Kubernetes has no such kind itself.
pub(super) fn of_kind(api_version: &str, kind: &str) -> Option<GoType> {
    TABLE.kinds.get(api_version)?.get(kind).copied()
}

impl Structure {
    /// A field by its name in JSON, in exactly this spelling.
    pub(super) fn field(&self, name: &str) -> Option<Field> {
        self.fields.get(name).copied()
    }

    /// The name without its package.
    pub(super) fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

impl GoType {
    /// The type that values of a custom type are read as, where it reads them as another.
    pub(super) const fn named(text: &'static str) -> GoType {
        GoType(text)
    }

    /// The struct with this name.
    pub(super) fn structure(name: &str) -> Option<Shape> {
        TABLE.structures.iter().find(|structure| structure.name == name).map(Shape::Structure)
    }

    /// What it is made of; pointers are followed.
    pub(super) fn shape(self) -> Shape {
        let text = self.0;
        let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
        match first {
            "*" => GoType(rest).shape(),
            "@" => Shape::Custom(rest),
            "#" => match rest.parse().ok().and_then(|index: usize| TABLE.structures.get(index)) {
                Some(structure) => Shape::Structure(structure),
                None => Shape::Any,
            },
            "[" => Shape::List(GoType(text.split_once(']').map_or("any", |(_, item)| item))),
            "{" => Shape::Map(GoType(text.split_once('}').map_or("any", |(_, item)| item))),
            _ => match text.split_once('=').map_or(text, |(kind, _)| kind) {
                "any" => Shape::Any,
                "bytes" => Shape::Bytes,
                kind => Shape::Scalar(kind),
            },
        }
    }

    /// The type as Go prints it; a pointer at the outside is followed.
    pub(super) fn to_go(self) -> String {
        GoType(self.0.trim_start_matches('*')).print()
    }

    fn print(self) -> String {
        let text = self.0;
        let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
        match first {
            "*" => format!("*{}", GoType(rest).print()),
            "@" => rest.to_owned(),
            "#" => match self.shape() {
                Shape::Structure(structure) => structure.name.to_owned(),
                _ => String::new(),
            },
            "[" | "{" => {
                let close = if first == "[" { ']' } else { '}' };
                let (name, item) = rest.split_once(close).unwrap_or((rest, "any"));
                match (first, name.strip_prefix(':')) {
                    ("[", _) if name.is_empty() => format!("[]{}", GoType(item).print()),
                    ("{", Some(key)) => format!("map[{key}]{}", GoType(item).print()),
                    _ => name.to_owned(),
                }
            }
            _ => match text.split_once('=') {
                Some((_, name)) => name.to_owned(),
                None if text == "bytes" => "[]uint8".to_owned(),
                None if text == "any" => "interface {}".to_owned(),
                None => text.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_printed_as_go_prints_them() {
        let pod = of_kind("v1", "Pod").expect("Kubernetes has Pods");
        assert_eq!(pod.to_go(), "v1.Pod");
        let Shape::Structure(structure) = pod.shape() else { panic!("a struct") };
        assert_eq!(structure.short_name(), "Pod");
        let limits = GoType("{v1.ResourceList}@resource.Quantity");
        assert_eq!(limits.to_go(), "v1.ResourceList");
        assert_eq!(GoType("*[]*{:string}bytes").to_go(), "[]*map[string][]uint8");
        assert!(of_kind("v1", "Boat").is_none());
    }
}
