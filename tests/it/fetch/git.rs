//! Remote bases of kustomizations: Git over HTTPS by Git's own backend, Git on this machine, and plain files.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::{Scene, remove, settled};
use crate::support::TemporaryRepository;
use crate::support::server::{Answer, Received, Server};

/// A repository with a base in `app/`, a tag `v1` and a commit after it.
fn bases() -> TemporaryRepository {
    let bases = TemporaryRepository::new();
    bases.write("app/kustomization.yaml", "resources: [config.yaml, ../common]\n");
    bases.write(
        "app/config.yaml",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: app}, data: {from: v1}}\n",
    );
    bases.write("common/kustomization.yaml", "resources: [shared.yaml]\n");
    bases.write("common/shared.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}}\n");
    bases.commit("first");
    bases.git(&["tag", "--annotate", "--message", "first", "v1"]);
    bases.write(
        "app/config.yaml",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: app}, data: {from: main}}\n",
    );
    bases.commit("second");
    bases
}

/// Git's HTTP backend over the repository at a path.
fn backend(repository: &Path, request: &Received) -> Answer {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let Some(path) = path.strip_prefix("/team/base.git") else { return Answer::of_status(404, "") };
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", repository.join(".git"))
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", &request.method)
        .env("CONTENT_TYPE", request.header("content-type").unwrap_or_default())
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("GIT_PROTOCOL", request.header("git-protocol").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git starts");
    child.stdin.take().expect("a pipe").write_all(&request.body).expect("git reads");
    let output = child.wait_with_output().expect("git ends").stdout;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let mut answer = Answer::ok(&output[end + 4..]);
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        if name == "Status" {
            answer.status = value.split(' ').next().and_then(|status| status.parse().ok()).expect("a number");
        } else {
            answer = answer.with(name, value);
        }
    }
    answer
}

fn server(scene: &Scene, repository: &Path) -> Server {
    let repository = repository.to_owned();
    Server::start(Some(Arc::clone(&scene.tls)), move |request| {
        if request.target == "/extra.yaml" {
            return Answer::ok("{apiVersion: v1, kind: ConfigMap, metadata: {name: extra}}\n");
        }
        backend(&repository, request)
    })
}

fn declare(scene: &Scene, resources: &[String]) {
    let lines: String = resources.iter().map(|resource| format!("- {resource}\n")).collect();
    scene.repository.write("overlays/dev/app/kustomization.yaml", &format!("resources:\n{lines}"));
    scene.declare("        - kustomize: {path: overlays/dev/app}\n");
}

#[test]
fn a_base_is_received_over_https_and_rendered_without_the_network() {
    let scene = Scene::new();
    let bases = bases();
    let server = server(&scene, bases.path());
    let address = format!("{}/team/base.git//app?ref=v1", server.address());
    declare(&scene, &[address.clone(), format!("{}/extra.yaml", server.address())]);
    let missing = scene.run(&["render", "--env", "dev"]);
    let told = settled(&missing.stderr, &[server.port]);
    let expected = "error[fetch::missing]: `https://localhost:PORT/team/base.git//app?ref=v1` is not fetched\n \
                    --> overlays/dev/app/kustomization.yaml";
    assert!(missing.status == 1 && told.starts_with(expected), "{told}");

    scene.run(&["fetch", "--env", "dev"]).assert(
        0,
        "dev: 2 pinned, 2 downloaded; wrote overlays/dev/plimsoll.fetch.yaml\n",
        "",
    );
    let commit = bases.git(&["rev-parse", "v1^{commit}"]);
    assert!(scene.pins().contains(&format!("address: {address}\n  commit: {commit}")), "{}", scene.pins());
    let asked = server.received().len();
    let run = scene.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(scene.rendered("configmap-app.yaml").contains("from: v1"));
    assert!(scene.rendered("configmap-shared.yaml").contains("name: shared"));
    assert!(scene.rendered("configmap-extra.yaml").contains("name: extra"));
    assert_eq!(server.received().len(), asked);

    // A tag that is moved changes nothing: the commit is pinned.
    bases.git(&["tag", "--force", "v1", "main"]);
    remove(&scene.contents());
    let pins = scene.pins();
    scene.run(&["fetch", "--env", "dev"]).assert(0, "dev: 2 pinned, 2 downloaded\n", "");
    assert_eq!(scene.pins(), pins);
    assert_eq!(scene.run(&["render", "--env", "dev", "--check"]).status, 0);
}

#[test]
fn references_that_move_or_are_missing_are_refused() {
    let scene = Scene::new();
    let bases = bases();
    let server = server(&scene, bases.path());
    let commit = bases.git(&["rev-parse", "main"]);
    let commit = commit.trim();
    let cases = [
        (
            "base.git//app",
            "fetch::floating",
            "`https://localhost:PORT/team/base.git` is named without a version".to_owned(),
            "write a tag or a commit behind it: `?ref=v1.2.3`".to_owned(),
        ),
        (
            "base.git//app?ref=main",
            "fetch::floating",
            "`main` of `https://localhost:PORT/team/base.git` is a branch, and moves".to_owned(),
            format!("name a tag, or the commit that it is on now: `?ref={commit}`"),
        ),
        (
            "base.git//app?ref=v2",
            "fetch::not-found",
            "`https://localhost:PORT/team/base.git` has no tag and no commit `v2`".to_owned(),
            String::new(),
        ),
        (
            "none.git//app?ref=v2",
            "fetch::not-found",
            "`localhost:PORT` does not have `https://localhost:PORT/team/none.git//app?ref=v2`".to_owned(),
            String::new(),
        ),
    ];
    for (path, code, message, help) in cases {
        declare(&scene, &[format!("{}/team/{path}", server.address())]);
        let run = scene.run(&["fetch", "--env", "dev"]);
        let told = settled(&run.stderr, &[server.port]);
        assert!(
            run.status == 1 && told.starts_with(&format!("error[{code}]: {message}\n")),
            "{path}: {told}"
        );
        assert!(told.contains(&help), "{path}: {told}");
        assert_eq!(scene.cached(), 0, "{path}");
    }
    declare(&scene, &[format!("{}/team/base.git//app?ref={commit}", server.address())]);
    let run = scene.run(&["fetch", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(scene.run(&["render", "--env", "dev"]).status, 0);
    assert!(scene.rendered("configmap-app.yaml").contains("from: main"));
}

#[test]
fn a_base_is_read_from_a_repository_on_this_machine() {
    let scene = Scene::new();
    let bases = bases();
    let bare = scene.home.path().join("base.git");
    bases.git(&["clone", "--quiet", "--bare", ".", &bare.display().to_string()]);
    declare(&scene, &[format!("file://{}//app?ref=v1", bare.display())]);
    assert_eq!(scene.run(&["fetch", "--env", "dev"]).status, 0);
    remove(&bare);
    let run = scene.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(scene.rendered("configmap-app.yaml").contains("from: v1"));
    let built = scene.run(&["build", "overlays/dev/app"]);
    assert!(built.status == 0 && built.stdout.contains("from: v1"), "{built}");
}
