//! Reports that other jobs wrote, read as what they are: data from somewhere else.
//!
//! A report may come from a job that ran a stranger's code. So its size is limited, links are not followed, and only what
//! the published schema has is read; no address and no number in it is ever used to decide where something is written.

use std::io::Read;
use std::path::Path;

use crate::commands::places;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::report::destination::Destination;
use crate::report::diff::model::{self as diff, DiffReport};
use crate::report::drift::model::{self as drift, DriftReport};

/// The most bytes of one report.
pub const LONGEST: u64 = 32 * 1024 * 1024;

/// The most reports at once.
const MOST: usize = 1_000;

/// Reads diff reports and joins them to one.
pub fn read_diffs(places: &[Destination]) -> Result<DiffReport, Diagnostics> {
    let mut joined = DiffReport {
        api_version: diff::API_VERSION.to_owned(),
        kind: diff::KIND.to_owned(),
        tool_version: String::new(),
        verdict: diff::Verdict::Unchanged,
        environments: Vec::new(),
        groups: Vec::new(),
        summary: diff::Summary::default(),
    };
    let mut found = Diagnostics::new();
    for (place, bytes) in read_all(places)? {
        let report: DiffReport = match serde_json::from_slice(&bytes) {
            Ok(report) => report,
            Err(error) => {
                found.push(invalid(&place, "DiffReport", &error.to_string()));
                continue;
            }
        };
        if (report.api_version.as_str(), report.kind.as_str()) != (diff::API_VERSION, diff::KIND) {
            found.push(invalid(&place, "DiffReport", "`apiVersion` or `kind` is another"));
            continue;
        }
        // Groups are named by their index, which changes when reports are joined.
        let offset = u32::try_from(joined.groups.len()).unwrap_or(u32::MAX);
        for mut environment in report.environments {
            if joined.environments.iter().any(|known| known.name == environment.name) {
                found.push(doubled(&place, &environment.name));
                continue;
            }
            let resources = environment.layers.iter_mut().flat_map(|layer| &mut layer.resources);
            for group in resources.filter_map(|resource| resource.group.as_mut()) {
                *group = group.saturating_add(offset);
            }
            joined.summary.add(&environment.summary);
            joined.verdict = joined.verdict.max(environment.verdict);
            joined.environments.push(environment);
        }
        joined.groups.extend(report.groups);
        joined.tool_version = report.tool_version;
    }
    if found.is_empty() { Ok(joined) } else { Err(found) }
}

/// Reads drift reports, of each environment one.
pub fn read_drifts(places: &[Destination]) -> Result<Vec<DriftReport>, Diagnostics> {
    let mut reports: Vec<DriftReport> = Vec::new();
    let mut found = Diagnostics::new();
    for (place, bytes) in read_all(places)? {
        let parsed = match crate::report::drift::format::parse(&bytes) {
            Ok(parsed) => parsed,
            Err(error) => {
                found.push(invalid(&place, "DriftReport", &error.to_string()));
                continue;
            }
        };
        for report in parsed {
            if (report.api_version.as_str(), report.kind.as_str()) != (drift::API_VERSION, drift::KIND) {
                found.push(invalid(&place, "DriftReport", "`apiVersion` or `kind` is another"));
            } else if let Some(shard) = report.shard.as_ref().filter(|shard| shard.of > 1) {
                let reason = format!("it is shard {} of {} only", shard.index, shard.of);
                found.push(
                    invalid(&place, "DriftReport", &reason)
                        .with_help("join all shards with `plimsoll report merge` first"),
                );
            } else if reports.iter().any(|known| known.environment == report.environment) {
                found.push(doubled(&place, &report.environment));
            } else {
                reports.push(report);
            }
        }
    }
    if found.is_empty() { Ok(reports) } else { Err(found) }
}

fn read_all(given: &[Destination]) -> Result<Vec<(Destination, Vec<u8>)>, Diagnostics> {
    let mut read = Vec::new();
    let mut found = Diagnostics::new();
    let unreadable = |place: &Destination, reason: String| {
        Diagnostic::error(Code::new("report::unreadable"), format!("could not read the report `{place}`"))
            .with_cause(reason)
    };
    let mut places = Vec::new();
    for place in given {
        match places::reports(place) {
            Ok(reports) => places.extend(reports),
            Err(reason) => found.push(unreadable(place, reason)),
        }
    }
    if places.len() > MOST {
        found.push(Diagnostic::error(
            Code::new("report::unreadable"),
            format!("{} reports are more than {MOST}", places.len()),
        ));
        return Err(found);
    }
    for place in places {
        let bytes = match &place {
            Destination::File(path) => read_file(path),
            Destination::Store(_) => places::read(&place, LONGEST),
        };
        match bytes {
            Ok(bytes) => read.push((place, bytes)),
            Err(reason) => found.push(unreadable(&place, reason)),
        }
    }
    if found.is_empty() { Ok(read) } else { Err(found) }
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err(places::too_long(LONGEST));
    }
    Ok(bytes)
}

fn invalid(place: &Destination, kind: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(Code::new("report::invalid"), format!("`{place}` is no {kind}"))
        // The reason quotes what the file holds.
        .with_cause(reason.chars().filter(|character| !character.is_control()).take(300).collect::<String>())
}

fn doubled(place: &Destination, environment: &str) -> Diagnostic {
    let name: String = environment.chars().filter(|character| !character.is_control()).take(100).collect();
    Diagnostic::error(
        Code::new("report::invalid"),
        format!("`{place}` has the environment `{name}`, which another report has too"),
    )
    .with_help("give one report for each environment")
}
