//! What a deployer writes to `$REL_RESULT`: the parts of an environment, and what runs in each. Pure. Leans on `model`.

use crate::error::{Error, Result};
use crate::model::{TargetStatus, clean_line};
use serde::Deserialize;

/// More parts than this are a mistake.
const MOST: usize = 1000;
/// Longer texts are cut.
const LONGEST: usize = 200;

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    targets: Vec<TargetStatus>,
}

/// Reads the report; an empty text is none.
///
/// # Errors
///
/// Exit code 8: the deployer said something that cannot be understood, so nothing is known of its parts.
pub(super) fn read(text: &str) -> Result<Vec<TargetStatus>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let report: Report = serde_json::from_str(text).map_err(|error| {
        Error::failed("what the deployer wrote to $REL_RESULT cannot be read")
            .cause(error)
            .hint("{\"targets\":[{\"name\":\"eu\",\"version\":\"1.4.0\",\"state\":\"healthy\"}]}")
    })?;
    if report.targets.len() > MOST {
        let message =
            format!("the deployer reports {} targets; at most {MOST} are taken", report.targets.len());
        return Err(Error::failed(message));
    }
    let short = |text: String| clean_line(&text).chars().take(LONGEST).collect::<String>();
    let part = |part: TargetStatus| TargetStatus {
        name: short(part.name),
        version: part.version.map(short),
        state: part.state.map(short),
    };
    Ok(report.targets.into_iter().map(part).collect())
}

/// What parts say of an operation as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing against it.
    Good,
    /// They differ, in what runs or how it is.
    Differ,
    /// None is as it should be, and all in the same way.
    Bad,
}

/// Judges parts; `names` are what the release that was brought may be called. A part that tells no state is healthy, and
/// one that tells no version runs what was brought.
pub(super) fn judge(parts: &[TargetStatus], names: &[&str]) -> Verdict {
    let seen = |part: &TargetStatus| {
        let version = part.version.clone().filter(|version| !names.contains(&version.as_str()));
        (version, part.state.clone().filter(|state| !is_good(state)))
    };
    let seen: Vec<_> = parts.iter().map(seen).collect();
    match &seen[..] {
        seen if seen.iter().all(|(version, state)| version.is_none() && state.is_none()) => Verdict::Good,
        seen if seen.windows(2).any(|pair| pair[0] != pair[1]) => Verdict::Differ,
        _ => Verdict::Bad,
    }
}

fn is_good(state: &str) -> bool {
    matches!(state, "healthy" | "ok")
}

/// One line about parts: `1.2.2 (3/5), 1.3.0 (2/5)`.
pub fn summary(parts: &[TargetStatus]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for part in parts {
        let version = part.version.as_deref().unwrap_or("?");
        let name = match part.state.as_deref() {
            Some(state) if !is_good(state) => format!("{version} {state}"),
            _ => version.to_owned(),
        };
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let all = parts.len();
    counts.iter().map(|(name, count)| format!("{name} ({count}/{all})")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge, read, summary};

    #[test]
    fn parts_that_disagree_are_seen() {
        let text = r#"{"targets":[{"name":"eu","version":"1.2.2","state":"healthy"},{"name":"us","version":"1.3.0","state":"failed"}],"more":1}"#;
        let parts = read(text).unwrap();
        assert_eq!(judge(&parts, &["1.2.2", "v1.2.2"]), Verdict::Differ);
        assert_eq!(judge(&parts[..1], &["1.2.2"]), Verdict::Good);
        assert_eq!(judge(&parts[..1], &["1.3.0"]), Verdict::Bad);
        assert_eq!(judge(&parts[1..], &["1.3.0"]), Verdict::Bad);
        assert_eq!(judge(&[], &["1.3.0"]), Verdict::Good);
        assert_eq!(summary(&parts), "1.2.2 (1/2), 1.3.0 failed (1/2)");
        assert!(read(" \n").unwrap().is_empty());
        assert_eq!(read("ok").unwrap_err().kind.code(), 8);
    }
}
