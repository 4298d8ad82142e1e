//! `check` of clusters that an environment names by their names in EKS: from the name in Git to objects of a real API server.
//!
//! The account is moto's. Its answer about a cluster gets the endpoint and the authority of a kube-apiserver of the test, which
//! asks an authenticator as EKS's control plane does. Where a program is missing the tests are skipped, and say so.

mod account_front;
mod authenticator;

use serde_json::Value;

use self::account_front::ControlPlane;
use self::authenticator::Authenticator;
use crate::check::lab::Cluster;
use crate::support::expected::{assert_none, compare, package};
use crate::support::{Run, TemporaryRepository};

/// What no output may show.
const NEVER: [&str; 2] = ["never-show-this", "k8s-aws-v1."];

/// What signs in the test's account, by whom the account shows to the program.
const SECRET: &str = "never-show-this-key";

/// The clusters of the account.
const CLUSTERS: [&str; 5] = ["shop", "other", "denied", "unborn", "foreign"];

const MANIFEST: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {mode: production}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"registry.example/web:1\"}]}
";

#[test]
fn clusters_are_reached_by_their_names_in_eks() {
    let Some(mut account) = crate::aws::account() else { return };
    account.take(&clusters());
    let authenticator = Authenticator { cluster: "shop", sts_port: account.port(), secret: SECRET };
    let reviews = authenticator.clone().serve();
    let Some(cluster) = Cluster::start_with_reviews(reviews.port) else { return };
    let plane = ControlPlane { endpoint: cluster.address(), authority: cluster.authority() };
    let front = account_front::serve(account.port(), plane);

    let repository = TemporaryRepository::new();
    repository.write("environments/dev/app/shop.yaml", MANIFEST);
    let manifest = repository.path().join("environments/dev/app/shop.yaml").display().to_string();
    cluster.kubectl(&["create", "namespace", "shop"]);
    cluster.kubectl(&["apply", "--server-side", "--field-manager=kustomize-controller", "-f", &manifest]);
    let check = |name: &str, more: &[&str]| {
        let environment = format!(
            "apiVersion: plimsoll.dev/v1alpha1\nkind: Environment\nmetadata: {{name: dev}}\nspec:\n  aws: {{accountId: \"111122223333\", region: eu-central-1, endpointUrl: \"http://127.0.0.1:{}\"}}\n  clusters: {{workload: {{eks: {{name: {name}}}}}}}\n  layers: [{{name: app, destination: workload, namespace: shop, sources: [{{manifests: {{path: base/app}}}}]}}]\n",
            front.port
        );
        repository.write("overlays/dev/environment.yaml", &environment);
        repository.commit("the environment");
        let mut command = repository.command();
        account.show_to(&mut command);
        let run = Run::of_command(command.args(["check", "--env", "dev", "-vv"]).args(more));
        let said = run.to_string();
        NEVER.iter().for_each(|never| assert!(!said.contains(never), "{never} is shown: {said}"));
        run
    };

    let run = check("shop", &["-o", "json"]);
    let refused: Vec<String> =
        reviews.received().iter().filter_map(|request| authenticator.refusal(request)).collect();
    assert_eq!(
        (refused, reviews.received().is_empty()),
        (Vec::new(), false),
        "the API server asks who it is"
    );
    assert_eq!((run.status, states(&run)), (0, vec![("inSync".to_owned(), String::new()); 2]), "{run}");
    let image = ["set", "image", "deployment/web", "-n", "shop", "web=registry.example/web:by-hand"];
    cluster.kubectl(&image);
    let run = check("shop", &["-o", "json"]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stdout.contains("spec.template.spec.containers[name=web].image"), "{run}");

    let mut wrong = Vec::new();
    for name in ["gone", "denied", "unborn", "foreign", "other"] {
        let run = check(name, &["--only", "kubernetes", "-o", "json"]);
        let unknown = states(&run).iter().all(|(state, _)| state == "unknown");
        if run.status != 1 || !unknown || states(&run).len() != 2 {
            wrong.push(format!("{name}: {run}"));
        }
        // The account itself can be read, so the whole is incomplete and no more.
        let run = check(name, &[]);
        let told = format!("status {}\n{}", run.status, without_revision(&run.stdout));
        wrong.extend(compare(&package().join(format!("tests/corpus/eks/{name}.txt")), &told));
    }
    assert_none(&wrong);
}

/// The account's clusters, as EKS is told to make them.
fn clusters() -> Vec<crate::aws::account::Step> {
    let steps = CLUSTERS.iter().map(|name| {
        serde_json::json!({"service": "eks", "rest": "POST /clusters",
            "body": format!("{{\"name\": \"{name}\", \"roleArn\": \"arn:aws:iam::111122223333:role/eks\", \"resourcesVpcConfig\": {{}}}}")})
    });
    steps.map(|step| serde_json::from_value(step).expect("a step")).collect()
}

fn states(run: &Run) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resources = report["resources"].as_array().expect("a list");
    resources.iter().map(|resource| (text(&resource["state"]), text(&resource["cause"]))).collect()
}

/// A report without the commit, whose name is another in every run.
fn without_revision(text: &str) -> String {
    let words = text.split_once(" at ").and_then(|(before, rest)| Some((before, rest.split_once(": ")?.1)));
    words.map_or_else(|| text.to_owned(), |(before, rest)| format!("{before}: {rest}"))
}
