//! Time, and names that are made from it.

use super::Context;
use super::environment::variable;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time since 1970; zero if the clock is before it.
#[expect(clippy::disallowed_methods, reason = "the context reads the clock for all others")]
pub(super) fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns the time that a test sets (RFC 3339, or seconds since 1970). Only test builds have it: freezes and soaks would end
/// wherever somebody sets a variable.
#[cfg(debug_assertions)]
fn pinned() -> Option<String> {
    variable("REL_NOW")
}

impl Context {
    /// Returns the time in the notes of a release that is made now: `SOURCE_DATE_EPOCH`, for builds that are repeated, else the
    /// current time. One before `head`, the time of the newest commit, is not believed: build environments set a constant.
    pub fn release_time(&self, head: i64) -> Result<Timestamp> {
        let Some(text) = variable("SOURCE_DATE_EPOCH") else { return self.now() };
        let fault = match text.parse().ok().and_then(Timestamp::from_seconds) {
            Some(time) if time.seconds() >= head => return Ok(time),
            Some(_) => "it is older than HEAD",
            None => "it is not a number of seconds since 1970",
        };
        self.ui.warning(format!("SOURCE_DATE_EPOCH={text} is ignored: {fault}"));
        self.now()
    }

    /// Returns the current time of this machine.
    pub fn now(&self) -> Result<Timestamp> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        #[cfg(debug_assertions)]
        if let Some(text) = pinned() {
            return Timestamp::parse(&text).ok_or_else(|| Error::usage(format!("{text} is not a time")));
        }
        let seconds = i64::try_from(since_1970().as_secs()).ok().filter(|seconds| *seconds > 0);
        seconds
            .and_then(Timestamp::from_seconds)
            .ok_or_else(|| Error::refused("this machine's clock is set before 1970 or after 9999"))
    }

    /// Returns the current time in milliseconds since 1970, for names that sort by time.
    pub fn now_in_milliseconds(&self) -> Result<u64> {
        #[cfg(debug_assertions)]
        if pinned().is_some() {
            return Ok(u64::try_from(self.now()?.seconds()).unwrap_or(0) * 1000);
        }
        Ok(u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX))
    }

    /// Returns the name of the local time zone; UTC if it is unknown.
    pub fn time_zone(&self) -> String {
        let link = || {
            let target = std::fs::read_link("/etc/localtime").ok()?;
            Some(target.to_string_lossy().split("zoneinfo/").nth(1)?.to_owned())
        };
        let set = variable("TZ").map(|zone| zone.trim_start_matches(':').to_owned());
        set.or_else(link).unwrap_or_else(|| "UTC".to_owned())
    }

    /// Returns a unique name for this run, from the run of the CI system (if there is one), the process and the time.
    pub fn run_id(&self) -> String {
        // GitHub, GitLab, Jenkins, Buildkite, CircleCI.
        let ci = ["GITHUB_RUN_ID", "CI_JOB_ID", "BUILD_TAG", "BUILDKITE_JOB_ID", "CIRCLE_WORKFLOW_JOB_ID"];
        let run = ci.iter().find_map(|name| variable(name)).unwrap_or_else(|| "local".to_owned());
        let run: String = run.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect();
        format!("{run}.{}.{:x}", std::process::id(), since_1970().as_nanos())
    }

    /// Returns a path among the temporary files that does not exist yet.
    pub fn temporary_path(&self, name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("{name}-{}-{}", std::process::id(), since_1970().as_secs()))
    }
}
