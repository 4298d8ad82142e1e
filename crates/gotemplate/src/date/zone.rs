//! Time zones: UTC, zones of the IANA database, and fixed offsets found in texts.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone.
#[derive(Debug, Clone)]
pub enum Zone {
    /// Coordinated universal time.
    Utc,
    /// A zone with a history of offsets.
    Named {
        /// Its name in the IANA database, or `Local`.
        name: String,
        /// Its offsets.
        rules: TimeZone,
    },
    /// One offset for all times.
    Fixed {
        /// The abbreviation, which may be empty.
        name: String,
        /// Seconds east of UTC.
        offset: i32,
    },
}

impl Zone {
    /// Finds a zone by its exact name in the database.
    pub fn find(name: &str) -> Option<Self> {
        if matches!(name, "" | "UTC") {
            return Some(Self::Utc);
        }
        let rules = DATABASE.get(name).ok()?;
        (rules.iana_name() == Some(name)).then(|| Self::Named { name: name.to_owned(), rules })
    }

    /// The zone that the caller calls local.
    pub fn local(name: &str) -> Self {
        match Self::find(name) {
            Some(Self::Named { rules, .. }) => Self::Named { name: "Local".to_owned(), rules },
            _ => Self::Utc,
        }
    }

    /// Seconds east of UTC and the abbreviation at a time.
    #[must_use]
    pub fn offset_at(&self, seconds: i64) -> (i32, String) {
        match self {
            Self::Utc => (0, "UTC".to_owned()),
            Self::Fixed { name, offset } => (*offset, name.clone()),
            Self::Named { rules, .. } => {
                let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let timestamp = Timestamp::from_second(seconds.clamp(first, last)).unwrap_or_default();
                let info = rules.to_offset_info(timestamp);
                (info.offset().seconds(), info.abbreviation().to_owned())
            }
        }
    }

    /// Seconds since 1970 of what a clock in the zone shows, by Go's two attempts.
    pub(super) fn seconds_of_local(&self, local: i64) -> i64 {
        let (first, _) = self.offset_at(local);
        let (second, _) = self.offset_at(local.saturating_sub(first.into()));
        local.saturating_sub(second.into())
    }

    /// The offset of an abbreviation in the zone near a time.
    pub(super) fn offset_of_abbreviation(&self, abbreviation: &str, seconds: i64) -> Option<i32> {
        const HALF_YEAR: i64 = 182 * 86_400;
        [0, -HALF_YEAR, HALF_YEAR]
            .into_iter()
            .map(|distance| self.offset_at(seconds.saturating_add(distance)))
            .find_map(|(offset, name)| (name == abbreviation).then_some(offset))
    }
}
