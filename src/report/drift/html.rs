//! Drift reports as one HTML page: what could not be read first, then what differs, with who changed it and what to do.

use std::collections::HashMap;

use super::model::{DriftReport, Field, Identity, Resource, RuleStatus, Severity, State, Summary, Verdict};
use super::story::Story;
use super::{format, remedy, wording};
use crate::report::html::{Cell, Folds, Markup, Page, card, table, tools};

/// All reports on one page.
#[must_use]
pub fn print(reports: &[DriftReport]) -> String {
    let data = format::value(reports);
    let names: Vec<&str> = reports.iter().map(|report| report.environment.as_str()).collect();
    let title = match names.as_slice() {
        [one] => format!("Drift of {one}"),
        several => format!("Drift of {} environments", several.len()),
    };
    let mut body = Markup::new();
    body.words("a", &[("class", "skip"), ("href", "#findings")], "Skip to the findings").line();
    body.element("header", &[("class", "page")], |header| push_header(header, &title, reports)).line();
    body.element("main", &[], |main| {
        push_unreadable(main, reports);
        push_overview(main, reports);
        main.element("div", &[("id", "findings"), ("tabindex", "-1")], |findings| {
            tools(
                findings,
                &[
                    ("changed", "changed"),
                    ("missing", "missing"),
                    ("extra", "extra"),
                    ("pending", "pending"),
                    ("unknown", "unknown"),
                ],
            );
            let differing = |resource: &&Resource| resource.state != State::InSync;
            let count = reports.iter().flat_map(|report| &report.resources).filter(differing).count();
            for (index, report) in reports.iter().enumerate() {
                push_findings(findings, report, Folds::of_count(count), index);
            }
        });
        push_ignored(main, reports);
        push_in_sync(main, reports);
    });
    body.line();
    body.element("footer", &[], |footer| {
        footer.text("Checked by plimsoll, which reads and never writes. Values that are or may be secret are not in this page.");
    });
    Page { title: &title, body, data: &data }.print()
}

fn push_header(header: &mut Markup, title: &str, reports: &[DriftReport]) {
    header.words("h1", &[], title);
    for report in reports {
        header.element("p", &[], |line| {
            let (word, class) = match report.verdict {
                Verdict::Clean => ("clean", "badge clean"),
                Verdict::Drift => ("drift", "badge drift"),
                Verdict::Incomplete => ("incomplete", "badge incomplete"),
            };
            line.words("span", &[("class", class)], word).text(" ");
            if reports.len() > 1 {
                line.words("strong", &[], &report.environment).text(" ");
            }
            line.text("at ").words("code", &[], &wording::revision(report));
            if !report.complete {
                line.text(", not everything could be read");
            }
            if let Some(shard) = &report.shard {
                line.text(&format!(", shard {} of {}", shard.index, shard.of));
            }
        });
    }
    let mut sum = Summary::default();
    for Summary { resources, in_sync, changed, missing, extra, pending, unknown, ignored_fields } in
        reports.iter().map(|report| report.summary)
    {
        sum.resources += resources;
        sum.in_sync += in_sync;
        sum.changed += changed;
        sum.missing += missing;
        sum.extra += extra;
        sum.pending += pending;
        sum.unknown += unknown;
        sum.ignored_fields += ignored_fields;
    }
    header.element("ul", &[("class", "cards"), ("aria-label", "Sums")], |cards| {
        card(cards, sum.changed, "changed", "changed");
        card(cards, sum.missing, "missing", "removed");
        card(cards, sum.extra, "extra", "risky");
        card(cards, sum.pending, "pending", "changed");
        card(cards, sum.unknown, "unknown", "risky");
        card(cards, sum.in_sync, "in sync", "added");
        card(cards, sum.resources, "resources", "quiet");
        card(cards, sum.ignored_fields, "fields ignored by rules", "quiet");
    });
}

fn push_unreadable(main: &mut Markup, reports: &[DriftReport]) {
    let rows = || reports.iter().flat_map(|report| report.unreadable.iter().map(move |one| (report, one)));
    if rows().next().is_none() {
        return;
    }
    main.element("section", &[("class", "alarm")], |alarm| {
        alarm.words("h2", &[], "Not everything could be read");
        alarm.words("p", &[], "What was not read counts as unknown, never as clean.");
        let rows = rows().map(|(report, one)| {
            let environment = Cell::Words(report.environment.clone());
            vec![environment, Cell::Code(one.target.clone()), Cell::Words(one.cause.clone())]
        });
        table(alarm, "Unreadable targets", &["environment", "target", "cause"], rows);
    })
    .line();
}

