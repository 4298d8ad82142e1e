//! Semantic versions in templates: comparisons, and the version as an object with methods.

use std::any::Any;
use std::cmp::Ordering;

use crate::semver::{Constraints, Part, Version};
use crate::types::{BOOL, INT, STRING, UINT64};
use crate::{Call, Data, Error, Function, GoString, GoType, Kind, Member, Object, Signature, Value};

use super::arguments::{bytes, nil_dereference, text};

const POINTER: &GoType = &GoType::unnamed("*semver.Version", Kind::Pointer, None);
const STRUCT: &GoType = &GoType::named("semver.Version", Kind::Struct, None);

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("semver", Signature::new(&[STRING], POINTER), |_, arguments| {
            Ok(Value::from_object(VersionObject { version: parse(&arguments[0])?, go_type: POINTER }))
        }),
        Function::new("semverCompare", Signature::new(&[STRING, STRING], BOOL), |_, arguments| {
            let constraint = std::str::from_utf8(bytes(&arguments[0])).map_err(|_| {
                let quoted = crate::quote::quote(bytes(&arguments[0]));
                Error::message(format!("improper constraint: {quoted}"))
            })?;
            let constraints =
                Constraints::parse(constraint).map_err(|error| Error::message(error.to_string()))?;
            Ok(Value::from(constraints.check(&parse(&arguments[1])?)))
        }),
    ]
}

fn parse(value: &Value) -> Result<Version, Error> {
    Version::parse(&text(value)).map_err(|error| Error::message(error.to_string()))
}

/// A version as templates see it: the pointer that `semver` returns, or the struct that its methods return.
#[derive(Debug)]
struct VersionObject {
    version: Version,
    go_type: &'static GoType,
}

impl VersionObject {
    fn method(&self, name: &str) -> Option<Function> {
        let version = self.version.clone();
        let none = |result| Signature::new(&[], result);
        let number = |name, number: u64| {
            Function::new(name, none(UINT64), move |_, _| Ok(Value::from(Data::Uint64(number))))
        };
        let string = |name, text: String| {
            Function::new(name, none(STRING), move |_, _| Ok(Value::from(text.as_str())))
        };
        Some(match name {
            "Major" => number("Major", version.major()),
            "Minor" => number("Minor", version.minor()),
            "Patch" => number("Patch", version.patch()),
            "Prerelease" => string("Prerelease", version.prerelease().to_owned()),
            "Metadata" => string("Metadata", version.metadata().to_owned()),
            "String" => string("String", version.to_string()),
            "Original" if self.is_pointer() => string("Original", version.original().to_owned()),
            "IncMajor" => next("IncMajor", version, Part::Major),
            "IncMinor" => next("IncMinor", version, Part::Minor),
            "IncPatch" => next("IncPatch", version, Part::Patch),
            "SetPrerelease" => changing("SetPrerelease", version, Version::with_prerelease),
            "SetMetadata" => changing("SetMetadata", version, Version::with_metadata),
            "Compare" if self.is_pointer() => {
                Function::new("Compare", Signature::new(&[POINTER], INT), move |_, arguments| {
                    let order = version.compare(&other(&arguments[0])?.version);
                    Ok(Value::from(Data::Int(order as i64)))
                })
            }
            "Equal" if self.is_pointer() => {
                Function::new("Equal", Signature::new(&[POINTER], BOOL), move |_, arguments| {
                    let other = other(&arguments[0]);
                    Ok(Value::from(other.is_ok_and(|other| version.compare(&other.version).is_eq())))
                })
            }
            "LessThan" if self.is_pointer() => comparing("LessThan", version, Ordering::is_lt),
            "LessThanEqual" if self.is_pointer() => comparing("LessThanEqual", version, Ordering::is_le),
            "GreaterThan" if self.is_pointer() => comparing("GreaterThan", version, Ordering::is_gt),
            "GreaterThanEqual" if self.is_pointer() => {
                comparing("GreaterThanEqual", version, Ordering::is_ge)
            }
            _ => return None,
        })
    }

    fn is_pointer(&self) -> bool {
        self.go_type.kind == Kind::Pointer
    }
}

fn other(value: &Value) -> Result<&VersionObject, Error> {
    value
        .object()
        .and_then(|object| object.as_any().downcast_ref::<VersionObject>())
        .ok_or_else(nil_dereference)
}

fn comparing(name: &'static str, version: Version, holds: fn(Ordering) -> bool) -> Function {
    Function::new(name, Signature::new(&[POINTER], BOOL), move |_, arguments| {
        Ok(Value::from(holds(version.compare(&other(&arguments[0])?.version))))
    })
}

fn next(name: &'static str, version: Version, part: Part) -> Function {
    Function::new(name, Signature::new(&[], STRUCT), move |_: &mut Call<'_>, _| {
        let part_name = match part {
            Part::Major => "major",
            Part::Minor => "minor",
            Part::Patch => "patch",
        };
        let next = version
            .next(part)
            .ok_or_else(|| Error::message(format!("{part_name} version increment would overflow uint64")))?;
        Ok(Value::from_object(VersionObject { version: next, go_type: STRUCT }))
    })
}

fn changing(
    name: &'static str,
    version: Version,
    change: fn(&Version, &str) -> Result<Version, crate::semver::VersionError>,
) -> Function {
    Function::new(name, Signature::new(&[STRING], STRUCT), move |_, arguments| {
        let version =
            change(&version, &text(&arguments[0])).map_err(|error| Error::message(error.to_string()))?;
        Ok(Value::from_object(VersionObject { version, go_type: STRUCT }))
    })
}

impl Object for VersionObject {
    fn go_type(&self) -> &'static GoType {
        self.go_type
    }

    fn member(&self, name: &str) -> Option<Member> {
        self.method(name).map(Member::Method)
    }

    fn text(&self) -> GoString {
        GoString::from(self.version.to_string())
    }

    fn has_string_method(&self) -> bool {
        true
    }

    fn plain(&self) -> Option<Value> {
        Some(Value::from(self.version.to_string()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
