//! What a kustomization changes by its own fields: names, namespaces, labels, images, generators, variables and the rest.

use super::texts::TEXTS;
use super::{NAMES, NAMESPACES, Target, target};
use crate::properties::case::{BASE, Case, OVERLAY, Part};
use crate::properties::random::Random;

/// Generators of a base.
pub(super) fn generators(random: &mut Random, case: &mut Case, of: &'static str) {
    let literals = format!("[a={}, b=two, 'c=\"quoted\"']", random.below(9));
    let options = random.choose(&[
        "",
        "",
        ", options: {disableNameSuffixHash: true}",
        ", options: {labels: {l: \"1\"}, annotations: {note: \"yes\"}}",
        ", namespace: apps",
    ]);
    case.push(Part::Item(
        of,
        "configMapGenerator",
        format!("{{name: settings, literals: {literals}{options}}}"),
    ));
    if random.in_ten(4) {
        case.push(Part::Item(
            of,
            "secretGenerator",
            "{name: login, literals: [user=me], type: Opaque}".to_owned(),
        ));
    }
    if random.in_ten(3) {
        let options = random.choose(&[
            "{disableNameSuffixHash: true}",
            "{labels: {generated: \"yes\"}}",
            "{immutable: true}",
            "{annotations: {generated: \"1\"}, disableNameSuffixHash: false}",
        ]);
        case.push(Part::Field(of, "generatorOptions", options.to_owned()));
    }
}

/// A generator of the overlay for what the base may have generated.
pub(super) fn merged_generator(random: &mut Random, case: &mut Case, is_generated: bool) {
    let behavior = if is_generated { random.choose(&["merge", "replace"]) } else { "create" };
    let item = format!("{{name: settings, behavior: {behavior}, literals: [b={}]}}", random.below(9));
    case.push(Part::Item(OVERLAY, "configMapGenerator", item));
    if is_generated && random.in_ten(3) {
        let item = "{name: login, behavior: merge, literals: [more=\"x y\"], options: {immutable: true}}";
        case.push(Part::Item(OVERLAY, "secretGenerator", item.to_owned()));
    }
}

/// One change.
pub(super) fn change(random: &mut Random, case: &mut Case, of: &'static str, targets: &[Target]) {
    let (kind, name) = target(random, targets);
    let field = |field, value: String| Part::Field(of, field, value);
    let part = match random.below(18) {
        0 => field("namePrefix", format!("{}-", random.choose(&["a", "pre", "x1"]))),
        1 => field("nameSuffix", format!("-{}", random.choose(&["b", "post", "y2"]))),
        2 | 3 => field("namespace", random.choose(&NAMESPACES).to_owned()),
        4 => labels(random, of),
        5 => field("commonLabels", format!("{{team: t{}, app: {}}}", random.below(3), random.choose(&NAMES))),
        6 => field("commonAnnotations", format!("{{owner: {}}}", random.choose(&TEXTS))),
        7 | 8 => images(random, of, name),
        9 => Part::Item(of, "replicas", format!("{{name: {name}, count: {}}}", random.below(9))),
        10 => field(
            "buildMetadata",
            random
                .choose(&[
                    "[originAnnotations]",
                    "[managedByLabel]",
                    "[transformerAnnotations]",
                    "[originAnnotations, transformerAnnotations]",
                ])
                .to_owned(),
        ),
        11 => field("sortOptions", sort_options(random).to_owned()),
        12 | 13 => Part::Item(of, "vars", variable(random, kind, name)),
        14 => {
            return case.push_file(
                of,
                "configurations",
                "configuration.yaml",
                configuration(random).to_owned(),
            );
        }
        15 => return case.push_file(of, "crds", "crd.json", CRD.to_owned()),
        16 if of != BASE => {
            case.push(Part::File(of, "schema.json", SCHEMA.to_owned()));
            field("openapi", "{path: schema.json}".to_owned())
        }
        _ => Part::Item(
            of,
            "configMapGenerator",
            format!(
                "{{name: more-{name}, literals: [a={}, path=/x/y], options: {{immutable: true}}}}",
                random.below(3)
            ),
        ),
    };
    case.push(part);
}

