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
