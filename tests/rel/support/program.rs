//! A program of the tests' own on disk. Another process writes it: a file that this one still holds open for writing in the
//! timestamp in which some other thread forks cannot be run (ETXTBSY).

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes an executable file.
pub fn program(file: &Path, text: &str) {
    let mut child = Command::new("sh");
    child.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(file).stdin(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
