//! Where credentials come from, into credentials that are valid now.
//!
//! The source is aws-config's chain (environment, profile, SSO, web identity, container, instance), or a role that is
//! assumed with what the chain gives. They are kept until shortly before they expire, so that a check asks for them once.
//! They are never printed: neither here nor in errors.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_types::error::display::DisplayErrorContext;
use tokio::sync::Mutex;

use super::failure::{CallFailure, Cause};

/// How long before their end credentials are asked for again.
const MARGIN: Duration = Duration::from_secs(120);

/// The name of our sessions, which CloudTrail shows.
const SESSION_NAME: &str = "plimsoll";

/// Credentials, asked for once and kept while they are valid.
#[derive(Debug, Clone)]
pub(super) struct CachedCredentials {
    source: Arc<Source>,
    kept: Arc<Mutex<Option<Credentials>>>,
}

#[derive(Debug)]
enum Source {
    Chain(SharedCredentialsProvider),
    Role { client: aws_sdk_sts::Client, role_arn: String },
}

impl CachedCredentials {
    /// What aws-config's chain finds.
    pub(super) fn of_chain(provider: SharedCredentialsProvider) -> CachedCredentials {
        CachedCredentials::of(Source::Chain(provider))
    }

    /// A role, assumed by a client that has the credentials for it.
    pub(super) fn of_role(client: aws_sdk_sts::Client, role_arn: String) -> CachedCredentials {
        CachedCredentials::of(Source::Role { client, role_arn })
    }

    fn of(source: Source) -> CachedCredentials {
        CachedCredentials { source: Arc::new(source), kept: Arc::new(Mutex::new(None)) }
    }

    /// Credentials that are valid now.
    pub(super) async fn current(&self) -> Result<Credentials, CallFailure> {
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = kept.as_ref().filter(|credentials| is_fresh(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = self.source.fetch().await?;
        *kept = Some(credentials.clone());
        Ok(credentials)
    }
}

impl Source {
    async fn fetch(&self) -> Result<Credentials, CallFailure> {
        match self {
            Source::Chain(provider) => provider.provide_credentials().await.map_err(|error| {
                CallFailure::new(Cause::NoCredentials, DisplayErrorContext(&error).to_string())
            }),
            Source::Role { client, role_arn } => assume(client, role_arn).await,
        }
    }
}

async fn assume(client: &aws_sdk_sts::Client, role_arn: &str) -> Result<Credentials, CallFailure> {
    let answer = client.assume_role().role_arn(role_arn).role_session_name(SESSION_NAME).send().await;
    let answer = answer.map_err(|error| CallFailure::of_sdk(&error, error.code(), error.message()))?;
    let given = answer
        .credentials()
        .ok_or_else(|| CallFailure::new(Cause::Malformed, "the answer to AssumeRole holds no credentials"))?;
    Ok(Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        SystemTime::try_from(*given.expiration()).ok(),
        "AssumeRole",
    ))
}

fn is_fresh(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN)
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            provider::Result::from(self.current().await.map_err(CredentialsError::provider_error))
        })
    }
}
