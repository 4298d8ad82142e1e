//! Hostile charts through `plimsoll template`: each ends with an error that names the limit, in little memory.
//!
//! How long that takes is not measured here.

use std::io::{Read, Seek, Write};
use std::path::Path;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::support::plimsoll;

/// The most memory that a bomb may take, in KiB.
const MOST_MEMORY: u64 = 256 << 10;

const CHART: &str = "apiVersion: v2\nname: bomb\nversion: 1.0.0\n";

/// What a chart says and how much memory it took, in KiB.
struct End {
    status: Option<i32>,
    stderr: String,
    memory: u64,
}

fn run(folder: &Path, arguments: &[&str]) -> End {
    let mut command = plimsoll(folder);
    // A file and no pipe: an error may be longer than what a pipe holds while nobody reads.
    let mut told = tempfile::tempfile().expect("a temporary file");
    let stderr = told.try_clone().expect("a file has more than one handle");
    command.args(["template", "rel"]).args(arguments).stdout(Stdio::null()).stderr(stderr);
    let mut child = command.spawn().expect("the program starts");
    let mut memory = 0;
    let status = loop {
        match child.try_wait().expect("the child is ours") {
            Some(status) => break status.code(),
            None => memory = memory.max(resident(child.id())),
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    told.rewind().expect("a file has a start");
    let mut bytes = Vec::new();
    told.read_to_end(&mut bytes).expect("a file can be read");
    End { status, stderr: String::from_utf8_lossy(&bytes).into_owned(), memory }
}

/// The most memory that a process had so far; nothing where the system does not tell.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

#[track_caller]
fn assert_refused(what: &str, end: &End, expected: &str) {
    assert_eq!(end.status, Some(1), "{what}: {}", end.stderr);
    assert!(end.stderr.contains(expected), "{what}: {}", end.stderr);
    assert!(end.memory < MOST_MEMORY, "{what}: {} KiB", end.memory);
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

/// Contents of files, packed once for all that have them.
struct Contents {
    length: usize,
    packed: Vec<u8>,
}

impl Contents {
    fn of(bytes: &[u8]) -> Contents {
        let padding = bytes.len().next_multiple_of(512) - bytes.len();
        Contents {
            length: bytes.len(),
            packed: packed(&[bytes, &vec![0; padding]].concat(), Compression::best()),
        }
    }
}

fn packed(bytes: &[u8], compression: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), compression);
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// A package of the chart and many files: gzip streams one after the other, each packed for itself.
fn package(path: &Path, files: impl Iterator<Item = String>, contents: &Contents) {
    let mut archive = Vec::new();
    let mut add = |name: &str, contents: &Contents| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).expect("a short name");
        header.set_size(contents.length as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.extend(packed(header.as_bytes(), Compression::none()));
        archive.extend(&contents.packed);
    };
    add("bomb/Chart.yaml", &Contents::of(CHART.as_bytes()));
    files.for_each(|name| add(&name, contents));
    archive.extend(packed(&[0; 1024], Compression::none()));
    std::fs::write(path, archive).expect("a file");
}

/// Zeros with bytes that do not pack at their start.
fn zeros(length: usize, noise: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    let mut bytes: Vec<u8> = (0..noise).map(|_| next()).collect();
    bytes.resize(length, 0);
    bytes
}

#[test]
fn templates_that_never_end_are_stopped() {
    let cases = [
        ("steps", "{{ range 9000000000000000000 }}{{ end }}", "steps"),
        ("output", "{{ range 100000000 }}{{ printf \"%100000d\" . }}{{ end }}", "bytes"),
        (
            "a text that doubles",
            "{{ $x := \"0123456789\" }}{{ range 64 }}{{ $x = print $x $x }}{{ end }}",
            "bytes",
        ),
        (
            "a list that doubles",
            "{{ $x := list 1 }}{{ range 64 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
            "more than",
        ),
        ("a map in itself", "{{ $x := dict }}{{ $_ := set $x \"a\" $x }}{{ toYaml $x }}", "more than"),
        ("repeat", "{{ repeat 1000000000 \"abcdefgh\" }}", "takes more than 30000000 steps"),
        ("until", "{{ until 1000000000 }}", "more than"),
        (
            "includes",
            "{{ define \"loop\" }}{{ include \"loop\" . }}{{ end }}{{ include \"loop\" . }}",
            "rendering template has a nested reference name: loop",
        ),
        (
            "templates",
            "{{ define \"loop\" }}{{ template \"loop\" . }}{{ end }}{{ template \"loop\" . }}",
            "exceeded maximum template depth (100000)",
        ),
        ("tpl in tpl", "{{ tpl .Values.loop . }}", "more than"),
    ];
    for (what, template, expected) in cases {
        let folder = TempDir::new().expect("a temporary folder");
        let values = "loop: '{{ tpl .Values.loop . }}'\n";
        write(
            folder.path(),
            &[("c/Chart.yaml", CHART), ("c/values.yaml", values), ("c/templates/a.yaml", template)],
        );
        assert_refused(what, &run(folder.path(), &["c"]), expected);
    }
}

#[test]
fn archives_that_unpack_without_end_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let refuse = |what: &str, count: usize, contents: &[u8], expected: &str| {
        let names = (0..count).map(|index| format!("bomb/{index}"));
        package(&folder.path().join("bomb.tgz"), names, &Contents::of(contents));
        assert_refused(what, &run(folder.path(), &["bomb.tgz"]), expected);
    };
    refuse("a file", 1, &zeros((5 << 20) + 1, 0), "is larger than the maximum file size 5242880");
    refuse("the ratio", 24, &zeros(4 << 20, 0), "unpacks to far more than its size; it may be a bomb");
    refuse("the size", 26, &zeros(4 << 20, 60_000), "is larger than the maximum size 104857600");
    refuse("entries", 20_001, b"", "has more than 20000 entries");
}

