//! The parameters of a resource compared with an item of AWS, by the fields of its kind.
//!
//! What Git declares must be so; what it leaves open must be AWS's fixed default, where there is one. Empty and absent are the
//! same. A part of the answer that could not be read is no evidence of absence.

use std::collections::BTreeMap;

use plimsoll_yaml::{FieldPath, Step};
use serde_json::{Map, Value};

use super::result::{Change, Difference};
use crate::kind::{self, Field, Kind, ListOrder, Severity};
use crate::value::{Names, all_at, canonical, first_at, same, tags_of, text_of};

/// What a comparison is about.
pub(super) struct Comparison<'c> {
    pub(super) names: &'c Names,
    /// Paths of parameters without a value, which are left out.
    pub(super) blocked: &'c dyn Fn(&str) -> bool,
    /// Whether parts of the item could not be read: what it lacks is then not compared.
    pub(super) is_partial: bool,
    /// Dotted paths of what only steers the provider, within objects.
    pub(super) is_provider_only: &'c dyn Fn(&str) -> bool,
    /// Live values of a list that other resources account for, by the parameter.
    pub(super) besides: &'c BTreeMap<String, Vec<String>>,
    pub(super) differences: Vec<Difference>,
    pub(super) uncompared: Vec<String>,
}

/// One place in a manifest, with the dotted path by which fields are blocked.
#[derive(Clone)]
struct Place {
    path: FieldPath,
    dotted: String,
}

impl Place {
    fn key(&self, name: &str) -> Place {
        let dotted = if self.dotted.is_empty() { name.to_owned() } else { format!("{}.{name}", self.dotted) };
        Place { path: self.path.join(Step::Key(name.to_owned())), dotted }
    }

    fn step(&self, step: Step) -> Place {
        Place { path: self.path.join(step), dotted: self.dotted.clone() }
    }
}

