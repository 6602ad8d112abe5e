//! Times of the week in a time zone, and the window between two of them.

use super::timestamp::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use std::fmt;

/// A day and a time of the week: `Fri 16:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekTime {
    day: Weekday,
    hour: i8,
    minute: i8,
}

/// The names of the days.
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl WeekTime {
    /// Parses `Fri 16:00` or `friday 16:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(' ')?;
        let day = day.to_ascii_lowercase();
        let (_, day) = DAYS.iter().find(|(name, _)| *name == day || name.get(..3) == Some(&day))?;
        let (hour, minute) = time.split_once(':')?;
        let number = |text: &str, below: i8| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i8>().ok().filter(|number| digits && *number < below)
        };
        Some(WeekTime { day: *day, hour: number(hour, 24)?, minute: number(minute, 60)? })
    }

    /// Returns the instant of this time on the day `days` days after `now`; `None` if that is another day of the week.
    fn on(self, now: &Zoned, days: i64) -> Option<Zoned> {
        let date = now.date().checked_add(Span::new().try_days(days).ok()?).ok()?;
        let time = Time::new(self.hour, self.minute, 0, 0).ok()?;
        // A time that the clock skips is read as the one after the skip (RFC 5545).
        (date.weekday() == self.day).then(|| date.to_datetime(time).to_zoned(now.time_zone().clone()).ok())?
    }
}

impl fmt::Display for WeekTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = DAYS.iter().find(|(_, day)| *day == self.day).map_or("", |(name, _)| *name);
        let (first, rest) = name.split_at(1);
        let rest = rest.get(..2).unwrap_or_default();
        write!(f, "{}{rest} {:02}:{:02}", first.to_uppercase(), self.hour, self.minute)
    }
}

/// Returns when the window between two times of the week ends, if `now` is inside it; `None` if it is outside. Equal times
/// mean the whole week.
///
/// # Errors
///
/// Says that the time zone is not known.
pub fn end_of_current(
    from: WeekTime,
    until: WeekTime,
    zone: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let zone =
        TimeZone::get(zone).map_err(|_| format!("the time zone {zone} is not known on this machine"))?;
    let now = now.zoned(zone);
    // The last start that is not in the future, and the first end after it.
    let begun = (-7..=0).rev().find_map(|days| from.on(&now, days).filter(|begun| *begun <= now));
    let Some(begun) = begun else { return Ok(None) };
    let end = (0..=8).find_map(|days| until.on(&begun, days).filter(|end| *end > begun));
    Ok(end.filter(|end| *end > now).and_then(|end| Timestamp::from_seconds(end.timestamp().as_second())))
}

#[cfg(test)]
mod tests {
    use super::{WeekTime, end_of_current};
    use crate::model::Timestamp;
    use proptest::prelude::*;

    fn week(text: &str) -> WeekTime {
        WeekTime::parse(text).unwrap()
    }

    fn end(from: &str, until: &str, zone: &str, now: &str) -> Option<String> {
        let now = Timestamp::parse(now).unwrap();
        end_of_current(week(from), week(until), zone, now).unwrap().map(|end| end.to_string())
    }

    #[test]
    fn times_of_the_week_are_parsed_and_printed() {
        for (text, printed) in [("Fri 16:00", "Fri 16:00"), ("monday 08:05", "Mon 08:05")] {
            assert_eq!(week(text).to_string(), printed);
        }
        for text in ["", "Fri", "Fri 24:00", "Fri 1:00", "Fri 16:60", "Fre 16:00"] {
            assert_eq!(WeekTime::parse(text), None, "{text}");
        }
    }

    /// Winter, summer, the nights on which the clock is moved, and the last minute on either side.
    #[test]
    fn a_window_follows_the_clock_of_its_time_zone() {
        let berlin = |now| end("Fri 16:00", "Mon 08:00", "Europe/Berlin", now);
        assert_eq!(berlin("2026-11-20T14:59:59Z"), None);
        assert_eq!(berlin("2026-11-20T15:00:00Z").as_deref(), Some("2026-11-23T07:00:00Z"));
        assert_eq!(berlin("2026-11-23T06:59:59Z").as_deref(), Some("2026-11-23T07:00:00Z"));
        assert_eq!(berlin("2026-11-23T07:00:00Z"), None);
        assert_eq!(berlin("2026-07-17T14:00:00Z").as_deref(), Some("2026-07-20T06:00:00Z"));
        // Over the end of summer time: it begins at +02:00 and ends at +01:00.
        assert_eq!(berlin("2026-10-23T14:00:00Z").as_deref(), Some("2026-10-26T07:00:00Z"));
        let tokyo = |now| end("Sun 23:00", "Mon 01:00", "Asia/Tokyo", now);
        assert_eq!(tokyo("2026-11-22T15:30:00Z").as_deref(), Some("2026-11-22T16:00:00Z"));
        assert_eq!(tokyo("2026-11-22T16:00:00Z"), None);
    }

    #[test]
    fn equal_times_are_the_whole_week_and_the_zone_must_exist() {
        assert!(end("Mon 00:00", "Mon 00:00", "UTC", "2026-11-18T12:00:00Z").is_some());
        let now = Timestamp::parse("0").unwrap();
        assert!(
            end_of_current(week("Mon 00:00"), week("Mon 00:00"), "Mars/Olympus", now)
                .unwrap_err()
                .contains("Mars")
        );
    }

    proptest! {
        /// Every timestamp is in exactly one of a window and its complement.
        #[test]
        fn a_window_and_its_complement_cover_the_week(seconds in 1_500_000_000_i64..2_000_000_000, from in 0..10_080_i64, length in 1..10_079_i64) {
            let time = |minutes: i64| {
                let minutes = minutes % 10_080;
                let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][usize::try_from(minutes / 1440).unwrap()];
                week(&format!("{day} {:02}:{:02}", minutes % 1440 / 60, minutes % 60))
            };
            let (from, until, now) = (time(from), time(from + length), Timestamp::from_seconds(seconds).unwrap());
            let within = end_of_current(from, until, "UTC", now).unwrap();
            let without = end_of_current(until, from, "UTC", now).unwrap();
            prop_assert!(within.is_some() != without.is_some());
            prop_assert!(within.or(without).unwrap() > now);
        }
    }
}
