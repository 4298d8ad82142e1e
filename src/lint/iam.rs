//! IAM policies and ARNs, as far as rules need them.

use serde_json::Value;

use super::world::{LintResource, World};

/// The statements of a policy; none where the text is no JSON.
pub(super) fn statements(policy: &str) -> Vec<Value> {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return Vec::new() };
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    }
}

/// The texts of a member that is one text or a list of them.
pub(super) fn texts<'v>(value: &'v Value, member: &str) -> Vec<&'v str> {
    match value.get(member) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A Kubernetes service account that a role trusts, perhaps with wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// The service accounts that a trust policy lets in by web identity.
pub(super) fn trusted_subjects(policy: &str) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for statement in statements(policy) {
        if !texts(&statement, "Action").contains(&"sts:AssumeRoleWithWebIdentity") {
            continue;
        }
        let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
        for (_, condition) in conditions.filter(|(operator, _)| operator.contains("String")) {
            for key in condition.as_object().into_iter().flatten().map(|(key, _)| key) {
                if !key.ends_with(":sub") {
                    continue;
                }
                for subject in texts(condition, key) {
                    let parts =
                        subject.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
                    if let Some((namespace, name)) = parts {
                        subjects.push(Subject { namespace: namespace.to_owned(), name: name.to_owned() });
                    }
                }
            }
        }
    }
    subjects
}

/// Whether a pattern with `*` and `?` matches a text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut in_pattern) = (0, 0);
    let mut star = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(character) if *character == '?' || Some(character) == text.get(at) => {
                in_pattern += 1;
                at += 1;
            }
            _ => match star {
                Some((place, from)) => {
                    star = Some((place, from + 1));
                    (in_pattern, at) = (place + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.get(in_pattern..).unwrap_or_default().iter().all(|character| *character == '*')
}

/// The annotation of a service account with the role that its pods take.
pub(super) const ROLE_ANNOTATION: &str = "/metadata/annotations/eks.amazonaws.com~1role-arn";

/// The path of that annotation.
pub(super) const ROLE_ANNOTATION_PATH: &str = "metadata.annotations['eks.amazonaws.com/role-arn']";

/// Account and name of the role in an ARN. A path before the name is left out.
pub(super) fn role_of_arn(arn: &str) -> Option<(&str, &str)> {
    let rest = arn.strip_prefix("arn:")?;
    let mut parts = rest.splitn(5, ':');
    let (_, service, _, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let name = parts.next()?.strip_prefix("role/")?;
    (service == "iam").then(|| (account, name.rsplit('/').next().unwrap_or(name)))
}

impl World {
    /// The managed role with a name in AWS.
    pub(super) fn role(&self, name: &str) -> Option<(usize, &LintResource)> {
        self.managed("iam", "Role").find(|(_, role)| role.external_name() == name)
    }

    /// The policy texts that belong to a role: its inline ones, and the managed ones that are attached and rendered.
    pub(super) fn policies_of<'w>(&'w self, role: &'w LintResource) -> Vec<&'w str> {
        let refers = |resource: &LintResource| {
            resource.text("/spec/forProvider/roleRef/name") == role.id.name
                || resource.text("/spec/forProvider/role") == role.external_name()
        };
        let mut policies: Vec<&str> = self
            .managed("iam", "RolePolicy")
            .filter(|(_, policy)| refers(policy))
            .map(|(_, policy)| policy.text("/spec/forProvider/policy"))
            .collect();
        for (_, attachment) in self.managed("iam", "RolePolicyAttachment").filter(|(_, it)| refers(it)) {
            let name = attachment.text("/spec/forProvider/policyArnRef/name");
            policies.extend(
                self.managed("iam", "Policy")
                    .filter(|(_, policy)| policy.id.name == name)
                    .map(|(_, policy)| policy.text("/spec/forProvider/policy")),
            );
        }
        let inline = role.value.pointer("/spec/forProvider/inlinePolicy").and_then(Value::as_array);
        policies.extend(inline.into_iter().flatten().filter_map(|entry| entry.get("policy")?.as_str()));
        policies
    }
}
