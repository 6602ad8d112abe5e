//! The output and exit code of a command, compared byte by byte.

use super::sandbox::Sandbox;
use snapbox::IntoData;
use snapbox::assert_data_eq;
use std::process::Output;

/// What a command printed, and how it ended.
#[must_use = "a result that is not checked proves nothing"]
pub struct Run {
    words: String,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn new(sandbox: &Sandbox, words: &str, output: &Output) -> Self {
        let text = |bytes: &[u8]| sandbox.redact(&String::from_utf8_lossy(bytes));
        let code = output.status.code().unwrap_or(-1);
        Run { words: words.to_owned(), code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Checks for exit code 0, exactly this on stdout, and nothing on stderr.
    #[track_caller]
    pub fn prints(&self, stdout: impl IntoData) {
        self.gives(0, stdout, "");
    }

    /// Checks for this exit code, nothing on stdout, and exactly this on stderr.
    #[track_caller]
    pub fn fails(&self, code: i32, stderr: impl IntoData) {
        self.gives(code, "", stderr);
    }

    /// Checks for this exit code, exactly this on stdout, and exactly this on stderr.
    #[track_caller]
    pub fn gives(&self, code: i32, stdout: impl IntoData, stderr: impl IntoData) {
        assert_eq!(self.code, code, "rel {}\nstdout: {}\nstderr: {}", self.words, self.stdout, self.stderr);
        assert_data_eq!(self.stdout.clone(), stdout.into_data());
        assert_data_eq!(self.stderr.clone(), stderr.into_data());
    }

    /// Checks for this exit code, with any output.
    #[track_caller]
    pub fn code_is(&self, code: i32) {
        assert_eq!(self.code, code, "rel {}\nstdout: {}\nstderr: {}", self.words, self.stdout, self.stderr);
    }

    /// Checks that stdout is JSON with this value at this pointer (RFC 6901).
    #[track_caller]
    pub fn json(&self, pointer: &str, value: impl Into<serde_json::Value>) {
        let json: serde_json::Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("rel {}: no JSON ({error}): {}{}", self.words, self.stdout, self.stderr)
        });
        assert_eq!(json.pointer(pointer), Some(&value.into()), "rel {} at {pointer}: {json:#}", self.words);
    }
}
