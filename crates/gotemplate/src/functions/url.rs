//! URLs as maps of their parts. Reading and printing follow Go's `net/url`, with its error texts.

use crate::quote::quote;
use crate::types::{MAP, STRING};
use crate::{Data, Error, Function, GoString, Map, Signature, Value};

use super::arguments::{bytes, map, nil_dereference};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("urlParse", Signature::new(&[STRING], MAP), |_, arguments| {
            let url = parse(bytes(&arguments[0]))
                .map_err(|fault| Error::message(format!("unable to parse url: {fault}")))?;
            let user = url.user.map(|user| user.to_bytes()).unwrap_or_default();
            let parts: [(&str, Vec<u8>); 8] = [
                ("scheme", url.scheme),
                ("hostname", hostname(&url.host).to_vec()),
                ("host", url.host),
                ("path", url.path),
                ("query", url.query),
                ("opaque", url.opaque),
                ("fragment", url.fragment),
                ("userinfo", user),
            ];
            Ok(Value::from(
                parts
                    .into_iter()
                    .map(|(name, part)| (GoString::from(name), Value::from(part)))
                    .collect::<Map>(),
            ))
        }),
        Function::new("urlJoin", Signature::new(&[MAP], STRING), |_, arguments| {
            let parts = map(&arguments[0]);
            let mut url = Url {
                scheme: part(&parts, "scheme")?,
                host: part(&parts, "host")?,
                path: part(&parts, "path")?,
                query: part(&parts, "query")?,
                opaque: part(&parts, "opaque")?,
                fragment: part(&parts, "fragment")?,
                user: None,
            };
            let user = part(&parts, "userinfo")?;
            if !user.is_empty() {
                url.user = parse(&[b"proto://", user.as_slice(), b"@host"].concat())
                    .map_err(|fault| Error::message(format!("unable to parse userinfo in dict: {fault}")))?
                    .user;
            }
            Ok(Value::from(url.to_bytes()))
        }),
    ]
}

fn part(parts: &Map, name: &str) -> Result<Vec<u8>, Error> {
    let Some(value) = parts.value(name.as_bytes()) else { return Ok(Vec::new()) };
    match value.data() {
        Data::String(text) => Ok(text.as_bytes().to_vec()),
        Data::Nil => Err(nil_dereference()),
        _ => Err(Error::message(format!(
            "unable to parse {name} key, must be of type string, but {} found",
            value.kind().name()
        ))),
    }
}

/// What Go's `url.Parse` makes of an address, as far as others than templates ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress {
    /// Whether it has a scheme.
    pub is_absolute: bool,
    /// The host with its port.
    pub host: Vec<u8>,
    /// The host without its port and brackets.
    pub host_name: Vec<u8>,
}

/// Reads an address.
///
/// # Errors
/// In Go's words, where it is none.
pub fn read_web_address(text: &[u8]) -> Result<WebAddress, String> {
    let url = parse(text)?;
    let host_name = hostname(&url.host).to_vec();
    Ok(WebAddress { is_absolute: !url.scheme.is_empty(), host: url.host, host_name })
}

#[derive(Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    fragment: Vec<u8>,
}

struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// The part of a URL, which decides what is escaped in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

impl Part {
    fn allows(self, byte: u8) -> bool {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            return true;
        }
        match self {
            Self::Path => b"$&+,/:;=@".contains(&byte),
            Self::Host | Self::Zone => b"!$&'()*+,;=:[]<>\"".contains(&byte),
            Self::User => b"$&+,;=".contains(&byte),
            Self::Fragment => b"$&+,/:;=?@!()*".contains(&byte),
        }
    }
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        if part.allows(byte) {
            escaped.push(byte);
        } else {
            escaped.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    escaped
}

fn hexadecimal(byte: Option<&u8>) -> Option<u8> {
    byte.and_then(|&byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok())
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut output = Vec::with_capacity(text.len());
    let mut position = 0;
    let bad = |escape: &[u8]| format!("invalid URL escape {}", quote(escape));
    while let Some(&byte) = text.get(position) {
        if byte == b'%' {
            let sequence = &text[position..text.len().min(position + 3)];
            let (Some(high), Some(low)) = (hexadecimal(sequence.get(1)), hexadecimal(sequence.get(2))) else {
                return Err(bad(sequence));
            };
            let value = high << 4 | low;
            let refused = match part {
                Part::Host => high < 8 && sequence != b"%25",
                Part::Zone => sequence != b"%25" && value != b' ' && !Part::Host.allows(value),
                _ => false,
            };
            if refused {
                return Err(bad(sequence));
            }
            output.push(value);
            position += 3;
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && !part.allows(byte) {
            return Err(format!("invalid character {} in host name", quote(&[byte])));
        }
        output.push(byte);
        position += 1;
    }
    Ok(output)
}

fn cut(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&byte| byte == mark) {
        Some(position) => (&text[..position], Some(&text[position + 1..])),
        None => (text, None),
    }
}

