//! From managed resources to calls, and from answers to what differs: a machine that is asked for calls and given answers.
//!
//! [`Plan::next_calls`] says what to ask now; each answer goes to [`Plan::answer`], in any order and from any number of
//! workers' hands; when there is nothing more to ask, [`Plan::finish`] tells how every resource stands and what AWS holds besides.
//! The same call is never asked twice. What a failed call leaves open is [`State::Unknown`], with the service's own code; it is
//! never taken for absent.
//!
//! Works in rounds: every round asks for what the resources that are not yet found need, until nothing is wanted. Findings
//! depend on the set of answers alone, not on their order.

mod calls;
mod compare;
mod desired;
mod extra;
mod find;
mod inventory;
mod judge;
mod least_policy;
mod references;
mod result;
mod rule_set;

use serde_json::Value;

pub use calls::{Call, CallFailure};
pub use least_policy::{Rights, least_policy, least_right};
pub use result::{AwsResult, Change, Difference, State};

use calls::Calls;
use desired::Desired;
use find::Finder;
use inventory::Inventory;

/// A managed resource of Crossplane.
#[derive(Debug, Clone)]
pub struct ManagedResource {
    /// As Git declares it.
    pub manifest: Value,
    /// As the management cluster has it, where it could be read: its external name is used, and what references became.
    pub observed: Option<Value>,
}

/// The account that is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: String,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The region of resources that name none, and of services without regions.
    pub region: String,
}

/// A comparison of managed resources with an account.
pub struct Plan {
    account: Account,
    resources: Vec<Desired>,
    calls: Calls,
    /// Whether a round without new calls has been seen.
    settled: bool,
}

impl Plan {
    /// A plan for these resources. Those of other groups than `*.aws.upbound.io` and `*.aws.m.upbound.io` are left alone.
    #[must_use]
    pub fn new(resources: &[ManagedResource], account: Account) -> Plan {
        let resources = resources.iter().enumerate();
        let resources = resources.filter_map(|(index, resource)| Desired::of(index, resource, &account));
        Plan { resources: resources.collect(), account, calls: Calls::default(), settled: false }
    }

    /// The calls to make now, each once. Empty when nothing more is wanted until further answers, or at all.
    pub fn next_calls(&mut self) -> Vec<Call> {
        let wanted = self.with_finder(|finder| {
            finder.find_all();
            judge::ask_for_joins(finder);
            extra::ask(finder);
            finder.wanted()
        });
        let new = self.calls.ask(wanted);
        self.settled = new.is_empty() && !self.calls.has_open();
        new
    }

    /// Takes the answer to a call.
    pub fn answer(&mut self, call: u64, answer: Result<Value, CallFailure>) {
        self.calls.answer(call, answer);
    }

    /// Whether every call that is needed has been made and answered.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// How each resource stands, in the order in which they were given, then what is extra. Calls that have no answer count as
    /// failed.
    #[must_use]
    pub fn finish(mut self) -> Vec<AwsResult> {
        self.calls.give_up();
        self.with_finder(|finder| {
            finder.find_all();
            let mut results = judge::all(finder);
            results.extend(extra::all(finder));
            results
        })
    }

    fn with_finder<T>(&self, work: impl FnOnce(&mut Finder<'_>) -> T) -> T {
        let inventory = Inventory::new(&self.calls, &self.account);
        work(&mut Finder::new(&self.resources, &self.account, inventory))
    }
}
