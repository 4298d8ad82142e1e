//! The predeclared Go types: `types::STRING`, `types::MAP`, ...

use crate::{GoType, Kind};

/// `interface {}`: a parameter that takes anything.
pub const ANY: &GoType = &GoType::unnamed("interface {}", Kind::Interface, None);
/// `reflect.Value`: a parameter of the builtins that takes anything, also no value.
pub const REFLECT: &GoType = &GoType::named("reflect.Value", Kind::Struct, None);
/// `bool`
pub const BOOL: &GoType = &GoType::named("bool", Kind::Bool, None);
/// `int`
pub const INT: &GoType = &GoType::named("int", Kind::Int, None);
/// `int32`
pub const INT32: &GoType = &GoType::named("int32", Kind::Int32, None);
/// `int64`
pub const INT64: &GoType = &GoType::named("int64", Kind::Int64, None);
/// `uint8`
pub const UINT8: &GoType = &GoType::named("uint8", Kind::Uint8, None);
/// `uint64`
pub const UINT64: &GoType = &GoType::named("uint64", Kind::Uint64, None);
/// `float64`
pub const FLOAT64: &GoType = &GoType::named("float64", Kind::Float64, None);
/// `complex128`
pub const COMPLEX128: &GoType = &GoType::named("complex128", Kind::Complex128, None);
/// `string`
pub const STRING: &GoType = &GoType::named("string", Kind::String, None);
/// `[]interface {}`
pub const LIST: &GoType = &GoType::unnamed("[]interface {}", Kind::Slice, Some(ANY));
/// `[]string`
pub const STRINGS: &GoType = &GoType::unnamed("[]string", Kind::Slice, Some(STRING));
/// `[]int`
pub const INTS: &GoType = &GoType::unnamed("[]int", Kind::Slice, Some(INT));
/// `[]uint8`
pub const BYTES: &GoType = &GoType::unnamed("[]uint8", Kind::Slice, Some(UINT8));
/// `[][]interface {}`
pub const LISTS: &GoType = &GoType::unnamed("[][]interface {}", Kind::Slice, Some(LIST));
/// `map[string]interface {}`
pub const MAP: &GoType = &GoType::unnamed("map[string]interface {}", Kind::Map, Some(ANY));
/// `map[string]string`
pub const STRING_MAP: &GoType = &GoType::unnamed("map[string]string", Kind::Map, Some(STRING));
/// `func`: the type of a function that is passed as a value.
pub const FUNC: &GoType = &GoType::unnamed("func", Kind::Func, None);
