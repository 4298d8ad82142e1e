//! The way through both sides of a resource, field by field, to what differs.
//!
//! What is declared is compared in the forms of its schema. What lives and is not declared is a default while it still equals
//! that, somebody's where a rule says so, and else an addition. Each side is walked once; only the alignment of lists without
//! keys looks at an item more than once, within a bound.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::{Map, Value};

use crate::compare::Comparison;
use crate::finding::{Change, FieldChange};
use crate::mask::Mask;
use crate::place::{Frame, Place, PlaceStep};
use crate::rules::Verdict;
use crate::scalar;
use crate::schema::{Field, Form, Shape, Types};
use crate::severity::{self, Difference};
use crate::sides::{Desired, at};
use crate::writers::Writers;

static NULL: Value = Value::Null;

/// From here on values are compared as wholes. No API server keeps anything nested deeper.
pub(crate) const DEEPEST: usize = 100;

/// What stays the same on the whole way.
pub(crate) struct Walk<'a> {
    pub(crate) comparison: &'a Comparison<'a>,
    pub(crate) sides: &'a Desired<'a>,
    pub(crate) writers: Writers<'a>,
    pub(crate) mask: Mask<'a>,
    pub(crate) kind: &'a str,
    pub(crate) group: &'a str,
    /// Whether every field is kept as it is written, empty ones too: a custom resource.
    pub(crate) is_custom: bool,
    /// Whether an autoscaler sets its replicas.
    pub(crate) is_autoscaled: bool,
    pub(crate) live: &'a Value,
    /// The managers that deploy this resource, beside those known to deploy any; found when first asked for.
    pub(crate) deployers: OnceCell<Vec<&'a str>>,
}

/// Where differences go.
#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) changes: Vec<FieldChange>,
    /// Whether only their number matters.
    pub(crate) is_probe: bool,
    pub(crate) found: usize,
    /// How many parts were left to those who may own them.
    left_to_others: usize,
}

impl Sink {
    fn probe() -> Sink {
        Sink { is_probe: true, ..Sink::default() }
    }

    /// Whether nothing more needs to be found.
    fn is_settled(&self) -> bool {
        self.is_probe && self.found > 0
    }
}

/// A schema with the types that it refers to.
#[derive(Clone, Copy)]
pub(crate) struct Shaped<'s> {
    pub(crate) types: &'s Types,
    pub(crate) shape: &'s Shape,
    pub(crate) keeps_empty: bool,
}

