//! What executes a pattern: a small program for little text of ASCII, a whole one for everything else.
//!
//! Most patterns of charts see a few short names. Tables for the whole of Unicode, a reverse automaton and search for literals
//! take far longer to make than such texts take to search, so they are made when they are first worth it. Both programs
//! find the same: what is left out of the small one are characters that the text does not have.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta;
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

/// Memory that one compiled pattern may take; Go's own limit is of this order.
const PROGRAM_BYTES: usize = 64 << 20;

/// As many groups may be nested on any stack.
const SHALLOW_GROUPS: usize = 50;

/// Stack for a pattern of the deepest nesting.
const COMPILER_STACK_BYTES: usize = 32 << 20;

/// Up to this length, a pattern without counted repetition and Unicode's own classes cannot take too much memory.
const SHORT_PATTERN: usize = 1000;

/// Classes of more ranges are Unicode's own.
const FEW_RANGES: usize = 32;

/// After as many bytes of text the whole program has paid for itself.
const MUCH_TEXT: usize = 8 << 10;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Program {
    expression: Hir,
    is_deep: bool,
    /// None where the whole program had to be made at once.
    small: Option<meta::Regex>,
    whole: OnceLock<meta::Regex>,
    /// How many bytes of text the small program was shown.
    searched: AtomicUsize,
}

impl Program {
    /// Compiles a pattern that was read as an expression; none when that would take too much memory.
    pub(super) fn new(pattern: &[u8], expression: Hir) -> Option<Self> {
        let is_deep = pattern.iter().filter(|&&byte| byte == b'(').count() > SHALLOW_GROUPS;
        let is_short = pattern.len() <= SHORT_PATTERN && !pattern.contains(&b'{');
        let mut program =
            Self { expression, is_deep, small: None, whole: OnceLock::new(), searched: AtomicUsize::new(0) };
        program.small = if is_short && !is_deep { program.build_small() } else { None };
        if program.small.is_none() {
            let whole = program.build_whole()?;
            program.whole.get_or_init(|| whole);
        }
        Some(program)
    }

    /// What executes the pattern on a text.
    pub(super) fn for_text(&self, text: &[u8]) -> &meta::Regex {
        if let (Some(small), None) = (&self.small, self.whole.get()) {
            let searched = self.searched.fetch_add(text.len(), Ordering::Relaxed);
            if searched.saturating_add(text.len()) <= MUCH_TEXT && text.is_ascii() {
                return small;
            }
        }
        self.whole
            .get_or_init(|| self.build_whole().expect("what is short and has few ranges takes little memory"))
    }

    fn build_whole(&self) -> Option<meta::Regex> {
        let configuration =
            meta::Config::new().nfa_size_limit(Some(PROGRAM_BYTES)).onepass_size_limit(Some(1 << 20));
        let build = || meta::Builder::new().configure(configuration).build_from_hir(&self.expression).ok();
        // The compiler recurses as deep as groups are nested, which Go allows to be a thousand deep.
        if self.is_deep { stacker::grow(COMPILER_STACK_BYTES, build) } else { build() }
    }

    fn build_small(&self) -> Option<meta::Regex> {
        let configuration = meta::Config::new().hybrid(false).onepass(false).auto_prefilter(false);
        meta::Builder::new().configure(configuration).build_from_hir(&within_ascii(&self.expression)?).ok()
    }
}

/// The same expression without the characters beyond ASCII; none where it has a class of Unicode's own.
fn within_ascii(expression: &Hir) -> Option<Hir> {
    let all = |parts: &[Hir]| parts.iter().map(within_ascii).collect::<Option<Vec<_>>>();
    let boxed = |part: &Hir| within_ascii(part).map(Box::new);
    Some(match expression.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => {
            expression.clone()
        }
        HirKind::Class(Class::Unicode(class)) if class.ranges().len() > FEW_RANGES => return None,
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\x7f')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            Hir::repetition(Repetition { min: *min, max: *max, greedy: *greedy, sub: boxed(sub)? })
        }
        HirKind::Capture(Capture { index, name, sub }) => {
            Hir::capture(Capture { index: *index, name: name.clone(), sub: boxed(sub)? })
        }
        HirKind::Concat(parts) => Hir::concat(all(parts)?),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)?),
    })
}

#[cfg(test)]
mod tests {
    use super::Program;
    use crate::regex::parse::{Parsed, parse};

    const PATTERNS: [&str; 16] = [
        "",
        "a|ab",
        "(a|ab)(c|bcd)(d*)",
        "[^a-c]+",
        ".*?x",
        "(?s).+",
        "(?i)k[s-t]",
        "\\bfoo\\b",
        "^$|^-?[0-9]+$",
        "[é-ü]|e",
        "(?P<n>x*)*",
        "\\W+",
        "(?m)^\\s*#.*$",
        "[^\\x00-\\x{10FFFF}]|b",
        "a{0}b",
        "(|a)+",
    ];
    const TEXTS: [&str; 9] =
        ["", "a", "abcd", "xxx x", "foo foobar", "-42", "# one\n two\n #three", "KSTksteE", "a\tb\r\n"];

    #[test]
    fn the_small_program_finds_what_the_whole_one_finds() {
        for pattern in PATTERNS {
            let Parsed { expression, .. } = parse(pattern.as_bytes()).expect(pattern);
            let program = Program::new(pattern.as_bytes(), expression).expect(pattern);
            let Some(small) = &program.small else {
                assert!(pattern.contains('{'), "{pattern} has a small program");
                continue;
            };
            let whole = program.build_whole().expect(pattern);
            for text in TEXTS {
                let all = |program: &regex_automata::meta::Regex| -> Vec<String> {
                    program.captures_iter(text).map(|captures| format!("{captures:?}")).collect()
                };
                assert_eq!(all(small), all(&whole), "{pattern:?} in {text:?}");
            }
        }
    }

    #[test]
    fn the_whole_program_takes_over_where_the_small_one_would_be_wrong_or_slow() {
        let program = |pattern: &str| {
            let Parsed { expression, .. } = parse(pattern.as_bytes()).expect(pattern);
            Program::new(pattern.as_bytes(), expression).expect(pattern)
        };
        let dots = program(".");
        assert!(dots.for_text(b"e").is_match("e") && dots.whole.get().is_none());
        assert!(dots.for_text("é".as_bytes()).is_match("é") && dots.whole.get().is_some());
        let much = program("a.c");
        assert!(much.for_text(&[b' '; 9000]).find("abc").is_some() && much.whole.get().is_some());
        assert!(program("\\pL").small.is_none());
    }
}
