//! Scalars that YAML's writers treat each in their own way.

use crate::properties::random::Random;

/// Texts that are strings in flow and in block collections.
pub(super) const TEXTS: [&str; 24] = [
    "plain",
    "\"yes\"",
    "\"1.0\"",
    "\"0x1F\"",
    "'it''s'",
    "\"a: b\"",
    "\"\"",
    "\"# no comment\"",
    "\"line\\nline\"",
    "\"~\"",
    "\"null\"",
    "\"long words that go on and on until a writer would fold them, were they in a plain scalar of a YAML document\"",
    "\"trailing blank \"",
    "\"trailing blank \\nnext\"",
    "\"tab\\there\"",
    "\"\\u00fcml\\u00e4ut \\u2028 \\U0001F600\"",
    "\"-\"",
    "\"- item\"",
    "\"2001-01-01\"",
    "\"1e3\"",
    "\"012\"",
    "\"%d of {x}\"",
    "\"\\\"quoted\\\"\"",
    "\"\\nbegins with a break\"",
];

/// Scalars that are no strings, or are not read as they look.
const BARE: [&str; 14] = [
    "yes",
    "1.0",
    "0777",
    "1e3",
    "0x1F",
    "~",
    "on",
    "2001-01-01",
    "-0",
    "1_000",
    "true",
    "12345678901234567890",
    ".5",
    "y",
];

/// A scalar as it stands behind the colon of a block mapping whose entries are indented this much.
pub(super) fn block_scalar(random: &mut Random, indent: usize) -> String {
    let inner = " ".repeat(indent + 2);
    match random.below(12) {
        0 => format!("|\n{inner}first\n{inner}  second: x\n\n{inner}third"),
        1 => format!("|-\n{inner}first \n{inner}second"),
        2 => format!("|+\n{inner}first\n{inner}second\n"),
        3 => format!(">\n{inner}first\n{inner}second\n\n{inner}third"),
        4 => format!(">-\n{inner}folded words\n{inner}of two lines"),
        5 => format!("{} # said at the end", random.choose(&TEXTS)),
        6 => format!("two lines\n{inner}of one plain scalar"),
        _ => random.choose(&TEXTS).to_owned(),
    }
}

/// A scalar of any type, where custom resources have them.
pub(super) fn any_scalar(random: &mut Random) -> &'static str {
    if random.in_ten(5) { random.choose(&BARE) } else { random.choose(&TEXTS) }
}
