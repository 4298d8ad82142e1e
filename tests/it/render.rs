//! `plimsoll render` from the command line: its commit, its flags, its checks.

use crate::support::{Run, TemporaryRepository, expected};

fn shop() -> TemporaryRepository {
    TemporaryRepository::with(&expected::package().join("tests/corpus/render/templates-and-values/in"))
}

fn render(repository: &TemporaryRepository, more: &[&str]) -> Run {
    repository.run(&[&["render", "--env", "dev"], more].concat())
}

#[test]
fn a_render_is_one_commit_that_says_what_it_was_made_from() {
    let repository = shop();
    let source = repository.git(&["rev-parse", "HEAD"]);
    let run = render(&repository, &[]);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stderr.contains("dev: committed "), "{run}");
    let message = repository.git(&["log", "-1", "--format=%B"]);
    let lock =
        std::fs::read_to_string(repository.path().join("environments/dev/plimsoll.lock.yaml")).unwrap();
    let digest = lock.lines().find_map(|line| line.trim().strip_prefix("digest: ")).unwrap();
    let expected = format!(
        "render(dev): 0 changed, 3 added, 0 removed\n\n\
         A environments/dev/README.md\n\
         A environments/dev/app/other/configmap-config.yaml\n\
         A environments/dev/app/shop/deployment-shop-web.yaml\n\n\
         Plimsoll-Environment: dev\nPlimsoll-Source: {}\nPlimsoll-Inputs: sha256:{digest}\nPlimsoll-Version: {}\n\n",
        source.trim(),
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(message, expected);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    let again = render(&repository, &[]);
    assert!(again.status == 0 && again.stderr.contains("dev: nothing to do"), "{again}");
    let check = render(&repository, &["--check"]);
    assert_eq!((check.status, check.stdout.as_str()), (0, ""), "{check}");
}

#[test]
fn check_lists_what_is_stale_and_writes_nothing() {
    let repository = shop();
    let all = "A environments/dev/README.md\nA environments/dev/app/other/configmap-config.yaml\n\
               A environments/dev/app/shop/deployment-shop-web.yaml\nA environments/dev/plimsoll.lock.yaml\n";
    let check = render(&repository, &["--check"]);
    assert_eq!((check.status, check.stdout.as_str()), (2, all), "{check}");
    assert_eq!(render(&repository, &[]).status, 0);
    repository.write("overlays/dev/app/values.yaml", "replicas: 7\nremoved: null\n");
    let check = render(&repository, &["--check"]);
    assert_eq!(check.status, 2, "{check}");
    assert!(check.stdout.contains("M environments/dev/app/shop/deployment-shop-web.yaml\n"), "{check}");
    let dry = render(&repository, &["--dry-run"]);
    assert_eq!((dry.status, &dry.stdout), (0, &check.stdout), "{dry}");
    let dirty = render(&repository, &[]);
    assert_eq!(dirty.status, 0, "{dirty}");
    assert!(repository.git(&["log", "-1", "--format=%(trailers:key=Plimsoll-Source)"]).contains(" dirty"));
}

#[test]
fn an_edit_by_hand_is_refused_until_it_is_adopted() {
    let repository = shop();
    assert_eq!(render(&repository, &[]).status, 0);
    let edited = "environments/dev/app/shop/deployment-shop-web.yaml";
    repository.write(edited, "edited: by hand\n");
    let check = render(&repository, &["--check"]);
    assert_eq!(
        (check.status, check.stdout.as_str()),
        (2, &*format!("! {edited} (edited by hand)\n")),
        "{check}"
    );
    render(&repository, &[]).assert(
        1,
        "",
        &format!(
            "error[git::refused]: `{edited}` was edited by hand\n  = environment: dev\n  \
             = help: nothing was changed; look at it, then `--adopt` takes it over\n"
        ),
    );
    let adopted = render(&repository, &["--adopt"]);
    assert_eq!(adopted.status, 0, "{adopted}");
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
}

#[test]
fn only_what_rendering_reads_makes_an_environment_stale() {
    let repository = shop();
    assert_eq!(render(&repository, &[]).status, 0);
    let path = repository.path().join("overlays/dev/environment.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    repository.write(
        "overlays/dev/environment.yaml",
        &format!("# a comment\n{text}  drift: {{own: {{namespaces: [x]}}}}\n"),
    );
    assert_eq!(render(&repository, &["--check"]).status, 0);
    let lock = repository.path().join("environments/dev/plimsoll.lock.yaml");
    let older = std::fs::read_to_string(&lock)
        .unwrap()
        .replace(concat!("\nversion: ", env!("CARGO_PKG_VERSION")), "\nversion: 0.0.1");
    std::fs::write(&lock, older).unwrap();
    repository.commit("rendered by an older version");
    let check = render(&repository, &["--check"]);
    assert_eq!(check.status, 0, "{check}");
}

