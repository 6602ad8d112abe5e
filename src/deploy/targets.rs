//! The targets that a deployer reports: what runs in each, and whether they agree.

use crate::error::{Error, Result};
use crate::model::{TargetStatus, clean_line};
use serde::Deserialize;

/// More targets than this are a mistake.
const MAX_TARGETS: usize = 1000;
/// Longer texts are cut, in characters.
const MAX_TEXT: usize = 200;

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    targets: Vec<TargetStatus>,
}

/// Parses a report, `{"targets":[{"name","version","state"}]}`; an empty text reports no targets.
///
/// # Errors
///
/// Exit code 8: it cannot be understood, so nothing is known about the targets.
pub(super) fn parse(text: &str) -> Result<Vec<TargetStatus>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let report: Report = serde_json::from_str(text).map_err(|error| {
        Error::failed("cannot read $REL_RESULT")
            .cause(error)
            .hint("{\"targets\":[{\"name\":\"eu\",\"version\":\"1.4.0\",\"state\":\"healthy\"}]}")
    })?;
    if report.targets.len() > MAX_TARGETS {
        let message = format!(
            "the deployer reports {} targets; at most {MAX_TARGETS} are allowed",
            report.targets.len()
        );
        return Err(Error::failed(message));
    }
    let short = |text: String| clean_line(&text).chars().take(MAX_TEXT).collect::<String>();
    let shorten = |target: TargetStatus| TargetStatus {
        name: short(target.name),
        version: target.version.map(short),
        state: target.state.map(short),
    };
    Ok(report.targets.into_iter().map(shorten).collect())
}

/// What the targets say about an operation as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All are as they should be.
    Good,
    /// They differ in version or state.
    Differ,
    /// None is as it should be, and all in the same way.
    Bad,
}

/// Returns what targets say; `names` are what the deployed release may be called. A target without a state is healthy,
/// and one without a version runs the deployed release.
pub(super) fn judge(targets: &[TargetStatus], names: &[&str]) -> Verdict {
    let deviation = |target: &TargetStatus| {
        let version = target.version.clone().filter(|version| !names.contains(&version.as_str()));
        (version, target.state.clone().filter(|state| !is_good(state)))
    };
    let deviations: Vec<_> = targets.iter().map(deviation).collect();
    match &deviations[..] {
        all if all.iter().all(|(version, state)| version.is_none() && state.is_none()) => Verdict::Good,
        all if all.windows(2).any(|pair| pair[0] != pair[1]) => Verdict::Differ,
        _ => Verdict::Bad,
    }
}

fn is_good(state: &str) -> bool {
    matches!(state, "healthy" | "ok")
}

/// Returns one line about targets: `1.2.2 (3/5), 1.3.0 (2/5)`.
pub fn summary(targets: &[TargetStatus]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for target in targets {
        let version = target.version.as_deref().unwrap_or("?");
        let name = match target.state.as_deref() {
            Some(state) if !is_good(state) => format!("{version} {state}"),
            _ => version.to_owned(),
        };
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let all = targets.len();
    counts.iter().map(|(name, count)| format!("{name} ({count}/{all})")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge, parse, summary};

    #[test]
    fn targets_that_disagree_are_noticed() {
        let text = r#"{"targets":[{"name":"eu","version":"1.2.2","state":"healthy"},{"name":"us","version":"1.3.0","state":"failed"}],"more":1}"#;
        let targets = parse(text).unwrap();
        assert_eq!(judge(&targets, &["1.2.2", "v1.2.2"]), Verdict::Differ);
        assert_eq!(judge(&targets[..1], &["1.2.2"]), Verdict::Good);
        assert_eq!(judge(&targets[..1], &["1.3.0"]), Verdict::Bad);
        assert_eq!(judge(&targets[1..], &["1.3.0"]), Verdict::Bad);
        assert_eq!(judge(&[], &["1.3.0"]), Verdict::Good);
        assert_eq!(summary(&targets), "1.2.2 (1/2), 1.3.0 failed (1/2)");
        assert!(parse(" \n").unwrap().is_empty());
        assert_eq!(parse("ok").unwrap_err().kind.code(), 8);
    }
}
