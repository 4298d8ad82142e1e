//! A role trusts the service account whose pods take it: the one that is rendered and names the role.

use crate::lint::findings::Findings;
use crate::lint::iam::{ROLE_ANNOTATION, matches, role_of_arn, trusted_subjects};
use crate::lint::world::World;

const PATH: &str = "spec.forProvider.assumeRolePolicy";

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, role) in world.managed("iam", "Role") {
        let subjects = trusted_subjects(role.text("/spec/forProvider/assumeRolePolicy"));
        if subjects.is_empty() {
            continue;
        }
        let mut takers = Vec::new();
        for (_, account) in world.of_kind("", "ServiceAccount") {
            let taken = role_of_arn(account.text(ROLE_ANNOTATION)).map(|(_, name)| name);
            if taken == Some(role.external_name()) {
                takers.push((account.id.namespace.as_deref().unwrap_or_default(), account.id.name.as_str()));
            }
        }
        for (namespace, name) in &takers {
            let is_trusted = subjects
                .iter()
                .any(|subject| matches(&subject.namespace, namespace) && matches(&subject.name, name));
            if !is_trusted {
                let trusted: Vec<String> = subjects
                    .iter()
                    .map(|subject| format!("`{}:{}`", subject.namespace, subject.name))
                    .collect();
                let message = format!(
                    "the role trusts {}, but pods take it as `{namespace}:{name}`",
                    trusted.join(", ")
                );
                findings.tell(index, PATH, message);
            }
        }
        // Add-ons of EKS bring their own service accounts.
        let is_of_addon = world.managed("eks", "Addon").any(|(_, addon)| {
            addon.text("/spec/forProvider/serviceAccountRoleArnRef/name") == role.id.name
                || addon.text("/spec/forProvider/serviceAccountRoleArn").ends_with(role.external_name())
        });
        let has_accounts = world.of_kind("", "ServiceAccount").next().is_some();
        if takers.is_empty() && !is_of_addon && has_accounts {
            let trusted: Vec<String> =
                subjects.iter().map(|subject| format!("`{}:{}`", subject.namespace, subject.name)).collect();
            let message = format!("the role trusts {}, but no service account names it", trusted.join(", "));
            findings.tell(index, PATH, message);
        }
    }
}
