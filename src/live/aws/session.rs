//! An account as an environment names it, into credentials, endpoints and clients for it.
//!
//! What the environment leaves open is what every AWS tool reads: AWS_PROFILE, AWS_ENDPOINT_URL and the files of a profile.
//! The environment's `endpointUrl` stands in for all services, else `AWS_ENDPOINT_URL_<SERVICE>` for one of them.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;

use super::credentials::CachedCredentials;
use super::endpoint::{Endpoint, Variant};
use super::failure::{CallFailure, Cause};
use super::limits::{ATTEMPT_TIMEOUT, ATTEMPTS, CALL_TIMEOUT, CONNECT_TIMEOUT};
use super::transport::{self, RawAnswer, Request};

/// What an environment says about its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The region where nothing else is said.
    pub region: String,
    /// A role to take on.
    pub role_arn: Option<String>,
    /// What answers instead of AWS.
    pub endpoint_url: Option<String>,
}

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's number.
    pub account: String,
    /// The ARN of the user or of the role's session.
    pub arn: String,
}

/// Credentials, endpoints and connections for one account. Opening it asks nobody anything yet.
#[derive(Debug, Clone)]
pub struct Session {
    config: SdkConfig,
    connector: SharedHttpConnector,
    pub(super) credentials: CachedCredentials,
    target: Target,
}

impl Session {
    /// Reads what the machine says about AWS.
    pub async fn open(target: &Target) -> Result<Session, CallFailure> {
        let connector = transport::connector();
        let for_sdk = connector.clone();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(target.region.clone()))
            .http_client(http_client_fn(move |_, _| for_sdk.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts);
        if let Some(url) = &target.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let chain = config.credentials_provider();
        let chain =
            chain.ok_or_else(|| CallFailure::new(Cause::NoCredentials, "no source of credentials"))?;
        let credentials = match &target.role_arn {
            None => CachedCredentials::of_chain(chain),
            Some(role_arn) => CachedCredentials::of_role(aws_sdk_sts::Client::new(&config), role_arn.clone()),
        };
        let config = config
            .to_builder()
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                credentials.clone(),
            ))
            .build();
        Ok(Session { config, connector, credentials, target: target.clone() })
    }

    /// The region where nothing else is said.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.target.region
    }

    /// Who the credentials belong to, as `sts:GetCallerIdentity` tells it.
    pub async fn identity(&self) -> Result<Identity, CallFailure> {
        // A role that is refused is told by its own words, not by those of the call that needed it.
        self.credentials.current().await?;
        let answer = aws_sdk_sts::Client::new(&self.config).get_caller_identity().send().await;
        let answer = answer.map_err(|error| CallFailure::of_sdk(&error, error.code(), error.message()))?;
        match (answer.account(), answer.arn()) {
            (Some(account), Some(arn)) => Ok(Identity { account: account.to_owned(), arn: arn.to_owned() }),
            _ => Err(CallFailure::new(Cause::Malformed, "the answer to GetCallerIdentity holds no account")),
        }
    }

    /// Where a service listens for a region.
    pub(super) fn endpoint(&self, service: &str, region: &str) -> Endpoint {
        let variant =
            if self.config.use_fips().unwrap_or_default() { Variant::Fips } else { Variant::Regular };
        Endpoint::of(service, region, variant, self.configured_endpoint(service).as_deref())
    }

    /// The address that stands in for a service: the environment's, the service's own, the machine's.
    fn configured_endpoint(&self, service: &str) -> Option<String> {
        if let Some(url) = &self.target.endpoint_url {
            return Some(url.clone());
        }
        let key = ServiceConfigKey::builder()
            .service_id(service_id(service))
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok();
        let own = key.zip(self.config.service_config()).and_then(|(key, known)| known.load_config(key));
        own.or_else(|| self.config.endpoint_url().map(str::to_owned))
    }

    /// Signs a request with valid credentials and sends it once.
    pub(super) async fn send(&self, request: &Request) -> Result<RawAnswer, CallFailure> {
        let credentials = self.credentials.current().await?;
        transport::send(&self.connector, &credentials, request).await
    }

    /// A client of S3 for the buckets of one region. It tries once: trying again is the caller's.
    pub(super) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            // What stands in for S3 has one address and not one for each bucket.
            .force_path_style(self.configured_endpoint("s3").is_some())
            .retry_config(RetryConfig::disabled())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }
}

/// The name of a service in variables and profiles, where it is not the one that requests are signed with.
fn service_id(service: &str) -> &str {
    match service {
        "tagging" => "Resource Groups Tagging API",
        "route53" => "Route 53",
        "secretsmanager" => "Secrets Manager",
        "autoscaling" => "Auto Scaling",
        other => other,
    }
}
