//! Values with fields and methods: structs, pointers and named types which templates meet.

use std::any::Any;
use std::fmt;

use crate::{Function, GoString, GoType, Kind, Value};

/// What a name after a dot finds in an object.
#[derive(Debug)]
pub enum Member {
    /// A field's value.
    Field(Value),
    /// A method, bound to the object.
    Method(Function),
}

/// A Go value that is neither a plain number, string, slice nor map.
///
/// Implementations are immutable or use cells; `as_any` allows functions to find their own objects again:
/// `value.object().and_then(|object| object.as_any().downcast_ref::<Version>())`.
pub trait Object: fmt::Debug {
    /// Returns the Go type.
    fn go_type(&self) -> &'static GoType;

    /// Finds a method or exported field.
    fn member(&self, name: &str) -> Option<Member>;

    /// Returns what `%v` prints, by the `String` or `Error` method where there is one.
    fn text(&self) -> GoString;

    /// Returns what an action that ends in the value itself writes, where that is not what `%v` prints: templates use
    /// `String` methods of pointers for fields of pointers, `fmt` does not.
    fn text_in_action(&self) -> Option<GoString> {
        None
    }

    /// Returns what `%+v` prints; by default the same as `%v`.
    fn text_with_names(&self) -> GoString {
        self.text()
    }

    /// Reports whether `text` comes from a `String` or `Error` method, so that `%s` and `%q` use it, too, and a
    /// container prints its elements with it.
    fn has_string_method(&self) -> bool {
        false
    }

    /// Returns what the encoders of JSON and YAML see: maps, slices and scalars; none where they fail.
    fn plain(&self) -> Option<Value> {
        None
    }

    /// Returns the fields that JSON shows of a struct, in order; none for what is no struct.
    fn fields(&self) -> Option<Vec<(GoString, Value)>> {
        None
    }

    /// Returns the number of a named number type such as `time.Duration`.
    fn integer(&self) -> Option<i64> {
        None
    }

    /// Reports whether a condition takes the value for true; structs always are.
    fn is_true(&self) -> bool {
        match self.go_type().kind {
            Kind::Int | Kind::Int32 | Kind::Int64 => self.integer() != Some(0),
            _ => true,
        }
    }

    /// Reports whether `==` holds in Go.
    fn equals(&self, _other: &dyn Object) -> bool {
        false
    }

    /// Returns the object for downcasts.
    fn as_any(&self) -> &dyn Any;
}