fn push_overview(main: &mut Markup, reports: &[DriftReport]) {
    let mut rows: Vec<(&str, &str, [u64; 6])> = Vec::new();
    for report in reports {
        for resource in &report.resources {
            let at = rows.iter().position(|(environment, layer, _)| {
                *environment == report.environment && *layer == resource.layer
            });
            let at = at.unwrap_or_else(|| {
                rows.push((&report.environment, &resource.layer, [0; 6]));
                rows.len() - 1
            });
            if let Some(count) =
                rows.get_mut(at).and_then(|(_, _, counts)| counts.get_mut(column(resource.state)))
            {
                *count += 1;
            }
        }
    }
    let rows = rows.into_iter().map(|(environment, layer, counts)| {
        let mut cells = vec![Cell::Words(environment.to_owned()), Cell::Words(layer.to_owned())];
        cells.extend(counts.map(Cell::Count));
        cells
    });
    let columns = ["environment", "layer", "changed", "missing", "extra", "pending", "unknown", "in sync"];
    table(main, "Layers", &columns, rows);
}

fn column(state: State) -> usize {
    match state {
        State::Changed => 0,
        State::Missing => 1,
        State::Extra => 2,
        State::Pending => 3,
        State::Unknown => 4,
        State::InSync => 5,
    }
}

fn push_findings(findings: &mut Markup, report: &DriftReport, folds: Folds, index: usize) {
    let id = format!("e{index}");
    findings.element("section", &[("aria-labelledby", &id), ("data-list", "")], |section| {
        section.words("h2", &[("id", &id)], &report.environment);
        let layers = wording::by_layer(report);
        if layers.is_empty() {
            section.words("p", &[("class", "empty")], &wording::verdict(report));
        }
        let ends = Ends::of(report, &layers, index);
        for (layer, resources) in layers {
            section.element("section", &[("data-list", "")], |list| {
                list.words("h3", &[], &format!("Layer {layer}"));
                for resource in resources {
                    push_finding(list, resource, folds, &ends);
                }
            });
        }
    });
    findings.line();
}

/// Where the findings of a report are on the page, and how they belong together.
struct Ends<'r> {
    story: Story<'r>,
    anchors: HashMap<(&'r str, &'r Identity), String>,
}

impl<'r> Ends<'r> {
    fn of(report: &'r DriftReport, layers: &[(&'r str, Vec<&'r Resource>)], index: usize) -> Ends<'r> {
        let findings = layers.iter().flat_map(|(_, resources)| resources).enumerate();
        let anchors = findings
            .map(|(number, resource)| ((resource.layer.as_str(), &resource.id), format!("r{index}-{number}")))
            .collect();
        Ends { story: Story::of(report), anchors }
    }

    fn anchor(&self, resource: &'r Resource) -> &str {
        self.anchors.get(&(resource.layer.as_str(), &resource.id)).map_or("", String::as_str)
    }

    /// How the other end of a finding stands, with a link where that is a finding too.
    fn push_other(&self, inside: &mut Markup, resource: &'r Resource) {
        let (Some(other), Some(stands)) = (self.story.other(resource), self.story.other_end(resource)) else {
            return;
        };
        inside.element("p", &[], |line| {
            line.text(&format!("The other end, {stands}"));
            if other.state != State::InSync {
                line.text(", see ").link(self.anchor(other), &wording::name(&other.id));
            }
        });
    }
}

fn push_finding<'r>(list: &mut Markup, resource: &'r Resource, folds: Folds, ends: &Ends<'r>) {
    let (sign, tone) = match resource.state {
        State::Missing => ("-", "removed"),
        State::Extra => ("+", "added"),
        State::Unknown => ("?", "changed"),
        State::Changed | State::Pending | State::InSync => ("~", "changed"),
    };
    let is_severe = matches!(resource.severity, Some(Severity::Critical | Severity::High));
    let class = format!("resource {tone}{}", if is_severe { " risky" } else { "" });
    let state = wording::state(resource.state);
    list.element("details", &folds.attributes(&class, ends.anchor(resource), state), |fold| {
        fold.element("summary", &[], |summary| {
            summary.words("span", &[("class", "sign"), ("aria-hidden", "true")], sign);
            summary.words("span", &[("class", "kind")], state);
            summary.words("span", &[("class", "name")], &wording::name(&resource.id));
            let severity = wording::severity(resource.severity);
            summary.words("span", &[("class", &format!("badge {severity}"))], severity);
            let mut rest = wording::place(&resource.id);
            if let Some(via) = resource.via.as_ref().map(wording::via).filter(|via| !via.is_empty()) {
                rest = format!("{rest}, of {via}");
            }
            summary.words("span", &[("class", "of")], &rest);
        });
        fold.element("div", &[("class", "inside")], |inside| push_inside(inside, resource, ends));
    });
    list.line();
}

