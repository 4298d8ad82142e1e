//! kustomize's table of filters, where the shared corpora are at hand (`PLIMSOLL_SHARED`).
//!
//! Here and not among the integration tests, because filters are no part of the interface.

#![cfg(test)]

use serde_json::Value;

use crate::config::{FieldSpec, read_specs};
use crate::decode::{Decoder, Fields};
use crate::error::Result;
use crate::generate::{IamPolicy, generate_iam_policy};
use crate::kustomization::{read_image, read_replacement, read_replica};
use crate::merge::{ListIncrease, MergeOptions, merge_two_way};
use crate::patch::{JsonPatch, apply_json_patch};
use crate::resource::{Resource, ResourceMap, read_resources};
use crate::schema::Schemas;
use crate::transform::{
    Affix, ImageSetter, NamespaceTransform, RoleBindingSubjects, ValueTarget, add_affix_at, add_annotations,
    add_labels, apply_replacement, visit_fields,
};
use crate::tree::text;

#[test]
fn filters() {
    let Some(shared) = std::env::var_os("PLIMSOLL_SHARED") else {
        println!("skipped: PLIMSOLL_SHARED is not set, filters.jsonl is not compared");
        return;
    };
    let path = std::path::PathBuf::from(shared).join("corpus/kustomize/filters.jsonl");
    let table = std::fs::read_to_string(path).expect("the corpus has this table");
    let rows: Vec<Value> =
        table.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect();
    let mut differing = Vec::new();
    for row in &rows {
        let got = run(row).map_err(|error| error.to_string());
        let expected = match row.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(row["expected"].as_str().unwrap_or_default().to_owned()),
        };
        if got != expected {
            differing.push(format!(
                "{} ({})\n  expected {expected:?}\n  got      {got:?}\n",
                row["name"], row["filter"]
            ));
        }
    }
    println!("filters.jsonl: {} of {} rows", rows.len() - differing.len(), rows.len());
    assert!(differing.is_empty(), "{} rows differ:\n{}", differing.len(), differing.join("\n"));
}

