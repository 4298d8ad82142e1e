//! The root objects of templates: `.Values`, `.Chart`, `.Release`, `.Capabilities`, `.Files`, `.Subcharts`, `.Template`.

use plimsoll_gotemplate::{Data, Function, GoType, Kind, List, Map, Profile, Signature, Value, types};

use crate::capabilities::{KubeVersion, default_api_versions};
use crate::go_struct::{Field, Struct};
use crate::render::Release;
use crate::values_methods::values_type;

const CAPABILITIES_V3: &GoType = &GoType::unnamed("*chartutil.Capabilities", Kind::Pointer, None);
const CAPABILITIES_V4: &GoType = &GoType::unnamed("*common.Capabilities", Kind::Pointer, None);
const KUBE_VERSION_V3: &GoType = &GoType::named("chartutil.KubeVersion", Kind::Struct, None);
const KUBE_VERSION_V4: &GoType = &GoType::named("common.KubeVersion", Kind::Struct, None);
const BUILD_INFO: &GoType = &GoType::named("version.BuildInfo", Kind::Struct, None);
const VERSION_SET_V3: &GoType =
    &GoType::named("chartutil.VersionSet", Kind::Slice, Some(types::STRING)).with_methods(version_set_method);
const VERSION_SET_V4: &GoType =
    &GoType::named("common.VersionSet", Kind::Slice, Some(types::STRING)).with_methods(version_set_method);

/// Go's release that the binaries of both profiles are built with.
const GO_VERSION: &str = "go1.26.8";

/// `.Release`
pub(crate) fn release_object(release: &Release) -> Value {
    let map = Map::new();
    let entries = [
        ("Name", Value::from(release.name.as_str())),
        ("Namespace", Value::from(release.namespace.as_str())),
        ("IsUpgrade", Value::from(release.is_upgrade())),
        ("IsInstall", Value::from(!release.is_upgrade())),
        ("Revision", Value::from(Data::Int(1))),
        ("Service", Value::from("Helm")),
    ];
    for (key, value) in entries {
        let _ = map.insert(key, value);
    }
    Value::from(map)
}

/// `.Template`
pub(crate) fn template_object(name: &str, base_path: &str, profile: Profile) -> Value {
    let map = Map::of_type(values_type(profile), plimsoll_gotemplate::Entries::new());
    let _ = map.insert("Name", Value::from(name));
    let _ = map.insert("BasePath", Value::from(base_path));
    Value::from(map)
}

/// `.Capabilities`
pub(crate) fn capabilities_object(
    kube_version: &KubeVersion,
    api_versions: &[String],
    profile: Profile,
) -> Value {
    let is_third = profile == Profile::V3;
    let mut fields = vec![
        Field::new(
            "Version",
            "Version",
            if is_third { &*kube_version.normalized } else { &*kube_version.given },
        ),
        Field::unexported("normalizedVersion", kube_version.normalized.as_str()),
        Field::new("Major", "Major", kube_version.major.as_str()),
        Field::new("Minor", "Minor", kube_version.minor.as_str()),
    ];
    if is_third {
        fields.remove(1);
    }
    let kube_version = Value::from_object(Struct {
        go_type: if is_third { KUBE_VERSION_V3 } else { KUBE_VERSION_V4 },
        fields,
        pointer_text: Some(kube_version.normalized.clone()),
        getters: &[("GitVersion", "Version")],
    });
    let mut build = vec![
        Field::optional("Version", "version", if is_third { "v3.21.4" } else { "v4.2.4" }),
        Field::optional("GitCommit", "git_commit", ""),
        Field::optional("GitTreeState", "git_tree_state", "clean"),
        Field::optional("GoVersion", "go_version", GO_VERSION),
    ];
    if !is_third {
        build.push(Field::new("KubeClientVersion", "kube_client_version", "v1.36"));
    }
    let build = Struct { go_type: BUILD_INFO, fields: build, pointer_text: None, getters: &[] };
    let versions: Vec<Value> = default_api_versions()
        .map(Value::from)
        .chain(api_versions.iter().map(|version| Value::from(version.as_str())))
        .collect();
    let set = List::of_type(if is_third { VERSION_SET_V3 } else { VERSION_SET_V4 }, versions);
    Value::from_object(Struct {
        go_type: if is_third { CAPABILITIES_V3 } else { CAPABILITIES_V4 },
        fields: vec![
            Field::new("KubeVersion", "KubeVersion", kube_version),
            Field::new("APIVersions", "APIVersions", set),
            Field::new("HelmVersion", "HelmVersion", Value::from_object(build)),
        ],
        pointer_text: None,
        getters: &[],
    })
}

fn version_set_method(set: &Value, name: &str) -> Option<Function> {
    if name != "Has" {
        return None;
    }
    let set = set.list()?.clone();
    Some(Function::new("Has", Signature::new(&[types::STRING], types::BOOL), move |_, arguments| {
        let wanted = arguments.first().and_then(|argument| argument.string());
        Ok(Value::from(set.items().iter().any(|item| item.string() == wanted)))
    }))
}
