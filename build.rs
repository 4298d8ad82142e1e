//! How the program is linked.
//!
//! On Linux a release is linked for a fixed address. One that can lie anywhere has 73,701 addresses to correct before it starts,
//! in 300 pages that it then has for itself: 1.4 of the 4.9 ms that a small chart takes. Heap and stack lie at random addresses
//! all the same.
//!
//! It needs no shared library, whose loading is a fifth of what a small chart takes then. The C library alone would load others
//! by itself, to look up names of hosts and users in what a system may have besides files and DNS; `src/name_services.c`
//! tells it not to. The linker is shown a folder of ours first, where what it takes for a shared library is a script that names
//! the static one. Where there are no static libraries, or the C library is one that cannot be told, the program needs the
//! system's.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Shared libraries that the program is linked with otherwise, and the archives that hold the same.
const STATIC: [(&str, &[&str]); 2] = [("gcc_s", &["libgcc_eh.a", "libgcc.a"]), ("z", &["libz.a"])];

/// The same of the C library, whose parts name each other.
const C_LIBRARY: [(&str, &[&str]); 6] = [
    ("c", &["libc.a", "libgcc_eh.a", "libgcc.a"]),
    ("m", &["libm.a"]),
    ("rt", &["librt.a"]),
    ("pthread", &["libpthread.a"]),
    ("dl", &["libdl.a"]),
    ("util", &["libutil.a"]),
];

const NAME_SERVICES: &str = "src/name_services.c";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={NAME_SERVICES}");
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        let is_native = std::env::var("HOST").ok() == std::env::var("TARGET").ok();
        if let (true, Some(folder)) = (is_native, std::env::var_os("OUT_DIR")) {
            link_natively(&PathBuf::from(folder).join("static"));
        }
    }
}

fn link_natively(folder: &Path) {
    // What an earlier version of this wrote must not stay.
    let _ = std::fs::remove_dir_all(folder);
    if std::fs::create_dir_all(folder).is_err() {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
    STATIC.iter().for_each(|library| {
        write_script(folder, library);
    });
    let Some(object) = compile(NAME_SERVICES, folder) else { return };
    if C_LIBRARY.iter().all(|library| write_script(folder, library)) {
        println!("cargo::rustc-link-arg-bins=-static");
        println!("cargo::rustc-link-arg-bins={}", object.display());
    } else {
        C_LIBRARY.iter().for_each(|(library, _)| {
            let _ = std::fs::remove_file(script_of(folder, library));
        });
    }
}

/// Writes what the linker takes for a shared library; where the compiler has no such archives, it takes the library itself.
fn write_script(folder: &Path, (library, archives): &(&str, &[&str])) -> bool {
    let Some(found) = archives.iter().map(|archive| path_of(archive)).collect::<Option<Vec<String>>>() else {
        return false;
    };
    std::fs::write(script_of(folder, library), format!("GROUP ( {} )\n", found.join(" "))).is_ok()
}

fn script_of(folder: &Path, library: &str) -> PathBuf {
    folder.join(format!("lib{library}.so"))
}

/// Where the C compiler keeps a file; it answers with the bare name where it has none.
fn path_of(archive: &str) -> Option<String> {
    let output = Command::new("cc").arg(format!("-print-file-name={archive}")).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Path::new(&path).is_absolute().then_some(path)
}

/// The object of a file in C, where there is a compiler that takes it.
fn compile(source: &str, folder: &Path) -> Option<PathBuf> {
    let object = folder.join(Path::new(source).with_extension("o").file_name()?);
    let status = Command::new("cc").args(["-O2", "-c", "-o"]).arg(&object).arg(source).status();
    status.is_ok_and(|status| status.success()).then_some(object)
}
