//! What a cluster can do, as charts are told: its version and the API versions it serves.
//!
//! Nothing is asked of a cluster. The defaults are those of the released binaries of Helm 3.21.4 and 4.2.4: Kubernetes v1.36.0
//! and the API versions that the Kubernetes client library knows.

use plimsoll_gotemplate::quote::quote;

use crate::error::{Error, ErrorKind};

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// As it was given, with a `v`: `v1.33.4-gke.1245000`.
    pub given: String,
    /// The numbers alone, with a `v`: `v1.33.4`.
    pub normalized: String,
    /// The first number.
    pub major: String,
    /// The second number.
    pub minor: String,
}

impl Default for KubeVersion {
    fn default() -> KubeVersion {
        let version = "v1.36.0".to_owned();
        KubeVersion {
            given: version.clone(),
            normalized: version,
            major: "1".to_owned(),
            minor: "36".to_owned(),
        }
    }
}

impl KubeVersion {
    /// Reads a version as Kubernetes' own parser does: two numbers or more, and anything after them.
    pub fn parse(text: &str) -> Result<KubeVersion, Error> {
        let refuse = |message: String| {
            Error::new(ErrorKind::Values, format!("invalid kube version '{text}': {message}"))
        };
        let quoted = || quote(text.as_bytes());
        let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        let trimmed = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let mut components = Vec::new();
        let mut rest = trimmed;
        loop {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                break;
            }
            let (component, after) = rest.split_at(digits);
            components.push(component);
            match after.strip_prefix('.') {
                Some(next) if next.starts_with(|character: char| character.is_ascii_digit()) => rest = next,
                _ => break,
            }
        }
        let [major, minor, ..] = components.as_slice() else {
            return Err(refuse(if components.is_empty() {
                format!("could not parse {} as version", quoted())
            } else {
                format!("illegal version string {}", quoted())
            }));
        };
        if major.starts_with('0') && *major != "0" {
            return Err(refuse(format!(
                "illegal zero-prefixed version component {} in {}",
                quote(major.as_bytes()),
                quoted()
            )));
        }
        let mut numbers = Vec::new();
        for component in &components {
            numbers.push(component.parse::<u64>().map_err(|_| {
                let component = quote(component.as_bytes());
                refuse(format!(
                    "illegal non-numeric version component {component} in {}: strconv.ParseUint: parsing {component}: \
                     value out of range",
                    quoted()
                ))
            })?);
        }
        let number =
            |text: &str| text.parse::<u64>().map_or_else(|_| text.to_owned(), |number| number.to_string());
        Ok(KubeVersion {
            given: if text.starts_with('v') { text.to_owned() } else { format!("v{text}") },
            normalized: format!("v{}", numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")),
            major: number(major),
            minor: number(minor),
        })
    }
}

/// The API versions that charts find without a cluster, in Helm's order.
pub(crate) fn default_api_versions() -> impl Iterator<Item = &'static str> {
    include_str!("../data/kubernetes_api_versions.txt").lines()
}
