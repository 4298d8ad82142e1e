//! How a cluster is reached: a kubeconfig with tokens or client certificates, the pod's own account, or an EKS cluster.
//!
//! Where a kubeconfig names a program to run for credentials, it is refused unless that was allowed: a kubeconfig may come
//! from a tree that somebody else wrote.

use std::path::{Path, PathBuf};

use http::{HeaderValue, header};
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use super::failure::{Cause, Failure};

/// How a cluster is reached.
#[derive(Debug, Clone)]
pub enum Access {
    /// By a kubeconfig.
    Kubeconfig {
        /// Its path; without one KUBECONFIG, then ~/.kube/config, then the pod's own account.
        path: Option<String>,
        /// The context; without one the current one.
        context: Option<String>,
    },
    /// By its address.
    Direct {
        /// The address of the API server.
        endpoint: String,
        /// The authority that the server's certificate comes from, in PEM.
        certificate_authority: Vec<u8>,
        /// The token to show.
        token: Token,
    },
}

/// A bearer token, which is never printed.
#[derive(Clone)]
pub struct Token(pub String);

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token")
    }
}

/// Whether a kubeconfig may start programs for credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecPlugins {
    /// It may not.
    Refused,
    /// The user allowed it.
    Allowed,
}

impl Access {
    /// What it means that the server does not take the credentials, where more can be said than that.
    pub(super) fn if_unauthorized(&self) -> &'static str {
        match self {
            Access::Kubeconfig { .. } => "",
            Access::Direct { .. } => {
                "the cluster does not take the token of this caller, who needs an access entry in EKS"
            }
        }
    }

    /// The client for this access. Nobody is asked anything yet.
    pub(super) async fn client(&self, plugins: ExecPlugins) -> Result<Client, Failure> {
        let mut config = match self {
            Access::Kubeconfig { path, context } => {
                of_kubeconfig(path.as_deref(), context.as_deref(), plugins).await?
            }
            Access::Direct { endpoint, certificate_authority, token } => {
                direct(endpoint, certificate_authority, token)?
            }
        };
        // Tries are ours, with a deadline over all of them.
        config.default_retry = false;
        config.read_timeout = None;
        Client::try_from(config)
            .map_err(|_| Failure::new(Cause::NoAccess, "the certificates or credentials cannot be used"))
    }
}

async fn of_kubeconfig(
    path: Option<&str>,
    context: Option<&str>,
    plugins: ExecPlugins,
) -> Result<Config, Failure> {
    let read = match path {
        Some(path) => Kubeconfig::read_from(home_expanded(path)),
        None => match Kubeconfig::read() {
            Err(KubeconfigError::ReadConfig(error, _))
                if error.kind() == std::io::ErrorKind::NotFound
                    && std::env::var_os("KUBECONFIG").is_none_or(|value| value.is_empty()) =>
            {
                return Config::incluster().map_err(|_| {
                    Failure::new(
                        Cause::NoAccess,
                        "there is no KUBECONFIG, no ~/.kube/config, and no account of a pod",
                    )
                });
            }
            Err(KubeconfigError::FindPath) => {
                return Config::incluster().map_err(|_| {
                    Failure::new(Cause::NoAccess, "there is no KUBECONFIG, no home, and no account of a pod")
                });
            }
            other => other,
        },
    };
    let kubeconfig = read.map_err(|error| unusable(&error))?;
    let options = KubeConfigOptions { context: context.map(str::to_owned), cluster: None, user: None };
    let name = context.or(kubeconfig.current_context.as_deref()).unwrap_or_default().to_owned();
    let user = kubeconfig
        .contexts
        .iter()
        .find(|named| named.name == name)
        .and_then(|named| named.context.as_ref())
        .and_then(|context| context.user.clone());
    let info = kubeconfig
        .auth_infos
        .iter()
        .find(|named| Some(&named.name) == user.as_ref())
        .and_then(|named| named.auth_info.as_ref());
    let starts_program = info.is_some_and(|info| {
        let by_provider = info
            .auth_provider
            .as_ref()
            .is_some_and(|provider| provider.config.keys().any(|key| key == "cmd-path"));
        info.exec.is_some() || by_provider
    });
    if starts_program && plugins == ExecPlugins::Refused {
        return Err(Failure::new(
            Cause::ExecPluginRefused,
            format!(
                "context `{name}` runs a program for its credentials; `--allow-exec-plugins` allows that"
            ),
        ));
    }
    Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| unusable(&error))
}

fn home_expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// What is wrong with a kubeconfig, without its text, which may hold credentials.
fn unusable(error: &KubeconfigError) -> Failure {
    let detail = match error {
        KubeconfigError::CurrentContextNotSet => "the kubeconfig has no current context".to_owned(),
        KubeconfigError::LoadContext(name) => format!("the kubeconfig has no context `{name}`"),
        KubeconfigError::LoadClusterOfContext(name) => format!("the kubeconfig has no cluster `{name}`"),
        KubeconfigError::ReadConfig(error, path) => {
            format!("the kubeconfig `{}` cannot be read: {}", path.display(), error.kind())
        }
        KubeconfigError::Parse(_) => "the kubeconfig is no YAML of a kubeconfig".to_owned(),
        KubeconfigError::MissingClusterUrl | KubeconfigError::ParseClusterUrl(_) => {
            "the kubeconfig's cluster has no valid server".to_owned()
        }
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            "the kubeconfig's certificate authority cannot be read".to_owned()
        }
        KubeconfigError::LoadClientCertificate(_) => {
            "the kubeconfig's client certificate cannot be read".to_owned()
        }
        KubeconfigError::LoadClientKey(_) => "the kubeconfig's client key cannot be read".to_owned(),
        _ => "the kubeconfig cannot be used".to_owned(),
    };
    Failure::new(Cause::NoAccess, detail)
}

fn direct(endpoint: &str, certificate_authority: &[u8], token: &Token) -> Result<Config, Failure> {
    let url = endpoint
        .parse()
        .map_err(|_| Failure::new(Cause::NoAccess, "the cluster's endpoint is no address"))?;
    let mut config = Config::new(url);
    config.root_cert = Some(certificates(certificate_authority)?);
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.0))
        .map_err(|_| Failure::new(Cause::NoAccess, "the token has characters that no header can hold"))?;
    value.set_sensitive(true);
    config.headers.push((header::AUTHORIZATION, value));
    Ok(config)
}

/// The certificates of a PEM text, each in its binary form.
fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let unreadable = || Failure::new(Cause::NoAccess, "the cluster's certificate authority is no PEM");
    let text = std::str::from_utf8(pem).map_err(|_| unreadable())?;
    let mut found = Vec::new();
    for part in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let body = part.split("-----END CERTIFICATE-----").next().unwrap_or_default();
        let joined: String = body.split_ascii_whitespace().collect();
        found.push(STANDARD.decode(joined).map_err(|_| unreadable())?);
    }
    if found.is_empty() { Err(unreadable()) } else { Ok(found) }
}
