//! What a comparison comes to.

use serde_json::Value;

use crate::kind::Severity;

/// How a resource stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// AWS holds what Git declares.
    InSync,
    /// Something differs, or the resource is in a failed state.
    Changed,
    /// AWS does not have it.
    Missing,
    /// AWS has it as a part of something that Git declares, and Git does not.
    Extra,
    /// A change is under way in AWS.
    Pending,
    /// It could not be read or compared.
    Unknown,
    /// It is nothing in AWS: it is judged on the management cluster only.
    ClusterOnly,
    /// There is no table for its kind.
    Unsupported,
}

/// How a parameter differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Both sides have it.
    Changed,
    /// Git declares it and AWS lacks it.
    Removed,
    /// AWS has it and Git does not.
    Added,
    /// The same items in another order, where order counts.
    Reordered,
}

/// A parameter that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The parameter in the manifest: `spec.forProvider.cidrIpv4`.
    pub path: String,
    /// How it differs.
    pub change: Change,
    /// What Git declares, or the fixed default of AWS where it leaves the parameter open.
    pub desired: Option<Value>,
    /// What AWS has.
    pub live: Option<Value>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether going back needs the resource to be made anew.
    pub needs_replace: bool,
}

/// How one resource stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsResult {
    /// Which of the resources that the plan was given; none for what only AWS has.
    pub resource: Option<usize>,
    /// Service and kind: `ec2.SecurityGroup`.
    pub kind: String,
    /// The id or name in AWS, or the best that is known of it.
    pub name: String,
    /// The ARN, where it is known.
    pub arn: Option<String>,
    /// The region; none for services without.
    pub region: Option<String>,
    /// How it stands.
    pub state: State,
    /// How bad that is; none for what is in sync.
    pub severity: Option<Severity>,
    /// Why it is unknown (the service's own code), or the status that a change under way has.
    pub cause: Option<String>,
    /// Whether a change under way leads to what Git declares.
    pub settles: bool,
    /// The parameters that differ, in the order of their paths.
    pub differences: Vec<Difference>,
    /// Parameters that Git declares and no table knows: nothing is said about them.
    pub uncompared: Vec<String>,
}
