//! A diff as one HTML page.

use super::lines::{self, Line, Mark};
use super::model::{
    Class, DiffReport, EnvironmentDiff, Presence, Reason, ResourceDiff, Severity, Summary, Verdict,
};
use super::text::revision;
use crate::report::html::{Cell, Folds, Markup, Page, card, table, tools};

/// Members of a group that are listed; the rest is counted.
const LISTED_MEMBERS: usize = 200;

/// The whole report.
#[must_use]
pub fn print(report: &DiffReport) -> String {
    let data = serde_json::to_value(report).unwrap_or_default();
    let mut body = Markup::new();
    body.words("a", &[("class", "skip"), ("href", "#changes")], "Skip to the changes").line();
    body.element("header", &[("class", "page")], |header| push_header(header, report)).line();
    body.element("main", &[], |main| {
        push_errors(main, report);
        push_overview(main, report);
        push_risks(main, report);
        push_images(main, report);
        main.element("div", &[("id", "changes"), ("tabindex", "-1")], |changes| {
            push_changes(changes, report)
        });
    });
    body.line();
    body.element("footer", &[], |footer| {
        footer.text(&format!(
            "plimsoll {}. Values that are or may be secret are not in this page.",
            report.tool_version
        ));
    });
    let title = match report.environments.as_slice() {
        [one] => format!("What changes in {}", one.name),
        several => format!("What changes in {} environments", several.len()),
    };
    Page { title: &title, body, data: &data }.print()
}

fn push_header(header: &mut Markup, report: &DiffReport) {
    header.words("h1", &[], "What changes");
    header.element("p", &[], |line| {
        let (word, class) = match report.verdict {
            Verdict::Unchanged => ("nothing changes", "badge unchanged"),
            Verdict::Changed if report.summary.risky > 0 => ("risky changes", "badge risky"),
            Verdict::Changed => ("changes", "badge changed"),
            Verdict::Incomplete => ("incomplete", "badge incomplete"),
        };
        line.words("span", &[("class", class)], word);
        if let Some(first) = report.environments.first() {
            line.text(" ").words("code", &[], &revision(&first.base));
            line.text(" \u{2192} ").words("code", &[], &revision(&first.head));
        }
    });
    let Summary {
        added, removed, changed, renamed, reordered, unchanged, risky, routine, metadata_only, ..
    } = report.summary;
    header.element("ul", &[("class", "cards"), ("aria-label", "Sums")], |cards| {
        card(cards, risky.into(), "risky", "risky");
        card(cards, added.into(), "added", "added");
        card(cards, (changed + reordered).into(), "changed", "changed");
        card(cards, removed.into(), "removed", "removed");
        card(cards, renamed.into(), "renamed", "changed");
        card(cards, routine.into(), "routine", "quiet");
        card(cards, metadata_only.into(), "metadata only", "quiet");
        card(cards, unchanged.into(), "unchanged", "quiet");
    });
}

fn push_errors(main: &mut Markup, report: &DiffReport) {
    for environment in report.environments.iter().filter(|environment| !environment.errors.is_empty()) {
        main.element("section", &[("class", "alarm")], |alarm| {
            alarm.words("h2", &[], &format!("{} could not be compared as a whole", environment.name));
            alarm.element("ul", &[], |list| {
                for error in &environment.errors {
                    list.element("li", &[], |item| {
                        item.text(if error.side == super::model::Side::Base { "Base: " } else { "Head: " });
                        item.words("code", &[], &error.code).text(&format!(" {}", error.message));
                        if let Some(file) = &error.file {
                            let line = error.line.map(|line| format!(":{line}")).unwrap_or_default();
                            item.text(" (").words("code", &[], &format!("{file}{line}")).text(")");
                        }
                    });
                }
            });
        })
        .line();
    }
}

fn push_overview(main: &mut Markup, report: &DiffReport) {
    let rows = report.environments.iter().enumerate().map(|(index, environment)| {
        let summary = &environment.summary;
        let state = match (environment.verdict, environment.presence) {
            (Verdict::Incomplete, _) => "incomplete",
            (_, Presence::Added) => "new",
            (_, Presence::Removed) => "taken away",
            (Verdict::Unchanged, _) => "the same",
            (Verdict::Changed, _) => "changes",
        };
        let counts = [
            summary.risky,
            summary.added,
            summary.changed + summary.reordered,
            summary.removed,
            summary.renamed,
            summary.unchanged,
        ];
        let mut cells =
            vec![Cell::Link(format!("e{index}"), environment.name.clone()), Cell::Words(state.to_owned())];
        cells.extend(counts.into_iter().map(|count| Cell::Count(count.into())));
        cells
    });
    let columns = ["environment", "state", "risky", "added", "changed", "removed", "renamed", "unchanged"];
    table(main, "Environments", &columns, rows);
}

