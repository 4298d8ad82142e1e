//! One cluster: what Git declares for it beside what lives, with as few lists as that needs.
//!
//! Discovery says what is served, [`plan`] which collections are read, [`judge`] compares each object as it comes in and
//! drops it. A list that fails makes what depends on it unknown and nothing else; nothing that was not read is missing.

mod claims;
mod conditions;
mod definitions;
mod drawn;
mod judge;
mod own_rights;
mod plan;
pub mod policy;
mod recording;
pub mod source;

pub(super) use definitions::is_custom as is_custom_group;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use plimsoll_drift::{Desired as DesiredSide, Finding, Rules, Severity, State, judge_missing};
use tokio::task::JoinSet;

use self::claims::{Place, Prospect, owner_of, place_of};
use self::judge::{Judge, Judged};
use self::plan::{Coverage, Job, Plan};
use self::recording::Keeper;
use self::source::{Answer, ClusterRecord, ClusterSource, Recorder};
use super::desired::{DesiredResource, SYNC_LAYER};
use super::outcome::{Identity, Outcome, ResourceOutcome, Target, Unreadable};
use super::scope::CheckScope;
use crate::config::environment::Own;
use crate::live::kube::{Cause, Connection, Failure, ListRequest};

/// What a check of one cluster needs to know.
#[derive(Debug, Clone)]
pub struct ClusterTask {
    /// The cluster, by its name in the environment.
    pub cluster: Arc<str>,
    /// Everything that Git declares for the cluster, also what this check does not look at.
    pub resources: Vec<Arc<DesiredResource>>,
    /// The namespace of namespaced resources that name none, by layer; `default` for others.
    pub namespaces: HashMap<String, String>,
    /// Where everything belongs to the repository.
    pub own: Own,
    /// What this check looks at.
    pub scope: CheckScope,
    /// What is read where it is not the cluster itself.
    pub snapshot: Option<RevisionMatch>,
}

/// Whether a snapshot was taken of the revision that is compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevisionMatch {
    /// It was: what it says of Secrets holds.
    Same,
    /// It was another one: what it says of Secrets is about other values.
    Other,
}

impl ClusterTask {
    fn is_wanted(&self, resource: &DesiredResource) -> bool {
        self.scope.has_layer(&resource.layer) && self.scope.holds(&self.name_of(resource))
    }

    fn name_of(&self, resource: &DesiredResource) -> String {
        format!("kubernetes {} {}", self.cluster, resource.id)
    }

    fn outcome_of(&self, resource: &DesiredResource, finding: Finding) -> ResourceOutcome {
        ResourceOutcome {
            id: Identity::Kubernetes { cluster: self.cluster.to_string(), id: resource.id.clone() },
            via: resource.via(),
            layer: resource.layer.to_string(),
            source: Some(resource.source.clone()),
            finding,
        }
    }

    /// The claims and composites of composed resources that are looked at: what these are depends on what became of those.
    fn wanted_owners(&self) -> HashSet<Place> {
        let mut owners = HashSet::new();
        for composed in self
            .resources
            .iter()
            .filter_map(|resource| self.is_wanted(resource).then_some(resource.composed.as_deref()).flatten())
        {
            let (claim, mut lineage) = owner_of(composed);
            while owners.insert((claim.clone(), lineage.clone())) && lineage.pop().is_some() {}
        }
        owners
    }

    fn target(&self) -> String {
        format!("kubernetes:{}", self.cluster)
    }

    /// The outcome where the cluster cannot be read at all.
    #[must_use]
    pub fn unreadable(&self, failure: &Failure) -> Outcome {
        let wanted = self.resources.iter().filter(|resource| self.is_wanted(resource));
        Outcome {
            resources: wanted
                .map(|resource| self.outcome_of(resource, Finding::unknown(failure.cause.word())))
                .collect(),
            unreadable: vec![Unreadable { target: self.target(), cause: failure.to_string() }],
            targets: vec![Target { name: self.target(), was_read: false }],
        }
    }
}

