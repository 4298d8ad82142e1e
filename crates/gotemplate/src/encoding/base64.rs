//! Base64 with the standard alphabet and required padding.

use super::CorruptInput;

const fn fault(offset: usize) -> CorruptInput {
    CorruptInput { name: "base64", offset }
}

fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Decodes a whole text.
///
/// # Errors
/// The offset of the first byte at fault.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, CorruptInput> {
    let mut output = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = [0_u8; 4];
    let mut filled = 0;
    let mut position = 0;
    while let Some(&byte) = text.get(position) {
        position += 1;
        if let Some(value) = digit(byte) {
            group[filled] = value;
            filled += 1;
            if filled == group.len() {
                push_group(&mut output, group, filled);
                filled = 0;
            }
            continue;
        }
        if is_line_end(byte) {
            continue;
        }
        if byte != b'=' || filled < 2 {
            return Err(fault(position - 1));
        }
        if filled == 2 {
            position = skip_line_ends(text, position);
            match text.get(position) {
                None => return Err(fault(text.len())),
                Some(b'=') => position += 1,
                Some(_) => return Err(fault(position - 1)),
            }
        }
        position = skip_line_ends(text, position);
        if position < text.len() {
            return Err(fault(position));
        }
        group[filled..].fill(0);
        push_group(&mut output, group, filled);
        return Ok(output);
    }
    if filled > 0 { Err(fault(position - filled)) } else { Ok(output) }
}

fn skip_line_ends(text: &[u8], position: usize) -> usize {
    position + text.get(position..).unwrap_or_default().iter().take_while(|&&byte| is_line_end(byte)).count()
}

/// Two, three or four digits are one, two or three bytes.
fn push_group(output: &mut Vec<u8>, group: [u8; 4], filled: usize) {
    let bits = group.iter().fold(0_u32, |bits, &digit| bits << 6 | u32::from(digit));
    output.extend_from_slice(&bits.to_be_bytes()[1..filled]);
}
