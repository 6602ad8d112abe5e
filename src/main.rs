//! Hands the arguments of the process to the library, and its exit code back.

use std::process::ExitCode;

fn main() -> ExitCode {
    rel::run(std::env::args_os())
}
