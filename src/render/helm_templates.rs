//! A chart's templates by the names that errors and random values carry, with their places in the repository.
//!
//! A template is named by charts (`shop/charts/cache/templates/secret.yaml`), and lies below the chart's path. Of a packaged
//! chart the place is the package with the path inside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_gotemplate::Location;
use plimsoll_helm::Chart;
use plimsoll_yaml::Span;

use crate::diagnostic::Place;
use crate::secrets::mask;

/// The templates of a chart and its subcharts.
#[derive(Debug)]
pub(super) struct ChartTemplates {
    files: BTreeMap<String, Arc<[u8]>>,
    chart: String,
    path: String,
}

impl ChartTemplates {
    /// The templates of the chart at a path of the repository.
    pub(super) fn of(chart: &Chart, path: &str) -> ChartTemplates {
        let mut files = BTreeMap::new();
        collect(chart, chart.name(), &mut files);
        ChartTemplates { files, chart: chart.name().to_owned(), path: path.to_owned() }
    }

    /// Where a file of the chart lies in the repository.
    pub(super) fn file(&self, name: &str) -> String {
        let inner = name.strip_prefix(&*self.chart).unwrap_or(name).trim_start_matches('/');
        format!("{}/{inner}", self.path)
    }

    /// The place of an expression of a template; none in a text that `tpl` was given.
    pub(super) fn place(&self, location: &Location, expression: &str) -> Option<Place> {
        let file = self.file(&location.template);
        let Some(text) = std::str::from_utf8(self.files.get(&*location.template)?).ok() else {
            return Some(Place::line(file, location.line));
        };
        let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let line_start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let start = line_start + usize::try_from(location.column).ok()?;
        let end = match text.get(start..) {
            Some(rest) if rest.starts_with(expression) => start + expression.len(),
            Some(_) => start,
            None => return Some(Place::line(file, location.line)),
        };
        let span = Span::new(u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        Some(mask::without_secrets(Place::of_span(file, text, span), text))
    }
}

/// A subchart is named by its alias, where its parent gives it one.
fn collect(chart: &Chart, name: &str, files: &mut BTreeMap<String, Arc<[u8]>>) {
    for file in &chart.templates {
        files.insert(format!("{name}/{}", file.name), file.data.clone());
    }
    for inner in &chart.dependencies {
        let declared = chart.metadata.dependencies.iter().flatten();
        let aliases = declared
            .filter(|dependency| dependency.name == inner.name() && !dependency.alias.is_empty())
            .map(|dependency| dependency.alias.as_str());
        for known in aliases.chain([inner.name()]) {
            collect(inner, &format!("{name}/charts/{known}"), files);
        }
    }
}
