//! An EKS cluster by its name, into what a Kubernetes client needs: address, certificate authority and a token.
//!
//! The token is what EKS's authenticator takes: the URL of a presigned `sts:GetCallerIdentity` call that names the cluster in a
//! signed header. It is made in process, lives a minute as a URL (EKS accepts it for 15), and is sent nowhere but to the cluster.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::caller::Caller;
use super::endpoint::Endpoint;
use super::failure::{CallFailure, Cause};
use super::session::Session;

/// The header that binds a token to one cluster.
const CLUSTER_HEADER: &str = "x-k8s-aws-id";

/// What every token begins with.
const TOKEN_PREFIX: &str = "k8s-aws-v1.";

/// How long the presigned URL is valid.
const URL_LIFETIME: Duration = Duration::from_secs(60);

/// A bearer token for one cluster, which the cluster takes for 15 minutes.
#[derive(Clone)]
pub struct Token {
    /// What goes into the `Authorization` header, after `Bearer`.
    pub secret: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").finish_non_exhaustive()
    }
}

/// How a cluster is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterAccess {
    /// The address of its API server.
    pub endpoint: String,
    /// The certificate authority that its API server's certificate comes from, in PEM.
    pub certificate_authority: Vec<u8>,
    /// The account that it belongs to, as its ARN says.
    pub account: Option<String>,
}

impl Caller {
    /// Asks EKS for a cluster of this account by its name.
    pub async fn cluster_access(&self, cluster: &str) -> Result<ClusterAccess, CallFailure> {
        let region = self.session().region();
        let parameters = json!({"name": cluster});
        let answer = self.call("eks", "DescribeCluster", region, &parameters).await?;
        access(answer.get("cluster").unwrap_or(&Value::Null))
    }
}

fn access(cluster: &Value) -> Result<ClusterAccess, CallFailure> {
    let text = |pointer: &str| cluster.pointer(pointer).and_then(Value::as_str);
    let endpoint = text("/endpoint");
    let authority = text("/certificateAuthority/data").and_then(|data| STANDARD.decode(data).ok());
    let Some((endpoint, certificate_authority)) = endpoint.zip(authority) else {
        let status = text("/status").unwrap_or("of no status");
        return Err(CallFailure::new(
            Cause::Service("ClusterNotReady".to_owned()),
            format!("the cluster is {status}, and has no endpoint yet"),
        ));
    };
    let account = text("/arn").and_then(|arn| arn.split(':').nth(4)).map(str::to_owned);
    Ok(ClusterAccess { endpoint: endpoint.to_owned(), certificate_authority, account })
}

impl Session {
    /// A token for a cluster of this account. It asks nobody, unless credentials have to be renewed.
    pub async fn cluster_token(&self, cluster: &str) -> Result<Token, CallFailure> {
        let credentials = self.credentials.current().await?;
        // The cluster's authenticator calls what the token names, so a stand-in for AWS is of no use here.
        let endpoint = Endpoint::of("sts", self.region(), super::Variant::Regular, None);
        let secret = token(&credentials, &endpoint, cluster, SystemTime::now())?;
        Ok(Token { secret })
    }
}

fn token(
    credentials: &Credentials,
    endpoint: &Endpoint,
    cluster: &str,
    now: SystemTime,
) -> Result<String, CallFailure> {
    let unsendable = |error: &dyn std::fmt::Display| {
        CallFailure::new(Cause::NoCredentials, format!("the token cannot be made: {error}"))
    };
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(URL_LIFETIME);
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&endpoint.signing_region)
        .name("sts")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|error| unsendable(&error))?
        .into();
    let url = format!("{}/?Action=GetCallerIdentity&Version=2011-06-15", endpoint.url);
    let headers = [(CLUSTER_HEADER, cluster)].into_iter();
    let signable = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[]))
        .map_err(|error| unsendable(&error))?;
    let (instructions, _) = sign(signable, &parameters).map_err(|error| unsendable(&error))?.into_parts();
    let mut request = http::Request::builder()
        .uri(&url)
        .header(CLUSTER_HEADER, cluster)
        .body(())
        .map_err(|error| unsendable(&error))?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(request.uri().to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_presigned_url_that_names_its_cluster_in_a_signed_header() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let endpoint = Endpoint::of("sts", "eu-central-1", super::super::Variant::Regular, None);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let token = token(&credentials, &endpoint, "langfuse-dev", now).expect("all parts are given");
        let url = token.strip_prefix(TOKEN_PREFIX).expect("the prefix");
        let url = URL_SAFE_NO_PAD.decode(url).expect("base64");
        let url = String::from_utf8(url).expect("text");
        assert!(
            url.starts_with(
                "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&"
            ),
            "{url}"
        );
        for part in [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=AKIDEXAMPLE%2F20260921%2Feu-central-1%2Fsts%2Faws4_request",
            "X-Amz-Expires=60",
            "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
            "X-Amz-Security-Token=session",
            "X-Amz-Signature=",
        ] {
            assert!(url.contains(part), "{part} is missing in {url}");
        }
        assert!(!url.contains("secret"));
    }

    #[test]
    fn a_cluster_that_is_being_made_has_no_endpoint_yet() {
        let failure = access(&json!({"name": "dev", "status": "CREATING"})).expect_err("no endpoint");
        assert_eq!(failure.to_string(), "ClusterNotReady: the cluster is CREATING, and has no endpoint yet");
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = Token { secret: "k8s-aws-v1.abc".to_owned() };
        assert!(!format!("{token:?}").contains("abc"));
    }
}
