//! Signed commits, judged by `git verify-commit`; and no commit where the signature cannot be made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Render, Sandbox, skipped};

const A: &str = "environments/dev/app/a.yaml";
const HELP: &str =
    "help: mend the signing set-up, or run `git config commit.gpgSign false` for unsigned commits";

fn has_program(name: &str) -> bool {
    let has =
        Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !has {
        skipped(&format!("`{name}` is not installed"));
    }
    has
}

/// A script that a test puts in a program's place.
fn script(sandbox: &Sandbox, name: &str, text: &str) -> PathBuf {
    let path = sandbox.beside(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    path
}

fn sign_with(sandbox: &Sandbox, settings: &[(&str, &str)]) {
    sandbox.git(&["config", "commit.gpgSign", "true"]);
    for (key, value) in settings {
        sandbox.git(&["config", key, value]);
    }
}

/// Tries a render whose signature fails, and checks that nothing is left of it.
fn unsigned(sandbox: &Sandbox, expected: &str) {
    let before =
        (sandbox.git(&["rev-parse", "HEAD"]), sandbox.status(), sandbox.git(&["count-objects", "-v"]));
    assert_eq!(Render::new(&[], &[(A, "a: 1\n")]).refusal(&sandbox.repository()), expected);
    assert_eq!(
        (sandbox.git(&["rev-parse", "HEAD"]), sandbox.status(), sandbox.git(&["count-objects", "-v"])),
        before
    );
    sandbox.assert_sound();
}

fn verified(sandbox: &Sandbox) {
    sandbox.render(&[], &[(A, "a: 1\n")]).expect("a commit");
    sandbox.git(&["verify-commit", "HEAD"]);
    assert_eq!(sandbox.git(&["log", "-1", "--format=%G?%n%B"]), "G\nrender(dev): test\n\nBody");
    assert_eq!(sandbox.status(), "");
    sandbox.assert_sound();
}

#[test]
fn openpgp_signatures_verify() {
    if !has_program("gpg") {
        return;
    }
    let sandbox = Sandbox::new();
    let home = sandbox.beside("gnupg");
    fs::create_dir(&home).expect("a folder");
    fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("a mode");
    let gpg = script(&sandbox, "gpg", &format!("GNUPGHOME='{}' exec gpg \"$@\"", home.display()));
    let made = Command::new(&gpg)
        .args([
            "--batch",
            "--quiet",
            "--passphrase",
            "",
            "--quick-generate-key",
            "Ada <ada@example.com>",
            "ed25519",
        ])
        .output()
        .expect("gpg starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    sign_with(&sandbox, &[("gpg.program", &gpg.display().to_string())]);
    verified(&sandbox);
    sandbox.git(&["config", "user.signingKey", "nobody@example.com"]);
    let error = Render::new(&[(A, "a: 1\n")], &[(A, "a: 2\n")]).refusal(&sandbox.repository());
    assert!(
        error.contains("did not sign the commit: gpg: skipped \"nobody@example.com\": No secret key"),
        "{error}"
    );
    Command::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", &home).status().ok();
}

fn ssh_key(sandbox: &Sandbox) -> PathBuf {
    let key = sandbox.beside("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.expect("ssh-keygen starts").success());
    let public = fs::read_to_string(key.with_extension("pub")).expect("a public key");
    let allowed = sandbox.beside("allowed");
    fs::write(&allowed, format!("ada@example.com {public}")).expect("a file");
    sandbox.git(&["config", "gpg.ssh.allowedSignersFile", &allowed.display().to_string()]);
    key
}

fn has_ssh_keygen() -> bool {
    let has =
        Path::new("/usr/bin/ssh-keygen").exists() || Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !has {
        skipped("`ssh-keygen` is not installed");
    }
    has
}

#[test]
fn ssh_signatures_verify() {
    if !has_ssh_keygen() {
        return;
    }
    let sandbox = Sandbox::new();
    let key = ssh_key(&sandbox);
    sign_with(&sandbox, &[("gpg.format", "ssh"), ("user.signingKey", &key.display().to_string())]);
    verified(&sandbox);
}

#[test]
fn a_public_key_in_the_configuration_needs_an_agent() {
    if !has_ssh_keygen() {
        return;
    }
    let sandbox = Sandbox::new();
    let public = fs::read_to_string(ssh_key(&sandbox).with_extension("pub")).expect("a public key");
    let keygen = script(&sandbox, "keygen", "SSH_AUTH_SOCK= exec ssh-keygen \"$@\"");
    let settings = [
        ("gpg.format", "ssh"),
        ("user.signingKey", public.trim()),
        ("gpg.ssh.program", &keygen.display().to_string()),
    ];
    sign_with(&sandbox, &settings);
    let error = Render::new(&[], &[(A, "a: 1\n")]).refusal(&sandbox.repository());
    assert!(error.starts_with(&format!("`{}` did not sign the commit: ", keygen.display())), "{error}");
    assert!(error.contains("agent"), "{error}");
    sandbox.assert_sound();
}

#[test]
fn a_program_that_fails_leaves_no_unsigned_commit() {
    let sandbox = Sandbox::new();
    let program = script(&sandbox, "fails", "echo 'no pinentry' >&2; exit 2");
    let name = program.display().to_string();
    sign_with(&sandbox, &[("gpg.program", &name)]);
    unsigned(&sandbox, &format!("`{name}` did not sign the commit: no pinentry\n{HELP}"));
}

#[test]
fn a_program_that_says_nothing_leaves_no_unsigned_commit() {
    let sandbox = Sandbox::new();
    let name = script(&sandbox, "silent", "exit 0").display().to_string();
    for settings in [
        [("gpg.format", "openpgp"), ("gpg.program", name.as_str())],
        [("gpg.format", "ssh"), ("gpg.ssh.program", name.as_str())],
    ] {
        sign_with(&sandbox, &settings);
        sandbox.git(&["config", "user.signingKey", "key"]);
        unsigned(&sandbox, &format!("`{name}` did not sign the commit: it gave no reason\n{HELP}"));
    }
}

#[test]
fn a_program_that_is_missing_leaves_no_unsigned_commit() {
    let sandbox = Sandbox::new();
    sign_with(&sandbox, &[("gpg.format", "x509"), ("gpg.x509.program", "no-such-program")]);
    unsigned(
        &sandbox,
        &format!(
            "`no-such-program` did not sign the commit: it could not be started: No such file or directory (os error 2)\n{HELP}"
        ),
    );
}

#[test]
fn settings_that_cannot_be_used_are_told() {
    let sandbox = Sandbox::new();
    sign_with(&sandbox, &[("gpg.format", "rot13")]);
    unsigned(&sandbox, "Git's configuration `gpg.format` is none of openpgp, x509 and ssh");
    sign_with(&sandbox, &[("gpg.format", "ssh"), ("user.signingKey", "")]);
    unsigned(&sandbox, "Git's configuration `user.signingKey` is not set, and `gpg.format` ssh needs it");
    sandbox.git(&["config", "commit.gpgSign", "perhaps"]);
    unsigned(&sandbox, "Git's configuration `commit.gpgSign` is neither true nor false");
}
