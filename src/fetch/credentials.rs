//! The credentials of Docker's `config.json`, each for the one host that it is kept for.
//!
//! Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. Credential helpers are programs, and are started only
//! where the user allows it. No credential has a `Debug` or `Display` that shows it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::diagnostic::{Code, Diagnostic};

/// Whether credential helpers may be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helpers {
    /// Each that the configuration names for a host.
    Allowed,
    /// None.
    Forbidden,
}

/// What is known about the credentials of a host.
pub enum Known {
    /// They are there.
    Credential(Credential),
    /// A helper would have them, and may not be started.
    BehindHelper(String),
    /// There are none.
    Nothing,
}

/// A credential.
#[derive(Clone)]
pub enum Credential {
    /// A name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token that a registry's token server takes in place of a password.
    Identity(String),
}

impl Credential {
    /// The value of an `Authorization` header; none for an identity token, which only a token server takes.
    #[must_use]
    pub fn to_basic(&self) -> Option<String> {
        match self {
            Credential::Basic { user, password } => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
            Credential::Identity(_) => None,
        }
    }
}

/// The credentials of this user.
pub struct Credentials {
    file: ConfigFile,
    helpers: Helpers,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigFile {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default)]
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HelperAnswer {
    username: String,
    secret: String,
}

/// The name that identity tokens have in place of a user's.
const TOKEN_USER: &str = "<token>";

impl Credentials {
    /// Reads the configuration of the user, where there is one.
    pub fn of_user(helpers: Helpers) -> Result<Credentials, Diagnostic> {
        let folder = std::env::var_os("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker")));
        let Some(path) = folder.map(|folder| folder.join("config.json")) else {
            return Ok(Credentials { file: ConfigFile::default(), helpers });
        };
        let unreadable = |cause: String| {
            let message = format!("Docker's configuration `{}` cannot be read", path.display());
            Diagnostic::error(Code::new("fetch::credentials"), message).with_cause(cause)
        };
        let file = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                // The text of the error could quote what stands in the file.
                unreadable(format!("it is not what Docker writes, in line {}", error.line()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => ConfigFile::default(),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        Ok(Credentials { file, helpers })
    }

    /// What is known about a host, `name` or `name:port`.
    pub fn of_host(&self, host: &str) -> Result<Known, Diagnostic> {
        let keys = keys(host);
        let helper = keys.iter().find_map(|key| self.file.cred_helpers.get(key));
        if let Some(helper) = helper {
            return self.ask(helper, &keys);
        }
        let stored = self.file.auths.iter().find(|(key, _)| keys.contains(&host_of(key)));
        if let Some(credential) = stored.and_then(|(_, entry)| entry.credential()) {
            return Ok(Known::Credential(credential));
        }
        // A store has entries for the hosts that `auths` lists empty.
        match (&self.file.creds_store, stored) {
            (Some(store), Some(_)) => self.ask(store, &keys),
            _ => Ok(Known::Nothing),
        }
    }

    /// The `Authorization` header for a host that takes a name and a password with the first request.
    pub fn basic_of(&self, host: &str) -> Result<Option<String>, Diagnostic> {
        Ok(match self.of_host(host)? {
            Known::Credential(credential) => credential.to_basic(),
            Known::BehindHelper(_) | Known::Nothing => None,
        })
    }

    /// What a refusal of a host means, where a program keeps its credentials that was not allowed to start.
    pub fn explain_refusal(&self, host: &str, refusal: Diagnostic) -> Diagnostic {
        match self.of_host(host) {
            Ok(Known::BehindHelper(helper)) => behind_helper(host, &helper),
            _ => refusal,
        }
    }

    fn ask(&self, helper: &str, keys: &[String]) -> Result<Known, Diagnostic> {
        let failed = |cause: String| {
            let message = format!("the credential helper `docker-credential-{helper}` failed");
            Diagnostic::error(Code::new("fetch::credentials"), message).with_cause(cause)
        };
        if self.helpers == Helpers::Forbidden {
            return Ok(Known::BehindHelper(helper.to_owned()));
        }
        if helper.is_empty()
            || !helper.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        {
            return Err(failed("this is no name of a program".to_owned()));
        }
        for key in keys {
            let mut child = Command::new(format!("docker-credential-{helper}"))
                .arg("get")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|error| failed(error.to_string()))?;
            if let Some(mut input) = child.stdin.take() {
                // A helper that does not read its input says so by its status.
                let _ = input.write_all(key.as_bytes());
            }
            let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
            if !output.status.success() {
                continue;
            }
            let answer: HelperAnswer = serde_json::from_slice(&output.stdout)
                .map_err(|_| failed("its answer cannot be read".to_owned()))?;
            return Ok(Known::Credential(if answer.username == TOKEN_USER {
                Credential::Identity(answer.secret)
            } else {
                Credential::Basic { user: answer.username, password: answer.secret }
            }));
        }
        Ok(Known::Nothing)
    }
}

