//! The messages of Git's protocol, version 2, as far as fetching one commit needs them: values to bytes and back.
//!
//! Follows Git's `gitprotocol-v2` and `gitprotocol-common`. Only the newest commit is asked for, without its history, so that a
//! base costs what its files weigh. Nothing is sent here, and nothing of an answer is trusted: lengths are checked, and the
//! pack is verified by whoever reads it.

/// Why an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProtocolError {
    /// It breaks the grammar, or ends early.
    Malformed,
    /// The server speaks only older versions.
    OldVersion,
    /// The server says so itself.
    Refused(String),
}

/// A branch or tag of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// The whole name: `refs/tags/v1`.
    pub(super) name: String,
    /// The commit; of an annotated tag the one that it is on.
    pub(super) commit: String,
}

/// One packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packet<'a> {
    Data(&'a [u8]),
    Flush,
    Delimiter,
    End,
}

/// Cuts bytes into packets.
struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Packets<'a> {
    fn next(&mut self) -> Result<Option<Packet<'a>>, ProtocolError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (length, rest) = self.rest.split_at_checked(4).ok_or(ProtocolError::Malformed)?;
        let length = std::str::from_utf8(length).map_err(|_| ProtocolError::Malformed)?;
        let length = usize::from_str_radix(length, 16).map_err(|_| ProtocolError::Malformed)?;
        let packet = match length {
            0 => Packet::Flush,
            1 => Packet::Delimiter,
            2 => Packet::End,
            3 => return Err(ProtocolError::Malformed),
            length => {
                let (data, after) = rest.split_at_checked(length - 4).ok_or(ProtocolError::Malformed)?;
                self.rest = after;
                return match data.strip_prefix(b"ERR ") {
                    Some(message) => Err(refused(message)),
                    None => Ok(Some(Packet::Data(data))),
                };
            }
        };
        self.rest = rest;
        Ok(Some(packet))
    }
}

fn refused(message: &[u8]) -> ProtocolError {
    let text = String::from_utf8_lossy(message);
    ProtocolError::Refused(text.chars().filter(|character| !character.is_control()).take(300).collect())
}

fn line(data: &[u8]) -> &[u8] {
    data.strip_suffix(b"\n").unwrap_or(data)
}

fn push(request: &mut Vec<u8>, text: &str) {
    request.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
}

const DELIMITER: &[u8] = b"0001";
const FLUSH: &[u8] = b"0000";

/// Checks that a server's greeting is of version 2.
pub(super) fn check_greeting(answer: &[u8]) -> Result<(), ProtocolError> {
    let mut packets = Packets { rest: answer };
    loop {
        match packets.next()? {
            Some(Packet::Data(data)) if line(data) == b"version 2" => return Ok(()),
            Some(Packet::Data(data)) if data.starts_with(b"# service=") => {}
            Some(Packet::Flush) => {}
            Some(Packet::Data(_)) => return Err(ProtocolError::OldVersion),
            _ => return Err(ProtocolError::Malformed),
        }
    }
}

/// Asks which commits a branch or tag of this name is on.
pub(super) fn list_request(name: &str) -> Vec<u8> {
    let mut request = Vec::new();
    push(&mut request, "command=ls-refs");
    request.extend_from_slice(DELIMITER);
    push(&mut request, "peel");
    for prefix in ["refs/tags/", "refs/heads/"] {
        push(&mut request, &format!("ref-prefix {prefix}{name}"));
    }
    request.extend_from_slice(FLUSH);
    request
}

/// Reads the branches and tags of an answer.
pub(super) fn read_list(answer: &[u8]) -> Result<Vec<Reference>, ProtocolError> {
    let mut packets = Packets { rest: answer };
    let mut references = Vec::new();
    loop {
        match packets.next()? {
            Some(Packet::Data(data)) => {
                let text = std::str::from_utf8(line(data)).map_err(|_| ProtocolError::Malformed)?;
                let mut words = text.split(' ');
                let (Some(commit), Some(name)) = (words.next(), words.next()) else {
                    return Err(ProtocolError::Malformed);
                };
                let peeled = words.find_map(|word| word.strip_prefix("peeled:"));
                let commit = peeled.unwrap_or(commit).to_owned();
                if is_commit(&commit) {
                    references.push(Reference { name: name.to_owned(), commit });
                }
            }
            Some(Packet::Flush) => return Ok(references),
            _ => return Err(ProtocolError::Malformed),
        }
    }
}

/// Asks for one commit with its files, and no other.
pub(super) fn fetch_request(commit: &str) -> Vec<u8> {
    let mut request = Vec::new();
    push(&mut request, "command=fetch");
    request.extend_from_slice(DELIMITER);
    for line in ["no-progress", "ofs-delta", "deepen 1"] {
        push(&mut request, line);
    }
    push(&mut request, &format!("want {commit}"));
    push(&mut request, "done");
    request.extend_from_slice(FLUSH);
    request
}

/// Takes the pack out of an answer.
pub(super) fn read_pack(answer: &[u8]) -> Result<Vec<u8>, ProtocolError> {
    let mut packets = Packets { rest: answer };
    loop {
        match packets.next()? {
            Some(Packet::Data(data)) if line(data) == b"packfile" => break,
            Some(Packet::Data(_) | Packet::Delimiter) => {}
            _ => return Err(ProtocolError::Malformed),
        }
    }
    let mut pack = Vec::new();
    loop {
        match packets.next()? {
            Some(Packet::Data([1, data @ ..])) => pack.extend_from_slice(data),
            Some(Packet::Data([2, ..])) => {}
            Some(Packet::Data([3, message @ ..])) => return Err(refused(message)),
            Some(Packet::Flush) => return Ok(pack),
            _ => return Err(ProtocolError::Malformed),
        }
    }
}

/// Whether a text is the whole name of a commit.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn an_annotated_tag_stands_for_its_commit() {
        let mut answer = Vec::new();
        push(&mut answer, &format!("{} refs/tags/v1 peeled:{COMMIT}", "a".repeat(40)));
        answer.extend_from_slice(FLUSH);
        let expected = Reference { name: "refs/tags/v1".to_owned(), commit: COMMIT.to_owned() };
        assert_eq!(read_list(&answer), Ok(vec![expected]));
    }

    #[test]
    fn a_pack_is_put_together_from_its_parts() {
        let mut answer = Vec::new();
        push(&mut answer, "packfile");
        answer.extend_from_slice(b"0008\x01PAC0006\x02x0006\x01K0000");
        assert_eq!(read_pack(&answer), Ok(b"PACK".to_vec()));
    }

    #[test]
    fn answers_that_are_cut_or_wrong_are_told() {
        for answer in [&b"0"[..], b"0003", b"00", b"zzzz", b"ffffab", b"0009pack"] {
            assert_eq!(read_pack(answer), Err(ProtocolError::Malformed), "{answer:?}");
            assert_eq!(read_list(answer), Err(ProtocolError::Malformed), "{answer:?}");
        }
        assert_eq!(read_pack(b"000cERR no\n!"), Err(ProtocolError::Refused("no!".to_owned())));
        assert_eq!(check_greeting(b"001e# service=git-upload-pack\n0000000eversion 2\n0000"), Ok(()));
        assert_eq!(check_greeting(b"0009a re"), Err(ProtocolError::Malformed));
        assert_eq!(check_greeting(b"0009a ref"), Err(ProtocolError::OldVersion));
    }
}
