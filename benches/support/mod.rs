//! What the benchmarks share: histories, tools and tables.

pub(crate) mod histories;
pub(crate) mod shell;
pub(crate) mod table;
pub(crate) mod tools;

/// Why a benchmark could not be run; it is shown and ends the program.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Returns the arguments after `cargo bench --bench NAME --`; `None` if the program was started by `cargo test --all-targets`,
/// which must not take minutes.
pub(crate) fn words() -> Option<Vec<String>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    words.iter().any(|word| word == "--bench").then_some(words)
}

/// Shows the progress of a long run, but only on a terminal.
pub(crate) fn progress(what: &str) {
    use std::io::IsTerminal;
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}
