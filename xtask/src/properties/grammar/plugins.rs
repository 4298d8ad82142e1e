//! Built-in generators, transformers and validators that files of their own configure.

use super::texts::TEXTS;
use super::{NAMES, NAMESPACES, Target, target};
use crate::properties::case::Case;
use crate::properties::random::Random;

/// One plugin.
pub(super) fn plugin(random: &mut Random, case: &mut Case, of: &'static str, targets: &[Target]) {
    let (kind, name) = target(random, targets);
    let (list, text) = match random.below(8) {
        0 => ("generators", generator(random)),
        // Validators may change nothing, so most of these fail.
        1 => ("validators", transformer(random, kind, name)),
        _ => ("transformers", transformer(random, kind, name)),
    };
    let metadata = random.choose(&["{name: plugin}", "{name: plugin}", "{name: other}"]);
    let text = text.replacen("METADATA", metadata, 1);
    let file = match list {
        "generators" => "generator.yaml",
        "validators" => "validator.yaml",
        _ => "transformer.yaml",
    };
    case.push_file(of, list, file, text);
}

fn generator(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: METADATA\nbehavior: create\nliterals: [x={}]\n", random.below(3)),
        1 => "apiVersion: builtin\nkind: SecretGenerator\nmetadata: METADATA\nname: made\ntype: Opaque\nliterals: [x=1]\noptions: {disableNameSuffixHash: true}\n".to_owned(),
        _ => "apiVersion: builtin\nkind: IAMPolicyGenerator\nmetadata: METADATA\ncloud: gke\nkubernetesService: {name: web, namespace: apps}\nserviceAccount: {name: a, projectId: p}\n".to_owned(),
    }
}

fn transformer(random: &mut Random, kind: &str, name: &str) -> String {
    let namespace = random.choose(&NAMESPACES);
    let settings = match random.below(11) {
        0 => format!(
            "kind: NamespaceTransformer\nmetadata: {{name: plugin, namespace: {namespace}}}\n{}fieldSpecs:\n- {{path: metadata/namespace, create: true}}\n",
            random.choose(&["", "unsetOnly: true\n", "setRoleBindingSubjects: none\n", "setRoleBindingSubjects: allServiceAccounts\n"])
        ),
        1 => "kind: PrefixTransformer\nmetadata: METADATA\nprefix: p-\nfieldSpecs:\n- {path: metadata/name}\n- {path: spec/settings/name, kind: Widget}\n".to_owned(),
        2 => format!("kind: SuffixTransformer\nmetadata: METADATA\nsuffix: -s\nfieldSpecs:\n- {{path: metadata/name, kind: {kind}}}\n"),
        3 => format!(
            "kind: LabelTransformer\nmetadata: METADATA\nlabels:\n  one: {}\n  two: 2\nfieldSpecs:\n- {{path: metadata/labels, create: true}}\n- {{path: \"spec/template/metadata/labels\", kind: {kind}}}\n",
            random.choose(&NAMES)
        ),
        4 => format!("kind: AnnotationsTransformer\nmetadata: METADATA\nannotations:\n  one: {}\n  two: yes\nfieldSpecs:\n- {{path: metadata/annotations, create: true}}\n", random.choose(&TEXTS)),
        5 => format!("kind: ImageTagTransformer\nmetadata: METADATA\nimageTag: {{name: example/{name}, newTag: v2}}\nfieldSpecs:\n- {{path: spec/image, kind: Widget}}\n"),
        6 => format!("kind: ReplicaCountTransformer\nmetadata: METADATA\nreplica: {{name: {name}, count: 5}}\nfieldSpecs:\n- {{path: spec/replicas, create: true, kind: {kind}}}\n"),
        7 => format!(
            "kind: ValueAddTransformer\nmetadata: METADATA\nvalue: added\ntargets:\n- selector: {{kind: {kind}}}\n  fieldPath: {}\n",
            random.choose(&["metadata/namespace", "spec/plain", "data/path\n  filePathPosition: 2", "metadata/annotations/x"])
        ),
        8 => format!("kind: PatchTransformer\nmetadata: METADATA\ntarget: {{kind: {kind}}}\npatch: '[{{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {{\"p\": \"1\"}}}}]'\n"),
        9 => format!("kind: ReplacementTransformer\nmetadata: METADATA\nreplacements:\n- source: {{kind: {kind}, name: {name}}}\n  targets:\n  - select: {{kind: {kind}}}\n    fieldPaths: [metadata.annotations.from]\n    options: {{create: true}}\n"),
        _ => format!(
            "kind: PatchStrategicMergeTransformer\nmetadata: METADATA\npatches: |-\n  apiVersion: {}\n  kind: {kind}\n  metadata: {{name: {name}, labels: {{merged: \"1\"}}}}\n",
            super::resources::version(kind)
        ),
    };
    format!("apiVersion: builtin\n{settings}")
}