/// The problem that a host's credentials are kept by a program that was not allowed to start.
#[must_use]
pub fn behind_helper(host: &str, helper: &str) -> Diagnostic {
    let message = format!("the credentials of `{host}` are kept by a program, `docker-credential-{helper}`");
    Diagnostic::error(Code::new("fetch::denied"), message)
        .with_help("`--allow-credential-helpers` lets it be started")
}

impl Entry {
    fn credential(&self) -> Option<Credential> {
        if let Some(token) = self.identitytoken.as_ref().filter(|token| !token.is_empty()) {
            return Some(Credential::Identity(token.clone()));
        }
        if let Some(auth) = self.auth.as_ref().filter(|auth| !auth.is_empty()) {
            let decoded = String::from_utf8(STANDARD.decode(auth.trim()).ok()?).ok()?;
            let (user, password) = decoded.trim_end_matches('\0').split_once(':')?;
            return Some(Credential::Basic { user: user.to_owned(), password: password.to_owned() });
        }
        match (&self.username, &self.password) {
            (Some(user), Some(password)) if !user.is_empty() => {
                Some(Credential::Basic { user: user.clone(), password: password.clone() })
            }
            _ => None,
        }
    }
}

/// The names that a host's entry may have. Docker Hub's is that of its first registry.
fn keys(host: &str) -> Vec<String> {
    if ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(&host) {
        return ["index.docker.io", "https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"]
            .map(str::to_owned)
            .to_vec();
    }
    vec![host.to_owned()]
}

/// The host of an entry, which may be written as an address.
fn host_of(key: &str) -> String {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{ConfigFile, Credential, Credentials, Helpers, Known};

    fn credentials(text: &str) -> Credentials {
        let file: ConfigFile = serde_json::from_str(text).unwrap();
        Credentials { file, helpers: Helpers::Forbidden }
    }

    fn told(credentials: &Credentials, host: &str) -> String {
        match credentials.of_host(host).ok().unwrap() {
            Known::Credential(Credential::Basic { user, password }) => format!("{user}:{password}"),
            Known::Credential(Credential::Identity(token)) => format!("token {token}"),
            Known::BehindHelper(helper) => format!("helper {helper}"),
            Known::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_credential_is_for_its_host_alone() {
        let credentials = credentials(
            r#"{"auths": {"registry.example.com": {"auth": "bWU6c2VjcmV0"}, "https://index.docker.io/v1/": {"identitytoken": "t"},
                "stored.example.com": {}}, "credsStore": "desktop", "credHelpers": {"ecr.example.com": "ecr-login"}}"#,
        );
        assert_eq!(told(&credentials, "registry.example.com"), "me:secret");
        assert_eq!(told(&credentials, "registry.example.com:5000"), "nothing");
        assert_eq!(told(&credentials, "evil.registry.example.com"), "nothing");
        assert_eq!(told(&credentials, "registry-1.docker.io"), "token t");
        assert_eq!(told(&credentials, "ecr.example.com"), "helper ecr-login");
        assert_eq!(told(&credentials, "stored.example.com"), "helper desktop");
    }
}
