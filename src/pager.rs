//! Shows a long text in the user's pager, as Git does: `PLIMSOLL_PAGER`, else `PAGER`, else `less`.
//!
//! `less` is told to leave at once where the text fits the screen, to keep colours, and to leave the text on the screen,
//! unless `LESS` says otherwise. The pager gets the text on its standard input and nothing else.

use std::io::Write;
use std::process::{Command, Stdio};

/// Shows the text; false where there is no pager, or it did not start, so that the text is still to be printed.
#[must_use]
pub fn show(text: &str) -> bool {
    let chosen = ["PLIMSOLL_PAGER", "PAGER"].into_iter().find_map(std::env::var_os);
    let pager = chosen.unwrap_or_else(|| "less".into());
    if pager.is_empty() || pager == "cat" || !cfg!(unix) {
        return false;
    }
    let mut command = Command::new("sh");
    command.arg("-c").arg(pager).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let Ok(mut pager) = command.spawn() else { return false };
    if let Some(mut input) = pager.stdin.take() {
        // A reader who leaves early has seen enough.
        let _ = input.write_all(text.as_bytes());
    }
    // What the shell says of a program that it does not find.
    const NOT_FOUND: i32 = 127;
    pager.wait().is_ok_and(|status| status.code() != Some(NOT_FOUND))
}
