//! The name of a repository on a forge, as `OWNER/NAME`; it becomes part of addresses, so its grammar is strict.

use std::fmt;
use std::str::FromStr;

/// The name of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl FromStr for RepositoryName {
    type Err = String;

    fn from_str(text: &str) -> Result<RepositoryName, String> {
        let is_part = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && !part.bytes().all(|byte| byte == b'.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => {
                Ok(RepositoryName { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err("a repository is named OWNER/NAME".to_owned()),
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::RepositoryName;

    #[test]
    fn only_owner_and_name_is_a_repository() {
        assert_eq!(
            "a-b/c.d_e".parse::<RepositoryName>().map(|name| name.to_string()),
            Ok("a-b/c.d_e".to_owned())
        );
        for wrong in ["", "a", "a/", "/b", "a/b/c", "a/..", "./b", "a/b?x", "a/b c", "a/ä"] {
            assert!(wrong.parse::<RepositoryName>().is_err(), "{wrong}");
        }
    }
}
