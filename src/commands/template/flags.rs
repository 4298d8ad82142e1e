//! The command line of `helm template`, read as Helm's own library for flags reads it.
//!
//! Flags may stand anywhere, `--` ends them, `-n=x`, `-nx` and `-n x` are one. Which flags there are, and which have no effect
//! on a rendering or cannot work without a network, is the table beside this file. Upstream: pflag 1.0.10 for error texts.

use plimsoll_gotemplate::Profile;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Nothing, or `=true` and `=false`.
    Bool,
    /// One value; the last counts.
    Value,
    /// One whole number.
    Integer,
    /// One number.
    Float,
    /// One span of time.
    Duration,
    /// A value only with `=`.
    Optional,
    /// One value each time.
    Array,
    /// A list with commas each time.
    Strings,
}

impl Takes {
    /// Why a value is none of this kind, in the words of Go's library.
    fn objection(self, value: &str) -> Option<String> {
        let syntax = |function: &str, is_good: bool| {
            let quoted = plimsoll_gotemplate::quote::quote(value.as_bytes());
            (!is_good).then(|| format!("strconv.{function}: parsing {quoted}: invalid syntax"))
        };
        match self {
            Takes::Bool => syntax("ParseBool", parse_bool(value).is_some()),
            Takes::Integer => syntax("ParseInt", value.parse::<i64>().is_ok()),
            Takes::Float => syntax("ParseFloat", value.parse::<f32>().is_ok()),
            Takes::Duration => {
                let parsed = plimsoll_gotemplate::date::parse_duration(value.as_bytes());
                parsed.err().map(|error| error.to_string())
            }
            Takes::Value | Takes::Optional | Takes::Array | Takes::Strings => None,
        }
    }
}

struct Row {
    name: &'static str,
    short: &'static str,
    takes: Takes,
    effect: &'static str,
    profile: &'static str,
    instead: &'static str,
    /// What Helm 4 says of a flag that it will drop.
    deprecation: &'static str,
}

/// What stands on the command line.
#[derive(Debug, Clone, Default)]
pub(super) struct Flags {
    /// The flags that matter, with their values, in order.
    given: Vec<(&'static str, String)>,
    /// What is no flag.
    pub positional: Vec<String>,
    /// What is said of flags that will be dropped, in the order of the flags.
    pub deprecations: Vec<String>,
}

/// Why a command line is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub String);

impl Flags {
    /// Reads the arguments. The profile decides which flags there are.
    pub(super) fn parse(arguments: &[String], profile: Profile) -> Result<Flags, Refusal> {
        let mut flags = Flags::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                flags.positional.extend(rest.by_ref().cloned());
            } else if let Some(long) = argument.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                if name.is_empty() || name.starts_with('-') {
                    return Err(Refusal(format!("bad flag syntax: {argument}")));
                }
                let row = row(|row| row.name == name, profile)
                    .ok_or_else(|| Refusal(format!("unknown flag: --{name}")))?;
                let value = match (value, row.takes) {
                    (Some(value), _) => value,
                    (None, Takes::Bool) => "true".to_owned(),
                    (None, Takes::Optional) => "unset".to_owned(),
                    (None, _) => rest
                        .next()
                        .cloned()
                        .ok_or_else(|| Refusal(format!("flag needs an argument: --{name}")))?,
                };
                flags.add(&row, value)?;
                flags.note(&row, profile);
            } else if argument.len() > 1 && argument.starts_with('-') {
                flags.parse_short(argument, &mut rest, profile)?;
            } else {
                flags.positional.push(argument.clone());
            }
        }
        Ok(flags)
    }

    fn parse_short<'a>(
        &mut self,
        argument: &str,
        rest: &mut impl Iterator<Item = &'a String>,
        profile: Profile,
    ) -> Result<(), Refusal> {
        let letters = argument.get(1..).unwrap_or_default();
        for (at, letter) in letters.char_indices() {
            let mut text = [0; 4];
            let short: &str = letter.encode_utf8(&mut text);
            let row = row(|row| row.short == short, profile)
                .ok_or_else(|| Refusal(format!("unknown shorthand flag: '{letter}' in {argument}")))?;
            let after = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            if let Some(value) = after.strip_prefix('=') {
                return self.add(&row, value.to_owned());
            }
            if row.takes == Takes::Bool {
                self.add(&row, "true".to_owned())?;
                continue;
            }
            if !after.is_empty() {
                return self.add(&row, after.to_owned());
            }
            let value = rest
                .next()
                .ok_or_else(|| Refusal(format!("flag needs an argument: '{letter}' in {argument}")))?;
            return self.add(&row, value.clone());
        }
        Ok(())
    }

    fn add(&mut self, row: &Row, value: String) -> Result<(), Refusal> {
        let shown = if row.short.is_empty() {
            format!("--{}", row.name)
        } else {
            format!("-{}, --{}", row.short, row.name)
        };
        if let Some(reason) = row.takes.objection(&value) {
            let quoted = plimsoll_gotemplate::quote::quote(value.as_bytes());
            return Err(Refusal(format!("invalid argument {quoted} for \"{shown}\" flag: {reason}")));
        }
        if row.effect == "refused" && !(row.takes == Takes::Bool && parse_bool(&value) == Some(false)) {
            let (name, instead) = (row.name, row.instead);
            return Err(Refusal(format!("--{name} does not work offline: {instead}")));
        }
        if row.takes == Takes::Strings {
            let values = comma_separated(&value);
            self.given.extend(values.into_iter().map(|value| (row.name, value)));
        } else {
            self.given.push((row.name, value));
        }
        Ok(())
    }

    fn note(&mut self, row: &Row, profile: Profile) {
        if profile == Profile::V4 && !row.deprecation.is_empty() {
            let (name, deprecation) = (row.name, row.deprecation);
            self.deprecations.push(format!("Flag --{name} has been deprecated, {deprecation}"));
        }
    }

    /// Whether a switch is on; the last one counts.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.value(name).and_then(parse_bool).unwrap_or(false)
    }

    /// The last value of a flag.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// All values of a flag, in order.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| value.clone()).collect()
    }
}

