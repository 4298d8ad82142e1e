//! Where a chart lies that is not in the repository: a chart repository, a name and one whole version.
//!
//! An address is checked when it is read, so that no other part meets one that cannot be used: a version that may mean another
//! chart tomorrow, a name in place of a path, a credential in an address that Git would keep, a connection that anybody on the
//! way could change.

use reqwest::Url;

use crate::config::environment::HelmChart;

/// A chart in a chart repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartAddress {
    /// `https://host/path`, or `oci://host/path` without the chart's name.
    pub repository: String,
    /// The chart's name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Which field of a source is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressField {
    /// `chart`.
    Chart,
    /// `repository`.
    Repository,
    /// `version`.
    Version,
}

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressProblem {
    /// The code of the diagnostic.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where it is wrong.
    pub field: AddressField,
}

impl ChartAddress {
    /// The address of a source's chart; none of a chart that lies in the repository.
    pub fn of_source(source: &HelmChart) -> Result<Option<ChartAddress>, AddressProblem> {
        let version = source.version.as_deref();
        match &source.repository {
            Some(repository) => ChartAddress::new(repository, &source.chart, version).map(Some),
            None if source.chart.starts_with("oci://") => {
                let split = source.chart.trim_end_matches('/').rsplit_once('/');
                let (repository, name) = split.unwrap_or((&source.chart, ""));
                if repository.trim_end_matches('/') == "oci:" {
                    return Err(unusable("the address names no chart", AddressField::Chart));
                }
                ChartAddress::new(repository, name, version)
                    .map(Some)
                    .map_err(|problem| problem.of_whole_address())
            }
            None if source.chart.contains("://") => Err(AddressProblem {
                help: "write `repository: https://...` with the address of the chart repository, whose index.yaml lists \
                       the chart, and `chart` with its name"
                    .to_owned(),
                ..unusable("a chart is not fetched by an address of its own", AddressField::Chart)
            }),
            None => Ok(None),
        }
    }

    /// An address from its parts.
    pub fn new(repository: &str, name: &str, version: Option<&str>) -> Result<ChartAddress, AddressProblem> {
        check_repository(repository)?;
        let is_name = !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !is_name {
            return Err(AddressProblem {
                help: "with `repository`, `chart` is the chart's name in it".to_owned(),
                ..unusable("`chart` is no name of a chart", AddressField::Chart)
            });
        }
        let floating = |message: &str| AddressProblem {
            code: "fetch::floating",
            message: message.to_owned(),
            help: "write one whole version, such as `1.2.3`: what is rendered changes only when Git does"
                .to_owned(),
            field: AddressField::Version,
        };
        match version {
            None | Some("") => Err(AddressProblem {
                // There is no version that could be shown.
                field: AddressField::Chart,
                ..floating("a chart that is fetched needs a `version`")
            }),
            Some(version) if !is_whole(version) => {
                Err(floating("the version may mean another chart tomorrow"))
            }
            Some(version) => Ok(ChartAddress {
                repository: repository.trim_end_matches('/').to_owned(),
                name: name.to_owned(),
                version: version.to_owned(),
            }),
        }
    }

    /// Whether the repository is an OCI registry.
    #[must_use]
    pub fn is_in_registry(&self) -> bool {
        self.repository.starts_with("oci://")
    }
}

impl std::fmt::Display for ChartAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{} {}", self.repository, self.name, self.version)
    }
}

impl AddressProblem {
    /// The same where repository and name stand in one field.
    fn of_whole_address(self) -> AddressProblem {
        let field = match self.field {
            AddressField::Repository => AddressField::Chart,
            field => field,
        };
        AddressProblem { field, ..self }
    }
}

fn unusable(message: &str, field: AddressField) -> AddressProblem {
    AddressProblem {
        code: "fetch::address",
        message: message.to_owned(),
        help:
            "charts are fetched from `oci://registry/path/chart`, or by name from `repository: https://...`"
                .to_owned(),
        field,
    }
}

fn check_repository(repository: &str) -> Result<(), AddressProblem> {
    let field = AddressField::Repository;
    let address = match repository.strip_prefix("oci://") {
        Some(rest) => format!("https://{rest}"),
        None => repository.to_owned(),
    };
    match Url::parse(&address) {
        Ok(url) => check_url(&url).map_err(|(code, message, help)| AddressProblem {
            code,
            message: message.to_owned(),
            help: help.to_owned(),
            field,
        }),
        Err(_) => Err(unusable("the address of the chart repository cannot be read", field)),
    }
}

/// Why nothing is fetched from an address: code, message and help.
pub(super) type UnusableUrl = (&'static str, &'static str, &'static str);

/// Refuses addresses that hold credentials, and connections that are not encrypted.
pub(super) fn check_url(url: &Url) -> Result<(), UnusableUrl> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "fetch::address",
            "the address holds a name or a password, which Git would keep",
            "take it out, and log in to the host with `docker login`, `helm registry login` or any tool that writes Docker's \
             config.json",
        ));
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err((
            "fetch::address",
            "the connection would not be encrypted",
            "write `https://`; `http://` is for servers on this machine only",
        )),
        _ => Err((
            "fetch::address",
            "nothing is fetched by this scheme",
            "the schemes are `https://`, `oci://` for charts, and `file://` for Git repositories",
        )),
    }
}

/// Whether an address is of this machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a version is one version: three numbers, and what semantic versions allow behind them.
#[must_use]
pub fn is_whole(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let (version, build) = version.split_once('+').unwrap_or((version, "0"));
    let (numbers, pre_release) = version.split_once('-').unwrap_or((version, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && pre_release.split('.').all(is_word)
        && build.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::{ChartAddress, is_whole};

    #[test]
    fn only_whole_versions_mean_one_chart() {
        for version in ["1.2.3", "v1.2.3", "1.2.3-rc.1", "1.2.3+build.5", "0.0.0-a-b"] {
            assert!(is_whole(version), "{version}");
        }
        for version in
            ["", "1", "1.2", "1.2.x", "^1.2.3", ">=1.2.3", "1.2.3 - 2", "latest", "*", "1.2.3-", "1.2.3+"]
        {
            assert!(!is_whole(version), "{version}");
        }
    }

    #[test]
    fn addresses_that_cannot_be_trusted_are_refused() {
        for (repository, message) in [
            ("http://charts.example.com", "the connection would not be encrypted"),
            (
                "https://me:secret@charts.example.com",
                "the address holds a name or a password, which Git would keep",
            ),
            ("ftp://charts.example.com", "nothing is fetched by this scheme"),
            ("charts.example.com", "the address of the chart repository cannot be read"),
        ] {
            let problem = ChartAddress::new(repository, "shop", Some("1.2.3")).unwrap_err();
            assert_eq!(problem.message, message, "{repository}");
        }
        assert!(ChartAddress::new("http://127.0.0.1:8080/charts", "shop", Some("1.2.3")).is_ok());
        assert!(ChartAddress::new("https://charts.example.com", "../shop", Some("1.2.3")).is_err());
    }
}
