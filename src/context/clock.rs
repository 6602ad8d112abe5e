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

impl Context {
    /// Returns the current time. `REL_NOW` (RFC 3339, or seconds since 1970) replaces the clock.
    pub fn now(&self) -> Result<Timestamp> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        if let Some(text) = variable("REL_NOW") {
            return Timestamp::parse(&text).ok_or_else(|| {
                Error::usage(format!("REL_NOW={text} is not a time"))
                    .hint("write it as in REL_NOW=2026-11-20T12:00:00Z")
            });
        }
        let seconds = i64::try_from(since_1970().as_secs()).ok().filter(|seconds| *seconds > 0);
        seconds
            .and_then(Timestamp::from_seconds)
            .ok_or_else(|| Error::refused("this machine's clock is set before 1970 or after 9999"))
    }

    /// Returns the current time in milliseconds since 1970, for names that sort by time.
    pub fn now_in_milliseconds(&self) -> Result<u64> {
        if variable("REL_NOW").is_some() {
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
