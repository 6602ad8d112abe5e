//! Any other file: a text pattern with `{version}` in it, wherever it occurs. The version ends where SemVer or the pattern ends
//! it, so `rel@{version}` does not find `rel@1.4.0` in `rel@1.4.0-rc.1`.

use super::file_edits::FileEdits;
use super::spanned_string::SpannedString;
use super::version_change::{Match, VersionChange, quote};
use crate::error::{Error, Result};
use crate::model::Version;

/// The placeholder of the version.
const PLACEHOLDER: &str = "{version}";

/// The length limit of a version in bytes.
const MAX_VERSION: usize = 128;

/// How many other versions an error names.
const MAX_NAMED: usize = 5;

/// Edits a file that contains a pattern. `matches` is how often it must occur with the right version; `None`: at least once.
pub(super) fn edit(
    edits: &mut FileEdits<'_>,
    change: &VersionChange,
    path: &str,
    pattern: &str,
    matches: Option<u32>,
) -> Result<()> {
    let text = edits.read(path)?;
    let (mut count, mut others) = (0, Vec::new());
    for occurrence in occurrences(&text, pattern, change) {
        let other = occurrence.iter().find(|version| change.match_text(&version.value) == Match::Other);
        if let Some(other) = other {
            others.push(other.clone());
            continue;
        }
        count += 1;
        for version in occurrence.iter().filter(|version| change.match_text(&version.value) == Match::Old) {
            edits.replace(path, version, change.to.to_string(), pattern);
        }
    }
    let is_right = matches.map_or(count > 0, |matches| count == matches);
    if is_right {
        return Ok(());
    }
    let error = wrong_count(change, path, pattern, (count, matches), others.is_empty());
    Err(others.iter().take(MAX_NAMED).fold(error, |error, other| {
        error.cause(format!("{} has {}", edits.location(path, other.range.start), quote(&other.value)))
    }))
}

/// Returns the error for a pattern that does not occur, or not as often as it must.
fn wrong_count(
    change: &VersionChange,
    path: &str,
    pattern: &str,
    (count, matches): (u32, Option<u32>),
    no_others: bool,
) -> Error {
    let (quoted, expected) = (quote(pattern), change.expected());
    let message = match matches {
        Some(matches) => {
            format!("{path} contains {quoted} with {expected} {}; expected: {}", times(count), times(matches))
        }
        None if no_others => format!("{path} does not contain {quoted}"),
        None => format!("{path} does not contain {quoted} with {expected}"),
    };
    let example = pattern.replace(PLACEHOLDER, &change.example().to_string());
    Error::refused(message).hint(if count > matches.unwrap_or(1) {
        format!("set matches = {count}, or use a longer pattern")
    } else {
        format!("add `{example}` to {path}, or fix the pattern; text directly after the version is read as part of the version")
    })
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// Returns the occurrences of a pattern, each with its versions.
fn occurrences(text: &str, pattern: &str, change: &VersionChange) -> Vec<Vec<SpannedString>> {
    let mut parts = pattern.split(PLACEHOLDER);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    // Longer versions first: `1.4.0-rc.1` may begin with another one.
    let mut known: Vec<String> = change.from.iter().chain([&change.to]).map(ToString::to_string).collect();
    known.sort_by_key(|version| std::cmp::Reverse(version.len()));
    let starts = text.match_indices(first).map(|(at, _)| at + first.len());
    starts
        .filter(|start| !first.is_empty() || may_begin(text, *start))
        .filter_map(|start| versions_at(text, start, &rest, &known))
        .collect()
}

/// Whether a version may begin here if the pattern begins with one: not within another number.
fn may_begin(text: &str, at: usize) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let Some((before, after)) = text.split_at_checked(at) else { return false };
    let within =
        before.ends_with(digit) || before.strip_suffix('.').is_some_and(|number| number.ends_with(digit));
    after.starts_with(digit) && !within
}

/// Returns the versions of an occurrence: the first begins at `start`, and each is followed by one of the `parts`.
fn versions_at(text: &str, mut start: usize, parts: &[&str], known: &[String]) -> Option<Vec<SpannedString>> {
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        let length = version_length(text.get(start..)?, part, known)?;
        found.push(SpannedString::slice(text, start..start + length));
        start += length + part.len();
    }
    Some(found)
}

/// Returns the length of the version at the start of a text that is followed by `part`.
fn version_length(text: &str, part: &str, known: &[String]) -> Option<usize> {
    let ends = |length: usize| {
        let after = text.get(length..).unwrap_or_default();
        if part.is_empty() { !continues(after) } else { after.starts_with(part) }
    };
    let known = known.iter().filter(|version| text.starts_with(version.as_str())).map(String::len);
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    let longest = text.bytes().take(MAX_VERSION).take_while(|byte| is_allowed(byte)).count();
    let any = (1..=longest).rev().filter(|length| text.get(..*length).and_then(Version::parse).is_some());
    known.chain(any).find(|length| ends(*length))
}

/// Whether a version continues in the text after it.
fn continues(after: &str) -> bool {
    let mut letters = after.chars();
    let (first, second) = (letters.next(), letters.next());
    match first {
        Some('.') => second.is_some_and(|c| c.is_ascii_digit()),
        Some('-' | '+') => second.is_some_and(|c| c.is_ascii_alphanumeric()),
        first => first.is_some_and(|c| c.is_ascii_alphanumeric()),
    }
}
