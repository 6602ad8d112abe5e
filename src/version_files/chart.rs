//! `Chart.yaml`: `version` and `appVersion` at the top of the file, read by lines, so that comments and quotes stay. A
//! key of the top begins its line, and nothing else does: YAML wants whatever a value continues with indented. Leans on
//! `desk`.

use super::desk::Desk;
use super::held::Held;
use super::step::{Verdict, VersionChange};
use crate::error::{Error, Result};
use crate::model::Version;

/// Edits a `Chart.yaml`.
pub(super) fn edit(desk: &mut Desk<'_>, step: &VersionChange, path: &str) -> Result<()> {
    let text = desk.open(path)?;
    let Some(version) = one(desk, path, &text, "version")? else {
        return Err(Error::refused(format!("{path} has no version at its top"))
            .hint(format!("add a line to {path}: version: {}", step.sample())));
    };
    let held = Version::parse(&version.value);
    match step.judge(held.as_ref()) {
        Verdict::Moves => desk.replace(path, &version, step.to.to_string(), "version"),
        Verdict::Already => {}
        Verdict::Other => {
            let fault = step.elsewhere(&desk.place(path, version.range.start), &version.value);
            let hint = "where the chart has versions of its own, name what it repeats: pattern = 'appVersion: \"{version}\"'";
            desk.fault(fault.hint(hint));
            return Ok(());
        }
    }
    // The version of what is installed may be another one; in a first release that of the chart says which.
    let step = match held {
        Some(held) if step.from.is_empty() => VersionChange { from: vec![held], to: step.to.clone() },
        _ => step.clone(),
    };
    if let Some(app) = one(desk, path, &text, "appVersion")?
        && step.judge_text(&app.value) == Verdict::Moves
    {
        desk.replace(path, &app, step.to.to_string(), "appVersion");
    }
    Ok(())
}

/// The value of a key of the top, without a leading `v`.
fn one(desk: &Desk<'_>, path: &str, text: &str, key: &str) -> Result<Option<Held>> {
    let mut found: Option<Held> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // A byte order mark stands before the first key.
        let bare = line.strip_prefix('\u{feff}').unwrap_or(line);
        let shift = start + line.len() - bare.len();
        start += line.len();
        let Some(value) = value(bare, key) else { continue };
        let held = Held::part(text, shift + value.start..shift + value.end);
        if let Some(first) = &found {
            let (first, second) = (desk.place(path, first.range.start), desk.place(path, held.range.start));
            return Err(Error::refused(format!("{key} stands twice: {first} and {second}"))
                .hint(format!("keep one of the two in {path}")));
        }
        found = Some(held);
    }
    Ok(found)
}

/// Where the value stands in a line that begins with a key.
fn value(line: &str, key: &str) -> Option<std::ops::Range<usize>> {
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
    fn values_are_found_in_any_dress() {
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
