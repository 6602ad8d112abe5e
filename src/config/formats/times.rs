//! Durations, times of the week and time zones.

use crate::config::fault::FormatError;
use crate::config::quote::quoted;
use crate::model::WeekTime;
use std::time::Duration;

/// Longer durations are typing errors; sums of shorter ones stay far from any limit.
const MAX_DAYS: u64 = 3650;

/// Parses `2h`, `1h30m`, `0s`: whole numbers with d, h, m or s, the larger unit first. `None` for anything else, and for
/// more than ten years.
pub(in crate::config) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    let mut units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)].into_iter();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letter = tail.chars().next()?;
        let (_, size) = units.find(|(unit, _)| *unit == letter)?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(size)?)?;
        rest = tail.get(letter.len_utf8()..)?;
    }
    (!text.is_empty() && seconds <= MAX_DAYS * 86_400).then(|| Duration::from_secs(seconds))
}

/// Parses a duration.
pub(in crate::config) fn duration(text: &str) -> Result<Duration, FormatError> {
    parse_duration(text).ok_or_else(|| {
        FormatError::new(
            format!("{} is not a duration", quoted(text)),
            "write it like \"10m\", \"1h30m\", \"7d\", \"0s\"; at most ten years",
        )
    })
}

/// Parses a duration after which something is ended.
pub(in crate::config) fn timeout(text: &str) -> Result<Duration, FormatError> {
    let timeout = duration(text)?;
    if timeout.is_zero() {
        return FormatError::err(
            format!("{} ends every command at once", quoted(text)),
            "write how long a command may take, such as \"10m\"",
        );
    }
    Ok(timeout)
}

/// Parses a day and a time of the week.
pub(in crate::config) fn week_time(text: &str) -> Result<WeekTime, FormatError> {
    WeekTime::parse(text).ok_or_else(|| {
        FormatError::new(
            format!("{} is not a time of the week", quoted(text)),
            "write a day and a time, as in \"Fri 16:00\"",
        )
    })
}

/// Checks the form of a time zone's name. Whether the zone exists is known only where it is used.
pub(in crate::config) fn time_zone(text: &str) -> Result<String, FormatError> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    if text.len() <= 64 && text.split('/').all(part) {
        return Ok(text.to_owned());
    }
    FormatError::err(
        format!("{} is not the name of a time zone", quoted(text)),
        "use a name such as \"Europe/Berlin\" or \"UTC\"",
    )
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn durations_are_seconds() {
        let seconds = |text| parse_duration(text).map(|span| span.as_secs());
        assert_eq!(seconds("1d2h3m4s"), Some(93_784));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds("3650d"), Some(315_360_000));
        assert_eq!(seconds("99999999999999999999s"), None);
        assert_eq!(seconds("10µ"), None);
    }
}
