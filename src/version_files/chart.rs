//! `Chart.yaml`: the top-level `version` and `appVersion`. Read line by line, so that comments and quotes are kept: in YAML,
//! only a top-level key can be at the start of a line.

use super::file_edits::FileEdits;
use super::spanned_string::SpannedString;
use super::version_change::{Match, VersionChange};
use crate::error::{Error, Result};
use crate::model::Version;
use std::ops::Range;

/// Edits a `Chart.yaml`. `appVersion` is only replaced if it is the same version.
pub(super) fn edit(edits: &mut FileEdits<'_>, change: &VersionChange, path: &str) -> Result<()> {
    let text = edits.read(path)?;
    let Some(version) = find(edits, path, &text, "version")? else {
        return Err(Error::refused(format!("{path} has no top-level version"))
            .hint(format!("add a line to {path}: version: {}", change.example())));
    };
    let current = Version::parse(&version.value);
    match change.match_version(current.as_ref()) {
        Match::Old => edits.replace(path, &version, change.to.to_string(), "version"),
        Match::New => {}
        Match::Other => {
            let hint =
                "if the chart has its own version, set pattern = 'appVersion: \"{version}\"' in its [[file]]";
            edits.add_error(edits.mismatch(change, path, &version).hint(hint));
            return Ok(());
        }
    }
    // In a first release, the version of the chart says which appVersion is the same.
    let change = match current {
        Some(current) if change.from.is_empty() => {
            VersionChange { from: vec![current], to: change.to.clone() }
        }
        _ => change.clone(),
    };
    if let Some(app) = find(edits, path, &text, "appVersion")?
        && change.match_text(&app.value) == Match::Old
    {
        edits.replace(path, &app, change.to.to_string(), "appVersion");
    }
    Ok(())
}

/// Returns the value of a top-level key, without a leading `v`. Refuses a duplicate key.
fn find(edits: &FileEdits<'_>, path: &str, text: &str, key: &str) -> Result<Option<SpannedString>> {
    let mut found: Option<SpannedString> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // The first line may begin with a byte order mark.
        let bare = line.strip_prefix('\u{feff}').unwrap_or(line);
        let offset = start + line.len() - bare.len();
        start += line.len();
        let Some(value) = value(bare, key) else { continue };
        let string = SpannedString::slice(text, offset + value.start..offset + value.end);
        if let Some(first) = &found {
            let (first, second) =
                (edits.location(path, first.range.start), edits.location(path, string.range.start));
            return Err(Error::refused(format!("duplicate key {key}: {first} and {second}"))
                .hint(format!("remove one of the two from {path}")));
        }
        found = Some(string);
    }
    Ok(found)
}

/// Returns the range of the value in a line that begins with a key.
fn value(line: &str, key: &str) -> Option<Range<usize>> {
    let rest = ["", "\"", "'"].iter().find_map(|quote| {
        let rest = line.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote)?;
        rest.trim_start_matches([' ', '\t']).strip_prefix(':')
    })?;
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let rest = rest.trim();
    let inner = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest.get(1..)?.split(quote).next()?,
        Some('#') | None => rest.get(..0)?,
        Some(_) => rest.split(" #").next()?.split("\t#").next()?.trim_end(),
    };
    let inner = inner.strip_prefix('v').unwrap_or(inner);
    let start = (inner.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    Some(start..start + inner.len())
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn values_are_found_with_quotes_comments_and_prefixes() {
        for (line, found) in [
            ("version: 1.3.0\r\n", Some("1.3.0")),
            ("version:\t1.3.0 # next: 1.4.0\n", Some("1.3.0")),
            ("\"version\" : 'v1.3.0'", Some("1.3.0")),
            ("version: \"1.3.0\" # x", Some("1.3.0")),
            ("version: # none", Some("")),
            ("version:", Some("")),
            ("version:1.3.0", None),
            (" version: 1.3.0", None),
            ("# version: 1.3.0", None),
            ("versions: 1.3.0", None),
            ("- version: 1.3.0", None),
        ] {
            assert_eq!(value(line, "version").map(|range| &line[range]), found, "{line:?}");
        }
    }
}
