//! A report from what the readers found: the one place that decides summary, verdict, completeness and exit status.
//!
//! Exit statuses follow the rules of the command line: 1 where nothing that was asked for could be read, 2 for drift, 3 where
//! part could not be read and nothing else was found. What is unknown is never counted as clean.

use plimsoll_drift::{Change, FieldChange, Severity, State, fingerprint};

use super::model::{
    self, API_VERSION, AwsIdentity, DriftReport, Field, Ignored, KIND, KubernetesIdentity, Resource, Shard,
    Summary, Unreadable, Verdict,
};
use crate::check::outcome::{Identity, Outcome, ResourceOutcome};
use crate::exit::ExitStatus;

/// What a report says beside its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The environment.
    pub environment: String,
    /// The commit that was compared; `None` for the work tree.
    pub revision: Option<String>,
    /// Which part of the resources it is.
    pub shard: Option<Shard>,
}

/// The report of what was found, and the status to exit with.
#[must_use]
pub fn assemble(heading: Heading, outcome: Outcome, ignored: Vec<Ignored>) -> (DriftReport, ExitStatus) {
    let nothing_was_read =
        !outcome.targets.is_empty() && outcome.targets.iter().all(|target| !target.was_read);
    let resources = outcome.resources.into_iter().map(resource).collect();
    let report = of_parts(heading, resources, ignored, outcome.unreadable);
    let status = if nothing_was_read { ExitStatus::Failed } else { exit_status(&report) };
    (report, status)
}

/// The report of resources and of what could not be read, in the order of a report.
#[must_use]
pub fn of_parts(
    heading: Heading,
    mut resources: Vec<Resource>,
    ignored: Vec<Ignored>,
    mut unreadable: Vec<Unreadable>,
) -> DriftReport {
    resources.sort_by(|one, other| one.id.cmp(&other.id).then_with(|| one.layer.cmp(&other.layer)));
    unreadable.sort();
    unreadable.dedup();
    let mut summary =
        Summary { ignored_fields: ignored.iter().map(|rule| rule.fields).sum(), ..count(&resources) };
    summary.resources = resources.len() as u64;
    let complete = unreadable.is_empty() && summary.unknown == 0;
    let verdict = if summary.changed + summary.missing + summary.extra + summary.pending > 0 {
        // What is pending counts as drift unless it leads to Git's values.
        let only_arriving = summary.changed + summary.missing + summary.extra == 0
            && resources.iter().all(|resource| resource.state != model::State::Pending || resource.settles);
        match (only_arriving, complete) {
            (false, _) => Verdict::Drift,
            (true, true) => Verdict::Clean,
            (true, false) => Verdict::Incomplete,
        }
    } else if complete {
        Verdict::Clean
    } else {
        Verdict::Incomplete
    };
    DriftReport {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        environment: heading.environment,
        revision: heading.revision,
        verdict,
        complete,
        shard: heading.shard,
        summary,
        resources,
        ignored,
        unreadable,
    }
}

/// The status that a report comes to.
#[must_use]
pub fn exit_status(report: &DriftReport) -> ExitStatus {
    match report.verdict {
        Verdict::Clean => ExitStatus::Clean,
        Verdict::Drift => ExitStatus::Different,
        Verdict::Incomplete => ExitStatus::Incomplete,
    }
}

fn count(resources: &[Resource]) -> Summary {
    let mut summary = Summary::default();
    for resource in resources {
        let counter = match resource.state {
            model::State::InSync => &mut summary.in_sync,
            model::State::Changed => &mut summary.changed,
            model::State::Missing => &mut summary.missing,
            model::State::Extra => &mut summary.extra,
            model::State::Pending => &mut summary.pending,
            model::State::Unknown => &mut summary.unknown,
        };
        *counter += 1;
    }
    summary
}

fn resource(outcome: ResourceOutcome) -> Resource {
    let finding = outcome.finding;
    let id = identity(outcome.id);
    let is_finding = finding.state != State::InSync;
    let fingerprint = is_finding.then(|| fingerprint(&serde_json::json!(id).to_string(), &finding));
    Resource {
        id,
        via: outcome.via,
        layer: outcome.layer,
        state: state(finding.state),
        severity: finding.severity.map(severity),
        cause: finding.cause,
        source: outcome.source,
        fingerprint,
        fields: finding.fields.into_iter().map(field).collect(),
        settles: finding.settles,
    }
}

