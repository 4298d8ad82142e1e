//! Charts and packages from OCI registries: the distribution protocol, as far as pulling them needs it.
//!
//! Follows the OCI distribution specification 1.1, the token protocol of Docker's registries, and Helm's media types. A
//! registry is asked without credentials first. Those of its host are sent when it asks for them: to itself, or to the token
//! server that it names if that lies under the same domain. The manifest says the digest and size of the chart, and what comes
//! must have both.

use std::cell::RefCell;
use std::collections::HashMap;

use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{StatusCode, Url};
use serde::Deserialize;

use super::ChartAddress;
use super::challenge::{Challenge, challenges};
use super::chart_address::is_loopback;
use super::credentials::{Credential, Credentials, Known, behind_helper};
use super::http::{Http, Request, Response, accept, host};
use crate::diagnostic::{Code, Diagnostic};
use crate::render::digest;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CHART_LAYERS: [&str; 2] =
    ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];
const MANIFEST_LIMIT: u64 = 4 << 20;
const TOKEN_LIMIT: u64 = 1 << 20;

/// Registries, and what they have granted in this run.
pub(super) struct Registries<'a> {
    http: &'a Http<'a>,
    credentials: &'a Credentials,
    /// `Authorization` headers by registry and repository.
    granted: RefCell<HashMap<String, String>>,
    /// The scheme that each registry of this machine speaks.
    schemes: RefCell<HashMap<String, &'static str>>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl<'a> Registries<'a> {
    pub(super) fn new(http: &'a Http<'a>, credentials: &'a Credentials) -> Registries<'a> {
        Registries { http, credentials, granted: RefCell::default(), schemes: RefCell::default() }
    }

    /// The packaged chart at an address.
    pub(super) fn pull(&self, address: &ChartAddress, limit: u64) -> Result<Vec<u8>, Diagnostic> {
        let what = format!("the chart `{address}`");
        let rest = address.repository.strip_prefix("oci://").unwrap_or(&address.repository);
        let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
        let name = if name == "docker.io" { "registry-1.docker.io" } else { name };
        let repository = format!("{path}/{}", address.name).trim_start_matches('/').to_owned();
        // Tags have no `+`.
        let tag = address.version.replace('+', "_");
        let scheme = self.scheme(name)?;
        let url = |kind: &str, reference: &str| {
            Url::parse(&format!("{scheme}://{name}/v2/{repository}/{kind}/{reference}")).map_err(|_| {
                Diagnostic::error(
                    Code::new("fetch::address"),
                    format!("`{address}` is no address of a chart"),
                )
            })
        };
        let response = self
            .get(url("manifests", &tag)?, &repository, MANIFEST, MANIFEST_LIMIT)?
            .require_success(&what)?;
        let manifest: Manifest = serde_json::from_slice(&response.body)
            .map_err(|_| not_a_chart(address, "its manifest cannot be read"))?;
        let mut layers =
            manifest.layers.iter().filter(|layer| CHART_LAYERS.contains(&layer.media_type.as_str()));
        let (Some(layer), None) = (layers.next(), layers.next()) else {
            return Err(not_a_chart(address, "its manifest does not list one packaged chart"));
        };
        let Some(sha256) = layer.digest.strip_prefix("sha256:") else {
            return Err(not_a_chart(address, "its manifest does not name the chart by SHA-256"));
        };
        if layer.size > limit {
            let message = format!("the chart `{address}` has more than {limit} bytes");
            return Err(Diagnostic::error(Code::new("fetch::too-large"), message));
        }
        let blob = self
            .get(url("blobs", &layer.digest)?, &repository, MANIFEST, layer.size)?
            .require_success(&what)?;
        let got = digest::sha256(&blob.body);
        if got != sha256 {
            let message = format!("the chart `{address}` is not what its manifest says");
            return Err(Diagnostic::error(Code::new("fetch::mismatch"), message)
                .with_cause(format!("the manifest says sha256:{sha256}"))
                .with_cause(format!("what came has sha256:{got}")));
        }
        Ok(blob.body)
    }

    /// `https`; of a registry on this machine that does not speak it, `http`.
    pub(super) fn scheme(&self, name: &str) -> Result<&'static str, Diagnostic> {
        let parsed = Url::parse(&format!("https://{name}/v2/"));
        let Some(url) = parsed.ok().filter(is_loopback) else { return Ok("https") };
        if let Some(scheme) = self.schemes.borrow().get(name) {
            return Ok(scheme);
        }
        let scheme = match self.http.send(&Request::get(url, MANIFEST_LIMIT)) {
            Ok(_) => "https",
            Err(_) => "http",
        };
        self.schemes.borrow_mut().insert(name.to_owned(), scheme);
        Ok(scheme)
    }

    /// Asks for something of a repository, with what the registry wants to see.
    pub(super) fn get(
        &self,
        url: Url,
        repository: &str,
        accepted: &str,
        limit: u64,
    ) -> Result<Response, Diagnostic> {
        let key = format!("{}/{repository}", host(&url));
        let headers = [accept(accepted)];
        let request = |authorization: Option<String>| Request {
            headers: &headers,
            authorization,
            ..Request::get(url.clone(), limit)
        };
        let granted = self.granted.borrow().get(&key).cloned();
        let response = self.http.send(&request(granted))?;
        if response.status != StatusCode::UNAUTHORIZED || response.url != url {
            return Ok(response);
        }
        let authorization = self.authorize(&url, repository, &response)?;
        let Some(authorization) = authorization else { return Ok(response) };
        self.granted.borrow_mut().insert(key, authorization.clone());
        self.http.send(&request(Some(authorization)))
    }

    /// The `Authorization` header that answers a refusal; none where there is nothing to answer it with.
    fn authorize(
        &self,
        url: &Url,
        repository: &str,
        refusal: &Response,
    ) -> Result<Option<String>, Diagnostic> {
        let of_header =
            |value: &reqwest::header::HeaderValue| value.to_str().map(challenges).unwrap_or_default();
        let asked: Vec<Challenge> =
            refusal.headers.get_all(WWW_AUTHENTICATE).iter().flat_map(of_header).collect();
        let known = self.credentials.of_host(&host(url))?;
        if let Some(bearer) = asked.iter().find(|challenge| challenge.is("bearer")) {
            return self.token(url, repository, bearer, known).map(Some);
        }
        let basic = match &known {
            Known::Credential(credential) => credential.to_basic(),
            _ => None,
        };
        match (basic, known) {
            (Some(basic), _) if asked.iter().any(|challenge| challenge.is("basic")) => Ok(Some(basic)),
            (None, Known::BehindHelper(helper)) => Err(behind_helper(&host(url), &helper)),
            _ => Ok(None),
        }
    }

    /// A token of the server that the registry names.
    fn token(
        &self,
        registry: &Url,
        repository: &str,
        challenge: &Challenge,
        known: Known,
    ) -> Result<String, Diagnostic> {
        let what = format!("a token for `{}`", host(registry));
        let unusable = |cause: &str| {
            let message = format!("`{}` names a token server that cannot be used", host(registry));
            Diagnostic::error(Code::new("fetch::denied"), message).with_cause(cause.to_owned())
        };
        let realm = challenge.parameter("realm").and_then(|realm| Url::parse(realm).ok());
        let mut realm = realm.ok_or_else(|| unusable("its address cannot be read"))?;
        let credential = match known {
            Known::Credential(credential) if is_of_one_house(registry, &realm) => Some(credential),
            Known::Credential(_) => {
                return Err(unusable("it lies under another domain, and credentials are not sent there"));
            }
            Known::BehindHelper(_) | Known::Nothing => None,
        };
        let scope = challenge
            .parameter("scope")
            .map_or_else(|| format!("repository:{repository}:pull"), str::to_owned);
        let mut query: Vec<(&str, &str)> = vec![("scope", &scope)];
        query.extend(challenge.parameter("service").map(|service| ("service", service)));
        let form;
        let mut request = Request::get(realm.clone(), TOKEN_LIMIT);
        match &credential {
            Some(Credential::Identity(token)) => {
                query.extend([
                    ("grant_type", "refresh_token"),
                    ("client_id", "plimsoll"),
                    ("refresh_token", token),
                ]);
                form = Url::parse_with_params("form:", &query)
                    .map_err(|_| unusable("its address cannot be read"))?;
                let body = form.query().unwrap_or_default().as_bytes().to_vec();
                request.body = Some(("application/x-www-form-urlencoded", body));
            }
            other => {
                realm.query_pairs_mut().extend_pairs(&query);
                request.url = realm;
                request.authorization = other.as_ref().and_then(Credential::to_basic);
            }
        }
        let response = self.http.send(&request)?;
        if let (false, Known::BehindHelper(helper)) =
            (response.status.is_success(), self.credentials.of_host(&host(registry))?)
        {
            return Err(behind_helper(&host(registry), &helper));
        }
        let response = response.require_success(&what)?;
        let token: Token =
            serde_json::from_slice(&response.body).map_err(|_| unusable("its answer cannot be read"))?;
        let token =
            token.token.or(token.access_token).ok_or_else(|| unusable("its answer holds no token"))?;
        Ok(format!("Bearer {token}"))
    }
}

