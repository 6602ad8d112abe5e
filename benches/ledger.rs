//! Measures a large ledger: 100,000 events of 500 packages in 4 environments, written with `rel`'s own code.
//! `cargo bench --bench ledger`; options after `--`: `--events N`, `--keep FOLDER` to keep the ledger. Nothing is asserted.

#![expect(clippy::print_stdout, reason = "a benchmark prints its results")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is not part of the crate's layers")]

#[path = "support/ledger_events.rs"]
mod ledger_events;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Why the benchmark could not run.
type Failure = Box<dyn std::error::Error>;

/// The number of packages.
const PACKAGES: u32 = 500;
/// The environments.
const ENVIRONMENTS: [&str; 4] = ["dev", "test", "staging", "prod"];
/// How often each command runs.
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts it too, and must not take minutes.
    if !words.iter().any(|word| word == "--bench") {
        return ExitCode::SUCCESS;
    }
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), Failure> {
    let after = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let events = after("--events").map_or(Ok(100_000), |number| number.parse())?;
    let scratch = tempfile::tempdir()?;
    let folder = after("--keep").map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let origin = folder.join("origin.git");
    let shop = folder.join("shop");
    if !origin.exists() {
        project(&folder)?;
        let begun = Instant::now();
        ledger_events::generate(&origin, &shop, PACKAGES, &ENVIRONMENTS, events)?;
        println!("{events} events written in {:.1?}", begun.elapsed());
        git(&origin, &["repack", "-adfq"])?;
    }
    println!("full ledger on its remote: {:.1} MB", megabytes(&origin));
    let url = format!("file://{}", origin.display());
    let ci = folder.join("ci");
    drop(std::fs::remove_dir_all(&ci));
    git(&folder, &["clone", "-q", "--depth", "1", "--single-branch", "-b", "main", &url, "ci"])?;
    let begun = Instant::now();
    rel(&ci, &["status", "prod", "--package", "p17"])?;
    println!(
        "first fetch, in a checkout of depth 1: {:.1?}, {:.2} MB",
        begun.elapsed(),
        megabytes(&ci.join(".git/rel"))
    );
    row("git ls-remote, which every answer asks first", || {
        git(&ci, &["ls-remote", "origin", "HEAD", "refs/heads/rel-ledger"]).map(drop)
    })?;
    row("rel status prod --package p17", || rel(&ci, &["status", "prod", "--package", "p17"]))?;
    row("rel status prod, 500 packages", || rel(&ci, &["status", "prod"]))?;
    row("rel status, everything", || rel(&ci, &["status"]))?;
    let mut times = Vec::new();
    for number in 0..5 {
        let name = format!("oncall{number}");
        drop(std::fs::remove_dir_all(folder.join(&name)));
        let package = format!("p{}", 20 + number);
        git(&folder, &["clone", "-q", "--depth", "1", "--single-branch", "-b", "main", &url, &name])?;
        let begun = Instant::now();
        rel(
            &folder.join(&name),
            &["rollback", "prod", "--package", &package, "--yes", "--reason", "a trial"],
        )?;
        times.push(begun.elapsed());
    }
    shown("rel rollback prod from a fresh clone of depth 1, first fetch and two events included", times);
    let mut on = false;
    row("append: rel hold and unhold", || {
        on = !on;
        rel(&ci, &[if on { "hold" } else { "unhold" }, "prod", "--package", "p17"])
    })?;
    pushes(&folder, &url)?;
    let begun = Instant::now();
    rel(&ci, &["history", "prod", "--package", "p17", "-n", "20"])?;
    println!("history of 20 where older events had to be fetched first: {:.1?}", begun.elapsed());
    row("rel history prod --package p17 -n 20", || {
        rel(&ci, &["history", "prod", "--package", "p17", "-n", "20"])
    })?;
    Ok(())
}

/// A repository whose configuration names everything, with a bare origin.
fn project(folder: &Path) -> Result<(), Failure> {
    git(folder, &["init", "-q", "--bare", "-b", "main", "origin.git"])?;
    git(folder, &["init", "-q", "-b", "main", "shop"])?;
    let shop = folder.join("shop");
    let mut config = "name = \"shop\"\n".to_owned();
    for number in 0..PACKAGES {
        config += &format!("[package.p{number}]\npaths = [\"services/p{number}/**\"]\n");
    }
    for place in ENVIRONMENTS {
        // A deployer that costs nothing, so that what is timed is rel.
        config += &format!("[environment.{place}]\ndeploy = [\"true\"]\ntree = \"here\"\n");
    }
    std::fs::write(shop.join("release.toml"), config)?;
    git(&shop, &["add", "."])?;
    git(&shop, &["commit", "-q", "-m", "feat: first"])?;
    git(&shop, &["remote", "add", "origin", "../origin.git"])?;
    git(&shop, &["push", "-q", "-u", "origin", "main"])?;
    Ok(())
}

/// What a push of one small commit costs git alone, in a clone of the same depth.
fn pushes(folder: &Path, url: &str) -> Result<(), Failure> {
    let plain = folder.join("plain");
    drop(std::fs::remove_dir_all(&plain));
    git(
        folder,
        &["clone", "-q", "--bare", "--depth", "1", "--single-branch", "-b", "rel-ledger", url, "plain"],
    )?;
    let mut times = Vec::new();
    for number in 0..ROUNDS {
        let tip = git(&plain, &["rev-parse", "rel-ledger"])?;
        let tree = git(&plain, &["rev-parse", "rel-ledger^{tree}"])?;
        let words = ["commit-tree", "-p", tip.trim(), "-m", "one", tree.trim()];
        let commit = git(&plain, &words)?;
        let target = format!("{}:refs/heads/trial{number}", commit.trim());
        let begun = Instant::now();
        git(&plain, &["push", "-q", "origin", &target])?;
        times.push(begun.elapsed());
    }
    shown("git push of one commit, alone", times);
    Ok(())
}

/// A program in a folder, without a word of this machine's configuration but `PATH`.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", "/nonexistent");
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Ada").env(format!("GIT_{role}_EMAIL"), "ada@acme.example");
    }
    command
}

/// Runs `git`, which must succeed, and gives what it printed.
fn git(folder: &Path, words: &[&str]) -> Result<String, Failure> {
    let output = command("git", folder).args(words).output()?;
    if !output.status.success() {
        return Err(format!("git {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the program that is measured.
fn rel(folder: &Path, words: &[&str]) -> Result<(), Failure> {
    let output = command(env!("CARGO_BIN_EXE_rel"), folder).args(words).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("rel {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)).into())
}

fn row(name: &str, mut once: impl FnMut() -> Result<(), Failure>) -> Result<(), Failure> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        once()?;
        times.push(begun.elapsed());
    }
    shown(name, times);
    Ok(())
}

fn shown(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |place: usize| times.get(place).copied().unwrap_or_default();
    println!(
        "{name}: median {:.1?}, best {:.1?}, worst {:.1?}",
        at(times.len() / 2),
        at(0),
        at(times.len() - 1)
    );
}

/// The size of all files below a folder.
fn megabytes(folder: &Path) -> f64 {
    let mut open = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(data) if data.is_dir() => open.push(entry.path()),
                Ok(data) => bytes += data.len(),
                Err(_) => {}
            }
        }
    }
    bytes as f64 / 1e6
}
