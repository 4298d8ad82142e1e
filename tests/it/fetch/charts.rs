//! Charts from an HTTP repository with TLS: pinned, rendered offline, and everything that must not enter the cache.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use super::{Scene, chart, packaged, remove, settled, sha256};
use crate::support::server::{Answer, Received, Server};

/// A repository of one chart.
fn repository_of(scene: &Scene, index: String, package: Vec<u8>) -> Server {
    Server::start(Some(Arc::clone(&scene.tls)), move |request| match request.target.as_str() {
        "/charts/index.yaml" => Answer::ok(index.clone()),
        "/charts/shop-1.2.3.tgz" => Answer::ok(package.clone()),
        _ => Answer::of_status(404, "nothing here"),
    })
}

fn index(entries: &str) -> String {
    format!("apiVersion: v1\nentries:\n  shop:\n{entries}")
}

fn entry(package: &[u8]) -> String {
    index(&format!("  - {{version: 1.2.3, urls: [shop-1.2.3.tgz], digest: {}}}\n", sha256(package)))
}

fn source(server: &Server) -> String {
    format!(
        "        - helm: {{chart: shop, repository: \"{}/charts\", version: 1.2.3, release: web, valuesObject: {{greeting: hi}}}}\n",
        server.address()
    )
}

#[test]
fn a_chart_is_fetched_once_and_rendered_without_the_network() {
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let server = repository_of(&scene, entry(&package), package.clone());
    scene.declare(&source(&server));

    let missing = scene.run(&["render", "--env", "dev"]);
    assert_eq!(
        (missing.status, shortened(&missing.stderr, server.port).as_str()),
        (
            1,
            "error[fetch::missing]: the chart `https://localhost:PORT/charts/shop 1.2.3` is not fetched\n  --> PLACE\n   \
             = help: run `plimsoll fetch --env dev`; rendering itself never uses the network\n"
        )
    );
    assert_eq!(server.received().len(), 0);

    scene.run(&["fetch", "--env", "dev"]).assert(
        0,
        "dev: 1 pinned, 1 downloaded; wrote overlays/dev/plimsoll.fetch.yaml\n",
        "",
    );
    assert_eq!(
        scene.pins(),
        format!(
            "# Written by plimsoll fetch: what the environment takes from elsewhere, by the digest of its bytes.\n\
             apiVersion: plimsoll.dev/v1alpha1\ncharts:\n- name: shop\n  repository: {}/charts\n  sha256: {}\n  version: 1.2.3\nkind: FetchPins\n",
            server.address(),
            sha256(&package)
        )
    );
    let asked = server.received().len();
    scene.run(&["fetch", "--env", "dev"]).assert(0, "dev: 1 pinned, 0 downloaded\n", "");
    assert_eq!(scene.run(&["render", "--env", "dev"]).status, 0);
    assert_eq!(
        scene.rendered("configmap-web-shop.yaml"),
        "apiVersion: v1\ndata:\n  greeting: hi\n  version: 1.2.3\nkind: ConfigMap\nmetadata:\n  name: web-shop\n  namespace: shop\n"
    );
    assert_eq!(scene.run(&["render", "--env", "dev", "--check"]).status, 0);
    assert_eq!(server.received().len(), asked, "what is cached is not asked for again");

    remove(&scene.contents());
    assert_eq!(scene.run(&["render", "--env", "dev", "--check"]).status, 1);
    scene.run(&["fetch", "--env", "dev", "--locked"]).assert(0, "dev: 1 pinned, 1 downloaded\n", "");
    assert_eq!(scene.run(&["render", "--env", "dev", "--check"]).status, 0);

    let cached = scene.contents().join(sha256(&package));
    std::fs::write(&cached, "forged").expect("a file");
    let run = scene.run(&["render", "--env", "dev", "--check"]);
    let told = format!(
        "error[fetch::cache]: a file of the cache is not what it was when it was fetched\n  = caused by: its SHA-256 should be {}\n  \
         = environment: dev\n  = help: run `plimsoll fetch --env dev`; rendering itself never uses the network\n",
        sha256(&package)
    );
    run.assert(1, "", &told);
}

