//! Long work, shown on a terminal and silent elsewhere. The only file that knows `indicatif`.

use crate::model::clean_line;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::time::Duration;

/// Something that goes on. Gone from the screen when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Drawn on stderr, and only where that is a terminal.
    pub(super) fn new(shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(target);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Progress(bar)
    }

    /// Says what it is at.
    pub fn at(&self, what: &str) {
        self.0.set_message(clean_line(what));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
