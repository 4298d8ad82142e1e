//! The IAM action that allows an operation: mostly the operation's own name, and a table of those which are called otherwise.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::service::service;

/// Operations whose action has another name, by `service:Operation`.
static EXCEPTIONS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/actions.json")).expect("a test parses the table")
});

/// The IAM action of an operation: `s3:GetEncryptionConfiguration` for `GetBucketEncryption`. Empty for what needs no right.
#[must_use]
pub fn iam_action(service_name: &str, operation: &str) -> String {
    let prefix = service(service_name).map_or(service_name, |service| service.signing_name.as_str());
    let name = format!("{prefix}:{operation}");
    EXCEPTIONS.get(&name).cloned().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::iam_action;

    #[test]
    fn some_actions_have_names_of_their_own() {
        assert_eq!(iam_action("ec2", "DescribeVpcs"), "ec2:DescribeVpcs");
        assert_eq!(iam_action("s3", "GetBucketEncryption"), "s3:GetEncryptionConfiguration");
        assert_eq!(iam_action("resourcegroupstaggingapi", "GetResources"), "tag:GetResources");
        assert_eq!(iam_action("sts", "GetCallerIdentity"), "");
    }
}
