//! The input of function-patch-and-transform, `pt.fn.crossplane.io/v1beta1` `Resources`, as version 0.10.8 reads it.
//!
//! Reading checks names and types of members and nothing else; what the values must be is [`super::validate`]'s.

mod decode;
mod patch;
mod transform;

use serde_json::Value;

use decode::{DecodeError, Members};
pub(super) use patch::{Combine, Patch, PatchKind};
pub(super) use transform::{
    ConvertTransform, MatchPattern, MatchTransform, MathTransform, StringTransform, Transform,
};

/// The whole input.
#[derive(Debug, Clone)]
pub(super) struct Resources {
    pub(super) patch_sets: Vec<PatchSet>,
    /// Patches between the composite resource and the environment; `None` where `environment` is absent.
    pub(super) environment: Option<Vec<Patch>>,
    pub(super) resources: Vec<ComposedTemplate>,
    pub(super) connection_secret: Option<ConnectionSecret>,
}

/// Patches that several resources share by name.
#[derive(Debug, Clone)]
pub(super) struct PatchSet {
    pub(super) name: String,
    pub(super) patches: Vec<Patch>,
}

/// One composed resource.
#[derive(Debug, Clone)]
pub(super) struct ComposedTemplate {
    pub(super) name: String,
    pub(super) base: Option<Value>,
    pub(super) patches: Vec<Patch>,
    pub(super) connection_details: Vec<ConnectionDetail>,
    pub(super) readiness_checks: Vec<ReadinessCheck>,
}

/// A key of the connection secret and where its value comes from.
#[derive(Debug, Clone)]
pub(super) struct ConnectionDetail {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) from_connection_secret_key: Option<String>,
    pub(super) from_field_path: Option<String>,
    pub(super) value: Option<String>,
}

/// When a composed resource counts as ready.
#[derive(Debug, Clone)]
pub(super) struct ReadinessCheck {
    pub(super) kind: String,
    pub(super) field_path: Option<String>,
    pub(super) match_string: Option<String>,
    pub(super) match_integer: Option<i64>,
    pub(super) match_condition: Option<MatchCondition>,
}

/// A condition that must have a status.
#[derive(Debug, Clone)]
pub(super) struct MatchCondition {
    pub(super) kind: String,
    pub(super) status: String,
}

/// Where the connection secret of a composite resource without one of its own goes.
#[derive(Debug, Clone)]
pub(super) struct ConnectionSecret {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) patches: Vec<Patch>,
}

impl Resources {
    /// Reads the input, with Go's words where it does not have the right shape.
    pub(super) fn read(value: &Value) -> Result<Resources, DecodeError> {
        let mut members = Members::of(value, "v1beta1.Resources")?;
        for name in ["apiVersion", "kind", "metadata"] {
            members.value(name);
        }
        let resources = Resources {
            patch_sets: members.list("patchSets", "[]v1beta1.PatchSet", PatchSet::read)?,
            environment: members.object("environment", read_environment)?,
            resources: members.list("resources", "[]v1beta1.ComposedTemplate", ComposedTemplate::read)?,
            connection_secret: members.object("writeConnectionSecretToRef", ConnectionSecret::read)?,
        };
        members.finish()?;
        Ok(resources)
    }
}

fn read_environment(value: &Value) -> Result<Vec<Patch>, DecodeError> {
    let mut members = Members::of(value, "v1beta1.Environment")?;
    let patches = members
        .list("patches", "[]v1beta1.EnvironmentPatch", |value| Patch::read(value, PatchKind::Environment))?;
    members.finish()?;
    Ok(patches)
}

impl PatchSet {
    fn read(value: &Value) -> Result<PatchSet, DecodeError> {
        let mut members = Members::of(value, "v1beta1.PatchSet")?;
        let set = PatchSet {
            name: members.string("name")?.unwrap_or_default(),
            patches: members.list("patches", "[]v1beta1.PatchSetPatch", |value| {
                Patch::read(value, PatchKind::InPatchSet)
            })?,
        };
        members.finish()?;
        Ok(set)
    }
}

impl ComposedTemplate {
    fn read(value: &Value) -> Result<ComposedTemplate, DecodeError> {
        let mut members = Members::of(value, "v1beta1.ComposedTemplate")?;
        let template = ComposedTemplate {
            name: members.string("name")?.unwrap_or_default(),
            base: members.value("base").cloned(),
            patches: members.list("patches", "[]v1beta1.ComposedPatch", |value| {
                Patch::read(value, PatchKind::Composed)
            })?,
            connection_details: members.list(
                "connectionDetails",
                "[]v1beta1.ConnectionDetail",
                ConnectionDetail::read,
            )?,
            readiness_checks: members.list(
                "readinessChecks",
                "[]v1beta1.ReadinessCheck",
                ReadinessCheck::read,
            )?,
        };
        members.finish()?;
        Ok(template)
    }
}

impl ConnectionDetail {
    fn read(value: &Value) -> Result<ConnectionDetail, DecodeError> {
        let mut members = Members::of(value, "v1beta1.ConnectionDetail")?;
        let detail = ConnectionDetail {
            name: members.string("name")?.unwrap_or_default(),
            kind: members.string("type")?.unwrap_or_default(),
            from_connection_secret_key: members.string("fromConnectionSecretKey")?,
            from_field_path: members.string("fromFieldPath")?,
            value: members.string("value")?,
        };
        members.finish()?;
        Ok(detail)
    }
}

impl ReadinessCheck {
    fn read(value: &Value) -> Result<ReadinessCheck, DecodeError> {
        let mut members = Members::of(value, "v1beta1.ReadinessCheck")?;
        let check = ReadinessCheck {
            kind: members.string("type")?.unwrap_or_default(),
            field_path: members.string("fieldPath")?,
            match_string: members.string("matchString")?,
            match_integer: members.integer("matchInteger")?,
            match_condition: members.object("matchCondition", MatchCondition::read)?,
        };
        members.finish()?;
        Ok(check)
    }
}

impl MatchCondition {
    fn read(value: &Value) -> Result<MatchCondition, DecodeError> {
        let mut members = Members::of(value, "v1beta1.MatchConditionReadinessCheck")?;
        let condition = MatchCondition {
            kind: members.string("type")?.unwrap_or_default(),
            status: members.string("status")?.unwrap_or_default(),
        };
        members.finish()?;
        Ok(condition)
    }
}

impl ConnectionSecret {
    fn read(value: &Value) -> Result<ConnectionSecret, DecodeError> {
        let mut members = Members::of(value, "v1beta1.WriteConnectionSecretToRef")?;
        let secret = ConnectionSecret {
            name: members.string("name")?.unwrap_or_default(),
            namespace: members.string("namespace")?.unwrap_or_default(),
            patches: members.list("patches", "[]v1beta1.ConnectionSecretPatch", |value| {
                Patch::read(value, PatchKind::ConnectionSecret)
            })?,
        };
        members.finish()?;
        Ok(secret)
    }
}
