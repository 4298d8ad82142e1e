//! Go structs that charts meet: `.Capabilities`, `.Chart` in Helm 3, and what they hold.

use std::any::Any;

use plimsoll_gotemplate::{
    Function, GoString, GoType, Kind, Map, Member, Object, Signature, Value, printing, types,
};

/// A struct, or a pointer to one.
#[derive(Debug, Clone)]
pub(crate) struct Struct {
    /// The Go type.
    pub go_type: &'static GoType,
    /// The fields in order.
    pub fields: Vec<Field>,
    /// What the `String` method of a pointer to it gives, where it has one.
    pub pointer_text: Option<String>,
    /// Methods that give one of the fields: the method's name and the field's.
    pub getters: &'static [(&'static str, &'static str)],
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The name in templates.
    pub name: &'static str,
    /// The name in JSON; an embedded struct has none, its fields count as the outer one's.
    pub json: Option<&'static str>,
    /// Whether JSON leaves it out when it is empty.
    pub omits_empty: bool,
    /// Whether templates and JSON see it.
    pub is_exported: bool,
    /// The value.
    pub value: Value,
}

impl Field {
    /// A field that JSON always has.
    pub(crate) fn new(name: &'static str, json: &'static str, value: impl Into<Value>) -> Field {
        Field { name, json: Some(json), omits_empty: false, is_exported: true, value: value.into() }
    }

    /// A field that JSON leaves out when it is empty.
    pub(crate) fn optional(name: &'static str, json: &'static str, value: impl Into<Value>) -> Field {
        Field { omits_empty: true, ..Field::new(name, json, value) }
    }

    /// A struct whose fields are the outer struct's, too.
    pub(crate) fn embedded(name: &'static str, value: Value) -> Field {
        Field { json: None, ..Field::new(name, "", value) }
    }

    /// A field that only printing shows.
    pub(crate) fn unexported(name: &'static str, value: impl Into<Value>) -> Field {
        Field { is_exported: false, ..Field::new(name, "", value) }
    }
}

impl Struct {
    fn field(&self, name: &str) -> Option<Value> {
        let own = self.fields.iter().find(|field| field.is_exported && field.name == name);
        if let Some(field) = own {
            return Some(field.value.clone());
        }
        let embedded = self.fields.iter().filter(|field| field.json.is_none());
        embedded.filter_map(|field| field.value.object()).find_map(|object| match object.member(name) {
            Some(Member::Field(value)) => Some(value),
            _ => None,
        })
    }
}

impl Object for Struct {
    fn go_type(&self) -> &'static GoType {
        self.go_type
    }

    fn member(&self, name: &str) -> Option<Member> {
        if let ("String", Some(text)) = (name, &self.pointer_text) {
            let (text, signature) = (text.clone(), Signature::new(&[], types::STRING));
            return Some(Member::Method(Function::new("String", signature, move |_, _| {
                Ok(Value::from(text.as_str()))
            })));
        }
        if let Some((method, field)) = self.getters.iter().find(|(method, _)| *method == name) {
            let value = self.field(field)?;
            let signature = Signature::new(&[], types::STRING);
            return Some(Member::Method(Function::new(method, signature, move |_, _| Ok(value.clone()))));
        }
        self.field(name).map(Member::Field)
    }

    fn text(&self) -> GoString {
        let texts: Vec<&Value> = self.fields.iter().map(|field| &field.value).collect();
        let mut text = b"{".to_vec();
        for (index, value) in texts.into_iter().enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            if printing::append_text(&mut text, value).is_err() {
                break;
            }
        }
        text.push(b'}');
        GoString::from(text)
    }

    fn text_in_action(&self) -> Option<GoString> {
        self.pointer_text.as_deref().map(GoString::from)
    }

    fn text_with_names(&self) -> GoString {
        let mut text = b"{".to_vec();
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            text.extend_from_slice(field.name.as_bytes());
            text.push(b':');
            match printing::sprintf(b"%+v", std::slice::from_ref(&field.value)) {
                Ok(value) => text.extend_from_slice(value.as_bytes()),
                Err(_) => break,
            }
        }
        text.push(b'}');
        GoString::from(text)
    }

    fn plain(&self) -> Option<Value> {
        let plain = Map::new();
        for (name, value) in self.fields()? {
            let value = match value.object() {
                Some(object) => object.plain()?,
                None => value,
            };
            let _ = plain.insert(name, value);
        }
        Some(Value::from(plain))
    }

    fn fields(&self) -> Option<Vec<(GoString, Value)>> {
        let mut fields = Vec::new();
        for field in self.fields.iter().filter(|field| field.is_exported) {
            match field.json {
                Some(_) if field.omits_empty && !field.value.is_true() => {}
                Some(json) => fields.push((GoString::from(json), field.value.clone())),
                None => fields.extend(field.value.object()?.fields()?),
            }
        }
        Some(fields)
    }

    fn is_true(&self) -> bool {
        self.go_type.kind == Kind::Struct || !self.fields.is_empty()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
