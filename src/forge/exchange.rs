//! One request to a forge and what came back, as values; who carries it is an [`Exchange`].

use serde_json::Value;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates: the only method that must not be repeated blindly.
    Post,
    /// Replaces parts of what is there.
    Patch,
    /// Removes.
    Delete,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What it does.
    pub method: Method,
    /// The path below the API's own, with its query; it begins with a slash.
    pub path: String,
    /// What is sent.
    pub body: Option<Value>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// For how many seconds the server wants to be left alone.
    pub retry_after: Option<u64>,
    /// How many requests are left in this period.
    pub remaining: Option<u64>,
    /// When the period ends, in seconds since 1970.
    pub reset: Option<u64>,
    /// Whether the server says that another page follows.
    pub has_next_page: bool,
    /// The body; null where there is none.
    pub body: Value,
}

/// No answer came, or one that cannot be read: whether the request was carried out is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered(pub String);

/// Who carries requests.
pub trait Exchange {
    /// Sends a request once.
    fn exchange(&self, request: &Request) -> Result<Response, Unanswered>;
}

impl Request {
    /// A request that reads.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Request {
        Request { method: Method::Get, path: path.into(), body: None }
    }

    /// A request that creates.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Value) -> Request {
        Request { method: Method::Post, path: path.into(), body: Some(body) }
    }

    /// A request that replaces parts.
    #[must_use]
    pub fn patch(path: impl Into<String>, body: Value) -> Request {
        Request { method: Method::Patch, path: path.into(), body: Some(body) }
    }

    /// A request that removes.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Request {
        Request { method: Method::Delete, path: path.into(), body: None }
    }
}

impl Response {
    /// Whether the request was carried out.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What the server says about it, in one line for people.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = self.body["message"].as_str().unwrap_or_default().to_owned();
        for error in self.body["errors"].as_array().into_iter().flatten() {
            let detail = error["message"].as_str().or(error.as_str()).unwrap_or_default();
            if !detail.is_empty() {
                message.push_str("; ");
                message.push_str(detail);
            }
        }
        let shown = message.chars().map(|character| if character.is_control() { ' ' } else { character });
        shown.take(300).collect()
    }
}
