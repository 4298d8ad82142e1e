//! Resources of many kinds, with what refers to others and what YAML can do to them.

use super::texts::{any_scalar, block_scalar};
use super::{NAMES, NAMESPACES, Target};
use crate::properties::random::Random;

/// The kinds; those that say most about merging come twice.
pub(super) const KINDS: [&str; 22] = [
    "Deployment",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "Pod",
    "Service",
    "Service",
    "ConfigMap",
    "ConfigMap",
    "Secret",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "ServiceAccount",
    "Namespace",
    "Ingress",
    "HorizontalPodAutoscaler",
    "ValidatingWebhookConfiguration",
    "CustomResourceDefinition",
    "Widget",
    "Widget",
];

/// The API version of a kind.
pub(super) fn version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" => "apps/v1",
        "CronJob" => "batch/v1",
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => "rbac.authorization.k8s.io/v1",
        "Ingress" => "networking.k8s.io/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "ValidatingWebhookConfiguration" => "admissionregistration.k8s.io/v1",
        "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
        "Widget" => "example.com/v1",
        _ => "v1",
    }
}

/// A document.
pub(super) fn resource(random: &mut Random, (kind, name): Target) -> String {
    let mut text = String::new();
    if random.in_ten(1) {
        text.push_str("# what this is\n");
    }
    text.push_str(&format!("apiVersion: {}\nkind: {kind}\nmetadata:\n  name: {name}\n", version(kind)));
    if random.in_ten(3) {
        text.push_str(&format!("  namespace: {}\n", random.choose(&NAMESPACES)));
    }
    if random.in_ten(6) {
        text.push_str(&format!("  labels:\n    app: {}\n", random.choose(&NAMES)));
    }
    if random.in_ten(4) {
        text.push_str(&format!("  annotations:\n    note: {}\n", block_scalar(random, 4)));
    } else if random.in_ten(1) {
        text.push_str(random.choose(&[
            "  annotations: {}\n",
            "  annotations:\n",
            "  labels: {}\n",
            "  creationTimestamp: null\n",
        ]));
    }
    text.push_str(&body(random, kind));
    text
}

fn body(random: &mut Random, kind: &str) -> String {
    let name = random.choose(&NAMES);
    let number = random.below(5);
    match kind {
        "Deployment" | "StatefulSet" => workload(random, kind),
        "CronJob" => format!(
            "spec:\n  schedule: \"*/5 * * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n{}          restartPolicy: Never\n",
            containers(random, 10)
        ),
        "Pod" => format!("spec:\n{}  serviceAccountName: {name}\n", containers(random, 2)),
        "Service" => format!(
            "spec:\n  selector:\n    app: {name}\n  ports:\n  - port: {}\n    name: http\n{}",
            80 + number,
            random.choose(&["", "  - {port: 443, name: https, targetPort: tls}\n", "  # none but one\n", "  - port: 80\n    protocol: UDP\n"])
        ),
        "ConfigMap" => format!("data:\n  a: {}\n  b: {}\n{}", block_scalar(random, 2), block_scalar(random, 2), nested_text(random)),
        "Secret" => "type: Opaque\nstringData:\n  password: \"p\"\ndata:\n  key: dmFsdWU=\n".to_owned(),
        "Role" | "ClusterRole" => {
            format!("rules:\n- apiGroups: [\"\"]\n  resources: [pods]\n  resourceNames: [{name}]\n  verbs: [get, list]\n")
        }
        "RoleBinding" | "ClusterRoleBinding" => format!(
            "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {}\n  name: {name}\nsubjects:\n- kind: ServiceAccount\n  name: {}\n  namespace: {}\n",
            random.choose(&["Role", "ClusterRole"]),
            random.choose(&["default", "web", "api"]),
            random.choose(&NAMESPACES)
        ),
        "Ingress" => format!(
            "spec:\n  tls:\n  - hosts: [a.example]\n    secretName: login\n  rules:\n  - host: a.example\n    http:\n      paths:\n      - path: /\n        \
             pathType: Prefix\n        backend:\n          service:\n            name: {name}\n            port: {{number: 80}}\n"
        ),
        "HorizontalPodAutoscaler" => format!(
            "spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n  minReplicas: {number}\n  maxReplicas: 9\n  metrics:\n  \
             - type: Resource\n    resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 80}}}}\n"
        ),
        "ValidatingWebhookConfiguration" => format!(
            "webhooks:\n- name: a.example.com\n  clientConfig:\n    service: {{name: {name}, namespace: {}, path: /check}}\n  sideEffects: None\n",
            random.choose(&NAMESPACES)
        ),
        "CustomResourceDefinition" => {
            "spec:\n  group: example.com\n  names: {kind: Widget, plural: widgets}\n  scope: Namespaced\n  versions: []\n".to_owned()
        }
        "Widget" => widget(random),
        _ => String::new(),
    }
}

