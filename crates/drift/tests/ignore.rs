//! What ignore rules cover: by path, by resource, until a day; and what becomes of each rule.

use plimsoll_drift::{Change, FieldChange, Finding, Identity, IgnoreRule, Severity, State, ignore};

const TODAY: &str = "2026-11-24";

fn field(path: &str, severity: Severity) -> FieldChange {
    FieldChange {
        path: path.to_owned(),
        change: Change::Changed,
        desired: None,
        live: None,
        line: None,
        severity,
        needs_replace: false,
        by: None,
    }
}

fn web() -> (Identity<'static>, Finding) {
    let identity = Identity {
        platform: "kubernetes",
        cluster: "workload",
        group: "apps",
        kind: "Deployment",
        namespace: "shop",
        name: "web-blue",
        layer: "app",
    };
    let fields = vec![
        field("spec.replicas", Severity::Medium),
        field("spec.template.spec.containers[name=web].image", Severity::High),
    ];
    (identity, Finding::of_fields(fields))
}

fn by_path(path: &str) -> IgnoreRule {
    IgnoreRule { path: Some(path.parse().expect("a path")), ..IgnoreRule::default() }
}

fn paths_left(rule: IgnoreRule) -> (Vec<String>, usize) {
    let (findings, outcomes) = ignore(&[rule], TODAY, vec![web()]);
    let paths = findings.iter().flat_map(|finding| &finding.fields).map(|field| field.path.clone());
    (paths.collect(), outcomes.iter().map(|outcome| outcome.fields).sum())
}

#[test]
fn a_path_covers_what_is_below_it_and_a_star_is_one_step() {
    let image = "spec.template.spec.containers[name=web].image".to_owned();
    for path in ["spec.replicas", "spec[\"replicas\"]"] {
        assert_eq!(paths_left(by_path(path)), (vec![image.clone()], 1), "{path}");
    }
    let replicas = "spec.replicas".to_owned();
    for path in ["spec.template", "spec.template.spec.containers[*].image", "spec.*.spec.containers"] {
        assert_eq!(paths_left(by_path(path)), (vec![replicas.clone()], 1), "{path}");
    }
    assert_eq!(paths_left(by_path("spec")), (Vec::new(), 2));
    assert_eq!(paths_left(by_path("spec.template.spec.containers[name=other]")).1, 0);
}

#[test]
fn a_finding_without_its_last_field_is_in_sync_and_else_as_bad_as_what_is_left() {
    let (findings, _) = ignore(&[by_path("spec")], TODAY, vec![web()]);
    assert_eq!(findings, [Finding::in_sync()]);
    let (findings, _) = ignore(&[by_path("spec.template")], TODAY, vec![web()]);
    assert_eq!((findings[0].state, findings[0].severity), (State::Changed, Some(Severity::Medium)));
}

#[test]
fn all_that_a_rule_names_must_fit() {
    let named = |name: &str| IgnoreRule { name: Some(name.to_owned()), ..IgnoreRule::default() };
    for (rule, fits) in [
        (named("web-*"), true),
        (named("*"), true),
        (named("web"), false),
        (IgnoreRule { kind: Some("Deployment".to_owned()), ..named("web-*") }, true),
        (IgnoreRule { kind: Some("StatefulSet".to_owned()), ..named("web-*") }, false),
        (IgnoreRule { namespace: Some("other".to_owned()), ..named("web-*") }, false),
        (IgnoreRule { layer: Some("app".to_owned()), ..IgnoreRule::default() }, true),
        (IgnoreRule { platform: Some("aws".to_owned()), ..IgnoreRule::default() }, false),
        (IgnoreRule { cluster: Some("workload".to_owned()), ..IgnoreRule::default() }, true),
        (IgnoreRule { group: Some("batch".to_owned()), ..IgnoreRule::default() }, false),
    ] {
        let (findings, outcomes) = ignore(std::slice::from_ref(&rule), TODAY, vec![web()]);
        assert_eq!(findings[0].state == State::InSync, fits, "{rule:?}");
        assert_eq!(outcomes[0].is_unused(), !fits, "{rule:?}");
    }
}

#[test]
fn a_rule_holds_on_its_last_day_and_not_after() {
    for (expires, holds) in [("2026-11-24", true), ("2027-01-01", true), ("2026-11-23", false)] {
        let rule = IgnoreRule { expires: Some(expires.to_owned()), ..by_path("spec") };
        let (findings, outcomes) = ignore(&[rule], TODAY, vec![web()]);
        assert_eq!(findings[0].state == State::InSync, holds, "{expires}");
        assert_eq!(outcomes[0].is_expired, !holds, "{expires}");
        assert!(!outcomes[0].is_unused(), "{expires}");
    }
}

#[test]
fn what_could_not_be_read_stays_unknown() {
    let (identity, _) = web();
    let rule = IgnoreRule { kind: Some("*".to_owned()), ..IgnoreRule::default() };
    let (findings, outcomes) = ignore(&[rule], TODAY, vec![(identity, Finding::unknown("Forbidden"))]);
    assert_eq!(findings[0].state, State::Unknown);
    assert!(outcomes[0].is_unused());
}

#[test]
fn the_first_rule_that_covers_a_difference_is_counted() {
    let rules = [by_path("spec.replicas"), by_path("spec"), by_path("spec.replicas")];
    let (_, outcomes) = ignore(&rules, TODAY, vec![web()]);
    assert_eq!(outcomes.iter().map(|outcome| outcome.fields).collect::<Vec<_>>(), [1, 1, 0]);
    assert!(outcomes[2].is_unused());
}
