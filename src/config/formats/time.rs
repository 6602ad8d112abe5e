//! Lengths of time, times of the week and time zones. Leans on `model`.

use crate::config::fault::{Wrong, quoted};
use crate::model::WeekTime;
use std::time::Duration;

/// Longer ones are slips; sums of them stay far from any bound.
const LONGEST_DAYS: u64 = 3650;

/// Reads `2h`, `1h30m`, `0s`: whole numbers with d, h, m or s, the larger unit first. `None` for anything else, and for
/// more than ten years.
pub(in crate::config) fn read_span(text: &str) -> Option<Duration> {
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
    (!text.is_empty() && seconds <= LONGEST_DAYS * 86_400).then(|| Duration::from_secs(seconds))
}

/// A length of time.
pub(super) fn span(text: &str) -> Result<(), Wrong> {
    if read_span(text).is_some() {
        return Ok(());
    }
    Wrong::err(
        format!("{} is not a length of time", quoted(text)),
        "as in \"10m\", \"1h30m\", \"7d\", \"0s\"; at most ten years",
    )
}

/// A day and a time of the week.
pub(super) fn week_time(text: &str) -> Result<(), Wrong> {
    if WeekTime::parse(text).is_some() {
        return Ok(());
    }
    Wrong::err(format!("{} is not a time of the week", quoted(text)), "a day and a time, as in \"Fri 16:00\"")
}

/// The form of a time zone's name; whether there is such a zone is known only where it is used.
pub(super) fn zone(text: &str) -> Result<(), Wrong> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    if text.len() <= 64 && text.split('/').all(part) {
        return Ok(());
    }
    Wrong::err(
        format!("{} is not the name of a time zone", quoted(text)),
        "as in \"Europe/Berlin\" or \"UTC\"",
    )
}

#[cfg(test)]
mod tests {
    use super::read_span;

    #[test]
    fn spans_are_seconds() {
        let seconds = |text| read_span(text).map(|span| span.as_secs());
        assert_eq!(seconds("1d2h3m4s"), Some(93_784));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds("3650d"), Some(315_360_000));
        assert_eq!(seconds("99999999999999999999s"), None);
        assert_eq!(seconds("10µ"), None);
    }
}
