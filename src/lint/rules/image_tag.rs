//! Images are pinned: by digest, or by a tag that names a whole version.

use crate::lint::findings::Findings;
use crate::lint::world::World;

/// Tags that move by their meaning.
const FLOATING: [&str; 9] = ["latest", "stable", "main", "master", "edge", "nightly", "dev", "alpine", "lts"];

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            let image = container.text("/image");
            if image.is_empty() || image.contains("@sha256:") {
                continue;
            }
            let name = image.rsplit('/').next().unwrap_or(image);
            let message = match name.split_once(':') {
                None => format!("image `{image}` has no tag, so it is `latest`"),
                Some((_, tag)) if is_floating(tag) => format!("image `{image}`: the tag `{tag}` moves"),
                Some(_) => continue,
            };
            findings.tell(workload.index, format!("{}.image", container.path), message);
        }
    }
    for (group, kind) in [
        ("pkg.crossplane.io", "Provider"),
        ("pkg.crossplane.io", "Function"),
        ("pkg.crossplane.io", "Configuration"),
    ] {
        for (index, package) in world.of_kind(group, kind) {
            let image = package.text("/spec/package");
            let name = image.rsplit('/').next().unwrap_or(image);
            if !image.is_empty()
                && !image.contains("@sha256:")
                && name.split_once(':').is_none_or(|(_, tag)| is_floating(tag))
            {
                findings.tell(index, "spec.package", format!("package `{image}` is not pinned to a version"));
            }
        }
    }
}

/// A tag is pinned where it has a whole version (`8.1.6`, `v0.10.8-rc.1`, `25.8.33.6-alpine`), or is a commit.
fn is_floating(tag: &str) -> bool {
    if FLOATING.contains(&tag) {
        return true;
    }
    let head = tag.trim_start_matches('v');
    let version: String =
        head.chars().take_while(|character| character.is_ascii_digit() || *character == '.').collect();
    let numbers = version.split('.').filter(|part| !part.is_empty()).count();
    let is_commit = tag.len() >= 7 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    numbers > 0 && numbers < 3 && !is_commit && version.len() < 8
}
