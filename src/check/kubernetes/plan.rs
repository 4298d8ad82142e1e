//! Which collections are read: each kind that Git declares once, in its namespaces or everywhere, and in owned namespaces the
//! metadata of every other kind.
//!
//! Few namespaces are read one by one, so that rights and data beside them are not needed; many at once, in one list. Secrets
//! are asked for with values only where Git declares some. Kinds that only controllers make are not listed for extras.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_drift::{Live, Neighbours, Rules, is_somebodys};
use plimsoll_resource::Scope;
use serde_json::json;

use super::ClusterTask;
use super::claims::place_of;
use crate::check::desired::DesiredResource;
use crate::check::outcome::Unreadable;
use crate::live::kube::{Cause, Content, Failure, Served, ServedKind};

/// As many namespaces are read one by one; more are read in one list.
const ONE_BY_ONE: usize = 2;

/// A collection to read.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Which of the plan's kinds it is.
    pub(super) number: usize,
    /// The kind.
    pub(super) kind: ServedKind,
    /// The namespace; none is all of them, or the cluster itself.
    pub(super) namespace: Option<String>,
    /// The namespaces to read one by one where all at once is forbidden.
    pub(super) narrower: Vec<String>,
    /// A label selector by which everything belongs to the repository.
    pub(super) selector: Option<String>,
    /// What of each object is read.
    pub(super) content: Content,
    /// Whether this shard tells of what is extra in this kind.
    pub(super) tells_extras: bool,
}

/// Why a declared resource is in no list.
#[derive(Debug, Clone)]
pub(super) enum NotListed {
    /// The cluster certainly does not have the kind.
    NotServed,
    /// It is not known whether the cluster has it.
    Failed(Failure),
}

/// What is read.
pub(super) struct Plan {
    /// The collections.
    pub(super) jobs: Vec<Job>,
    /// For each declared resource, by its place, the number of its kind.
    pub(super) kinds: HashMap<usize, Result<usize, NotListed>>,
}

struct DeclaredKind {
    number: usize,
    kind: ServedKind,
    /// Namespaces in which this check looks for declared resources.
    namespaces: BTreeSet<String>,
}

impl Plan {
    /// The collections that a check of a cluster needs.
    pub(super) fn of(task: &ClusterTask, served: &Served) -> Plan {
        let mut declared: BTreeMap<(&str, &str, &str), DeclaredKind> = BTreeMap::new();
        let mut kinds = HashMap::new();
        let owners = task.wanted_owners();
        let is_read = |one: &DesiredResource| task.is_wanted(one) || owners.contains(&place_of(one));
        for (index, resource) in task.resources.iter().enumerate().filter(|(_, one)| is_read(one)) {
            let id = &resource.id;
            let found = match served.find(&id.group, resource.version(), &id.kind) {
                Ok(Some(kind)) if kind.can_be_listed() => Ok(kind),
                Ok(Some(_)) => {
                    Err(NotListed::Failed(Failure::new(Cause::NotFound, "the kind cannot be listed")))
                }
                Ok(None) => Err(NotListed::NotServed),
                Err(failure) => Err(NotListed::Failed(failure)),
            };
            let number = found.map(|kind| {
                let next = declared.len();
                let entry = declared.entry((&id.group, resource.version(), &id.kind)).or_insert_with(|| {
                    DeclaredKind { number: next, kind: kind.clone(), namespaces: BTreeSet::new() }
                });
                entry.namespaces.extend(id.namespace.clone());
                entry.number
            });
            kinds.insert(index, number);
        }
        let mut planner = Planner { task, jobs: Vec::new(), next: declared.len() };
        let declared: Vec<DeclaredKind> = declared.into_values().collect();
        for one in &declared {
            planner.declared(one);
        }
        planner.owned(served, &declared);
        planner.selected(served, &declared);
        Plan { jobs: planner.jobs, kinds }
    }
}

struct Planner<'a> {
    task: &'a ClusterTask,
    jobs: Vec<Job>,
    next: usize,
}