fn parse(text: &[u8]) -> Result<Url, String> {
    let (main, fragment) = cut(text, b'#');
    let describe = |url: &[u8], fault: String| format!("parse {}: {fault}", quote(url));
    let mut url = parse_main(main).map_err(|fault| describe(main, fault))?;
    if let Some(fragment) = fragment {
        url.fragment = unescape(fragment, Part::Fragment).map_err(|fault| describe(text, fault))?;
    }
    Ok(url)
}

fn parse_main(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".into());
    }
    let mut url = Url::default();
    if text == b"*" {
        url.path = text.to_vec();
        return Ok(url);
    }
    let (scheme, rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = cut(rest, b'?');
    url.query = query.unwrap_or_default().to_vec();
    if !rest.starts_with(b"/") {
        if !scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b'/').0.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".into());
        }
    }
    if rest.starts_with(b"//") && (!scheme.is_empty() || !rest.starts_with(b"///")) {
        let after = &rest[2..];
        let end = after.iter().position(|&byte| byte == b'/').unwrap_or(after.len());
        (url.user, url.host) = parse_authority(&url.scheme, &after[..end])?;
        rest = &after[end..];
    }
    url.path = unescape(rest, Part::Path)?;
    Ok(url)
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".into()),
            b':' => return Ok((&text[..index], &text[index + 1..])),
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<User>, Vec<u8>), String> {
    let Some(at) = authority.iter().rposition(|&byte| byte == b'@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, &authority[at + 1..])?;
    let user = &authority[..at];
    if !user.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte)) {
        return Err("net/url: invalid userinfo".into());
    }
    let (name, password) = cut(user, b':');
    let name = unescape(name, Part::User)?;
    let password = password.map(|password| unescape(password, Part::User)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let bad_port = |port: &[u8]| format!("invalid port {} after host", quote(port));
    match host.iter().rposition(|&byte| byte == b'[') {
        Some(0) => {
            let Some(close) = host.iter().rposition(|&byte| byte == b']') else {
                return Err("missing ']' in host".into());
            };
            let port = &host[close + 1..];
            if !is_optional_port(port) {
                return Err(bad_port(port));
            }
            let name = &host[1..close.max(1)];
            let zone = name.windows(3).position(|window| window == b"%25").unwrap_or(name.len());
            let mut unescaped = unescape(&name[..zone], Part::Host)?;
            unescaped.extend(unescape(&name[zone..], Part::Zone)?);
            check_address(&unescaped)?;
            return Ok([b"[", unescaped.as_slice(), b"]", port].concat());
        }
        Some(_) => return Err("invalid IP-literal".into()),
        None => {}
    }
    if let Some(first) = host.iter().position(|&byte| byte == b':') {
        let strict = matches!(scheme, b"http" | b"https");
        let last = host.iter().rposition(|&byte| byte == b':').unwrap_or(first);
        let port = &host[if strict { first } else { last }..];
        if !is_optional_port(port) {
            return Err(bad_port(port));
        }
    }
    unescape(host, Part::Host)
}

/// Only an IPv6 address may stand in brackets.
fn check_address(address: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(address);
    let (number, zone) = match text.split_once('%') {
        Some((number, zone)) => (number, Some(zone)),
        None => (text.as_ref(), None),
    };
    if number.parse::<std::net::Ipv4Addr>().is_ok() && zone.is_none() {
        return Err("invalid IP-literal".into());
    }
    if number.parse::<std::net::Ipv6Addr>().is_err() || zone == Some("") {
        return Err(format!("invalid host: ParseAddr({}): unable to parse IP", quote(address)));
    }
    Ok(())
}

fn is_optional_port(port: &[u8]) -> bool {
    match port.split_first() {
        None => true,
        Some((b':', digits)) => digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    }
}

/// The host without its port and brackets.
fn hostname(host: &[u8]) -> &[u8] {
    let colon = host.iter().rposition(|&byte| byte == b':').filter(|&colon| is_optional_port(&host[colon..]));
    let name = colon.map_or(host, |colon| &host[..colon]);
    name.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(name)
}

impl User {
    fn to_bytes(&self) -> Vec<u8> {
        let mut output = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            output.push(b':');
            output.extend(escape(password, Part::User));
        }
        output
    }
}

impl Url {
    fn to_bytes(&self) -> Vec<u8> {
        let mut output = Vec::new();
        if !self.scheme.is_empty() {
            output.extend_from_slice(&self.scheme);
            output.push(b':');
        }
        if self.opaque.is_empty() {
            self.push_hierarchy(&mut output);
        } else {
            output.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            output.push(b'?');
            output.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            output.push(b'#');
            output.extend(escape(&self.fragment, Part::Fragment));
        }
        output
    }

    fn push_hierarchy(&self, output: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty()) {
            output.extend_from_slice(b"//");
            if let Some(user) = &self.user {
                output.extend(user.to_bytes());
                output.push(b'@');
            }
            output.extend(escape(&self.host, Part::Host));
        }
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            output.push(b'/');
        }
        if output.is_empty() && cut(&path, b'/').0.contains(&b':') {
            output.extend_from_slice(b"./");
        }
        output.extend(path);
    }
}
