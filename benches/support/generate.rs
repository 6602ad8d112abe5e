//! Histories of any size, the same bytes every time: a main line that short-lived branches are merged into, releases on
//! it, maintenance branches beside it. Commits hold no files, like the real histories of the corpus.

use super::support::Failure;
use super::support::shell::{command, git};
use super::words::{Dice, message};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{ChildStdin, Stdio};

/// What a history is to look like.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// All commits, on whatever branch.
    pub(crate) commits: u32,
    /// All tags.
    pub(crate) tags: u32,
    /// About how many commits are between the last release and HEAD.
    pub(crate) since: u32,
    /// A branch that is not reachable from HEAD has higher versions.
    pub(crate) higher: bool,
    /// A branch that left the main line at half its length was merged after the last release.
    pub(crate) old: bool,
}

/// Majors on the main line; each but the last has a maintenance branch.
const MAJORS: u32 = 5;
/// Releases on each maintenance branch.
const MAINTAINED: u32 = 3;
/// Commits before each of them.
const MAINTENANCE: u32 = 4;
/// Commits on the branch with higher versions.
const AHEAD: u32 = 30;

/// Writes a history into an empty folder, and packs it like a fresh clone.
pub(crate) fn generate(folder: &Path, shape: Shape) -> Result<(), Failure> {
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    let mut import = command("git", folder);
    import.args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped());
    let mut child = import.spawn()?;
    let stdin = child.stdin.take().ok_or("git fast-import takes no input")?;
    let mut history = Stream::new(stdin);
    history.write(shape)?;
    history.out.flush()?;
    drop(history);
    if !child.wait()?.success() {
        return Err("git fast-import did not take the history".into());
    }
    for reference in git(folder, &["for-each-ref", "--format=%(refname)", "refs/topic"])?.lines() {
        git(folder, &["update-ref", "-d", reference])?;
    }
    git(folder, &["repack", "-adq"])?;
    git(folder, &["pack-refs", "--all"])?;
    git(folder, &["reset", "--quiet"])?;
    Ok(())
}

/// What `git fast-import` reads, being written.
struct Stream {
    out: BufWriter<ChildStdin>,
    dice: Dice,
    mark: u32,
    clock: i64,
}

impl Stream {
    fn new(stdin: ChildStdin) -> Self {
        // 2010: a million commits, five minutes apart, end in the past.
        Stream { out: BufWriter::new(stdin), dice: Dice::new(), mark: 0, clock: 1_262_304_000 }
    }

    fn write(&mut self, shape: Shape) -> Result<(), Failure> {
        let beside = (MAJORS - 1) * MAINTAINED + if shape.higher { 2 } else { 0 };
        let mut releases = Releases::new(shape.tags.saturating_sub(beside));
        let mut recent: VecDeque<u32> = VecDeque::from([self.commit("refs/heads/main", None, None)?]);
        let last_release = shape.commits - shape.since;
        let mut ahead = shape.higher;
        let (mut fork, mut old) = (1, shape.old);
        while self.mark < shape.commits {
            for _ in 0..self.dice.below(4) {
                self.direct(&mut recent)?;
            }
            self.topic(&mut recent)?;
            let tip = recent.back().copied().unwrap_or(1);
            if ahead && self.mark + 600 > shape.commits {
                ahead = false;
                self.ahead(tip)?;
            }
            if self.mark <= shape.commits / 2 {
                fork = tip;
            }
            if old && self.mark + shape.since / 2 > shape.commits {
                old = false;
                let side = self.commit("refs/topic/old", Some(fork), None)?;
                let merge = self.commit("refs/heads/main", Some(tip), Some(side))?;
                remember(&mut recent, merge);
                continue;
            }
            while releases.due(self.mark, last_release) {
                let before = releases.current;
                let (version, annotated) = releases.next();
                self.tag(&version, tip, annotated)?;
                if releases.current.0 > before.0 {
                    self.maintain(before, releases.marks.0)?;
                }
                releases.marks = (tip, self.mark);
            }
        }
        Ok(())
    }

    /// A commit on the main line itself.
    fn direct(&mut self, recent: &mut VecDeque<u32>) -> Result<(), Failure> {
        let commit = self.commit("refs/heads/main", recent.back().copied(), None)?;
        remember(recent, commit);
        Ok(())
    }

    /// A branch of a few commits from a little way back, and its merge.
    fn topic(&mut self, recent: &mut VecDeque<u32>) -> Result<(), Failure> {
        let back = self.dice.below(6).min(u32::try_from(recent.len())? - 1) as usize;
        let fork = recent.iter().rev().nth(back).copied();
        let mut tip = fork;
        for _ in 0..=self.dice.below(4) {
            tip = Some(self.commit("refs/topic/one", tip, None)?);
        }
        let merge = self.commit("refs/heads/main", recent.back().copied(), tip)?;
        remember(recent, merge);
        Ok(())
    }

