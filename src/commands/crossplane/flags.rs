//! Flags as Crossplane's program reads them: kong's grammar, in which short flags may be joined (`-xrc`), a value may stand
//! behind `=`, beside a short flag or in the next argument, and flags and arguments may be mixed.

use std::ffi::OsString;

/// A flag that a command knows.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    /// The long name.
    pub long: &'static str,
    /// The short name, if it has one.
    pub short: Option<char>,
    /// Whether a value follows.
    pub value: FlagValue,
}

/// Whether a value follows a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagValue {
    /// A switch.
    None,
    /// A value.
    Required,
}

/// What stood on the command line: flags with their values in order, and the other arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Long names with values; a switch has `true`, or what was given behind `=`.
    pub flags: Vec<(&'static str, String)>,
    /// The arguments that are no flags.
    pub positional: Vec<String>,
}

/// Reads the arguments. The error is kong's.
pub fn parse(arguments: &[OsString], known: &[Flag]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut rest = arguments.iter().map(|argument| argument.to_string_lossy().into_owned());
    let mut only_positional = false;
    while let Some(argument) = rest.next() {
        if only_positional || argument == "-" || !argument.starts_with('-') {
            parsed.positional.push(argument);
        } else if argument == "--" {
            only_positional = true;
        } else if let Some(long) = argument.strip_prefix("--") {
            let (name, inline) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            let flag = known
                .iter()
                .find(|flag| flag.long == name)
                .ok_or_else(|| unknown(&format!("--{name}"), known))?;
            let value = value_of(*flag, inline, &mut rest)?;
            parsed.flags.push((flag.long, value));
        } else {
            parse_short(&argument[1..], known, &mut rest, &mut parsed)?;
        }
    }
    Ok(parsed)
}

fn parse_short(
    letters: &str,
    known: &[Flag],
    rest: &mut impl Iterator<Item = String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let mut remaining = letters;
    while let Some(letter) = remaining.chars().next() {
        remaining = &remaining[letter.len_utf8()..];
        let flag = known
            .iter()
            .find(|flag| flag.short == Some(letter))
            .ok_or_else(|| unknown(&format!("-{letter}"), known))?;
        if flag.value == FlagValue::None {
            parsed.flags.push((flag.long, "true".to_owned()));
            continue;
        }
        let inline =
            (!remaining.is_empty()).then(|| remaining.strip_prefix('=').unwrap_or(remaining).to_owned());
        let value = value_of(*flag, inline, rest)?;
        parsed.flags.push((flag.long, value));
        return Ok(());
    }
    Ok(())
}

fn value_of(
    flag: Flag,
    inline: Option<String>,
    rest: &mut impl Iterator<Item = String>,
) -> Result<String, String> {
    match (flag.value, inline) {
        (_, Some(value)) => Ok(value),
        (FlagValue::None, None) => Ok("true".to_owned()),
        (FlagValue::Required, None) => {
            let missing = || format!("--{}: expected string value", flag.long);
            rest.next().filter(|value| !value.starts_with("--")).ok_or_else(missing)
        }
    }
}

/// Kong's words, with the nearest flag where one is near.
fn unknown(flag: &str, known: &[Flag]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::levenshtein(flag.trim_start_matches('-'), candidate.long), candidate.long))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match nearest {
        Some((_, name)) if flag.starts_with("--") => {
            format!("unknown flag {flag}, did you mean \"--{name}\"?")
        }
        _ => format!("unknown flag {flag}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Flag] = &[
        Flag { long: "include-full-xr", short: Some('x'), value: FlagValue::None },
        Flag { long: "observed-resources", short: Some('o'), value: FlagValue::Required },
    ];

    fn parsed(arguments: &[&str]) -> Result<Parsed, String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        parse(&arguments, KNOWN)
    }

    #[test]
    fn flags_and_arguments_mix() {
        let expected = Parsed {
            flags: vec![("include-full-xr", "true".to_owned()), ("observed-resources", "o.yaml".to_owned())],
            positional: vec!["xr.yaml".to_owned()],
        };
        assert_eq!(parsed(&["-xo", "o.yaml", "xr.yaml"]).as_ref(), Ok(&expected));
        assert_eq!(parsed(&["-x", "xr.yaml", "--observed-resources=o.yaml"]).as_ref(), Ok(&expected));
    }

    #[test]
    fn an_unknown_flag_is_told_with_the_nearest() {
        assert_eq!(parsed(&["--nope"]), Err("unknown flag --nope".to_owned()));
        let near = "unknown flag --include-full-x, did you mean \"--include-full-xr\"?";
        assert_eq!(parsed(&["--include-full-x"]), Err(near.to_owned()));
    }
}
