//! Random kustomizations: resources that refer to each other, an overlay that changes them, and patches of both kinds.

use super::case::{BASE, Case, OVERLAY, Part};

/// Random numbers from a seed (SplitMix64), the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// Whether something happens that does in so many of ten cases.
    fn in_ten(&mut self, times: u64) -> bool {
        self.below(10) < times
    }

    fn choose(&mut self, options: &[&'static str]) -> &'static str {
        let index = self.below(options.len() as u64);
        options.get(usize::try_from(index).unwrap_or_default()).copied().unwrap_or_default()
    }
}

const NAMES: [&str; 4] = ["web", "api", "store", "web-api"];
const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "Service", "ConfigMap", "Role", "Widget"];
/// Texts that YAML's writers treat each in their own way.
const TEXTS: [&str; 12] = [
    "plain",
    "\"yes\"",
    "\"1.0\"",
    "\"0x1F\"",
    "'it''s'",
    "\"a: b\"",
    "\"\"",
    "\"# no comment\"",
    "\"line\\nline\"",
    "\"~\"",
    "\"null\"",
    "\"long words that go on and on until a writer would fold them, were they in a plain scalar of a YAML document\"",
];

/// A kind and a name.
type Target = (&'static str, &'static str);

/// The case of a seed.
pub(super) fn case(seed: u64) -> Case {
    let mut random = Random(seed);
    let mut case = Case::default();
    let mut targets: Vec<Target> = Vec::new();
    for _ in 0..=random.below(4) {
        let target = (random.choose(&KINDS), random.choose(&NAMES));
        // What stands twice is refused, now and then on purpose.
        if !targets.contains(&target) || random.in_ten(1) {
            let text = resource(&mut random, target);
            case.push(Part::Resource(text));
            targets.push(target);
        }
    }
    let is_generated = random.in_ten(5);
    if is_generated {
        generators(&mut random, &mut case, BASE);
    }
    for of in [BASE, OVERLAY] {
        for _ in 0..random.below(4) {
            let part = change(&mut random, of, &targets);
            case.push(part);
        }
    }
    if random.in_ten(3) {
        let behavior = if is_generated { random.choose(&["merge", "replace"]) } else { "create" };
        let item = format!("{{name: settings, behavior: {behavior}, literals: [b={}]}}", random.below(9));
        case.push(Part::Item(OVERLAY, "configMapGenerator", item));
    }
    case
}

/// One of the resources that there are; now and then one that there is not.
fn target(random: &mut Random, targets: &[Target]) -> Target {
    let index = usize::try_from(random.below(targets.len() as u64)).unwrap_or_default();
    match targets.get(index) {
        Some(target) if !random.in_ten(1) => *target,
        _ => (random.choose(&KINDS), random.choose(&NAMES)),
    }
}

fn resource(random: &mut Random, (kind, name): Target) -> String {
    let namespace = if random.in_ten(3) { "\n  namespace: apps" } else { "" };
    let labels = if random.in_ten(6) {
        format!("\n  labels:\n    app: {}", random.choose(&NAMES))
    } else {
        String::new()
    };
    let annotations = if random.in_ten(4) {
        format!("\n  annotations:\n    note: {}", random.choose(&TEXTS))
    } else {
        String::new()
    };
    let metadata = format!("metadata:\n  name: {name}{namespace}{labels}{annotations}\n");
    let body = match kind {
        "Deployment" | "StatefulSet" => return workload(random, kind, &metadata),
        "Service" => format!(
            "spec:\n  selector:\n    app: {}\n  ports:\n  - port: {}\n    name: http\n",
            random.choose(&NAMES),
            80 + random.below(3)
        ),
        "ConfigMap" => format!("data:\n  a: {}\n  b: {}\n", random.choose(&TEXTS), random.choose(&TEXTS)),
        "Role" => "rules:\n- apiGroups: [\"\"]\n  resources: [pods]\n  verbs: [get, list]\n".to_owned(),
        _ => format!(
            "spec:\n  size: {}\n  items:\n  - {{name: a, value: {}}}\n",
            random.below(5),
            random.choose(&TEXTS)
        ),
    };
    format!("apiVersion: {}\nkind: {kind}\n{metadata}{body}", version(kind))
}

fn version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" => "apps/v1",
        "Role" => "rbac.authorization.k8s.io/v1",
        "Widget" => "example.com/v1",
        _ => "v1",
    }
}

fn workload(random: &mut Random, kind: &str, metadata: &str) -> String {
    let app = random.choose(&NAMES);
    let mut text =
        format!("apiVersion: apps/v1\nkind: {kind}\n{metadata}spec:\n  replicas: {}\n", random.below(4));
    if kind == "StatefulSet" {
        text.push_str(&format!("  serviceName: {}\n", random.choose(&NAMES)));
    }
    text.push_str(&format!("  selector:\n    matchLabels:\n      app: {app}\n  template:\n    metadata:\n      labels:\n        app: {app}\n"));
    text.push_str("    spec:\n      containers:\n");
    for container in ["main", "sidecar"].iter().take(1 + usize::from(random.in_ten(4))) {
        text.push_str(&format!(
            "      - name: {container}\n        image: example/{}:{}\n",
            random.choose(&NAMES),
            1 + random.below(3)
        ));
        if random.in_ten(6) {
            text.push_str(&format!(
                "        env:\n        - name: A\n          value: {}\n",
                random.choose(&TEXTS)
            ));
            text.push_str("        - name: B\n          valueFrom:\n            configMapKeyRef:\n              name: settings\n              key: b\n");
        }
        if random.in_ten(4) {
            text.push_str("        ports:\n        - containerPort: 8080\n          # a comment\n          protocol: TCP\n");
        }
    }
    if random.in_ten(4) {
        text.push_str(&format!(
            "      volumes:\n      - name: data\n        configMap:\n          name: {}\n",
            random.choose(&["settings", "web", "api"])
        ));
    }
    text
}

