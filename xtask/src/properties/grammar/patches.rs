//! Patches of all forms: strategic merges with their directives, JSON 6902, inline and in files, with and without targets.

use super::texts::{TEXTS, any_scalar};
use super::{NAMES, Target, resources::version, selector, target};
use crate::properties::case::{Case, Part};
use crate::properties::random::Random;

/// One patch.
pub(super) fn patch(random: &mut Random, case: &mut Case, of: &'static str, targets: &[Target]) {
    let (kind, name) = target(random, targets);
    let strategic = strategic_merge(random, kind, name);
    let indented = strategic.trim_end().replace('\n', "\n    ");
    let part = match random.below(12) {
        0..=4 => Part::Item(of, "patches", format!("patch: |-\n    {indented}")),
        5 => {
            let target = selector(random, (kind, name));
            let options = random.choose(&[
                "",
                "",
                "\n  options: {allowNameChange: true}",
                "\n  options: {allowKindChange: true}",
            ]);
            Part::Item(of, "patches", format!("patch: |-\n    {indented}\n  target: {target}{options}"))
        }
        6 => Part::Item(
            of,
            "patchesStrategicMerge",
            format!("|-\n  {}", strategic.trim_end().replace('\n', "\n  ")),
        ),
        7 => {
            let (other_kind, other) = target(random, targets);
            let second = strategic_merge(random, other_kind, other);
            let text = if random.in_ten(5) { format!("{strategic}---\n{second}") } else { strategic };
            return case.push_file(of, "patchesStrategicMerge", "patch.yaml", text);
        }
        8 => Part::Item(
            of,
            "patchesJson6902",
            format!(
                "target: {{version: v1, kind: {kind}, name: {name}}}\n  patch: |-\n    - {}",
                operation(random, kind)
            ),
        ),
        _ => {
            let target = selector(random, (kind, name));
            let (first, second) = (operation(random, kind), operation(random, kind));
            let text = match random.below(4) {
                0 => format!("|-\n    - {first}\n    - {second}"),
                1 => format!("'{first}'"),
                2 => format!("|-\n    - {first}"),
                _ => format!("'[{}]'", as_json(&first)),
            };
            Part::Item(of, "patches", format!("target: {target}\n  patch: {text}"))
        }
    };
    case.push(part);
}

fn strategic_merge(random: &mut Random, kind: &'static str, name: &'static str) -> String {
    let text = random.choose(&TEXTS);
    let change = match (kind, random.below(6)) {
        (_, 0) => format!("metadata: {{name: {name}, annotations: {{patched: {text}}}}}"),
        (_, 1) if random.in_ten(3) => format!("$patch: delete\nmetadata: {{name: {name}}}"),
        ("Deployment" | "StatefulSet", _) => workload(random, name, text),
        ("ConfigMap", _) => format!(
            "metadata: {{name: {name}}}\ndata: {}",
            random.choose(&[
                "{a: null, c: x}",
                "{$patch: replace, only: one}",
                "{b: \"line\\n  more\\n\"}",
                "null",
                "{a: \"\", d: \"1\"}",
                "{$patch: delete}"
            ])
        ),
        ("Service", _) => format!(
            "metadata: {{name: {name}}}\nspec: {}",
            random.choose(&[
                "{ports: [{port: 80, targetPort: 8080}, {port: 443, name: tls}]}",
                "{ports: [{port: 80, $patch: delete}]}",
                "{ports: [{$patch: replace}, {port: 1}]}",
                "{selector: null, type: ClusterIP}",
                "{selector: {$patch: replace, x: y}}",
                "{\"$setElementOrder/ports\": [{port: 443}, {port: 80}], ports: [{port: 443}]}",
            ])
        ),
        ("Widget", _) => format!(
            "metadata: {{name: {name}}}\nspec: {}",
            random.choose(&[
                "{items: [{name: b}]}",
                "{items: [{name: a, value: null}, {name: z}]}",
                "{items: null, size: 1.0}",
                "{items: [{name: a, $patch: delete}]}",
                "{empty: {x: {}}, none: [], plain: off}",
                "{list: [four], shared: {y: 2}}",
                "{$patch: replace, only: this}",
            ])
        ),
        ("Ingress", _) => {
            format!("metadata: {{name: {name}}}\nspec: {{rules: [{{host: b.example}}], tls: null}}")
        }
        ("RoleBinding" | "ClusterRoleBinding", _) => format!(
            "metadata: {{name: {name}}}\nsubjects: [{{kind: User, name: {}}}]\nroleRef: {{name: {}}}",
            random.choose(&NAMES),
            random.choose(&NAMES)
        ),
        (_, 2) => format!(
            "metadata: {{name: {name}, labels: {{app: null, patched: {text}}}}}\nextra: {}",
            any_scalar(random)
        ),
        _ => format!("metadata: {{name: {name}, labels: {{app: null, patched: {text}}}}}"),
    };
    format!("apiVersion: {}\nkind: {kind}\n{change}\n", version(kind))
}

