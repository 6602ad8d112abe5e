//! Generates the events of many environments, the same every time, and writes them into a pack with `rel`'s own code.

use super::{Failure, command, git};
use rel::internals::{
    Actor, CommitId, Event, EventId, EventKind, EventPayload, FORMAT, Image, Pin, Release,
    RepositoryIdentity, State, TagName, Timestamp, Version,
};
use rel::internals::{Files, commit_message, fold};
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Stdio};

/// The files of the tip.
#[derive(Default)]
struct Tree {
    files: BTreeMap<String, String>,
    folders: BTreeMap<String, BTreeSet<String>>,
}

impl Files for Tree {
    fn read(&self, path: &str) -> rel::internals::Result<Option<String>> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self, folder: &str) -> rel::internals::Result<Vec<String>> {
        Ok(self.folders.get(folder).map(|names| names.iter().cloned().collect()).unwrap_or_default())
    }
}

impl Tree {
    fn set(&mut self, path: &str, text: Option<&str>) {
        match text {
            Some(text) => {
                self.files.insert(path.to_owned(), text.to_owned());
                let mut rest = path;
                while let Some((folder, name)) = rest.rsplit_once('/') {
                    self.folders.entry(folder.to_owned()).or_default().insert(name.to_owned());
                    rest = folder;
                }
            }
            None => {
                self.files.remove(path);
                if let Some((folder, name)) = path.rsplit_once('/') {
                    self.folders.entry(folder.to_owned()).or_default().remove(name);
                }
            }
        }
    }
}

/// The latest events of one package in one environment.
#[derive(Clone, Default)]
struct Progress {
    sequence: u64,
    minor: u64,
    running: Option<Release>,
    before: Option<Release>,
}

/// A random number generator that gives the same numbers every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.roll() % most
    }

    fn hexadecimal(&mut self, digits: usize) -> String {
        let text: String = (0..digits.div_ceil(16)).map(|_| format!("{:016x}", self.roll())).collect();
        text[..digits].to_owned()
    }
}

/// The stream that fast-import reads, and its answers.
struct Stream {
    out: BufWriter<ChildStdin>,
    back: BufReader<ChildStdout>,
    tree: Tree,
    tip: Option<CommitId>,
    events: u64,
    root: CommitId,
    dice: Dice,
}

/// Writes so many events into `refs/heads/rel-ledger` of a bare repository.
pub(crate) fn generate(
    origin: &Path,
    shop: &Path,
    packages: u32,
    places: &[&str],
    events: u64,
) -> Result<(), Failure> {
    let root = git(shop, &["rev-parse", "HEAD"])?;
    let root = CommitId::parse(root.trim()).ok_or("no first commit")?;
    let mut import = command("git", origin);
    import.args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = import.spawn()?;
    let out = BufWriter::new(child.stdin.take().ok_or("no input")?);
    let back = BufReader::new(child.stdout.take().ok_or("no output")?);
    let (tree, dice) = (Tree::default(), Dice(7));
    let mut stream = Stream { out, back, tree, tip: None, events: 0, root, dice };
    let mut lives = vec![Progress::default(); usize::try_from(packages)? * places.len()];
    while stream.events < events {
        let which = usize::try_from(stream.dice.below(lives.len() as u64))?;
        let (package, place) = (format!("p{}", which / places.len()), places[which % places.len()]);
        stream.operation(&package, place, &mut lives[which])?;
    }
    stream.out.flush()?;
    drop(stream);
    if child.wait()?.success() { Ok(()) } else { Err("git fast-import did not take the ledger".into()) }
}

