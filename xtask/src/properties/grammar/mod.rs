//! Random kustomizations: resources that refer to each other, a base, an overlay and a component that change them.

mod changes;
mod patches;
mod plugins;
mod replacements;
mod resources;
mod texts;

use super::case::{BASE, COMPONENT, Case, OVERLAY, Part};
use super::random::Random;

/// The names of resources.
const NAMES: [&str; 4] = ["web", "api", "store", "web-api"];
/// The namespaces that are chosen from.
const NAMESPACES: [&str; 3] = ["apps", "default", "other"];

/// A kind and a name.
type Target = (&'static str, &'static str);

/// The case of a seed.
pub(super) fn case(seed: u64) -> Case {
    let mut random = Random::from_seed(seed);
    let mut case = Case::default();
    let mut targets: Vec<Target> = Vec::new();
    for _ in 0..=random.below(5) {
        let target = (random.choose(&resources::KINDS), random.choose(&NAMES));
        // What stands twice is refused, now and then on purpose.
        if !targets.contains(&target) || random.in_ten(1) {
            let text = resources::resource(&mut random, target);
            case.push(Part::Resource(text));
            targets.push(target);
        }
    }
    let is_generated = random.in_ten(5);
    if is_generated {
        changes::generators(&mut random, &mut case, BASE);
    }
    for of in [BASE, OVERLAY] {
        for _ in 0..random.below(4) {
            change(&mut random, &mut case, of, &targets);
        }
    }
    if random.in_ten(2) {
        case.push(Part::Item(OVERLAY, "components", "../component".to_owned()));
        for _ in 0..=random.below(2) {
            change(&mut random, &mut case, COMPONENT, &targets);
        }
    }
    if random.in_ten(3) {
        changes::merged_generator(&mut random, &mut case, is_generated);
    }
    case
}

/// One change of a kustomization, from any part of the grammar.
fn change(random: &mut Random, case: &mut Case, of: &'static str, targets: &[Target]) {
    match random.below(10) {
        0..=3 => changes::change(random, case, of, targets),
        4..=6 => patches::patch(random, case, of, targets),
        7 | 8 => replacements::replacement(random, case, of, targets),
        _ => plugins::plugin(random, case, of, targets),
    }
}

/// One of the resources that there are; now and then one that there is not.
fn target(random: &mut Random, targets: &[Target]) -> Target {
    let index = usize::try_from(random.below(targets.len() as u64)).unwrap_or_default();
    match targets.get(index) {
        Some(target) if !random.in_ten(1) => *target,
        _ => (random.choose(&resources::KINDS), random.choose(&NAMES)),
    }
}

/// A selector of a target: some of its parts, as expressions, labels or annotations.
fn selector(random: &mut Random, (kind, name): Target) -> String {
    let mut parts = Vec::new();
    if !random.in_ten(2) {
        parts.push(format!("kind: {}", random.choose(&[kind, kind, kind, "\".*\"", "\"Dep.*|Service\""])));
    }
    if random.in_ten(4) {
        parts.push(format!("name: {}", random.choose(&[name, name, "\"w.*\"", "\"web|api\"", "\"^web$\""])));
    }
    if random.in_ten(1) {
        parts.push(format!("group: {}", random.choose(&["apps", "\"\"", "\"rbac.*\"", "example.com"])));
    }
    if random.in_ten(1) {
        parts.push(format!("version: {}", random.choose(&["v1", "\"v.*\"", "v2"])));
    }
    if random.in_ten(1) {
        parts.push(format!("namespace: {}", random.choose(&NAMESPACES)));
    }
    if random.in_ten(2) {
        let query = random.choose(&[
            "app=web",
            "app!=web",
            "app in (web, api)",
            "team",
            "!app",
            "app notin (web),app",
        ]);
        parts.push(format!("labelSelector: \"{query}\""));
    }
    if random.in_ten(1) {
        parts.push(format!("annotationSelector: {}", random.choose(&["note", "\"!note\"", "note=plain"])));
    }
    if parts.is_empty() {
        parts.push(format!("kind: {kind}"));
    }
    format!("{{{}}}", parts.join(", "))
}
