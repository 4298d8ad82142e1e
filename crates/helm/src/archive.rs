//! A packaged chart (`.tgz`) as files in memory.
//!
//! Checks paths and sizes as Helm does and with its words (Helm 3.21.4 and 4.2.4, which differ in one word), and bounds
//! what Helm does not: entries and the ratio of unpacked to packed bytes. Links and devices never become files; nothing
//! is written to disk.

use std::io::{BufReader, Read};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use plimsoll_gotemplate::Profile;

use crate::error::Error;

/// What an archive may come to when it is unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveBudget {
    /// Bytes of all files together; Helm's own limit by default.
    pub total_bytes: u64,
    /// Bytes of one file; Helm's own limit by default.
    pub file_bytes: u64,
    /// Entries of any kind.
    pub entries: usize,
    /// How many bytes one packed byte may come to, once more than a mebibyte has been unpacked.
    pub ratio: u64,
    /// How deep charts may lie in charts.
    pub depth: usize,
}

impl Default for ArchiveBudget {
    fn default() -> ArchiveBudget {
        ArchiveBudget {
            total_bytes: 100 * 1024 * 1024,
            file_bytes: 5 * 1024 * 1024,
            entries: 20_000,
            ratio: 200,
            depth: 20,
        }
    }
}

/// A file of a chart, by its path within the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    /// The path, separated by `/`.
    pub name: String,
    /// The contents, without a byte order mark.
    pub data: Arc<[u8]>,
}

/// How much is unpacked at once: more than the small pieces that archives are read in, and little enough to stay near the
/// processor, where all of it would be memory that is written once and read once.
const PIECE: usize = 64 * 1024;

/// Unpacks a gzipped tar whose first path part is the chart's folder.
pub fn unpack(bytes: &[u8], budget: &ArchiveBudget, profile: Profile) -> Result<Vec<ChartFile>, Error> {
    if !bytes.starts_with(b"\x1F\x8B") {
        return Err(Error::chart("gzip: invalid header"));
    }
    let limit = (bytes.len() as u64).saturating_mul(budget.ratio).max(1024 * 1024);
    let unzipped = Metered { inner: MultiGzDecoder::new(bytes), remaining: limit };
    let mut archive = tar::Archive::new(BufReader::with_capacity(PIECE, unzipped));
    let mut files = Vec::new();
    let mut data = Vec::new();
    let mut remaining = budget.total_bytes;
    for (count, entry) in archive.entries().map_err(read_error)?.enumerate() {
        if count >= budget.entries {
            return Err(Error::limit(format!("the chart archive has more than {} entries", budget.entries)));
        }
        let mut entry = entry.map_err(read_error)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() || path.ends_with('/') || kind.is_pax_global_extensions() {
            continue;
        }
        let name = file_name(&path)?;
        let size = entry.size();
        let whole = if profile == Profile::V3 { "file size" } else { "size" };
        let too_large = || {
            Error::limit(format!(
                "decompressed chart is larger than the maximum {whole} {}",
                budget.total_bytes
            ))
        };
        if size > remaining {
            return Err(too_large());
        }
        if size > budget.file_bytes {
            let limit = budget.file_bytes;
            return Err(Error::limit(format!(
                "decompressed chart file {path:?} is larger than the maximum file size {limit}"
            )));
        }
        // One buffer for all files: its size is what the largest header says, and no more than the budget for one file.
        data.clear();
        data.reserve(usize::try_from(size).unwrap_or_default());
        (&mut entry).take(remaining).read_to_end(&mut data).map_err(read_error)?;
        remaining = remaining.saturating_sub(data.len() as u64);
        if (data.len() as u64) < size || remaining == 0 {
            return Err(too_large());
        }
        files.push(ChartFile { name, data: without_mark(&data).into() });
    }
    if files.is_empty() {
        return Err(Error::chart("no files in chart archive"));
    }
    Ok(files)
}

/// The bytes without a UTF-8 byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// The path below the archive's one folder, or why Helm refuses it.
fn file_name(path: &str) -> Result<String, Error> {
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (folder, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    let name = rest.replace(delimiter, "/");
    if name.starts_with('/') {
        return Err(Error::chart("chart illegally contains absolute paths"));
    }
    let name = clean(&name);
    if name == "." {
        return Err(Error::chart(format!(
            "chart illegally contains content outside the base directory: {path:?}"
        )));
    }
    if name.starts_with("..") {
        return Err(Error::chart("chart illegally references parent directory"));
    }
    let drive = name.as_bytes();
    if drive.first().is_some_and(u8::is_ascii_alphabetic) && drive.get(1..3) == Some(b":/") {
        return Err(Error::chart("chart contains illegally named files"));
    }
    if folder == "Chart.yaml" {
        return Err(Error::chart("chart yaml not in base directory"));
    }
    Ok(name)
}

/// Go's `path.Clean` of a relative path.
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Stops a reader at a number of bytes with an error, where [`Read::take`] would end it silently.
struct Metered<R> {
    inner: R,
    remaining: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.remaining = self.remaining.checked_sub(count as u64).ok_or_else(|| {
            std::io::Error::other("the chart archive unpacks to far more than its size; it may be a bomb")
        })?;
        Ok(count)
    }
}

fn read_error(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::chart("unexpected EOF"),
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
            Error::chart(format!("gzip: invalid data: {error}"))
        }
        _ => Error::limit(error.to_string()),
    }
}
