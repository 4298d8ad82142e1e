//! `environments/<env>/README.md`: what the folder is, and how its syncing is started.

use crate::config::environment::{Environment, Sync};

/// The text of the file. It is owned like every other rendered file.
#[must_use]
pub fn bootstrap_note(environment: &Environment) -> String {
    let name = &environment.metadata.name;
    // Where there is one cluster only, what applies the layers runs in it.
    let clusters = &environment.spec.clusters;
    let only = clusters.values().next().filter(|_| clusters.len() == 1);
    let context = clusters.get("management").or(only).and_then(|cluster| cluster.context.as_deref());
    let context = context.map_or_else(String::new, |context| format!(" --context {context}"));
    let start = match &environment.spec.sync {
        Some(Sync::ArgoCd(settings)) => {
            let folder = format!("environments/{name}/sync/{}", settings.namespace);
            let project = settings.project.is_none().then(|| format!("appproject-{name}.yaml"));
            let files: Vec<String> = project
                .into_iter()
                .chain(["configmap-argocd-cm.yaml".to_owned(), format!("application-{name}.yaml")])
                .collect();
            let files: String = files.iter().map(|file| format!(" -f {folder}/{file}")).collect();
            format!(
                "Where Argo CD runs, this starts the syncing of all layers, and again when one of these files changes:\n\n\
                 ```sh\nkubectl{context} apply --server-side{files}\n```\n\n\
                 Argo CD then follows the branch `{}` of <{}>. The Application `{name}` makes those of the layers, each when the \
                 one before is healthy; so apply none of them by hand. The keys of `argocd-cm` tell Argo CD when a layer is \
                 healthy; keys that others wrote stay.\n",
                settings.branch, settings.url
            )
        }
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
