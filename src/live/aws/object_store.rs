//! Reports and snapshots in S3: written under a condition, encrypted and with checksums, read and listed back.
//!
//! A location is `s3://BUCKET/KEY`; a key that ends in no file extension is a prefix, below which each writer has its own name.
//! `?sse=aws:kms` and `&kmsKeyId=KEY` say how S3 is to encrypt, else it is with S3's own keys. The credentials are the machine's
//! own, without the role of any environment: reports belong to those who run the check. The only place that writes to AWS, and
//! only where a command's user named a bucket.

use aws_config::BehaviorVersion;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::failure::{CallFailure, Cause};
use super::limits::{ATTEMPT_TIMEOUT, ATTEMPTS, CALL_TIMEOUT, CONNECT_TIMEOUT};

/// The scheme of locations in S3.
const SCHEME: &str = "s3://";

/// How often a write is tried that another writer came before.
const ROUNDS: usize = 4;

/// The region that is asked where the machine names none; S3 tells a bucket's own.
const FIRST_REGION: &str = "us-east-1";

/// A place in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The bucket.
    pub bucket: String,
    /// The key, or the prefix of keys.
    pub key: String,
    encryption: Encryption,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Encryption {
    OwnKeys,
    Kms { key: Option<String> },
}

impl Location {
    /// Whether a text names a place in S3.
    #[must_use]
    pub fn is_named_by(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// Reads `s3://BUCKET/KEY`.
    pub fn parse(text: &str) -> Result<Location, String> {
        let rest =
            text.strip_prefix(SCHEME).ok_or_else(|| format!("`{text}` does not begin with `{SCHEME}`"))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(format!("`{text}` names no bucket"));
        }
        let mut encryption = Encryption::OwnKeys;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            encryption = match (pair.split_once('=').unwrap_or((pair, "")), encryption) {
                (("sse", "AES256"), _) => Encryption::OwnKeys,
                (("sse", "aws:kms"), Encryption::OwnKeys) => Encryption::Kms { key: None },
                (("kmsKeyId", id), _) if !id.is_empty() => Encryption::Kms { key: Some(id.to_owned()) },
                _ => {
                    return Err(format!(
                        "`{pair}` in `{text}` is neither `sse=AES256`, `sse=aws:kms` nor `kmsKeyId=KEY`"
                    ));
                }
            };
        }
        Ok(Location { bucket: bucket.to_owned(), key: key.trim_end_matches('/').to_owned(), encryption })
    }

    /// The keys that writing here touches, as a pattern of IAM.
    #[must_use]
    pub fn keys(&self) -> String {
        if self.is_file() {
            return self.key.clone();
        }
        if self.key.is_empty() { "*".to_owned() } else { format!("{}/*", self.key) }
    }

    /// The key of KMS that S3 encrypts with, where one is named.
    #[must_use]
    pub fn encryption_key(&self) -> Option<&str> {
        match &self.encryption {
            Encryption::OwnKeys => None,
            Encryption::Kms { key } => key.as_deref(),
        }
    }

    /// Whether the key is that of one file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.key.rsplit('/').next().unwrap_or_default().contains('.')
    }

    /// The place of a file: the location itself where its key has a file extension, else the name below it.
    #[must_use]
    pub fn of_file(&self, name: &str) -> Location {
        if self.is_file() {
            return self.clone();
        }
        let separator = if self.key.is_empty() { "" } else { "/" };
        Location { key: format!("{}{separator}{name}", self.key), ..self.clone() }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{SCHEME}{}/{}", self.bucket, self.key)
    }
}

/// S3, as a place for reports and snapshots.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    client: Client,
    region: String,
}

