//! When two spellings are the same value: texts, numbers, addresses, protocols, documents, versions, keys, names.
//!
//! A spelling that is not understood is compared as it stands, so that it is told rather than passed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use plimsoll_yaml::{Budget, Dialect, Numbers, parse_one};
use serde_json::Value;

use super::policy::canonical_policy;
use crate::kind::Form;

/// What names stand for in an account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// The partition: `aws`.
    pub(crate) partition: String,
    /// The account's number.
    pub(crate) account: String,
    /// The ids of KMS keys by their aliases, `alias/app`.
    pub(crate) keys: BTreeMap<String, String>,
    /// Why the aliases are not all known.
    pub(crate) keys_failure: Option<String>,
}

/// A plain value as text; anything else as JSON.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Whether Git's value and AWS's are the same.
pub(crate) fn same(form: Form, desired: &Value, live: &Value, names: &Names) -> bool {
    match form {
        Form::Version => {
            let (desired, live) = (text_of(desired), text_of(live));
            let desired = desired.trim_end_matches(".x").trim_end_matches(".X");
            // AWS keeps the number that a name such as `$Latest` stood for.
            desired.starts_with('$')
                || live == desired
                || live.strip_prefix(desired).is_some_and(|rest| rest.starts_with('.'))
        }
        Form::Grown => match (text_of(desired).parse::<i64>(), text_of(live).parse::<i64>()) {
            (Ok(desired), Ok(live)) => live >= desired,
            _ => text_of(desired) == text_of(live),
        },
        Form::ArnOrName => {
            let (desired, live) = (text_of(desired), text_of(live));
            desired == live
                || (desired.starts_with("arn:") != live.starts_with("arn:")
                    && last_part(&desired) == last_part(&live))
        }
        // An alias whose key could not be looked up is told as unknown, not as another key.
        Form::Key if names.keys_failure.is_some() && is_alias(desired) != is_alias(live) => true,
        _ => canonical(form, desired, names) == canonical(form, live, names),
    }
}

/// Whether a key is named by an alias.
pub(crate) fn is_alias(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("alias/") || text.contains(":alias/"))
}

fn last_part(text: &str) -> &str {
    text.rsplit(['/', ':']).next().unwrap_or(text)
}

/// One spelling for all that mean the same.
pub(crate) fn canonical(form: Form, value: &Value, names: &Names) -> String {
    let text = text_of(value);
    match form {
        Form::Text | Form::Version | Form::Grown | Form::ArnOrName => text,
        Form::Lower => text.to_lowercase(),
        Form::Window => text.to_lowercase(),
        Form::Cidr => cidr(&text).unwrap_or(text),
        Form::Protocol => protocol(&text),
        Form::Policy => canonical_policy(&text, &names.partition).unwrap_or(text),
        Form::Document => document(value, &text).unwrap_or(text),
        Form::Key => key(&text, names),
        Form::Url => {
            let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            bare.unwrap_or(&text).trim_end_matches('/').to_owned()
        }
        Form::Switch => match text.to_lowercase().as_str() {
            "enabled" | "enabling" | "enabling_hosted_zone_locked" | "true" => "true".to_owned(),
            "disabled" | "disabling" | "disabling_hosted_zone_locked" | "false" => "false".to_owned(),
            _ => text,
        },
        Form::Record => {
            let bare = text.trim_matches('"').replace("\" \"", "").replace("\"\"", "");
            bare.trim_end_matches('.').to_owned()
        }
        Form::Present => (!matches!(text.as_str(), "" | "false" | "[]" | "{}")).to_string(),
        Form::Algorithm => text.replace('-', "_").to_lowercase(),
        Form::Location => match text.as_str() {
            "" => "us-east-1".to_owned(),
            "EU" => "eu-west-1".to_owned(),
            _ => text,
        },
        Form::Domain => text.trim_end_matches('.').replace("\\052", "*").to_lowercase(),
    }
}

