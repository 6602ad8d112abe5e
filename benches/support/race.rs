//! Several tools side by side: in every round each of them runs once, so that whatever else the machine does falls on
//! all of them alike.

use super::measure::{Sample, measure};
use super::support::table::Table;
use super::support::tools::version_in;
use super::support::{Failure, progress};
use std::process::Command;
use std::time::Duration;

/// The commands of one question: one process, or several one after the other.
type Options<'a> = Box<dyn Fn() -> Result<Vec<Command>, Failure> + 'a>;

/// A tool, and how it is asked.
pub(crate) struct Racer<'a> {
    name: String,
    prefix: &'a str,
    ask: Options<'a>,
}

impl<'a> Racer<'a> {
    /// The first command's output is the answer.
    pub(crate) fn new(
        name: String,
        prefix: &'a str,
        ask: impl Fn() -> Result<Vec<Command>, Failure> + 'a,
    ) -> Self {
        Racer { name, prefix, ask: Box::new(ask) }
    }

    fn run(&self) -> Result<Sample, Failure> {
        let mut whole: Option<Sample> = None;
        for command in (self.ask)()? {
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

/// Runs everybody as often as wanted, after one round that warms the caches, and prints the table; the first is what
/// the others are compared with.
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
