//! A secret lands nowhere: marked values are planted in every position of the inputs, and everything that comes out is
//! searched for them, in plain text, in base64 and as a part of a URL.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{TemporaryRepository, files_below};

/// Characters that base64 and URLs change, so that the forms differ.
const MARK: &str = "Zq7/canary+Wv9?mark";

const ENVIRONMENT: &str = "\
apiVersion: plimsoll.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {workload: {}}
  layers:
    - name: app
      destination: workload
      namespace: shop
      sources: [{manifests: {path: base/manifests}}, {templates: {path: base/templates}}]
";

/// Each row plants the mark at one place, by a file and its text.
const PLANTED: &[(&str, &str)] = &[
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: MARK}\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: BASE64}\n",
    ),
    ("base/manifests/a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: MARK\n"),
    ("base/manifests/a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: [MARK]\n"),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  key: |\n    one\n    MARK\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a\nstringData: {password: MARK}\n",
    ),
    ("base/manifests/a.yaml", "kind: Secret\nmetadata: {name: a}\nstringData: {password: MARK}\n"),
    ("base/manifests/a.yaml", "kind: Secret\nstringData: {password: \"MARK\n"),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {p: MARK, p: MARK}\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {p: MARK}}]\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {url: \"redis://:URL@cache:6379\"}\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {LANGFUSE_INIT_USER_PASSWORD: MARK}\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {LANGFUSE_INIT_USER_PASSWORD: MARK, b: }}\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    MARK\n",
    ),
    (
        "base/manifests/a.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, env: [{name: POSTGRES_PASSWORD, value: \"MARK\"}]}]}\n",
    ),
    (
        "base/templates/templates/t.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: {{ 'MARK' }}}\n",
    ),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK' | int }}\n"),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK' + 1 }}\n"),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK' | b64decode }}\n"),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK'.nope }}\n"),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK'() }}\n"),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK' | from_yaml | from_json }}\n"),
    ("base/templates/templates/t.yaml", "password: {{ 'MARK' if }}\n"),
    ("base/templates/values.yaml", "password: MARK\n: :\n  - x: [\n"),
    ("base/templates/values.yaml", "- password: MARK\n"),
    ("base/templates/values.yaml", "password: {{ 'MARK' | nope }}\n"),
    ("overlays/dev/app/values.yaml", "password: {{ nope.MARK }}\n"),
    ("overlays/dev/environment.yaml", "spec: {parameters: {password: MARK}, layers: 5}\n"),
    ("overlays/dev/environment.yaml", "spec: {parameters: {password: \"MARK\n"),
    (
        "overlays/dev/environment.yaml",
        "spec: {sync: {flux: {url: \"https://user:URL@git.example/x\", interval: x}}}\n",
    ),
];

#[test]
fn a_planted_secret_is_found_in_nothing_that_comes_out() {
    let base64 = STANDARD.encode(MARK);
    let url = "Zq7%2Fcanary%2BWv9%3Fmark";
    let forms = [MARK, base64.as_str(), url, "canary", &base64[4..20]];
    for (file, text) in PLANTED {
        let repository = TemporaryRepository::new();
        repository.write("overlays/dev/environment.yaml", ENVIRONMENT);
        repository
            .write("base/manifests/plain.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n");
        repository.write("base/templates/templates/plain.yaml", "# {{ environment.name }}\n");
        repository.commit("without a secret");
        let planted = text.replace("MARK", MARK).replace("BASE64", &base64).replace("URL", url);
        repository.write(file, &planted);
        for arguments in [
            &["render", "--env", "dev", "-vv"][..],
            &["render", "--env", "dev", "-o", "json"],
            &["render", "--env", "dev", "--check"],
            &["render", "--env", "dev", "--no-commit", "--adopt"],
        ] {
            let run = repository.run(arguments);
            assert!(matches!(run.status, 1 | 4), "{text}{run}");
            for form in forms {
                assert!(!run.stdout.contains(form) && !run.stderr.contains(form), "{form} of {text}\n{run}");
            }
        }
        search_files(&repository.path().join(".git"), &forms, text);
        assert!(!repository.path().join("environments").exists(), "{text}");
        assert_eq!(repository.git(&["log", "--format=%s"]), "without a secret\n");
    }
}

/// Loose objects are compressed, so Git is asked for their contents.
fn search_files(git: &Path, forms: &[&str], text: &str) {
    for (name, path) in files_below(git) {
        let bytes = std::fs::read(path).expect("a file");
        let content = String::from_utf8_lossy(&bytes);
        for form in forms {
            assert!(!content.contains(form), "{form} of {text} in {name}");
        }
    }
    let output = std::process::Command::new("git")
        .arg("--git-dir")
        .arg(git)
        .args(["cat-file", "--batch", "--batch-all-objects", "--buffer"])
        .output()
        .expect("git starts");
    let content = String::from_utf8_lossy(&output.stdout);
    assert!(content.contains("without a secret"));
    for form in forms {
        assert!(!content.contains(form), "{form} of {text} in the object store");
    }
}
