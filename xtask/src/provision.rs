//! Makes peers ready: builds each once into a cache folder, with patience where a registry only stumbled. Files of a Go module
//! are taken from Go's own cache.
//!
//! A failure is one of three kinds, told apart by what the tool printed: the toolchain is missing (skipped), the registry
//! refused or could not be reached (skipped after patience), or the build is broken (our failure, never skipped).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::outcome::{Outcome, say};
use crate::peers::{self, GoFiles, GoInstall, GoModule, Parts, Peer, PythonInstall, Source, SystemPackage};

/// Waiting times before another try.
const BACKOFF: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(40)];

/// What became of a peer.
pub(crate) enum Provisioned {
    /// It can be run.
    Ready(PathBuf),
    /// It cannot be had here, and why.
    Unavailable(String),
}

/// Makes every peer ready and prints where it is.
pub(crate) fn print_all(parts: &Parts) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let peers = peers::all()?;
    parts.verify(&peers)?;
    for peer in peers {
        if let Some(part) = parts.leave_out(&peer) {
            say(&format!("left out: {} {}; `--with {part}` sets it up", peer.name, peer.version));
            continue;
        }
        match provision(&peer)? {
            Provisioned::Ready(path) => {
                say(&format!("{} {}: {}", peer.name, peer.version, path.display()));
                outcome.add(Outcome::PASSED);
            }
            Provisioned::Unavailable(why) => {
                say(&format!("skipped: {} {}: {why}", peer.name, peer.version));
                outcome.add(Outcome::SKIPPED);
            }
        }
    }
    say(&outcome.to_string());
    Ok(outcome)
}

/// Makes one peer ready, from the cache where it was built before.
pub(crate) fn provision(peer: &Peer) -> Result<Provisioned> {
    if let Source::System(package) = &peer.source {
        return Ok(from_system(peer, package));
    }
    if let Source::Files(files) = &peer.source {
        return Ok(from_module(peer, files));
    }
    let folder = cache_folder()?.join(format!("{}-{}", peer.name, peer.version));
    let binary = folder.join(&peer.binary);
    if binary.exists() {
        return Ok(Provisioned::Ready(binary));
    }
    say(&format!("building {} {} ...", peer.name, peer.version));
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let (toolchain, mut install): (_, Box<dyn FnMut() -> std::io::Result<Output>>) = match &peer.source {
        Source::Go(go) => {
            ("Go is not installed", Box::new(|| go_install(peer, go).env("GOBIN", &folder).output()))
        }
        Source::Module(module) => ("Go is not installed", Box::new(|| go_build(module, &binary).output())),
        Source::Python(python) => ("Python is not installed", Box::new(|| pip_install(&folder, python))),
        Source::System(_) | Source::Files(_) => bail!("{} is not built", peer.name),
    };
    for wait in BACKOFF.into_iter().map(Some).chain([None]) {
        let Ok(output) = install() else {
            return Ok(Provisioned::Unavailable(toolchain.to_owned()));
        };
        if output.status.success() {
            if matches!(peer.source, Source::Go(_)) {
                rename_built(peer, &folder)?;
            }
            return Ok(Provisioned::Ready(binary.clone()));
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        match (Failure::of(&stderr), wait) {
            (Failure::Passing, Some(wait)) => std::thread::sleep(wait),
            (Failure::Passing, None) => {
                return Ok(Provisioned::Unavailable(format!("not reached: {}", last_line(&stderr))));
            }
            (Failure::Refused, _) => {
                return Ok(Provisioned::Unavailable(format!("refused: {}", last_line(&stderr))));
            }
            (Failure::Ours, _) => bail!("{} {} did not build: {stderr}", peer.name, peer.version),
        }
    }
    unreachable!("the last round of the loop always returns")
}

/// Finds a folder in Go's cache of modules, after a download where the module is not there.
fn from_module(peer: &Peer, files: &GoFiles) -> Provisioned {
    let mut download = Command::new("go");
    download.args(["mod", "download", "-json", &format!("{}@{}", files.module, peer.version)]);
    let Ok(output) = download.output() else {
        return Provisioned::Unavailable("Go is not installed".to_owned());
    };
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let text = |key: &str| answer.get(key).and_then(serde_json::Value::as_str);
    match text("Dir").map(|folder| Path::new(folder).join(&peer.binary)) {
        Some(folder) if folder.is_dir() => Provisioned::Ready(folder),
        _ => {
            let reason = text("Error").unwrap_or("the module has no such folder");
            Provisioned::Unavailable(format!("not downloaded: {}", last_line(reason)))
        }
    }
}

/// Finds a program on the search path, after installing its package where that is allowed.
fn from_system(peer: &Peer, package: &SystemPackage) -> Provisioned {
    if let Some(path) = on_search_path(&peer.binary) {
        return Provisioned::Ready(path);
    }
    say(&format!("installing {} ...", package.debian));
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends", &package.debian]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    match install.output() {
        Err(_) => Provisioned::Unavailable(format!("install `{}`", peer.binary)),
        Ok(output) => on_search_path(&peer.binary).map_or_else(
            || {
                let reason = String::from_utf8_lossy(&output.stderr).into_owned();
                Provisioned::Unavailable(format!("not installed: {}", last_line(&reason)))
            },
            Provisioned::Ready,
        ),
    }
}

