//! The real programs that ours is compared with.

use std::path::PathBuf;

/// A program that `cargo xtask test` provides; says so where it is missing.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os(format!("PLIMSOLL_PEER_{name}")).map(PathBuf::from);
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
        {
            eprintln!("skipped: PLIMSOLL_PEER_{name} does not name the real program");
        }
    }
    found
}