impl Comparison<'_> {
    /// Compares all parameters of a kind.
    pub(super) fn all(&mut self, kind: &Kind, desired: &Map<String, Value>, live: &Value) {
        let root = Place { path: FieldPath::of_keys(&["spec", "forProvider"]), dotted: String::new() };
        self.object(&kind.fields, desired, live, &root);
        if let Some(path) = &kind.tags {
            let tags = super::find::first_member(live, path).map(tags_of);
            if tags.is_some() || !self.is_partial {
                self.tags(desired.get("tags"), &tags.unwrap_or_default(), &root.key("tags"));
            }
        }
        for (name, value) in desired {
            let known = kind.fields.contains_key(name)
                || (name == "tags" && kind.tags.is_some())
                || kind::is_provider_only(name)
                || kind.provider_only.contains(name)
                || is_empty(value);
            if !known && !self.by_name(name, value, live, &root) {
                self.uncompared.push(root.key(name).path.to_string());
            }
        }
    }

    /// Compares a parameter that no table knows with the member of the same name, if there is one.
    fn by_name(&mut self, name: &str, desired: &Value, live: &Value, root: &Place) -> bool {
        let found = live.as_object().into_iter().flatten();
        let mut found = found.filter(|(member, _)| member.eq_ignore_ascii_case(name));
        let Some((_, live)) = found.next() else { return false };
        if live.is_object() || live.is_array() || desired.is_object() || desired.is_array() {
            return false;
        }
        let field = Field { from: vec![String::new()], ..Field::default() };
        self.plain(&field, None, Some(desired), Some(live), &root.key(name));
        true
    }

    fn object(
        &mut self,
        fields: &BTreeMap<String, Field>,
        desired: &Map<String, Value>,
        live: &Value,
        at: &Place,
    ) {
        for (name, field) in fields {
            let place = at.key(name);
            let was_asked = field.needs.as_ref().is_none_or(|member| live.get(member).is_some());
            if (self.blocked)(&place.dotted) || !applies(field, desired) || !was_asked {
                continue;
            }
            let declared = desired.get(name).filter(|value| !is_empty(value));
            let grows = field.grown_when.as_ref().is_some_and(|other| is_declared(desired, other));
            match declared.zip(first_of(field, live)) {
                Some((own, other)) if grows && same(kind::Form::Grown, own, other, self.names) => {}
                _ => self.field(name, field, declared, live, &place),
            }
        }
    }

    /// Parts of an object that no table knows: nothing is said about them.
    fn note_unknown_parts(
        &mut self,
        fields: &BTreeMap<String, Field>,
        desired: &Map<String, Value>,
        at: &Place,
    ) {
        for (name, value) in desired {
            let is_reference = ["Ref", "Refs", "Selector"].iter().any(|end| name.ends_with(end));
            let place = at.key(name);
            let is_known = fields.contains_key(name) || is_reference || is_empty(value);
            if !is_known && !(self.is_provider_only)(&place.dotted) {
                self.uncompared.push(place.path.to_string());
            }
        }
    }

    fn field(&mut self, name: &str, field: &Field, declared: Option<&Value>, live: &Value, at: &Place) {
        if field.map {
            return self.map(field, declared, live, at);
        }
        if field.list.is_some() {
            return self.list(name, field, declared, live, at);
        }
        if !field.fields.is_empty() {
            let part = if field.from.is_empty() { Some(live) } else { first_of(field, live) };
            let (object, at) = single(declared, at);
            if let Some(object) = object {
                self.note_unknown_parts(&field.fields, object, &at);
            }
            return match (object, part) {
                (Some(object), Some(part)) => self.object(&field.fields, object, part, &at),
                (Some(object), None) if !self.is_partial && !only_defaults(&field.fields, object) => {
                    let value = Value::Object(object.clone());
                    self.report(field, Change::Removed, Some(value), None, &at);
                }
                (None, Some(part)) => self.object(&field.fields, &Map::new(), part, &at),
                _ => {}
            };
        }
        if declared.is_none()
            && !field.default_where.iter().all(|(path, value)| super::find::has(live, path, value))
        {
            return;
        }
        let default = field.default_for(live).map(|default| filled(default, self.names));
        let live = first_of(field, live).filter(|value| !is_empty(value));
        let live = live.or(field.absent.as_ref().filter(|_| !self.is_partial));
        let declared = declared.map(|value| match value {
            Value::Array(items) if items.len() == 1 => &items[0],
            other => other,
        });
        self.plain(field, default.as_ref(), declared, live, at);
    }

    fn plain(
        &mut self,
        field: &Field,
        given: Option<&Value>,
        declared: Option<&Value>,
        live: Option<&Value>,
        at: &Place,
    ) {
        let default = given.filter(|value| !is_empty(value));
        match (declared, live) {
            (Some(declared), Some(live)) => {
                if !same(field.form, declared, live, self.names) {
                    self.report(field, Change::Changed, Some(declared.clone()), Some(live.clone()), at);
                }
            }
            (Some(declared), None) => {
                let is_default = given.is_some_and(|default| same(field.form, declared, default, self.names));
                // A service's own key is often left out of answers.
                let is_default =
                    is_default || (field.form == kind::Form::Key && text_of(declared).contains("alias/aws/"));
                let is_off = declared == &Value::Bool(false) && given.is_none();
                if !self.is_partial && !field.if_shown && !is_default && !is_off {
                    self.report(field, Change::Removed, Some(declared.clone()), None, at);
                }
            }
            (None, Some(live)) => match (given, default) {
                (Some(_), Some(default)) if !is_default(field.form, default, live, self.names) => {
                    self.report(field, Change::Changed, Some(default.clone()), Some(live.clone()), at);
                }
                (Some(_), None) if live != &Value::Bool(false) => {
                    self.report(field, Change::Added, None, Some(live.clone()), at);
                }
                _ => {}
            },
            (None, None) => {}
        }
    }

    /// Free keys, such as labels.
    fn map(&mut self, field: &Field, declared: Option<&Value>, live: &Value, at: &Place) {
        let live = first_of(field, live).map(pairs_of).unwrap_or_default();
        if declared.is_none() && field.default.is_none() {
            return;
        }
        let declared = declared.map(pairs_of).unwrap_or_default();
        for (key, value) in &declared {
            let place = at.step(Step::Key(key.clone()));
            match live.get(key) {
                None if self.is_partial => {}
                None => self.report(field, Change::Removed, Some(value.clone()), None, &place),
                Some(own) if same(field.form, value, own, self.names) => {}
                Some(own) => {
                    self.report(field, Change::Changed, Some(value.clone()), Some(own.clone()), &place);
                }
            }
        }
        for (key, value) in live.iter().filter(|(key, _)| !declared.contains_key(*key)) {
            self.report(field, Change::Added, None, Some(value.clone()), &at.step(Step::Key(key.clone())));
        }
    }

    fn tags(&mut self, declared: Option<&Value>, live: &BTreeMap<String, String>, at: &Place) {
        let declared = declared.map(tags_of).unwrap_or_default();
        let field = Field { severity: Some(Severity::Low), ..Field::default() };
        let place = |key: &str| at.step(Step::Key(key.to_owned()));
        for (key, value) in &declared {
            match live.get(key) {
                Some(own) if own == value => {}
                Some(own) => {
                    let (value, own) = (Value::from(value.clone()), Value::from(own.clone()));
                    self.report(&field, Change::Changed, Some(value), Some(own), &place(key));
                }
                None => {
                    let value = Value::from(value.clone());
                    self.report(&field, Change::Removed, Some(value), None, &place(key));
                }
            }
        }
        for (key, value) in live {
            if !declared.contains_key(key) && !kind::is_machine_tag(key) {
                self.report(&field, Change::Added, None, Some(Value::from(value.clone())), &place(key));
            }
        }
    }

    fn list(&mut self, name: &str, field: &Field, declared: Option<&Value>, live: &Value, at: &Place) {
        let items: Vec<&Value> = match declared {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
            None if field.default.is_none() => return,
            None if !field.default_where.iter().all(|(path, value)| super::find::has(live, path, value)) => {
                return;
            }
            None => match &field.default {
                Some(Value::Array(items)) => items.iter().collect(),
                _ => Vec::new(),
            },
        };
        let claimed = self.besides.get(name);
        let own_value = field.except.as_ref().and_then(|path| first_at(live, path));
        let own_value = own_value.filter(|own| !items.contains(own));
        let parts = field.from.iter().map(|path| all_at(live, path)).find(|parts| !parts.is_empty());
        let parts = parts.unwrap_or_default();
        let parts: Vec<&Value> = parts
            .into_iter()
            .filter(|part| Some(*part) != own_value)
            .filter(|part| {
                let own = match &field.key {
                    Some(key) => field.fields.get(key).and_then(|key| first_of(key, part)).map(text_of),
                    None => Some(text_of(part)),
                };
                !claimed.is_some_and(|claimed| own.is_some_and(|own| claimed.contains(&own)))
            })
            .collect();
        if parts.is_empty() && (self.is_partial || declared.is_none()) {
            return;
        }
        if field.fields.is_empty() {
            self.plain_list(field, declared.is_some(), &items, &parts, at);
        } else if let Some(key) = &field.key {
            self.keyed_list(field, key, &items, &parts, at);
        } else {
            self.object_list(field, &items, &parts, at);
        }
    }

    fn plain_list(
        &mut self,
        field: &Field,
        is_declared: bool,
        items: &[&Value],
        parts: &[&Value],
        at: &Place,
    ) {
        let spell = |values: &[&Value]| -> Vec<String> {
            values.iter().map(|value| canonical(field.form, value, self.names)).collect()
        };
        let (own, other) = (spell(items), spell(parts));
        let sorted = |texts: &[String]| {
            let mut texts = texts.to_vec();
            texts.sort();
            texts.dedup();
            texts
        };
        let ordered = field.list == Some(ListOrder::Ordered);
        let same_set = sorted(&own) == sorted(&other);
        if own == other || (same_set && !ordered) {
            return;
        }
        let list = |values: &[&Value]| Value::Array(values.iter().map(|value| (*value).clone()).collect());
        let change = match (own.is_empty(), other.is_empty()) {
            _ if same_set => Change::Reordered,
            (true, _) if !is_declared => Change::Added,
            (_, true) => Change::Removed,
            _ => Change::Changed,
        };
        let desired = (!items.is_empty()).then(|| list(items));
        self.report(field, change, desired, (!parts.is_empty()).then(|| list(parts)), at);
    }

    fn keyed_list(&mut self, field: &Field, key: &str, items: &[&Value], parts: &[&Value], at: &Place) {
        let key_field = field.fields.get(key);
        let name_of = |part: &Value| {
            let value = key_field.and_then(|field| first_of(field, part));
            value.map(|value| {
                canonical(key_field.map(|field| field.form).unwrap_or_default(), value, self.names)
            })
        };
        let mut others: BTreeMap<String, &Value> =
            parts.iter().filter_map(|part| Some((name_of(part)?, *part))).collect();
        let place = |name: &str| at.step(Step::Item(vec![(key.to_owned(), name.to_owned())]));
        for item in items {
            let name = item.get(key).map(text_of).unwrap_or_default();
            if let Some(object) = item.as_object() {
                self.note_unknown_parts(&field.fields, object, &place(&name));
            }
            let spelled = canonical(
                key_field.map(|field| field.form).unwrap_or_default(),
                &Value::from(name.clone()),
                self.names,
            );
            match (others.remove(&spelled), item.as_object()) {
                (Some(part), Some(object)) => self.object(&field.fields, object, part, &place(&name)),
                (Some(_), None) => {}
                (None, _) => {
                    self.report(field, Change::Removed, Some((*item).clone()), None, &place(&name));
                }
            }
        }
        for (name, part) in others {
            let value = shape(&field.fields, part);
            self.report(field, Change::Added, None, Some(value), &place(&name));
        }
    }

    /// Objects without a key: equal ones are paired, then the rest in order.
    fn object_list(&mut self, field: &Field, items: &[&Value], parts: &[&Value], at: &Place) {
        let mut rest: Vec<&Value> = parts.to_vec();
        let mut unpaired = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Some(object) = item.as_object() else { continue };
            self.note_unknown_parts(&field.fields, object, &at.step(Step::Index(index)));
            let equal =
                rest.iter().position(|part| self.differences_of(&field.fields, object, part).is_empty());
            match equal {
                Some(position) => {
                    rest.remove(position);
                }
                None => unpaired.push((index, object)),
            }
        }
        let mut rest = rest.into_iter();
        for (index, object) in unpaired {
            let place = at.step(Step::Index(index));
            match rest.next() {
                Some(part) => self.object(&field.fields, object, part, &place),
                None => {
                    let value = Value::Object(object.clone());
                    self.report(field, Change::Removed, Some(value), None, &place);
                }
            }
        }
        for (index, part) in rest.enumerate() {
            let place = at.step(Step::Index(items.len() + index));
            let value = shape(&field.fields, part);
            self.report(field, Change::Added, None, Some(value), &place);
        }
    }

    fn differences_of(
        &self,
        fields: &BTreeMap<String, Field>,
        desired: &Map<String, Value>,
        live: &Value,
    ) -> Vec<Difference> {
        let mut inner = Comparison {
            names: self.names,
            blocked: self.blocked,
            is_partial: self.is_partial,
            is_provider_only: self.is_provider_only,
            besides: self.besides,
            differences: Vec::new(),
            uncompared: Vec::new(),
        };
        inner.object(fields, desired, live, &Place { path: FieldPath::ROOT, dotted: String::new() });
        inner.differences
    }

    fn report(
        &mut self,
        field: &Field,
        change: Change,
        desired: Option<Value>,
        live: Option<Value>,
        at: &Place,
    ) {
        let shown = |value: Value| match field.form {
            kind::Form::Policy => decoded(value),
            _ => value,
        };
        let severity = severity_of(field, live.as_ref());
        let (desired, live) = if field.hidden { (None, None) } else { (desired, live) };
        self.differences.push(Difference {
            path: at.path.to_string(),
            change,
            severity,
            desired: desired.map(shown),
            live: live.map(shown),
            needs_replace: field.replace,
        });
    }
}

