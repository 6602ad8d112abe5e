//! Reads five lines as a weekly freeze: from, until, time zone, now, and a time as people type it. A freeze that is active ends
//! later than now and within two weeks (a clock that is moved may skip its end once); one whose time zone has no change of clock near is what the clock on the wall says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rel::internals::{Timestamp, WeekTime, time_expression, weekly_window};

const WEEK: i64 = 7 * 24 * 3600;
/// No zone moves its clock by more, in seconds; Apia skipped a day.
const CHANGE: i64 = 25 * 3600;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default();
    let (from, until, zone, now, typed) = (line(), line(), line(), line(), line());
    let Some(now) = Timestamp::parse(now) else { return };
    if let Ok(at) = time_expression::parse(typed, now, zone) {
        assert!(at > now, "{typed} at {now} is {at}");
    }
    let (Some(from), Some(until)) = (WeekTime::parse(from), WeekTime::parse(until)) else { return };
    assert_eq!(WeekTime::parse(&from.to_string()), Some(from));
    let Ok(end) = weekly_window::end_of_current(from, until, zone, now) else { return };
    if let Some(end) = end {
        assert!(end > now, "{from} to {until} in {zone} at {now} ended at {end}");
        assert!(
            end.seconds() - now.seconds() <= 2 * WEEK + CHANGE,
            "{from} to {until} in {zone} at {now}: {end}"
        );
    }
    if zone == "UTC" {
        // 1970 began on a Thursday.
        let minute = |time: WeekTime| {
            let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
            let text = time.to_string();
            let day = days.iter().position(|day| text.starts_with(day)).unwrap() as i64;
            day * 1440 + text[4..6].parse::<i64>().unwrap() * 60 + text[7..9].parse::<i64>().unwrap()
        };
        let (start, stop) = (minute(from) * 60, minute(until) * 60);
        let since = (now.seconds() - start).rem_euclid(WEEK);
        let length = match (stop - start).rem_euclid(WEEK) {
            0 => WEEK,
            length => length,
        };
        // At the very borders of what a timestamp can say there is no next week.
        if (-62_000_000_000..253_000_000_000).contains(&now.seconds()) {
            assert_eq!(end.map(Timestamp::seconds), (since < length).then(|| now.seconds() + length - since));
        }
    }
});
