//! Replacements: sources of all forms, targets with options, paths into lists and into text.

use super::{Target, selector, target};
use crate::properties::case::{Case, Part};
use crate::properties::random::Random;

/// One replacement, inline or in a file.
pub(super) fn replacement(random: &mut Random, case: &mut Case, of: &'static str, targets: &[Target]) {
    let text = entry(random, targets);
    if random.in_ten(2) {
        let content = if random.in_ten(5) { format!("- {text}\n") } else { format!("{text}\n") };
        case.push(Part::File(of, "replacement.yaml", content));
        case.push(Part::Item(of, "replacements", "{path: replacement.yaml}".to_owned()));
    } else {
        case.push(Part::Item(of, "replacements", text));
    }
}

fn entry(random: &mut Random, targets: &[Target]) -> String {
    let (kind, name) = target(random, targets);
    let source_options = random.choose(&[
        "",
        "",
        "",
        ", options: {delimiter: /}",
        ", options: {delimiter: \":\", index: 1}",
        ", options: {delimiter: \"-\", index: 5}",
    ]);
    let source = if random.in_ten(1) {
        format!("sourceValue: {}", random.choose(&["given", "\"1\"", "\"a/b\""]))
    } else {
        let path = random.choose(&[
            "",
            ", fieldPath: metadata.name",
            ", fieldPath: metadata.namespace",
            ", fieldPath: spec.replicas",
            ", fieldPath: \"spec.template.spec.containers.[name=main].image\"",
            ", fieldPath: spec.template.spec.containers.0.image",
            ", fieldPath: data.a",
            ", fieldPath: spec.plain",
            ", fieldPath: spec.items",
            ", fieldPath: spec.selector",
        ]);
        let name = random.choose(&[name, name, name, "w.*"]);
        format!("source: {{kind: {kind}, name: {name}{path}{source_options}}}")
    };
    let mut chosen = Vec::new();
    for _ in 0..=random.below(2) {
        let of = target(random, targets);
        let reject = match random.below(6) {
            0 => format!(", reject: [{}]", selector(random, of)),
            1 => ", reject: [{name: api}]".to_owned(),
            _ => String::new(),
        };
        let options = random.choose(&[
            "",
            "",
            ", options: {create: true}",
            ", options: {create: true}",
            ", options: {delimiter: /}",
            ", options: {delimiter: \":\", index: 1}",
            ", options: {delimiter: /, index: -1}",
            ", options: {delimiter: /, index: 9}",
            ", options: {delimiter: \"-\", index: 1, create: true}",
        ]);
        let select = if random.in_ten(5) { format!("{{kind: {}}}", of.0) } else { selector(random, of) };
        let first = path(random);
        let second = if random.in_ten(2) { format!(", {}", path(random)) } else { String::new() };
        chosen.push(format!("{{select: {select}{reject}, fieldPaths: [{first}{second}]{options}}}"));
    }
    format!("{{{source}, targets: [{}]}}", chosen.join(", "))
}

fn path(random: &mut Random) -> &'static str {
    random.choose(&[
        "\"metadata.annotations.from\"",
        "\"metadata.labels.app\"",
        "\"metadata.name\"",
        "\"spec.template.spec.containers.[name=main].image\"",
        "\"spec.template.spec.containers.*.image\"",
        "\"spec.template.spec.containers.[name=main].env.[name=A].value\"",
        "\"spec.template.spec.containers.[name=none].image\"",
        "\"spec.template.spec.containers.1.image\"",
        "\"data.a\"",
        "\"data.json.host\"",
        "\"data.yaml.list.[name=x].v\"",
        "\"data.path\"",
        "\"spec.items.[name=a].value\"",
        "\"spec.items.*.value\"",
        "\"spec.items\"",
        "\"spec.new.[name=n].x\"",
        "\"spec.replicas\"",
        "\"metadata.annotations.[a.b/c]\"",
        "\"metadata.annotations.a\\\\.b\"",
    ])
}
