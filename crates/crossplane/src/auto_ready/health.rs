//! Readiness of Kubernetes' own kinds, which have no condition Ready.
//!
//! Follows function-auto-ready 0.7.0 `healthchecks/`. Only the versions named there are known: another version of a kind has
//! no check.

use serde_json::Value;

use crate::condition::condition_status;

/// Whether the kind's own check passes; `false` also where the kind has none.
pub(crate) fn is_healthy(resource: &Value) -> bool {
    let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
    match (text("apiVersion"), text("kind")) {
        ("v1", "ConfigMap" | "Secret" | "ServiceAccount" | "Namespace") => true,
        ("v1", "Pod") => pod(resource),
        ("v1", "Service") => string(resource, "/spec/type") != "LoadBalancer" || has_load_balancer(resource),
        ("v1", "PersistentVolumeClaim") => string(resource, "/status/phase") == "Bound",
        ("apps/v1", "Deployment") => deployment(resource),
        ("apps/v1", "StatefulSet") => stateful_set(resource),
        ("apps/v1", "DaemonSet") => daemon_set(resource),
        ("apps/v1", "ReplicaSet") => replica_set(resource),
        ("batch/v1", "Job") => {
            first_condition(resource, &[("Failed", false), ("Suspended", false), ("Complete", true)])
        }
        ("batch/v1", "CronJob") => cron_job(resource),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => first_condition(
            resource,
            &[
                ("FailedGetScale", false),
                ("FailedUpdateScale", false),
                ("FailedGetResourceMetric", false),
                ("InvalidSelector", false),
                ("ScalingActive", true),
                ("ScalingLimited", true),
            ],
        ),
        ("networking.k8s.io/v1", "Ingress") => has_load_balancer(resource),
        _ => false,
    }
}

fn string<'a>(resource: &'a Value, pointer: &str) -> &'a str {
    resource.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(resource: &Value, pointer: &str) -> Option<i64> {
    let value = resource.pointer(pointer)?;
    #[expect(clippy::cast_possible_truncation, reason = "the original truncates floats as well")]
    value.as_i64().or_else(|| value.as_f64().map(|float| float as i64))
}

fn replicas(resource: &Value) -> i64 {
    number(resource, "/spec/replicas").unwrap_or(1)
}

fn list<'a>(resource: &'a Value, pointer: &str) -> &'a [Value] {
    resource.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn has_load_balancer(resource: &Value) -> bool {
    !list(resource, "/status/loadBalancer/ingress").is_empty()
}

/// What the first condition that is True and stands in the table says; `false` where there is none.
fn first_condition(resource: &Value, verdicts: &[(&str, bool)]) -> bool {
    list(resource, "/status/conditions")
        .iter()
        .filter(|condition| string(condition, "/status") == "True")
        .find_map(|condition| verdicts.iter().find(|(kind, _)| *kind == string(condition, "/type")))
        .is_some_and(|(_, verdict)| *verdict)
}

fn pod(resource: &Value) -> bool {
    match string(resource, "/status/phase") {
        "Succeeded" => true,
        "Running" => {
            string(resource, "/spec/restartPolicy") == "Always"
                && condition_status(resource, "Ready") == "True"
        }
        _ => false,
    }
}

fn deployment(resource: &Value) -> bool {
    let wanted = Some(replicas(resource));
    number(resource, "/status/updatedReplicas") == wanted
        && number(resource, "/status/availableReplicas") == wanted
        && condition_status(resource, "Available") == "True"
}

fn stateful_set(resource: &Value) -> bool {
    let wanted = Some(replicas(resource));
    let revision = |name: &str| resource.pointer(name).and_then(Value::as_str);
    let current = revision("/status/currentRevision");
    number(resource, "/status/readyReplicas") == wanted
        && number(resource, "/status/currentReplicas") == wanted
        && current.is_some()
        && current == revision("/status/updateRevision")
}

fn daemon_set(resource: &Value) -> bool {
    let wanted = number(resource, "/status/desiredNumberScheduled");
    wanted.is_some()
        && number(resource, "/status/numberReady") == wanted
        && number(resource, "/status/updatedNumberScheduled") == wanted
        && number(resource, "/status/numberAvailable") == wanted
}

fn replica_set(resource: &Value) -> bool {
    let count = |pointer: &str| number(resource, pointer).unwrap_or_default();
    count("/status/observedGeneration") >= count("/metadata/generation")
        && condition_status(resource, "ReplicaFailure") != "True"
        && count("/status/availableReplicas") >= replicas(resource)
}

/// Suspended, running now, or the last run that was scheduled has succeeded. Times are RFC 3339 in UTC, as the API server
/// writes them, so their texts compare as they do.
fn cron_job(resource: &Value) -> bool {
    if resource.pointer("/spec/suspend").and_then(Value::as_bool) == Some(true) {
        return true;
    }
    let scheduled = string(resource, "/status/lastScheduleTime");
    if scheduled.is_empty() {
        return false;
    }
    let succeeded = string(resource, "/status/lastSuccessfulTime");
    !list(resource, "/status/active").is_empty() || (!succeeded.is_empty() && succeeded >= scheduled)
}
