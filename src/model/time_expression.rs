//! Parses a future time as people type it: `2h`, `18:00`, `Mon 08:00`, `2026-11-20T18:00:00Z`.

use super::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// Parses a time after `now`. A time of day is the next one in the time zone `zone`.
///
/// # Errors
///
/// Says why it is not a future time.
pub fn parse(text: &str, now: Timestamp, zone: &str) -> Result<Timestamp, String> {
    const KINDS: &str =
        "a span (30m, 2h, 3d), a time of day (18:00), a day and a time (Mon 08:00), or RFC 3339";
    let text = text.trim();
    let found = span(text, now).or_else(|| Timestamp::parse(text).filter(|_| text.contains('T')));
    let found = found.or_else(|| clock_time(text, now, zone));
    let found = found.ok_or_else(|| format!("{text} is not a time: {KINDS}"))?;
    if found > now { Ok(found) } else { Err(format!("{found} is in the past")) }
}

/// Parses `2h`: numbers, each with its unit.
fn span(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (mut seconds, mut number) = (0_i64, String::new());
    for character in text.chars() {
        let unit = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && seconds > 0)
        .then(|| Timestamp::from_seconds(now.seconds().checked_add(seconds)?))?
}

/// Parses `18:00` and `Mon 08:00`.
fn clock_time(text: &str, now: Timestamp, zone: &str) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let (day, time) = match text.split_once(' ') {
        Some((day, time)) => (Some(weekday(day)?), time.trim()),
        None => (None, text),
    };
    let (hour, minute) = time.split_once(':')?;
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let today = now.zoned(zone.clone()).date();
    let timestamp = |days: i64| {
        let date = today.checked_add(days.days()).ok()?;
        let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
        Timestamp::from_seconds(zoned.timestamp().as_second())
            .filter(|_| day.is_none_or(|day| date.weekday() == day))
    };
    (0..=7).filter_map(timestamp).find(|timestamp| *timestamp > now)
}

fn weekday(text: &str) -> Option<Weekday> {
    let start: String = text.to_lowercase().chars().take(3).collect();
    Some(match start.as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, parse};

    #[test]
    fn spans_times_and_days_are_parsed() {
        // A Friday.
        let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
        for (text, zone, wanted) in [
            ("2h", "UTC", "2026-11-20T14:00:00Z"),
            ("1d12h", "UTC", "2026-11-22T00:00:00Z"),
            ("18:00", "UTC", "2026-11-20T18:00:00Z"),
            ("18:00", "Europe/Berlin", "2026-11-20T17:00:00Z"),
            ("08:00", "UTC", "2026-11-21T08:00:00Z"),
            ("Mon 08:00", "Europe/Berlin", "2026-11-23T07:00:00Z"),
            ("friday 11:00", "UTC", "2026-11-27T11:00:00Z"),
            ("2026-12-01T00:00:00+01:00", "UTC", "2026-11-30T23:00:00Z"),
        ] {
            assert_eq!(parse(text, now, zone).unwrap().to_string(), wanted, "{text}");
        }
        for text in ["", "2", "h", "0h", "25:00", "tomorrow", "2026-11-20T11:00:00Z", "99999999999999999w"] {
            assert!(parse(text, now, "UTC").is_err(), "{text}");
        }
    }
}
