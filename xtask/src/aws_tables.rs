//! AWS's published service models into the compact tables of `crates/aws/data/services`.
//!
//! Reads botocore's `service-2.json` and `paginators-1.json` (from a folder, or from the package that pip brings) and keeps the
//! facts which requests and answers of the operations in `operations.yaml` need: names, types and places of members, and how
//! pages are asked for. Documentation, constraints and all other operations are left out. Equal models give equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

use crate::outcome::{self, Outcome};

/// The package whose models the committed tables were made from.
const PACKAGE: &str = "botocore==1.43.106";

/// Make the tables of AWS operations out of AWS's published service models.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A folder with botocore's models (`botocore/data`); without it pip brings the package.
    #[arg(long)]
    from: Option<PathBuf>,
}

/// Makes the tables.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/aws/data");
    let list = std::fs::read_to_string(data.join("operations.yaml")).context("operations.yaml")?;
    let wanted: BTreeMap<String, BTreeSet<String>> = serde_yaml::from_str(&list)?;
    let download = tempfile::tempdir()?;
    let models = match &arguments.from {
        Some(folder) => folder.clone(),
        None => download_models(download.path())?,
    };
    for (service, operations) in &wanted {
        let table = table_of(&models, service, operations).with_context(|| service.clone())?;
        std::fs::write(data.join("services").join(format!("{service}.json")), printed(&table))?;
        outcome::say(&format!("{service}: {} operations", operations.len()));
    }
    Ok(Outcome::default())
}

fn download_models(folder: &Path) -> Result<PathBuf> {
    let status = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .arg(folder)
        .arg(PACKAGE)
        .status()
        .context("python3 could not be started")?;
    ensure!(status.success(), "pip could not install {PACKAGE}");
    Ok(folder.join("botocore/data"))
}

/// The facts of one service.
fn table_of(models: &Path, service: &str, operations: &BTreeSet<String>) -> Result<Value> {
    let versions = std::fs::read_dir(models.join(service)).context("no such service")?;
    let mut versions: Vec<PathBuf> = versions.filter_map(Result::ok).map(|entry| entry.path()).collect();
    versions.sort();
    let newest = versions.last().context("no version")?;
    let model = read_model(newest, "service-2")?;
    let pages = read_model(newest, "paginators-1").unwrap_or_else(|_| json!({"pagination": {}}));
    let mut shapes = BTreeMap::new();
    let mut kept = Map::new();
    for name in operations {
        let operation = &model["operations"][name.as_str()];
        if operation.is_null() {
            bail!("there is no operation {name}");
        }
        for side in ["input", "output"] {
            if let Some(shape) = operation[side]["shape"].as_str() {
                keep_shape(&model["shapes"], shape, &mut shapes);
            }
        }
        kept.insert(name.clone(), operation_of(operation, &pages["pagination"][name.as_str()]));
    }
    let metadata = &model["metadata"];
    let mut table = Map::new();
    for (ours, theirs) in [
        ("protocol", "protocol"),
        ("version", "apiVersion"),
        ("targetPrefix", "targetPrefix"),
        ("jsonVersion", "jsonVersion"),
        ("endpointPrefix", "endpointPrefix"),
    ] {
        if let Some(text) = metadata[theirs].as_str() {
            table.insert(ours.to_owned(), json!(text));
        }
    }
    let signing = metadata["signingName"].as_str().or(metadata["endpointPrefix"].as_str());
    table.insert("signingName".to_owned(), json!(signing));
    table.insert("operations".to_owned(), Value::Object(kept));
    table.insert("shapes".to_owned(), json!(shapes));
    Ok(Value::Object(table))
}

fn read_model(folder: &Path, name: &str) -> Result<Value> {
    let mut text = String::new();
    let packed = folder.join(format!("{name}.json.gz"));
    if packed.exists() {
        GzDecoder::new(std::fs::File::open(packed)?).read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(folder.join(format!("{name}.json")))?;
    }
    Ok(serde_json::from_str(&text)?)
}