fn on_search_path(binary: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(binary)).find(|path| path.is_file())
}

/// Installs into a virtual environment of its own. The programs of its packages come last, so a half is not taken for a whole.
fn pip_install(folder: &Path, python: &PythonInstall) -> std::io::Result<Output> {
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).output()?;
    if !made.status.success() {
        return Ok(made);
    }
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(&python.requirements).output()
}

/// Go links into a file of its own and moves it, so that a build that broke off is not taken for a program.
fn go_build(module: &GoModule, binary: &Path) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(&module.folder);
    let mut command = Command::new("go");
    command.current_dir(folder).env("GOFLAGS", "-mod=readonly");
    command.args(["build", "-trimpath", "-ldflags", &linker_flags(&module.link_variables), "-o"]);
    command.arg(binary).arg(&module.package);
    command
}

fn linker_flags(variables: &[String]) -> String {
    let mut flags = "-w -s".to_owned();
    for variable in variables {
        flags.push_str(" -X ");
        flags.push_str(variable);
    }
    flags
}

fn go_install(peer: &Peer, go: &GoInstall) -> Command {
    let mut command = Command::new("go");
    command.args(["install", "-trimpath", "-ldflags", &linker_flags(&go.link_variables)]);
    command.arg(format!("{}@{}", go.package, peer.version));
    command
}

/// `go install` names a program after its package; the peer list may name it otherwise.
fn rename_built(peer: &Peer, folder: &Path) -> Result<()> {
    let binary = folder.join(&peer.binary);
    if binary.exists() {
        return Ok(());
    }
    let built = std::fs::read_dir(folder)?.filter_map(Result::ok).find(|entry| entry.path().is_file());
    let built = built.with_context(|| format!("{} was built but is not there", peer.name))?;
    std::fs::rename(built.path(), &binary).with_context(|| format!("renaming {}", built.path().display()))
}

/// Why a tool that downloads failed.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// The network or the registry stumbled: another try may help.
    Passing,
    /// The registry said no.
    Refused,
    /// Something on this side, such as a compiler error.
    Ours,
}

impl Failure {
    fn of(stderr: &str) -> Failure {
        let has = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
        if has(&[
            "403 Forbidden",
            "404 Not Found",
            "410 Gone",
            "unknown revision",
            "no such host",
            "No matching distribution",
            "ensurepip is not",
        ]) {
            Failure::Refused
        } else if has(&[
            "timeout",
            "timed out",
            "connection re",
            "TLS handshake",
            "EOF",
            "429 ",
            "500 ",
            "502 ",
            "503 ",
            "504 ",
        ]) {
            Failure::Passing
        } else {
            Failure::Ours
        }
    }
}

fn last_line(text: &str) -> &str {
    text.trim_end().lines().next_back().unwrap_or("no reason given")
}

/// Where peers are kept: `PLIMSOLL_PEERS`, else a folder in the user's cache.
pub(crate) fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("PLIMSOLL_PEERS") {
        return Ok(folder.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    Ok(cache.context("neither PLIMSOLL_PEERS nor XDG_CACHE_HOME nor HOME is set")?.join("plimsoll-peers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_a_stumble_and_from_our_own_failure() {
        assert_eq!(Failure::of("reading module: 404 Not Found"), Failure::Refused);
        assert_eq!(Failure::of("dial tcp: i/o timeout"), Failure::Passing);
        assert_eq!(Failure::of("main.go:3: undefined: x"), Failure::Ours);
    }
}