fn widget(random: &mut Random) -> String {
    let mut text = format!(
        "spec:\n  size: {}\n  items:\n  - {{name: a, value: {}}}\n",
        random.below(5),
        any_scalar(random)
    );
    for _ in 0..random.below(3) {
        text.push_str(random.choose(&[
            "  - {name: b, value: two}\n",
            "  - name: c # third\n    nested: {image: example/web:1}\n",
            "  - {}\n",
        ]));
    }
    text.push_str(&format!(
        "  plain: {}\n  image: example/{}:1\n",
        any_scalar(random),
        random.choose(&NAMES)
    ));
    text.push_str(random.choose(&[
        "",
        "  empty: {}\n  none: []\n",
        "  nothing: null\n",
        "  shared: &shared {x: 1}\n  again: *shared\n",
        "  \"quoted key\": 1\n  ? complex\n  : 2\n",
        "  settings:\n    name: settings\n",
        "  list: [one, two, three]\n",
    ]));
    text
}

/// Text that replacements look into.
fn nested_text(random: &mut Random) -> &'static str {
    random.choose(&[
        "",
        "  json: '{\"host\": \"a\", \"list\": [{\"name\": \"x\", \"v\": 1}]}'\n",
        "  yaml: |\n    host: a\n    list:\n    - name: x\n      v: 1\n",
        "  path: a/b/c\n",
    ])
}

fn workload(random: &mut Random, kind: &str) -> String {
    let app = random.choose(&NAMES);
    let mut text = format!("spec:\n  replicas: {}\n", random.below(4));
    if kind == "StatefulSet" {
        text.push_str(&format!("  serviceName: {}\n", random.choose(&NAMES)));
        if random.in_ten(3) {
            text.push_str("  volumeClaimTemplates:\n  - metadata: {name: data}\n    spec: {accessModes: [ReadWriteOnce]}\n");
        }
    }
    text.push_str(&format!("  selector:\n    matchLabels:\n      app: {app}\n  template:\n    metadata:\n      labels:\n        app: {app}\n"));
    text.push_str("    spec:\n");
    text.push_str(&containers(random, 6));
    if random.in_ten(3) {
        text.push_str(&format!("      serviceAccountName: {}\n", random.choose(&NAMES)));
    }
    if random.in_ten(4) {
        text.push_str(&format!(
            "      volumes:\n      - name: data\n        configMap:\n          name: {}\n",
            random.choose(&["settings", "web", "api"])
        ));
        text.push_str(random.choose(&[
            "",
            "      - name: login\n        secret: {secretName: login}\n",
            "      - name: both\n        projected:\n          sources:\n          - configMap: {name: settings}\n          - secret: {name: login}\n",
        ]));
    }
    if random.in_ten(2) {
        text.push_str("      tolerations:\n      - {key: a, operator: Exists}\n      topologySpreadConstraints:\n      - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}\n");
    }
    text
}

fn containers(random: &mut Random, indent: usize) -> String {
    let mut lines = vec!["containers:".to_owned()];
    for container in ["main", "sidecar"].iter().take(1 + usize::from(random.in_ten(4))) {
        lines.push(format!("- name: {container}"));
        let tag = random.choose(&[":1", ":2", "", "@sha256:0123", ":1@sha256:0123", ":$(TAG)"]);
        lines.push(format!("  image: example/{}{tag}", random.choose(&NAMES)));
        if random.in_ten(5) {
            lines.push("  env:".to_owned());
            lines.push("  - name: A".to_owned());
            lines.push(format!("    value: {}", random.choose(&super::texts::TEXTS)));
            lines.push("  - {name: B, valueFrom: {configMapKeyRef: {name: settings, key: b}}}".to_owned());
            lines.push("  - name: V".to_owned());
            lines.push(format!(
                "    value: {}",
                random.choose(&["$(NAME)", "x-$(NAME)-$(OTHER)", "$$(NAME)", "$(NONE)", "\"$(COUNT)\""])
            ));
        }
        if random.in_ten(3) {
            lines.push("  envFrom:".to_owned());
            lines.push("  - configMapRef: {name: settings}".to_owned());
            lines.push("  - secretRef: {name: login}".to_owned());
        }
        if random.in_ten(3) {
            lines.push(format!(
                "  args: [--name, \"$(NAME)\", {}]",
                random.choose(&["on", "\"on\"", "0777", "1.0"])
            ));
        }
        if random.in_ten(4) {
            lines.push("  ports:".to_owned());
            lines.push("  - containerPort: 8080".to_owned());
            lines.push("    # a comment".to_owned());
            lines.push("    protocol: TCP".to_owned());
            lines.push(
                random
                    .choose(&[
                        "  - {containerPort: 8080, protocol: UDP}",
                        "  - {containerPort: 9090, name: metrics}",
                    ])
                    .to_owned(),
            );
        }
    }
    let indent = " ".repeat(indent);
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}
