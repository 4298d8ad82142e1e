//! `cargo xtask defaults`: the tables of crates/drift that an API server knows best, made and verified on a real one.
//!
//! Writes the kinds and types that the server publishes, then creates the objects of `xtask/data/defaults.yaml` on it, in a
//! namespace of their own, reads them back and prints what the server filled in and the comparison does not know. The objects
//! are removed again. Talks to the server through kubectl, so any kubeconfig serves.

mod go_structs;
mod types;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_drift::{Comparison, Desired, Live, Neighbours, Rules, Schema, compare};
use serde_json::Value;

use crate::outcome::{Outcome, say};

const DATA: &str = "../crates/drift/data";
const OBJECTS: &str = include_str!("../data/defaults.yaml");

/// What `cargo xtask defaults` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The kubeconfig of an administrator of a server that is there for this.
    #[arg(long)]
    kubeconfig: PathBuf,
    /// The kubectl to use
    #[arg(long, default_value = "kubectl")]
    kubectl: PathBuf,
    /// Leave the tables as they are and only verify them.
    #[arg(long)]
    verify: bool,
}

/// A server, as kubectl reaches it.
pub(crate) struct Server<'a> {
    arguments: &'a Arguments,
}

/// Writes the tables and verifies them.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let server = Server { arguments };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let tables = types::read(&server)?;
    for (name, text) in [("kinds.tsv", tables.kinds), ("types.tsv", tables.types)] {
        let path = folder.join(name);
        let is_same = fs::read_to_string(&path).is_ok_and(|before| before == text);
        if arguments.verify {
            ensure!(is_same, "{name} is not what this server publishes");
        } else if !is_same {
            fs::write(&path, text).with_context(|| name.to_owned())?;
        }
        say(&format!("{name}: {}", if is_same { "unchanged" } else { "written" }));
    }
    let unknown = ["apply", "create"].map(|way| verify(&server, way));
    let unknown: usize = unknown.into_iter().sum::<Result<usize>>()?;
    ensure!(unknown == 0, "{unknown} values are filled in that defaults.tsv does not know");
    Ok(Outcome::default())
}

/// Creates every object in one way, and counts what the comparison finds.
fn verify(server: &Server<'_>, way: &str) -> Result<usize> {
    let objects = documents()?;
    let definitions: Vec<&Value> =
        objects.iter().filter(|object| object["kind"] == "CustomResourceDefinition").collect();
    let flags: &[&str] = match way {
        "apply" => &["apply", "--server-side", "--force-conflicts", "--field-manager=kustomize-controller"],
        _ => &["create", "--field-manager=helm"],
    };
    let made = make(server, &objects, flags);
    let neighbours = Neighbours::of(&objects);
    let mut found = 0;
    let result = made.and_then(|()| {
        for object in &objects {
            let live = server.kubectl(
                &["get", "-o", "json", "--show-managed-fields", "-f", "-"],
                Some(&object.to_string()),
            )?;
            let live: Value = serde_json::from_str(&live)?;
            let live = live.pointer("/items/0").unwrap_or(&live);
            let schema = definitions.iter().find_map(|definition| schema_of(definition, object));
            let text = |key: &str| object[key].as_str().unwrap_or_default();
            let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
            let schema = schema.map(|schema| Schema::of_open_api(schema, text("kind"), group));
            let comparison = Comparison {
                schema: schema.as_ref(),
                rules: Rules::built_in(),
                neighbours: &neighbours,
                is_secret: &|_, _| false,
            };
            let finding = compare(&Desired::of_value(object), &Live::new(live), &comparison);
            for field in &finding.fields {
                let value = field.live.as_ref().map_or_else(String::new, Value::to_string);
                say(&format!(
                    "{} {}: {} {} {value}",
                    object["apiVersion"], object["kind"], field.change, field.path
                ));
            }
            found += finding.fields.len();
        }
        Ok(())
    });
    let removed = remove(server, &objects);
    result?;
    removed?;
    say(&format!("{way}: {} objects, {found} values unknown", objects.len()));
    Ok(found)
}

fn make(server: &Server<'_>, objects: &[Value], flags: &[&str]) -> Result<()> {
    for object in objects {
        let is_namespace = object["kind"] == "Namespace";
        let flags = if is_namespace {
            &["apply", "--server-side", "--field-manager=kustomize-controller"]
        } else {
            flags
        };
        let arguments: Vec<&str> = flags.iter().copied().chain(["--validate=false", "-f", "-"]).collect();
        server.kubectl(&arguments, Some(&object.to_string()))?;
        if object["kind"] == "CustomResourceDefinition" {
            server.kubectl(
                &["wait", "--for=condition=Established", "--timeout=30s", "-f", "-"],
                Some(&object.to_string()),
            )?;
        }
    }
    Ok(())
}

/// Removes the objects again; the namespace stays, as only a controller could end it.
fn remove(server: &Server<'_>, objects: &[Value]) -> Result<()> {
    let patch = r#"{"metadata":{"finalizers":null}}"#;
    for object in objects.iter().rev().filter(|object| object["kind"] != "Namespace") {
        let object_text = object.to_string();
        if object["kind"] != "CustomResourceDefinition" {
            let present = server
                .kubectl(&["get", "--ignore-not-found", "-o", "name", "-f", "-"], Some(&object_text))?;
            if !present.is_empty() {
                server.kubectl(&["patch", "--type=merge", "-p", patch, "-f", "-"], Some(&object_text))?;
            }
        }
        server.kubectl(&["delete", "--ignore-not-found", "--timeout=60s", "-f", "-"], Some(&object_text))?;
    }
    Ok(())
}

fn schema_of<'v>(definition: &'v Value, object: &Value) -> Option<&'v Value> {
    let spec = &definition["spec"];
    if spec["names"]["kind"] != object["kind"] {
        return None;
    }
    let version = object["apiVersion"].as_str()?.split_once('/')?.1;
    let versions = spec["versions"].as_array()?;
    let version = versions.iter().find(|own| own["name"] == version)?;
    version.pointer("/schema/openAPIV3Schema")
}

fn documents() -> Result<Vec<Value>> {
    use serde::Deserialize as _;
    let documents = serde_yaml::Deserializer::from_str(OBJECTS);
    documents.map(|document| Value::deserialize(document).context("xtask/data/defaults.yaml")).collect()
}

impl Server<'_> {
    /// What kubectl prints.
    pub(crate) fn kubectl(&self, arguments: &[&str], input: Option<&str>) -> Result<String> {
        let mut child = Command::new(&self.arguments.kubectl)
            .arg("--kubeconfig")
            .arg(&self.arguments.kubeconfig)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("kubectl could not be started")?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input.unwrap_or_default().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("kubectl {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A document of the server.
    pub(crate) fn document(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.kubectl(&["get", "--raw", path], None)?)?)
    }
}
