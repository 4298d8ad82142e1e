//! What a check has found, before it is a report: one value that the readers of every platform fill.
//!
//! A reader adds a [`ResourceOutcome`] for each resource that it was asked for, whatever became of it, an [`Unreadable`] for
//! each call that failed, and a [`Target`] for each cluster or account. It decides neither verdict nor exit status: those
//! are computed in one place, from these values, by [`crate::report::drift`].

use plimsoll_drift::Finding;
use plimsoll_resource::ResourceId;

pub use crate::report::drift::model::{Source, Unreadable, Via};

/// Which resource it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A resource of a Kubernetes cluster.
    Kubernetes {
        /// The cluster, by its name in the environment.
        cluster: String,
        /// The resource within it.
        id: ResourceId,
    },
    /// A resource of the AWS account.
    Aws {
        /// The account's number.
        account: String,
        /// The region; `None` for global services.
        region: Option<String>,
        /// Service and kind: `ec2.SecurityGroup`.
        kind: String,
        /// The identifier or name that AWS has for it.
        name: String,
    },
}

/// What became of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceOutcome {
    /// Which resource.
    pub id: Identity,
    /// What a resource of AWS, or one that Crossplane composes, is declared by; `None` for what stands in a file.
    pub via: Option<Via>,
    /// The layer that declares it.
    pub layer: String,
    /// Where it is declared; `None` for what is not.
    pub source: Option<Source>,
    /// What its comparison came to.
    pub finding: Finding,
}

/// A cluster or an account that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// What it is called: `kubernetes:workload`, `aws:111122223333`.
    pub name: String,
    /// Whether any of it could be read.
    pub was_read: bool,
}

/// Everything that a check has found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The resources, in any order.
    pub resources: Vec<ResourceOutcome>,
    /// What could not be read, in any order.
    pub unreadable: Vec<Unreadable>,
    /// What was asked for.
    pub targets: Vec<Target>,
}

impl Outcome {
    /// Takes in what another reader has found.
    pub fn extend(&mut self, other: Outcome) {
        self.resources.extend(other.resources);
        self.unreadable.extend(other.unreadable);
        self.targets.extend(other.targets);
    }
}
