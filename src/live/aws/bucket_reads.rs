//! S3's reads of a bucket's configuration, sent by aws-sdk-s3; the answer as the bytes that S3 sent.
//!
//! The SDK's client knows how buckets are addressed and signed for. Its typed answers are left aside: they drop what is newer
//! than the SDK and take an HTML page for an empty configuration. So the body is kept as it arrives, and read by
//! `plimsoll-aws` as every other service's. Nothing here reads an object.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata, SdkError};

use super::failure::{CallFailure, Cause};
use super::transport::RawAnswer;

/// Sends one read about a bucket by its operation's name.
macro_rules! send_by_name {
    ($name:expr, $client:expr, $bucket:expr, $kept:expr, { $($operation:literal => $method:ident,)* }) => {
        match $name {
            $($operation => outcome(
                $client.$method().bucket($bucket).customize().interceptor($kept.clone()).send().await,
                &$kept,
            ),)*
            other => Err(CallFailure::new(Cause::Malformed, format!("`{other}` is no read of a bucket"))),
        }
    };
}

/// Asks S3 once about a bucket.
pub(super) async fn ask_bucket(
    client: &Client,
    operation: &str,
    bucket: &str,
) -> Result<RawAnswer, CallFailure> {
    let kept = KeptAnswer::default();
    send_by_name!(operation, client, bucket, kept, {
        "HeadBucket" => head_bucket,
        "GetBucketAccelerateConfiguration" => get_bucket_accelerate_configuration,
        "GetBucketAcl" => get_bucket_acl,
        "GetBucketCors" => get_bucket_cors,
        "GetBucketEncryption" => get_bucket_encryption,
        "GetBucketLifecycleConfiguration" => get_bucket_lifecycle_configuration,
        "GetBucketLocation" => get_bucket_location,
        "GetBucketLogging" => get_bucket_logging,
        "GetBucketNotificationConfiguration" => get_bucket_notification_configuration,
        "GetBucketOwnershipControls" => get_bucket_ownership_controls,
        "GetBucketPolicy" => get_bucket_policy,
        "GetBucketPolicyStatus" => get_bucket_policy_status,
        "GetBucketReplication" => get_bucket_replication,
        "GetBucketRequestPayment" => get_bucket_request_payment,
        "GetBucketTagging" => get_bucket_tagging,
        "GetBucketVersioning" => get_bucket_versioning,
        "GetBucketWebsite" => get_bucket_website,
        "GetObjectLockConfiguration" => get_object_lock_configuration,
        "GetPublicAccessBlock" => get_public_access_block,
        "ListBucketAnalyticsConfigurations" => list_bucket_analytics_configurations,
        "ListBucketIntelligentTieringConfigurations" => list_bucket_intelligent_tiering_configurations,
        "ListBucketInventoryConfigurations" => list_bucket_inventory_configurations,
        "ListBucketMetricsConfigurations" => list_bucket_metrics_configurations,
    })
}

/// Asks S3 once for a page of the account's buckets.
pub(super) async fn list_buckets(
    client: &Client,
    continuation: Option<String>,
    page_size: Option<i32>,
) -> Result<RawAnswer, CallFailure> {
    let kept = KeptAnswer::default();
    let request = client.list_buckets().set_continuation_token(continuation).set_max_buckets(page_size);
    outcome(request.customize().interceptor(kept.clone()).send().await, &kept)
}

/// What arrived is the answer, whatever the SDK made of it; the SDK's error is told only where nothing arrived.
fn outcome<O, E>(sent: Result<O, SdkError<E>>, kept: &KeptAnswer) -> Result<RawAnswer, CallFailure>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let answer = kept.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (answer, sent) {
        (Some(answer), _) => Ok(answer),
        (None, Err(error)) => Err(CallFailure::of_sdk(&error, error.code(), error.message())),
        (None, Ok(_)) => Err(CallFailure::new(Cause::Malformed, "the answer has no body")),
    }
}

/// Keeps what S3 sent.
#[derive(Debug, Clone, Default)]
struct KeptAnswer {
    answer: Arc<Mutex<Option<RawAnswer>>>,
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for KeptAnswer {
    fn name(&self) -> &'static str {
        "KeptAnswer"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let arrived = context.response().and_then(|response| {
            let headers = response.headers().iter();
            Some(RawAnswer {
                status: response.status().as_u16(),
                headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
                // A body that broke off is not in memory, and so no answer.
                body: response.body().bytes()?.to_vec(),
            })
        });
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = arrived;
        Ok(())
    }
}
