//! What is asked of each GitOps tool that runs for real: it applies the layers in their order, a check then agrees with Git, tells
//! what is changed by hand before the tool takes it back, and agrees again once it did, and once what left Git is pruned.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::development::told;
use super::lab::Cluster;
use super::played::Played;
use crate::support::TemporaryRepository;

/// How long a tool may take for one step.
const PATIENCE: Duration = Duration::from_secs(240);

/// The layers, each waiting for the one before it.
const LAYERS: [&str; 4] = ["platform", "network", "deps", "app"];

/// What tells that a layer has begun: a kind that no other layer has.
const FIRST_OF_LAYER: [&str; 4] = ["providers", "networks", "dependencies", "statefulsets"];

/// A GitOps tool that runs.
pub(super) trait Tool {
    /// The cluster that it runs on.
    fn cluster(&self) -> &Cluster;
    /// Hands the committed tree over to it.
    fn publish(&self, repository: &TemporaryRepository);
    /// Whether a layer is applied and healthy.
    fn is_ready(&self, layer: &str) -> bool;
    /// Whether the layers that depend on a layer may have begun.
    fn was_ready(&self, layer: &str) -> bool;
    /// Does something that the tool takes back only when it is done.
    fn behind_its_back(&self, act: &dyn Fn());
    /// What it says of itself, when something was waited for in vain.
    fn report(&self) -> String;

    /// The controllers that are not there.
    fn others(&self) -> Played<'_> {
        Played { cluster: self.cluster() }
    }
}

/// Waits until something holds.
pub(super) fn wait(tool: &dyn Tool, what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}: not after {PATIENCE:?}\n{}", tool.report());
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Waits until something holds, while the other controllers are played.
fn play_until(tool: &dyn Tool, what: &str, holds: impl Fn() -> bool) {
    wait(tool, what, || {
        tool.others().act();
        holds()
    });
}

/// Goes through all of it, with a tool that was just told of the environment.
pub(super) fn deploys_corrects_and_prunes(tool: &dyn Tool, repository: &TemporaryRepository) {
    let others = tool.others();
    play_until(tool, "all layers are ready", || {
        begun_layers_wait_for_those_before(tool);
        LAYERS.iter().all(|layer| tool.is_ready(layer))
    });
    assert_eq!(check(repository), (0, Vec::new()), "what was applied is what Git says");

    tool.behind_its_back(&|| {
        tool.cluster().kubectl(&[
            "set",
            "image",
            "deployment/langfuse-web",
            "-n",
            "langfuse",
            "web=registry.example/langfuse:by-hand",
        ]);
        let by_hand = "app Deployment langfuse/langfuse-web changed: spec.template.spec.containers[name=web].image changed";
        assert_eq!(check(repository), (2, vec![by_hand.to_owned()]), "told before it is corrected");
    });
    play_until(tool, "the image is corrected", || {
        !others.get("deployment/langfuse-web", "langfuse").to_string().contains("by-hand")
    });
    assert_eq!(check(repository), (0, Vec::new()), "it was put right");

    assert!(!others.get("networkpolicy/web", "langfuse").is_null(), "it was applied");
    without_the_policy(repository);
    let extra = "app NetworkPolicy langfuse/web extra: ";
    let (status, findings) = check(repository);
    assert!(status == 2 && findings.iter().any(|one| one.starts_with(extra)), "{findings:?}");
    tool.publish(repository);
    play_until(tool, "the policy is pruned", || others.get("networkpolicy/web", "langfuse").is_null());
    assert_eq!(check(repository), (0, Vec::new()), "what left Git left the cluster");
}

/// No object of a layer is there before the layer that it depends on is ready.
fn begun_layers_wait_for_those_before(tool: &dyn Tool) {
    for (number, kind) in FIRST_OF_LAYER.iter().enumerate().skip(1) {
        let begun = !tool.others().list(kind).is_empty();
        let before = LAYERS[number - 1];
        assert!(!begun || tool.was_ready(before), "{} begins before {before} is ready", LAYERS[number]);
    }
}

/// What a check says: its status and a line for each resource that is not in sync.
fn check(repository: &TemporaryRepository) -> (i32, Vec<String>) {
    let run = repository.run(&["check", "--env", "dev", "--only", "kubernetes", "-o", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    (run.status, told(&report))
}

/// Renders and commits the environment without one network policy.
fn without_the_policy(repository: &TemporaryRepository) {
    let path = "overlays/dev/environment.yaml";
    let text = std::fs::read_to_string(repository.path().join(path)).expect("the environment");
    let source = "        - templates: {path: base/app}\n";
    let patch = "      patches:\n        - target: {kind: NetworkPolicy, name: web}\n          patch: |-\n            $patch: delete\n            apiVersion: networking.k8s.io/v1\n            kind: NetworkPolicy\n            metadata: {name: web}\n";
    assert!(text.contains(source), "the layer has its source");
    repository.write(path, &text.replace(source, &format!("{source}{patch}")));
    repository.commit("a policy less");
    let run = repository.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
}