fn operation_of(operation: &Value, pages: &Value) -> Value {
    let mut kept = Map::new();
    kept.insert("method".to_owned(), operation["http"]["method"].clone());
    kept.insert("uri".to_owned(), operation["http"]["requestUri"].clone());
    for side in ["input", "output"] {
        if !operation[side]["shape"].is_null() {
            kept.insert(side.to_owned(), operation[side]["shape"].clone());
        }
    }
    if !operation["output"]["resultWrapper"].is_null() {
        kept.insert("wrapper".to_owned(), operation["output"]["resultWrapper"].clone());
    }
    if !pages.is_null() {
        let texts = |value: &Value| match value {
            Value::Array(items) => items.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        // Some tokens are expressions: the first alternative is the one that names a member of the answer.
        let tokens: Vec<Value> = texts(&pages["output_token"])
            .iter()
            .filter_map(Value::as_str)
            .map(|text| json!(text.split(" || ").next().unwrap_or(text)))
            .collect();
        kept.insert(
            "pages".to_owned(),
            json!({
                "input": texts(&pages["input_token"]),
                "output": tokens,
                "limit": pages["limit_key"],
                "more": pages["more_results"],
                "results": texts(&pages["result_key"]),
            }),
        );
    }
    Value::Object(kept)
}

/// Keeps a shape and those it is made of. Plain types have no entry of their own: a member names the type.
fn keep_shape(shapes: &Value, name: &str, kept: &mut BTreeMap<String, Value>) {
    if kept.contains_key(name) || is_plain(&shapes[name]) {
        return;
    }
    let shape = &shapes[name];
    let member = |member: &Value| {
        let target = member["shape"].as_str().unwrap_or_default();
        let named = &shapes[target];
        let mut fact = Map::new();
        let shown = if is_plain(named) { named["type"].clone() } else { json!(target) };
        fact.insert("shape".to_owned(), shown);
        for key in ["location", "locationName", "queryName", "flattened", "timestampFormat"] {
            if !member[key].is_null() {
                fact.insert(key.to_owned(), member[key].clone());
            }
        }
        Value::Object(fact)
    };
    let mut fact = Map::new();
    fact.insert("type".to_owned(), shape["type"].clone());
    for key in ["flattened", "payload"] {
        if !shape[key].is_null() {
            fact.insert(key.to_owned(), shape[key].clone());
        }
    }
    let mut targets = Vec::new();
    if let Some(members) = shape["members"].as_object() {
        let facts: Map<String, Value> =
            members.iter().map(|(name, value)| (name.clone(), member(value))).collect();
        fact.insert("members".to_owned(), Value::Object(facts));
        targets.extend(members.values().filter_map(|member| member["shape"].as_str()));
    }
    for part in ["member", "key", "value"] {
        if !shape[part].is_null() {
            fact.insert(part.to_owned(), member(&shape[part]));
            targets.extend(shape[part]["shape"].as_str());
        }
    }
    kept.insert(name.to_owned(), Value::Object(fact));
    for target in targets {
        keep_shape(shapes, target, kept);
    }
}

fn is_plain(shape: &Value) -> bool {
    !matches!(shape["type"].as_str(), Some("structure" | "list" | "map"))
}

/// JSON with one operation or shape a line, so that a change of the tables can be read.
fn printed(table: &Value) -> String {
    let mut text = String::from("{\n");
    let empty = Map::new();
    let table = table.as_object().unwrap_or(&empty);
    for (index, (key, value)) in table.iter().enumerate() {
        let comma = if index + 1 < table.len() { "," } else { "" };
        match value.as_object() {
            Some(entries) => {
                let lines: Vec<String> =
                    entries.iter().map(|(name, entry)| format!("    {}: {entry}", json!(name))).collect();
                let _ = writeln!(text, "  {}: {{\n{}\n  }}{comma}", json!(key), lines.join(",\n"));
            }
            None => {
                let _ = writeln!(text, "  {}: {value}{comma}", json!(key));
            }
        }
    }
    text.push_str("}\n");
    text
}
