//! One check of a release, and its result.

use crate::error::{Error, Kind};
use serde::Serialize;

/// One check. Serializes as a check of `rel.verify/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked: `api: v1.4.0`.
    pub name: String,
    /// Whether it succeeded.
    pub ok: bool,
    /// What was found, or what is wrong.
    pub detail: String,
    /// The commit or digest that is right, if it is known.
    pub expected: Option<String>,
    /// The commit or digest that was found.
    pub found: Option<String>,
    /// The kind of error if the check failed.
    #[serde(skip)]
    pub kind: Kind,
}

impl Check {
    /// Compares two commits or digests. A difference is a conflict.
    pub(super) fn compare(name: impl Into<String>, expected: impl ToString, found: impl ToString) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        let ok = expected == found;
        let detail = if ok { found.clone() } else { format!("expected {expected}, found {found}") };
        Check {
            name: name.into(),
            ok,
            detail,
            expected: Some(expected),
            found: Some(found),
            kind: Kind::Conflict,
        }
    }

    /// Returns a failed check: there was nothing to compare with.
    pub(super) fn failed(name: impl Into<String>, error: &Error) -> Self {
        let causes = error.causes.iter().map(|cause| format!(": {cause}"));
        let detail = error.message.clone() + &causes.collect::<String>();
        Check { name: name.into(), ok: false, detail, expected: None, found: None, kind: error.kind }
    }

    /// Returns a successful check: what is there does not say what was expected, so nothing contradicts it.
    pub(super) fn not_contradicted(
        name: impl Into<String>,
        expected: impl ToString,
        detail: impl Into<String>,
    ) -> Self {
        Check {
            name: name.into(),
            ok: true,
            detail: detail.into(),
            expected: Some(expected.to_string()),
            found: None,
            kind: Kind::Conflict,
        }
    }
}
