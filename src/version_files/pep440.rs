//! Versions in the spelling of PEP 440: `1.4.0rc2` for `1.4.0-rc.2`. Python accepts both.

use crate::model::Version;

/// The prereleases of PEP 440: the accepted spelling, the normalized spelling, and the channel.
const PRERELEASES: [(&str, &str, &str); 9] = [
    ("alpha", "a", "alpha"),
    ("a", "a", "alpha"),
    ("beta", "b", "beta"),
    ("b", "b", "beta"),
    ("preview", "rc", "rc"),
    ("pre", "rc", "rc"),
    ("rc", "rc", "rc"),
    ("c", "rc", "rc"),
    ("dev", ".dev", "dev"),
];

/// Parses a version in either spelling. `None` for what SemVer cannot express: epochs, post-releases, more than three
/// numbers.
pub(super) fn parse(text: &str) -> Option<Version> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (public, local) = text.split_once('+').map_or((text, None), |(public, local)| (public, Some(local)));
    let end = public.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(public.len());
    let (numbers, word) = public.split_at(end);
    // In `1.4.0.dev3` the last dot belongs to the word.
    let numbers = if word.is_empty() { numbers } else { numbers.strip_suffix('.').unwrap_or(numbers) };
    let numbers: Vec<u64> = numbers.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [major, minor, patch] = match *numbers.as_slice() {
        [major] => [major, 0, 0],
        [major, minor] => [major, minor, 0],
        [major, minor, patch] => [major, minor, patch],
        _ => return None,
    };
    let mut version = Version::new(major, minor, patch).to_string();
    if !word.is_empty() {
        let separators = ['-', '_', '.'];
        let word = word.strip_prefix(separators).unwrap_or(word);
        let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
        let (word, counter) = word.split_at(end);
        let (_, _, channel) = PRERELEASES.iter().find(|(accepted, ..)| *accepted == word)?;
        let counter = counter.strip_prefix(separators).unwrap_or(counter);
        let counter: u64 = if counter.is_empty() { 0 } else { counter.parse().ok()? };
        version.push_str(&format!("-{channel}.{counter}"));
    }
    if let Some(local) = local {
        version.push_str(&format!("+{}", local.replace(['-', '_'], ".")));
    }
    Version::parse(&version)
}

/// Returns the normalized spelling of PEP 440; `None` if it has no such channel.
pub(super) fn print(version: &Version) -> Option<String> {
    let version = parse(&version.to_string())?;
    let whole = version.to_string();
    let local = whole.split_once('+').map_or_else(String::new, |(_, local)| format!("+{local}"));
    let pre = match version.channel() {
        None => String::new(),
        Some((channel, counter)) => {
            let (_, normalized, _) = PRERELEASES.iter().find(|(.., name)| *name == channel.as_str())?;
            format!("{normalized}{counter}")
        }
    };
    Some(format!("{}{pre}{local}", version.core()))
}

#[cfg(test)]
mod tests {
    use super::{parse, print};
    use crate::model::Version;

    #[test]
    fn both_spellings_are_the_same_version() {
        for (text, normalized) in [
            ("1.4.0", "1.4.0"),
            ("1.4", "1.4.0"),
            ("v1.4.0", "1.4.0"),
            ("2024.04.1", "2024.4.1"),
            ("1.4.0-rc.2", "1.4.0rc2"),
            ("1.4.0rc2", "1.4.0rc2"),
            ("1.4.0.RC-2", "1.4.0rc2"),
            ("1.4.0-alpha.1", "1.4.0a1"),
            ("1.4.0-beta", "1.4.0b0"),
            ("1.4.0-preview.3", "1.4.0rc3"),
            ("1.4.0-dev.7", "1.4.0.dev7"),
            ("1.4.0.dev7", "1.4.0.dev7"),
            ("1.4.0+build-5", "1.4.0+build.5"),
        ] {
            assert_eq!(print(&parse(text).unwrap()).as_deref(), Some(normalized), "{text}");
            assert_eq!(parse(normalized), parse(text), "{text}");
        }
    }

    #[test]
    fn versions_that_semver_cannot_express_are_not_parsed() {
        for text in
            ["", "1!1.4.0", "1.4.0.post1", "1.4.0-1", "1.4.0.1", "1.4.0rc1.dev2", "x", "1..2", "1.4.0-"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(print(&Version::parse("1.4.0-nightly.1").unwrap()), None);
    }
}