fn push_risks(main: &mut Markup, report: &DiffReport) {
    let mut risks: Vec<(Severity, usize, &str, &ResourceDiff, &Reason)> = Vec::new();
    for (index, (environment, _, resource)) in report.resources().enumerate() {
        risks.extend(
            resource.reasons.iter().map(|reason| (reason.severity, index, environment, resource, reason)),
        );
    }
    if risks.is_empty() {
        return;
    }
    risks.sort_by_key(|(severity, index, ..)| (std::cmp::Reverse(*severity), *index));
    main.words("h2", &[("id", "risks")], "Look at these first");
    main.element("ul", &[("class", "risks")], |list| {
        for (severity, index, environment, resource, reason) in risks {
            list.element("li", &[], |item| {
                let (word, class) = severity_word(severity);
                item.words("span", &[("class", class)], word).text(" ");
                item.link(&format!("r{index}"), &format!("{environment}: {}", lines::title(resource)));
                item.text(&format!(": {}", reason.message));
                if let Some(path) = &reason.path {
                    item.text(", ").words("code", &[], path);
                }
            })
            .line();
        }
    });
}

fn severity_word(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Critical => ("critical", "badge critical"),
        Severity::High => ("high", "badge high"),
        Severity::Medium => ("medium", "badge medium"),
    }
}

fn push_images(main: &mut Markup, report: &DiffReport) {
    let rows: Vec<Vec<Cell>> = report
        .resources()
        .flat_map(|(environment, _, resource)| {
            resource.images.iter().map(move |image| (environment, resource, image))
        })
        .map(|(environment, resource, image)| {
            let side = |image: &Option<String>| Cell::Code(image.clone().unwrap_or_default());
            vec![
                Cell::Words(format!("{environment}: {}", resource.id)),
                side(&image.before),
                side(&image.after),
            ]
        })
        .collect();
    if !rows.is_empty() {
        table(main, "Images that change", &["of", "before", "after"], rows.into_iter());
    }
}

fn push_changes(changes: &mut Markup, report: &DiffReport) {
    tools(
        changes,
        &[("risky", "risky"), ("other", "other"), ("routine", "routine"), ("metadataOnly", "metadata only")],
    );
    if !report.groups.is_empty() {
        push_groups(changes, report);
    }
    let mut index = 0;
    let folds = Folds::of_count(report.resources().count());
    for (number, environment) in report.environments.iter().enumerate() {
        let id = format!("e{number}");
        changes.element("section", &[("data-list", ""), ("aria-labelledby", &id)], |section| {
            section.words("h2", &[("id", &id)], &environment.name);
            push_environment(section, environment, folds, &mut index);
        });
        changes.line();
    }
}

fn push_groups(changes: &mut Markup, report: &DiffReport) {
    changes.element("section", &[("data-list", "")], |section| {
        section.words("h2", &[], "The same in many");
        for (number, group) in report.groups.iter().enumerate() {
            let id = format!("g{number}");
            let mark = lines::mark_of(group.change);
            let class = fold_class(mark, group.class);
            let attributes =
                Folds::of_count(report.groups.len()).attributes(&class, &id, kind_of(group.class));
            section.element("details", &attributes, |fold| {
                let title = format!("{} resources", group.members.len());
                let names: Vec<String> = group
                    .members
                    .iter()
                    .take(3)
                    .map(|member| format!("{}: {}", member.environment, member.id))
                    .collect();
                push_summary(fold, mark, "", &title, group.class, &names.join(", "));
                fold.element("div", &[("class", "inside")], |inside| {
                    let first = report.first_of(group);
                    push_reasons(
                        inside,
                        first.map(|resource| resource.reasons.as_slice()).unwrap_or_default(),
                    );
                    push_lines(inside, &lines::fields(group.change, &group.fields));
                    inside.element("ul", &[], |list| {
                        for member in group.members.iter().take(LISTED_MEMBERS) {
                            let name = format!("{} {}: {}", member.environment, member.layer, member.id);
                            list.words("li", &[], &name);
                        }
                        if group.members.len() > LISTED_MEMBERS {
                            let more = format!("and {} more", group.members.len() - LISTED_MEMBERS);
                            list.words("li", &[], &more);
                        }
                    });
                });
            });
            section.line();
        }
    });
}

