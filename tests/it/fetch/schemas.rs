//! Definitions from a provider's package in a real registry, and from a folder, and what rendering makes of them.

use super::registry::Registry;
use super::{Scene, packaged, settled, sha256};
use crate::support::peer;

const DEFINITIONS: &str = "\
apiVersion: meta.pkg.crossplane.io/v1
kind: Provider
metadata: {name: provider-boats}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.sea.example.org}
spec:
  group: sea.example.org
  names: {kind: Boat, plural: boats, singular: boat, listKind: BoatList}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          description: A boat.
          properties:
            spec:
              type: object
              required: [length]
              properties: {length: {type: integer, maximum: 50}, name: {type: string}}
";

/// The environment's resources: a provider, and one of the boats that it is for.
fn write(scene: &Scene, package: &str, length: &str) {
    let environment = "\
apiVersion: plimsoll.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {management: {}}
  kinds: [{group: sea.example.org, kind: Boat, scope: Namespaced}]
  layers:
    - {name: platform, destination: management, sources: [manifests: {path: base/platform}]}
    - {name: deps, destination: management, namespace: team, dependsOn: [platform], sources: [manifests: {path: base/deps}]}
";
    scene.repository.write("overlays/dev/environment.yaml", environment);
    let provider = format!(
        "apiVersion: pkg.crossplane.io/v1\nkind: Provider\nmetadata: {{name: provider-boats}}\nspec: {{package: \"{package}\"}}\n"
    );
    scene.repository.write("base/platform/provider.yaml", &provider);
    let boat = format!(
        "apiVersion: sea.example.org/v1\nkind: Boat\nmetadata: {{name: argo}}\nspec:\n  length: {length}\n"
    );
    scene.repository.write("base/deps/boat.yaml", &boat);
    scene.repository.commit("inputs");
}

const TOO_LONG: &str = "\
error[manifest::invalid]: `spec.length` of `Boat.sea.example.org team/argo` is refused: spec.length in body should be less than or equal to 50
 --> base/deps/boat.yaml:5:11
  |
5 |   length: 500
  |           ^^^
  = field: spec.length
  = environment: dev
";

