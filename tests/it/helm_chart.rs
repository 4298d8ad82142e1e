//! The chart of Langfuse through an environment: refused while the chart makes up credentials, rendered once they exist.
//!
//! The chart is not ours and not kept here: it is found in the corpus that `PLIMSOLL_SHARED` names.

use std::path::PathBuf;

use crate::support::{TemporaryRepository, files_below};

const ENVIRONMENT: &str = "\
apiVersion: plimsoll.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {workload: {}}
  layers:
    - name: app
      destination: workload
      namespace: langfuse
      sources:
        - helm: {chart: base/langfuse.tgz, version: 1.5.41, release: langfuse, values: [langfuse.yaml]}
";

const VALUES: &str = "\
langfuse:
  salt: {secretKeyRef: {name: langfuse-keys, key: salt}}
  encryptionKey: {secretKeyRef: {name: langfuse-keys, key: encryption-key}}
  nextauth: {secret: {secretKeyRef: {name: langfuse-keys, key: nextauth}}}
  serviceAccount: {create: true}
postgresql:
  deploy: false
  host: db.example.com
  auth: {username: langfuse, database: langfuse, existingSecret: langfuse-db, secretKeys: {userPasswordKey: password}}
clickhouse:
  replicaCount: 1
  zookeeper: {enabled: false}
  auth: {existingSecret: langfuse-clickhouse-login, existingSecretKey: password}
s3: {deploy: false, bucket: langfuse-dev, region: eu-central-1, forcePathStyle: false}
";

fn repository(redis: &str) -> Option<TemporaryRepository> {
    let Some(shared) = std::env::var_os("PLIMSOLL_SHARED") else {
        #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
        {
            eprintln!("skipped: PLIMSOLL_SHARED does not name the corpora");
        }
        return None;
    };
    let chart = PathBuf::from(shared).join("corpus/helm/charts/langfuse-1.5.41.tgz");
    let repository = TemporaryRepository::new();
    repository.write("overlays/dev/environment.yaml", ENVIRONMENT);
    repository.write("overlays/dev/app/langfuse.yaml", &format!("{VALUES}redis: {{auth: {redis}}}\n"));
    repository.write("base/.keep", "");
    std::fs::copy(chart, repository.path().join("base/langfuse.tgz")).expect("the chart is in the corpus");
    repository.commit("inputs");
    Some(repository)
}

#[test]
fn a_password_that_the_chart_makes_up_is_refused_by_name() {
    let Some(repository) = repository("{password: \"\"}") else { return };
    let run = repository.run(&["render", "--env", "dev", "--no-commit"]);
    assert_eq!(run.status, 4, "{}", run.stderr);
    assert!(run.stderr.contains("error[random::value]"), "{}", run.stderr);
    assert!(run.stderr.contains("it reaches `Secret langfuse-redis`"), "{}", run.stderr);
    assert!(!repository.path().join("environments").exists());
}

#[test]
fn existing_secrets_make_the_chart_render_the_same_each_time() {
    let existing = "{existingSecret: langfuse-redis-login, existingSecretPasswordKey: password}";
    let Some(repository) = repository(existing) else { return };
    let run = repository.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let files = files_below(&repository.path().join("environments/dev/app"));
    assert_eq!(files.len(), 22, "{files:?}");
    assert!(files.iter().all(|(path, _)| !path.contains("/secret-")), "{files:?}");
    assert_eq!(repository.run(&["render", "--env", "dev", "--check"]).status, 0);
}

