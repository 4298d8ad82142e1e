//! The real carrier of requests: octocrab, with its own retries off (they are not compiled in).
//!
//! octocrab repeats any failed request at once, creating ones too, which doubles comments; so it only carries here, and
//! `patience` decides.

use std::time::Duration;

use octocrab::Octocrab;

use super::exchange::{Exchange, Method, Request, Response, Unanswered};
use super::{ForgeError, patience};

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The API of GitHub or of a GitHub Enterprise server.
pub struct Client {
    runtime: tokio::runtime::Runtime,
    octocrab: Octocrab,
    graphql: String,
}

impl Client {
    /// A client for the API at this address, `https://api.github.com` or `https://HOST/api/v3`.
    ///
    /// Plain HTTP is accepted on the machine's own address alone, which is where tests are.
    pub fn connect(address: &str, token: &str) -> Result<Client, ForgeError> {
        let refused =
            |reason: &str| ForgeError::Address { address: shown(address), reason: reason.to_owned() };
        let address = address.trim_end_matches('/');
        let uri: http::Uri = address.parse().map_err(|_| refused("it is no URL"))?;
        let host = uri.host().ok_or_else(|| refused("it names no host"))?;
        let is_own_machine = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_own_machine => {}
            _ => return Err(refused("it must begin with `https://`")),
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refused("it must not hold credentials"));
        }
        if uri.query().is_some() {
            return Err(refused("it must not have a query"));
        }
        let unusable = |error: &dyn std::fmt::Display| ForgeError::Address {
            address: shown(address),
            reason: error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unusable(&error))?;
        let octocrab = {
            let _entered = runtime.enter();
            Octocrab::builder()
                .base_uri(address)
                .and_then(|builder| {
                    builder
                        .personal_token(token.to_owned())
                        .set_connect_timeout(Some(LIMIT / 4))
                        .set_read_timeout(Some(LIMIT))
                        .set_write_timeout(Some(LIMIT))
                        .build()
                })
                .map_err(|error| unusable(&error))?
        };
        // A server of one's own has its GraphQL beside `/api/v3`, not below it.
        let graphql = match address.strip_suffix("/api/v3") {
            Some(host) => format!("{host}/api/graphql"),
            None => format!("{address}/graphql"),
        };
        Ok(Client { runtime, octocrab, graphql })
    }

    async fn send(&self, request: &Request) -> Result<Response, String> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Patch => http::Method::PATCH,
            Method::Delete => http::Method::DELETE,
        };
        let uri = if request.path == super::identity::GRAPHQL { &self.graphql } else { &request.path };
        let builder = http::request::Builder::new()
            .method(method)
            .uri(uri)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28");
        let built =
            self.octocrab.build_request(builder, request.body.as_ref()).map_err(|error| cause(&error))?;
        let response = self.octocrab.execute(built).await.map_err(|error| cause(&error))?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let number = |name: &str| header(name).and_then(|text| text.trim().parse().ok());
        let status = response.status().as_u16();
        let retry_after = number("retry-after");
        let remaining = number("x-ratelimit-remaining");
        let reset = number("x-ratelimit-reset");
        let has_next_page = header("link").is_some_and(patience::names_next_page);
        let text = self.octocrab.body_to_string(response).await.map_err(|error| cause(&error))?;
        let body = match serde_json::from_str(&text) {
            Ok(body) => body,
            Err(_) if text.trim().is_empty() => serde_json::Value::Null,
            // Error pages of proxies are no JSON; of a success, it is not the answer.
            Err(_) if status >= 300 => serde_json::Value::Null,
            Err(error) => return Err(format!("the answer is no JSON: {error}")),
        };
        Ok(Response { status, retry_after, remaining, reset, has_next_page, body })
    }
}

impl Exchange for Client {
    fn exchange(&self, request: &Request) -> Result<Response, Unanswered> {
        self.runtime.block_on(async {
            match tokio::time::timeout(LIMIT, self.send(request)).await {
                Ok(result) => result.map_err(Unanswered),
                Err(_) => Err(Unanswered(format!("no answer within {} s", LIMIT.as_secs()))),
            }
        })
    }
}

/// An address without what may be a credential in it.
fn shown(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}://***{}", &address[..scheme], &address[at..])
        }
        (None, Some(at)) => format!("***{}", &address[at..]),
        _ => address.to_owned(),
    }
}

/// The innermost reason: what lies around it names only the libraries on the way.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_keep_the_token_safe_are_used() {
        let refused = |address: &str| match Client::connect(address, "token") {
            Err(error) => error.to_string(),
            Ok(_) => "accepted".to_owned(),
        };
        assert_eq!(refused("http://127.0.0.1:1"), "accepted");
        assert_eq!(refused("https://github.example/api/v3/"), "accepted");
        assert!(refused("http://github.example").contains("https"));
        assert!(refused("ftp://127.0.0.1").contains("https"));
        let with_credentials = refused("https://name:secret@github.example");
        assert!(with_credentials.contains("credentials") && !with_credentials.contains("secret"));
    }

    #[test]
    fn graphql_lies_where_each_kind_of_server_has_it() {
        let graphql = |address| Client::connect(address, "token").ok().map(|client| client.graphql);
        assert_eq!(graphql("https://api.github.com").as_deref(), Some("https://api.github.com/graphql"));
        assert_eq!(graphql("https://git.example/api/v3").as_deref(), Some("https://git.example/api/graphql"));
    }
}
