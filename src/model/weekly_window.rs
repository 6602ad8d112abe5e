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

    /// Returns the instants of this time on the day `days` days after `now`: two where the clock shows it twice; none if that
    /// is another day of the week.
    fn on(self, now: &Zoned, days: i64) -> Option<[Zoned; 2]> {
        let date = now.date().checked_add(Span::new().try_days(days).ok()?).ok()?;
        let time = Time::new(self.hour, self.minute, 0, 0).ok()?;
        if date.weekday() != self.day {
            return None;
        }
        let instant = || now.time_zone().to_ambiguous_zoned(date.to_datetime(time));
        Some([instant().earlier().ok()?, instant().later().ok()?])
    }

    /// Returns the seconds since Monday 00:00 on the clock.
    fn seconds(self) -> i64 {
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute);
        i64::from(self.day.to_monday_zero_offset()) * 86_400 + minutes * 60
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

/// Returns whether a clock shows a time inside the window between two times of the week. Equal times mean the whole week.
fn is_inside(from: WeekTime, until: WeekTime, shown: &Zoned) -> bool {
    let day = i64::from(shown.weekday().to_monday_zero_offset());
    let shown = day * 86_400
        + i64::from(shown.hour()) * 3600
        + i64::from(shown.minute()) * 60
        + i64::from(shown.second());
    let (from, until) = (from.seconds(), until.seconds());
    if from < until { from <= shown && shown < until } else { shown >= from || shown < until }
}

/// Returns when the window between two times of the week ends, if `now` is inside it; `None` if it is outside. What the clock
/// in its time zone shows decides: an hour that the clock shows twice is inside twice, and one that it skips never. Equal
/// times mean the whole week.
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
    if !is_inside(from, until, &now) {
        return Ok(None);
    }
    // It can end only when the clock shows the end, or is moved past it. Where the clock skips the time of the end, that is a week
    // later.
    let shown = (0..=15).filter_map(|days| until.on(&now, days)).flatten();
    let moved = now.time_zone().following(now.timestamp()).take(3);
    let moved = moved.map(|transition| transition.timestamp().to_zoned(now.time_zone().clone()));
    let ends = shown.chain(moved).filter(|end| *end > now);
    let end = ends.filter(|end| from == until || !is_inside(from, until, end)).min();
    Ok(end.and_then(|end| Timestamp::from_seconds(end.timestamp().as_second())))
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

    #[test]
    fn an_end_that_the_clock_skips_comes_a_week_later() {
        let berlin = |now| end("Sun 02:10", "Sun 02:00", "Europe/Berlin", now);
        // On 2027-03-28 the clock shows neither 02:00 nor 02:10.
        assert_eq!(berlin("2027-03-22T12:00:00Z").as_deref(), Some("2027-04-04T00:00:00Z"));
        assert_eq!(berlin("2027-03-28T00:59:59Z").as_deref(), Some("2027-04-04T00:00:00Z"));
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

    /// Berlin skips 02:00 to 03:00 on 2027-03-28, and shows it twice on 2026-10-25.
    #[test]
    fn what_the_clock_shows_decides_while_it_is_moved() {
        let window = |from, until, now| end(from, until, "Europe/Berlin", now);
        // The whole window is skipped.
        for now in
            ["2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z", "2027-03-28T01:15:00Z", "2027-03-30T12:00:00Z"]
        {
            assert_eq!(window("Sun 02:15", "Sun 02:45", now), None, "{now}");
            assert_eq!(window("Sun 02:30", "Sun 03:00", now), None, "{now}");
        }
        // Its end is skipped, its start is skipped.
        let before = "2027-03-27T23:00:00Z";
        assert_eq!(window("Sat 22:00", "Sun 02:30", before).as_deref(), Some("2027-03-28T01:00:00Z"));
        assert_eq!(window("Sat 22:00", "Sun 02:30", "2027-03-28T01:00:00Z"), None);
        assert_eq!(
            window("Sun 02:30", "Sun 04:00", "2027-03-28T01:00:00Z").as_deref(),
            Some("2027-03-28T02:00:00Z")
        );
        // Both hours of the autumn night are frozen, and each half-hour twice.
        for now in ["2026-10-25T00:10:00Z", "2026-10-25T01:10:00Z"] {
            assert_eq!(
                window("Sun 02:00", "Sun 03:00", now).as_deref(),
                Some("2026-10-25T02:00:00Z"),
                "{now}"
            );
        }
        let half = |now| window("Sun 02:00", "Sun 02:30", now);
        assert_eq!(half("2026-10-25T00:10:00Z").as_deref(), Some("2026-10-25T00:30:00Z"));
        assert_eq!(half("2026-10-25T00:40:00Z"), None);
        assert_eq!(half("2026-10-25T01:10:00Z").as_deref(), Some("2026-10-25T01:30:00Z"));
        assert_eq!(half("2026-10-25T01:30:00Z"), None);
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
            for zone in ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"] {
                let within = end_of_current(from, until, zone, now).unwrap();
                let without = end_of_current(until, from, zone, now).unwrap();
                prop_assert!(within.is_some() != without.is_some());
                let end = within.or(without).unwrap();
                prop_assert!(end > now && end.seconds() - now.seconds() <= 7 * 86_400 + 7_200);
                // At its end it is over, and one second before it was not.
                let (from, until) = if within.is_some() { (from, until) } else { (until, from) };
                prop_assert!(end_of_current(from, until, zone, end).unwrap().is_none());
                let last = Timestamp::from_seconds(end.seconds() - 1).unwrap();
                prop_assert_eq!(end_of_current(from, until, zone, last).unwrap(), Some(end));
            }
        }
    }
}
