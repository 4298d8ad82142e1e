//! Who commits: from the environment and configuration that Git itself reads, in its order. Nothing is guessed.

use std::env;

use git2::{Config, Signature};

use super::error::library;
use super::{GitError, Repository};

/// Author and committer, as they stand in a commit, and the committer's name for choosing a key.
pub(super) struct Identities {
    pub(super) author: String,
    pub(super) committer: String,
    pub(super) committer_name: String,
}

pub(super) fn identities(repository: &Repository) -> Result<Identities, GitError> {
    let config = repository.git.config().map_err(library("read Git's configuration"))?;
    let (author, _) = identity(repository, &config, "author")?;
    let (committer, committer_name) = identity(repository, &config, "committer")?;
    Ok(Identities { author, committer, committer_name })
}

fn identity(
    repository: &Repository,
    config: &Config,
    role: &'static str,
) -> Result<(String, String), GitError> {
    let value = |part: &str| {
        env::var(format!("GIT_{}_{}", role.to_uppercase(), part.to_uppercase()))
            .ok()
            .or_else(|| config.get_string(&format!("{role}.{part}")).ok())
            .or_else(|| config.get_string(&format!("user.{part}")).ok())
            .or_else(|| if part == "email" { env::var("EMAIL").ok() } else { None })
            .map(|value| cleaned(&value))
            .filter(|value| !value.is_empty())
            .ok_or(GitError::Identity { role })
    };
    let (name, email) = (value("name")?, value("email")?);
    let now = Signature::now(&name, &email).map_err(library(format!("name the {role}")))?;
    // The library reads the dates of the environment in all of Git's forms, but knows fewer places for names than Git.
    let from_environment = match role {
        "author" => repository.git.author_from_env(),
        _ => repository.git.committer_from_env(),
    };
    let has_date = env::var_os(format!("GIT_{}_DATE", role.to_uppercase())).is_some();
    let time = match from_environment {
        Ok(signature) if has_date => signature.when(),
        _ => now.when(),
    };
    let offset = time.offset_minutes();
    let sign = if offset < 0 { '-' } else { '+' };
    let offset = offset.unsigned_abs();
    let (hours, minutes) = (offset / 60, offset % 60);
    let who = format!("{name} <{email}>");
    Ok((format!("{who} {} {sign}{hours:02}{minutes:02}", time.seconds()), who))
}

/// What cannot stand in a commit's header is left out, as Git does.
fn cleaned(value: &str) -> String {
    let kept: String = value.chars().filter(|character| !"<>\n\r\0".contains(*character)).collect();
    kept.trim_matches(|character: char| character.is_whitespace() || ".,:;\"\\'".contains(character))
        .to_owned()
}