fn labels(random: &mut Random, of: &'static str) -> Part {
    let how = random.choose(&[
        "includeSelectors: true",
        "includeTemplates: true",
        "includeSelectors: false",
        "includeSelectors: true, includeTemplates: true",
        "fields: [{path: spec/labels, create: true, kind: Widget}]",
        "includeTemplates: true, fields: [{path: spec/template/metadata/annotations, create: true, group: apps}]",
    ]);
    Part::Item(
        of,
        "labels",
        format!("{{pairs: {{team: t{}, \"x/y\": {}}}, {how}}}", random.below(3), random.choose(&NAMES)),
    )
}

fn images(random: &mut Random, of: &'static str, name: &str) -> Part {
    let how = random.choose(&[
        "newTag: \"9\"",
        "newName: other/image",
        "newName: registry.example:5000/other",
        "digest: sha256:abc",
        "newName: n, newTag: v1",
        "tagSuffix: -debug",
        "newTag: \"1\", digest: sha256:abc",
    ]);
    Part::Item(of, "images", format!("{{name: example/{name}, {how}}}"))
}

fn sort_options(random: &mut Random) -> &'static str {
    random.choose(&[
        "{order: fifo}",
        "{order: legacy}",
        "{order: legacy, legacySortOptions: {orderFirst: [Service, Widget], orderLast: [ConfigMap]}}",
        "{order: legacy, legacySortOptions: {}}",
        "{order: fifo, legacySortOptions: {orderFirst: [Service]}}",
    ])
}

fn variable(random: &mut Random, kind: &str, name: &str) -> String {
    let version = super::resources::version(kind);
    let field = random.choose(&[
        "",
        ", fieldref: {fieldpath: metadata.name}",
        ", fieldref: {fieldpath: metadata.namespace}",
        ", fieldref: {fieldPath: spec.replicas}",
        ", fieldref: {fieldpath: \"spec.template.spec.containers[0].image\"}",
        ", fieldref: {fieldpath: data.a}",
    ]);
    let variable = random.choose(&["NAME", "NAME", "OTHER", "COUNT", "TAG"]);
    format!("{{name: {variable}, objref: {{apiVersion: {version}, kind: {kind}, name: {name}}}{field}}}")
}

fn configuration(random: &mut Random) -> &'static str {
    random.choose(&[
        "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - {path: spec/settings/name, kind: Widget}\n",
        "images:\n- {path: spec/image, kind: Widget}\n",
        "commonLabels:\n- {path: spec/labels, create: true, kind: Widget}\n",
        "varReference:\n- {path: spec/image, kind: Widget}\n- {path: data, kind: ConfigMap}\n",
        "namePrefix:\n- {path: metadata/name, kind: Service}\n- {path: spec/settings/name, kind: Widget}\n",
        "namespace:\n- {path: spec/namespace, create: true, kind: Widget}\n",
        "replicas:\n- {path: spec/size, kind: Widget}\n",
        "commonAnnotations:\n- {path: spec/annotations, create: true, kind: Widget}\n",
    ])
}

/// A definition in the form of `crds`, by which a widget names a ConfigMap.
const CRD: &str = "{\"example.com/v1.Widget\": {\"Schema\": {\"description\": \"a widget\", \"properties\": {\"apiVersion\": {\"type\": \
                   \"string\"}, \"kind\": {\"type\": \"string\"}, \"metadata\": {\"type\": \"object\"}, \"spec\": {\"$ref\": \
                   \"example.com/v1.WidgetSpec\"}}}, \"Dependencies\": []}, \"example.com/v1.WidgetSpec\": {\"Schema\": {\"properties\": \
                   {\"settings\": {\"x-kubernetes-object-ref-api-version\": \"v1\", \"x-kubernetes-object-ref-kind\": \"ConfigMap\", \
                   \"x-kubernetes-object-ref-name-key\": \"name\"}}}, \"Dependencies\": []}}\n";

/// A schema by which items of widgets are merged.
const SCHEMA: &str = "{\"definitions\": {\"v1.Widget\": {\"properties\": {\"spec\": {\"properties\": {\"items\": {\"type\": \"array\", \
                      \"items\": {\"type\": \"object\"}, \"x-kubernetes-patch-merge-key\": \"name\", \"x-kubernetes-patch-strategy\": \
                      \"merge\"}}}}, \"x-kubernetes-group-version-kind\": [{\"group\": \"example.com\", \"kind\": \"Widget\", \
                      \"version\": \"v1\"}]}}}\n";
