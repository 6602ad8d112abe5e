//! What a path dependency requires of a package that moves: as cargo reads requirements. Leans on `model`.

use crate::version_files::step::VersionChange;

/// The requirement that takes the new version; `None` where it can stay. The error says how to write one that `rel`
/// can keep.
pub(super) fn next(text: &str, step: &VersionChange) -> Result<Option<String>, String> {
    let (operator, number) = text.split_at(text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len()));
    let single = matches!(operator.trim(), "" | "=" | "^" | "~" | ">=") && !number.contains(',');
    let number = number.trim_end();
    if single && step.from.iter().any(|from| from.to_string() == number) {
        return Ok(Some(format!("{operator}{}", step.to)));
    }
    // What cannot be read is cargo's business.
    if step.to.meets(text).unwrap_or(true) {
        return Ok(None);
    }
    let parts: Vec<_> = number.split('.').collect();
    let plain = !number.is_empty() && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !single || !(plain || parts.len() > 2) {
        return Err(format!(
            "write it as \"{operator}{}\" or \"{}\": that one is kept",
            step.sample(),
            step.sample()
        ));
    }
    // `1.3` becomes `2.0`; a prerelease is only met by a requirement that names it.
    let to = step.to.to_string();
    let kept =
        if step.to.is_final() { to.split('.').take(parts.len()).collect::<Vec<_>>().join(".") } else { to };
    Ok(Some(format!("{operator}{kept}")))
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::model::Version;
    use crate::version_files::VersionChange;

    #[test]
    fn requirements_follow() {
        let next = |text: &str, to: &str| {
            let version = |text: &str| Version::parse(text).unwrap();
            next(text, &VersionChange { from: vec![version("1.3.0")], to: version(to) })
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
            assert_eq!(next(text, to), Ok(expected.map(str::to_owned)), "{text} to {to}");
        }
        assert!(next(">=1.3, <2", "2.0.0").is_err());
        assert!(next("1.*", "2.0.0").is_err());
    }
}
