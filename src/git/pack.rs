//! Writing new objects: many as one pack, few as loose objects, as Git itself decides for what it receives.
//!
//! One pack instead of thousands of files is what makes a large commit fast. Nothing gets its name before its bytes are on
//! the disk, and the index of a pack comes last, so that a reader sees all of a pack or nothing. Pack and index format:
//! `gitformat-pack` of Git 2.47, version 2 of both. Objects are stored whole; `git gc` finds the deltas in its own time.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::ObjectType;
use sha1::{Digest, Sha1};

use super::GitError;
use super::error::file;
use super::folder::Folder;
use super::objects::{NewObject, header};
use super::step::{Step, StepObserver};

/// Below this many, objects are written loose, as Git does (`transfer.unpackLimit`).
const PACK_FROM: usize = 100;

/// How every temporary name in the object folder begins.
pub(super) const TEMPORARY: &str = "tmp_plimsoll_";

/// Writes the objects, which must be distinct.
pub(super) fn write_objects(
    objects_folder: &Path,
    objects: &[NewObject],
    observer: &dyn StepObserver,
) -> Result<(), GitError> {
    if objects.is_empty() {
        return Ok(());
    }
    let root = Folder::open_root(objects_folder)?;
    let folder = root.child_or_new("pack")?;
    let step = |step| observer.before(step).map_err(file("write objects in", objects_folder));
    step(Step::WriteObjects)?;
    if objects.len() < PACK_FROM {
        return write_loose(&root, &folder, objects, &step);
    }
    let bodies = compress(objects);
    let pack = Pack::assemble(objects, bodies).map_err(file("write objects in", objects_folder))?;
    let name = format!("pack-{}", hex(&pack.checksum));
    let parts = [("pack", &pack.bytes), ("idx", &pack.index)];
    for (ending, bytes) in parts {
        let temporary = format!("{TEMPORARY}{name}.{ending}");
        folder.remove(&temporary)?;
        let written = folder.create(&temporary, bytes, 0o444)?;
        written.sync_all().map_err(file("write", folder.path().join(&temporary)))?;
    }
    for (ending, _) in parts {
        step(Step::PublishObjects)?;
        folder.rename_to(&format!("{TEMPORARY}{name}.{ending}"), &folder, &format!("{name}.{ending}"))?;
    }
    Ok(())
}

/// Removes what a killed run left under temporary names. The caller holds the run lock.
pub(super) fn remove_temporaries(objects_folder: &Path) -> Result<(), GitError> {
    let Some(folder) = Folder::open_root(objects_folder)?.child("pack")? else { return Ok(()) };
    for name in folder.names()?.into_iter().flatten() {
        if name.starts_with(TEMPORARY) {
            folder.remove(&name)?;
        }
    }
    Ok(())
}

fn write_loose(
    root: &Folder,
    temporary_folder: &Folder,
    objects: &[NewObject],
    step: &dyn Fn(Step) -> Result<(), GitError>,
) -> Result<(), GitError> {
    for object in objects {
        let bytes = object.data.bytes();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder
            .write_all(header(object.kind, bytes.len()).as_bytes())
            .and_then(|()| encoder.write_all(bytes))
            .and_then(|()| encoder.finish())
            .map_err(file("compress objects for", root.path()))
            .and_then(|compressed| {
                let id = object.id.to_string();
                let (start, rest) = id.split_at(2);
                let temporary = format!("{TEMPORARY}{id}");
                temporary_folder.remove(&temporary)?;
                let written = temporary_folder.create(&temporary, &compressed, 0o444)?;
                written.sync_data().map_err(file("write", temporary_folder.path().join(&temporary)))?;
                step(Step::PublishObjects)?;
                temporary_folder.rename_to(&temporary, &root.child_or_new(start)?, rest)
            })?;
    }
    Ok(())
}

/// The compressed bytes of each object, in order, made on as many threads as there are processors.
fn compress(objects: &[NewObject]) -> Vec<io::Result<Vec<u8>>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let share = objects.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = objects
            .chunks(share)
            .map(|chunk| {
                scope.spawn(|| chunk.iter().map(|object| deflate(object.data.bytes())).collect::<Vec<_>>())
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|_| vec![Err(io::Error::other("a compressing thread died"))])
            })
            .collect()
    })
}

fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2 + 64), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

struct Pack {
    bytes: Vec<u8>,
    index: Vec<u8>,
    checksum: [u8; 20],
}

impl Pack {
    fn assemble(objects: &[NewObject], bodies: Vec<io::Result<Vec<u8>>>) -> io::Result<Pack> {
        let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
        let count = u32::try_from(objects.len()).map_err(|_| too_large())?;
        let mut bytes = b"PACK\0\0\0\x02".to_vec();
        bytes.extend_from_slice(&count.to_be_bytes());
        let mut rows = Vec::with_capacity(objects.len());
        if bodies.len() != objects.len() {
            return Err(io::Error::other("a compressing thread died"));
        }
        for (object, body) in objects.iter().zip(bodies) {
            // The index format used here keeps offsets of 31 bits; a render is far below it.
            let offset =
                u32::try_from(bytes.len()).ok().filter(|offset| *offset < 1 << 31).ok_or_else(too_large)?;
            let start = bytes.len();
            push_entry_header(&mut bytes, object.kind, object.data.bytes().len());
            bytes.extend_from_slice(&body?);
            let mut checksum = flate2::Crc::new();
            checksum.update(bytes.get(start..).unwrap_or_default());
            rows.push((object.id, checksum.sum(), offset));
        }
        let checksum: [u8; 20] = Sha1::digest(&bytes).into();
        bytes.extend_from_slice(&checksum);
        rows.sort_by_key(|(id, _, _)| *id);
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        let mut counts = [0_u32; 256];
        for (id, _, _) in &rows {
            if let Some(count) = id.as_bytes().first().and_then(|first| counts.get_mut(usize::from(*first))) {
                *count += 1;
            }
        }
        let mut sum = 0_u32;
        for count in counts {
            sum += count;
            index.extend_from_slice(&sum.to_be_bytes());
        }
        rows.iter().for_each(|(id, _, _)| index.extend_from_slice(id.as_bytes()));
        rows.iter().for_each(|(_, crc, _)| index.extend_from_slice(&crc.to_be_bytes()));
        rows.iter().for_each(|(_, _, offset)| index.extend_from_slice(&offset.to_be_bytes()));
        index.extend_from_slice(&checksum);
        let index_checksum = Sha1::digest(&index);
        index.extend_from_slice(&index_checksum);
        Ok(Pack { bytes, index, checksum })
    }
}

/// Three bits of type and the length, seven bits a byte, least first, but four in the first byte.
fn push_entry_header(bytes: &mut Vec<u8>, kind: ObjectType, length: usize) {
    let kind: u8 = match kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Tag => 4,
        _ => 3,
    };
    let mut rest = length >> 4;
    let mut byte = (kind << 4) | (length & 0x0f) as u8;
    while rest > 0 {
        bytes.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    bytes.push(byte);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
