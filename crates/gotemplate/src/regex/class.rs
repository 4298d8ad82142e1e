//! Character classes: the ASCII groups of Perl and POSIX, Unicode properties by Go's names, and ranges.
//!
//! A class holds Unicode scalar values. Go's ranges may touch surrogates, which occur in no text; they are left out.

use std::sync::LazyLock;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange, Hir, HirKind};

/// Go's names of Unicode categories and scripts in canonical spelling, with the property query that has the same
/// members. Go 1.26 refuses scripts whose name has two words, so they are not in the table.
static UNICODE_CLASSES: &str = include_str!("unicode_classes.tsv");

/// The members of a `\p` name in canonical spelling, or nothing if Go knows no such name.
pub(super) fn unicode_class(name: &str) -> Option<ClassUnicode> {
    let canonical = canonical_name(name);
    let query = match canonical.as_str() {
        "Any" => return Some(range_class(0, 0x10_FFFF)),
        "Ascii" => return Some(range_class(0, 0x7F)),
        "Assigned" => {
            let mut class = property_class("gc=Cn")?;
            class.negate();
            return Some(class);
        }
        other => UNICODE_CLASSES
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .find_map(|(known, query)| (known == other).then_some(query))?,
    };
    property_class(query)
}

fn property_class(query: &str) -> Option<ClassUnicode> {
    let hir = regex_syntax::parse(&format!("\\p{{{query}}}")).ok()?;
    match hir.into_kind() {
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => Some(class),
        _ => None,
    }
}

/// First letter large, the others small, without spaces, hyphens and underscores.
fn canonical_name(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for character in name.chars().filter(|character| !matches!(character, '_' | '-' | ' ')) {
        if canonical.is_empty() {
            canonical.push(character.to_ascii_uppercase());
        } else {
            canonical.push(character.to_ascii_lowercase());
        }
    }
    canonical
}

/// First and last character of each range.
type Ranges<'r> = &'r [(u8, u8)];

/// The group that a Perl class letter stands for.
pub(super) fn perl_class(letter: u8) -> Option<ClassUnicode> {
    let ranges: &[(u8, u8)] = match letter.to_ascii_lowercase() {
        b'd' => &[(b'0', b'9')],
        b's' => &[(b'\t', b'\n'), (0x0c, b'\r'), (b' ', b' ')],
        b'w' => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        _ => return None,
    };
    Some(ascii_class(ranges))
}

/// The group of a POSIX class name such as `alnum`.
pub(super) fn posix_class(name: &[u8]) -> Option<ClassUnicode> {
    static GROUPS: LazyLock<Vec<(&'static [u8], ClassUnicode)>> = LazyLock::new(|| {
        let groups: [(&'static [u8], Ranges<'_>); 14] = [
            (b"alnum", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
            (b"alpha", &[(b'A', b'Z'), (b'a', b'z')]),
            (b"ascii", &[(0, 0x7F)]),
            (b"blank", &[(b'\t', b'\t'), (b' ', b' ')]),
            (b"cntrl", &[(0, 0x1F), (0x7F, 0x7F)]),
            (b"digit", &[(b'0', b'9')]),
            (b"graph", &[(b'!', b'~')]),
            (b"lower", &[(b'a', b'z')]),
            (b"print", &[(b' ', b'~')]),
            (b"punct", &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')]),
            (b"space", &[(b'\t', b'\r'), (b' ', b' ')]),
            (b"upper", &[(b'A', b'Z')]),
            (b"word", &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
            (b"xdigit", &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
        ];
        groups.into_iter().map(|(name, ranges)| (name, ascii_class(ranges))).collect()
    });
    GROUPS.iter().find_map(|(known, class)| (*known == name).then(|| class.clone()))
}

fn ascii_class(ranges: &[(u8, u8)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|&(low, high)| ClassUnicodeRange::new(low.into(), high.into())))
}

/// The scalar values between two code points, both included.
pub(super) fn range_class(low: u32, high: u32) -> ClassUnicode {
    let low = char::from_u32(low).unwrap_or('\u{E000}');
    let high = char::from_u32(high).unwrap_or('\u{D7FF}');
    if low > high {
        return ClassUnicode::empty();
    }
    ClassUnicode::new([ClassUnicodeRange::new(low, high)])
}

/// Adds every character that differs from a member only in case.
pub(super) fn fold_case(class: &mut ClassUnicode) {
    class.case_fold_simple();
}

/// The expression that matches one member of a class.
pub(super) fn class_expression(class: ClassUnicode) -> Hir {
    Hir::class(regex_syntax::hir::Class::Unicode(class))
}
