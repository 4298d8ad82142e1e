//! The dependencies of a chart that it does not bring along in `charts/`.
//!
//! Each is taken in the version that `Chart.lock` settles, or in a whole version that `Chart.yaml` writes. A range without a
//! lock is refused. Dependencies on folders (`file://`) and on nothing are left to the engine, which says what is missing.

use plimsoll_helm::{Chart, LoadOptions};

use super::{ChartAddress, Elsewhere};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// How deep charts may depend on charts.
const DEPTH: usize = 16;

/// Adds what a chart lacks. Gives what is wrong.
pub fn complete(chart: &mut Chart, elsewhere: &dyn Elsewhere, options: &LoadOptions) -> Diagnostics {
    let mut found = Diagnostics::new();
    complete_below(chart, elsewhere, options, DEPTH, &mut found);
    found
}

fn complete_below(
    chart: &mut Chart,
    elsewhere: &dyn Elsewhere,
    options: &LoadOptions,
    depth: usize,
    found: &mut Diagnostics,
) {
    let name = chart.name().to_owned();
    for inner in &mut chart.dependencies {
        complete_below(inner, elsewhere, options, depth.saturating_sub(1), found);
    }
    for missing in chart.missing_dependencies() {
        if missing.repository.is_empty() || missing.repository.starts_with("file://") {
            continue;
        }
        let Some(depth) = depth.checked_sub(1) else {
            let message = format!("charts depend on each other more than {DEPTH} deep");
            found.push(Diagnostic::error(Code::new("fetch::chart"), message));
            return;
        };
        let loaded = ChartAddress::new(&missing.repository, &missing.name, Some(&missing.version))
            .map_err(|problem| {
                let message = format!("dependency `{}` of `{name}`: {}", missing.name, problem.message);
                let help = if problem.code == "fetch::floating" {
                    "run `helm dependency update` for the chart, so that its Chart.lock settles the version"
                } else {
                    "put the dependency into the chart's `charts/`"
                };
                Diagnostic::error(Code::new(problem.code), message).with_help(help)
            })
            .and_then(|address| load(&address, elsewhere, options));
        match loaded {
            Ok(mut dependency) => {
                complete_below(&mut dependency, elsewhere, options, depth, found);
                chart.add_dependency(dependency);
            }
            Err(problem) => found.push(problem),
        }
    }
}

/// A chart from elsewhere, which is what its address says.
pub fn load(
    address: &ChartAddress,
    elsewhere: &dyn Elsewhere,
    options: &LoadOptions,
) -> Result<Chart, Diagnostic> {
    let bytes = elsewhere.chart(address)?;
    Chart::from_archive(&bytes, options).map(|loaded| loaded.chart).map_err(|error| {
        let message = format!("`{address}` is no chart");
        Diagnostic::error(Code::new("fetch::chart"), message).with_cause(error.to_string())
    })
}
