//! XML elements into values, by their shapes.
//!
//! Elements that a shape does not know are dropped. An absent member is absent; an empty list's element is an empty list.
//! A number or boolean that is none stays a text, so that a comparison shows it. Depth is bounded by the shapes and a limit.

use roxmltree::Node;
use serde_json::{Map, Value};

use crate::service::{Protocol, Service, ShapeKind};

/// The deepest nesting that is read. The deepest answers that AWS gives have less than twenty.
const DEEPEST: usize = 64;

/// Reads a structure.
pub(super) fn read(service: &Service, shape: &str, element: Node<'_, '_>) -> Value {
    read_shape(service, shape, element, 0)
}

fn read_shape(service: &Service, shape: &str, element: Node<'_, '_>, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let facts = service.shapes.get(shape);
    match (service.kind(shape), facts) {
        (ShapeKind::Structure, Some(facts)) => {
            let mut value = Map::new();
            for (name, member) in &facts.members {
                if member.location.is_some() {
                    continue;
                }
                let list = service.shapes.get(&member.shape);
                let flat = member.flattened || list.is_some_and(|list| list.flattened);
                let own_name = member.location_name.as_deref();
                if flat && service.kind(&member.shape) == ShapeKind::List {
                    let item = list.and_then(|list| list.member.as_ref());
                    let wire = own_name.or(item.and_then(|item| item.location_name.as_deref()));
                    let wire = wire.unwrap_or(name);
                    let items: Vec<Value> = children(element, wire)
                        .filter_map(|node| Some(read_shape(service, &item?.shape, node, depth + 1)))
                        .collect();
                    if !items.is_empty() {
                        value.insert(name.clone(), Value::Array(items));
                    }
                } else if let Some(node) = children(element, own_name.unwrap_or(name)).next() {
                    value.insert(name.clone(), read_shape(service, &member.shape, node, depth + 1));
                }
            }
            Value::Object(value)
        }
        (ShapeKind::List, Some(facts)) => {
            let Some(item) = &facts.member else { return Value::Array(Vec::new()) };
            let ec2 = service.protocol == Protocol::Ec2;
            let wire = item.location_name.as_deref().unwrap_or(if ec2 { "item" } else { "member" });
            let items = children(element, wire);
            Value::Array(items.map(|node| read_shape(service, &item.shape, node, depth + 1)).collect())
        }
        (ShapeKind::Map, Some(facts)) => {
            let (Some(key), Some(value)) = (&facts.key, &facts.value) else { return Value::Null };
            let key_name = key.location_name.as_deref().unwrap_or("key");
            let value_name = value.location_name.as_deref().unwrap_or("value");
            let entries = children(element, "entry").filter_map(|entry| {
                let key = children(entry, key_name).next()?.text().unwrap_or_default().to_owned();
                let node = children(entry, value_name).next()?;
                Some((key, read_shape(service, &value.shape, node, depth + 1)))
            });
            Value::Object(entries.collect())
        }
        (kind, _) => plain(kind, &text_of(element)),
    }
}

/// The text of an element: its text nodes joined.
fn text_of(element: Node<'_, '_>) -> String {
    element.children().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn children<'a, 'i>(element: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    element.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn plain(kind: ShapeKind, text: &str) -> Value {
    let written = || Value::String(text.to_owned());
    match kind {
        ShapeKind::Boolean => match text.trim() {
            "true" | "True" | "1" => Value::Bool(true),
            "false" | "False" | "0" => Value::Bool(false),
            _ => written(),
        },
        ShapeKind::Integer | ShapeKind::Long => {
            text.trim().parse::<i64>().map_or_else(|_| written(), Value::from)
        }
        ShapeKind::Float | ShapeKind::Double => {
            text.trim().parse::<f64>().map_or_else(|_| written(), Value::from)
        }
        _ => written(),
    }
}