impl Stream {
    /// A deploy that ends well nine times out of ten; now and then a rollback, a hold and its end.
    fn operation(&mut self, package: &str, place: &str, life: &mut Progress) -> Result<(), Failure> {
        let at = |draft: EventPayload| draft.at(Some(package), Some(place));
        let luck = self.dice.below(100);
        if luck < 4 {
            for kind in [EventKind::Hold, EventKind::Unhold] {
                let draft = EventPayload { reason: Some("INC-412".into()), ..at(EventPayload::new(kind)) };
                self.event(life, draft)?;
            }
            return Ok(());
        }
        let back = life.before.clone().filter(|_| luck < 8);
        let (kind, release) = match back {
            Some(before) => (EventKind::Rollback, before),
            None => {
                life.minor += 1;
                (EventKind::Deploy, self.release(package, life.minor)?)
            }
        };
        let from = life.running.clone();
        let draft = EventPayload {
            release: Some(release.clone()),
            from: from.clone(),
            ..at(EventPayload::new(kind))
        };
        let started = EventPayload { state: Some(State::Deploying), ..draft.clone() };
        let operation = self.event(life, started)?;
        let failed = luck >= 92;
        let state = Some(if failed { State::Failed } else { State::Healthy });
        self.event(life, EventPayload { state, operation: Some(operation), ..draft })?;
        if !failed {
            life.before = from;
        }
        life.running = Some(release);
        Ok(())
    }

    fn release(&mut self, package: &str, minor: u64) -> Result<Release, Failure> {
        let digest = self.dice.hexadecimal(64);
        let image = Image::parse(&format!("app ghcr.io/acme/{package}@sha256:{digest}")).ok_or("no image")?;
        let commit = CommitId::parse(&self.dice.hexadecimal(40)).ok_or("no commit")?;
        let version = Version::new(1, minor, 0);
        let tag = TagName::new(format!("{package}-v{version}"));
        Ok(Release::new(version, tag, Pin::new(commit, vec![image])))
    }

    fn event(&mut self, life: &mut Progress, what: EventPayload) -> Result<EventId, Failure> {
        self.events += 1;
        life.sequence += 1;
        let seconds = 1_700_000_000 + i64::try_from(self.events)? * 600;
        let at = Timestamp::from_seconds(seconds).ok_or("no time")?;
        let random = u128::from(self.dice.roll()) << 16;
        let who = ["release-bot", "ada", "bob"][usize::try_from(self.dice.below(3))?];
        let event = Event {
            format: FORMAT,
            id: EventId::new(u64::try_from(seconds)? * 1000, random),
            sequence: life.sequence,
            previous: self.tip.filter(|_| life.sequence > 1),
            repository: RepositoryIdentity { name: "shop".into(), root: self.root },
            actor: Actor {
                id: format!("github:{who}"),
                name: None,
                person: who != "release-bot",
                run: Some(format!("https://github.com/acme/shop/actions/runs/{}", self.events)),
                ci: Some("github".into()),
                rest: Map::new(),
            },
            host: "runner".into(),
            at,
            config: Some("3ee4870c4e9ceaa909616646f078fafd5c13e19deb6fdc1db18ad75d44451169".into()),
            synced: None,
            late: false,
            what,
        };
        let changes = fold(&event, &self.tree).map_err(|error| error.message)?;
        let text = commit_message(&event);
        writeln!(self.out, "commit refs/heads/rel-ledger\nmark :{}", self.events)?;
        writeln!(
            self.out,
            "committer {who} <{who}@acme.example> {seconds} +0000\ndata {}\n{text}",
            text.len()
        )?;
        for (path, text) in &changes {
            match text {
                Some(text) => writeln!(self.out, "M 100644 inline {path}\ndata {}\n{text}", text.len())?,
                None => writeln!(self.out, "D {path}")?,
            }
            self.tree.set(path, text.as_deref());
        }
        writeln!(self.out, "\nget-mark :{}", self.events)?;
        self.out.flush()?;
        let mut answer = String::new();
        self.back.read_line(&mut answer)?;
        self.tip = Some(CommitId::parse(answer.trim()).ok_or("git fast-import names no commit")?);
        Ok(event.id)
    }
}
