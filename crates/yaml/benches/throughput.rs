//! Speed and memory beside `serde_yaml` on 10 MB of generated Deployments and CustomResourceDefinitions.
//!
//! `cargo bench -p plimsoll-yaml` prints one line a measure. Resident memory is read from the system, so it is measured
//! first, before anything else has been allocated.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use plimsoll_yaml::{Budget, Dialect, Document, EmitOptions, Numbers, emit_documents, emit_value, parse};
use serde::Deserialize as _;

const SIZE: usize = 10 << 20;
const ROUNDS: usize = 7;

fn main() {
    let source = generate(SIZE);
    let megabytes = source.len() as f64 / f64::from(1 << 20);
    let before = resident_bytes();
    let tree = read(&source, Dialect::Kustomize);
    let resident = resident_bytes().saturating_sub(before);
    println!("documents {}, {megabytes:.1} MB", tree.len());
    println!("resident memory of the tree / input: {:.2}", resident as f64 / source.len() as f64);

    let theirs = || read_with_serde(&source).len();
    compare("parse, kustomize", megabytes, || read(&source, Dialect::Kustomize).len(), theirs);
    compare("parse, helm", megabytes, || read(&source, Dialect::Helm).len(), theirs);

    let values = read_with_serde(&source);
    let theirs =
        || values.iter().map(|value| serde_yaml::to_string(value).map_or(0, |text| text.len())).sum();
    compare("emit tree", megabytes, || emit_documents(&tree, &EmitOptions::KYAML).len(), theirs);
    let own: Vec<_> = tree
        .iter()
        .filter_map(|document| document.root.to_value(Dialect::Kustomize, Numbers::AsWritten).ok())
        .collect();
    let ours = || own.iter().map(|value| emit_value(value).map_or(0, |text| text.len())).sum();
    compare("emit value", megabytes, ours, theirs);
    let ours = || emit_documents(&read(&source, Dialect::Kustomize), &EmitOptions::KYAML).len();
    let theirs = || {
        let values = read_with_serde(&source);
        values.iter().map(|value| serde_yaml::to_string(value).map_or(0, |text| text.len())).sum()
    };
    compare("parse and emit", megabytes, ours, theirs);
}

fn read(source: &str, dialect: Dialect) -> Vec<Document> {
    parse(source, dialect, &Budget::DEFAULT).unwrap_or_default()
}

fn read_with_serde(source: &str) -> Vec<serde_yaml::Value> {
    serde_yaml::Deserializer::from_str(source)
        .filter_map(|document| serde_yaml::Value::deserialize(document).ok())
        .collect()
}

/// Runs both in turn, so that a busy machine slows both down, and prints the best time of each.
fn compare(name: &str, megabytes: f64, ours: impl Fn() -> usize, theirs: impl Fn() -> usize) {
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        best[0] = best[0].min(time(&ours));
        best[1] = best[1].min(time(&theirs));
    }
    let [ours, theirs] = best.map(|time| time.as_secs_f64());
    let (our_speed, their_speed, ratio) = (megabytes / ours, megabytes / theirs, theirs / ours);
    println!("{name}: {our_speed:.0} MB/s, serde_yaml {their_speed:.0} MB/s, ratio {ratio:.2}");
}

fn time(run: impl Fn() -> usize) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}

/// Resident memory, in bytes, where the system tells it.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(0) * 1024
}

fn generate(size: usize) -> String {
    let mut out = String::with_capacity(size + (64 << 10));
    let mut number = 0_usize;
    while out.len() < size {
        out.push_str("---\n");
        if number.is_multiple_of(4) {
            definition(&mut out, number)
        } else {
            deployment(&mut out, number)
        }
        number += 1;
    }
    out
}

fn deployment(out: &mut String, number: usize) {
    let _ = write!(
        out,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: service-{number}\n  namespace: team-{}\n  labels:\n    \
         app.kubernetes.io/name: service-{number}\n    app.kubernetes.io/part-of: \"platform\"\n  annotations:\n    \
         description: The service that answers requests of the customers in region {number}.\nspec:\n  replicas: {}\n  \
         selector:\n    matchLabels:\n      app.kubernetes.io/name: service-{number}\n  template:\n    metadata:\n      labels:\n        \
         app.kubernetes.io/name: service-{number}\n    spec:\n      serviceAccountName: service-{number}\n      containers:\n",
        number % 40,
        number % 5 + 1
    );
    for container in 0..2 {
        let _ = write!(
            out,
            "      - name: container-{container}\n        image: registry.example.com/team/service-{number}:v1.{number}.{container}\n        \
             imagePullPolicy: IfNotPresent\n        args:\n        - --listen=:8080\n        - --log-level=info\n        ports:\n        \
             - name: http\n          containerPort: 8080\n          protocol: TCP\n        env:\n"
        );
        for variable in 0..6 {
            let _ = write!(
                out,
                "        - name: VARIABLE_{variable}\n          value: \"value-{number}-{variable}\"\n        - name: SECRET_{variable}\n          \
                 valueFrom:\n            secretKeyRef:\n              name: service-{number}-secrets\n              key: key-{variable}\n"
            );
        }
        out.push_str(
            "        resources:\n          requests:\n            cpu: 100m\n            memory: 128Mi\n          limits:\n            \
             memory: 256Mi\n        livenessProbe:\n          httpGet:\n            path: /healthz\n            port: http\n          \
             initialDelaySeconds: 10\n          periodSeconds: 5\n",
        );
    }
}

fn definition(out: &mut String, number: usize) {
    let _ = write!(
        out,
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things{number}.example.com\nspec:\n  \
         group: example.com\n  names:\n    kind: Thing{number}\n    plural: things{number}\n  scope: Namespaced\n  versions:\n  - name: v1\n    \
         served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n"
    );
    for property in 0..20 {
        let _ = write!(
            out,
            "          property{property}:\n            description: |-\n              Property {property} of the thing says how the thing is to \
             be made.\n              It may be changed at any time, and the change takes effect when the thing is made anew.\n            type: \
             object\n            properties:\n              name:\n                type: string\n                maxLength: 63\n                \
             pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'\n              count:\n                type: integer\n                minimum: 0\n                \
             default: {property}\n            required:\n            - name\n"
        );
    }
}
