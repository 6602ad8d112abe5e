//! One check of a release, and its result.

use crate::error::{Error, Kind};
use serde::Serialize;

/// One check of a release. Serializes as a check of `rel.verify/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked: `api: v1.4.0`.
    pub name: String,
    /// Whether it succeeded; `None` if there was nothing to compare with, so that nothing is proven.
    pub ok: Option<bool>,
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
            ok: Some(ok),
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
        Check { name: name.into(), ok: Some(false), detail, expected: None, found: None, kind: error.kind }
    }

    /// Returns a successful check of something that only has to exist: others are compared with it.
    pub(super) fn found(name: impl Into<String>, found: impl ToString) -> Self {
        let found = found.to_string();
        Check {
            name: name.into(),
            ok: Some(true),
            detail: found.clone(),
            expected: None,
            found: Some(found),
            kind: Kind::Conflict,
        }
    }

    /// Returns a check that proves nothing: there is nothing to compare with.
    pub(super) fn not_checked(name: impl Into<String>, expected: Option<String>, why: &str) -> Self {
        let (detail, kind) = (why.to_owned(), Kind::Conflict);
        Check { name: name.into(), ok: None, detail, expected, found: None, kind }
    }
}
