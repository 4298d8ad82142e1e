//! The dialects of YAML that the programs we emulate read and write.

/// Whose rules say what a plain scalar means, what is an error, and how text is quoted.
///
/// The measured differences are rows of the test table `tests/dialects`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// go-yaml v2 below sigs.k8s.io/yaml, as Helm reads values and `fromYaml`: YAML 1.1 booleans, also as keys; the
    /// last of two equal keys wins.
    Helm,
    /// go-yaml v3, as kustomize reads resources: `yes` is a string, dates are timestamps, equal keys are an error.
    Kustomize,
    /// YAML 1.2 core schema, for the files of our own: equal keys are an error.
    Yaml12,
}