#[test]
fn what_is_wrong_is_refused_and_never_enters_the_cache() {
    let package = chart("shop", "1.2.3");
    let good = entry(&package);
    let once = "  - {version: 1.2.3, urls: [shop-1.2.3.tgz]}\n";
    let cases: [(&str, String, Answer, &str); 9] = [
        (
            "a version that stands twice",
            index(&once.repeat(2)),
            Answer::ok(package.clone()),
            "error[fetch::index]: the index of `https://localhost:PORT/charts` cannot be used\n  --> PLACE\n   = caused by: version 1.2.3 of `shop` stands twice in it\n   \
             = help: tell whoever keeps the repository: which of the two is meant, nobody can know\n",
        ),
        (
            "a key that stands twice",
            format!("{}  shop: []\n", index(once)),
            Answer::ok(package.clone()),
            "error[fetch::index]: the index of `https://localhost:PORT/charts` cannot be used\n  --> PLACE\n   = caused by: it is no YAML, or has a key twice\n",
        ),
        (
            "a version that is not there",
            index("  - {version: 1.2.4, urls: [x.tgz]}\n"),
            Answer::ok(package.clone()),
            "error[fetch::not-found]: `https://localhost:PORT/charts` has no version 1.2.3 of `shop`\n  --> PLACE\n   \
             = help: did you mean `1.2.4`?\n",
        ),
        (
            "bytes that are not those of the index",
            good.clone(),
            Answer::ok(chart("shop", "1.2.4")),
            "error[fetch::mismatch]: the chart `https://localhost:PORT/charts/shop 1.2.3` is not what the index says\n  --> PLACE\n   \
             = caused by: the index says sha256:SHA\n   = caused by: what came has sha256:SHA\n",
        ),
        (
            "another chart",
            index(once),
            Answer::ok(chart("shop", "1.2.4")),
            "error[fetch::chart]: `https://localhost:PORT/charts/shop 1.2.3` is no chart of that name and version\n  --> PLACE\n   \
             = caused by: its Chart.yaml says `shop` 1.2.4\n",
        ),
        (
            "an end that comes too early",
            good.clone(),
            Answer { length: package.len() + 10, ..Answer::ok(package.clone()) },
            "error[fetch::unreachable]: `https://localhost:PORT/charts/shop-1.2.3.tgz` was not received whole\n  --> PLACE\n",
        ),
        (
            "far too many bytes",
            good.clone(),
            Answer { length: 1 << 30, ..Answer::ok(package.clone()) },
            "error[fetch::too-large]: `https://localhost:PORT/charts/shop-1.2.3.tgz` has more than 33554432 bytes\n  --> PLACE\n",
        ),
        (
            "a server that refuses",
            good.clone(),
            Answer::of_status(403, "secret words"),
            "error[fetch::denied]: `localhost:PORT` does not give the chart `https://localhost:PORT/charts/shop 1.2.3`\n  --> PLACE\n   \
             = caused by: its status is 403 Forbidden\n",
        ),
        (
            "a redirect to an open connection",
            good,
            Answer::of_status(302, "").with("location", "http://127.0.0.1:1/shop.tgz"),
            "error[fetch::unreachable]: `https://localhost:PORT/charts/shop-1.2.3.tgz` redirects to a connection that is not encrypted\n  \
             --> PLACE\n",
        ),
    ];
    let scene = Scene::new();
    let state = Arc::new(Mutex::new((String::new(), Answer::ok(""))));
    let shared = Arc::clone(&state);
    let server = Server::start(Some(Arc::clone(&scene.tls)), move |request: &Received| {
        let (index, package) = shared.lock().expect("no test panics with the lock").clone();
        if request.target.ends_with("index.yaml") { Answer::ok(index) } else { package }
    });
    scene.declare(&source(&server));
    for (what, index, package, expected) in cases {
        *state.lock().expect("no server panics with the lock") = (index, package);
        let run = scene.run(&["fetch", "--env", "dev"]);
        assert_eq!((run.status, shortened(&run.stderr, server.port).as_str()), (1, expected), "{what}");
        assert_eq!(run.stdout, "", "{what}");
        assert_eq!(scene.cached(), 0, "{what}");
        assert_eq!(scene.pins(), "", "{what}");
    }
}

