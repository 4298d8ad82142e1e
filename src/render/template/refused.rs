//! What templates of other programs have and ours must not: each is an error that says why.

use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{Environment, Error, ErrorKind};

/// Marks the detail of an error as a refusal: the mark, the code, `: `, the message, `; `, the help.
pub(super) const REFUSED: &str = "refused: ";

const CLOCK: (&str, &str, &str) = (
    "random::clock",
    "reads the clock, so that every render would give other bytes",
    "write the value into values.yaml or spec.parameters",
);
const RANDOM: (&str, &str, &str) = (
    "random::value",
    "is random, so that every render would give other bytes",
    "write the value into values.yaml; let the cluster make passwords, by External Secrets' generators",
);
const ENVIRONMENT: (&str, &str, &str) = (
    "template::environment-variable",
    "reads an environment variable, so that the same commit would give other bytes elsewhere",
    "write the value into spec.parameters of the environment",
);
const LOOKUP: (&str, &str, &str) = (
    "random::lookup",
    "reads a cluster, so that the same commit would give other bytes elsewhere",
    "write the value into values.yaml",
);

/// The names that are refused, as functions and as filters.
const NAMES: &[(&str, (&str, &str, &str))] = &[
    ("now", CLOCK),
    ("utcnow", CLOCK),
    ("today", CLOCK),
    ("date", CLOCK),
    ("ago", CLOCK),
    ("random", RANDOM),
    ("rand", RANDOM),
    ("randAlpha", RANDOM),
    ("randAlphaNum", RANDOM),
    ("randAscii", RANDOM),
    ("randBytes", RANDOM),
    ("randInt", RANDOM),
    ("randNumeric", RANDOM),
    ("random_string", RANDOM),
    ("shuffle", RANDOM),
    ("uuid", RANDOM),
    ("uuid4", RANDOM),
    ("uuidv4", RANDOM),
    ("genCA", RANDOM),
    ("genPrivateKey", RANDOM),
    ("genSelfSignedCert", RANDOM),
    ("genSignedCert", RANDOM),
    ("htpasswd", RANDOM),
    ("bcrypt", RANDOM),
    ("encryptAES", RANDOM),
    ("env", ENVIRONMENT),
    ("expandenv", ENVIRONMENT),
    ("getenv", ENVIRONMENT),
    ("get_env", ENVIRONMENT),
    ("environ", ENVIRONMENT),
    ("lookup", LOOKUP),
];

/// Adds every refused name as a function and as a filter.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    for &(name, refusal) in NAMES {
        let refuse = move |_: Rest<Value>, _: Kwargs| -> Result<Value, Error> {
            Err(error(&format!("`{name}`"), refusal))
        };
        environment.add_function(name, refuse);
        environment.add_filter(name, refuse);
    }
}

/// The refusal of a file outside of the source's folder.
pub(super) fn outside(name: &str, folder: &str) -> Error {
    error(
        &format!("`{name}`"),
        (
            "template::outside",
            "lies outside of the source's folder, which is all that a template can read",
            &format!("move the file below `{folder}`"),
        ),
    )
}

fn error(subject: &str, (code, reason, help): (&str, &str, &str)) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{REFUSED}{code}: {subject} {reason}; {help}"))
}

/// The code, message and help of a refusal, from the detail of an error.
pub(super) fn parse(detail: &str) -> Option<(&'static str, String, String)> {
    let (code, rest) = detail.strip_prefix(REFUSED)?.split_once(": ")?;
    let (message, help) = rest.split_once("; ")?;
    let codes = [CLOCK.0, RANDOM.0, ENVIRONMENT.0, LOOKUP.0, "template::outside"];
    let code = codes.into_iter().find(|known| *known == code)?;
    Some((code, message.to_owned(), help.to_owned()))
}
