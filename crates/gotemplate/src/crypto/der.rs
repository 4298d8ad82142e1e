//! The part of DER that keys and certificates need: writing elements, and stepping through them.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0C;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;

/// An element of a tag and contents.
pub(super) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut output = vec![tag];
    let length = contents.len();
    if length < 0x80 {
        output.push(u8::try_from(length).unwrap_or_default());
    } else {
        let bytes = length.to_be_bytes();
        let used = bytes.iter().skip_while(|&&byte| byte == 0).copied().collect::<Vec<_>>();
        output.push(0x80 | u8::try_from(used.len()).unwrap_or_default());
        output.extend(used);
    }
    output.extend_from_slice(contents);
    output
}

/// A sequence of elements.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// A whole number that is not negative, from its bytes, the highest first.
pub(super) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    let mut contents = bytes[start..].to_vec();
    if contents.first().is_none_or(|&byte| byte >= 0x80) {
        contents.insert(0, 0);
    }
    element(INTEGER, &contents)
}

/// The first element of a text: its tag, its contents, the whole element, and what follows it.
pub(super) struct Read<'d> {
    pub(super) tag: u8,
    pub(super) contents: &'d [u8],
    pub(super) whole: &'d [u8],
    pub(super) rest: &'d [u8],
}

/// Reads the first element.
pub(super) fn read(text: &[u8]) -> Option<Read<'_>> {
    let (&tag, after) = text.split_first()?;
    let (&first, after) = after.split_first()?;
    let (length, after) = if first < 0x80 {
        (usize::from(first), after)
    } else {
        let (bytes, after) = after.split_at_checked(usize::from(first & 0x7F))?;
        if bytes.is_empty() || bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte)), after)
    };
    let (contents, rest) = after.split_at_checked(length)?;
    let whole = &text[..text.len() - rest.len()];
    Some(Read { tag, contents, whole, rest })
}

/// The elements of a text one after another; nothing if it does not consist of elements.
pub(super) fn elements(mut text: &[u8]) -> Option<Vec<Read<'_>>> {
    let mut elements = Vec::new();
    while !text.is_empty() {
        let element = read(text)?;
        text = element.rest;
        elements.push(element);
    }
    Some(elements)
}
