//! The commit part against `git add && git commit` of the same files, when `PLIMSOLL_SPEED` asks for it.

use std::time::{Duration, Instant};

use plimsoll::git::NoObserver;

use crate::support::{Render, Sandbox, skipped};

/// 5,000 files in 10 MB that look like manifests.
fn files() -> Vec<(String, String)> {
    (0..5000_u64)
        .map(|number| {
            let path = format!("environments/dev/app/ns-{}/deployment-web-{number}.yaml", number % 50);
            let mut text =
                format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{number}\n");
            let mut seed = number;
            while text.len() < 2000 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(&format!("  label-{}: \"value-{:x}\"\n", text.len(), seed >> 40));
            }
            (path, text)
        })
        .collect()
}

fn best(times: u32, mut measure: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| measure()).min().unwrap_or_default()
}

#[test]
fn a_large_commit_is_three_times_as_fast_as_git() {
    if std::env::var_os("PLIMSOLL_SPEED").is_none() {
        skipped("PLIMSOLL_SPEED is not set");
        return;
    }
    let files = files();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let ours_to_branch = best(5, || {
        let sandbox = Sandbox::new();
        let render = Render::new(&[], &files).onto("rendered");
        let start = Instant::now();
        render.commit(&sandbox.repository()).expect("a commit");
        start.elapsed()
    });
    let mut planned = Duration::MAX;
    let ours_with_files = best(5, || {
        let sandbox = Sandbox::new();
        let render = Render::new(&[], &files);
        let start = Instant::now();
        let plan = render.plan(&sandbox.repository()).expect("a plan");
        planned = planned.min(start.elapsed());
        sandbox.repository().commit(&plan, "x", &NoObserver).expect("a commit");
        let elapsed = start.elapsed();
        assert_eq!(sandbox.status(), "");
        elapsed
    });
    let unchanged = best(5, || {
        let sandbox = Sandbox::new();
        sandbox.render(&[], &files).expect("a commit");
        std::thread::sleep(Duration::from_millis(1100));
        sandbox.status();
        let render = Render::new(&files, &files);
        let start = Instant::now();
        assert!(render.plan(&sandbox.repository()).expect("a plan").is_empty());
        start.elapsed()
    });
    let theirs = best(5, || {
        let sandbox = Sandbox::new();
        for (path, text) in &files {
            sandbox.put(path, text);
        }
        let start = Instant::now();
        sandbox.git(&["add", "."]);
        sandbox.git(&["commit", "-qm", "x"]);
        start.elapsed()
    });
    let ratio = theirs.as_secs_f64() / ours_to_branch.as_secs_f64();
    let message = format!(
        "git {theirs:?}; ours {ours_to_branch:?} ({ratio:.1} times as fast), with the work tree {ours_with_files:?}, \
         of it planning {planned:?}; nothing to do {unchanged:?}"
    );
    assert!(ratio >= 3.0, "{message}");
    println!("{message}");
}
