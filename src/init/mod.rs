//! A new environments repository: the files of an example, and the workflows, as values.
//!
//! The examples are data in `examples/`, the workflows and actions are the very files that this repository itself uses. Nothing
//! is written here: the command writes what is not there yet, and nothing else.

use clap::ValueEnum;

/// The examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Example {
    /// Plain manifests.
    #[default]
    Plain,
    /// A Helm chart, in the repository itself.
    Helm,
    /// A kustomization over a base.
    Kustomize,
    /// A Crossplane claim that becomes a bucket on AWS.
    Aws,
}

impl Example {
    /// The example that a person names by its number in the list, or by its name.
    #[must_use]
    pub fn answered(answer: &str) -> Option<Example> {
        let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match number {
            Some(index) => Example::value_variants().get(index).copied(),
            None => Example::from_str(answer, true).ok(),
        }
    }
}

/// The environment that every example has.
pub const ENVIRONMENT: &str = "dev";

/// A file to write: its path from the root, and its text.
pub type NewFile = (&'static str, &'static str);

macro_rules! example {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("examples/", $folder, "/", $path)))),+]
    };
}

macro_rules! own {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../", $path)))),+]
    };
}

const NAMESPACE: NewFile = ("base/app/namespace.yaml", include_str!("examples/shared/namespace.yaml"));

const SERVER: &[NewFile] = &[
    ("base/app/deployment.yaml", include_str!("examples/shared/deployment.yaml")),
    ("base/app/service.yaml", include_str!("examples/shared/service.yaml")),
];

const PLAIN: &[NewFile] = example!("plain": "overlays/dev/environment.yaml");

const HELM: &[NewFile] = example!(
    "helm":
    "overlays/dev/environment.yaml",
    "overlays/dev/app/values.yaml",
    "base/charts/hello/Chart.yaml",
    "base/charts/hello/values.yaml",
    "base/charts/hello/templates/deployment.yaml",
    "base/charts/hello/templates/service.yaml",
);

const KUSTOMIZE: &[NewFile] = example!(
    "kustomize":
    "overlays/dev/environment.yaml",
    "overlays/dev/app/kustomization.yaml",
    "base/app/kustomization.yaml",
);

const AWS: &[NewFile] = example!(
    "aws":
    "overlays/dev/environment.yaml",
    "base/platform/packages.yaml",
    "base/platform/store.yaml",
    "base/platform/store-aws.yaml",
    "base/storage/templates/store.yaml",
);

const WORKFLOWS: &[NewFile] = own!(
    ".github/actions/diff-comment/action.yml",
    ".github/actions/drift-check/action.yml",
    ".github/actions/render/action.yml",
    ".github/actions/setup-plimsoll/action.yml",
    ".github/workflows/diff-comment.yml",
    ".github/workflows/diff.yml",
    ".github/workflows/drift-check.yml",
    ".github/workflows/render.yml",
    ".github/zizmor.yml",
);

/// The files of a repository that begins with this example, sorted by path; the schema of environments is not among them.
#[must_use]
pub fn files(example: Example) -> Vec<NewFile> {
    let of_example: &[&[NewFile]] = match example {
        Example::Plain => &[PLAIN, &[NAMESPACE], SERVER],
        Example::Helm => &[HELM, &[NAMESPACE]],
        Example::Kustomize => &[KUSTOMIZE, &[NAMESPACE], SERVER],
        Example::Aws => &[AWS],
    };
    let mut files: Vec<NewFile> = of_example.iter().copied().chain([WORKFLOWS]).flatten().copied().collect();
    files.sort_unstable();
    files
}

/// Whether a file is the example's, and not one of those that every repository has.
#[must_use]
pub fn is_of_example(path: &str) -> bool {
    ["base/", "overlays/dev/", "policies/"].iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_stands_once() {
        for example in [Example::Plain, Example::Helm, Example::Kustomize, Example::Aws] {
            let files = files(example);
            assert!(files.windows(2).all(|pair| pair[0].0 < pair[1].0), "{example:?}");
        }
    }

    #[test]
    fn an_example_is_named_by_number_or_name() {
        assert_eq!(Example::answered("4"), Some(Example::Aws));
        assert_eq!(Example::answered("Helm"), Some(Example::Helm));
        for wrong in ["0", "5", "-1", "docker", ""] {
            assert_eq!(Example::answered(wrong), None, "{wrong}");
        }
    }
}
