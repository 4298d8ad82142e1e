//! How the program is linked.
//!
//! On Linux a release is linked for a fixed address. One that can lie anywhere has 73,701 addresses to correct before it starts,
//! in 300 pages that it then has for itself: 1.4 of the 4.9 ms that a small chart takes. Libraries, heap and stack lie at random
//! addresses all the same.
//!
//! Of shared libraries it needs those of the C library alone, which must be the system's, for its name services. The linker is
//! shown a folder of ours first, where what it takes for another shared library is a script that names the static one.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Shared libraries that the program is linked with otherwise, and the archives that hold the same.
const STATIC: [(&str, &[&str]); 2] = [("gcc_s", &["libgcc_eh.a", "libgcc.a"]), ("z", &["libz.a"])];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        let is_native = std::env::var("HOST").ok() == std::env::var("TARGET").ok();
        if let (true, Some(folder)) = (is_native, std::env::var_os("OUT_DIR")) {
            link_statically(&PathBuf::from(folder).join("static"));
        }
    }
}

/// Writes the scripts; where the compiler has no such archives, the program is linked with the shared library.
fn link_statically(folder: &Path) {
    // What an earlier version of this wrote must not stay.
    let _ = std::fs::remove_dir_all(folder);
    if std::fs::create_dir_all(folder).is_err() {
        return;
    }
    for (library, archives) in STATIC {
        let found: Option<Vec<String>> = archives.iter().map(|archive| path_of(archive)).collect();
        let script = folder.join(format!("lib{library}.so"));
        let is_written = found
            .is_some_and(|found| std::fs::write(&script, format!("GROUP ( {} )\n", found.join(" "))).is_ok());
        if !is_written {
            let _ = std::fs::remove_file(&script);
        }
    }
    println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
}

/// Where the C compiler keeps a file; it answers with the bare name where it has none.
fn path_of(archive: &str) -> Option<String> {
    let output = Command::new("cc").arg(format!("-print-file-name={archive}")).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Path::new(&path).is_absolute().then_some(path)
}
