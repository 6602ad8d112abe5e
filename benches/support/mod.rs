//! What the benchmarks share: histories to stand in, tools to ask, tables to print.

pub(crate) mod histories;
pub(crate) mod shell;
pub(crate) mod table;
pub(crate) mod tools;

/// Why a benchmark could not be run; it is shown and ends the program.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// The words behind `cargo bench --bench NAME --`; `None` where the program was not started by `cargo bench`, but by
/// `cargo test --all-targets`, which must not take minutes.
pub(crate) fn words() -> Option<Vec<String>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    words.iter().any(|word| word == "--bench").then_some(words)
}

/// Says where a long run stands, to a person alone: a log wants the result.
pub(crate) fn progress(what: &str) {
    use std::io::IsTerminal;
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}
