//! Any other file: text with `{version}` in it, found wherever it stands. A version reaches as far as semver says, so
//! `rel@{version}` does not find the `rel@1.4.0` of `rel@1.4.0-rc.1`. Leans on `desk`.

use super::desk::Desk;
use super::held::Held;
use super::step::{Verdict, VersionChange, shown};
use crate::error::{Error, Result};
use crate::model::Version;

/// What stands for the version.
const MARK: &str = "{version}";

/// No version is longer, in bytes.
const LONGEST: usize = 128;

/// Other versions that a message names.
const NAMED: usize = 5;

/// Edits a file in which a pattern is found.
pub(super) fn edit(
    desk: &mut Desk<'_>,
    step: &VersionChange,
    path: &str,
    pattern: &str,
    matches: Option<u32>,
) -> Result<()> {
    let text = desk.open(path)?;
    let (mut count, mut others) = (0, Vec::new());
    for hit in hits(&text, pattern, step) {
        let other = hit.iter().find(|held| step.judge_text(&held.value) == Verdict::Other);
        if let Some(other) = other {
            others.push(other.clone());
            continue;
        }
        count += 1;
        for held in hit.iter().filter(|held| step.judge_text(&held.value) == Verdict::Moves) {
            desk.replace(path, held, step.to.to_string(), pattern);
        }
    }
    let wanted = matches.unwrap_or(1);
    if count == wanted || (matches.is_none() && count > 0) {
        return Ok(());
    }
    let quoted = shown(pattern);
    let message = if matches.is_some() {
        format!("{path} has {quoted} with {} {}, not {}", step.wanted(), times(count), times(wanted))
    } else if others.is_empty() {
        format!("{path} has no {quoted}")
    } else {
        format!("{path} has no {quoted} with {}", step.wanted())
    };
    let sample = pattern.replace(MARK, &step.sample().to_string());
    let hint = if count > wanted {
        format!("write matches = {count}, or a longer pattern")
    } else {
        format!("write `{sample}` into {path}, or mend the pattern; what follows the version belongs to it")
    };
    let error = Error::refused(message).hint(hint);
    let others = others.iter().take(NAMED);
    Err(others.fold(error, |error, other| {
        error.cause(format!("{} holds {}", desk.place(path, other.range.start), shown(&other.value)))
    }))
}

/// How often, in words.
fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// Where the pattern stands: for each hit the versions in it.
fn hits(text: &str, pattern: &str, step: &VersionChange) -> Vec<Vec<Held>> {
    let mut parts = pattern.split(MARK);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    // Longer ones first: `1.4.0-rc.1` may begin with another one.
    let mut known: Vec<String> = step.from.iter().chain([&step.to]).map(ToString::to_string).collect();
    known.sort_by_key(|version| std::cmp::Reverse(version.len()));
    let starts = text.match_indices(first).map(|(at, _)| at + first.len());
    starts
        .filter(|start| !first.is_empty() || begins(text, *start))
        .filter_map(|start| hit(text, start, &rest, &known))
        .collect()
}

/// Whether a version may begin here, where nothing of the pattern stands before it: not within another number.
fn begins(text: &str, at: usize) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let Some((before, after)) = text.split_at_checked(at) else { return false };
    let within =
        before.ends_with(digit) || before.strip_suffix('.').is_some_and(|number| number.ends_with(digit));
    after.starts_with(digit) && !within
}

/// The versions of a hit, the first of which begins at `start`; each stands before one of the `parts`.
fn hit(text: &str, mut start: usize, parts: &[&str], known: &[String]) -> Option<Vec<Held>> {
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        let length = reach(text.get(start..)?, part, known)?;
        found.push(Held::part(text, start..start + length));
        start += length + part.len();
    }
    Some(found)
}

/// How far the version reaches with which a text begins and behind which `part` stands.
fn reach(text: &str, part: &str, known: &[String]) -> Option<usize> {
    let ends = |length: usize| {
        let after = text.get(length..).unwrap_or_default();
        if part.is_empty() { !goes_on(after) } else { after.starts_with(part) }
    };
    let known = known.iter().filter(|version| text.starts_with(version.as_str())).map(String::len);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    let longest = text.bytes().take(LONGEST).take_while(|byte| is_part(byte)).count();
    let any = (1..=longest).rev().filter(|length| text.get(..*length).and_then(Version::parse).is_some());
    known.chain(any).find(|length| ends(*length))
}

/// Whether a version goes on in what stands behind it.
fn goes_on(after: &str) -> bool {
    let mut letters = after.chars();
    let (first, second) = (letters.next(), letters.next());
    match first {
        Some('.') => second.is_some_and(|c| c.is_ascii_digit()),
        Some('-' | '+') => second.is_some_and(|c| c.is_ascii_alphanumeric()),
        first => first.is_some_and(|c| c.is_ascii_alphanumeric()),
    }
}
