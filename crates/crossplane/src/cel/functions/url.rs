//! URLs: Kubernetes' URL library over Go's `net/url.ParseRequestURI`.

use plimsoll_gotemplate::quote::quote;

use super::super::error::Failure;
use super::super::value::{Map, Value};
use super::Outcome;
use crate::schema::is_request_uri;

/// A URL and its parts.
#[derive(Debug)]
pub(crate) struct Url {
    pub(crate) text: String,
    scheme: String,
    host: String,
    path: String,
    query: String,
}

impl Url {
    fn parse(text: &str) -> Option<Url> {
        if !is_request_uri(text) {
            return None;
        }
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest))
                if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) =>
            {
                (scheme.to_ascii_lowercase(), rest)
            }
            _ => (String::new(), text),
        };
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = match before.strip_prefix("//").filter(|_| !scheme.is_empty()) {
            Some(after) => after.split_at(after.find('/').unwrap_or(after.len())),
            // What does not begin with a slash is opaque to Go, and has no path.
            None if !before.starts_with('/') => ("", ""),
            None => ("", before),
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let (host, path, query) = (host.to_owned(), path.to_owned(), query.to_owned());
        Some(Url { text: text.to_owned(), scheme, host, path, query })
    }

    /// The host without its port, and the port.
    fn split_host(&self) -> (&str, &str) {
        match self.host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())) {
            Some((name, port)) => (name.trim_start_matches('[').trim_end_matches(']'), port),
            None => (self.host.trim_start_matches('[').trim_end_matches(']'), ""),
        }
    }
}

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("url", [Value::String(text)]) => match Url::parse(text) {
            Some(url) => Ok(Value::Url(url.into())),
            None => Err(Failure::new(format!(
                "URL parse error during conversion from string: parse {}: {}",
                quote(text.as_bytes()),
                if text.is_empty() { "empty url" } else { "invalid URI for request" }
            ))),
        },
        ("isURL", [Value::String(text)]) => Ok(Value::Bool(Url::parse(text).is_some())),
        ("getScheme", [Value::Url(url)]) => Ok(Value::string(url.scheme.as_str())),
        ("getHost", [Value::Url(url)]) => Ok(Value::string(url.host.as_str())),
        ("getHostname", [Value::Url(url)]) => Ok(Value::string(url.split_host().0)),
        ("getPort", [Value::Url(url)]) => Ok(Value::string(url.split_host().1)),
        ("getEscapedPath", [Value::Url(url)]) => Ok(Value::string(escaped(&url.path))),
        ("getQuery", [Value::Url(url)]) => Ok(query(&url.query)),
        _ => return None,
    })
}

fn escaped(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!'()*%[]".contains(&byte);
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The values of each key, keys in the order they first come in.
fn query<'d>(text: &str) -> Value<'d> {
    let mut found: Vec<(String, Vec<Value<'d>>)> = Vec::new();
    for part in text.split('&').filter(|part| !part.is_empty() && !part.contains(';')) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (Some(key), Some(value)) = (unescaped(key), unescaped(value)) else { continue };
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(Value::string(value)),
            None => found.push((key, vec![Value::string(value)])),
        }
    }
    let entries =
        found.into_iter().map(|(key, values)| (Value::string(key), Value::list(values))).collect::<Vec<_>>();
    Value::Map(Map::Made(entries.into()))
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
