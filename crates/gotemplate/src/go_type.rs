//! Go's types as far as templates can see them: names in error texts, kinds, and what may be assigned to what.
//!
//! A type is a `&'static GoType`; two types are the same when their names are. The predeclared ones are in
//! [`types`](mod@crate::types); crates which bring types of their own (`chartutil.Values`, `engine.files`) declare constants.

use crate::{Function, Value, types};

/// What `reflect.Kind` tells apart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// No value at all.
    Invalid,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `int32`
    Int32,
    /// `int64`
    Int64,
    /// `uint8`
    Uint8,
    /// `uint64`
    Uint64,
    /// `float64`
    Float64,
    /// `complex128`
    Complex128,
    /// `string`
    String,
    /// A slice.
    Slice,
    /// A map.
    Map,
    /// A struct.
    Struct,
    /// A pointer.
    Pointer,
    /// A function.
    Func,
    /// An interface.
    Interface,
}

impl Kind {
    /// Returns the name that `kindOf` gives.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint64 => "uint64",
            Self::Float64 => "float64",
            Self::Complex128 => "complex128",
            Self::String => "string",
            Self::Slice => "slice",
            Self::Map => "map",
            Self::Struct => "struct",
            Self::Pointer => "ptr",
            Self::Func => "func",
            Self::Interface => "interface",
        }
    }
}

/// A Go type.
#[derive(Debug)]
pub struct GoType {
    /// The name as `%T` prints it.
    pub name: &'static str,
    /// The kind.
    pub kind: Kind,
    /// The element type of slices and maps.
    pub element: Option<&'static GoType>,
    /// Whether the type was declared with a name of its own (`chartutil.Values`), which `map[string]interface {}` is not.
    pub is_named: bool,
    /// Finds a method of a value of this type; [`crate::Object`]s find theirs themselves.
    pub methods: Option<fn(&Value, &str) -> Option<Function>>,
}

impl GoType {
    /// Declares a type without a name of its own and without methods.
    #[must_use]
    pub const fn unnamed(name: &'static str, kind: Kind, element: Option<&'static GoType>) -> Self {
        Self { name, kind, element, is_named: false, methods: None }
    }

    /// Declares a type with a name of its own, without methods.
    #[must_use]
    pub const fn named(name: &'static str, kind: Kind, element: Option<&'static GoType>) -> Self {
        Self { name, kind, element, is_named: true, methods: None }
    }

    /// Gives the type methods.
    #[must_use]
    pub const fn with_methods(mut self, methods: fn(&Value, &str) -> Option<Function>) -> Self {
        self.methods = Some(methods);
        self
    }

    /// Reports whether both are the same type.
    #[must_use]
    pub fn is(&self, other: &GoType) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }

    /// Reports whether a value of this type may be assigned to `target`, as Go's `AssignableTo`.
    #[must_use]
    pub fn is_assignable_to(&self, target: &GoType) -> bool {
        if self.is(target) || target.is(types::ANY) {
            return true;
        }
        // Types of the same structure are interchangeable as long as one of them has no name of its own.
        matches!(self.kind, Kind::Slice | Kind::Map)
            && self.kind == target.kind
            && !(self.is_named && target.is_named)
            && match (self.element, target.element) {
                (Some(own), Some(other)) => own.is(other),
                _ => false,
            }
    }

    /// Reports whether `nil` is a value of this type.
    #[must_use]
    pub fn can_be_nil(&self) -> bool {
        matches!(self.kind, Kind::Slice | Kind::Map | Kind::Pointer | Kind::Func | Kind::Interface)
            || self.is(types::REFLECT)
    }
}
