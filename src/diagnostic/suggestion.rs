//! "Did you mean": the known name that is nearest to an unknown one.

/// The help that names the nearest of the known names, if one is near enough to be a slip of the pen.
#[must_use]
pub fn did_you_mean<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(unknown, known).map(|name| format!("did you mean `{name}`?"))
}

/// The nearest of the known names. Near enough are names that differ in case or separators only, or in at most a third of their letters.
#[must_use]
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Distances are quadratic in length, and nothing this long is a slip of the pen.
    const LONGEST_NAME: usize = 80;
    if unknown.len() > LONGEST_NAME {
        return None;
    }
    let folded = fold(unknown);
    known
        .into_iter()
        .filter(|name| name.len() <= LONGEST_NAME)
        .map(|name| (strsim::osa_distance(&folded, &fold(name)), name))
        .filter(|(distance, name)| *distance * 3 <= name.len().max(folded.len()).max(3))
        .min()
        .map(|(_, name)| name)
}

fn fold(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_mended_and_a_stranger_is_not() {
        let known = ["namespace", "destination", "dependsOn", "sources", "patches"];
        assert_eq!(nearest("depends_on", known), Some("dependsOn"));
        assert_eq!(nearest("namespce", known), Some("namespace"));
        assert_eq!(nearest("source", known), Some("sources"));
        assert_eq!(nearest("replicas", known), None);
        assert_eq!(nearest("x", known), None);
    }
}
