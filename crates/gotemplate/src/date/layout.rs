//! The elements of a layout: which parts of the reference date stand for what.

/// What an element of a layout stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    /// An offset; `Z` instead of zero if the flag is set.
    Offset(OffsetForm, bool),
    /// A fraction of a second: how many digits, whether zeros at its end are dropped, and the mark before it.
    Fraction {
        digits: usize,
        trimmed: bool,
        mark: u8,
    },
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OffsetForm {
    Hours,
    Minutes,
    ColonMinutes,
    Seconds,
    ColonSeconds,
}

/// The elements that are fixed texts, the longer before the shorter.
const FIXED: &[(&[u8], Element)] = &[
    (b"January", Element::LongMonth),
    (b"Monday", Element::LongWeekday),
    (b"MST", Element::ZoneName),
    (b"01", Element::ZeroMonth),
    (b"02", Element::ZeroDay),
    (b"03", Element::ZeroHour12),
    (b"04", Element::ZeroMinute),
    (b"05", Element::ZeroSecond),
    (b"06", Element::Year),
    (b"002", Element::ZeroYearDay),
    (b"15", Element::Hour),
    (b"1", Element::NumberMonth),
    (b"2006", Element::LongYear),
    (b"2", Element::Day),
    (b"__2", Element::UnderYearDay),
    (b"_2", Element::UnderDay),
    (b"3", Element::Hour12),
    (b"4", Element::Minute),
    (b"5", Element::Second),
    (b"PM", Element::UpperHalf),
    (b"pm", Element::LowerHalf),
    (b"-070000", Element::Offset(OffsetForm::Seconds, false)),
    (b"-07:00:00", Element::Offset(OffsetForm::ColonSeconds, false)),
    (b"-0700", Element::Offset(OffsetForm::Minutes, false)),
    (b"-07:00", Element::Offset(OffsetForm::ColonMinutes, false)),
    (b"-07", Element::Offset(OffsetForm::Hours, false)),
    (b"Z070000", Element::Offset(OffsetForm::Seconds, true)),
    (b"Z07:00:00", Element::Offset(OffsetForm::ColonSeconds, true)),
    (b"Z0700", Element::Offset(OffsetForm::Minutes, true)),
    (b"Z07:00", Element::Offset(OffsetForm::ColonMinutes, true)),
    (b"Z07", Element::Offset(OffsetForm::Hours, true)),
];

/// The first element: where it begins, where it ends, and what it is.
pub(super) fn next_element(layout: &[u8]) -> Option<(usize, usize, Element)> {
    (0..layout.len()).find_map(|start| {
        let rest = &layout[start..];
        // `_2006` is an underscore and a year.
        if rest.starts_with(b"_2006") {
            return Some((start + 1, start + 5, Element::LongYear));
        }
        if let Some((text, element)) = FIXED.iter().find(|(text, _)| rest.starts_with(text)) {
            return Some((start, start + text.len(), *element));
        }
        let short =
            |name: &[u8]| rest.starts_with(name) && !rest.get(name.len()).is_some_and(u8::is_ascii_lowercase);
        if short(b"Jan") {
            return Some((start, start + 3, Element::Month));
        }
        if short(b"Mon") {
            return Some((start, start + 3, Element::Weekday));
        }
        let (mark, digit) = (rest[0], rest.get(1).copied()?);
        if !matches!(mark, b'.' | b',') || !matches!(digit, b'0' | b'9') {
            return None;
        }
        let digits = rest[1..].iter().take_while(|&&byte| byte == digit).count();
        if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let element = Element::Fraction { digits, trimmed: digit == b'9', mark };
        Some((start, start + 1 + digits, element))
    })
}
