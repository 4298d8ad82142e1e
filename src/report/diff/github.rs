//! A diff in the syntax that GitHub colours in a `diff` fence: `+`, `-`, `!` and `@@` at the start of a line.

use super::lines::{self, Line, Mark};
use super::model::{Class, DiffReport, ResourceDiff};
use super::text::{counts, revision};
use crate::report::printable::printable;

/// The whole report, without a fence around it.
#[must_use]
pub fn print(report: &DiffReport) -> String {
    let mut text = String::new();
    for environment in &report.environments {
        let name = printable(&environment.name);
        push(
            &mut text,
            &format!("# {name}: {} -> {}", revision(&environment.base), revision(&environment.head)),
        );
        for error in &environment.errors {
            push(&mut text, &printable(&format!("! error[{}]: {}", error.code, error.message)));
        }
        for layer in &environment.layers {
            for resource in layer.resources.iter().filter(|resource| resource.group.is_none()) {
                text.push_str(&resource_diff(resource, &printable(&layer.name)));
            }
        }
    }
    for group in &report.groups {
        let sign = sign_of(lines::mark_of(group.change));
        push(&mut text, &format!("@@ {sign} the same in {} resources @@", group.members.len()));
        for member in &group.members {
            let name = format!("# {} {}: {}", member.environment, member.layer, member.id);
            push(&mut text, &printable(&name));
        }
        if let Some(first) = report.first_of(group) {
            push_lines(&mut text, &lines::risks(first));
        }
        push_lines(&mut text, &lines::fields(group.change, &group.fields));
    }
    for environment in &report.environments {
        push(&mut text, &format!("# {}: {}", printable(&environment.name), counts(&environment.summary)));
    }
    text
}

/// One resource, heading and all.
#[must_use]
pub fn resource_diff(resource: &ResourceDiff, layer: &str) -> String {
    let mut text = String::new();
    let sign = sign_of(lines::mark_of(resource.change));
    let class = if resource.class == Class::Risky { ", risky" } else { "" };
    push(&mut text, &format!("@@ {sign} {} [{layer}{class}] @@", lines::title(resource)));
    push_lines(&mut text, &lines::risks(resource));
    push_lines(&mut text, &lines::fields(resource.change, &resource.fields));
    text
}

/// Lines in the syntax of a `diff` fence.
#[must_use]
pub fn fenced_lines(lines: &[Line]) -> String {
    let mut text = String::new();
    push_lines(&mut text, lines);
    text
}

fn push_lines(text: &mut String, lines: &[Line]) {
    for Line { mark, depth, text: line } in lines {
        push(text, &format!("{} {}{line}", sign_of(*mark), "  ".repeat(*depth)));
    }
}

/// What GitHub colours: there is no sign for a change but the warning's.
fn sign_of(mark: Mark) -> char {
    match mark {
        Mark::Added => '+',
        Mark::Removed => '-',
        Mark::Changed | Mark::Risk => '!',
        Mark::Context => ' ',
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}
