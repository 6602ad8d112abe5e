//! A point in time, to the second. Nothing here reads the clock.

use jiff::Timestamp as JiffTimestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use std::fmt;

/// A point in time, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(JiffTimestamp);

impl Timestamp {
    /// Creates a timestamp from seconds since 1970 in UTC; `None` after the year 9999.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        JiffTimestamp::from_second(seconds).ok().map(Timestamp)
    }

    /// Parses RFC 3339, or seconds since 1970.
    pub fn parse(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(seconds) => Timestamp::from_seconds(seconds),
            Err(_) => text
                .parse::<JiffTimestamp>()
                .ok()
                .and_then(|found| Timestamp::from_seconds(found.as_second())),
        }
    }

    /// Parses a date of HTTP, in each of its three forms (RFC 9110, section 5.6.7).
    pub fn parse_http(text: &str) -> Option<Self> {
        let text = text.trim();
        // Two digits of a year: jiff reads 69 to 99 as 1969 to 1999.
        let civil = |format: &str| {
            let date = jiff::civil::DateTime::strptime(format, text).ok()?;
            date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        };
        let found = civil("%a, %d %b %Y %H:%M:%S GMT")
            .or_else(|| civil("%A, %d-%b-%y %H:%M:%S GMT"))
            .or_else(|| civil("%a %b %e %H:%M:%S %Y"))?;
        Timestamp::from_seconds(found.as_second())
    }

    /// Returns seconds since 1970 in UTC.
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Returns the same point in a time zone.
    pub(super) fn zoned(self, zone: TimeZone) -> jiff::Zoned {
        self.0.to_zoned(zone)
    }

    /// Returns how long ago it is: `3 h ago`, `just now`, `in 2 h`.
    pub fn age(self, now: Timestamp) -> String {
        let seconds = now.seconds() - self.seconds();
        let (number, unit) = match seconds.unsigned_abs() {
            0..60 => return "just now".to_owned(),
            passed @ 60..3_600 => (passed / 60, "min"),
            passed @ 3_600..172_800 => (passed / 3_600, "h"),
            passed => (passed / 86_400, "d"),
        };
        if seconds < 0 { format!("in {number} {unit}") } else { format!("{number} {unit} ago") }
    }

    /// Returns the day in UTC: `2026-11-20`.
    pub fn day(self) -> String {
        self.0.to_zoned(TimeZone::UTC).date().to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_timestamp_is_parsed_and_printed() {
        let timestamp = Timestamp::parse("2026-11-20T23:30:00-01:00").unwrap();
        assert_eq!(
            (timestamp.to_string().as_str(), timestamp.day().as_str()),
            ("2026-11-21T00:30:00Z", "2026-11-21")
        );
        assert_eq!(Timestamp::parse("0").unwrap().day(), "1970-01-01");
        assert_eq!(Timestamp::parse(&timestamp.seconds().to_string()), Some(timestamp));
        for text in ["", "yesterday", "2026-11-20", "99999999999999"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