/// The text without the excerpt, which repeats the environment, and without what differs from run to run.
fn shortened(text: &str, port: u16) -> String {
    let text = settled(text, &[port]);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let is_excerpt = line.trim_start().starts_with(|first: char| first == '|' || first.is_ascii_digit());
        let is_library = line.contains("= caused by: ") && line.contains("error ");
        let is_environment = line.ends_with("= environment: dev");
        if line.starts_with("  --> ") {
            lines.push("  --> PLACE".to_owned());
        } else if !is_excerpt && !is_library && !is_environment {
            let hash = line.split_once("sha256:").map(|(before, _)| format!("{before}sha256:SHA"));
            lines.push(hash.unwrap_or_else(|| line.to_owned()));
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn what_was_published_again_is_not_what_is_pinned() {
    let scene = Scene::new();
    let package = Arc::new(Mutex::new(chart("shop", "1.2.3")));
    let shared = Arc::clone(&package);
    let server = Server::start(Some(Arc::clone(&scene.tls)), move |request: &Received| {
        let package = shared.lock().expect("no test panics with the lock").clone();
        if request.target.ends_with("index.yaml") { Answer::ok(entry(&package)) } else { Answer::ok(package) }
    });
    scene.declare(&source(&server));
    assert_eq!(scene.run(&["fetch", "--env", "dev"]).status, 0);
    let pins = scene.pins();
    *package.lock().expect("no server panics with the lock") = packaged(&[
        ("shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.2.3\n"),
        ("shop/templates/other.yaml", "other: true\n"),
    ]);
    remove(&scene.contents());
    let run = scene.run(&["fetch", "--env", "dev"]);
    assert_eq!(
        (run.status, shortened(&run.stderr, server.port).as_str()),
        (
            1,
            "error[fetch::mismatch]: `https://localhost:PORT/charts/shop 1.2.3` is not what is pinned\n  --> PLACE\n   \
             = caused by: the pin says sha256:SHA\n   = caused by: what came has sha256:SHA\n   \
             = help: find out why it changed; to take it as it is now, delete its entry from plimsoll.fetch.yaml and fetch again\n"
        )
    );
    assert_eq!((scene.pins(), scene.cached()), (pins, 0));
}

#[test]
fn credentials_go_to_their_host_and_never_across_a_redirect() {
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let elsewhere = {
        let package = package.clone();
        Server::start(Some(Arc::clone(&scene.tls)), move |_| Answer::ok(package.clone()))
    };
    let target = Arc::new(AtomicU16::new(elsewhere.port));
    let index = entry(&package);
    let server = Server::start(Some(Arc::clone(&scene.tls)), move |request| {
        if request.header("authorization") != Some("Basic bWU6c2VjcmV0") {
            return Answer::of_status(401, "");
        }
        if request.target.ends_with("index.yaml") {
            return Answer::ok(index.clone());
        }
        let port = target.load(Ordering::Relaxed);
        Answer::of_status(302, "").with("location", &format!("https://localhost:{port}/blob?signature=x"))
    });
    scene.declare(&source(&server));
    assert_eq!(scene.run(&["fetch", "--env", "dev"]).status, 1, "without credentials nothing is given");
    scene.log_in(&format!("localhost:{}", server.port), "bWU6c2VjcmV0");
    let run = scene.run(&["fetch", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    let redirected = elsewhere.received();
    assert_eq!(redirected.len(), 1);
    assert_eq!(redirected[0].header("authorization"), None);
}

#[test]
fn locked_dependencies_come_along() {
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let server = repository_of(&scene, entry(&package), package);
    let address = server.address();
    scene.repository.write(
        "base/umbrella/Chart.yaml",
        &format!(
            "apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies:\n- {{name: shop, version: ^1.0.0, repository: \"{address}/charts\"}}\n"
        ),
    );
    scene.declare("        - helm: {chart: base/umbrella, release: web}\n");
    let run = scene.run(&["fetch", "--env", "dev"]);
    assert_eq!(
        (run.status, shortened(&run.stderr, server.port).as_str()),
        (
            1,
            "error[fetch::floating]: dependency `shop` of `umbrella`: the version may mean another chart tomorrow\n  --> PLACE\n   \
             = help: run `helm dependency update` for the chart, so that its Chart.lock settles the version\n"
        )
    );
    scene.repository.write(
        "base/umbrella/Chart.lock",
        &format!("dependencies:\n- {{name: shop, version: 1.2.3, repository: \"{address}/charts\"}}\ndigest: sha256:0\n"),
    );
    assert_eq!(scene.run(&["fetch", "--env", "dev"]).status, 0);
    let run = scene.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(scene.rendered("configmap-web-shop.yaml").contains("greeting: hello"));
}

#[test]
fn charts_of_kustomizations_are_found_and_pinned() {
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let server = repository_of(&scene, entry(&package), package);
    let kustomization = format!(
        "namePrefix: my-\nhelmCharts:\n- {{name: shop, repo: \"{}/charts\", version: 1.2.3, releaseName: web, valuesInline: {{greeting: hi}}}}\n",
        server.address()
    );
    scene.repository.write("base/app/kustomization.yaml", &kustomization);
    scene.declare("        - kustomize: {path: base/app}\n");
    scene.run(&["fetch", "--env", "dev"]).assert(
        0,
        "dev: 1 pinned, 1 downloaded; wrote overlays/dev/plimsoll.fetch.yaml\n",
        "",
    );
    let run = scene.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    let expected = "apiVersion: v1\ndata:\n  greeting: hi\n  version: 1.2.3\nkind: ConfigMap\nmetadata:\n  name: my-web-shop\n";
    assert!(scene.rendered("configmap-my-web-shop.yaml").starts_with(expected));
    scene.run(&["build", "base/app", "--enable-helm"]).assert(0, expected, "");
}

#[test]
fn many_processes_share_a_cache() {
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let server = repository_of(&scene, entry(&package), package);
    scene.declare(&source(&server));
    let mut children: Vec<_> = (0..8)
        .map(|_| scene.command().args(["fetch", "--env", "dev"]).stdout(std::process::Stdio::null()).spawn())
        .map(|child| child.expect("the program starts"))
        .collect();
    assert!(children.iter_mut().all(|child| child.wait().expect("it ends").success()));
    assert_eq!(scene.cached(), 1);
    assert_eq!(scene.run(&["render", "--env", "dev"]).status, 0);
}

#[test]
fn what_is_not_needed_any_more_is_unpinned_and_pruned() {
    let scene = Scene::new();
    let package = chart("shop", "1.2.3");
    let server = repository_of(&scene, entry(&package), package);
    scene.declare(&source(&server));
    assert_eq!(scene.run(&["fetch", "--env", "dev"]).status, 0);
    scene.repository.commit("pins");
    scene.repository.write("base/plain/a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n");
    scene.declare("        - manifests: {path: base/plain}\n");
    scene.run(&["fetch", "--env", "dev", "--locked"]).assert(
        1,
        "",
        &format!(
            "error[fetch::stale]: `{}/charts/shop 1.2.3` is pinned and not needed\n --> overlays/dev/plimsoll.fetch.yaml\n  \
             = environment: dev\n  = help: run `plimsoll fetch` without `--locked` or `--revision`, and commit the pins\n",
            server.address()
        ),
    );
    scene.run(&["fetch", "--revision", "HEAD~1", "--env", "dev"]).assert(
        0,
        "dev: 1 pinned, 0 downloaded\n",
        "",
    );
    scene.run(&["fetch", "--env", "dev", "--prune"]).assert(
        0,
        "dev: nothing comes from elsewhere\npruned 1 file of the cache, 0.0 MB\n",
        "",
    );
    assert_eq!((scene.pins().as_str(), scene.cached()), ("", 0));
}
