//! The version requirement of a path dependency on a package whose version changes.

use crate::version_files::version_change::VersionChange;

/// Returns the requirement that accepts the new version; `None` if it can stay. The error is a hint how to write one that
/// `rel` can update.
pub(super) fn updated(text: &str, change: &VersionChange) -> Result<Option<String>, String> {
    let (operator, number) = text.split_at(text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len()));
    let is_single = matches!(operator.trim(), "" | "=" | "^" | "~" | ">=") && !number.contains(',');
    let number = number.trim_end();
    if is_single && change.from.iter().any(|from| from.to_string() == number) {
        return Ok(Some(format!("{operator}{}", change.to)));
    }
    // A requirement that cannot be parsed is for cargo to report.
    if change.to.meets(text).unwrap_or(true) {
        return Ok(None);
    }
    let parts: Vec<_> = number.split('.').collect();
    let is_numeric =
        !number.is_empty() && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_single || !(is_numeric || parts.len() > 2) {
        let example = change.example();
        return Err(format!("change it to \"{operator}{example}\" or \"{example}\", which rel can update"));
    }
    // `1.3` becomes `2.0`. Only a requirement that names a prerelease accepts it.
    let to = change.to.to_string();
    let to =
        if change.to.is_final() { to.split('.').take(parts.len()).collect::<Vec<_>>().join(".") } else { to };
    Ok(Some(format!("{operator}{to}")))
}

#[cfg(test)]
mod tests {
    use super::updated;
    use crate::model::Version;
    use crate::version_files::VersionChange;

    #[test]
    fn requirements_are_updated_only_if_they_reject_the_new_version() {
        let updated_to = |text: &str, to: &str| {
            let version = |text: &str| Version::parse(text).unwrap();
            updated(text, &VersionChange { from: vec![version("1.3.0")], to: version(to) })
        };
        for (text, to, expected) in [
            ("1.3.0", "1.4.0", Some("1.4.0")),
            ("=1.3.0", "1.4.0", Some("=1.4.0")),
            (">= 1.3.0", "2.0.0", Some(">= 2.0.0")),
            ("^1.3.0", "1.4.0-rc.1", Some("^1.4.0-rc.1")),
            ("1.4.0", "1.4.0", None),
            ("1.2.0", "1.4.0", None),
            ("1.3", "1.4.0", None),
            ("1", "1.4.0", None),
            ("*", "2.0.0", None),
            (">=1.2, <3", "2.0.0", None),
            ("1.3", "2.0.0", Some("2.0")),
            ("~1.3", "1.4.0", Some("~1.4")),
            ("1", "2.0.0", Some("2")),
            ("1", "2.0.0-rc.1", Some("2.0.0-rc.1")),
            ("=1.2.0", "1.4.0", Some("=1.4.0")),
        ] {
            assert_eq!(updated_to(text, to), Ok(expected.map(str::to_owned)), "{text} to {to}");
        }
        assert!(updated_to(">=1.3, <2", "2.0.0").is_err());
        assert!(updated_to("1.*", "2.0.0").is_err());
    }
}
