//! Tags that bear no version in a format of the package: why a first release may be a mistake (V7). Pure.

use crate::model::{TagFormat, Version};
use std::collections::BTreeMap;

/// What the tags look like that no format reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnmatchedTags {
    /// Formats that semantic versions were seen in, with how many and one of them; the most frequent first.
    pub formats: Vec<(TagFormat, usize, String)>,
    /// Tags with numbers that are no semantic version: `v1.0`, `1.2.3.4`, `2024.01.15`.
    pub numbered: Vec<String>,
    /// Tags without any version: `latest`, `v10`.
    pub plain: Vec<String>,
}

/// Sorts tag names that no format of the package reads.
pub fn unmatched_tags<'a>(names: impl IntoIterator<Item = &'a str>) -> UnmatchedTags {
    let mut formats: BTreeMap<String, (TagFormat, usize, String)> = BTreeMap::new();
    let mut found = UnmatchedTags::default();
    for name in names {
        match shape(name) {
            TagShape::Version(format) => {
                let entry = formats.entry(format.to_string()).or_insert((format, 0, name.to_owned()));
                entry.1 += 1;
            }
            TagShape::Numbers => found.numbered.push(name.to_owned()),
            TagShape::Plain => found.plain.push(name.to_owned()),
        }
    }
    found.formats = formats.into_values().collect();
    found.formats.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    found
}

enum TagShape {
    Version(TagFormat),
    Numbers,
    Plain,
}

/// The first run of dotted numbers in a name decides.
fn shape(name: &str) -> TagShape {
    let bytes = name.as_bytes();
    let is_number = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
    let mut start = 0;
    while start < bytes.len() {
        if !bytes.get(start).is_some_and(u8::is_ascii_digit) {
            start += 1;
            continue;
        }
        let end = (start..).find(|at| !is_number(*at)).unwrap_or(bytes.len());
        let run = name.get(start..end).unwrap_or_default().trim_end_matches('.');
        let (prefix, rest) = (name.get(..start).unwrap_or_default(), name.get(start..).unwrap_or_default());
        match run.split('.').count() {
            0 | 1 => start = end,
            3 if Version::parse(rest).is_some() => return TagShape::Version(TagFormat::new(prefix, "")),
            // `v1.0.0rc1`: a version, but not a semantic one; its tail is no part of a format.
            3 if rest[run.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '.') => {
                return TagShape::Numbers;
            }
            3 if Version::parse(run).is_some() => {
                return TagShape::Version(TagFormat::new(prefix, &rest[run.len()..]));
            }
            _ => return TagShape::Numbers,
        }
    }
    TagShape::Plain
}

#[cfg(test)]
mod tests {
    use super::unmatched_tags;

    #[test]
    fn v7_what_tags_look_like() {
        let names = [
            "release/1.2.0",
            "release/1.3.0-rc.1",
            "v1.0",
            "1.2.3.4",
            "latest",
            "v10",
            "app_2.0.0_final",
            "2024.01.15",
            "x-2024-01-15",
        ];
        let found = unmatched_tags(names);
        let formats: Vec<_> = found
            .formats
            .iter()
            .map(|(format, count, name)| (format.to_string(), *count, name.as_str()))
            .collect();
        assert_eq!(
            formats,
            [
                ("release/{version}".to_owned(), 2, "release/1.2.0"),
                ("app_{version}_final".to_owned(), 1, "app_2.0.0_final")
            ]
        );
        assert_eq!(found.numbered, ["v1.0", "1.2.3.4", "2024.01.15"]);
        assert_eq!(found.plain, ["latest", "v10", "x-2024-01-15"]);
    }
}
