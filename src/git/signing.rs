//! Signing a commit when Git's configuration asks for it: the only process that is ever started.
//!
//! Follows `gpg-interface.c` of Git 2.47: `gpg.format` openpgp, x509 and ssh, with their programs and `user.signingKey`. A
//! signature that cannot be made is an error; there is never an unsigned commit in its place. `gpg.ssh.defaultKeyCommand`
//! is not run: a key has to be named.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use git2::Config;

use super::error::{file, library};
use super::{GitError, Repository};

/// How the configuration asks for signatures.
pub(super) enum Signing {
    /// `gpg` or `gpgsm`, with a key's name.
    Gpg { program: String, key: String },
    /// `ssh-keygen`, with a key.
    Ssh { program: String, key: SshKey },
}

pub(super) enum SshKey {
    File(PathBuf),
    /// A public key whose private half an agent has.
    Literal(String),
}

impl Signing {
    /// What the configuration asks for; none where commits are not signed.
    pub(super) fn configured(repository: &Repository, committer: &str) -> Result<Option<Signing>, GitError> {
        let config = repository
            .git
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(library("read Git's configuration"))?;
        match config.get_bool("commit.gpgsign") {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
            Err(_) => return Err(invalid("commit.gpgSign", "is neither true nor false")),
        }
        let text = |key: &str| config.get_str(key).ok().filter(|value| !value.is_empty()).map(str::to_owned);
        let key = text("user.signingkey");
        let gpg = |programs: [&str; 2], usual: &str| Signing::Gpg {
            program: programs.into_iter().find_map(text).unwrap_or_else(|| usual.to_owned()),
            key: key.clone().unwrap_or_else(|| committer.to_owned()),
        };
        Ok(Some(match text("gpg.format").as_deref() {
            None | Some("openpgp") => gpg(["gpg.openpgp.program", "gpg.program"], "gpg"),
            Some("x509") => gpg(["gpg.x509.program", "gpg.x509.program"], "gpgsm"),
            Some("ssh") => Signing::Ssh {
                program: text("gpg.ssh.program").unwrap_or_else(|| "ssh-keygen".to_owned()),
                key: ssh_key(&config, key)?,
            },
            Some(_) => return Err(invalid("gpg.format", "is none of openpgp, x509 and ssh")),
        }))
    }

    /// The signature of these bytes. `scratch` is a folder for a public key that the program must read from a file.
    pub(super) fn sign(&self, bytes: &[u8], scratch: &Path) -> Result<String, GitError> {
        match self {
            Signing::Gpg { program, key } => {
                let output = run(program, &["--status-fd=2", "-bsau", key].map(String::from), bytes)?;
                if !output.messages.contains("[GNUPG:] SIG_CREATED ") {
                    return Err(failed(program, &output.messages));
                }
                Ok(output.signature)
            }
            Signing::Ssh { program, key } => {
                let mut arguments: Vec<String> = ["-Y", "sign", "-n", "git", "-f"].map(String::from).to_vec();
                match key {
                    SshKey::File(path) => arguments.push(path.display().to_string()),
                    SshKey::Literal(key) => {
                        let path = scratch.join("signing-key.pub");
                        fs::write(&path, format!("{key}\n")).map_err(file("write", &path))?;
                        arguments.extend([path.display().to_string(), "-U".to_owned()]);
                    }
                }
                let output = run(program, &arguments, bytes)?;
                if !output.signature.starts_with("-----BEGIN SSH SIGNATURE-----") {
                    return Err(failed(program, &output.messages));
                }
                Ok(output.signature)
            }
        }
    }
}

fn ssh_key(config: &Config, key: Option<String>) -> Result<SshKey, GitError> {
    let key = key.ok_or_else(|| invalid("user.signingKey", "is not set, and `gpg.format` ssh needs it"))?;
    if let Some(literal) = key.strip_prefix("key::") {
        return Ok(SshKey::Literal(literal.to_owned()));
    }
    if key.starts_with("ssh-") {
        return Ok(SshKey::Literal(key));
    }
    let path = config.get_path("user.signingkey").unwrap_or_else(|_| PathBuf::from(key));
    Ok(SshKey::File(path))
}

struct Output {
    signature: String,
    messages: String,
}

fn run(program: &str, arguments: &[String], input: &[u8]) -> Result<Output, GitError> {
    let not_started = |error: std::io::Error| GitError::Signing {
        program: program.to_owned(),
        problem: format!("it could not be started: {error}"),
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends before it has read all tells why by its status.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().map_err(not_started)?;
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(failed(program, &messages));
    }
    Ok(Output { signature: String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n"), messages })
}

fn failed(program: &str, messages: &str) -> GitError {
    let told: Vec<&str> = messages
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("[GNUPG:]"))
        .collect();
    let problem = if told.is_empty() { "it gave no reason".to_owned() } else { told.join("; ") };
    GitError::Signing { program: program.to_owned(), problem }
}

fn invalid(key: &str, problem: &str) -> GitError {
    GitError::Configuration { key: key.to_owned(), problem: problem.to_owned() }
}