impl<'s> Shaped<'s> {
    fn any(types: &'s Types) -> Shaped<'s> {
        Shaped { types, shape: &Shape::Any, keeps_empty: true }
    }

    pub(crate) fn inner(self, shape: &'s Shape) -> Shaped<'s> {
        Shaped { shape, keeps_empty: true, ..self }
    }
}

impl Walk<'_> {
    /// Compares what stands at one place.
    pub(crate) fn node(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        desired: &Value,
        live: &Value,
        sink: &mut Sink,
    ) {
        if sink.is_settled() {
            return;
        }
        match (desired, live) {
            (Value::Null, Value::Null) => (),
            _ if place.depth >= DEEPEST => {
                if desired != live {
                    self.report(place, shaped, change_of(desired, live), (desired, live), sink);
                }
            }
            (_, Value::Null) => self.removed(place, shaped, desired, sink),
            (Value::Null, _) => self.live_only(place, shaped, live, sink),
            (Value::Object(wanted), Value::Object(found)) => match shaped.shape {
                Shape::Map(inner) => self.map(place, shaped.inner(inner), (wanted, found), &[], sink),
                Shape::Struct(number) => self.mapping(place, shaped, Some(*number), (desired, live), sink),
                _ => self.mapping(place, shaped, None, (desired, live), sink),
            },
            (Value::Array(wanted), Value::Array(found)) if place.is_declared => {
                self.list(place, shaped, wanted, found, sink);
            }
            (Value::Array(wanted), Value::Array(found)) => {
                self.filled_list(place, shaped, (wanted, found), (desired, live), sink);
            }
            _ => {
                let form = match shaped.shape {
                    Shape::Scalar(form) => *form,
                    _ => Form::Plain,
                };
                if !scalar::is_same(form, desired, live) {
                    self.report(place, shaped, Change::Changed, (desired, live), sink);
                }
            }
        }
    }

    /// A mapping with known keys, or one of which nothing is known.
    pub(crate) fn mapping(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        number: Option<usize>,
        (desired, live): (&Value, &Value),
        sink: &mut Sink,
    ) {
        let own = number.and_then(|number| shaped.types.types.get(number));
        let type_name = own.map_or("", |own| own.name.as_ref());
        let frame = Frame { type_name, desired, live };
        let is_open = own.is_none_or(|own| own.is_open);
        for key in union(desired, live).filter(|key| !place.is_own(key)) {
            let field = own.and_then(|own| own.fields.get(key.as_str()));
            let below = place.down(PlaceStep::Key(key), frame).of_field(field);
            let (wanted, found) = (at(desired, key), at(live, key));
            match field {
                Some(field) => self.field(&below, shaped, field, (wanted, found), sink),
                None if is_open || !found.is_null() => {
                    self.node(&below, Shaped::any(shaped.types), wanted, found, sink);
                }
                None if place.is_declared && !wanted.is_null() => {
                    self.report(&below, Shaped::any(shaped.types), Change::Rejected, (wanted, found), sink);
                }
                None => (),
            }
        }
    }

    /// A list that the server fills in as a whole is told as a whole where it is another one now.
    fn filled_list(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        (wanted, found): (&[Value], &[Value]),
        (desired, live): (&Value, &Value),
        sink: &mut Sink,
    ) {
        let as_declared = place.declared();
        let mut probe = Sink::probe();
        self.list(&as_declared, shaped, wanted, found, &mut probe);
        if probe.found > 0 {
            self.report(place, shaped, Change::Changed, (desired, live), sink);
        }
    }

    /// A field of a type, with what the server fills in where nothing is declared.
    fn field(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        field: &Field,
        (desired, live): (&Value, &Value),
        sink: &mut Sink,
    ) {
        let inner = Shaped { shape: &field.shape, keeps_empty: field.keeps_empty, ..shaped };
        let says_nothing = self.is_blank(inner, desired);
        if (says_nothing && live.is_null()) || (desired.is_null() && self.is_blank(inner, live)) {
            return;
        }
        let defaults =
            field.defaults.iter().flat_map(|default| default.values(place, &place.frame, self.kind));
        let defaults: Vec<Cow<'_, Value>> = defaults.collect();
        if let (Shape::Map(item), Value::Object(found)) = (inner.shape, live)
            && (says_nothing || desired.is_object())
        {
            let nothing = Map::new();
            let wanted = desired.as_object().unwrap_or(&nothing);
            let filled: Vec<&Map<String, Value>> =
                defaults.iter().filter_map(|value| value.as_object()).collect();
            return self.map(place, inner.inner(item), (wanted, found), &filled, sink);
        }
        if !says_nothing {
            return self.node(place, inner, desired, live, sink);
        }
        let filled = place.undeclared();
        if let [value] = &defaults[..]
            && sink.is_probe
            && desired.is_null()
        {
            if !self.is_left_to_others(place, live, sink) {
                self.node(&filled, inner, value, live, sink);
            }
            return;
        }
        let is_default = defaults.iter().any(|value| self.is_equal(&filled, inner, value, live));
        if is_default || self.is_left_to_others(place, live, sink) {
            return;
        }
        let is_written = desired.is_number() || desired.is_boolean();
        match defaults.first() {
            _ if is_written => self.node(place, inner, desired, live, sink),
            Some(value) if desired.is_null() => self.node(&filled, inner, value, live, sink),
            _ => self.live_only(place, inner, live, sink),
        }
    }

    /// A mapping with keys of the writer's choice.
    fn map(
        &self,
        place: &Place<'_>,
        inner: Shaped<'_>,
        (desired, live): (&Map<String, Value>, &Map<String, Value>),
        filled: &[&Map<String, Value>],
        sink: &mut Sink,
    ) {
        let frame = Frame { type_name: "", ..place.frame };
        let live_only = live.keys().filter(|key| desired.get(*key).is_none_or(Value::is_null));
        let keys = desired.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key).chain(live_only);
        for key in keys {
            let below = place.down(PlaceStep::Key(key), frame);
            let wanted = desired.get(key).unwrap_or(&NULL);
            let found = live.get(key).unwrap_or(&NULL);
            if !wanted.is_null() {
                self.node(&below, inner, wanted, found, sink);
                continue;
            }
            let defaults: Vec<&Value> = filled.iter().filter_map(|filled| filled.get(key)).collect();
            let below = if defaults.is_empty() { below } else { below.undeclared() };
            if !defaults.iter().any(|value| self.is_equal(&below, inner, value, found)) {
                self.node(&below, inner, defaults.first().copied().unwrap_or(&NULL), found, sink);
            }
        }
    }

    fn removed(&self, place: &Place<'_>, shaped: Shaped<'_>, desired: &Value, sink: &mut Sink) {
        if !place.is_declared || self.is_blank(shaped, desired) {
            return;
        }
        if let (Shape::Map(inner), Value::Object(map)) = (shaped.shape, desired) {
            self.map(place, shaped.inner(inner), (map, &Map::new()), &[], sink);
            return;
        }
        self.report(place, shaped, Change::Removed, (desired, &NULL), sink);
    }

    /// What lives and is not declared, where nothing is known to be filled in.
    pub(crate) fn live_only(&self, place: &Place<'_>, shaped: Shaped<'_>, live: &Value, sink: &mut Sink) {
        if self.is_blank(shaped, live) || self.is_left_to_others(place, live, sink) {
            return;
        }
        match (shaped.shape, live) {
            (Shape::Map(inner), Value::Object(map)) => {
                self.map(place, shaped.inner(inner), (&Map::new(), map), &[], sink);
            }
            (Shape::Struct(_) | Shape::Any, Value::Object(map)) if !map.is_empty() => {
                self.live_only_mapping(place, shaped, live, sink);
            }
            (Shape::List(_, joining), Value::Array(items)) if joining.is_by_item() => {
                self.list(place, shaped, &[], items, sink);
            }
            _ => self.report(place, shaped, Change::Added, (&NULL, live), sink),
        }
    }

