//! Points in time, durations and time zones as Go prints and reads them.
//!
//! Layouts are Go's reference date (`2006-01-02 15:04:05`). Nothing here reads a clock: the caller says what time it is
//! and which zone is local. Zones come from the IANA database that is linked in, so every machine has the same ones.
//! Not here: monotonic readings and leap seconds.
//!
//! Upstream: `time` of Go 1.26.

mod civil;
mod duration;
mod format;
mod layout;
mod parse;
mod zone;

pub use duration::{DurationError, format_duration, parse_duration};
pub use parse::{ParseError, parse};
pub use zone::Zone;

use civil::Civil;

/// A point in time, seen in a time zone.
#[derive(Debug, Clone)]
pub struct Time {
    seconds: i64,
    nanoseconds: u32,
    zone: Zone,
}

/// Seconds before 1970 of Go's zero time, the first of January of the year 1.
const ZERO_SECONDS: i64 = -62_135_596_800;

impl Time {
    /// Go's zero time.
    pub fn zero() -> Self {
        Self { seconds: ZERO_SECONDS, nanoseconds: 0, zone: Zone::Utc }
    }

    /// A time from nanoseconds since 1970.
    pub fn from_nanoseconds(nanoseconds: i128, zone: Zone) -> Self {
        let seconds = nanoseconds.div_euclid(1_000_000_000);
        let seconds = i64::try_from(seconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX });
        let nanoseconds = u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or_default();
        Self { seconds, nanoseconds, zone }
    }

    /// A time from seconds since 1970.
    pub fn from_seconds(seconds: i64, zone: Zone) -> Self {
        Self { seconds, nanoseconds: 0, zone }
    }

    /// Seconds since 1970, rounded down.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Nanoseconds behind the second.
    pub fn nanosecond(&self) -> u32 {
        self.nanoseconds
    }

    /// Nanoseconds since 1970.
    pub fn nanoseconds(&self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// The zone in which the time is seen.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The same time seen in another zone.
    pub fn with_zone(&self, zone: Zone) -> Self {
        Self { zone, ..self.clone() }
    }

    /// Whether this is Go's zero time.
    pub fn is_zero(&self) -> bool {
        self.seconds == ZERO_SECONDS && self.nanoseconds == 0
    }

    /// The time that many nanoseconds later.
    pub fn add(&self, nanoseconds: i64) -> Self {
        Self::from_nanoseconds(self.nanoseconds() + i128::from(nanoseconds), self.zone.clone())
    }

    /// The time that many years, months and days later on the calendar; days beyond a month run into the next one.
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let civil = self.civil();
        let month = (i64::from(civil.month) - 1).saturating_add(months);
        let year = civil.year.saturating_add(years).saturating_add(month.div_euclid(12));
        let month = u8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        let day = civil::days_from_civil(year, month, 1) + i64::from(civil.day) - 1;
        let seconds = day.saturating_add(days).saturating_mul(86_400).saturating_add(civil.second_of_day());
        Self {
            seconds: self.zone.seconds_of_local(seconds),
            nanoseconds: self.nanoseconds,
            zone: self.zone.clone(),
        }
    }

    /// Nanoseconds since another time, at most what 64 bits hold.
    pub fn since(&self, other: &Self) -> i64 {
        let difference = self.nanoseconds() - other.nanoseconds();
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }

    /// The calendar date and clock in the time's zone.
    fn civil(&self) -> Civil {
        let (offset, _) = self.zone.offset_at(self.seconds);
        Civil::from_seconds(self.seconds.saturating_add(offset.into()))
    }

    /// The year.
    pub fn year(&self) -> i64 {
        self.civil().year
    }

    /// The month, from 1.
    pub fn month(&self) -> u8 {
        self.civil().month
    }

    /// The day of the month, from 1.
    pub fn day(&self) -> u8 {
        self.civil().day
    }

    /// The hour.
    pub fn hour(&self) -> u8 {
        self.civil().hour
    }

    /// The minute.
    pub fn minute(&self) -> u8 {
        self.civil().minute
    }

    /// The second.
    pub fn second(&self) -> u8 {
        self.civil().second
    }

    /// The day of the week, Sunday being 0.
    pub fn weekday(&self) -> u8 {
        self.civil().weekday()
    }

    /// The day of the year, from 1.
    pub fn year_day(&self) -> u16 {
        self.civil().year_day()
    }

    /// The time in a layout.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        format::format(self, layout)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.format(b"2006-01-02 15:04:05.999999999 -0700 MST");
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

/// The English names of the months, from January.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The English names of the days, from Sunday.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
