//! Whether a text is what Go's `net/url.ParseRequestURI` takes, the check behind the format `uri`.

/// Whether the text is an absolute URI or an absolute path.
pub(crate) fn is_request_uri(text: &str) -> bool {
    if text.is_empty() || text.bytes().any(|byte| byte < b' ' || byte == 0x7F) {
        return false;
    }
    if text == "*" {
        return true;
    }
    let Some((scheme, rest)) = split_scheme(text) else { return false };
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !path.starts_with('/') {
        return scheme.is_some();
    }
    let authority_follows = path.starts_with("//") && scheme.is_some();
    let path = if authority_follows {
        let after = &path[2..];
        let end = after.find('/').unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        if !is_authority(authority) {
            return false;
        }
        path
    } else {
        path
    };
    has_whole_escapes(path)
}

/// The scheme, if there is one; nothing where a colon has no scheme before it.
fn split_scheme(text: &str) -> Option<(Option<&str>, &str)> {
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return None,
            b':' => return Some((Some(&text[..index]), &text[index + 1..])),
            _ => break,
        }
    }
    Some((None, text))
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let is_user = |user: &str| {
        has_whole_escapes(user)
            && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte))
    };
    user.is_none_or(is_user) && is_host(host)
}

fn is_host(host: &str) -> bool {
    let port_of = |text: &str| {
        text.is_empty()
            || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if let Some(literal) = host.strip_prefix('[') {
        return literal.rsplit_once(']').is_some_and(|(address, port)| {
            let address = address.split_once("%25").map_or(address, |(address, _)| address);
            address.parse::<std::net::Ipv6Addr>().is_ok() && port_of(port)
        });
    }
    if host.contains(['[', ']']) {
        return false;
    }
    let port = host.find(':').map_or("", |at| &host[at..]);
    let is_allowed =
        |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte);
    port_of(port) && host.bytes().all(is_allowed)
}

fn has_whole_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(index, byte)| {
        *byte != b'%'
            || (bytes.get(index + 1).is_some_and(u8::is_ascii_hexdigit)
                && bytes.get(index + 2).is_some_and(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::is_request_uri;

    #[test]
    fn texts_as_go_takes_them() {
        for good in
            ["http://a.example/x?y=%", "/abs", "mailto:a@b", "http://[::1]:80/", "*", "http://h:/", "x://_a"]
        {
            assert!(is_request_uri(good), "{good}");
        }
        for bad in ["", "a.example", "./rel", "http://h:x/", "http://a b/", "/%zz", ":x", "http://[::1/"] {
            assert!(!is_request_uri(bad), "{bad}");
        }
    }
}
