//! Langfuse's uses of a bucket have prefixes of their own, and a prefix ends with a slash.

use std::collections::BTreeMap;

use crate::lint::findings::Findings;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            let variables = container.variables();
            let mut first: BTreeMap<(&str, &str), &str> = BTreeMap::new();
            for variable in variables.iter().filter(|variable| variable.name.starts_with("LANGFUSE_S3_")) {
                if let Some(prefix) = variable.value.filter(|_| variable.name.ends_with("_PREFIX"))
                    && !prefix.is_empty()
                    && !prefix.ends_with('/')
                {
                    let message = format!("`{}` is `{prefix}` without a slash at its end", variable.name);
                    findings.tell(workload.index, format!("{}.value", variable.path), message);
                }
                let Some(stem) = variable.name.strip_suffix("_BUCKET") else { continue };
                let Some(bucket) = variable.value else { continue };
                let name = format!("{stem}_PREFIX");
                let prefix = variables.iter().find(|other| other.name == name);
                if prefix.is_some_and(|prefix| prefix.value.is_none()) {
                    continue;
                }
                let prefix = prefix.and_then(|prefix| prefix.value).unwrap_or_default();
                match first.insert((bucket, prefix), variable.name) {
                    Some(other) => {
                        let shown = if prefix.is_empty() {
                            "no prefix".to_owned()
                        } else {
                            format!("prefix `{prefix}`")
                        };
                        let message = format!(
                            "`{}` and `{other}` share the bucket `{bucket}` with {shown}",
                            variable.name
                        );
                        findings.tell(workload.index, variable.path.clone(), message);
                    }
                    None if prefix.is_empty()
                        && variables.iter().any(|other| shares(other.name, other.value, stem, bucket)) =>
                    {
                        let message = format!(
                            "`{name}` is missing: what it is for lies at the root of the bucket `{bucket}`"
                        );
                        findings.tell(workload.index, variable.path.clone(), message);
                    }
                    None => {}
                }
            }
        }
    }
}

/// Whether another use has the same bucket.
fn shares(name: &str, value: Option<&str>, stem: &str, bucket: &str) -> bool {
    name.starts_with("LANGFUSE_S3_")
        && value == Some(bucket)
        && name.strip_suffix("_BUCKET").is_some_and(|other| other != stem)
}