/// An identity as reports spell it.
#[must_use]
pub fn identity(id: Identity) -> model::Identity {
    match id {
        Identity::Kubernetes { cluster, id } => model::Identity::Kubernetes(KubernetesIdentity {
            cluster,
            group: id.group,
            kind: id.kind,
            namespace: id.namespace,
            name: id.name,
        }),
        Identity::Aws { account, region, kind, name } => {
            model::Identity::Aws(AwsIdentity { account, region, kind, name })
        }
    }
}

fn field(change: FieldChange) -> Field {
    Field {
        path: change.path,
        change: match change.change {
            Change::Changed => model::Change::Changed,
            Change::Removed => model::Change::Removed,
            Change::Added => model::Change::Added,
            Change::Reordered => model::Change::Reordered,
            Change::Rejected => model::Change::Rejected,
        },
        desired: change.desired,
        live: change.live,
        line: change.line,
        severity: severity(change.severity),
        needs_replace: change.needs_replace,
        by: change.by.map(|writer| model::Writer {
            manager: writer.manager,
            operation: writer.operation,
            at: writer.at,
        }),
    }
}

fn state(state: State) -> model::State {
    match state {
        State::InSync => model::State::InSync,
        State::Changed => model::State::Changed,
        State::Missing => model::State::Missing,
        State::Extra => model::State::Extra,
        State::Pending => model::State::Pending,
        State::Unknown => model::State::Unknown,
    }
}

fn severity(severity: Severity) -> model::Severity {
    match severity {
        Severity::Low => model::Severity::Low,
        Severity::Medium => model::Severity::Medium,
        Severity::High => model::Severity::High,
        Severity::Critical => model::Severity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_drift::{Finding, State};
    use plimsoll_resource::ResourceId;

    use super::*;
    use crate::check::outcome::Target;

    fn outcome(findings: Vec<Finding>, was_read: bool) -> Outcome {
        let resource = |(number, finding): (usize, Finding)| ResourceOutcome {
            id: Identity::Kubernetes {
                cluster: "workload".to_owned(),
                id: ResourceId {
                    group: String::new(),
                    kind: "ConfigMap".to_owned(),
                    namespace: None,
                    name: number.to_string(),
                },
            },
            via: None,
            layer: "app".to_owned(),
            source: None,
            finding,
        };
        Outcome {
            resources: findings.into_iter().enumerate().map(resource).collect(),
            unreadable: Vec::new(),
            targets: vec![Target { name: "kubernetes:workload".to_owned(), was_read }],
        }
    }

    fn of(state: State) -> Finding {
        Finding { state, severity: Some(Severity::Medium), cause: None, fields: Vec::new(), settles: false }
    }

    #[test]
    fn verdict_and_status_follow_from_the_states() {
        let heading = || Heading { environment: "dev".to_owned(), revision: None, shard: None };
        for (findings, was_read, verdict, complete, status) in [
            (vec![Finding::in_sync()], true, Verdict::Clean, true, ExitStatus::Clean),
            (vec![of(State::Missing)], true, Verdict::Drift, true, ExitStatus::Different),
            (vec![of(State::Pending)], true, Verdict::Drift, true, ExitStatus::Different),
            (
                vec![Finding { settles: true, ..of(State::Pending) }],
                true,
                Verdict::Clean,
                true,
                ExitStatus::Clean,
            ),
            (vec![Finding::unknown("Forbidden")], true, Verdict::Incomplete, false, ExitStatus::Incomplete),
            (
                vec![Finding::unknown("x"), of(State::Extra)],
                true,
                Verdict::Drift,
                false,
                ExitStatus::Different,
            ),
            (vec![Finding::unknown("x")], false, Verdict::Incomplete, false, ExitStatus::Failed),
        ] {
            let (report, told) = assemble(heading(), outcome(findings, was_read), Vec::new());
            assert_eq!((report.verdict, report.complete, told), (verdict, complete, status));
        }
    }
}
