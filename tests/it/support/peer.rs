//! The real programs that ours is compared with, or run beside.

use std::path::PathBuf;

/// A program that `cargo xtask test` provides; says so where it is missing.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os(format!("PLIMSOLL_PEER_{name}")).map(PathBuf::from);
    #[expect(clippy::print_stderr, reason = "a test that does not run says so")]
    match found {
        Some(path) if path.as_os_str().is_empty() => {
            eprintln!("left out: the test of {name} runs where `cargo xtask test --with` asks for it");
            None
        }
        Some(path) => Some(path),
        None => {
            eprintln!("skipped: PLIMSOLL_PEER_{name} does not name the real program");
            None
        }
    }
}
