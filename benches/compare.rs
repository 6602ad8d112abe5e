//! Counts right answers: for the last finals of real histories, what `rel` and other tools compute at that commit, compared
//! with what was released; and for commits that were not released, which tools propose no release. `cargo bench --bench
//! compare`; after `--`: `--verbose` shows every wrong answer and the reason of `rel`; `--last N` sets the number of finals.
//! Nothing is asserted.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints for people")]
#![expect(clippy::disallowed_methods, reason = "a benchmark has no Context")]

#[path = "support/cases.rs"]
mod cases;
#[path = "support/proposal.rs"]
mod proposal;
mod support;

use cases::Case;
use std::process::ExitCode;
use support::histories::{History, corpus};
use support::shell::ask;
use support::table::Table;
use support::tools::{Tool, peers, rel, version_in};
use support::{Failure, progress, words};

/// How many finals of each history are asked for, unless `--last` says otherwise.
const LAST: usize = 15;

/// The history of a project that releases automatically after every push, so that a commit without a tag had nothing to
/// release. In other projects it may only not be released yet.
const AUTOMATIC: &str = "semantic-release";
/// How many commits of its main line are tested.
const COMMITS: usize = 100;

/// What one tool answered in all cases of a history.
struct Column {
    said: Vec<Option<semver::Version>>,
}

impl Column {
    fn right(&self, cases: &[Case]) -> usize {
        cases.iter().zip(&self.said).filter(|(case, said)| said.as_ref() == Some(&case.version)).count()
    }

    /// Counts the answers without a new version: nothing, or the existing version, as convco and git-cliff print it.
    fn quiet(&self, cases: &[Case]) -> usize {
        let quiet = |case: &Case, said: &Option<semver::Version>| {
            said.as_ref().is_none_or(|said| *said == case.version)
        };
        cases.iter().zip(&self.said).filter(|(case, said)| quiet(case, said)).count()
    }
}

fn main() -> ExitCode {
    let Some(words) = words() else { return ExitCode::SUCCESS };
    let last = words.iter().skip_while(|word| *word != "--last").nth(1);
    let last = last.map_or(Some(LAST), |number| number.parse().ok());
    let Some(last) = last else {
        eprintln!("error: --last wants a number");
        return ExitCode::FAILURE;
    };
    match run(last, words.iter().any(|word| word == "--verbose")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(last: usize, verbose: bool) -> Result<(), Failure> {
    let histories = corpus()?;
    let (rel, peers) = (rel()?, peers()?);
    let tools: Vec<&Tool> = std::iter::once(&rel).chain(&peers).collect();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let own = names.first().copied().unwrap_or_default();
    let mut heads =
        vec!["history".to_owned(), "finals".to_owned(), own.to_owned(), proposal::HEADING.to_owned()];
    heads.extend(names.iter().skip(1).map(|name| (*name).to_owned()));
    let mut table = Table::new(heads);
    let mut sums = vec![0; tools.len() + 2];
    let mut wrong = Vec::new();
    for history in &histories {
        let cases = cases::last(history, last)?;
        let mut columns = Vec::new();
        for tool in &tools {
            columns.push(column(tool, history, &cases)?);
        }
        let (proposed, file) = proposal::best(&rel, history, &cases)?;
        columns.insert(1, proposed);
        let numbers: Vec<usize> =
            std::iter::once(cases.len()).chain(columns.iter().map(|column| column.right(&cases))).collect();
        sums.iter_mut().zip(&numbers).for_each(|(sum, number)| *sum += number);
        table.row(std::iter::once(history.name.clone()).chain(numbers.iter().map(ToString::to_string)));
        wrong.push((history, cases, columns, file));
    }
    progress("");
    table.row(std::iter::once("all".to_owned()).chain(sums.iter().map(ToString::to_string)));
    table.print();
    if let Some(history) = histories.iter().find(|history| history.name == AUTOMATIC) {
        keep_quiet(history, &tools)?;
    }
    for (history, cases, columns, file) in &wrong {
        println!("{}: {} = `{file}`", history.name, proposal::HEADING);
        if verbose {
            println!();
            details(&rel, &names, history, cases, columns)?;
        }
    }
    Ok(())
}

/// Tests commits that were not released: a tool that answers a new version is wrong.
fn keep_quiet(history: &History, tools: &[&Tool]) -> Result<(), Failure> {
    let cases = cases::unreleased(history, COMMITS)?;
    let heads = ["not released", "commits"].into_iter().chain(tools.iter().map(|tool| tool.name.as_str()));
    let mut table = Table::new(heads);
    let mut cells = vec![history.name.clone(), cases.len().to_string()];
    for tool in tools {
        cells.push(column(tool, history, &cases)?.quiet(&cases).to_string());
    }
    progress("");
    table.row(cells);
    table.print();
    Ok(())
}

/// Asks one tool in all cases.
fn column(tool: &Tool, history: &History, cases: &[Case]) -> Result<Column, Failure> {
    let mut said = Vec::new();
    for case in cases {
        progress(&format!("{}: {} at {}", tool.name, history.name, case.tag));
        let answer = ask(&mut tool.next(&case.folder, history.prefix)?)?;
        said.push(version_in(&answer.stdout, history.prefix).filter(|_| answer.ok));
    }
    Ok(Column { said })
}

/// Prints every case in which a tool was wrong, and the reason of `rel`.
fn details(
    rel: &Tool,
    names: &[&str],
    history: &History,
    cases: &[Case],
    columns: &[Column],
) -> Result<(), Failure> {
    // The column of the proposal is printed separately.
    let columns: Vec<&Column> = columns.iter().take(1).chain(columns.iter().skip(2)).collect();
    let heads = ["tag", "before"].into_iter().chain(names.iter().copied());
    let mut table = Table::new(heads);
    let mut reasons = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let said: Vec<Option<&semver::Version>> =
            columns.iter().map(|column| column.said.get(place).and_then(Option::as_ref)).collect();
        if said.iter().all(|said| *said == Some(&case.version)) {
            continue;
        }
        let cells = said.iter().map(|said| match said {
            Some(version) if **version == case.version => "right".to_owned(),
            Some(version) => version.to_string(),
            None => "none".to_owned(),
        });
        table.row([case.tag.clone(), case.before.clone()].into_iter().chain(cells));
        if said.first().is_some_and(|said| *said != Some(&case.version)) {
            reasons.push(reason(rel, history, case)?);
        }
    }
    table.print();
    for reason in reasons {
        println!("- {reason}");
    }
    println!();
    Ok(())
}

/// Returns the reason that `rel` gives for its answer.
fn reason(rel: &Tool, history: &History, case: &Case) -> Result<String, Failure> {
    let answer = ask(rel.next(&case.folder, history.prefix)?.args(["--format", "json"]))?;
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap_or_default();
    let next = json["next"].as_str().unwrap_or("nothing").to_owned();
    let reason = json["reason"].as_str().or(json["message"].as_str()).unwrap_or(answer.stderr.trim());
    Ok(format!("{}: {next}: {reason}", case.tag))
}
