//! Base64 as Go's `base64.StdEncoding` decodes it: line breaks are skipped, and an error tells the byte.

/// Decodes standard, padded base64; the error is in Go's words.
pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    let corrupt = |position: usize| Err(format!("illegal base64 data at input byte {position}"));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut quantum: Vec<u8> = Vec::with_capacity(4);
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        position += 1;
        match byte {
            b'\n' | b'\r' => {}
            b'=' => return finish(bytes, position, &quantum, decoded),
            byte => match sextet(byte) {
                Some(value) => quantum.push(value),
                None => return corrupt(position - 1),
            },
        }
        if quantum.len() == 4 {
            push(&mut decoded, &quantum);
            quantum.clear();
        }
    }
    if quantum.is_empty() { Ok(decoded) } else { corrupt(bytes.len() - quantum.len()) }
}

/// What follows the first `=`: a second one where only two characters came, and nothing after it.
fn finish(bytes: &[u8], position: usize, quantum: &[u8], mut decoded: Vec<u8>) -> Result<Vec<u8>, String> {
    let corrupt = |position: usize| Err(format!("illegal base64 data at input byte {position}"));
    let next = |from: usize| (from..bytes.len()).find(|&index| !matches!(bytes[index], b'\n' | b'\r'));
    let mut end = position;
    match quantum.len() {
        0 | 1 => return corrupt(position - 1),
        2 => match next(position) {
            Some(second) if bytes[second] == b'=' => end = second + 1,
            Some(second) => return corrupt(second),
            None => return corrupt(bytes.len()),
        },
        _ => {}
    }
    if let Some(trailing) = next(end) {
        return corrupt(trailing);
    }
    push(&mut decoded, quantum);
    Ok(decoded)
}

/// The bytes that two, three or four characters stand for.
fn push(decoded: &mut Vec<u8>, quantum: &[u8]) {
    let bits = (0..4)
        .fold(0u32, |bits, index| bits << 6 | u32::from(quantum.get(index).copied().unwrap_or_default()));
    let [_, bytes @ ..] = bits.to_be_bytes();
    decoded.extend_from_slice(&bytes[..quantum.len().saturating_sub(1)]);
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
