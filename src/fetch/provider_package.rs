//! Packages of Crossplane from OCI registries: the one layer of the image that holds what the package defines.
//!
//! Follows the xpkg specification 1.0: the layer with the annotation `io.crossplane.xpkg: base`, or, where none has it, the first one
//! that has it all, is a tar archive with `package.yaml`. The image's other layers are the program, and are never asked for. Of an
//! image for several platforms the first is taken, since all define the same.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Url;
use serde::Deserialize;

use super::registry::Registries;
use crate::diagnostic::{Code, Diagnostic};
use crate::render::digest;

const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
const MANIFEST_LIMIT: u64 = 4 << 20;
/// The definitions of the whole AWS provider have 100 MB, and a tenth of that when they are compressed.
const LAYER_LIMIT: u64 = 64 << 20;
const CONTENT_LIMIT: u64 = 512 << 20;

/// A package as `spec.package` names it: registry, repository, and a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageAddress {
    text: String,
}

/// What a package's image holds, with the digest of its manifest.
pub(super) struct PackageImage {
    pub(super) digest: String,
    pub(super) content: Vec<u8>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

impl PackageAddress {
    /// The address; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<PackageAddress, Diagnostic> {
        let address = PackageAddress { text: text.to_owned() };
        let problem = |code: &'static str, message: String, help: &str| {
            Err(Diagnostic::error(Code::new(code), message).with_help(help))
        };
        let (registry, repository, reference) = address.parts();
        let is_plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
        };
        if !registry.contains(['.', ':']) || !is_plain(registry) || !is_plain(repository) {
            let message = format!("`{text}` does not name the registry that the package lies in");
            return problem(
                "fetch::address",
                message,
                "write it whole: `registry.example.com/team/package:v1.2.3`",
            );
        }
        if !is_plain(reference) || reference == "latest" || reference.contains('/') {
            let message = format!("`{text}` may mean another package tomorrow");
            return problem("fetch::floating", message, "name one version, such as `:v1.2.3`, or a digest");
        }
        Ok(address)
    }

    /// Registry, repository and reference.
    fn parts(&self) -> (&str, &str, &str) {
        let (registry, rest) = self.text.split_once('/').unwrap_or(("", &self.text));
        match rest.split_once('@') {
            Some((repository, digest)) => {
                (registry, repository.split(':').next().unwrap_or_default(), digest)
            }
            None => match rest.rsplit_once(':') {
                Some((repository, tag)) => (registry, repository, tag),
                None => (registry, rest, ""),
            },
        }
    }
}

impl std::fmt::Display for PackageAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The texts of a package's definitions, from its image; where a digest is pinned, from the image of that digest.
pub(super) fn pull(
    registries: &Registries<'_>,
    address: &PackageAddress,
    pinned: Option<&str>,
) -> Result<PackageImage, Diagnostic> {
    let what = format!("the package `{address}`");
    let (registry, repository, reference) = address.parts();
    let scheme = registries.scheme(registry)?;
    let get = |kind: &str, reference: &str, limit: u64| {
        let url = Url::parse(&format!("{scheme}://{registry}/v2/{repository}/{kind}/{reference}")).map_err(
            |_| {
                Diagnostic::error(
                    Code::new("fetch::address"),
                    format!("`{address}` is no address of a package"),
                )
            },
        )?;
        registries.get(url, repository, MANIFESTS, limit)?.require_success(&what)
    };
    let verified = |body: Vec<u8>, wanted: &str| {
        let got = format!("sha256:{}", digest::sha256(&body));
        if got == wanted {
            return Ok(body);
        }
        let message = format!("{what} is not what was promised");
        Err(Diagnostic::error(Code::new("fetch::mismatch"), message)
            .with_cause(format!("promised was {wanted}"))
            .with_cause(format!("what came has {got}")))
    };
    let body = get("manifests", pinned.unwrap_or(reference), MANIFEST_LIMIT)?.body;
    let digest = format!("sha256:{}", digest::sha256(&body));
    let promised = pinned.or(Some(reference).filter(|reference| reference.starts_with("sha256:")));
    let body = promised.map_or(Ok(body.clone()), |promised| verified(body, promised))?;
    let read = |body: &[u8]| -> Result<Manifest, Diagnostic> {
        serde_json::from_slice(body).map_err(|_| not_a_package(address, "its manifest cannot be read"))
    };
    let mut manifest = read(&body)?;
    if let Some(first) = manifest.manifests.first() {
        let body = get("manifests", &first.digest, MANIFEST_LIMIT)?.body;
        manifest = read(&verified(body, &first.digest)?)?;
    }
    let is_base = |layer: &&Descriptor| {
        let kind = layer.annotations.as_ref().and_then(|annotations| annotations.get("io.crossplane.xpkg"));
        kind.is_some_and(|kind| kind == "base")
    };
    let marked: Vec<&Descriptor> = manifest.layers.iter().filter(is_base).collect();
    let candidates = if marked.is_empty() { manifest.layers.iter().collect() } else { marked };
    for layer in candidates {
        if layer.size > LAYER_LIMIT {
            continue;
        }
        let body = verified(get("blobs", &layer.digest, layer.size)?.body, &layer.digest)?;
        let found = package_file(&body).map_err(|error| {
            not_a_package(address, "a layer of its image cannot be unpacked").with_cause(error.to_string())
        })?;
        if let Some(content) = found {
            return Ok(PackageImage { digest, content });
        }
    }
    Err(not_a_package(address, "no layer of its image holds `package.yaml`"))
}

/// `package.yaml` of a layer.
fn package_file(layer: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    let reader: Box<dyn Read + '_> =
        if layer.starts_with(&[0x1f, 0x8b]) { Box::new(GzDecoder::new(layer)) } else { Box::new(layer) };
    for entry in tar::Archive::new(reader.take(CONTENT_LIMIT)).entries()? {
        let mut entry = entry?;
        let path = entry.path_bytes().into_owned();
        if path.strip_prefix(b"./").unwrap_or(&path) == b"package.yaml" {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            return Ok(Some(content));
        }
    }
    Ok(None)
}

fn not_a_package(address: &PackageAddress, cause: &str) -> Diagnostic {
    let message = format!("`{address}` is no package of Crossplane");
    Diagnostic::error(Code::new("fetch::package"), message).with_cause(cause.to_owned())
}

#[cfg(test)]
mod tests {
    use super::PackageAddress;

    #[test]
    fn an_address_is_whole_and_fixed() {
        for text in [
            "registry.example.com/team/package:v1",
            "localhost:5000/package:v1.2.3",
            "registry.example.com/team/package@sha256:00",
        ] {
            assert!(PackageAddress::parse(text).is_ok(), "{text}");
        }
        for text in [
            "team/package:v1",
            "registry.example.com/package",
            "registry.example.com/package:latest",
            "x.y/a?b:v1",
            "",
        ] {
            assert!(PackageAddress::parse(text).is_err(), "{text}");
        }
        let address = PackageAddress::parse("localhost:5000/team/package:v1@sha256:00").unwrap();
        assert_eq!(address.parts(), ("localhost:5000", "team/package", "sha256:00"));
    }
}