fn run(row: &Value) -> Result<String> {
    let settings = &row["settings"];
    let schemas = Schemas::new();
    let mut resources = ResourceMap::new();
    resources.resources_mut().extend(read_resources(row["input"].as_str().unwrap_or_default())?);
    match row["filter"].as_str().unwrap_or_default() {
        "annotations.Filter" => {
            let (entries, specs) = decode(settings, |fields| {
                (fields.string_map("annotations").unwrap_or_default(), read_specs(fields, "FsSlice"))
            });
            add_annotations(&mut resources, &entries, &specs)?;
        }
        "labels.Filter" => {
            let (entries, specs) = decode(settings, |fields| {
                (fields.string_map("labels").unwrap_or_default(), read_specs(fields, "FsSlice"))
            });
            add_labels(&mut resources, &entries, &specs)?;
        }
        filter @ ("imagetag.Filter" | "imagetag.LegacyFilter") => {
            let (image, specs) = decode(settings, |fields| {
                let image = fields.structure("imageTag", "Image", read_image).unwrap_or_default();
                (image, read_specs(fields, "fieldSpecs"))
            });
            let setter = ImageSetter::new(&image);
            for resource in resources.resources_mut() {
                if resource.kind() == "CustomResourceDefinition" {
                    continue;
                }
                if filter == "imagetag.Filter" {
                    resource
                        .change(|node| visit_fields(node, &specs, None, &mut |field| setter.set(field)))?;
                } else {
                    resource.change(|node| setter.set_in_containers(node))?;
                }
            }
        }
        "namespace.Filter" => {
            let transform = decode(settings, |fields| NamespaceTransform {
                namespace: fields.string("namespace"),
                specs: read_specs(fields, "fieldSpecs"),
                unset_only: fields.bool("unsetOnly"),
                subjects: match fields.string("setRoleBindingSubjects").as_str() {
                    "allServiceAccounts" => RoleBindingSubjects::AllServiceAccounts,
                    "none" => RoleBindingSubjects::Nobody,
                    _ => RoleBindingSubjects::Default,
                },
            });
            for resource in resources.resources_mut() {
                let gvk = resource.gvk(&schemas);
                resource.change(|node| transform.apply(node, &gvk))?;
            }
        }
        "patchjson6902.Filter" => {
            let patch = JsonPatch::parse(settings["Patch"].as_str().unwrap_or_default())?;
            resources
                .resources_mut()
                .iter_mut()
                .try_for_each(|resource| apply_json_patch(&patch, resource))?;
        }
        "patchstrategicmerge.Filter" => {
            let patch = text::parse_one(settings["Patch"].as_str().unwrap_or_default())?;
            let options = MergeOptions { increase: ListIncrease::Prepend, infer_keys: false };
            let list = std::mem::take(resources.resources_mut());
            for resource in list {
                let merged = merge_two_way(resource.node, patch.clone(), options, &schemas)?;
                resources.resources_mut().extend(merged.map(Resource::new));
            }
        }
        filter @ ("prefix.Filter" | "suffix.Filter") => {
            let (prefix, suffix, spec) = decode(settings, |fields| {
                (fields.string("prefix"), fields.string("suffix"), read_spec(fields))
            });
            let affix =
                if filter == "prefix.Filter" { Affix::Prefix(&prefix) } else { Affix::Suffix(&suffix) };
            for resource in resources.resources_mut() {
                resource.change(|node| add_affix_at(node, affix, &spec))?;
            }
        }
        "replicacount.Filter" => {
            let (replica, spec) = decode(settings, |fields| {
                (fields.structure("replica", "Replica", read_replica).unwrap_or_default(), read_spec(fields))
            });
            for resource in resources.resources_mut() {
                resource.change(|node| replica.set(node, &spec))?;
            }
        }
        "replacement.Filter" => {
            let replacements =
                decode(settings, |fields| fields.structures("replacements", "Replacement", read_replacement));
            for replacement in &replacements {
                apply_replacement(&mut resources, replacement, &schemas)?;
            }
        }
        "valueadd.Filter" => {
            let (value, target) = decode(settings, |fields| {
                let target = ValueTarget {
                    selector: None,
                    field_path: fields.string("FieldPath"),
                    file_path_position: fields.int("filePathPosition", "int"),
                };
                (fields.string("Value"), target)
            });
            for resource in resources.resources_mut() {
                resource.change(|node| target.set(node, &value))?;
            }
        }
        "iampolicygenerator.Filter" => {
            let policy = &settings["IAMPolicyGenerator"];
            let at = |pointer: &str| {
                policy.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let policy = IamPolicy {
                cloud: at("/cloud"),
                kubernetes_name: at("/kubernetesService/name"),
                kubernetes_namespace: at("/kubernetesService/namespace"),
                account_name: at("/serviceAccount/name"),
                project_id: at("/serviceAccount/projectId"),
            };
            resources.resources_mut().push(generate_iam_policy(&policy)?);
        }
        other => return Err(crate::error::Error::new(format!("no such filter: {other}"))),
    }
    let texts: Vec<String> =
        resources.resources().iter().map(|resource| text::print(resource.node())).collect();
    Ok(texts.join("---\n"))
}

fn decode<T>(settings: &Value, read: impl FnOnce(&mut Fields<'_, '_>) -> T) -> T {
    let mut decoder = Decoder::lenient("Settings");
    let mut fields = decoder.object(settings).expect("settings are an object");
    read(&mut fields)
}

fn read_spec(fields: &mut Fields<'_, '_>) -> FieldSpec {
    let spec = fields.structure("fieldSpec", "FieldSpec", |fields| {
        let gvk = crate::config::read_gvk(fields);
        FieldSpec::new(gvk, &fields.string("path"), fields.bool("create"))
    });
    spec.expect("there is a field specification")
}