fn push_environment(section: &mut Markup, environment: &EnvironmentDiff, folds: Folds, index: &mut usize) {
    let has_changes = environment.layers.iter().any(|layer| !layer.resources.is_empty());
    if !has_changes {
        let text = if environment.errors.is_empty() {
            format!("Nothing changes: all {} resources are the same.", environment.summary.unchanged)
        } else {
            "Not compared, see above.".to_owned()
        };
        section.words("p", &[("class", "empty")], &text);
    }
    for layer in environment.layers.iter().filter(|layer| !layer.resources.is_empty()) {
        section.element("section", &[("data-list", "")], |list| {
            list.words("h3", &[], &format!("Layer {}, cluster {}", layer.name, layer.destination));
            for resource in &layer.resources {
                // What a group tells already is not told at length again.
                let folds = if resource.group.is_some() { Folds::Closed } else { folds };
                push_resource(list, resource, folds, *index);
                *index += 1;
            }
        });
    }
}

fn push_resource(list: &mut Markup, resource: &ResourceDiff, folds: Folds, index: usize) {
    let id = format!("r{index}");
    let mark = lines::mark_of(resource.change);
    let class = fold_class(mark, resource.class);
    let attributes = folds.attributes(&class, &id, kind_of(resource.class));
    list.element("details", &attributes, |fold| {
        let title = lines::title(resource);
        let name = title.strip_prefix(&resource.id.kind).unwrap_or(&title).trim_start();
        let of = resource.via.as_ref().map(|via| format!("of {}", via.claim)).unwrap_or_default();
        push_summary(fold, mark, &resource.id.kind, name, resource.class, &of);
        fold.element("div", &[("class", "inside")], |inside| {
            push_reasons(inside, &resource.reasons);
            match resource.group {
                Some(group) => {
                    inside.element("p", &[], |line| {
                        line.text("The same as in others: ").link(&format!("g{group}"), "see the group");
                    });
                }
                None => push_lines(inside, &lines::fields(resource.change, &resource.fields)),
            }
            inside.element("p", &[("class", "source")], |line| {
                line.words("code", &[], &resource.source.file).text(" from ");
                line.words("code", &[], &resource.source.input);
            });
        });
    });
    list.line();
}

fn push_summary(fold: &mut Markup, mark: Mark, kind: &str, name: &str, class: Class, of: &str) {
    fold.element("summary", &[], |summary| {
        let word = match mark {
            Mark::Added => "added",
            Mark::Removed => "removed",
            _ => "changed",
        };
        let sign = mark.glyph().to_string();
        summary.words("span", &[("class", "sign"), ("role", "img"), ("aria-label", word)], &sign);
        if !kind.is_empty() {
            summary.words("span", &[("class", "kind")], kind);
        }
        summary.words("span", &[("class", "name")], name);
        match class {
            Class::Risky => summary.words("span", &[("class", "badge risky")], "risky"),
            Class::Routine => summary.words("span", &[("class", "badge routine")], "routine"),
            Class::MetadataOnly => summary.words("span", &[("class", "badge metadata")], "metadata only"),
            Class::Other => summary,
        };
        if !of.is_empty() {
            summary.words("span", &[("class", "of")], of);
        }
    });
}

fn push_reasons(inside: &mut Markup, reasons: &[Reason]) {
    if reasons.is_empty() {
        return;
    }
    inside.element("ul", &[("class", "reasons")], |list| {
        for reason in reasons {
            list.element("li", &[], |item| {
                item.words("strong", &[], severity_word(reason.severity).0)
                    .text(&format!(": {}", reason.message));
                if let Some(path) = &reason.path {
                    item.text(" (").words("code", &[], path).text(")");
                }
            });
        }
    });
}

fn push_lines(inside: &mut Markup, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    inside.element("pre", &[("class", "lines")], |pre| {
        for Line { mark, depth, text } in lines {
            let class = match mark {
                Mark::Added => "line added",
                Mark::Removed => "line removed",
                Mark::Changed | Mark::Risk => "line changed",
                Mark::Context => "line",
            };
            pre.words(
                "span",
                &[("class", class)],
                &format!("{} {}{text}", mark.glyph(), "  ".repeat(*depth)),
            );
        }
    });
}

fn fold_class(mark: Mark, class: Class) -> String {
    let change = match mark {
        Mark::Added => "added",
        Mark::Removed => "removed",
        _ => "changed",
    };
    let risky = if class == Class::Risky { " risky" } else { "" };
    format!("resource {change}{risky}")
}

fn kind_of(class: Class) -> &'static str {
    match class {
        Class::Risky => "risky",
        Class::Routine => "routine",
        Class::MetadataOnly => "metadataOnly",
        Class::Other => "other",
    }
}
