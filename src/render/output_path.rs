//! Where a resource is written: `<layer>/<namespace or _cluster>/<kind>-<name>.yaml`.
//!
//! Names are lower case and safe on every file system: a short hash is added where the name is long, has other characters
//! than letters, digits, `.`, `-` and `_`, or has upper-case letters, so that names which differ only in case stay apart.
//! Where two API groups would give one path, all of them carry the group's first label.
//!
//! Invariant: a path depends on the set of resources, not on their order, and no two resources share one.

use std::collections::BTreeMap;

use plimsoll_resource::ResourceId;

use super::digest;

/// A file name without hash and extension may have this many bytes; every file system allows twice that.
const LONGEST_NAME: usize = 120;

/// Names that Windows keeps for devices, with any extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The folder of what lies in no namespace.
const CLUSTER_FOLDER: &str = "_cluster";

/// The paths of resources, from the layer's folder, in the order of the resources.
#[must_use]
pub fn assign(ids: &[&ResourceId]) -> Vec<String> {
    let plain: Vec<String> = ids.iter().map(|id| path(id, &id.kind.to_lowercase())).collect();
    let labeled = clashing(ids, &plain);
    let with_group: Vec<String> = ids
        .iter()
        .zip(plain)
        .zip(&labeled)
        .map(|((id, plain), clashes)| {
            let label = id.group.split('.').next().filter(|label| !label.is_empty()).unwrap_or("core");
            if *clashes { path(id, &format!("{}.{label}", id.kind.to_lowercase())) } else { plain }
        })
        .collect();
    let hashed = clashing(ids, &with_group);
    ids.iter()
        .zip(with_group)
        .zip(&hashed)
        .map(|((id, path), clashes)| {
            if !clashes {
                return path;
            }
            let stem = path.trim_end_matches(".yaml");
            format!("{stem}-{}.yaml", short_hash(&format!("{}\0{}", id.group, id.kind)))
        })
        .collect()
}

/// Which of the paths more than one resource has.
fn clashing(ids: &[&ResourceId], paths: &[String]) -> Vec<bool> {
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        *owners.entry(path).or_default() += 1;
    }
    debug_assert_eq!(ids.len(), paths.len());
    paths.iter().map(|path| owners.get(path.as_str()).is_some_and(|count| *count > 1)).collect()
}

fn path(id: &ResourceId, kind: &str) -> String {
    let folder = id.namespace.as_deref().map_or_else(|| CLUSTER_FOLDER.to_owned(), safe_name);
    let name = safe_name(&format!("{kind}-{}", id.name));
    format!("{folder}/{name}.yaml")
}

/// A name for a file or folder, in lower case, with a hash of the original where that lost something.
fn safe_name(name: &str) -> String {
    let is_safe = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || matches!(character, '.' | '-' | '_')
    };
    let folded: String = name
        .chars()
        .map(|character| character.to_ascii_lowercase())
        .map(|character| if is_safe(character) { character } else { '-' })
        .take(LONGEST_NAME)
        .collect();
    let first_part = folded.split('.').next().unwrap_or_default();
    let is_odd = folded.starts_with(['.', '_']) || folded.ends_with('.') || DEVICES.contains(&first_part);
    if folded == name && !is_odd {
        return folded;
    }
    let trimmed = folded.trim_matches(['.', '_']);
    let trimmed = if DEVICES.contains(&first_part) {
        trimmed.replacen(first_part, &format!("{first_part}-"), 1)
    } else {
        trimmed.to_owned()
    };
    format!("{trimmed}-{}", short_hash(name))
}

/// Eight digits: enough for names that are alike in all else.
fn short_hash(text: &str) -> String {
    digest::sha256(text.as_bytes()).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(group: &str, kind: &str, namespace: Option<&str>, name: &str) -> ResourceId {
        ResourceId {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    fn paths(ids: &[ResourceId]) -> Vec<String> {
        assign(&ids.iter().collect::<Vec<_>>())
    }

    #[test]
    fn plain_names_stay_as_they_are() {
        assert_eq!(
            paths(&[
                id("apps", "Deployment", Some("langfuse"), "web"),
                id("", "Namespace", None, "langfuse")
            ]),
            ["langfuse/deployment-web.yaml", "_cluster/namespace-langfuse.yaml"]
        );
    }

    #[test]
    fn groups_that_would_share_a_path_all_carry_their_first_label() {
        let rds = id("rds.aws.m.upbound.io", "SubnetGroup", Some("x"), "main");
        let cache = id("elasticache.aws.m.upbound.io", "SubnetGroup", Some("x"), "main");
        assert_eq!(
            paths(&[rds.clone(), cache]),
            ["x/subnetgroup.rds-main.yaml", "x/subnetgroup.elasticache-main.yaml"]
        );
        let other = paths(&[rds, id("rds.aws.upbound.io", "SubnetGroup", Some("x"), "main")]);
        assert!(other[0].starts_with("x/subnetgroup.rds-main-") && other[0] != other[1], "{other:?}");
    }

    #[test]
    fn odd_names_are_safe_and_stay_apart() {
        let odd = ["system:node", "Admin", "admin", "a/../b", &"x".repeat(253), "x.", "\u{e9}", ""];
        let ids: Vec<ResourceId> =
            odd.iter().map(|name| id("rbac.authorization.k8s.io", "ClusterRole", None, name)).collect();
        let paths = paths(&ids);
        let mut folded: Vec<String> = paths.iter().map(|path| path.to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), odd.len(), "{paths:?}");
        for path in &paths {
            assert_eq!(path.matches('/').count(), 1, "{path}");
            assert!(
                path.len() < 160 && !path.contains([':', '\\', ' ']) && !path.contains("..yaml"),
                "{path}"
            );
        }
        assert_eq!(paths[2], "_cluster/clusterrole-admin.yaml");
    }

    #[test]
    fn folders_are_never_names_of_devices_or_our_own() {
        for namespace in ["con", "nul.x", "_cluster", "COM1"] {
            let path = paths(&[id("", "Secret", Some(namespace), "x")]).remove(0);
            let folder = path.split('/').next().unwrap_or_default();
            assert!(
                folder != "_cluster" && !DEVICES.contains(&folder.split('.').next().unwrap_or_default()),
                "{path}"
            );
        }
    }
}
