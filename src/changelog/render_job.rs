//! One template with its variables, rendered in this process or, where somebody else wrote the template, in one of its own with
//! limits. Tera bounds neither recursion nor loops, and both would abort the whole program.

use crate::process::{CaptureError, CaptureLimits, CommandEnvironment, CommandSpec};
use git_cliff_core::config::TextProcessor;
use git_cliff_core::template::Template;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// How long a template may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How much it may print, in bytes.
const MAX_OUTPUT: usize = 64 << 20;
/// The hidden verb of `rel` that runs a job.
const VERB: &str = "render-notes";

/// A template with everything that it is rendered with.
#[derive(Serialize, Deserialize)]
pub(super) struct RenderJob {
    pub(super) text: String,
    pub(super) trim: bool,
    pub(super) context: Value,
    pub(super) variables: HashMap<String, Value>,
    pub(super) postprocessors: Vec<TextProcessor>,
}

impl RenderJob {
    /// Renders it here. The error says what is wrong with the template.
    pub(super) fn render(&self) -> Result<String, String> {
        let fault = |error: git_cliff_core::error::Error| error.to_string();
        let engine = Template::new("notes", self.text.clone(), self.trim).map_err(fault)?;
        engine.render(&self.context, Some(&self.variables), &self.postprocessors).map_err(fault)
    }

    /// Renders it in a process of `program`. The error says what is wrong with the template.
    pub(super) fn render_in_process_of(&self, program: &Path) -> Result<String, String> {
        let job = serde_json::to_string(self).map_err(|error| error.to_string())?;
        let spec = CommandSpec::new(program, CommandEnvironment::nothing()).arguments([VERB]).input(job);
        let limits = CaptureLimits { deadline: TIMEOUT, output: MAX_OUTPUT, own_group: true };
        let printed = spec.capture(&limits).map_err(|error| match error {
            CaptureError::NotStarted(error) | CaptureError::Lost(error) => error.to_string(),
            CaptureError::TimedOut => format!("it takes longer than {} s", TIMEOUT.as_secs()),
            CaptureError::Interrupted => "it was interrupted".to_owned(),
            CaptureError::TooMuchOutput => format!("it prints more than {} MiB", MAX_OUTPUT >> 20),
        })?;
        serde_json::from_slice(&printed.stdout).unwrap_or_else(|_| {
            Err("it needs too much memory or time: it calls itself, or loops over too large a range"
                .to_owned())
        })
    }
}

/// Runs a job that another process of `rel` wrote as JSON, and returns the result as JSON.
pub fn run_render_job(job: &str) -> String {
    let job: Result<RenderJob, String> = serde_json::from_str(job).map_err(|error| error.to_string());
    let result = job.and_then(|job| job.render());
    serde_json::to_string(&result).unwrap_or_default()
}