fn decoded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(crate::value::decode_policy(&text)),
        other => other,
    }
}

/// How bad a difference is: worse where AWS has one of the values that open wide.
pub(super) fn severity_of(field: &Field, live: Option<&Value>) -> Severity {
    let opens = live.is_some_and(|live| match live {
        Value::Array(items) => items.iter().any(|item| field.critical.contains(&text_of(item))),
        one => field.critical.contains(&text_of(one)),
    });
    if opens { Severity::Critical } else { field.severity.unwrap_or(Severity::Medium) }
}

fn applies(field: &Field, desired: &Map<String, Value>) -> bool {
    match field.when.as_deref() {
        None => true,
        Some(name) => match name.strip_prefix('!') {
            Some(name) => !is_declared(desired, name),
            None => is_declared(desired, name),
        },
    }
}

fn is_declared(desired: &Map<String, Value>, name: &str) -> bool {
    desired.get(name).is_some_and(|value| !is_empty(value))
}

/// A default with what it leaves to the account.
fn filled(default: &Value, names: &Names) -> Value {
    match default {
        Value::String(text) if text.contains("${") => Value::String(
            text.replace("${account}", &names.account).replace("${partition}", &names.partition),
        ),
        other => other.clone(),
    }
}

/// Whether a value is what AWS fills in; a default may end in `*`.
fn is_default(form: kind::Form, default: &Value, live: &Value, names: &Names) -> bool {
    match default.as_str().and_then(|text| text.strip_suffix('*')) {
        Some(beginning) => text_of(live).starts_with(beginning),
        None => same(form, default, live, names),
    }
}