    /// A maintenance branch of a major that was just followed by the next: lower versions that HEAD does not reach.
    fn maintain(&mut self, (major, minor, patch): (u32, u32, u32), from: u32) -> Result<(), Failure> {
        let branch = format!("refs/heads/{major}.x");
        let mut tip = from;
        for release in 1..=MAINTAINED {
            for _ in 0..MAINTENANCE {
                tip = self.commit(&branch, Some(tip), None)?;
            }
            self.tag(&format!("{major}.{minor}.{}", patch + release), tip, true)?;
        }
        Ok(())
    }

    /// A branch with higher versions, which HEAD does not reach.
    fn ahead(&mut self, from: u32) -> Result<(), Failure> {
        let mut tip = from;
        for place in 1..=AHEAD {
            tip = self.commit("refs/heads/next", Some(tip), None)?;
            if place == AHEAD / 2 {
                self.tag(&format!("{}.0.0-rc.1", MAJORS + 1), tip, false)?;
            }
        }
        self.tag(&format!("{}.0.0", MAJORS + 1), tip, true)
    }

    fn commit(&mut self, branch: &str, from: Option<u32>, merged: Option<u32>) -> Result<u32, Failure> {
        self.mark += 1;
        self.clock += i64::from(self.dice.below(600));
        let mark = self.mark;
        let author = self.dice.below(40);
        let message = match merged {
            Some(_) => {
                format!("Merge pull request #{mark} from acme/topic-{mark}\n\n{}", message(&mut self.dice))
            }
            None => message(&mut self.dice),
        };
        let mut text = String::with_capacity(message.len() + 200);
        let who = format!("Author {author} <author{author}@example.org> {} +0000", self.clock);
        writeln!(text, "commit {branch}\nmark :{mark}\nauthor {who}\ncommitter {who}")?;
        writeln!(text, "data {}\n{message}", message.len())?;
        if let Some(from) = from {
            writeln!(text, "from :{from}")?;
        }
        if let Some(merged) = merged {
            writeln!(text, "merge :{merged}")?;
        }
        self.out.write_all(text.as_bytes())?;
        Ok(mark)
    }

    fn tag(&mut self, version: &str, mark: u32, annotated: bool) -> Result<(), Failure> {
        if annotated {
            let text = format!("Release {version}\n");
            let clock = self.clock;
            write!(
                self.out,
                "tag v{version}\nfrom :{mark}\ntagger Bot <bot@example.org> {clock} +0000\ndata {}\n{text}\n",
                text.len()
            )?;
        } else {
            writeln!(self.out, "reset refs/tags/v{version}\nfrom :{mark}\n")?;
        }
        Ok(())
    }
}

/// Topics fork off from one of the last commits of the main line.
fn remember(recent: &mut VecDeque<u32>, commit: u32) {
    recent.push_back(commit);
    if recent.len() > 8 {
        recent.pop_front();
    }
}

/// The releases of the main line: patches, minors with a prerelease before them, majors now and then.
struct Releases {
    all: u32,
    made: u32,
    current: (u32, u32, u32),
    /// The commit of the last release.
    marks: (u32, u32),
}

impl Releases {
    fn new(all: u32) -> Self {
        Releases { all, made: 0, current: (1, 0, 0), marks: (1, 1) }
    }

    /// Whether the next one is due: they are spread evenly up to the last.
    fn due(&self, commits: u32, last_release: u32) -> bool {
        let at = u64::from(last_release) * u64::from(self.made + 1) / u64::from(self.all.max(1));
        self.made < self.all && u64::from(commits) >= at
    }

    /// The next version, and whether its tag is annotated: prereleases often are not.
    fn next(&mut self) -> (String, bool) {
        let (major, minor, patch) = self.current;
        self.made += 1;
        let each = (self.all / MAJORS).max(1);
        if self.made.is_multiple_of(each) && major < MAJORS {
            self.current = (major + 1, 0, 0);
        } else if self.made % 4 == 2 && self.made < self.all {
            return (format!("{major}.{}.0-rc.{}", minor + 1, self.made), false);
        } else if self.made % 4 == 3 {
            self.current = (major, minor + 1, 0);
        } else {
            self.current = (major, minor, patch + 1);
        }
        let (major, minor, patch) = self.current;
        (format!("{major}.{minor}.{patch}"), true)
    }
}