#[test]
fn charts_in_charts_without_end_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    for depth in 0..30 {
        let path = format!("c/{}Chart.yaml", "charts/bomb/".repeat(depth));
        write(folder.path(), &[(&path, CHART)]);
    }
    assert_refused("charts", &run(folder.path(), &["c"]), "charts lie more than 20 deep in charts");
}

#[cfg(unix)]
#[test]
fn links_never_leave_a_chart_or_lead_in_circles() {
    use std::os::unix::fs::symlink;
    let folder = TempDir::new().expect("a temporary folder");
    write(folder.path(), &[("secret", "secret words"), ("c/Chart.yaml", CHART), ("c/files/a.txt", "a")]);
    let link = folder.path().join("c/files/link");
    for (target, expected) in [
        ("../../secret", "links out of the chart"),
        ("/proc/self/environ", "links out of the chart"),
        ("../files", "links to a folder that it lies in"),
        ("nothing", "error evaluating symlink"),
    ] {
        symlink(target, &link).expect("a link");
        let end = run(folder.path(), &["c"]);
        assert_refused(target, &end, expected);
        assert!(!end.stderr.contains("secret words"), "{}", end.stderr);
        std::fs::remove_file(&link).expect("the link is there");
    }
}

#[test]
fn schemas_refer_to_nothing_outside_of_them() {
    let folder = TempDir::new().expect("a temporary folder");
    write(folder.path(), &[("c/Chart.yaml", CHART), ("other.json", "{\"type\": \"string\"}")]);
    for reference in ["file:///etc/passwd", "../other.json", "http://127.0.0.1:1/schema.json"] {
        let schema = format!("{{\"properties\": {{\"a\": {{\"$ref\": \"{reference}\"}}}}}}");
        write(folder.path(), &[("c/values.schema.json", &schema)]);
        assert_refused(reference, &run(folder.path(), &["c", "--set", "a=1"]), "schema");
    }
    let circle = "{\"$ref\": \"#/definitions/a\", \"definitions\": {\"a\": {\"allOf\": [{\"$ref\": \"#/definitions/a\"}]}}}";
    write(folder.path(), &[("c/values.schema.json", circle)]);
    assert_refused("a circle", &run(folder.path(), &["c"]), "schema");
}

#[test]
fn values_that_unfold_without_end_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let mut aliases = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let item = format!("*a{}", level - 1);
        aliases.push_str(&format!("a{level}: &a{level} [{}]\n", [item.as_str(); 10].join(", ")));
    }
    let nested = format!("a: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    write(folder.path(), &[("c/Chart.yaml", CHART), ("aliases.yaml", &aliases), ("nested.yaml", &nested)]);
    for (what, expected) in [("aliases.yaml", "excessive aliasing"), ("nested.yaml", "depth")] {
        assert_refused(what, &run(folder.path(), &["c", "-f", what]), expected);
    }
}
