//! Base32 with the standard alphabet and padding.

use super::CorruptInput;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Encodes a whole text.
pub(crate) fn encode(text: &[u8]) -> String {
    let mut output = String::with_capacity(text.len().div_ceil(5) * 8);
    for chunk in text.chunks(5) {
        let mut bytes = [0_u8; 8];
        bytes[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(bytes);
        let digits = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * index) & 31).unwrap_or_default();
            output.push(if index < digits { char::from(ALPHABET[digit]) } else { '=' });
        }
    }
    output
}

/// Decodes a whole text. Offsets of errors do not count the line ends that are skipped.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, CorruptInput> {
    let fault = |offset| CorruptInput { name: "base32", offset };
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let mut output = Vec::with_capacity(text.len() / 8 * 5);
    let mut bits = 0_u64;
    let mut filled = 0;
    for (position, &byte) in text.iter().enumerate() {
        let rest = &text[position + 1..];
        if byte == b'=' && filled >= 2 && rest.len() < 8 {
            if rest.len() + filled < 7 {
                return Err(fault(text.len()));
            }
            for index in 0..7 - filled {
                if rest.get(index).is_some_and(|&byte| byte != b'=') {
                    return Err(fault(position + index));
                }
            }
            if matches!(filled, 3 | 6) {
                return Err(fault(position));
            }
            push_group(&mut output, bits, filled);
            return Ok(output);
        }
        let digit = ALPHABET.iter().position(|&known| known == byte).ok_or_else(|| fault(position))?;
        bits = bits << 5 | digit as u64;
        filled += 1;
        if filled == 8 {
            push_group(&mut output, bits, filled);
            (bits, filled) = (0, 0);
        }
    }
    if filled > 0 { Err(fault(text.len() - filled)) } else { Ok(output) }
}

fn push_group(output: &mut Vec<u8>, bits: u64, filled: usize) {
    let bytes = (bits << (40 - 5 * filled)).to_be_bytes();
    output.extend_from_slice(&bytes[3..3 + filled * 5 / 8]);
}
