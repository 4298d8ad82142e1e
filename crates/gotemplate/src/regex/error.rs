//! Why a pattern is refused, in Go's words.

/// What is wrong with a pattern, in the words that Go uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxErrorKind {
    /// A class range that is empty, or a class name that does not exist.
    #[error("invalid character class range")]
    InvalidClassRange,
    /// A backslash before a letter or digit that means nothing.
    #[error("invalid escape sequence")]
    InvalidEscape,
    /// A group name that is empty, unterminated or has other characters than letters, digits and underscores.
    #[error("invalid named capture")]
    InvalidNamedCapture,
    /// A `(?` construct of Perl that linear-time matching does not know.
    #[error("invalid or unsupported Perl syntax")]
    InvalidPerlSyntax,
    /// A repetition right behind a repetition.
    #[error("invalid nested repetition operator")]
    InvalidRepeatOperator,
    /// A repetition count over 1000, alone or multiplied, or the wrong way round.
    #[error("invalid repeat count")]
    InvalidRepeatSize,
    /// A pattern that is not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// A class without its closing bracket.
    #[error("missing closing ]")]
    MissingBracket,
    /// A group without its closing parenthesis.
    #[error("missing closing )")]
    MissingParenthesis,
    /// A repetition of nothing.
    #[error("missing argument to repetition operator")]
    MissingRepeatArgument,
    /// A backslash as the last character.
    #[error("trailing backslash at end of expression")]
    TrailingBackslash,
    /// A closing parenthesis without its group.
    #[error("unexpected )")]
    UnexpectedParenthesis,
    /// Groups in groups over the limit.
    #[error("expression nests too deeply")]
    NestingDepth,
    /// A program over the size limit.
    #[error("expression too large")]
    TooLarge,
}

/// A pattern that Go would refuse: the reason and the part at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {kind}: `{}`", String::from_utf8_lossy(.expression))]
pub struct SyntaxError {
    /// Why the pattern is refused.
    pub kind: SyntaxErrorKind,
    /// The part of the pattern that is at fault; not necessarily UTF-8.
    pub expression: Vec<u8>,
}
