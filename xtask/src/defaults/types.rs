//! The kinds and types that a server publishes at `/openapi/v3`, as the tables of crates/drift.
//!
//! Only kinds that are kept: what is answered and forgotten (reviews, bindings, scales), events and status are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Server;
use super::go_structs::{self, Package};

const NOT_KEPT: [&str; 14] = [
    "Binding",
    "ComponentStatus",
    "DeleteOptions",
    "Event",
    "Eviction",
    "LocalSubjectAccessReview",
    "Scale",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "Status",
    "SubjectAccessReview",
    "TokenRequest",
    "TokenReview",
];

/// Where the Go types of an OpenAPI name stand: its beginning, the module.
const MODULES: [(&str, &str); 4] = [
    ("io.k8s.api.", "k8s.io/api"),
    ("io.k8s.apimachinery.pkg.apis.", "k8s.io/apimachinery"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.", "k8s.io/apiextensions-apiserver"),
    ("io.k8s.kube-aggregator.pkg.apis.", "k8s.io/kube-aggregator"),
];

/// A schema of JSON schemas holds more of them where OpenAPI cannot say so.
const SCHEMAS: &str = "apiextensions.v1.JSONSchemaProps";

/// The two tables.
pub(super) struct Tables {
    pub(super) kinds: String,
    pub(super) types: String,
}

struct Reader {
    schemas: BTreeMap<String, Value>,
    folders: BTreeMap<&'static str, PathBuf>,
    packages: BTreeMap<PathBuf, Package>,
    version: String,
}

/// Reads both tables from a server.
pub(super) fn read(server: &Server<'_>) -> Result<Tables> {
    let version: Value = serde_json::from_str(&server.kubectl(&["version", "-o", "json"], None)?)?;
    let version =
        version.pointer("/serverVersion/gitVersion").and_then(Value::as_str).context("no server version")?;
    let version = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default().to_owned();
    let mut reader =
        Reader { schemas: BTreeMap::new(), folders: BTreeMap::new(), packages: BTreeMap::new(), version };
    let index = server.document("/openapi/v3")?;
    for path in index["paths"].as_object().context("no paths")?.keys() {
        let parts = path.split('/').count();
        let is_built_in = path == "api/v1" || (path.starts_with("apis/") && parts == 3);
        if is_built_in {
            let document = server.document(&format!("/openapi/v3/{path}"))?;
            let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
            reader
                .schemas
                .extend(schemas.into_iter().flatten().map(|(name, schema)| (name.clone(), schema.clone())));
        }
    }
    for (beginning, module) in MODULES {
        reader.folders.insert(beginning, module_folder(module, &reader.version)?);
    }
    reader.tables()
}

/// Where Go keeps a module, downloaded if it is not there.
fn module_folder(module: &str, version: &str) -> Result<PathBuf> {
    let (_, minor) = version.split_once('.').context("a version has a minor one")?;
    let wanted = format!("{module}@v0.{minor}");
    let output = Command::new("go").args(["mod", "download", "-json", &wanted]).output().context("go")?;
    ensure!(output.status.success(), "{wanted}: {}", String::from_utf8_lossy(&output.stderr));
    let about: Value = serde_json::from_slice(&output.stdout)?;
    Ok(PathBuf::from(about["Dir"].as_str().context("a module has a folder")?))
}

impl Reader {
    fn tables(&mut self) -> Result<Tables> {
        let kinds = self.kinds();
        let mut types: BTreeMap<String, String> = BTreeMap::new();
        let mut waiting: Vec<String> = kinds.values().cloned().collect();
        let roots: BTreeSet<String> = waiting.iter().cloned().collect();
        while let Some(name) = waiting.pop() {
            if types.contains_key(short(&name)) {
                continue;
            }
            let pointers = self.pointers(&name)?;
            let schema = self.schemas.get(&name).context("a type that is referred to is published")?;
            let mut fields = Vec::new();
            for (key, field) in schema["properties"].as_object().into_iter().flatten() {
                if roots.contains(&name) && matches!(key.as_str(), "status" | "apiVersion" | "kind") {
                    continue;
                }
                let mut code = self.code(field, &mut waiting);
                let is_schema = short(&name) == SCHEMAS
                    && matches!(key.as_str(), "items" | "additionalItems" | "additionalProperties");
                if is_schema {
                    SCHEMAS.clone_into(&mut code);
                }
                let is_pointer = pointers.get(key) == Some(&true) && !code.starts_with(['[', '{']);
                fields.push(format!("{key}:{code}{}", if is_pointer { "?" } else { "" }));
            }
            types.insert(short(&name).to_owned(), fields.join(" "));
        }
        let kinds =
            kinds.iter().map(|((version, kind), name)| format!("{version}\t{kind}\t{}\n", short(name)));
        let types = types.iter().map(|(name, fields)| format!("{name}\t{fields}\n"));
        let version = &self.version;
        let minor = version.split_once('.').map_or("", |(_, minor)| minor);
        Ok(Tables {
            kinds: format!(
                "# The built-in kinds, and the type of each, as kube-apiserver {version} publishes them.\n\
                 # apiVersion\tkind\ttype\n{}",
                kinds.collect::<String>()
            ),
            types: format!(
                "# The fields of the built-in types, as kube-apiserver {version} publishes them, and k8s.io/api v0.{minor} for what is a pointer.\n\
                 {}{}",
                include_str!("../../data/types_header.txt"),
                types.collect::<String>()
            ),
        })
    }

    /// Every kind that is kept, with the name of its schema.
    fn kinds(&self) -> BTreeMap<(String, String), String> {
        let mut kinds = BTreeMap::new();
        for (name, schema) in &self.schemas {
            let is_object = schema.pointer("/properties/metadata/allOf/0/$ref").and_then(Value::as_str);
            if !is_object.is_some_and(|reference| reference.ends_with(".meta.v1.ObjectMeta"))
                || short(name) == name
            {
                continue;
            }
            for one in schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
                let part = |key: &str| one[key].as_str().unwrap_or_default();
                let is_own = name.rsplit('.').next() == Some(part("kind"));
                if !is_own || NOT_KEPT.contains(&part("kind")) {
                    continue;
                }
                let version = match part("group") {
                    "" => part("version").to_owned(),
                    group => format!("{group}/{}", part("version")),
                };
                kinds.insert((version, part("kind").to_owned()), name.clone());
            }
        }
        kinds
    }

    fn pointers(&mut self, name: &str) -> Result<BTreeMap<String, bool>> {
        let known = MODULES
            .iter()
            .find_map(|(beginning, module)| Some((beginning, module, name.strip_prefix(beginning)?)));
        let Some((beginning, module, rest)) = known else { return Ok(BTreeMap::new()) };
        let (package, type_name) = rest.rsplit_once('.').context("a type is in a package")?;
        let inside = if *module == "k8s.io/api" { PathBuf::new() } else { PathBuf::from("pkg/apis") };
        let folder = self.folders.get(*beginning).context("every module has a folder")?;
        let folder = folder.join(inside).join(package.replace('.', "/"));
        if !self.packages.contains_key(&folder) {
            let read = go_structs::read(&folder)?;
            self.packages.insert(folder.clone(), read);
        }
        Ok(self
            .packages
            .get(&folder)
            .map(|package| go_structs::pointers(package, type_name))
            .unwrap_or_default())
    }

    /// The shape of a field, as the table writes it; types that it names are to be read too.
    fn code(&self, field: &Value, waiting: &mut Vec<String>) -> String {
        let reference =
            field["$ref"].as_str().or_else(|| field.pointer("/allOf/0/$ref").and_then(Value::as_str));
        if let Some(name) = reference.and_then(|reference| reference.rsplit('/').next()) {
            return self.code_of_type(name, waiting);
        }
        match field["type"].as_str().unwrap_or_default() {
            "array" => {
                let item = self.code(&field["items"], waiting);
                let keys = field["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
                let keys: Vec<&str> = keys.filter_map(Value::as_str).collect();
                match field["x-kubernetes-list-type"].as_str() {
                    Some("map") => format!("[{item}]{{{}}}", keys.join(",")),
                    Some("set") => format!("[{item}]set"),
                    _ => format!("[{item}]"),
                }
            }
            "object" if field.get("additionalProperties").is_some() => {
                format!("{{{}}}", self.code(&field["additionalProperties"], waiting))
            }
            "string" => match field["format"].as_str() {
                Some("byte") => "y".to_owned(),
                Some("date-time") => "t".to_owned(),
                _ => "s".to_owned(),
            },
            "integer" => "i".to_owned(),
            "number" => "n".to_owned(),
            "boolean" => "b".to_owned(),
            _ => "*".to_owned(),
        }
    }

    fn code_of_type(&self, name: &str, waiting: &mut Vec<String>) -> String {
        let form = match name.rsplit_once('.').map_or(name, |(_, last)| last) {
            "Quantity" => "q",
            "IntOrString" => "x",
            "Time" => "t",
            "MicroTime" => "u",
            "Duration" => "d",
            "RawExtension" | "FieldsV1" | "JSON" => "*",
            _ => "",
        };
        if !form.is_empty() {
            return form.to_owned();
        }
        match self.schemas.get(name) {
            Some(schema) if schema.get("properties").is_some() => {
                waiting.push(name.to_owned());
                short(name).to_owned()
            }
            Some(schema) if schema.get("type").is_some() => self.code(schema, waiting),
            _ => "*".to_owned(),
        }
    }
}

/// `core.v1.Pod` of `io.k8s.api.core.v1.Pod`.
fn short(name: &str) -> &str {
    MODULES.iter().find_map(|(beginning, _)| name.strip_prefix(beginning)).unwrap_or(name)
}
