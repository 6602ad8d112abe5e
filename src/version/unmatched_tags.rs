//! Describes tags that no format of a package matches: they show when a first release may be a mistake (V7).

use crate::model::{TagFormat, Version};
use std::collections::BTreeMap;

/// What tags look like that no format of a package matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnmatchedTags {
    /// Formats in which semantic versions were found, most frequent first.
    pub formats: Vec<FoundFormat>,
    /// Tags with numbers that are not a semantic version: `v1.0`, `1.2.3.4`, `2024.01.15`.
    pub numbered: Vec<String>,
    /// Tags without a version: `latest`, `v10`.
    pub plain: Vec<String>,
}

/// A format in which tags have semantic versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFormat {
    /// The format.
    pub format: TagFormat,
    /// How many tags have it.
    pub count: usize,
    /// The first of them.
    pub example: String,
}

/// Describes tag names that no format of the package matches.
pub fn unmatched_tags<'a>(names: impl IntoIterator<Item = &'a str>) -> UnmatchedTags {
    let mut formats: BTreeMap<String, FoundFormat> = BTreeMap::new();
    let mut found = UnmatchedTags::default();
    for name in names {
        match shape(name) {
            TagShape::Version(format) => {
                let entry = formats.entry(format.to_string());
                entry.or_insert(FoundFormat { format, count: 0, example: name.to_owned() }).count += 1;
            }
            TagShape::Numbers => found.numbered.push(name.to_owned()),
            TagShape::Plain => found.plain.push(name.to_owned()),
        }
    }
    found.formats = formats.into_values().collect();
    found.formats.sort_by_key(|found| std::cmp::Reverse(found.count));
    found
}

/// What a tag name looks like.
enum TagShape {
    /// A semantic version in this format.
    Version(TagFormat),
    /// Dotted numbers that are not a semantic version.
    Numbers,
    /// No version.
    Plain,
}

/// Returns the shape of a tag name: its first run of dotted numbers decides.
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
            // `v1.0.0rc1`: a version that is not semantic; its end is not part of a format.
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
    fn v7_tags_are_described_by_their_shape() {
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
            .map(|found| (found.format.to_string(), found.count, found.example.as_str()))
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