fn workload(random: &mut Random, name: &str, text: &str) -> String {
    let spec = match random.below(12) {
        0 => "{replicas: null, template: {spec: {containers: [{name: sidecar, $patch: delete}]}}}".to_owned(),
        1 => format!("{{template: {{spec: {{containers: [{{name: main, env: [{{name: A, value: {text}}}, {{name: C, value: c}}]}}]}}}}}}"),
        2 => "{template: {spec: {containers: [{name: main, ports: [{containerPort: 8080, protocol: UDP, name: u}, {containerPort: 1}]}]}}}".to_owned(),
        3 => "{template: {spec: {containers: [{$patch: replace}, {name: only, image: \"example/web:7\"}]}}}".to_owned(),
        4 => "{template: {spec: {containers: [{name: main, args: [--other], env: [{name: A, $patch: delete}]}]}}}".to_owned(),
        5 => "{strategy: {$retainKeys: [type], type: Recreate}, template: {spec: {volumes: [{name: data, emptyDir: {}, configMap: null}]}}}".to_owned(),
        6 => "{template: {spec: {$setElementOrder/containers: [{name: sidecar}, {name: main}], containers: [{name: main, image: x}]}}}".to_owned(),
        7 => "{template: {spec: {tolerations: [{key: b}], topologySpreadConstraints: [{topologyKey: zone, maxSkew: 2, whenUnsatisfiable: ScheduleAnyway}]}}}".to_owned(),
        8 => "{template: {metadata: {labels: {$patch: replace, app: new}}, spec: {initContainers: [{name: first, image: \"example/api:1\"}]}}}".to_owned(),
        9 => "{template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: login}}]}, {name: sidecar, resources: {limits: {cpu: 1}}}]}}}".to_owned(),
        10 => "{template: {spec: {containers: null, imagePullSecrets: [{name: login}], hostAliases: [{ip: 1.2.3.4, hostnames: [a]}]}}}".to_owned(),
        _ => "{selector: {matchLabels: {$patch: delete}}, revisionHistoryLimit: 0x10}".to_owned(),
    };
    format!("metadata: {{name: {name}}}\nspec: {spec}")
}

/// An operation as one line of YAML.
fn operation(random: &mut Random, kind: &str) -> String {
    let of_kind = match kind {
        "Deployment" | "StatefulSet" => random.choose(&[
            "{op: replace, path: /spec/template/spec/containers/0/image, value: \"new:1\"}",
            "{op: remove, path: /spec/replicas}",
            "{op: add, path: /spec/template/spec/containers/-, value: {name: added, image: \"new:1\"}}",
            "{op: add, path: /spec/template/spec/containers/0, value: {name: first, args: [on, 1.0]}}",
            "{op: move, from: /spec/template/metadata/labels/app, path: /metadata/annotations}",
            "{op: copy, from: /spec/replicas, path: /spec/revisionHistoryLimit}",
            "{op: remove, path: /spec/template/spec/containers/-1}",
        ]),
        "Service" => random.choose(&[
            "{op: add, path: /spec/ports/-, value: {port: 99}}",
            "{op: replace, path: /spec/ports, value: []}",
        ]),
        "ConfigMap" => random.choose(&[
            "{op: add, path: /data/new~1key, value: \"2\"}",
            "{op: remove, path: /data/a}",
            "{op: replace, path: /data/b, value: \"a\\nb\\n\"}",
            "{op: test, path: /data/b, value: \"yes\"}",
        ]),
        "Role" | "ClusterRole" => "{op: add, path: /rules/0/verbs/0, value: watch}",
        _ => random.choose(&[
            "{op: replace, path: /spec/size, value: 7}",
            "{op: add, path: /spec/items/1, value: {n: 1e3}}",
        ]),
    };
    let general = random.choose(&[
        "{op: add, path: /metadata/annotations, value: {json: \"1\"}}",
        "{op: replace, path: /metadata/name, value: renamed}",
        "{op: test, path: /kind, value: Deployment}",
        "{op: add, path: /metadata/labels/new, value: \"3\"}",
        "{op: add, path: /metadata/namespace, value: other}",
        "{op: replace, path: /kind, value: Other}",
        "{op: add, path: /nothing, value: null}",
        "{op: remove, path: /metadata/annotations/note}",
    ]);
    if random.in_ten(6) { of_kind } else { general }.to_owned()
}

/// The same operation as JSON.
fn as_json(operation: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_yaml::from_str(operation);
    value.map_or_else(|_| operation.to_owned(), |value| value.to_string())
}