/// Compares one cluster, and keeps what it says.
pub async fn record(
    task: ClusterTask,
    connection: Result<Connection, Failure>,
) -> (Outcome, Answer<ClusterRecord>) {
    let connection = match connection {
        Ok(connection) => connection,
        Err(failure) => return (task.unreadable(&failure), Answer::Failed(failure)),
    };
    let recorder = Arc::new(Recorder::new(Keeper::of(&task)));
    let source = ClusterSource::Recording(connection, Arc::clone(&recorder));
    let outcome = check(task, Ok(source)).await;
    (outcome, Answer::Read(recorder.record()))
}

/// Compares one cluster.
pub async fn check(mut task: ClusterTask, source: Result<impl Into<ClusterSource>, Failure>) -> Outcome {
    let source: ClusterSource = match source {
        Ok(source) => source.into(),
        Err(failure) => return task.unreadable(&failure),
    };
    let served = match source.discover().await {
        Ok(served) => served,
        Err(failure) => return task.unreadable(&failure),
    };
    for resource in &mut task.resources {
        let scope = served.scope(&resource.id.group, &resource.id.kind).or(resource.scope);
        let namespace = task.namespaces.get(&*resource.layer).map_or("default", String::as_str);
        if resource.is_moved_by(scope) {
            Arc::make_mut(resource).take_scope(scope, namespace);
        }
    }
    let plan = Plan::of(&task, &served);
    let undiscovered = served.unread.clone();
    let target = task.target();
    let definitions = definitions::read(&task, &plan, &source).await;
    let Plan { jobs, kinds } = plan;
    let judge = Arc::new(Judge::new(task, definitions));
    let mut coverage = Coverage::default();
    let mut running = JoinSet::new();
    for job in jobs {
        let (source, judge) = (source.clone(), Arc::clone(&judge));
        running.spawn(async move { run(job, &source, &judge).await });
    }
    while let Some(done) = running.join_next().await {
        for (job, result) in done.unwrap_or_default() {
            coverage.record(job, result);
        }
    }
    judge.take_drawn();
    judge.read_extras(&source).await;
    let Some(mut judge) = Arc::into_inner(judge) else { return Outcome::default() };
    judge.leave_own_rights(&source).await;
    let mut outcome = gather(judge, &kinds, &coverage);
    outcome.unreadable.extend(undiscovered.into_iter().map(|(path, failure)| Unreadable {
        target: format!("{target}:discovery:{path}"),
        cause: failure.to_string(),
    }));
    outcome
}

/// Reads a collection and hands its objects to the judge; namespace by namespace where all at once is forbidden.
async fn run(job: Job, source: &ClusterSource, judge: &Judge) -> Vec<(Job, Result<(), Failure>)> {
    let result = list(&job, source, judge).await;
    let is_forbidden = matches!(&result, Err(failure) if failure.cause == Cause::Forbidden);
    if !is_forbidden || job.namespace.is_some() || job.narrower.is_empty() {
        return vec![(job, result)];
    }
    let mut results = Vec::new();
    for namespace in &job.narrower {
        let narrow = Job { namespace: Some(namespace.clone()), narrower: Vec::new(), ..job.clone() };
        let result = list(&narrow, source, judge).await;
        results.push((narrow, result));
    }
    results
}

async fn list(job: &Job, source: &ClusterSource, judge: &Judge) -> Result<(), Failure> {
    let request = ListRequest {
        kind: &job.kind,
        namespace: job.namespace.as_deref(),
        selector: job.selector.as_deref(),
        content: job.content,
    };
    source.list(&request, &mut |object| judge.take(job, object)).await
}