/// Whether a token server belongs to a registry: the same host, or one under the same domain, as `auth.example.com` and
/// `registry.example.com` are. A domain here has at least two labels, so that not everything under `.com` is one.
fn is_of_one_house(registry: &Url, realm: &Url) -> bool {
    let name = |url: &Url| url.host_str().unwrap_or_default().to_ascii_lowercase();
    let (registry, realm) = (name(registry), name(realm));
    if registry == realm {
        return true;
    }
    let is_address = |name: &str| name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
    if is_address(&registry) || is_address(&realm) {
        return false;
    }
    let house = registry.split_once('.').map_or("", |(_, domain)| domain);
    let own = [registry.as_str(), house];
    own.into_iter()
        .filter(|domain| domain.split('.').count() >= 2)
        .any(|domain| realm == domain || realm.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

fn not_a_chart(address: &ChartAddress, cause: &str) -> Diagnostic {
    let message = format!("`{address}` is no chart");
    Diagnostic::error(Code::new("fetch::chart"), message).with_cause(cause.to_owned())
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::is_of_one_house;

    #[test]
    fn credentials_stay_in_the_house() {
        for (registry, realm, expected) in [
            ("https://ghcr.io", "https://ghcr.io/token", true),
            ("https://registry-1.docker.io", "https://auth.docker.io/token", true),
            ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth", true),
            ("https://ghcr.io", "https://evil.io/token", false),
            ("https://registry.example.com", "https://example.com.evil.org", false),
            ("https://registry.example.com", "https://badexample.com", false),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token", true),
            ("http://127.0.0.1:5000", "http://127.0.0.2:5001/token", false),
        ] {
            let parse = |text: &str| Url::parse(text).unwrap();
            assert_eq!(is_of_one_house(&parse(registry), &parse(realm)), expected, "{registry} {realm}");
        }
    }
}
