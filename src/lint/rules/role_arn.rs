//! The role that a service account names is one that the environment makes, in its account.

use crate::lint::findings::Findings;
use crate::lint::iam::{ROLE_ANNOTATION, ROLE_ANNOTATION_PATH, role_of_arn};
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let roles: Vec<&str> = world.managed("iam", "Role").map(|(_, role)| role.external_name()).collect();
    for (index, account) in world.of_kind("", "ServiceAccount") {
        let arn = account.text(ROLE_ANNOTATION);
        if arn.is_empty() {
            continue;
        }
        let Some((number, role)) = role_of_arn(arn) else {
            findings.tell(index, ROLE_ANNOTATION_PATH, format!("`{arn}` is no ARN of a role"));
            continue;
        };
        if let Some(own) = world.account.as_deref().filter(|own| *own != number) {
            let message = format!("the role is of account `{number}`, the environment's is `{own}`");
            findings.tell(index, ROLE_ANNOTATION_PATH, message);
        }
        if !roles.is_empty() && !roles.contains(&role) {
            let message = format!("the environment makes no role `{role}`, but `{}`", roles.join("`, `"));
            findings.tell(index, ROLE_ANNOTATION_PATH, message);
        }
    }
}
