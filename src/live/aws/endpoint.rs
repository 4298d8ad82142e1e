//! A service and a region into the address that listens for it and the region that requests are signed for.
//!
//! The facts are `endpoints.yaml`. An endpoint that a user configured takes the place of the address, never of the signing
//! region. S3 is not asked for here: its addresses depend on the bucket, and aws-sdk-s3 knows them.

use std::sync::LazyLock;

use serde::Deserialize;

/// Where requests of one service and region go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme and host, and a path where a configured endpoint has one; no slash at the end.
    pub url: String,
    /// What requests are signed for.
    pub signing_region: String,
}

/// Whether endpoints must meet FIPS 140.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The usual endpoints.
    Regular,
    /// Endpoints whose cryptography is validated by FIPS 140.
    Fips,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    partitions: Vec<Partition>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Partition {
    name: String,
    prefixes: Vec<String>,
    suffix: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    service: String,
    partition: String,
    host: Option<String>,
    fips: Option<String>,
    region: Option<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("endpoints.yaml")).expect("endpoints.yaml is ours, and a test reads it")
});

impl Endpoint {
    /// The endpoint of a service, `iam` or `tagging`, in a region; `configured` is the address that a user gave.
    #[must_use]
    pub fn of(service: &str, region: &str, variant: Variant, configured: Option<&str>) -> Endpoint {
        let partition = partition_of(region);
        let exception = TABLE
            .exceptions
            .iter()
            .find(|exception| exception.service == service && exception.partition == partition.name);
        let signing_region = exception.and_then(|exception| exception.region.as_deref()).unwrap_or(region);
        let url = match configured {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("https://{}", host(service, region, variant, partition, exception)),
        };
        Endpoint { url, signing_region: signing_region.to_owned() }
    }
}

/// The partition of a region, as ARNs name it: `aws`, `aws-cn`.
#[must_use]
pub fn partition_name(region: &str) -> &'static str {
    &partition_of(region).name
}

fn partition_of(region: &str) -> &'static Partition {
    let holds = |partition: &&Partition| partition.prefixes.iter().any(|prefix| region.starts_with(prefix));
    TABLE.partitions.iter().find(holds).expect("the last partition of the table holds every region")
}

fn host(
    service: &str,
    region: &str,
    variant: Variant,
    partition: &Partition,
    exception: Option<&Exception>,
) -> String {
    let (named, mark) = match variant {
        Variant::Regular => (exception.and_then(|exception| exception.host.as_deref()), ""),
        Variant::Fips => (exception.and_then(|exception| exception.fips.as_deref()), "-fips"),
    };
    match named {
        Some(pattern) => pattern.replace("{region}", region),
        None => format!("{service}{mark}.{region}.{}", partition.suffix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, region: &str, variant: Variant, url: &str, signing_region: &str) {
        let endpoint = Endpoint::of(service, region, variant, None);
        assert_eq!((endpoint.url.as_str(), endpoint.signing_region.as_str()), (url, signing_region));
    }

    #[test]
    fn a_regional_service_listens_in_its_region() {
        let regular = Variant::Regular;
        check("ec2", "eu-central-1", regular, "https://ec2.eu-central-1.amazonaws.com", "eu-central-1");
        check("rds", "cn-north-1", regular, "https://rds.cn-north-1.amazonaws.com.cn", "cn-north-1");
        check("kms", "us-isob-east-1", regular, "https://kms.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1");
    }

    #[test]
    fn a_global_service_listens_and_signs_elsewhere() {
        let regular = Variant::Regular;
        check("iam", "eu-central-1", regular, "https://iam.amazonaws.com", "us-east-1");
        check("route53", "us-gov-east-1", regular, "https://route53.us-gov.amazonaws.com", "us-gov-west-1");
    }

    #[test]
    fn validated_endpoints_have_names_of_their_own() {
        check("ec2", "us-east-1", Variant::Fips, "https://ec2-fips.us-east-1.amazonaws.com", "us-east-1");
        check("eks", "us-east-1", Variant::Fips, "https://fips.eks.us-east-1.amazonaws.com", "us-east-1");
        check(
            "rds",
            "us-gov-west-1",
            Variant::Fips,
            "https://rds.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        );
    }

    #[test]
    fn a_configured_endpoint_changes_the_address_and_not_the_signature() {
        let endpoint = Endpoint::of("iam", "eu-west-1", Variant::Regular, Some("http://127.0.0.1:5000/"));
        assert_eq!(endpoint.url, "http://127.0.0.1:5000");
        assert_eq!(endpoint.signing_region, "us-east-1");
        assert_eq!(partition_name("eu-west-1"), "aws");
    }
}
