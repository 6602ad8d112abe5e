//! Measures several tools side by side: each runs once in every round, so that other load affects all of them equally.

use super::measure::{Sample, measure};
use super::support::table::Table;
use super::support::tools::version_in;
use super::support::{Failure, progress};
use std::process::Command;
use std::time::Duration;

/// The commands of one question: one process, or several one after the other.
type Commands<'a> = Box<dyn Fn() -> Result<Vec<Command>, Failure> + 'a>;

/// A tool with the commands that are measured.
pub(crate) struct Racer<'a> {
    name: String,
    prefix: &'a str,
    commands: Commands<'a>,
}

impl<'a> Racer<'a> {
    /// Creates one; the output of the first command is the answer.
    pub(crate) fn new(
        name: String,
        prefix: &'a str,
        commands: impl Fn() -> Result<Vec<Command>, Failure> + 'a,
    ) -> Self {
        Racer { name, prefix, commands: Box::new(commands) }
    }

    fn run(&self) -> Result<Sample, Failure> {
        let mut whole: Option<Sample> = None;
        for command in (self.commands)()? {
            let one = measure(command)?;
            whole = Some(match whole {
                None => one,
                Some(before) => Sample {
                    time: before.time + one.time,
                    work: before.work + one.work,
                    memory: before.memory.max(one.memory),
                    ok: before.ok && one.ok,
                    stdout: before.stdout,
                },
            });
        }
        Ok(whole.unwrap_or_default())
    }
}

/// Runs all tools for some rounds, after one round that warms the caches, and prints a table; the others are compared with
/// the first.
pub(crate) fn race(name: &str, racers: &[Racer<'_>], rounds: usize) -> Result<(), Failure> {
    let mut samples: Vec<Vec<Sample>> = racers.iter().map(|_| Vec::new()).collect();
    for round in 0..=rounds {
        progress(&format!("{name}: round {round} of {rounds}"));
        for (racer, samples) in racers.iter().zip(&mut samples) {
            let sample = racer.run()?;
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    progress("");
    let mut table = Table::new(["", "answer", "median ms", "least ms", "work ms", "ratio", "peak MB"]);
    let first = samples.first().map_or(Duration::ZERO, |samples| median(samples, |sample| sample.time));
    for (racer, samples) in racers.iter().zip(&samples) {
        let time = median(samples, |sample| sample.time);
        let least = samples.iter().map(|sample| sample.time).min().unwrap_or_default();
        let work = median(samples, |sample| sample.work);
        let memory = samples.iter().map(|sample| sample.memory).max().unwrap_or(0);
        table.row([
            racer.name.clone(),
            answer(samples.last(), racer.prefix),
            milliseconds(time),
            milliseconds(least),
            milliseconds(work),
            format!("{:.2}", time.as_secs_f64() / first.as_secs_f64()),
            format!("{:.1}", memory as f64 / 1024.0),
        ]);
    }
    table.print();
    Ok(())
}

fn answer(sample: Option<&Sample>, prefix: &str) -> String {
    match sample {
        Some(sample) if sample.ok => version_in(&sample.stdout, prefix)
            .map_or_else(|| "none".to_owned(), |version| version.to_string()),
        _ => "fails".to_owned(),
    }
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> Duration) -> Duration {
    let mut all: Vec<Duration> = samples.iter().map(of).collect();
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}
