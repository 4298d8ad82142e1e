//! Values that a chart does not know, as warnings with their places and what could be meant.

use plimsoll_helm::{KnownValues, UnknownValue};
use serde_json::{Map, Value};

use super::helm_source::VALUES_OBJECT;
use super::source::SourceContext;
use super::value_places;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};

/// The code of the warnings.
pub const UNKNOWN_VALUE: &str = "values::unknown";

/// How many known keys are listed.
const MOST_KEYS: usize = 8;

/// Warns of what the chart does not know among the values of a file, or of the environment itself.
pub(super) fn warn(
    known: &KnownValues<'_>,
    chart: &str,
    file: &str,
    values: &Map<String, Value>,
    context: SourceContext<'_>,
) -> Diagnostics {
    let diagnose = |unknown: UnknownValue| {
        let place = match file {
            VALUES_OBJECT => context.place.clone(),
            file => value_places::nearest(context.tree, file, &unknown.path),
        };
        let name = printed(&unknown.path);
        Diagnostic::warning(
            Code::new(UNKNOWN_VALUE),
            format!("the chart `{chart}` does not know the value `{name}`"),
        )
        .at(place)
        .with_optional_help(help(&unknown))
    };
    known.unknown(values).into_iter().map(diagnose).collect()
}

fn help(unknown: &UnknownValue) -> Option<String> {
    let (key, parents) = unknown.path.split_last()?;
    if unknown.is_below_scalar {
        return Some(format!("`{}` is no object in the chart: give it a plain value", printed(parents)));
    }
    let known = || unknown.known.iter().map(String::as_str);
    if let Some(help) = did_you_mean(key, known()) {
        return Some(help);
    }
    let alike: Vec<&str> =
        unknown.similar.iter().map(String::as_str).filter(|name| shares_last_word(key, name)).collect();
    if let [only] = alike.as_slice() {
        return Some(format!("did you mean `{only}`?"));
    }
    let names: Vec<String> = known().take(MOST_KEYS).map(|name| format!("`{name}`")).collect();
    let more = if unknown.known.len() > MOST_KEYS { ", ..." } else { "" };
    (!names.is_empty()).then(|| format!("beside it the chart knows {}{more}", names.join(", ")))
}

/// Whether two names end in the same word: `extraEnv` and `additionalEnv`.
fn shares_last_word(one: &str, other: &str) -> bool {
    let last = |name: &str| {
        let start = name.rfind(|character: char| character.is_ascii_uppercase() || "-_".contains(character));
        let word = name.get(start.unwrap_or_default()..).unwrap_or_default();
        word.trim_start_matches(['-', '_']).to_ascii_lowercase()
    };
    let word = last(one);
    word.len() >= 3 && word == last(other)
}

fn printed(path: &[String]) -> String {
    path.join(".")
}

#[cfg(test)]
mod tests {
    use super::shares_last_word;

    #[test]
    fn names_that_end_alike_may_mean_the_same() {
        assert!(shares_last_word("extraEnv", "additionalEnv"));
        assert!(shares_last_word("extra_env", "additionalEnv"));
        assert!(!shares_last_word("extraEnv", "additionalEnvFrom"));
        assert!(!shares_last_word("a", "b"));
    }
}
