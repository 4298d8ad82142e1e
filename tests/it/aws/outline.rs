//! A drift report in some lines: what a case compares.

use serde_json::Value;

/// The verdict, what could not be read, and each resource that is not in sync with its fields.
pub(crate) fn of(report: &Value) -> String {
    let mut lines = vec![format!("{} complete={}", text(&report["verdict"]), report["complete"])];
    for unreadable in list(&report["unreadable"]) {
        lines.push(format!("unreadable {} {}", text(&unreadable["target"]), text(&unreadable["cause"])));
    }
    let resources = list(&report["resources"]);
    let in_sync = resources.iter().filter(|resource| resource["state"] == "inSync").count();
    lines.push(format!("{in_sync} in sync"));
    for resource in resources.iter().filter(|resource| resource["state"] != "inSync") {
        lines.push(format!(
            "{} {} ({}) {}{}",
            text(&resource["state"]),
            name(&resource["id"]),
            via(&resource["via"]),
            text(&resource["severity"]),
            resource["cause"].as_str().map(|cause| format!(" {cause}")).unwrap_or_default(),
        ));
        for field in list(&resource["fields"]) {
            lines.push(format!(
                "  {} {} {}: {} -> {}",
                text(&field["path"]),
                text(&field["change"]),
                text(&field["severity"]),
                field["desired"],
                field["live"],
            ));
        }
    }
    lines.join("\n") + "\n"
}

/// A resource of AWS by its type, one of a cluster by its kind.
fn name(id: &Value) -> String {
    match id["namespace"].as_str() {
        _ if id["platform"] == "aws" => format!("{} {}", text(&id["type"]), text(&id["name"])),
        Some(namespace) => format!("{} {namespace}/{}", text(&id["kind"]), text(&id["name"])),
        None => format!("{} {}", text(&id["kind"]), text(&id["name"])),
    }
}

/// What a resource is declared by.
fn via(via: &Value) -> String {
    let parts: Vec<&str> =
        ["claim", "managedResource", "compared"].iter().filter_map(|key| via[key].as_str()).collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(" > ") }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