    /// A mapping that came as a whole is one addition; one that was there anyway, or that others may own in part, is told field
    /// by field.
    fn live_only_mapping(&self, place: &Place<'_>, shaped: Shaped<'_>, live: &Value, sink: &mut Sink) {
        let number = match shaped.shape {
            Shape::Struct(number) => Some(*number),
            _ => None,
        };
        let mut parts = Sink { is_probe: sink.is_probe, ..Sink::default() };
        self.mapping(place, shaped, number, (&NULL, live), &mut parts);
        sink.left_to_others += parts.left_to_others;
        if parts.found == 0 {
            return;
        }
        let was_there = !shaped.keeps_empty && number.is_some();
        if was_there || parts.left_to_others > 0 {
            sink.found += parts.found;
            sink.changes.append(&mut parts.changes);
        } else {
            self.report(place, shaped, Change::Added, (&NULL, live), sink);
        }
    }

    /// Whether what lives here is left to those who may own it.
    pub(crate) fn is_left_to_others(&self, place: &Place<'_>, live: &Value, sink: &mut Sink) -> bool {
        let rules = self.comparison.rules;
        let path = place.path();
        let verdict = rules.verdict(self, &path, live);
        let is_left = matches!(verdict, Verdict::Left);
        sink.left_to_others += usize::from(is_left);
        is_left
    }

    /// Whether a manager deploys this resource.
    pub(crate) fn is_deployer(&self, manager: &str) -> bool {
        self.comparison.rules.is_deployer(manager)
            || self.deployers.get_or_init(|| self.writers.main()).contains(&manager)
    }

    /// Whether a value says no more than none. A custom resource is kept as it is written, so only lists and nulls do there, and
    /// the empty fields that its controller is known to write back otherwise.
    pub(crate) fn is_blank(&self, shaped: Shaped<'_>, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => match shaped.shape {
                Shape::Map(_) => map.is_empty(),
                _ if shaped.keeps_empty => false,
                Shape::Struct(number) => map.iter().all(|(key, value)| {
                    let field = shaped.types.field(*number, key);
                    field.is_some_and(|field| {
                        let inner = Shaped { shape: &field.shape, keeps_empty: field.keeps_empty, ..shaped };
                        self.is_blank(inner, value)
                    })
                }),
                _ => false,
            },
            _ if shaped.keeps_empty => false,
            Value::String(text) => text.is_empty(),
            Value::Bool(value) => !value,
            Value::Number(number) => number.as_f64() == Some(0.0),
        }
    }

    /// Whether two items say the same.
    pub(crate) fn is_equal(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        desired: &Value,
        live: &Value,
    ) -> bool {
        if desired == live {
            return true;
        }
        let mut probe = Sink::probe();
        self.node(place, shaped, desired, live, &mut probe);
        probe.found == 0
    }

    /// Tells a difference.
    pub(crate) fn report(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        change: Change,
        (desired, live): (&Value, &Value),
        sink: &mut Sink,
    ) {
        sink.found += 1;
        if sink.is_probe {
            return;
        }
        let path = place.path();
        let value = if live.is_null() { desired } else { live };
        let named = self.is_custom.then(|| self.comparison.rules.named_severities());
        let severity =
            severity::judge(place, shaped.types, shaped.shape, Difference { change, value }, named);
        let has_writer = matches!(change, Change::Added | Change::Changed);
        let is_deployer = |manager: &str| self.is_deployer(manager);
        let by = if has_writer { self.writers.writer(&path, &is_deployer) } else { None };
        sink.changes.push(FieldChange {
            desired: self.mask.shown(place, desired),
            live: self.mask.shown(place, live),
            line: self.sides.line(&path),
            severity,
            needs_replace: self.needs_replace(place),
            by: by.map(crate::writers::Entry::to_writer),
            path: path.to_string(),
            change,
        });
    }

    fn needs_replace(&self, place: &Place<'_>) -> bool {
        let root = place.upwards().last().map(|root| &root.frame);
        let is_sealed = root.is_some_and(|root| at(root.live, "immutable") == &Value::Bool(true));
        place.upwards().any(|above| {
            above.field.is_some_and(|field| field.is_immutable)
                || (is_sealed && matches!(above.own_key(), Some("data" | "binaryData" | "immutable")))
        })
    }
}

fn change_of(desired: &Value, live: &Value) -> Change {
    match (desired, live) {
        (Value::Null, _) => Change::Added,
        (_, Value::Null) => Change::Removed,
        _ => Change::Changed,
    }
}

/// The keys of two mappings, each once, in their order.
fn union<'v>(one: &'v Value, other: &'v Value) -> impl Iterator<Item = &'v String> {
    let mut one = one.as_object().into_iter().flat_map(Map::keys).peekable();
    let mut other = other.as_object().into_iter().flat_map(Map::keys).peekable();
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(left), Some(right)) if left == right => {
            other.next();
            one.next()
        }
        (Some(left), Some(right)) if left > right => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}
