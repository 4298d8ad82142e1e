//! Where a cluster is read from: the cluster itself, the cluster with a record of what it said, or such a record.
//!
//! A check reads all three in the same way, so that a snapshot holds what a check needs and a check of a snapshot finds what a
//! check of the cluster would have found. What was not recorded is a failure, never an absence.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::recording::Keeper;
use crate::live::kube::{Accept, Cause, Connection, Content, Failure, ListRequest, Served};

/// Where a cluster is read from.
#[derive(Clone)]
pub enum ClusterSource {
    /// The cluster.
    Live(Connection),
    /// The cluster, and what it says is kept.
    Recording(Connection, Arc<Recorder>),
    /// What was kept.
    Recorded(Arc<ClusterRecord>),
}

impl From<Connection> for ClusterSource {
    fn from(connection: Connection) -> ClusterSource {
        ClusterSource::Live(connection)
    }
}

/// What a cluster said to one check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterRecord {
    /// What it serves; none where that could not be read.
    pub served: Option<Served>,
    /// Collections by their requests.
    pub lists: BTreeMap<String, Answer<Vec<Value>>>,
    /// Single objects by their paths.
    pub objects: BTreeMap<String, Answer<Value>>,
}

/// An answer, or why there was none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer<T> {
    /// What was read.
    Read(T),
    /// Why it was not.
    Failed(Failure),
}

/// Keeps what a cluster says, without what must not be kept.
pub struct Recorder {
    keeper: Keeper,
    record: Mutex<ClusterRecord>,
}

impl Recorder {
    /// A recorder that keeps what the keeper lets pass.
    #[must_use]
    pub(super) fn new(keeper: Keeper) -> Recorder {
        Recorder { keeper, record: Mutex::default() }
    }

    /// What was recorded up to now.
    #[must_use]
    pub(super) fn record(&self) -> ClusterRecord {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut ClusterRecord)) {
        change(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn not_recorded() -> Failure {
    Failure::new(Cause::NotInSnapshot, "the snapshot does not hold it")
}

impl ClusterSource {
    /// What the cluster serves.
    pub(super) async fn discover(&self) -> Result<Served, Failure> {
        match self {
            ClusterSource::Live(connection) => Served::discover(connection).await,
            ClusterSource::Recording(connection, recorder) => {
                let served = Served::discover(connection).await?;
                recorder.note(|record| record.served = Some(served.clone()));
                Ok(served)
            }
            ClusterSource::Recorded(record) => record.served.clone().ok_or_else(not_recorded),
        }
    }

    /// Reads a collection and hands each object on.
    pub(super) async fn list(
        &self,
        request: &ListRequest<'_>,
        each: &mut (dyn FnMut(Value) + Send),
    ) -> Result<(), Failure> {
        match self {
            ClusterSource::Live(connection) => connection.list(request, each).await,
            ClusterSource::Recording(connection, recorder) => {
                let mut kept = BTreeMap::new();
                let result = connection
                    .list(request, &mut |object| {
                        if let Some(keepable) = recorder.keeper.of_list(&object) {
                            kept.insert(place(&object), keepable);
                        }
                        each(object);
                    })
                    .await;
                let answer = match &result {
                    Ok(()) => Answer::Read(kept.into_values().collect()),
                    Err(failure) => Answer::Failed(failure.clone()),
                };
                recorder.note(|record| {
                    record.lists.insert(name(request), answer);
                });
                result
            }
            ClusterSource::Recorded(record) => match record.lists.get(&name(request)) {
                Some(Answer::Read(objects)) => {
                    objects.iter().cloned().for_each(each);
                    Ok(())
                }
                Some(Answer::Failed(failure)) => Err(failure.clone()),
                None => Err(not_recorded()),
            },
        }
    }

    /// Reads one object, which must be of this kind.
    pub(super) async fn read(&self, path: &str, kind: &str) -> Result<Value, Failure> {
        let ask = async |connection: &Connection| {
            connection
                .get(path, Accept::Json, |bytes| {
                    serde_json::from_slice::<Value>(bytes)
                        .ok()
                        .filter(|object| object.get("kind").and_then(Value::as_str) == Some(kind))
                        .ok_or_else(|| Failure::new(Cause::InvalidAnswer, "the answer is no such object"))
                })
                .await
        };
        match self {
            ClusterSource::Live(connection) => ask(connection).await,
            ClusterSource::Recording(connection, recorder) => {
                let result = ask(connection).await;
                let answer = match &result {
                    Ok(object) => Answer::Read(recorder.keeper.without_secrets(object)),
                    Err(failure) => Answer::Failed(failure.clone()),
                };
                recorder.note(|record| {
                    record.objects.insert(path.to_owned(), answer);
                });
                result
            }
            ClusterSource::Recorded(record) => match record.objects.get(path) {
                Some(Answer::Read(object)) => Ok(object.clone()),
                Some(Answer::Failed(failure)) => Err(failure.clone()),
                None => Err(not_recorded()),
            },
        }
    }

    /// Whether reading a path is forbidden; what was not recorded is not known to be.
    pub(super) async fn is_forbidden(&self, path: &str) -> bool {
        let result = match self {
            ClusterSource::Live(connection) => connection.get(path, Accept::MetadataList, |_| Ok(())).await,
            ClusterSource::Recording(connection, recorder) => {
                let result = connection.get(path, Accept::MetadataList, |_| Ok(())).await;
                let answer = match &result {
                    Ok(()) => Answer::Read(Value::Null),
                    Err(failure) => Answer::Failed(failure.clone()),
                };
                recorder.note(|record| {
                    record.objects.insert(path.to_owned(), answer);
                });
                result
            }
            ClusterSource::Recorded(record) => match record.objects.get(path) {
                Some(Answer::Failed(failure)) => Err(failure.clone()),
                _ => Ok(()),
            },
        };
        matches!(result, Err(failure) if failure.cause == Cause::Forbidden)
    }
}

fn name(request: &ListRequest<'_>) -> String {
    let content = match request.content {
        Content::Whole => "whole",
        Content::Metadata => "metadata",
    };
    let selector = request.selector.map(|text| format!(" where {text}")).unwrap_or_default();
    format!("{content} {}{selector}", request.kind.collection(request.namespace))
}

fn place(object: &Value) -> (String, String) {
    let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("/metadata/namespace"), text("/metadata/name"))
}
