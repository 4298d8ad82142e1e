//! Which characters Go counts as printable.

/// Reports whether Go's `strconv.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(crate) fn is_printable(character: char) -> bool {
    !character.is_control()
}