/// The guide's credentials as they stand in its values file, which only a permission lets through.
const INLINE: &str = "\
langfuse:
  salt: {value: salt-of-the-test}
  encryptionKey: {value: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
  nextauth: {secret: {value: secret-of-the-test}}
  serviceAccount: {create: true}
postgresql:
  deploy: false
  host: db.example.com
  auth: {username: langfuse, password: password-of-the-test, database: langfuse}
clickhouse:
  replicaCount: 1
  zookeeper: {enabled: false}
  auth: {password: password-of-the-test}
s3: {deploy: false, bucket: langfuse-dev, region: eu-central-1, forcePathStyle: false}
";

#[test]
fn credentials_in_values_give_all_resources_only_where_they_are_permitted() {
    let Some(repository) = repository("{password: \"\"}") else { return };
    let values = format!("{INLINE}redis: {{auth: {{password: password-of-the-test}}}}\n");
    repository.write("overlays/dev/app/langfuse.yaml", &values);
    let refused = repository.run(&["render", "--env", "dev", "--no-commit"]);
    assert!(refused.status == 4 && !refused.stderr.contains("of-the-test"), "{refused}");
    let permission = "  secrets: {allow: [{name: \"*\", keys: [\"*\"], reason: \"made up for a test\"}]}\n";
    repository.write("overlays/dev/environment.yaml", &format!("{ENVIRONMENT}{permission}"));
    let run = repository.run(&["render", "--env", "dev", "--no-commit"]);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(files_below(&repository.path().join("environments/dev/app")).len(), 26);
}

/// What the values file of the deployment guide for Langfuse gets wrong, and the chart takes without a word.
const MISTAKES: &str = "\
langfuse:
  salt: {secretKeyRef: {name: langfuse-keys, key: salt}}
  encryptionKey: {secretKeyRef: {name: langfuse-keys, key: encryption-key}}
  nextauth:
    secret: {secretKeyRef: {name: langfuse-keys, key: nextauth}}
    url:
      value: http://localhost:3000
  extraEnv:
    - {name: AUTH_DISABLE_SIGNUP, value: \"true\"}
postgresql:
  deploy: false
  host: db.example.com
  auth: {username: langfuse, database: langfuse, existingSecret: langfuse-db, secretKeys: {userPasswordKey: password}}
clickhouse:
  auth: {existingSecret: langfuse-clickhouse-login, existingSecretKey: password}
s3: {deploy: false, bucket: langfuse-dev, region: eu-central-1, forcePathStyle: false}
";

#[test]
fn values_that_the_chart_does_not_know_are_told_with_what_is_meant() {
    let existing = "{existingSecret: langfuse-redis-login, existingSecretPasswordKey: password}";
    let Some(repository) = repository(existing) else { return };
    repository.write("overlays/dev/app/langfuse.yaml", &format!("{MISTAKES}redis: {{auth: {existing}}}\n"));
    let warned = repository.run(&["render", "--env", "dev", "--no-commit"]);
    let told = "\
warning[values::unknown]: the chart `langfuse` does not know the value `langfuse.extraEnv`
 --> overlays/dev/app/langfuse.yaml:8:3
  |
8 |   extraEnv:
  |   ^^^^^^^^
  = environment: dev
  = help: did you mean `additionalEnv`?

warning[values::unknown]: the chart `langfuse` does not know the value `langfuse.nextauth.url.value`
 --> overlays/dev/app/langfuse.yaml:7:7
  |
7 |       value: http://localhost:3000
  |       ^^^^^
  = environment: dev
  = help: `langfuse.nextauth.url` is no object in the chart: give it a plain value
";
    assert_eq!(warned.status, 0, "{warned}");
    assert!(warned.stderr.contains(told), "{warned}");
    let refused = repository.run(&["render", "--env", "dev", "--no-commit", "--strict-values"]);
    assert_eq!((refused.status, refused.stderr), (1, told.replace("warning[", "error[")));
}

/// Two nodes of the size that the guide names, in a layer before the chart's.
const NODES: &str = "\
apiVersion: eks.aws.m.upbound.io/v1beta1
kind: NodeGroup
metadata: {name: nodes, namespace: network}
spec:
  forProvider:
    region: eu-central-1
    clusterName: langfuse-dev
    instanceTypes: [t3.medium]
    scalingConfig: {desiredSize: 2, maxSize: 2, minSize: 2}
    subnetIds: [subnet-1]
    nodeRoleArn: \"arn:aws:iam::111122223333:role/nodes\"
";

const WITH_NODES: &str = "\
apiVersion: plimsoll.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {workload: {}, management: {}}
  kinds: [{group: eks.aws.m.upbound.io, kind: NodeGroup, scope: Namespaced}]
  layers:
    - {name: network, destination: management, sources: [{manifests: {path: base/network}}]}
    - name: app
      destination: workload
      namespace: langfuse
      dependsOn: [network]
      sources:
        - helm: {chart: base/langfuse.tgz, version: 1.5.41, release: langfuse, values: [langfuse.yaml]}
";

#[test]
fn sizes_that_nobody_chose_are_told_where_the_nodes_do_not_hold_them() {
    let existing = "{existingSecret: langfuse-redis-login, existingSecretPasswordKey: password}";
    let Some(repository) = repository(existing) else { return };
    repository.write("overlays/dev/environment.yaml", WITH_NODES);
    repository.write("base/network/nodes.yaml", NODES);
    let right =
        MISTAKES.replace("    url:\n      value: http", "    url: http").replace("extraEnv", "additionalEnv");
    repository.write("overlays/dev/app/langfuse.yaml", &format!("{right}redis: {{auth: {existing}}}\n"));
    let warned = repository.run(&["render", "--env", "dev", "--no-commit"]);
    let told = "\
warning[values::default-size]: `StatefulSet langfuse-clickhouse-shard0` has the size that the chart `langfuse` chose, 3 pods, each of 1.00 CPU and 3.00 GiB, and the nodes are too small
  --> overlays/dev/app/langfuse.yaml:13:1
   |
13 | clickhouse:
   | ^^^^^^^^^^
   = caused by: all pods request 3.85 CPU and 9.87 GiB, but 2 nodes have 3.50 CPU and 6.49 GiB for them
   = environment: dev
   = help: choose a size: set `clickhouse.replicaCount`, `clickhouse.resources`, `clickhouse.resourcesPreset`

warning[values::default-size]: `StatefulSet langfuse-zookeeper` has the size that the chart `langfuse` chose, 3 pods, each of 0.25 CPU and 0.25 GiB, and the nodes are too small
  --> overlays/dev/app/langfuse.yaml:13:1
   |
13 | clickhouse:
   | ^^^^^^^^^^
   = caused by: all pods request 3.85 CPU and 9.87 GiB, but 2 nodes have 3.50 CPU and 6.49 GiB for them
   = environment: dev
   = help: choose a size: set `clickhouse.zookeeper.replicaCount`, `clickhouse.zookeeper.resources`, `clickhouse.zookeeper.resourcesPreset`
";
    assert_eq!(warned.status, 0, "{warned}");
    assert!(warned.stderr.contains(told), "{warned}");
    let refused = repository.run(&["render", "--env", "dev", "--no-commit", "--strict-values"]);
    assert_eq!((refused.status, refused.stderr), (1, told.replace("warning[", "error[")));
    let chosen = right.replace(
        "clickhouse:\n",
        "clickhouse:\n  replicaCount: 1\n  resourcesPreset: small\n  zookeeper: {enabled: false}\n",
    );
    repository.write("overlays/dev/app/langfuse.yaml", &format!("{chosen}redis: {{auth: {existing}}}\n"));
    let fits = repository.run(&["render", "--env", "dev", "--no-commit", "--strict-values"]);
    assert_eq!(fits.status, 0, "{fits}");
}
