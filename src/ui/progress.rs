//! Progress of long work, shown only on a terminal. The only file that knows `indicatif`.

use crate::model::{Redactor, clean_line};
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::time::Duration;

/// A progress indicator. It disappears when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar, Redactor);

impl Progress {
    /// Creates an indicator on stderr, visible or not, which never shows these secrets.
    pub(super) fn new(shown: bool, secrets: Redactor) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(target);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Progress(bar, secrets)
    }

    /// Shows what is being done.
    pub fn message(&self, what: &str) {
        self.0.set_message(self.1.redact(&clean_line(what)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
