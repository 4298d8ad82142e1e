//! What to do about a finding: how to go back to what Git says, and how to adopt what lives.

use super::model::{Identity, Resource, State};

/// How to go back, and how to adopt; none where neither applies.
#[must_use]
pub fn remedies(resource: &Resource) -> Vec<String> {
    let file = resource.source.as_ref().map_or("its file", |source| source.file.as_str());
    match (&resource.id, resource.state) {
        (_, State::InSync) => Vec::new(),
        (_, State::Unknown) => {
            vec!["let the check read it (`plimsoll check --print-policy` lists the rights)".to_owned()]
        }
        (_, State::Pending) => vec!["wait, then check again".to_owned()],
        (Identity::Kubernetes(_), State::Missing | State::Changed) if claim_of(resource).is_some() => vec![
            format!(
                "to go back: Crossplane composes it of {} again; what was added must be taken away by hand",
                claim_of(resource).unwrap_or_default()
            ),
            "to adopt: put the live values into the claim or its Composition and render".to_owned(),
        ],
        (Identity::Kubernetes(_), State::Missing) => vec![
            format!("to go back: apply {file} again"),
            "to adopt: take it out of its layer's sources and render".to_owned(),
        ],
        (Identity::Kubernetes(_), State::Changed) => {
            let replace = if resource.fields.iter().any(|field| field.needs_replace) {
                " (a field cannot be changed in place: delete the object first)"
            } else {
                ""
            };
            vec![
                format!("to go back: apply {file} again{replace}; what was added must be taken away by hand"),
                "to adopt: put the live values into its layer's sources and render".to_owned(),
            ]
        }
        (Identity::Kubernetes(id), State::Extra) => {
            let namespace =
                id.namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
            let group = if id.group.is_empty() { String::new() } else { format!(".{}", id.group) };
            vec![
                format!(
                    "to go back: kubectl delete {}{group} {}{namespace}",
                    id.kind.to_lowercase(),
                    id.name
                ),
                "to adopt: add it to a layer's sources and render, or ignore it with a reason".to_owned(),
            ]
        }
        (Identity::Aws(_), State::Extra) => vec![
            "to go back: delete it in AWS".to_owned(),
            "to adopt: declare it, or ignore it with a reason".to_owned(),
        ],
        (Identity::Aws(_), State::Changed | State::Missing) => {
            let claim = resource
                .via
                .as_ref()
                .and_then(|via| via.claim.clone().or_else(|| via.managed_resource.clone()));
            let owner = claim.unwrap_or_else(|| "its managed resource".to_owned());
            vec![
                format!("to go back: Crossplane sets declared fields of {owner} again; undo the rest in AWS"),
                "to adopt: put the live values into the claim or its Composition and render".to_owned(),
            ]
        }
    }
}

/// The claim that a resource is composed for.
fn claim_of(resource: &Resource) -> Option<&str> {
    resource.via.as_ref()?.claim.as_deref()
}
