//! Values held against the `values.schema.json` of a chart and of its subcharts, with Helm's report.

use plimsoll_gotemplate::Map;

use crate::arena::{Arena, ChartId};
use crate::error::{Detail, Error, ErrorKind, Violation};
use crate::schema_document::SchemaDocument;
use crate::schema_failure::Failure;
use crate::schema_validator::Validator;
use crate::shared;

/// Checks the values of a chart and of its subcharts; all that is wrong is one error.
pub(crate) fn validate(arena: &Arena<'_>, chart: ChartId, values: &Map) -> Result<(), Error> {
    let mut report = Report::default();
    report.add(arena, chart, values)?;
    if report.text.is_empty() {
        return Ok(());
    }
    let text = format!(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n{}",
        report.text
    );
    let detail = Detail { violations: report.violations, ..Detail::default() };
    Err(Error::new(ErrorKind::Schema, text).with_detail(detail))
}

#[derive(Default)]
struct Report {
    text: String,
    violations: Vec<Violation>,
    /// The keys that lead to the values of the chart that is checked.
    path: Vec<String>,
}

impl Report {
    fn add(&mut self, arena: &Arena<'_>, chart: ChartId, values: &Map) -> Result<(), Error> {
        let node = &arena[chart];
        if let Some(schema) = &node.source.schema {
            self.check(&node.name, schema, values);
        }
        for dependency in &node.dependencies {
            let name = &arena[*dependency].name;
            let Some(own) = values.value(name.as_bytes()).filter(|own| !own.is_nil()) else { continue };
            match own.map().filter(|_| shared::is_table(&own)) {
                Some(own) => {
                    self.path.push(name.clone());
                    self.add(arena, *dependency, own)?;
                    self.path.pop();
                }
                None => {
                    let found = own.type_name();
                    self.text.push_str(&format!(
                        "{name}:\ninvalid type for values: expected object (map), got {found}\n"
                    ));
                }
            }
        }
        Ok(())
    }

    fn check(&mut self, chart: &str, schema: &[u8], values: &Map) {
        let document = match SchemaDocument::parse(schema) {
            Ok(document) => document,
            Err(message) => {
                self.text.push_str(&format!("{chart}:\n{message}"));
                self.violate(chart, String::new(), message);
                return;
            }
        };
        let Some(failure) = Validator::new(&document).validate(values) else { return };
        self.text.push_str(&format!("{chart}:\n"));
        let causes = failure.flattened();
        let lines: Vec<String> = causes.iter().map(Failure::listed).collect();
        self.text.push_str(&lines.join("\n"));
        for cause in &causes {
            self.collect(chart, cause);
        }
        self.text.push('\n');
    }

    /// Every failure that has no cause of its own.
    fn collect(&mut self, chart: &str, failure: &Failure) {
        if failure.causes.is_empty() {
            self.violate(chart, failure.pointer.clone(), failure.message.clone());
        }
        for cause in &failure.causes {
            self.collect(chart, cause);
        }
    }

    fn violate(&mut self, chart: &str, pointer: String, message: String) {
        let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
        let path = self.path.iter().cloned().chain(keys).collect();
        self.violations.push(Violation { chart: chart.to_owned(), pointer, path, message });
    }
}
