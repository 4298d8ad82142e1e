//! A YAML parser's error in the form of a diagnostic's message: one line, without the line numbers that its place shows.

/// What the error says.
#[must_use]
pub fn yaml_message(error: &plimsoll_yaml::Error) -> String {
    let lines: Vec<&str> = error.message().lines().map(str::trim).collect();
    let said = match lines.as_slice() {
        ["unmarshal errors:", rest @ ..] if !rest.is_empty() => {
            let without_line = |line: &'_ &str| match line.split_once(": ") {
                Some((place, said)) if place.starts_with("line ") => said.to_owned(),
                _ => (*line).to_owned(),
            };
            rest.iter().map(without_line).collect::<Vec<_>>().join("; ")
        }
        lines => lines.join(" "),
    };
    format!("no YAML: {said}")
}

#[cfg(test)]
mod tests {
    use plimsoll_yaml::{Budget, Dialect};

    use super::yaml_message;

    #[test]
    fn keys_that_stand_twice_are_told_in_one_line() {
        let error = plimsoll_yaml::parse("a: 1\nb: 1\na: 2\nb: 2\n", Dialect::Kustomize, &Budget::DEFAULT)
            .unwrap_err();
        assert_eq!(
            yaml_message(&error),
            "no YAML: mapping key \"a\" already defined at line 1; mapping key \"b\" already defined at line 2"
        );
    }
}
