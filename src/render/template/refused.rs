//! What templates of other programs have and ours must not: each is an error that says why.

use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{Environment, Error, ErrorKind};

/// Marks the detail of an error as a refusal: the mark, the code, `: `, the message, `; `, the help.
pub(super) const REFUSED: &str = "refused: ";

/// The code of a refusal, why it is one, and what to do instead.
type Refusal = (&'static str, &'static str, &'static str);

const CLOCK: Refusal = (
    "random::clock",
    "reads the clock, so that every render would give other bytes",
    "write the value into values.yaml or spec.parameters",
);
const RANDOM: Refusal = (
    "random::value",
    "is random, so that every render would give other bytes",
    "write the value into values.yaml; let the cluster make passwords, by External Secrets' generators",
);
const ENVIRONMENT: Refusal = (
    "template::environment-variable",
    "reads an environment variable, so that the same commit would give other bytes elsewhere",
    "write the value into spec.parameters of the environment",
);
const LOOKUP: Refusal = (
    "random::lookup",
    "reads a cluster, so that the same commit would give other bytes elsewhere",
    "write the value into values.yaml",
);
const OUTSIDE: Refusal = (
    "template::outside",
    "reads files from anywhere, but a template can read only those of its source's folder",
    "put the file into the source's folder and read it by `file`",
);

/// The names that are refused, whether they are called, filtered through, read or asked for attributes.
const NAMES: &[(&str, Refusal)] = &[
    ("datetime", CLOCK),
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
    ("ENV", ENVIRONMENT),
    ("env", ENVIRONMENT),
    ("expandenv", ENVIRONMENT),
    ("getenv", ENVIRONMENT),
    ("get_env", ENVIRONMENT),
    ("environ", ENVIRONMENT),
    ("os", ENVIRONMENT),
    ("lookup", LOOKUP),
    ("open", OUTSIDE),
    ("read_file", OUTSIDE),
];

/// Adds every refused name as a variable and as a filter.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    for &(name, refusal) in NAMES {
        // A variable that holds an error fails as soon as it is named, whatever is done with it.
        environment.add_global(name, Value::from(error(&format!("`{name}`"), refusal)));
        environment.add_filter(name, move |_: Rest<Value>, _: Kwargs| -> Result<Value, Error> {
            Err(error(&format!("`{name}`"), refusal))
        });
    }
}

/// Code, message and help of the refusal of a call. minijinja calls a variable that holds an error without looking at the
/// error, so that only the call's own text says what was refused.
pub(super) fn of_call(call: &str) -> Option<(&'static str, String, String)> {
    let called = call.split('(').next()?.trim();
    let &(name, refusal) = NAMES.iter().find(|(name, _)| *name == called)?;
    parse(error(&format!("`{name}`"), refusal).detail()?)
}

/// The refusal of a file outside of the source's folder.
pub(super) fn outside(name: &str, folder: &str) -> Error {
    error(
        &format!("`{name}`"),
        (
            OUTSIDE.0,
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
    let codes = [CLOCK.0, RANDOM.0, ENVIRONMENT.0, LOOKUP.0, OUTSIDE.0];
    let code = codes.into_iter().find(|known| *known == code)?;
    Some((code, message.to_owned(), help.to_owned()))
}
