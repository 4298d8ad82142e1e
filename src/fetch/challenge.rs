//! The header `WWW-Authenticate`: which schemes a server takes, and what it says about each (RFC 9110, section 11.6.1).

/// One scheme, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Whether this is the scheme of that name, in lower case.
    pub(super) fn is(&self, scheme: &str) -> bool {
        self.scheme == scheme
    }

    /// A parameter by its name, in lower case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The challenges of a header's value. What cannot be understood is passed over.
pub(super) fn challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    for part in split_at_commas(header) {
        let part = part.trim();
        let (head, rest) = part.split_once(|character: char| character.is_whitespace()).unwrap_or((part, ""));
        // A part without `=` in its first word begins another scheme.
        let parameter = if head.contains('=') {
            part
        } else if head.is_empty() {
            continue;
        } else {
            found.push(Challenge { scheme: head.to_ascii_lowercase(), parameters: Vec::new() });
            rest.trim()
        };
        if let (Some((key, value)), Some(challenge)) = (parameter.split_once('='), found.last_mut()) {
            challenge.parameters.push((key.trim().to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    found
}

/// The parts between commas that stand outside of quotes.
fn split_at_commas(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::challenges;

    #[test]
    fn schemes_and_their_parameters_are_told_apart() {
        let found = challenges(
            r#"Basic realm="a, b", Bearer realm="https://auth.example.com/token",service="registry \"one\"",scope="repository:a/b:pull,push""#,
        );
        assert!(found[0].is("basic") && found[1].is("bearer"));
        assert_eq!(found[0].parameter("realm"), Some("a, b"));
        assert_eq!(found[1].parameter("service"), Some("registry \"one\""));
        assert_eq!(found[1].parameter("scope"), Some("repository:a/b:pull,push"));
        assert_eq!(challenges(",,=\"").len(), 0);
    }
}