impl ObjectStore {
    /// Reads what the machine says about AWS. It asks nobody anything yet.
    pub async fn open() -> ObjectStore {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts)
            .load()
            .await;
        let region = config.region().map_or(FIRST_REGION, |region| region.as_ref()).to_owned();
        let stands_in = std::env::var_os("AWS_ENDPOINT_URL_S3").is_some() || config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&config)
            .region(Region::new(region.clone()))
            .force_path_style(stands_in)
            .build();
        ObjectStore { client: Client::from_conf(config), region }
    }

    /// Writes a file over what was there when it was looked at, never over what another writer put there meanwhile.
    pub async fn write(
        &self,
        location: &Location,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), CallFailure> {
        let store = self.at_home_of(&location.bucket).await?;
        let mut rounds = 0;
        loop {
            rounds += 1;
            let seen = store.entity_tag(location).await?;
            match store.put(location, &bytes, content_type, seen).await {
                Err(failure) if rounds < ROUNDS && is_overtaken(&failure) => {}
                other => return other,
            }
        }
    }

    /// Reads a file of this many bytes at most, with its checksum where S3 has one.
    pub async fn read(&self, location: &Location, longest: u64) -> Result<Vec<u8>, CallFailure> {
        let store = self.at_home_of(&location.bucket).await?;
        let request = store.client.get_object().bucket(&location.bucket).key(&location.key);
        let answer = request.checksum_mode(ChecksumMode::Enabled).send().await.map_err(told)?;
        let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
        if length.is_none_or(|length| length > longest) {
            let why = format!("it is larger than {} MiB", longest / (1024 * 1024));
            return Err(CallFailure::new(Cause::Malformed, why));
        }
        let bytes = answer.body.collect().await;
        let bytes = bytes.map_err(|error| CallFailure::new(Cause::Malformed, error.to_string()))?;
        Ok(bytes.into_bytes().to_vec())
    }

    /// The files at and below a location, in the order of their keys.
    pub async fn list(&self, location: &Location) -> Result<Vec<Location>, CallFailure> {
        let store = self.at_home_of(&location.bucket).await?;
        let mut found = Vec::new();
        let mut continuation = None;
        loop {
            let request = store.client.list_objects_v2().bucket(&location.bucket).prefix(&location.key);
            let answer = request.set_continuation_token(continuation).send().await.map_err(told)?;
            let keys = answer.contents().iter().filter_map(|object| object.key());
            let below = format!("{}/", location.key);
            found.extend(
                keys.filter(|key| location.key.is_empty() || *key == location.key || key.starts_with(&below))
                    .map(|key| Location { key: key.to_owned(), ..location.clone() }),
            );
            continuation = answer.next_continuation_token().map(str::to_owned);
            if continuation.is_none() {
                return Ok(found);
            }
        }
    }

    /// The store in the region of a bucket.
    async fn at_home_of(&self, bucket: &str) -> Result<ObjectStore, CallFailure> {
        let answer = self.client.head_bucket().bucket(bucket).send().await;
        let home = match &answer {
            Ok(answer) => answer.bucket_region().map(str::to_owned),
            Err(error) => error
                .raw_response()
                .and_then(|response| response.headers().get("x-amz-bucket-region"))
                .map(str::to_owned),
        };
        match home {
            Some(home) if home != self.region => {
                let config = self.client.config().to_builder().region(Region::new(home.clone())).build();
                Ok(ObjectStore { client: Client::from_conf(config), region: home })
            }
            _ => match answer {
                // Without the right to list a bucket its objects may still be written and read.
                Err(error)
                    if error.raw_response().is_none_or(|response| response.status().as_u16() != 403) =>
                {
                    Err(match told(error) {
                        failure if failure.code() == "NotFound" => CallFailure::new(
                            Cause::Service("NoSuchBucket".to_owned()),
                            format!("there is no bucket `{bucket}`"),
                        ),
                        failure => failure,
                    })
                }
                _ => Ok(self.clone()),
            },
        }
    }

    async fn entity_tag(&self, location: &Location) -> Result<Option<String>, CallFailure> {
        let answer = self.client.head_object().bucket(&location.bucket).key(&location.key).send().await;
        match answer {
            Ok(answer) => Ok(answer.e_tag().map(str::to_owned)),
            // Without the right to list a bucket, S3 says of what is not there that it is denied.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|answer| matches!(answer.status().as_u16(), 403 | 404)) =>
            {
                Ok(None)
            }
            Err(error) => Err(told(error)),
        }
    }

    async fn put(
        &self,
        location: &Location,
        bytes: &[u8],
        content_type: &str,
        seen: Option<String>,
    ) -> Result<(), CallFailure> {
        let request = self
            .client
            .put_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(bytes.to_vec()));
        let request = match seen {
            Some(tag) => request.if_match(tag),
            None => request.if_none_match("*"),
        };
        let request = match &location.encryption {
            Encryption::OwnKeys => request.server_side_encryption(ServerSideEncryption::Aes256),
            Encryption::Kms { key } => {
                request.server_side_encryption(ServerSideEncryption::AwsKms).set_ssekms_key_id(key.clone())
            }
        };
        request.send().await.map(drop).map_err(told)
    }
}

/// Whether another writer was there between a look and a write.
fn is_overtaken(failure: &CallFailure) -> bool {
    matches!(failure.code(), "PreconditionFailed" | "ConditionalRequestConflict")
}

fn told<E>(error: SdkError<E, HttpResponse>) -> CallFailure
where
    E: std::error::Error + ProvideErrorMetadata + RequestId + 'static,
    SdkError<E, HttpResponse>: ProvideErrorMetadata,
{
    CallFailure::of_sdk(&error, error.code(), error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_bucket_and_a_key() {
        let location = Location::parse("s3://reports/drift/dev/").expect("a bucket and a prefix");
        assert_eq!((location.bucket.as_str(), location.key.as_str()), ("reports", "drift/dev"));
        assert_eq!(location.of_file("shard-1-of-8.json").key, "drift/dev/shard-1-of-8.json");
        let file = Location::parse("s3://reports/drift.json").expect("a bucket and a key");
        assert_eq!(file.of_file("shard-1-of-8.json"), file);
        let bucket = Location::parse("s3://reports").expect("a bucket");
        assert_eq!(bucket.of_file("a.json").to_string(), "s3://reports/a.json");
    }

    #[test]
    fn a_location_may_say_how_it_is_encrypted() {
        let location =
            Location::parse("s3://reports/a?sse=aws:kms&kmsKeyId=alias/reports").expect("both are known");
        assert_eq!(location.encryption, Encryption::Kms { key: Some("alias/reports".to_owned()) });
        let error = Location::parse("s3://reports/a?sse=rot13").expect_err("there is no such encryption");
        assert_eq!(
            error,
            "`sse=rot13` in `s3://reports/a?sse=rot13` is neither `sse=AES256`, `sse=aws:kms` nor `kmsKeyId=KEY`"
        );
    }

    #[test]
    fn a_location_needs_a_bucket_and_the_scheme() {
        assert_eq!(Location::parse("s3:///key"), Err("`s3:///key` names no bucket".to_owned()));
        assert_eq!(Location::parse("key"), Err("`key` does not begin with `s3://`".to_owned()));
        assert!(!Location::is_named_by("./s3/file"));
    }
}
