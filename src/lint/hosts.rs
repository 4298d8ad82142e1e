//! Addresses in environment variables: hosts with ports, out of URLs and of pairs like `REDIS_HOST` and `REDIS_PORT`.
//!
//! Of a URL only scheme, host and port are taken: what may be a password never leaves it.

use super::pods::{Container, Variable};

/// A host that a container is told to speak to.
pub(super) struct Address<'w> {
    pub(super) host: &'w str,
    pub(super) port: Option<u16>,
    /// The variable that names the host.
    pub(super) path: String,
}

/// Ports that URLs of these schemes have without saying so.
const DEFAULT_PORTS: [(&str, u16); 8] = [
    ("http", 80),
    ("https", 443),
    ("redis", 6379),
    ("rediss", 6379),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("amqp", 5672),
];

/// Names that a container has for itself, and addresses that it listens on.
const ITSELF: [&str; 5] = ["localhost", "127.0.0.1", "0.0.0.0", "::", "::1"];

/// The addresses of a container's variables.
pub(super) fn addresses<'w>(container: &Container<'w>) -> Vec<Address<'w>> {
    let variables = container.variables();
    let mut addresses = Vec::new();
    for variable in &variables {
        let Some(value) = variable.value else { continue };
        let found = match value.split_once("://") {
            Some((scheme, rest)) => of_url(scheme, rest),
            None => of_pair(variable, value, &variables),
        };
        let Some((host, port)) = found else { continue };
        if !ITSELF.contains(&host) && is_host(host) {
            addresses.push(Address { host, port, path: format!("{}.value", variable.path) });
        }
    }
    addresses
}

fn of_url<'w>(scheme: &str, rest: &'w str) -> Option<(&'w str, Option<u16>)> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    let default = DEFAULT_PORTS.iter().find(|(name, _)| *name == scheme).map(|(_, port)| *port);
    Some(match address.split_once(':') {
        Some((host, port)) => (host, port.parse().ok().or(default)),
        None => (address, default),
    })
}

/// `X_HOST` with the port of `X_PORT`. The name of the pod's own interface is no host.
fn of_pair<'w>(
    variable: &Variable<'w>,
    value: &'w str,
    variables: &[Variable<'w>],
) -> Option<(&'w str, Option<u16>)> {
    let stem = variable.name.strip_suffix("_HOST")?;
    let (host, written) = match value.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (value, None),
    };
    let port = variables.iter().find(|other| other.name.strip_suffix("_PORT") == Some(stem));
    Some((host, written.or_else(|| port?.value?.parse().ok())))
}

fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        && host.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Namespace and name of the Service that a host names inside a cluster, seen from a namespace; `None` for other hosts.
pub(super) fn service_of<'h>(host: &'h str, namespace: &'h str) -> Option<(&'h str, &'h str)> {
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    if let Some(inside) = host.strip_suffix(".svc") {
        let (head, namespace) = inside.rsplit_once('.')?;
        // A pod of a StatefulSet stands before its Service.
        return Some((namespace, head.rsplit('.').next().unwrap_or(head)));
    }
    match host.split_once('.') {
        None => Some((namespace, host)),
        Some(_) => None,
    }
}