/// Absent, null, or empty.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn first_of<'v>(field: &Field, live: &'v Value) -> Option<&'v Value> {
    field
        .from
        .iter()
        .find_map(|path| if field.map { super::find::first_member(live, path) } else { first_at(live, path) })
}

/// An object that Git may write as a list of one.
fn single<'d>(declared: Option<&'d Value>, at: &Place) -> (Option<&'d Map<String, Value>>, Place) {
    match declared {
        Some(Value::Array(items)) if items.len() == 1 => (items[0].as_object(), at.step(Step::Index(0))),
        Some(Value::Object(object)) => (Some(object), at.clone()),
        _ => (None, at.clone()),
    }
}

/// Whether all that an object declares is what AWS has where it has nothing.
fn only_defaults(fields: &BTreeMap<String, Field>, object: &Map<String, Value>) -> bool {
    object.iter().all(|(name, value)| {
        is_empty(value)
            || fields.get(name).is_some_and(|field| match &field.default {
                Some(default) => text_of(default) == text_of(value),
                None => value == &Value::Bool(false),
            })
    })
}

fn pairs_of(value: &Value) -> BTreeMap<String, Value> {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        list => tags_of(list).into_iter().map(|(key, value)| (key, Value::String(value))).collect(),
    }
}

/// An item under the names of the manifest.
pub(super) fn shape(fields: &BTreeMap<String, Field>, live: &Value) -> Value {
    let mut shaped = Map::new();
    for (name, field) in fields {
        let value = if field.map {
            first_of(field, live).map(|value| Value::Object(pairs_of(value).into_iter().collect()))
        } else if field.list.is_some() {
            let parts = field.from.iter().map(|path| all_at(live, path)).find(|parts| !parts.is_empty());
            parts.map(|parts| {
                let shaped = parts.into_iter().map(|part| match field.fields.is_empty() {
                    true => part.clone(),
                    false => shape(&field.fields, part),
                });
                Value::Array(shaped.collect())
            })
        } else if field.fields.is_empty() {
            first_of(field, live).cloned()
        } else if field.from.is_empty() {
            Some(shape(&field.fields, live))
        } else {
            first_of(field, live).map(|part| shape(&field.fields, part))
        };
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            let value = if field.form == kind::Form::Policy { decoded(value) } else { value };
            shaped.insert(name.clone(), value);
        }
    }
    Value::Object(shaped)
}
