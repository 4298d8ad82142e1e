//! Whether memory comes in pages of 2 MiB.
//!
//! The allocator asks Linux for huge pages. One costs as much as a hundred small ones, so a program that may be done in 4 ms
//! begins without them and has them once it knows that there is much to do: they are a fifth of a small chart's time, and they
//! save a fifth of a large one's. Elsewhere, and where the system does not let a process choose, nothing happens: it is a
//! matter of speed only. Who starts the program without huge pages keeps it without them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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

/// Whether it is this program that left them off.
static LEFT_OFF: AtomicBool = AtomicBool::new(false);

/// Memory comes in small pages from here on.
pub fn leave_off() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{disable_transparent_huge_pages, transparent_huge_pages_are_disabled};
        // A kernel that refuses leaves things as they are, which is slower and nothing else.
        let is_left_off = transparent_huge_pages_are_disabled() == Ok(false)
            && disable_transparent_huge_pages(true).is_ok();
        LEFT_OFF.store(is_left_off, Ordering::Relaxed);
    }
}

/// Memory that is touched from here on may come in huge pages, if it is this program that left them off.
pub fn allow() {
    if LEFT_OFF.swap(false, Ordering::Relaxed) {
        #[cfg(target_os = "linux")]
        // As above.
        let _: Result<(), rustix::io::Errno> = rustix::thread::disable_transparent_huge_pages(false);
    }
}
