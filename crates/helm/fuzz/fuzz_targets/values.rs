//! Any bytes are read as the values of a chart, of a user and of a schema, and rendered with.
//!
//! `cargo xtask fuzz helm/values`. Zero bytes part the inputs.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_gotemplate::{FixedEnvironment, Profile};
use plimsoll_helm::{
    Chart, ChartFile, KnownValues, LoadOptions, Release, RenderOptions, UserValues, ValuesFile, render,
};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let (chart_values, user_values) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let schema = parts.next().unwrap_or_default();
    let mut files: Vec<(&str, &[u8])> = vec![
        ("Chart.yaml", b"apiVersion: v2\nname: fuzz\nversion: 1.0.0\ndependencies: [{name: sub, version: 1.0.0, condition: sub.on}]\n"),
        ("values.yaml", chart_values),
        ("templates/a.yaml", b"{{ toYaml .Values }}"),
        ("charts/sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
        ("charts/sub/values.yaml", chart_values),
        ("charts/sub/templates/a.yaml", b"{{ toYaml .Values }}"),
    ];
    if !schema.is_empty() {
        files.push(("values.schema.json", schema));
    }
    let environment = FixedEnvironment::at(0);
    for profile in [Profile::V3, Profile::V4] {
        let file =
            |(name, data): &(&str, &[u8])| ChartFile { name: (*name).to_owned(), data: (*data).into() };
        let options = LoadOptions { profile, ..LoadOptions::default() };
        let Ok(loaded) = Chart::from_files(files.iter().map(file).collect(), &options) else { continue };
        let user = UserValues {
            files: vec![ValuesFile { name: "values.yaml".to_owned(), bytes: user_values.to_vec() }],
            ..UserValues::default()
        };
        let Ok(values) = user.merge(profile, &|_| Err(String::new())) else { continue };
        let _ = KnownValues::of(&loaded.chart).unknown(&values);
        let release = Release { name: "fuzz".to_owned(), namespace: "fuzz".to_owned(), ..Release::default() };
        let _ = render(
            &loaded.chart,
            &values,
            &RenderOptions::new(release, profile, &environment),
            &mut Vec::new(),
        );
    }
});
