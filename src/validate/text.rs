//! The verdicts on resources as lines of text, as crossplane v2.2.1 and the cli v2.5.0 print them.

use std::fmt::Write as _;

use plimsoll_crossplane::resource_validation::{Check, ValidatedResource, Verdict};

use super::document::Summary;

/// Whose text it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `crossplane beta validate` v2.2.1: core groups are printed empty, and a kind that is defined twice is judged twice.
    V2_2,
    /// `crossplane resource validate` v2.5: the last definition of a kind counts.
    V2_5,
}

/// Whether the lines of valid resources are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Successes {
    /// They are.
    Shown,
    /// They are not.
    Skipped,
}

/// The text, and the numbers in its last line.
#[must_use]
pub fn print(resources: &[ValidatedResource], profile: Profile, successes: Successes) -> (String, Summary) {
    let (mut text, mut summary) = (String::new(), Summary::of(resources));
    if profile == Profile::V2_2 {
        summary.invalid = 0;
    }
    for resource in resources {
        let kind = &resource.kind;
        let written = match profile {
            Profile::V2_2 => format!("{}/{}, Kind={}", kind.group, kind.version, kind.kind),
            Profile::V2_5 => format!("{}, Kind={}", kind.api_version(), kind.kind),
        };
        if resource.verdicts.is_empty() {
            line(&mut text, format_args!("[!] could not find CRD/XRD for: {written}"));
            continue;
        }
        let named = format!("{written}, {}", resource.name);
        if let Some(problem) = &resource.defaulting_problem {
            line(&mut text, format_args!("[!] failed to apply defaults for {named}: {problem}"));
        }
        match profile {
            Profile::V2_2 => summary.invalid += print_each(&mut text, &resource.verdicts, &named, successes),
            Profile::V2_5 => {
                let errors = resource.verdicts.last().map_or(&[][..], |verdict| &verdict.errors);
                for (check, error) in errors {
                    line(&mut text, format_args!("[x] {} error {named} : {error}", check_name(*check)));
                }
                let is_valid = errors.is_empty() && resource.defaulting_problem.is_none();
                if is_valid && successes == Successes::Shown {
                    line(&mut text, format_args!("[✓] {named} validated successfully"));
                }
            }
        }
    }
    if profile == Profile::V2_2 {
        summary.valid = summary.total.saturating_sub(summary.invalid).saturating_sub(summary.missing_schemas);
    }
    let Summary { total, valid, invalid, missing_schemas } = summary;
    line(
        &mut text,
        format_args!(
            "Total {total} resources: {missing_schemas} missing schemas, {valid} success cases, {invalid} failure cases"
        ),
    );
    (text, summary)
}

/// Version 2.2 tells what one definition found once more, as errors of the schema, where a kind has several. It gives how
/// many of the definitions refuse the resource or follow one that does.
fn print_each(text: &mut String, verdicts: &[Verdict], named: &str, successes: Successes) -> usize {
    let (mut refusals, mut is_refused) = (0, false);
    let mut carried = Vec::new();
    for verdict in verdicts {
        let (rules, schema): (Vec<_>, Vec<_>) =
            verdict.errors.iter().partition(|(check, _)| *check == Check::Rule);
        let told = carried.into_iter().chain(schema.iter().map(|(_, error)| error));
        for error in told {
            is_refused = true;
            line(text, format_args!("[x] schema validation error {named} : {error}"));
        }
        for (_, error) in &rules {
            is_refused = true;
            line(text, format_args!("[x] CEL validation error {named} : {error}"));
        }
        carried = rules.into_iter().map(|(_, error)| error).collect::<Vec<_>>();
        if is_refused {
            refusals += 1;
        } else if successes == Successes::Shown {
            line(text, format_args!("[✓] {named} validated successfully"));
        }
    }
    refusals
}

fn check_name(check: Check) -> &'static str {
    match check {
        Check::Schema | Check::UnknownField => "schema validation",
        Check::Rule => "CEL validation",
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{content}");
}