impl Planner<'_> {
    fn declared(&mut self, declared: &DeclaredKind) {
        let job = self.job(declared.number, &declared.kind, Content::Whole);
        match declared.kind.scope {
            Scope::Cluster => self.jobs.push(job),
            Scope::Namespaced => self.in_namespaces(job, &declared.namespaces),
        }
        // Where everything belongs to the repository and Git has none of this kind, metadata is enough.
        let owned: BTreeSet<String> =
            self.owned_namespaces().difference(&declared.namespaces).cloned().collect();
        let all_are_read = declared.namespaces.len() > ONE_BY_ONE && !is_secret(&declared.kind);
        if declared.kind.scope == Scope::Namespaced && !all_are_read && self.tells_extras(&declared.kind) {
            let job = self.job(declared.number, &declared.kind, Content::Metadata);
            self.in_namespaces(job, &owned);
        }
    }

    /// Every other kind, as metadata, where everything belongs to the repository.
    fn owned(&mut self, served: &Served, declared: &[DeclaredKind]) {
        let namespaces = self.owned_namespaces();
        if namespaces.is_empty() {
            return;
        }
        for kind in served.kept_in_namespaces() {
            let is_declared =
                declared.iter().any(|one| one.kind.group == kind.group && one.kind.plural == kind.plural);
            if is_declared || is_only_made_by_others(kind) || !self.tells_extras(kind) {
                continue;
            }
            let number = self.next;
            self.next += 1;
            let job = self.job(number, kind, Content::Metadata);
            self.in_namespaces(job, &namespaces);
        }
    }

    /// What carries labels by which it belongs to the repository.
    fn selected(&mut self, served: &Served, declared: &[DeclaredKind]) {
        let selectors = self.task.own.selectors.clone();
        for selector in selectors {
            let of_cluster = declared.iter().map(|one| &one.kind).filter(|kind| kind.scope == Scope::Cluster);
            let kinds: Vec<&ServedKind> = served.kept_in_namespaces().chain(of_cluster).collect();
            for kind in kinds {
                if is_only_made_by_others(kind) || !self.tells_extras(kind) {
                    continue;
                }
                let number = self.next;
                self.next += 1;
                let job =
                    Job { selector: Some(selector.clone()), ..self.job(number, kind, Content::Metadata) };
                self.jobs.push(job);
            }
        }
    }

    fn in_namespaces(&mut self, job: Job, namespaces: &BTreeSet<String>) {
        if namespaces.len() > ONE_BY_ONE {
            self.jobs.push(Job { narrower: namespaces.iter().cloned().collect(), ..job });
            return;
        }
        for namespace in namespaces {
            self.jobs.push(Job { namespace: Some(namespace.clone()), ..job.clone() });
        }
    }

    fn job(&self, number: usize, kind: &ServedKind, content: Content) -> Job {
        Job {
            number,
            kind: kind.clone(),
            namespace: None,
            narrower: Vec::new(),
            selector: None,
            content,
            tells_extras: self.tells_extras(kind),
        }
    }

    fn owned_namespaces(&self) -> BTreeSet<String> {
        self.task.own.namespaces.iter().cloned().collect()
    }

    /// One shard of several tells of the extras of a kind, so that each is told once.
    fn tells_extras(&self, kind: &ServedKind) -> bool {
        self.task.scope.holds(&format!("extras {} {}/{}", self.task.cluster, kind.group, kind.kind))
    }
}

fn is_secret(kind: &ServedKind) -> bool {
    super::is_secret(&kind.group, &kind.kind)
}

/// Whether every object of the kind belongs to a controller, whatever it is.
fn is_only_made_by_others(kind: &ServedKind) -> bool {
    let any = json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": "any"}});
    is_somebodys(&Live::new(&any), &Neighbours::default(), Rules::built_in())
}

/// Which collections were read, and which were not.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    whole: HashMap<(usize, Option<String>), Result<(), Failure>>,
    failed: BTreeSet<(String, String)>,
    has_read: bool,
}

impl Coverage {
    /// Takes what became of a collection.
    pub(super) fn record(&mut self, job: Job, result: Result<(), Failure>) {
        match &result {
            Ok(()) => self.has_read = true,
            Err(failure) => {
                let namespace = job.namespace.as_ref().map(|name| format!(":{name}")).unwrap_or_default();
                self.failed.insert((format!("{}{namespace}", job.kind.resource()), failure.to_string()));
            }
        }
        if job.content == Content::Whole {
            self.whole.insert((job.number, job.namespace), result);
        }
    }

    /// Whether the resources of a kind in a namespace were read.
    pub(super) fn of(&self, number: usize, namespace: Option<&str>) -> Result<(), Failure> {
        let in_namespace = self.whole.get(&(number, namespace.map(str::to_owned)));
        let everywhere = || self.whole.get(&(number, None));
        match in_namespace.or_else(everywhere) {
            Some(result) => result.clone(),
            None => Err(Failure::new(Cause::Timeout, "the collection was not read")),
        }
    }

    /// Whether anything was read.
    pub(super) fn has_read(&self) -> bool {
        self.has_read
    }

    /// What was not read.
    pub(super) fn unreadable(&self, target: &str) -> Vec<Unreadable> {
        let entry = |(resource, cause): &(String, String)| Unreadable {
            target: format!("{target}:{resource}"),
            cause: cause.clone(),
        };
        self.failed.iter().map(entry).collect()
    }
}
