//! Hostile charts end with a clear error, soon.

use std::io::Write as _;
use std::time::{Duration, Instant};

use plimsoll_gotemplate::{FixedEnvironment, Limits, Profile};
use plimsoll_helm::{Chart, ChartFile, LoadOptions, Release, RenderOptions, render};

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).expect("an entry");
    }
    let tar = archive.into_inner().expect("an archive");
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(&tar).expect("a zipped archive");
    zipped.finish().expect("a zipped archive")
}

fn refusal(bytes: &[u8]) -> String {
    let start = Instant::now();
    let error = Chart::from_archive(bytes, &LoadOptions::default()).expect_err("a bomb is refused");
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
    error.to_string()
}

const CHART: &[u8] = b"apiVersion: v2\nname: app\nversion: 1.0.0\n";

#[test]
fn archives_are_bounded() {
    let large = vec![0; (5 << 20) + 1];
    assert_eq!(
        refusal(&packed(&[("app/Chart.yaml", CHART), ("app/zeros", &large)])),
        "decompressed chart file \"app/zeros\" is larger than the maximum file size 5242880"
    );
    let names: Vec<String> = (0..8).map(|index| format!("app/zeros{index}")).collect();
    let zeros = vec![0; 1 << 18];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), zeros.as_slice())).collect();
    let options = LoadOptions {
        budget: plimsoll_helm::ArchiveBudget { ratio: 20, ..Default::default() },
        ..LoadOptions::default()
    };
    let error = Chart::from_archive(&packed(&files), &options).expect_err("a bomb is refused");
    assert_eq!(error.to_string(), "the chart archive unpacks to far more than its size; it may be a bomb");
    let names: Vec<String> = (0..20_001).map(|index| format!("app/{index}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    let options = LoadOptions {
        budget: plimsoll_helm::ArchiveBudget { ratio: u64::MAX, ..Default::default() },
        ..LoadOptions::default()
    };
    let error = Chart::from_archive(&packed(&files), &options).expect_err("a bomb is refused");
    assert_eq!(error.to_string(), "the chart archive has more than 20000 entries");
}

#[test]
fn archives_stay_within_their_folder() {
    for (name, reason) in [
        ("app/../../etc/passwd", "chart illegally references parent directory"),
        ("Chart.yaml/x", "chart yaml not in base directory"),
    ] {
        // The builder refuses such names, so the header is written by hand.
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(0);
        header.set_mode(0o644);
        header.set_cksum();
        let mut archive = tar::Builder::new(Vec::new());
        archive.append(&header, [].as_slice()).expect("an entry");
        let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zipped.write_all(&archive.into_inner().expect("an archive")).expect("a zipped archive");
        assert_eq!(refusal(&zipped.finish().expect("a zipped archive")), reason);
    }
}

#[test]
fn charts_in_charts_are_bounded() {
    let mut files = Vec::new();
    for depth in 0..30 {
        let folder = "charts/a/".repeat(depth);
        files.push(ChartFile { name: format!("{folder}Chart.yaml"), data: CHART.into() });
    }
    let error = Chart::from_files(files, &LoadOptions::default()).expect_err("too deep");
    assert!(error.to_string().ends_with("charts lie more than 20 deep in charts"), "{error}");
}

fn failure(template: &str) -> String {
    let files = vec![
        ChartFile { name: "Chart.yaml".to_owned(), data: CHART.into() },
        ChartFile { name: "templates/a.yaml".to_owned(), data: template.as_bytes().into() },
    ];
    let chart = Chart::from_files(files, &LoadOptions::default()).expect("a chart").chart;
    let environment = FixedEnvironment::default();
    let release = Release { name: "r".to_owned(), ..Release::default() };
    let mut options = RenderOptions::new(release, Profile::V4, &environment);
    options.limits = Limits { steps: 200_000, bytes: 1 << 20, depth: 10_000 };
    let start = Instant::now();
    let error =
        render(&chart, &serde_json::Map::new(), &options, &mut Vec::new()).expect_err("it never ends");
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
    error.to_string()
}

#[test]
fn templates_are_bounded() {
    assert_eq!(
        failure("{{ range 1000000000 }}{{ end }}"),
        "rendering app/templates/a.yaml: the template takes more than 200000 steps"
    );
    assert_eq!(
        failure("{{ range 100000 }}{{ printf \"%100d\" 1 }}{{ end }}"),
        "rendering app/templates/a.yaml: the template makes more than 1048576 bytes"
    );
    let nested = failure("{{ define \"loop\" }}{{ include \"loop\" . }}{{ end }}{{ include \"loop\" . }}");
    assert!(nested.contains("rendering template has a nested reference name: loop"), "{nested}");
}
