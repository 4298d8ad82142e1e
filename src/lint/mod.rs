//! Lint: rules over everything that an environment renders to, across layers and clusters.
//!
//! A rule is a function of the [`World`], the rendered resources with what claims become; its code, severity and texts are
//! data in `rules.yaml`, its check is one file under `rules/`. Rules look for what every part alone takes for right and the whole
//! is not: a role that trusts another service account than the pods have, a host that no Service has. They do not judge style.
//! Where something is not rendered and so not known, a rule says nothing.

pub mod allow;
mod amounts;
mod capacity;
mod catalog;
pub mod chart_sizes;
mod findings;
mod hosts;
mod iam;
pub mod page;
mod pods;
mod references;
mod rules;
mod selectors;
mod world;

pub use catalog::{Rule, rule, rules};
pub use findings::Finding;
pub use world::{LayerFacts, LintResource, Origin, World};

use findings::Findings;

/// What the rules find, sorted by file and place.
#[must_use]
pub fn check(world: &World) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        rules::CHECKS.iter().flat_map(|(code, run)| check_one(world, code, *run)).collect();
    found.sort_by(|first, second| first.key().cmp(&second.key()));
    found
}

/// What one rule finds; nothing for a code that no rule has.
#[must_use]
pub fn check_rule(world: &World, code: &str) -> Vec<Finding> {
    let checks = rules::CHECKS.iter().filter(|(name, _)| *name == code);
    checks.flat_map(|(code, run)| check_one(world, code, *run)).collect()
}

fn check_one(world: &World, code: &str, run: rules::Check) -> Vec<Finding> {
    let Some(rule) = rule(code) else { return Vec::new() };
    let mut findings = Findings::new(world, rule);
    run(world, &mut findings);
    findings.into_list()
}
