//! Transforms of the input.

use serde_json::{Map, Value};

use super::decode::{DecodeError, Members};

/// One step from the value read to the value written.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Transform {
    pub(in super::super) kind: String,
    pub(in super::super) math: Option<MathTransform>,
    pub(in super::super) map: Option<Map<String, Value>>,
    pub(in super::super) matching: Option<MatchTransform>,
    pub(in super::super) string: Option<StringTransform>,
    pub(in super::super) convert: Option<ConvertTransform>,
}

/// Arithmetic on a number.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct MathTransform {
    pub(in super::super) kind: String,
    pub(in super::super) multiply: Option<i64>,
    pub(in super::super) clamp_min: Option<i64>,
    pub(in super::super) clamp_max: Option<i64>,
}

/// The first pattern that matches decides.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct MatchTransform {
    pub(in super::super) patterns: Vec<MatchPattern>,
    pub(in super::super) fallback_value: Option<Value>,
    pub(in super::super) fallback_to: String,
}

/// A pattern and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct MatchPattern {
    pub(in super::super) kind: String,
    pub(in super::super) literal: Option<String>,
    pub(in super::super) regexp: Option<String>,
    pub(in super::super) result: Option<Value>,
}

/// Work on a text.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct StringTransform {
    pub(in super::super) kind: String,
    pub(in super::super) format: Option<String>,
    pub(in super::super) convert: Option<String>,
    pub(in super::super) trim: Option<String>,
    /// The expression and the number of the group.
    pub(in super::super) regexp: Option<(String, i64)>,
    /// The separator.
    pub(in super::super) join: Option<String>,
    /// What is searched, and what it is replaced by.
    pub(in super::super) replace: Option<(String, String)>,
}

/// Another type for the value.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct ConvertTransform {
    pub(in super::super) to_type: String,
    pub(in super::super) format: Option<String>,
}

impl Transform {
    pub(super) fn read(value: &Value) -> Result<Transform, DecodeError> {
        let mut members = Members::of(value, "v1beta1.Transform")?;
        let transform = Transform {
            kind: members.string("type")?.unwrap_or_default(),
            math: members.object("math", MathTransform::read)?,
            map: members.object("map", |value| match value {
                Value::Object(pairs) => Ok(pairs.clone()),
                _ => Err("json: cannot unmarshal into Go value of type map[string]v1.JSON".to_owned()),
            })?,
            matching: members.object("match", MatchTransform::read)?,
            string: members.object("string", StringTransform::read)?,
            convert: members.object("convert", ConvertTransform::read)?,
        };
        members.finish()?;
        Ok(transform)
    }
}

impl MathTransform {
    fn read(value: &Value) -> Result<MathTransform, DecodeError> {
        let mut members = Members::of(value, "v1beta1.MathTransform")?;
        let math = MathTransform {
            kind: members.string("type")?.unwrap_or_default(),
            multiply: members.integer("multiply")?,
            clamp_min: members.integer("clampMin")?,
            clamp_max: members.integer("clampMax")?,
        };
        members.finish()?;
        Ok(math)
    }
}

impl MatchTransform {
    fn read(value: &Value) -> Result<MatchTransform, DecodeError> {
        let mut members = Members::of(value, "v1beta1.MatchTransform")?;
        let matching = MatchTransform {
            patterns: members.list("patterns", "[]v1beta1.MatchTransformPattern", MatchPattern::read)?,
            fallback_value: members.value("fallbackValue").cloned(),
            fallback_to: members.string("fallbackTo")?.unwrap_or_default(),
        };
        members.finish()?;
        Ok(matching)
    }
}

impl MatchPattern {
    fn read(value: &Value) -> Result<MatchPattern, DecodeError> {
        let mut members = Members::of(value, "v1beta1.MatchTransformPattern")?;
        let pattern = MatchPattern {
            kind: members.string("type")?.unwrap_or_default(),
            literal: members.string("literal")?,
            regexp: members.string("regexp")?,
            result: members.value("result").cloned(),
        };
        members.finish()?;
        Ok(pattern)
    }
}

impl StringTransform {
    fn read(value: &Value) -> Result<StringTransform, DecodeError> {
        let mut members = Members::of(value, "v1beta1.StringTransform")?;
        let string = StringTransform {
            kind: members.string("type")?.unwrap_or_default(),
            format: members.string("fmt")?,
            convert: members.string("convert")?,
            trim: members.string("trim")?,
            regexp: members.object("regexp", |value| {
                let mut members = Members::of(value, "v1beta1.StringTransformRegexp")?;
                let regexp =
                    (members.string("match")?.unwrap_or_default(), members.integer("group")?.unwrap_or(0));
                members.finish()?;
                Ok(regexp)
            })?,
            join: members.object("join", |value| {
                let mut members = Members::of(value, "v1beta1.StringTransformJoin")?;
                let separator = members.string("separator")?.unwrap_or_default();
                members.finish()?;
                Ok(separator)
            })?,
            replace: members.object("replace", |value| {
                let mut members = Members::of(value, "v1beta1.StringTransformReplace")?;
                let replace = (
                    members.string("search")?.unwrap_or_default(),
                    members.string("replace")?.unwrap_or_default(),
                );
                members.finish()?;
                Ok(replace)
            })?,
        };
        members.finish()?;
        Ok(string)
    }
}

impl ConvertTransform {
    fn read(value: &Value) -> Result<ConvertTransform, DecodeError> {
        let mut members = Members::of(value, "v1beta1.ConvertTransform")?;
        let convert = ConvertTransform {
            to_type: members.string("toType")?.unwrap_or_default(),
            format: members.string("format")?,
        };
        members.finish()?;
        Ok(convert)
    }
}
