//! Reports and snapshots in files and in S3: written, read and listed where a command's user says.
//!
//! S3 is asked with the machine's own credentials, never with the role of an environment. What cannot be read or written is a
//! failure of the command; nothing is left out in silence.

use std::future::Future;

use crate::commands::check::reading_runtime;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::live::aws::{CallFailure, ObjectStore};
use crate::report::destination::Destination;

/// What is written: its name below a prefix of S3, its kind, its bytes.
pub struct Document<'a> {
    /// The name where a destination is a prefix.
    pub name: &'a str,
    /// What a server calls its format.
    pub media_type: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Writes a document.
pub fn write(destination: &Destination, document: Document<'_>) -> Result<(), Diagnostics> {
    let cause = match destination {
        Destination::File(path) => std::fs::write(path, document.bytes).err().map(|error| error.to_string()),
        Destination::Store(location) => {
            let location = location.of_file(document.name);
            let (bytes, media_type) = (document.bytes, document.media_type);
            let written = in_store(async |store| store.write(&location, bytes, media_type).await)?;
            written.err().map(|failure| failure.to_string())
        }
    };
    match cause {
        None => Ok(()),
        Some(cause) => {
            let message = format!("could not write `{destination}`");
            Err(Diagnostic::error(Code::new("output::write"), message).with_cause(cause).into())
        }
    }
}

/// Reads a document of this many bytes at most; the error is the cause alone.
pub fn read(destination: &Destination, longest: u64) -> Result<Vec<u8>, String> {
    match destination {
        Destination::File(path) => {
            let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
            if length > longest {
                return Err(too_long(longest));
            }
            std::fs::read(path).map_err(|error| error.to_string())
        }
        Destination::Store(location) => {
            let read = in_store(async |store| store.read(location, longest).await);
            let read = read.map_err(|_| "the system gives no threads to read with".to_owned())?;
            read.map_err(|failure| failure.to_string())
        }
    }
}

/// The reports that a destination stands for: a file is itself, a prefix of S3 all JSON documents below it.
pub fn reports(destination: &Destination) -> Result<Vec<Destination>, String> {
    let location = match destination {
        Destination::Store(location) if !location.is_file() => location,
        _ => return Ok(vec![destination.clone()]),
    };
    let listed = in_store(async |store| store.list(location).await);
    let listed = listed.map_err(|_| "the system gives no threads to read with".to_owned())?;
    let listed = listed.map_err(|failure| failure.to_string())?;
    let found: Vec<Destination> = listed
        .into_iter()
        .filter(|location| location.key.ends_with(".json"))
        .map(Destination::Store)
        .collect();
    if found.is_empty() { Err("there is no JSON document below it".to_owned()) } else { Ok(found) }
}

/// What a document that is too long is refused with.
pub fn too_long(longest: u64) -> String {
    format!("it is larger than {} MiB", longest / (1024 * 1024))
}

fn in_store<T, Asking>(ask: impl FnOnce(ObjectStore) -> Asking) -> Result<Result<T, CallFailure>, Diagnostics>
where
    Asking: Future<Output = Result<T, CallFailure>>,
{
    Ok(reading_runtime()?.block_on(async { ask(ObjectStore::open().await).await }))
}
