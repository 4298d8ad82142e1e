//! The functions that rules may call: `data/cel_functions.tsv`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One form of a function. Types are texts here, since they hold nothing of any schema.
#[derive(Debug)]
pub(super) struct Overload {
    pub(super) is_member: bool,
    /// The receiver first, if there is one.
    pub(super) parameters: Vec<TypeText>,
    pub(super) result: TypeText,
}

/// A type as the table writes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TypeText {
    pub(super) name: String,
    pub(super) parameters: Vec<TypeText>,
}

/// The overloads of a function; `None` for a name that no function has.
pub(super) fn overloads(function: &str) -> Option<&'static [Overload]> {
    // The orders are declared once, for `_<_`.
    let function = match function {
        "_>_" | "_<=_" | "_>=_" => "_<_",
        function => function,
    };
    static TABLE: OnceLock<BTreeMap<String, Vec<Overload>>> = OnceLock::new();
    TABLE.get_or_init(read_table).get(function).map(Vec::as_slice)
}

fn read_table() -> BTreeMap<String, Vec<Overload>> {
    let mut table: BTreeMap<String, Vec<Overload>> = BTreeMap::new();
    for line in include_str!("../../data/cel_functions.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let mut column = || columns.next().unwrap_or_default();
        let (name, receiver, parameters, result) = (column(), column(), column(), column());
        let is_member = receiver != "-";
        let receiver = is_member.then(|| read_type(receiver));
        let parameters = receiver.into_iter().chain(split(parameters).into_iter().map(read_type)).collect();
        let overload = Overload { is_member, parameters, result: read_type(result) };
        table.entry(name.to_owned()).or_default().push(overload);
    }
    table
}

fn read_type(text: &str) -> TypeText {
    match text.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?))) {
        Some((name, inside)) => {
            TypeText { name: name.to_owned(), parameters: split(inside).into_iter().map(read_type).collect() }
        }
        None => TypeText { name: text.to_owned(), parameters: Vec::new() },
    }
}

/// The parts between the commas that are in no parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if start < text.len() {
        parts.push(&text[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let overloads = overloads("getQuery").expect("the function is declared");
        assert_eq!(overloads.len(), 1);
        assert!(overloads[0].is_member && overloads[0].parameters.len() == 1);
        assert_eq!(overloads[0].result.parameters.len(), 2);
    }
}