/// The profile that the arguments ask for; it decides how the others are read.
pub(super) fn profile(arguments: &[String]) -> Result<Profile, Refusal> {
    let mut wanted = None;
    let mut rest = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = rest.next() {
        if argument == "--helm-profile" {
            wanted = rest.next().cloned();
        } else if let Some(value) = argument.strip_prefix("--helm-profile=") {
            wanted = Some(value.to_owned());
        }
    }
    match wanted.as_deref() {
        None | Some("v4") => Ok(Profile::V4),
        Some("v3") => Ok(Profile::V3),
        Some(other) => Err(Refusal(format!("--helm-profile is v3 or v4, not {other}"))),
    }
}

fn rows() -> impl Iterator<Item = Row> {
    include_str!("flags.tsv").lines().map(|line| {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (name, short) = (cell(), cell());
        let takes = match cell() {
            "bool" => Takes::Bool,
            "integer" => Takes::Integer,
            "float" => Takes::Float,
            "duration" => Takes::Duration,
            "optional" => Takes::Optional,
            "array" => Takes::Array,
            "strings" => Takes::Strings,
            _ => Takes::Value,
        };
        Row { name, short, takes, effect: cell(), profile: cell(), instead: cell(), deprecation: cell() }
    })
}

fn row(is_wanted: impl Fn(&Row) -> bool, profile: Profile) -> Option<Row> {
    rows().find(|row| (profile == Profile::V4 || row.profile != "v4") && is_wanted(row))
}

/// Go's `strconv.ParseBool`.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// One line of comma-separated values, of which some may be in quotes.
fn comma_separated(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                value.push('"');
            }
            '"' if is_quoted || value.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => values.push(std::mem::take(&mut value)),
            other => value.push(other),
        }
    }
    if !text.is_empty() {
        values.push(value);
    }
    values
}

/// The text of `--help`.
pub(super) fn help(profile: Profile) -> String {
    let mut text = String::from(
        "Render chart templates locally and display the output, as `helm template` does.\n\nUsage:\n  plimsoll template \
         [NAME] [CHART] [flags]\n\nFlags:\n",
    );
    let of_profile = |row: &Row| profile == Profile::V4 || row.profile != "v4";
    for row in rows().filter(of_profile) {
        let short = if row.short.is_empty() { "    ".to_owned() } else { format!("-{}, ", row.short) };
        let note = match row.effect {
            "refused" => format!("refused: {}", row.instead),
            "none" => "taken, without an effect on what is rendered".to_owned(),
            _ => "as in Helm".to_owned(),
        };
        let note = if row.name == "helm-profile" {
            "which Helm to be: v3 or v4 (default v4)".to_owned()
        } else {
            note
        };
        text.push_str(&format!("  {short}--{:<30} {note}\n", row.name));
    }
    text.push_str(
        "\nExamples:\n  plimsoll template web ./chart -f values.yaml -n shop   print the manifests of a release\n  \
         plimsoll template web ./chart --set image.tag=1.2.3    with a value of its own\n  \
         plimsoll template web chart-1.0.0.tgz --helm-profile v3\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Flags, Refusal> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Flags::parse(&arguments, Profile::V4)
    }

    #[test]
    fn flags_stand_anywhere_in_any_form() {
        let flags = parse(&["r", "-n", "a", "--set=x=1", "c", "--set", "y=2", "-gnb", "-f=v,w", "--", "-z"])
            .expect("a valid command line");
        assert_eq!(flags.positional, ["r", "c", "-z"]);
        assert_eq!(flags.value("namespace"), Some("b"));
        assert_eq!(flags.values("set"), ["x=1", "y=2"]);
        assert_eq!(flags.values("values"), ["v", "w"]);
        assert!(flags.is_on("generate-name"));
    }

    #[test]
    fn mistakes_are_told_in_helms_words() {
        let refused =
            |arguments: &[&str]| parse(arguments).err().map(|refusal| refusal.0).unwrap_or_default();
        assert_eq!(refused(&["--nope"]), "unknown flag: --nope");
        assert_eq!(refused(&["-zn"]), "unknown shorthand flag: 'z' in -zn");
        assert_eq!(refused(&["--set"]), "flag needs an argument: --set");
        assert_eq!(refused(&["-f"]), "flag needs an argument: 'f' in -f");
        assert_eq!(
            refused(&["--is-upgrade=x"]),
            "invalid argument \"x\" for \"--is-upgrade\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"
        );
        assert!(refused(&["--validate"]).starts_with("--validate does not work offline"));
    }
}
