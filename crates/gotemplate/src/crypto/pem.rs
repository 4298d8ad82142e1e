//! PEM blocks without headers.

use base64::Engine as _;

/// Writes a block with lines of 64 characters.
pub(crate) fn encode(label: &str, contents: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(contents);
    let mut block = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        block.push_str(line);
        block.push('\n');
        rest = after;
    }
    block.push_str(&format!("-----END {label}-----\n"));
    block
}

/// Finds the first block of a text: its label and its contents.
pub(crate) fn decode(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(text);
    let mut rest = text.as_ref();
    loop {
        let start = rest.find("-----BEGIN ")?;
        let at_line_start = start == 0 || rest.as_bytes().get(start - 1) == Some(&b'\n');
        rest = &rest[start + "-----BEGIN ".len()..];
        if !at_line_start {
            continue;
        }
        let Some((label, after)) = rest.split_once("-----") else { continue };
        if label.contains('\n') {
            continue;
        }
        let Some((body, _)) = after.split_once(&format!("-----END {label}-----")) else { continue };
        let body: String = body.split_whitespace().collect();
        if let Ok(contents) = crate::encoding::base64_decode(body.as_bytes()) {
            return Some((label.to_owned(), contents));
        }
    }
}