fn push_inside<'r>(inside: &mut Markup, resource: &'r Resource, ends: &Ends<'r>) {
    if let Some(cause) = &resource.cause {
        inside.element("p", &[], |line| {
            line.text("Cause: ").words("code", &[], cause);
        });
    }
    ends.push_other(inside, resource);
    if !resource.fields.is_empty() {
        let rows = resource.fields.iter().map(|field| field_row(field, resource));
        let columns = ["field", "how", "Git", "live", "severity", "changed by"];
        table(inside, "Fields that differ", &columns, rows);
    }
    inside.element("ul", &[], |list| {
        for remedy in remedy::remedies(resource) {
            list.words("li", &[], &remedy);
        }
    });
    if let Some(source) = wording::source(resource) {
        inside.element("p", &[("class", "source")], |line| {
            line.words("code", &[], &source);
        });
    }
}

fn field_row(field: &Field, resource: &Resource) -> Vec<Cell> {
    let mut how = wording::change(field.change).to_owned();
    if field.needs_replace {
        how.push_str(", needs to be made anew");
    }
    vec![
        Cell::Code(field.path.clone()),
        Cell::Words(how),
        Cell::Code(wording::value(field.desired.as_ref())),
        Cell::Code(wording::value(field.live.as_ref())),
        Cell::Words(wording::severity(Some(field.severity)).to_owned()),
        Cell::Words(wording::writer(field, &resource.id).unwrap_or_else(|| "not known".to_owned())),
    ]
}

fn push_ignored(main: &mut Markup, reports: &[DriftReport]) {
    let rows: Vec<Vec<Cell>> = reports
        .iter()
        .flat_map(|report| report.ignored.iter().map(move |rule| (report, rule)))
        .map(|(report, rule)| {
            let status = match rule.status {
                RuleStatus::Used => "in use",
                RuleStatus::Unused => "matches nothing",
                RuleStatus::Expired => "expired, hides nothing",
            };
            vec![
                Cell::Words(report.environment.clone()),
                Cell::Code(rule.rule.clone()),
                Cell::Words(rule.reason.clone()),
                Cell::Words(rule.expires.clone().unwrap_or_else(|| "never".to_owned())),
                Cell::Words(status.to_owned()),
                Cell::Count(rule.fields),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let columns = ["environment", "rule", "reason", "expires", "state", "fields hidden"];
        table(main, "What rules hide", &columns, rows.into_iter());
    }
}

fn push_in_sync(main: &mut Markup, reports: &[DriftReport]) {
    let in_sync = || {
        reports.iter().flat_map(|report| {
            let of_report = report.resources.iter().filter(|resource| resource.state == State::InSync);
            of_report.map(move |resource| (report, resource))
        })
    };
    let count = in_sync().count();
    if count == 0 {
        return;
    }
    main.element("details", &[("class", "resource")], |fold| {
        fold.element("summary", &[], |summary| {
            summary.words("span", &[("class", "name")], &format!("{count} resources in sync"));
        });
        fold.element("div", &[("class", "inside")], |inside| {
            let rows = in_sync().map(|(report, resource)| {
                vec![
                    Cell::Words(report.environment.clone()),
                    Cell::Words(resource.layer.clone()),
                    Cell::Words(wording::name(&resource.id)),
                    Cell::Words(wording::place(&resource.id)),
                ]
            });
            table(inside, "Resources in sync", &["environment", "layer", "resource", "where"], rows);
        });
    });
}
