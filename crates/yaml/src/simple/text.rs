//! How far the text of a scalar goes on its line.

/// The length of a text in quotes that holds no escape, its quotes included.
pub(super) fn quoted_length(text: &[u8], quote: u8) -> Option<usize> {
    let inside = text.get(1..)?;
    let length = match quote {
        b'"' => {
            let length = memchr::memchr2(b'"', b'\\', inside)?;
            if inside.get(length) != Some(&b'"') {
                return None;
            }
            length
        }
        _ => {
            let length = memchr::memchr(b'\'', inside)?;
            if inside.get(length + 1) == Some(&b'\'') {
                return None;
            }
            length
        }
    };
    Some(length + 2)
}

/// What stands on a line of a text in quotes, doubled quotes made one and the usual escapes what they stand for, and its length
/// without the quote at its end, which is that of the line where the text goes on. `None` where it holds another escape or a tab.
pub(super) fn quoted_piece(line: &[u8], quote: u8) -> Option<(String, usize)> {
    let mut piece = Vec::with_capacity(line.len());
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        match byte {
            b'\t' => return None,
            b'\\' if quote == b'"' => {
                piece.push(escaped(*line.get(at + 1)?)?);
                at += 1;
            }
            byte if *byte != quote => piece.push(*byte),
            _ if quote == b'\'' && line.get(at + 1) == Some(&quote) => {
                piece.push(quote);
                at += 1;
            }
            _ => break,
        }
        at += 1;
    }
    Some((String::from_utf8(piece).ok()?, at))
}

/// What the usual escapes stand for.
fn escaped(letter: u8) -> Option<u8> {
    match letter {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'"' | b'\\' => Some(letter),
        _ => None,
    }
}

/// Whether a plain scalar may begin with these bytes.
pub(super) fn begins_plain(text: &[u8]) -> bool {
    match text.first() {
        // The second is for block context alone, which flow collections see to.
        Some(b'-' | b':') => !matches!(text.get(1), None | Some(b' ' | b'\t')),
        Some(
            b'?' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' | b' ' | b'\t',
        )
        | None => false,
        Some(_) => true,
    }
}

/// A plain scalar in block context: the length of its text, and where a comment begins behind it.
pub(super) struct Plain {
    pub(super) length: usize,
    pub(super) comment: Option<usize>,
}

/// Measures a plain scalar that ends with its line; `None` where it holds what may not stand there.
pub(super) fn plain(line: &[u8]) -> Option<Plain> {
    let mut end = line.len();
    let mut comment = None;
    let mut from = 0;
    while let Some(at) = memchr::memchr3(b':', b'#', b'\t', line.get(from..)?).map(|at| from + at) {
        match line.get(at) {
            Some(b':') if matches!(line.get(at + 1), None | Some(b' ' | b'\t')) => return None,
            Some(b'#') if at > 0 && line.get(at - 1) == Some(&b' ') => {
                (end, comment) = (at, Some(at));
                break;
            }
            Some(b'\t') => return None,
            _ => {}
        }
        from = at + 1;
    }
    let text = line.get(..end)?;
    let length = text.iter().rposition(|byte| *byte != b' ')? + 1;
    Some(Plain { length, comment })
}
