//! Whether memory comes in pages of 2 MiB.
//!
//! The allocator asks Linux for huge pages. One costs as much as a hundred small ones, so a program that may be done in 4 ms
//! begins without them and has them once it knows that there is much to do: they are a fifth of a small chart's time, and they
//! save a fifth of a large one's. Elsewhere, and where the system does not let a process choose, nothing happens: it is a
//! matter of speed only.

use std::sync::atomic::{AtomicUsize, Ordering};

/// From how many bytes of input there is much to do.
const MUCH: usize = 1 << 20;

static INPUT: AtomicUsize = AtomicUsize::new(0);

/// Counts input of a command that may have little of it.
pub fn count_input(bytes: usize) {
    let before = INPUT.fetch_add(bytes, Ordering::Relaxed);
    if before < MUCH && before.saturating_add(bytes) >= MUCH {
        allow();
    }
}

/// Memory comes in small pages from here on.
pub fn leave_off() {
    #[cfg(target_os = "linux")]
    // A kernel that refuses leaves things as they are, which is slower and nothing else.
    let _: Result<(), rustix::io::Errno> = rustix::thread::disable_transparent_huge_pages(true);
}

/// Memory that is touched from here on may come in huge pages.
pub fn allow() {
    #[cfg(target_os = "linux")]
    // As above.
    let _: Result<(), rustix::io::Errno> = rustix::thread::disable_transparent_huge_pages(false);
}
