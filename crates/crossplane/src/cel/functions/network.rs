//! IP addresses and ranges: Kubernetes' `ip` and `cidr` libraries.

use std::net::IpAddr;

use plimsoll_gotemplate::quote::quote;

use super::super::error::Failure;
use super::super::value::Value;
use super::Outcome;

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("ip", [Value::String(text)]) => parse_ip(text).map(Value::Ip),
        ("ip", [Value::Cidr(address, _)]) => Ok(Value::Ip(*address)),
        ("isIP", [Value::String(text)]) => Ok(Value::Bool(parse_ip(text).is_ok())),
        ("ip.isCanonical", [Value::String(text)]) => {
            parse_ip(text).map(|address| Value::Bool(ip_text(&address) == text.as_ref()))
        }
        ("family", [Value::Ip(address)]) => Ok(Value::Int(if address.is_ipv4() { 4 } else { 6 })),
        ("isUnspecified", [Value::Ip(address)]) => Ok(Value::Bool(address.is_unspecified())),
        ("isLoopback", [Value::Ip(address)]) => Ok(Value::Bool(address.is_loopback())),
        ("isLinkLocalMulticast", [Value::Ip(address)]) => Ok(Value::Bool(is_link_local_multicast(address))),
        ("isLinkLocalUnicast", [Value::Ip(address)]) => Ok(Value::Bool(is_link_local_unicast(address))),
        ("isGlobalUnicast", [Value::Ip(address)]) => Ok(Value::Bool(
            !address.is_unspecified()
                && !address.is_loopback()
                && !address.is_multicast()
                && !is_link_local_unicast(address)
                && !matches!(address, IpAddr::V4(address) if address.is_broadcast()),
        )),
        ("cidr", [Value::String(text)]) => {
            parse_cidr(text).map(|(address, length)| Value::Cidr(address, length))
        }
        ("isCIDR", [Value::String(text)]) => Ok(Value::Bool(parse_cidr(text).is_ok())),
        ("containsIP", [Value::Cidr(range, length), Value::Ip(address)]) => {
            Ok(Value::Bool(contains((*range, *length), address)))
        }
        ("containsIP", [Value::Cidr(range, length), Value::String(text)]) => {
            parse_ip(text).map(|address| Value::Bool(contains((*range, *length), &address)))
        }
        ("containsCIDR", [Value::Cidr(range, length), Value::Cidr(other, other_length)]) => {
            Ok(Value::Bool(length <= other_length && contains((*range, *length), other)))
        }
        ("containsCIDR", [Value::Cidr(range, length), Value::String(text)]) => {
            parse_cidr(text).map(|(other, other_length)| {
                Value::Bool(*length <= other_length && contains((*range, *length), &other))
            })
        }
        ("prefixLength", [Value::Cidr(_, length)]) => Ok(Value::Int(i64::from(*length))),
        ("masked", [Value::Cidr(address, length)]) => Ok(Value::Cidr(masked(*address, *length), *length)),
        _ => return None,
    })
}

pub(crate) fn ip_text(address: &IpAddr) -> String {
    address.to_string()
}

/// Zones and IPv4 addresses in the form of IPv6 are refused.
fn parse_ip(text: &str) -> Result<IpAddr, Failure> {
    let quoted = quote(text.as_bytes());
    if text.contains('%') {
        return Err(Failure::new(format!("IP address {quoted} with zone value is not allowed")));
    }
    let address: IpAddr = text
        .parse()
        .map_err(|_| Failure::new(format!("IP Address {quoted} parse error during conversion from string: ParseAddr({quoted}): unable to parse IP")))?;
    if matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
        return Err(Failure::new(format!("IPv4-mapped IPv6 address {quoted} is not allowed")));
    }
    Ok(address)
}

fn parse_cidr(text: &str) -> Result<(IpAddr, u8), Failure> {
    let quoted = quote(text.as_bytes());
    let wrong = |why: &str| {
        let prefix = "network address parse error during conversion from string";
        Failure::new(format!("{prefix}: {prefix}: netip.ParsePrefix({quoted}): {why}"))
    };
    let (address, length) = text.rsplit_once('/').ok_or_else(|| wrong("no '/'"))?;
    let address: IpAddr = address
        .parse()
        .map_err(|_| wrong(&format!("ParseAddr({}): unable to parse IP", quote(address.as_bytes()))))?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let is_plain =
        length.bytes().all(|byte| byte.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
    let bits: u8 = length
        .parse()
        .ok()
        .filter(|_| is_plain)
        .ok_or_else(|| wrong(&format!("bad bits after slash: {}", quote(length.as_bytes()))))?;
    if bits > most {
        return Err(wrong("prefix length out of range"));
    }
    Ok((address, bits))
}

fn is_link_local_multicast(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    }
}

fn is_link_local_unicast(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
    }
}

fn masked(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

fn contains((range, length): (IpAddr, u8), address: &IpAddr) -> bool {
    range.is_ipv4() == address.is_ipv4() && masked(range, length) == masked(*address, length)
}
