//! Measures how long `rel next`, git and other tools take, on real and on generated histories. `cargo bench --bench next`;
//! after `--`: a part of the name of a history to measure only that, `--rounds N`, and `--million` for the largest, which
//! takes minutes to generate. Nothing is asserted.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints for people")]
#![expect(clippy::disallowed_methods, reason = "a benchmark has no Context")]

#[path = "support/generate.rs"]
mod generate;
#[path = "support/measure.rs"]
mod measure;
#[path = "support/race.rs"]
mod race;
mod support;
#[path = "support/words.rs"]
mod words;

use generate::{Shape, generate};
use race::{Racer, race};
use std::path::PathBuf;
use std::process::ExitCode;
use support::Failure;
use support::histories::{History, cached, corpus};
use support::shell::git;
use support::tools::{Tool, peers, rel};

/// How often each tool runs in each history, unless `--rounds` says otherwise.
const ROUNDS: usize = 11;

/// The options of the command line.
struct Wish {
    rounds: usize,
    million: bool,
    only: Vec<String>,
}

impl Wish {
    fn new(words: Vec<String>) -> Result<Self, Failure> {
        let mut wish = Wish { rounds: ROUNDS, million: false, only: Vec::new() };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--million" => wish.million = true,
                "--rounds" => wish.rounds = words.next().ok_or("--rounds wants a number")?.parse()?,
                word if word.starts_with('-') => {}
                _ => wish.only.push(word),
            }
        }
        Ok(wish)
    }

    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| name.contains(only.as_str()))
    }
}

fn main() -> ExitCode {
    let Some(words) = support::words() else { return ExitCode::SUCCESS };
    match Wish::new(words).and_then(|wish| run(&wish)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(wish: &Wish) -> Result<(), Failure> {
    let (rel, peers) = (rel()?, peers()?);
    println!("Before: {}.\n", measure::load());
    if wish.wants("start") {
        start(&rel)?;
    }
    for history in corpus()? {
        one(wish, &rel, &peers, &history)?;
    }
    for made in MADE {
        if made.shape.commits < 1_000_000 || wish.million {
            one(wish, &rel, &peers, &made)?;
        }
    }
    println!("After: {}.", measure::load());
    Ok(())
}

/// A history that is generated.
struct Made {
    name: &'static str,
    shape: Shape,
    graph: bool,
}

const LARGE: Shape = Shape { commits: 82_000, tags: 1_007, since: 60, higher: false, old: false };

const MADE: [Made; 6] = [
    Made {
        name: "2k",
        shape: Shape { commits: 2_000, tags: 40, since: 60, higher: false, old: false },
        graph: false,
    },
    Made { name: "82k", shape: LARGE, graph: false },
    Made { name: "82k-graph", shape: LARGE, graph: true },
    Made { name: "82k-higher", shape: Shape { higher: true, ..LARGE }, graph: false },
    Made { name: "82k-old-branch", shape: Shape { old: true, ..LARGE }, graph: false },
    Made {
        name: "million-graph",
        shape: Shape { commits: 1_000_000, tags: 10_000, since: 60, higher: false, old: false },
        graph: true,
    },
];

/// A history to measure; its name is known before it is generated.
trait Place {
    fn name(&self) -> &str;
    fn prefix(&self) -> &str;
    fn folder(&self) -> Result<PathBuf, Failure>;
}

impl Place for History {
    fn name(&self) -> &str {
        &self.name
    }

    fn prefix(&self) -> &str {
        self.prefix
    }

    fn folder(&self) -> Result<PathBuf, Failure> {
        Ok(self.folder.clone())
    }
}

impl Place for Made {
    fn name(&self) -> &str {
        self.name
    }

    fn prefix(&self) -> &str {
        "v"
    }

    fn folder(&self) -> Result<PathBuf, Failure> {
        cached(&format!("made/{}", self.name), |folder| {
            generate(folder, self.shape)?;
            if self.graph {
                git(folder, &["commit-graph", "write", "--reachable", "--no-progress"])?;
            }
            Ok(())
        })
    }
}

/// Measures all tools in one history.
fn one(wish: &Wish, rel: &Tool, peers: &[Tool], place: &impl Place) -> Result<(), Failure> {
    if !wish.wants(place.name()) {
        return Ok(());
    }
    let folder = place.folder()?;
    let count = |arguments: &[&str]| git(&folder, arguments).map(|list| list.lines().count());
    let commits = git(&folder, &["rev-list", "--all", "--count"])?;
    let tags = count(&["tag", "--list"])?;
    let current = support::shell::ask(support::shell::command(&rel.program, &folder).arg("current"))?;
    let base = format!("{}{}", place.prefix(), current.stdout.trim());
    let range = format!("{base}..HEAD");
    let since = git(&folder, &["rev-list", "--count", &range])?;
    println!(
        "### {}: {} commits, {tags} tags, {} commits since {base}\n",
        place.name(),
        commits.trim(),
        since.trim()
    );
    let mut racers = Vec::new();
    for tool in std::iter::once(rel).chain(peers) {
        let next = {
            let (folder, prefix) = (folder.clone(), place.prefix());
            move || Ok(vec![tool.next(&folder, prefix)?])
        };
        racers.push(Racer::new(tool.name.clone(), place.prefix(), next));
    }
    let plain = || {
        let mut describe = support::shell::command("git", &folder);
        describe.args(["describe", "--tags", "--abbrev=0"]);
        let mut log = support::shell::command("git", &folder);
        log.args(["log", "--format=%H%n%B", &range]);
        Ok(vec![describe, log])
    };
    racers.insert(1, Racer::new("git describe + log".to_owned(), place.prefix(), plain));
    race(place.name(), &racers, wish.rounds)
}

/// Measures how long the start takes.
fn start(rel: &Tool) -> Result<(), Failure> {
    println!("### start: `--version`\n");
    let here = support::histories::cache();
    std::fs::create_dir_all(&here)?;
    let version = |program: PathBuf| {
        let here = here.clone();
        move || {
            let mut command = support::shell::command(&program, &here);
            command.arg("--version");
            Ok(vec![command])
        }
    };
    let racers = [
        Racer::new("rel".to_owned(), "", version(rel.program.clone())),
        Racer::new("git".to_owned(), "", version("git".into())),
        Racer::new("true".to_owned(), "", version("true".into())),
    ];
    race("start", &racers, 100)
}