fn generators(random: &mut Random, case: &mut Case, of: &'static str) {
    let literals = format!("[a={}, b=two]", random.below(9));
    case.push(Part::Item(of, "configMapGenerator", format!("{{name: settings, literals: {literals}}}")));
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
        ]);
        case.push(Part::Field(of, "generatorOptions", options.to_owned()));
    }
}

fn change(random: &mut Random, of: &'static str, targets: &[Target]) -> Part {
    let (kind, name) = target(random, targets);
    let (other, _) = target(random, targets);
    match random.below(12) {
        0 => Part::Field(of, "namePrefix", format!("{}-", random.choose(&["a", "pre", "x1"]))),
        1 => Part::Field(of, "nameSuffix", format!("-{}", random.choose(&["b", "post", "y2"]))),
        2 => Part::Field(of, "namespace", random.choose(&["apps", "default", "other"]).to_owned()),
        3 => {
            let how = random.choose(&[
                "includeSelectors: true",
                "includeTemplates: true",
                "includeSelectors: false",
            ]);
            Part::Item(of, "labels", format!("{{pairs: {{team: t{}}}, {how}}}", random.below(3)))
        }
        4 => Part::Field(of, "commonAnnotations", format!("{{owner: {}}}", random.choose(&TEXTS))),
        5 => {
            let how = random.choose(&[
                "newTag: \"9\"",
                "newName: other/image",
                "digest: sha256:abc",
                "newName: n, newTag: v1",
            ]);
            Part::Item(of, "images", format!("{{name: example/{name}, {how}}}"))
        }
        6 => Part::Item(of, "replicas", format!("{{name: {name}, count: {}}}", random.below(9))),
        7 | 8 => Part::Item(of, "patches", strategic_patch(random, kind, name)),
        9 => Part::Item(of, "patches", json_patch(random, kind)),
        10 => Part::Item(
            of,
            "replacements",
            format!(
                "{{source: {{kind: {kind}, name: {name}, fieldPath: metadata.name}}, targets: [{{select: {{kind: {}}}, fieldPaths: \
                 [\"{}\"], options: {{create: {}}}}}]}}",
                other,
                random.choose(&[
                    "metadata.annotations.from",
                    "spec.template.spec.containers.[name=main].image",
                    "data.a"
                ]),
                random.in_ten(5)
            ),
        ),
        _ => Part::Field(
            of,
            "buildMetadata",
            random
                .choose(&["[originAnnotations]", "[managedByLabel]", "[transformerAnnotations]"])
                .to_owned(),
        ),
    }
}

fn strategic_patch(random: &mut Random, kind: &str, name: &str) -> String {
    let text = random.choose(&TEXTS);
    let change = match (kind, random.below(4)) {
        (_, 0) => format!("metadata: {{name: {name}, annotations: {{patched: {text}}}}}"),
        ("Deployment" | "StatefulSet", 1) => format!(
            "metadata: {{name: {name}}}\n    spec: {{template: {{spec: {{containers: [{{name: main, env: [{{name: A, value: {text}}}, {{name: C, value: c}}]}}]}}}}}}"
        ),
        ("Deployment" | "StatefulSet", 2) => {
            format!(
                "metadata: {{name: {name}}}\n    spec: {{replicas: null, template: {{spec: {{containers: [{{name: sidecar, $patch: delete}}]}}}}}}"
            )
        }
        ("ConfigMap", 1) => format!("metadata: {{name: {name}}}\n    data: {{a: null, c: {text}}}"),
        ("Service", 1) => {
            format!(
                "metadata: {{name: {name}}}\n    spec: {{ports: [{{port: 80, targetPort: 8080}}, {{port: 443, name: tls}}]}}"
            )
        }
        ("Widget", 1) => format!("metadata: {{name: {name}}}\n    spec: {{items: [{{name: b}}]}}"),
        (_, 2) => format!("$patch: delete\n    metadata: {{name: {name}}}"),
        _ => format!("metadata: {{name: {name}, labels: {{app: null, patched: {text}}}}}"),
    };
    format!("patch: |-\n    apiVersion: {}\n    kind: {kind}\n    {change}", version(kind))
}

fn json_patch(random: &mut Random, kind: &str) -> String {
    let of_kind = match kind {
        "Deployment" | "StatefulSet" => random.choose(&[
            "{op: replace, path: /spec/template/spec/containers/0/image, value: \"new:1\"}",
            "{op: remove, path: /spec/replicas}",
            "{op: add, path: /spec/template/spec/containers/-, value: {name: added, image: \"new:1\"}}",
        ]),
        "Service" => "{op: add, path: /spec/ports/-, value: {port: 99}}",
        "ConfigMap" => {
            random.choose(&["{op: add, path: /data/new~1key, value: \"2\"}", "{op: remove, path: /data/a}"])
        }
        "Role" => "{op: add, path: /rules/0/verbs/0, value: watch}",
        _ => "{op: replace, path: /spec/size, value: 7}",
    };
    let general = random.choose(&[
        "{op: add, path: /metadata/annotations, value: {json: \"1\"}}",
        "{op: replace, path: /metadata/name, value: renamed}",
        "{op: test, path: /kind, value: Deployment}",
        "{op: add, path: /metadata/labels/new, value: \"3\"}",
    ]);
    let operation = if random.in_ten(6) { of_kind } else { general };
    let name =
        if random.in_ten(3) { format!(", name: \"{}.*\"", random.choose(&NAMES)) } else { String::new() };
    format!("target: {{kind: {kind}{name}}}\n  patch: '[{operation}]'")
}
