//! Checksums, and bytes as hexadecimal digits.

/// The bytes in lower case hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

/// Adler-32 as RFC 1950 defines it.
#[must_use]
pub fn adler32(text: &[u8]) -> u32 {
    const MODULUS: u32 = 65521;
    let (mut low, mut high) = (1_u32, 0_u32);
    for &byte in text {
        low = (low + u32::from(byte)) % MODULUS;
        high = (high + low) % MODULUS;
    }
    (high << 16) | low
}
