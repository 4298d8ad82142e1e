//! Completion scripts, in the shells that they are for: what a person gets who presses the tabulator.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Run;

/// What a shell prints for a script that has a folder with our completion script as its first argument; nothing where there is
/// no such shell.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn in_shell(shell: &str, file: &str, arguments: &[&str], script: &str) -> Option<String> {
    let variable = format!("PLIMSOLL_PEER_{}", shell.to_uppercase());
    let Some(program) = std::env::var_os(&variable).or_else(|| (shell == "bash").then(|| "bash".into()))
    else {
        eprintln!("skipped: {variable} is not set, its completion is not tried");
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let made = Run::of(folder.path(), ["completions", shell]);
    assert_eq!((made.status, made.stderr.as_str()), (0, ""), "{shell}");
    std::fs::write(folder.path().join(file), made.stdout).expect("a file");
    let path = format!("{}:{}", program_folder().display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program)
        .args(arguments)
        .arg(script)
        .arg(folder.path())
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("TERM", "dumb")
        .stdin(Stdio::null())
        .output()
        .expect("the shell starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{shell}: {stderr}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn program_folder() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_plimsoll")).parent().expect("a program lies in a folder")
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let script = r#"
source "$0/plimsoll"
try() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _plimsoll plimsoll "${@: -1}" "${@: -2:1}"
  echo "${COMPREPLY[@]}"
}
try plimsoll expl
try plimsoll diff --exit
try plimsoll report pub
try plimsoll init --example k
try plimsoll check --only a
try plimsoll template --helm-pro
"#;
    let told = in_shell("bash", "plimsoll", &["--noprofile", "--norc", "-c"], script).expect("bash is there");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[..5], ["explain", "--exit-code", "publish", "kustomize", "aws"], "{told}");
}

#[test]
fn fish_completes_commands_flags_and_values() {
    let script = "source $argv[1]/plimsoll.fish
for line in 'plimsoll expl' 'plimsoll diff --exit' 'plimsoll report pub' 'plimsoll init --example k'
  complete --do-complete $line
end";
    let Some(told) = in_shell("fish", "plimsoll.fish", &["--no-config", "-c"], script) else { return };
    let words: Vec<&str> = told.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(words, ["explain", "--exit-code", "publish", "kustomize"], "{told}");
}

#[test]
fn zsh_takes_the_script_for_its_completion() {
    let script = r#"
fpath=("$0" $fpath); autoload -Uz compinit; compinit -u -D
print -r -- "$_comps[plimsoll]"
autoload -Uz +X _plimsoll && print loaded
"#;
    let Some(told) = in_shell("zsh", "_plimsoll", &["-f", "-c"], script) else { return };
    assert_eq!(told, "_plimsoll\nloaded\n");
}