/// An address range with its host bits cleared.
fn cidr(text: &str) -> Option<String> {
    let (address, length) = text.trim().split_once('/')?;
    let length: u32 = length.parse().ok()?;
    Some(match address.parse().ok()? {
        IpAddr::V4(address) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            format!("{}/{length}", std::net::Ipv4Addr::from(u32::from(address) & mask))
        }
        IpAddr::V6(address) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            format!("{}/{length}", std::net::Ipv6Addr::from(u128::from(address) & mask))
        }
        _ => return None,
    })
}

fn protocol(text: &str) -> String {
    match text.trim().to_lowercase().as_str() {
        "all" | "-1" | "" => "-1".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_owned(),
    }
}

fn document(value: &Value, text: &str) -> Option<String> {
    if value.is_object() || value.is_array() {
        return Some(value.to_string());
    }
    let tree = parse_one(text, Dialect::Kustomize, &Budget::DEFAULT).ok()?;
    Some(tree.to_value(Dialect::Kustomize, Numbers::AsWritten).ok()?.to_string())
}

/// The id of a key, where the account's aliases tell it.
fn key(text: &str, names: &Names) -> String {
    let bare = match text.find(":alias/") {
        Some(at) => &text[at + 1..],
        None => text.rsplit(":key/").next().unwrap_or(text),
    };
    names.keys.get(bare).cloned().unwrap_or_else(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Names, same};
    use crate::kind::Form;

    fn equal(form: Form, desired: Value, live: Value) -> bool {
        let names = Names {
            partition: "aws".to_owned(),
            account: "111122223333".to_owned(),
            keys: [("alias/app".to_owned(), "11-22".to_owned())].into(),
            keys_failure: None,
        };
        same(form, &desired, &live, &names)
    }

    #[test]
    fn spellings_of_one_value_are_the_same() {
        assert!(equal(Form::Text, json!("6379"), json!(6379)));
        assert!(equal(Form::Text, json!(true), json!("true")));
        assert!(equal(Form::Cidr, json!("10.0.1.7/16"), json!("10.0.0.0/16")));
        assert!(equal(Form::Cidr, json!("2001:DB8::1/32"), json!("2001:db8::/32")));
        assert!(equal(Form::Protocol, json!("6"), json!("tcp")));
        assert!(equal(Form::Protocol, json!("all"), json!("-1")));
        assert!(equal(Form::Version, json!("16"), json!("16.9")));
        assert!(equal(Form::Version, json!("7.x"), json!("7.1.0")));
        assert!(equal(Form::Key, json!("alias/app"), json!("arn:aws:kms:eu-west-1:1:key/11-22")));
        assert!(equal(Form::ArnOrName, json!("web"), json!("arn:aws:iam::1:role/web")));
        assert!(equal(Form::Url, json!("https://example.org/a/"), json!("example.org/a")));
        assert!(equal(Form::Domain, json!("*.Example.org"), json!("\\052.example.org.")));
        assert!(equal(Form::Document, json!("a: 1\nb: [x]"), json!("{\"b\":[\"x\"],\"a\":1}")));
        assert!(equal(Form::Grown, json!(20), json!("40")));
        assert!(equal(Form::Version, json!("$Latest"), json!("4")));
        assert!(equal(Form::Present, json!({"name": "token"}), json!(true)));
        assert!(equal(Form::Present, json!(false), json!(null)));
    }

    #[test]
    fn other_values_are_not() {
        assert!(!equal(Form::Cidr, json!("10.0.0.0/16"), json!("10.0.0.0/15")));
        assert!(!equal(Form::Cidr, json!("0.0.0.0/0"), json!("10.0.0.0/40")));
        assert!(!equal(Form::Version, json!("16"), json!("160.1")));
        assert!(!equal(Form::Version, json!("16.4"), json!("16.9")));
        assert!(!equal(Form::Key, json!("alias/other"), json!("11-22")));
        assert!(!equal(Form::Grown, json!(20), json!(10)));
        assert!(!equal(Form::Document, json!("{a"), json!("{}")));
    }
}
