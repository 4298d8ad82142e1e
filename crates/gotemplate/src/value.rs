//! The values of templates.
//!
//! Go's kinds are kept apart (`int` is not `int64` is not `float64`), strings are bytes, maps are shared by reference. A
//! value also carries where it came from if it is not the same on every run (see [`crate::Taints`]).

use std::fmt;
use std::rc::Rc;

use crate::{Function, GoString, GoType, Kind, List, Map, Object, TaintId, types};

/// What a value is.
#[derive(Clone, Debug, Default)]
pub enum Data {
    /// The untyped nil: an empty interface.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`, the type of whole constants.
    Int(i64),
    /// `int32`
    Int32(i32),
    /// `int64`
    Int64(i64),
    /// `uint8`
    Uint8(u8),
    /// `uint64`
    Uint64(u64),
    /// `float64`, the type of all numbers in values files.
    Float64(f64),
    /// `complex128`, of constants such as `1i`.
    Complex128(f64, f64),
    /// `string`
    String(GoString),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// Anything with fields and methods.
    Object(Rc<dyn Object>),
    /// A function as a value, for `call`.
    Function(Rc<Function>),
}

/// A value with the mark of its origin. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Value {
    data: Data,
    taint: TaintId,
}

impl Value {
    /// The untyped nil.
    pub const NIL: Self = Self { data: Data::Nil, taint: TaintId::CLEAN };

    /// Wraps an object.
    #[must_use]
    pub fn from_object(object: impl Object + 'static) -> Self {
        Self::from(Data::Object(Rc::new(object)))
    }

    /// Returns what the value is.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Returns the mark of the value itself; what a container holds has marks of its own.
    #[must_use]
    pub fn taint(&self) -> TaintId {
        self.taint
    }

    /// Returns the same value with another mark.
    #[must_use]
    pub fn with_taint(mut self, taint: TaintId) -> Self {
        self.taint = taint;
        self
    }

    /// Reports whether this is the untyped nil.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self.data, Data::Nil)
    }

    /// Reports whether the value holds others.
    #[must_use]
    pub fn is_container(&self) -> bool {
        matches!(self.data, Data::List(_) | Data::Map(_))
    }

    /// Returns the string, if it is one.
    #[must_use]
    pub fn string(&self) -> Option<&GoString> {
        match &self.data {
            Data::String(string) => Some(string),
            _ => None,
        }
    }

    /// Returns the map, if it is one.
    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the slice, if it is one.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        match &self.data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }

    /// Returns the object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&dyn Object> {
        match &self.data {
            Data::Object(object) => Some(object.as_ref()),
            _ => None,
        }
    }

    /// Returns the number, if it is a signed whole one of any width (also a named type such as `time.Duration`).
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match &self.data {
            Data::Int(number) | Data::Int64(number) => Some(*number),
            Data::Int32(number) => Some(i64::from(*number)),
            Data::Object(object) => object.integer(),
            _ => None,
        }
    }

    /// Returns the number, if it is an unsigned whole one.
    #[must_use]
    pub fn unsigned(&self) -> Option<u64> {
        match &self.data {
            Data::Uint8(number) => Some(u64::from(*number)),
            Data::Uint64(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the number, if it is a `float64`.
    #[must_use]
    pub fn float(&self) -> Option<f64> {
        match self.data {
            Data::Float64(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the Go type; none for the untyped nil, which has none.
    #[must_use]
    pub fn go_type(&self) -> Option<&'static GoType> {
        Some(match &self.data {
            Data::Nil => return None,
            Data::Bool(_) => types::BOOL,
            Data::Int(_) => types::INT,
            Data::Int32(_) => types::INT32,
            Data::Int64(_) => types::INT64,
            Data::Uint8(_) => types::UINT8,
            Data::Uint64(_) => types::UINT64,
            Data::Float64(_) => types::FLOAT64,
            Data::Complex128(..) => types::COMPLEX128,
            Data::String(_) => types::STRING,
            Data::List(list) => list.go_type(),
            Data::Map(map) => map.go_type(),
            Data::Object(object) => object.go_type(),
            Data::Function(_) => types::FUNC,
        })
    }

    /// Returns the kind as `kindOf` has it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.go_type().map_or(Kind::Invalid, |go_type| go_type.kind)
    }

    /// Returns the type's name as `%T` prints it: `<nil>` for the untyped nil.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.go_type().map_or("<nil>", |go_type| go_type.name)
    }

    /// Reports whether conditions take the value for true.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match &self.data {
            Data::Nil => false,
            Data::Bool(value) => *value,
            Data::Int(number) | Data::Int64(number) => *number != 0,
            Data::Int32(number) => *number != 0,
            Data::Uint8(number) => *number != 0,
            Data::Uint64(number) => *number != 0,
            Data::Float64(number) => *number != 0.0,
            Data::Complex128(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Data::String(string) => !string.is_empty(),
            Data::List(list) => !list.is_empty(),
            Data::Map(map) => !map.is_empty(),
            Data::Object(object) => object.is_true(),
            Data::Function(_) => true,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.data.fmt(formatter)
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, taint: TaintId::CLEAN }
    }
}

macro_rules! from_parts {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(part: $from) -> Self {
                Self::from(Data::$variant(part.into()))
            }
        })*
    };
}

from_parts! {
    bool => Bool,
    i32 => Int32,
    i64 => Int64,
    u8 => Uint8,
    u64 => Uint64,
    f64 => Float64,
    GoString => String,
    &str => String,
    String => String,
    &[u8] => String,
    Vec<u8> => String,
    List => List,
    Vec<Value> => List,
    Map => Map,
}

/// Go's `int`, which is what lengths and positions are.
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::from(Data::Int(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

/// Plain data as templates see it: maps, slices and scalars, all numbers `float64`, as Helm reads values files. Of a map that
/// nobody looks into nothing is made.
impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::NIL,
            serde_json::Value::Bool(value) => Self::from(value),
            serde_json::Value::Number(number) => Self::from(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Self::from(text),
            serde_json::Value::Array(items) => {
                Self::from(items.into_iter().map(Self::from).collect::<Vec<_>>())
            }
            serde_json::Value::Object(entries) => Self::from(Map::made_when_read(move || {
                entries.into_iter().map(|(key, value)| (GoString::from(key), Self::from(value))).collect()
            })),
        }
    }
}
