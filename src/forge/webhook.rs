//! A signed message to a server of the team's own.
//!
//! The signature is HMAC-SHA256 over the time, a dot and the body, so that neither can be changed and an old message cannot be
//! sent again unnoticed. Invariants: HTTPS only, no redirect is followed, and the key is in no message.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Clock, ForgeError};

/// How often it is tried.
const TRIES: u32 = 4;

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAddress(String);

/// One message with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedMessage {
    /// The body, JSON.
    pub body: String,
    /// When it was signed, in seconds since 1970.
    pub timestamp: u64,
    /// `sha256=` and the HMAC in hexadecimal digits.
    pub signature: String,
}

impl std::str::FromStr for WebhookAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<WebhookAddress, String> {
        let uri: http::Uri = text.parse().map_err(|_| "it is no URL".to_owned())?;
        if uri.scheme_str() != Some("https") {
            return Err("it must begin with `https://`".to_owned());
        }
        if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err("it must name a host, and hold no credentials".to_owned());
        }
        Ok(WebhookAddress(text.to_owned()))
    }
}

impl SignedMessage {
    /// Signs a body.
    #[must_use]
    pub fn sign(body: String, key: &[u8], timestamp: u64) -> SignedMessage {
        let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        hmac.update(timestamp.to_string().as_bytes());
        hmac.update(b".");
        hmac.update(body.as_bytes());
        let mut signature = "sha256=".to_owned();
        for byte in hmac.finalize().into_bytes() {
            let _ = write!(signature, "{byte:02x}");
        }
        SignedMessage { body, timestamp, signature }
    }
}

/// Sends a message; tries again where the server stumbles.
pub fn send(address: &WebhookAddress, message: &SignedMessage, clock: &impl Clock) -> Result<(), ForgeError> {
    let failed = |reason: String| ForgeError::Webhook { reason };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let client = reqwest::Client::builder()
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .map_err(|error| failed(error.without_url().to_string()))?;
    let mut last = String::new();
    for tried in 0..TRIES {
        if tried > 0 {
            clock.sleep(Duration::from_secs(1 << tried));
        }
        let request = client
            .post(&address.0)
            .header("content-type", "application/json")
            .header("user-agent", "plimsoll")
            .header("x-plimsoll-timestamp", message.timestamp.to_string())
            .header("x-plimsoll-signature-256", &message.signature)
            .body(message.body.clone());
        // Timers need the runtime as soon as the request is made.
        match runtime.block_on(async { request.send().await }) {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) if answer.status().is_server_error() || answer.status().as_u16() == 429 => {
                last = format!("status {}", answer.status().as_u16());
            }
            Ok(answer) => return Err(failed(format!("status {}", answer.status().as_u16()))),
            // The address may hold a key, as those of chat services do.
            Err(error) => last = super::client::cause(&error.without_url()),
        }
    }
    Err(failed(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value is `printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn the_signature_is_hmac_over_time_and_body() {
        let message = SignedMessage::sign("{\"a\":1}".to_owned(), b"key", 1_700_000_000);
        assert_eq!(
            message.signature,
            "sha256=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
        );
    }

    #[test]
    fn only_https_without_credentials_is_an_address() {
        assert!("https://hooks.example/x".parse::<WebhookAddress>().is_ok());
        for wrong in
            ["http://hooks.example/x", "https://a:b@hooks.example", "hooks.example", "file:///etc/passwd"]
        {
            assert!(wrong.parse::<WebhookAddress>().is_err(), "{wrong}");
        }
    }
}