#[test]
fn resources_are_validated_by_what_the_package_of_their_provider_defines() {
    let Some(program) = peer("REGISTRY") else { return };
    let scene = Scene::new();
    let registry = Registry::start(&program, scene.home.path());
    let base = packaged(&[("package.yaml", DEFINITIONS)]);
    let program_layer = packaged(&[("bin/provider", "not what is asked for")]);
    let layer = |bytes: &[u8], annotations: &str| {
        format!(
            "{{\"mediaType\": \"application/vnd.oci.image.layer.v1.tar+gzip\", \"digest\": \"sha256:{}\", \"size\": {}{annotations}}}",
            sha256(bytes),
            bytes.len()
        )
    };
    let manifest = format!(
        "{{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", \"config\": \
         {{\"mediaType\": \"application/vnd.oci.image.config.v1+json\", \"digest\": \"sha256:{}\", \"size\": 2}}, \"layers\": [{}, {}]}}",
        sha256(b"{}"),
        layer(&program_layer, ""),
        layer(&base, ", \"annotations\": {\"io.crossplane.xpkg\": \"base\"}"),
    );
    registry.push_image("team/provider-boats", "v1.2.3", &manifest, &[&base, &program_layer]);
    let host = format!("localhost:{}", registry.port);
    scene.log_in(&host, "cmVhZGVyOnNlY3JldA==");
    write(&scene, &format!("{host}/team/provider-boats:v1.2.3"), "500");

    scene.run(&["fetch", "--env", "dev"]).assert(0, "dev: nothing comes from elsewhere\n", "");
    assert_eq!(scene.run(&["render", "--env", "dev", "--dry-run"]).status, 0);
    scene.run(&["fetch", "--env", "dev", "--schemas"]).assert(
        0,
        "dev: 1 pinned, 1 downloaded; wrote overlays/dev/plimsoll.fetch.yaml\n",
        "",
    );
    let pins = settled(&scene.pins(), &[registry.port]);
    let digest = format!("- digest: sha256:{}\n", sha256(manifest.as_bytes()));
    assert!(
        pins.contains(&digest) && pins.contains("  package: localhost:PORT/team/provider-boats:v1.2.3\n"),
        "{pins}"
    );
    scene.run(&["render", "--env", "dev"]).assert(1, "", TOO_LONG);
    write(&scene, &format!("{host}/team/provider-boats:v1.2.3"), "5");
    assert_eq!(scene.run(&["render", "--env", "dev", "--dry-run"]).status, 0);

    // What is pinned comes again by its digest, wherever the tag has gone meanwhile.
    super::remove(&scene.contents());
    let missing = scene.run(&["render", "--env", "dev", "--dry-run"]);
    assert!(missing.status == 1 && missing.stderr.contains("error[fetch::missing]"), "{missing}");
    let other = packaged(&[("package.yaml", "kind: Provider\napiVersion: meta.pkg.crossplane.io/v1\n")]);
    let moved = manifest.replace(&sha256(&base), &sha256(&other)).replace(
        &format!("\"size\": {}, \"annotations\"", base.len()),
        &format!("\"size\": {}, \"annotations\"", other.len()),
    );
    registry.push_image("team/provider-boats", "v1.2.3", &moved, &[&other]);
    scene.run(&["fetch", "--env", "dev", "--locked"]).assert(0, "dev: 1 pinned, 1 downloaded\n", "");

    // A provider of another version is not what is pinned.
    write(&scene, &format!("{host}/team/provider-boats:v1.2.4"), "5");
    let stale = scene.run(&["fetch", "--env", "dev", "--locked"]);
    let told = settled(&stale.stderr, &[registry.port]);
    let expected =
        "error[fetch::stale]: `localhost:PORT/team/provider-boats:v1.2.3` is pinned and not needed\n";
    assert!(stale.status == 1 && told.starts_with(expected), "{told}");
    let absent = scene.run(&["fetch", "--env", "dev", "--schemas"]);
    let told = settled(&absent.stderr, &[registry.port]);
    let expected = "error[fetch::not-found]: `localhost:PORT` does not have the package `localhost:PORT/team/provider-boats:v1.2.4`\n";
    assert!(absent.status == 1 && told.starts_with(expected), "{told}");
}

#[test]
fn resources_are_validated_by_definitions_of_a_folder() {
    let scene = Scene::new();
    write(&scene, "registry.example.com/team/provider-boats:v1.2.3", "500");
    scene.repository.write("vendor/definitions/boats.yaml", DEFINITIONS);
    scene.run(&["fetch", "--env", "dev", "--schemas-from", "vendor/definitions"]).assert(
        0,
        "dev: 1 pinned, 0 downloaded; wrote overlays/dev/plimsoll.fetch.yaml\n",
        "",
    );
    scene.run(&["render", "--env", "dev"]).assert(1, "", TOO_LONG);
    scene.run(&["fetch", "--env", "dev", "--locked"]).assert(0, "dev: 1 pinned, 0 downloaded\n", "");

    let floating = "registry.example.com/team/provider-boats:latest";
    write(&scene, floating, "5");
    scene.run(&["fetch", "--env", "dev", "--schemas"]).assert(
        1,
        "",
        &format!(
            "error[fetch::floating]: `{floating}` may mean another package tomorrow\n  = environment: dev\n  \
             = help: name one version, such as `:v1.2.3`, or a digest\n"
        ),
    );
    let empty = scene.run(&["fetch", "--env", "dev", "--schemas-from", "base/deps"]);
    let expected = "error[fetch::package]: the definitions in `base/deps` cannot be read\n";
    assert!(empty.status == 1 && empty.stderr.starts_with(expected), "{empty}");
}
