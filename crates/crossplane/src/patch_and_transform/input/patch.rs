//! Patches of the input.

use serde_json::Value;

use super::decode::{DecodeError, Members};
use super::transform::Transform;
use crate::field_path::ParsedPath;

/// Where a patch stands, which decides what its members may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum PatchKind {
    Composed,
    Environment,
    InPatchSet,
    ConnectionSecret,
}

/// A patch from one object to another.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Patch {
    pub(in super::super) place: PatchKind,
    pub(in super::super) kind: String,
    pub(in super::super) patch_set_name: Option<String>,
    /// What is read; empty where no path is given.
    pub(in super::super) source: ParsedPath,
    /// What is written: what is read where no path is given.
    pub(in super::super) target: ParsedPath,
    pub(in super::super) combine: Option<Combine>,
    pub(in super::super) transforms: Vec<Transform>,
    pub(in super::super) policy: Option<Policy>,
}

/// What happens when the source is missing, and how the value meets what is there. An absent policy is empty.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Policy {
    pub(in super::super) from_field_path: Option<String>,
    pub(in super::super) to_field_path: Option<String>,
}

/// Several values made one.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Combine {
    /// Field paths.
    pub(in super::super) variables: Vec<ParsedPath>,
    pub(in super::super) strategy: String,
    pub(in super::super) string: Option<CombineString>,
}

/// The format that values are combined by.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct CombineString {
    pub(in super::super) format: String,
}

impl Patch {
    pub(super) fn read(value: &Value, place: PatchKind) -> Result<Patch, DecodeError> {
        let mut members = Members::of(value, place.go_type())?;
        let patch_set_name =
            if place == PatchKind::Composed { members.string("patchSetName")? } else { None };
        let kind = members.string("type")?.filter(|kind| !kind.is_empty());
        let source = members.string("fromFieldPath")?.unwrap_or_default();
        let target = members.string("toFieldPath")?.unwrap_or_else(|| source.clone());
        let patch = Patch {
            place,
            kind: kind.unwrap_or_else(|| "FromCompositeFieldPath".to_owned()),
            patch_set_name,
            target: ParsedPath::new(target),
            source: ParsedPath::new(source),
            combine: members.object("combine", Combine::read)?,
            transforms: members.list("transforms", "[]v1beta1.Transform", Transform::read)?,
            policy: members.object("policy", Policy::read)?,
        };
        members.finish()?;
        Ok(patch)
    }

    /// The paths that are read: several where the patch combines them.
    pub(in super::super) fn reads(&self) -> &[ParsedPath] {
        match &self.combine {
            Some(combine) if self.kind.starts_with("Combine") => &combine.variables,
            _ => std::slice::from_ref(&self.source),
        }
    }

    /// `Optional` unless the policy says otherwise.
    pub(in super::super) fn source_policy(&self) -> &str {
        self.policy.as_ref().and_then(|policy| policy.from_field_path.as_deref()).unwrap_or("Optional")
    }

    /// `Replace` unless the policy says otherwise.
    pub(in super::super) fn target_policy(&self) -> &str {
        self.policy.as_ref().and_then(|policy| policy.to_field_path.as_deref()).unwrap_or("Replace")
    }
}

impl PatchKind {
    /// The struct that Go reads such a patch into.
    pub(in super::super) fn go_type(self) -> &'static str {
        match self {
            PatchKind::Composed => "v1beta1.ComposedPatch",
            PatchKind::Environment => "v1beta1.EnvironmentPatch",
            PatchKind::InPatchSet => "v1beta1.PatchSetPatch",
            PatchKind::ConnectionSecret => "v1beta1.ConnectionSecretPatch",
        }
    }
}

impl Policy {
    fn read(value: &Value) -> Result<Policy, DecodeError> {
        let mut members = Members::of(value, "v1beta1.PatchPolicy")?;
        let policy = Policy {
            from_field_path: members.string("fromFieldPath")?,
            to_field_path: members.string("toFieldPath")?,
        };
        members.finish()?;
        Ok(policy)
    }
}

impl Combine {
    fn read(value: &Value) -> Result<Combine, DecodeError> {
        let mut members = Members::of(value, "v1beta1.Combine")?;
        let combine = Combine {
            variables: members.list("variables", "[]v1beta1.CombineVariable", |value| {
                let mut members = Members::of(value, "v1beta1.CombineVariable")?;
                let path = members.string("fromFieldPath")?.unwrap_or_default();
                members.finish()?;
                Ok(ParsedPath::new(path))
            })?,
            strategy: members.string("strategy")?.unwrap_or_default(),
            string: members.object("string", |value| {
                let mut members = Members::of(value, "v1beta1.StringCombine")?;
                let format = members.string("fmt")?.unwrap_or_default();
                members.finish()?;
                Ok(CombineString { format })
            })?,
        };
        members.finish()?;
        Ok(combine)
    }
}