/// Everything that was found, with what was not read as unknown.
fn gather(
    judge: Judge,
    kinds: &HashMap<usize, Result<usize, plan::NotListed>>,
    coverage: &Coverage,
) -> Outcome {
    let wanting = judge.wanting();
    let Judged { task, findings, extras, claims, names } = judge.into_parts();
    // Of a list that broke off the first pages were read.
    let was_read = coverage.has_read() || findings.iter().any(Option::is_some);
    let mut outcome = Outcome { unreadable: coverage.unreadable(&task.target()), ..Outcome::default() };
    outcome.unreadable.extend(wanting.into_iter().map(|(name, failure)| Unreadable {
        target: format!("{}:apiextensions.k8s.io/customresourcedefinitions:{name}", task.target()),
        cause: failure.to_string(),
    }));
    let places: HashMap<Place, usize> =
        task.resources.iter().enumerate().map(|(index, resource)| (place_of(resource), index)).collect();
    for (index, (resource, finding)) in task.resources.iter().zip(findings).enumerate() {
        if !task.is_wanted(resource) {
            continue;
        }
        if let (None, Some(composed)) = (&finding, &resource.composed) {
            let was_read = |place: usize| match kinds.get(&place) {
                Some(Ok(kind)) => {
                    let namespace = task.resources.get(place).and_then(|one| one.id.namespace.as_deref());
                    coverage.of(*kind, namespace)
                }
                Some(Err(plan::NotListed::Failed(failure))) => Err(failure.clone()),
                Some(Err(plan::NotListed::NotServed)) | None => Ok(()),
            };
            let finding = match claims.prospect(composed) {
                Prospect::NotYet => continue,
                // A claim or composite that is not there is told itself.
                Prospect::Unknown => {
                    match places.get(&owner_of(composed)).copied().map_or(Ok(()), was_read) {
                        Ok(()) => continue,
                        Err(failure) => Some(Finding::unknown(failure.cause.word())),
                    }
                }
                Prospect::Later if was_read(index).is_ok() => Some(comes_later()),
                Prospect::Later | Prospect::Missing => None,
            };
            if let Some(finding) = finding {
                outcome.resources.push(task.outcome_of(resource, finding));
                continue;
            }
        }
        let finding = match (finding, kinds.get(&index)) {
            (Some(finding), _) => finding,
            (None, Some(Ok(kind))) => match coverage.of(*kind, resource.id.namespace.as_deref()) {
                Ok(()) => missing(resource, None),
                Err(failure) => Finding::unknown(failure.cause.word()),
            },
            (None, Some(Err(plan::NotListed::NotServed))) if &*resource.layer == SYNC_LAYER => continue,
            (None, Some(Err(plan::NotListed::NotServed))) => {
                missing(resource, Some("the cluster does not serve this kind"))
            }
            (None, Some(Err(plan::NotListed::Failed(failure)))) => {
                outcome.unreadable.push(Unreadable {
                    target: format!("{}:{}", task.target(), resource.api_version),
                    cause: failure.to_string(),
                });
                Finding::unknown(failure.cause.word())
            }
            (None, None) => Finding::unknown(Cause::InvalidAnswer.word()),
        };
        let mut told = task.outcome_of(resource, finding);
        if let (Identity::Kubernetes { id, .. }, Some(name)) = (&mut told.id, names.get(&index)) {
            id.name.clone_from(name);
        }
        outcome.resources.push(told);
    }
    outcome.resources.extend(extras);
    outcome.targets.push(Target { name: task.target(), was_read });
    outcome
}

/// What is composed only once other resources are there, while they are not: it is on its way to what Git says.
fn comes_later() -> Finding {
    Finding {
        state: State::Pending,
        severity: Some(Severity::Low),
        cause: Some("composed once what it waits for is there".to_owned()),
        fields: Vec::new(),
        settles: true,
    }
}

fn missing(resource: &DesiredResource, cause: Option<&str>) -> Finding {
    let Some((node, text)) = resource.parse() else { return Finding::unknown("NotComparable") };
    let mut finding = match DesiredSide::of_node(&node, &text) {
        Ok(desired) => judge_missing(&desired, Rules::built_in()),
        Err(_) => return Finding::unknown("NotComparable"),
    };
    if let Some(cause) = cause {
        finding.cause = Some(cause.to_owned());
    }
    finding
}

/// Whether a kind's objects hold values that are read only where Git declares some.
fn is_secret(group: &str, kind: &str) -> bool {
    group.is_empty() && kind == "Secret"
}
