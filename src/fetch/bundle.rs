//! The files of a repository at one commit as one file, and back: a tar archive that depends on paths and bytes alone.
//!
//! Sorted, without times, owners and rights, so that the same files give the same digest on any machine. It is what the digest
//! of a pinned repository is taken of.

use std::io::Read;

use plimsoll_resource::FileTree;

/// The archive of these files. Only a path longer than any system allows is an error.
pub(super) fn pack(files: &FileTree) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files.iter() {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, path, &**bytes)?;
    }
    archive.into_inner()
}

/// The files of an archive. Their sum is that of the archive, since nothing in it is compressed.
pub(super) fn unpack(bytes: &[u8]) -> std::io::Result<FileTree> {
    let mut files = FileTree::new();
    for entry in tar::Archive::new(bytes).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(std::io::Error::other)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.insert(&path, content).map_err(std::io::Error::other)?;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use plimsoll_resource::FileTree;

    use super::{pack, unpack};

    #[test]
    fn what_is_packed_is_unpacked_again() {
        let mut files = FileTree::new();
        files.insert("b/kustomization.yaml", b"resources: []\n".as_slice()).unwrap();
        files.insert(&format!("{}/{}", "a".repeat(120), "c".repeat(120)), b"".as_slice()).unwrap();
        let packed = pack(&files).unwrap();
        assert_eq!(packed, pack(&files.clone()).unwrap());
        assert_eq!(unpack(&packed).unwrap(), files);
    }
}
