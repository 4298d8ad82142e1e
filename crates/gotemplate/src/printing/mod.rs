//! Go's `fmt`: `Sprint`, `Sprintln`, `Sprintf` and the default text of values (Go 1.26).
//!
//! Texts are bounded: a value that holds itself, or a format that asks for gigabytes, is an error here.

mod flags;
mod float;
mod format;
mod integer;
mod string;
mod value;

use flags::Flags;

use crate::{Data, Error, GoString, Limit, Value};

/// The longest text that one call may make.
pub const MAXIMUM_TEXT: usize = 32 << 20;

/// How deep values may be nested to be printed; Go overflows its stack on values which hold themselves.
const MAXIMUM_DEPTH: u32 = 10_000;

/// Returns the values' default texts, with a space between two values of which neither is a string (`fmt.Sprint`).
///
/// # Errors
/// When the text would be too long or a value is nested too deep.
pub fn sprint(values: &[Value]) -> Result<GoString, Error> {
    if let [value] = values
        && let Data::String(text) = value.data()
    {
        return Ok(text.clone());
    }
    let mut printer = Printer::new();
    let mut was_string = false;
    for (index, value) in values.iter().enumerate() {
        let is_string = matches!(value.data(), Data::String(_));
        if index > 0 && !is_string && !was_string {
            printer.push(b" ");
        }
        printer.argument(value, 'v')?;
        was_string = is_string;
    }
    printer.finish()
}

/// Returns the values' default texts with spaces between them and a newline at the end (`fmt.Sprintln`).
///
/// # Errors
/// As [`sprint`].
pub fn sprintln(values: &[Value]) -> Result<GoString, Error> {
    let mut printer = Printer::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.push(b" ");
        }
        printer.argument(value, 'v')?;
    }
    printer.push(b"\n");
    printer.finish()
}

/// Returns the text of a format and its arguments (`fmt.Sprintf`); mistakes in it become part of the text, as `%!d(MISSING)`.
///
/// # Errors
/// As [`sprint`].
pub fn sprintf(format: &[u8], arguments: &[Value]) -> Result<GoString, Error> {
    let mut printer = Printer::new();
    printer.format(format, arguments)?;
    printer.finish()
}

/// Appends a value's default text (`%v`) to `output`.
///
/// # Errors
/// As [`sprint`].
pub fn append_text(output: &mut Vec<u8>, value: &Value) -> Result<(), Error> {
    match value.data() {
        Data::String(text) => output.extend_from_slice(text.as_bytes()),
        Data::Bool(value) => output.extend_from_slice(if *value { b"true" } else { b"false" }),
        _ => {
            let mut printer = Printer::new();
            printer.argument(value, 'v')?;
            output.extend_from_slice(&printer.output);
        }
    }
    Ok(())
}

/// Collects text under the flags of the verb at hand.
struct Printer {
    output: Vec<u8>,
    flags: Flags,
    /// Set while a value is shown inside `%!verb(...)`, where methods of values are not asked.
    is_reporting: bool,
}

impl Printer {
    fn new() -> Self {
        Self { output: Vec::new(), flags: Flags::default(), is_reporting: false }
    }

    fn push(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
    }

    fn push_character(&mut self, character: char) {
        self.push(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn check_length(&self) -> Result<(), Error> {
        if self.output.len() > MAXIMUM_TEXT {
            return Err(Error::Limit(Limit::OutputBytes(MAXIMUM_TEXT as u64)));
        }
        Ok(())
    }

    fn finish(self) -> Result<GoString, Error> {
        self.check_length()?;
        Ok(GoString::from(self.output))
    }
}