#[test]
fn an_environment_of_a_newer_version_is_left_alone() {
    let repository = shop();
    repository.write(
        "environments/dev/plimsoll.lock.yaml",
        "apiVersion: plimsoll.dev/v9\nversion: 99.0.0\nsomething: new\n",
    );
    repository.commit("rendered by a newer version");
    let version = env!("CARGO_PKG_VERSION");
    render(&repository, &[]).assert(
        1,
        "",
        &format!(
            "error[lock::newer]: plimsoll 99.0.0 rendered this environment, and this is {version}\n \
             --> environments/dev/plimsoll.lock.yaml\n  \
             = help: use the newer version: an older one may take away what the newer one wrote\n"
        ),
    );
    let of_another_format = format!("apiVersion: plimsoll.dev/v9\nversion: {version}\n");
    repository.write("environments/dev/plimsoll.lock.yaml", &of_another_format);
    repository.commit("rendered in another format");
    let check = render(&repository, &["--check"]);
    assert_eq!(check.status, 1, "{check}");
    let told =
        format!("error[lock::newer]: the lock file has a format that plimsoll {version} does not know\n");
    assert!(check.stderr.starts_with(&told), "{check}");
}

#[test]
fn a_branch_or_another_repository_can_be_committed_to() {
    let repository = shop();
    let head = repository.git(&["rev-parse", "HEAD"]);
    assert_eq!(render(&repository, &["--branch", "rendered"]).status, 0);
    assert_eq!(repository.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(render(&repository, &["--branch", "rendered", "--check"]).status, 0);
    let bare = tempfile::tempdir().unwrap();
    let path = bare.path().to_str().unwrap();
    repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", path]);
    repository.git(&["--git-dir", path, "config", "user.name", "Test"]);
    repository.git(&["--git-dir", path, "config", "user.email", "test@example.org"]);
    let run = render(&repository, &["--repo", path]);
    assert_eq!(run.status, 0, "{run}");
    let tree = |git: &[&str]| repository.git(git);
    assert_eq!(
        tree(&["--git-dir", path, "rev-parse", "main:environments"]),
        tree(&["rev-parse", "rendered:environments"])
    );
}

#[test]
fn the_surroundings_change_nothing() {
    let tree = |threads: &str, zone: &str, locale: &str| {
        let repository = shop();
        let mut command = repository.command();
        command.args(["render", "--env", "dev"]);
        command.env("RAYON_NUM_THREADS", threads).env("TZ", zone).env("LC_ALL", locale);
        let run = Run::of_command(&mut command);
        assert_eq!(run.status, 0, "{run}");
        repository.git(&["rev-parse", "HEAD:environments"])
    };
    let first = tree("1", "UTC", "C");
    assert_eq!(first, tree("8", "Asia/Kathmandu", "tr_TR.UTF-8"));
}

#[test]
fn json_tells_all_that_happened_and_all_that_is_wrong() {
    let repository = shop();
    let run = render(&repository, &["-o", "json"]);
    let value: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(value["kind"], "RenderReport");
    assert_eq!(value["environments"][0]["outcome"], "committed");
    assert_eq!(value["environments"][0]["layers"][0]["resources"], 2);
    repository.write("overlays/dev/environment.yaml", "kind: Environment\n");
    let run = render(&repository, &["-o", "json"]);
    let value: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.status, 1);
    assert_eq!(value["diagnostics"][0]["code"], "config::missing-key");
    assert_eq!(value["diagnostics"][0]["place"]["file"], "overlays/dev/environment.yaml");
}

#[test]
fn the_flags_that_contradict_each_other_are_wrong_usage() {
    let repository = shop();
    for arguments in [&["--check", "--adopt"][..], &["--all"], &["--no-commit", "--branch", "x"]] {
        assert_eq!(render(&repository, arguments).status, 64, "{arguments:?}");
    }
    assert_eq!(repository.run(&["render"]).status, 64);
}

#[test]
fn a_report_goes_to_every_output_that_is_asked_for() {
    let repository = shop();
    let run = render(&repository, &["--check", "-o", "text", "-o", "json=out.json", "-o", "yaml=out.yaml"]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stdout.starts_with("A environments/dev/"), "{run}");
    let read = |name: &str| std::fs::read_to_string(repository.path().join(name)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&read("out.json")).unwrap();
    assert_eq!(value["environments"][0]["outcome"], "stale");
    assert!(read("out.yaml").contains("\nkind: RenderReport\n"), "{}", read("out.yaml"));

    let run = render(&repository, &["--check", "-o", "json=no/such/folder.json"]);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("error[output::write]: could not write `no/such/folder.json`"), "{run}");
    assert_eq!(render(&repository, &["-o", "xml"]).status, 64);
}
