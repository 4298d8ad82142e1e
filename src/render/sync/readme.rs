//! `environments/<env>/README.md`: what the folder is, and how its syncing is started.

use crate::config::environment::{Environment, Sync};

/// The text of the file. It is owned like every other rendered file.
#[must_use]
pub fn bootstrap_note(environment: &Environment) -> String {
    let name = &environment.metadata.name;
    let context = environment.spec.clusters.get("management").and_then(|cluster| cluster.context.as_deref());
    let context = context.map_or_else(String::new, |context| format!(" --context {context}"));
    let start = match &environment.spec.sync {
        Some(Sync::ArgoCd(settings)) => format!(
            "Where Argo CD runs, this starts the syncing of all layers, and again what changes in `sync/`:\n\n\
             ```sh\nkubectl{context} apply --server-side --recursive -f environments/{name}/sync/\n```\n\n\
             Argo CD then follows the branch `{}` of <{}>, layer by layer. The keys of `argocd-cm` tell it when a layer is \
             healthy; keys that others wrote stay.\n",
            settings.branch, settings.url
        ),
        Some(Sync::Flux(settings)) => {
            let credentials = settings.secret_ref.as_ref().map_or_else(String::new, |secret| {
                format!(" It needs the Secret `{}` in the namespace `{}`.", secret.name, settings.namespace)
            });
            format!(
                "Where Flux runs, this starts the syncing of all layers, and again what changes in `sync/`:\n\n\
                 ```sh\nkubectl{context} apply --recursive -f environments/{name}/sync/\n```\n\n\
                 Flux then follows the branch `{}` of <{}>.{credentials}\n",
                settings.branch, settings.url
            )
        }
        None => {
            "Each folder is a layer, to be applied in the order of `dependsOn` in the environment's file.\n"
                .to_owned()
        }
    };
    format!(
        "# {name}\n\nRendered by `plimsoll render --env {name}` from `overlays/{name}/environment.yaml`. Change the inputs, not \
         these files: the next render replaces them. `plimsoll.lock.yaml` lists what is owned.\n\n{start}"
    )
}
