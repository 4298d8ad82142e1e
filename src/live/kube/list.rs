//! Whole collections, page by page: paging, continue tokens that expire, pages that are too large.

use serde_json::Value;

use super::connection::{Accept, Connection};
use super::discovery::ServedKind;
use super::failure::{Cause, Failure};
use super::item_stream::{Page, read_page};
use crate::live::encoding::percent_encoded;

/// How many items a page has.
const PAGE: usize = 500;

/// How often a list is begun again because it moved on while it was read.
const RESTARTS: usize = 4;

/// What of each object is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// All of it.
    Whole,
    /// Only its metadata.
    Metadata,
}

/// A collection to read.
#[derive(Debug, Clone)]
pub struct ListRequest<'a> {
    /// The kind.
    pub kind: &'a ServedKind,
    /// The namespace; `None` is all of them, or the cluster itself.
    pub namespace: Option<&'a str>,
    /// A label selector.
    pub selector: Option<&'a str>,
    /// What of each object is asked for.
    pub content: Content,
}

impl Connection {
    /// Reads a collection and hands each object on, with its `apiVersion` and `kind`. After an error some objects may have
    /// been handed on, and after a new start some twice.
    pub async fn list(
        &self,
        request: &ListRequest<'_>,
        each: &mut (dyn FnMut(Value) + Send),
    ) -> Result<(), Failure> {
        let accept = match request.content {
            Content::Whole => Accept::Json,
            Content::Metadata => Accept::MetadataList,
        };
        let path = request.kind.collection(request.namespace);
        let selector = request
            .selector
            .map(|text| format!("&labelSelector={}", percent_encoded(text)))
            .unwrap_or_default();
        let api_version = Value::String(request.kind.api_version());
        let kind = Value::String(request.kind.kind.clone());
        let mut complete = |mut item: Value| {
            // Items of lists do not say what they are.
            if let Value::Object(fields) = &mut item {
                fields.insert("apiVersion".to_owned(), api_version.clone());
                fields.insert("kind".to_owned(), kind.clone());
            }
            each(item);
        };
        let (mut limit, mut restarts) = (PAGE, 0);
        let mut next: Option<String> = None;
        loop {
            let token = next
                .as_deref()
                .map(|token| format!("&continue={}", percent_encoded(token)))
                .unwrap_or_default();
            let address = format!("{path}?limit={limit}{selector}{token}");
            let page = self.get(&address, accept, |bytes| {
                read_page(bytes, &mut complete)
                    .map_err(|_| Failure::new(Cause::InvalidAnswer, "the answer is no whole list"))
            });
            match page.await {
                Ok(Page { next: None }) => return Ok(()),
                Ok(Page { next: following }) => next = following,
                Err(failure) if failure.cause == Cause::Expired && restarts < RESTARTS => {
                    restarts += 1;
                    next = None;
                    if restarts + 1 == RESTARTS {
                        // A list in one answer has no token that could expire.
                        limit = 0;
                    }
                }
                Err(failure) if failure.cause == Cause::TooLarge && limit > 1 => limit /= 8,
                Err(failure) => return Err(failure),
            }
            limit = if restarts + 1 < RESTARTS { limit.max(1) } else { limit };
        }
    }
}
