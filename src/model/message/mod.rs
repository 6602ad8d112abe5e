//! A commit message as units of change: its header, and in a squash the parts below it. One pass over the lines, no
//! regular expressions, so that a message of any size and any bytes is read in linear time. Leans on `bump`.

mod breaking;
mod header;
mod revert;

pub use header::{Header, HeaderFault, looks_meant};
pub use revert::Reverted;

use super::bump::{Bump, BumpTable};
use breaking::Breaking;

/// A message, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The first line, as a person sees it.
    pub subject: String,
    /// The header's unit first, where there is one, then the parts.
    pub units: Vec<Unit>,
    /// What it says to revert; nothing inside a part of a squash (V20).
    pub reverts: Vec<Reverted>,
    /// The values of `Release-As`, in order.
    pub release_as: Vec<String>,
    /// `[skip release]` stands in the subject.
    pub skipped: bool,
    /// The value of the trailer `Rel-Release`, by which `rel` knows its own commits (V30).
    pub rel_release: Option<String>,
    /// What looks meant but does not count, one sentence each.
    pub warnings: Vec<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The type in lower case; `None` for a message without a header that is breaking all the same.
    pub kind: Option<String>,
    /// The scope.
    pub scope: Option<String>,
    /// `!`, or a footer that says so.
    pub breaking: bool,
    /// What changed.
    pub subject: String,
    /// `[skip release]` stands in it.
    pub skipped: bool,
    /// It is a bullet or a paragraph of a squash.
    pub part: bool,
}

impl Unit {
    /// What it does to a version of 1.0.0 or more; `None` for nothing.
    pub fn bump(&self, table: &BumpTable) -> Option<Bump> {
        match &self.kind {
            _ if self.skipped => None,
            _ if self.breaking => Some(Bump::Major),
            Some(kind) => table.bump(kind),
            None => None,
        }
    }

    fn new(header: Header, part: bool) -> Self {
        let skipped = is_skipped(&header.subject);
        Unit {
            kind: Some(header.kind),
            scope: header.scope,
            breaking: header.breaking,
            subject: header.subject,
            skipped,
            part,
        }
    }
}

impl Message {
    /// Reads a message. `single_parent`: the commit has one parent, so a subject like `Merge pull request …` is that of
    /// a squash, whose message is the first paragraph of its body (V25).
    pub fn parse(text: &str, table: &BumpTable, single_parent: bool) -> Message {
        let lines = lines(text);
        let subject = lines.first().copied().unwrap_or("").to_owned();
        let mut message = Message { subject, ..Message::default() };
        message.read_trailers(&lines);
        if single_parent && is_merge_subject(&message.subject) {
            let body = paragraph(&lines);
            message.warn_outside(&lines, body.len());
            message.read_units(body, table);
            if let Some(first) = body.first() {
                message.subject = (*first).to_owned();
            }
        } else {
            message.read_units(&lines, table);
        }
        message.skipped |= is_skipped(&message.subject);
        message
    }

    fn read_units(&mut self, lines: &[&str], table: &BumpTable) {
        let Some((first, body)) = lines.split_first() else { return };
        let first = first.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').trim_end();
        self.read_header(first, table);
        let mut current = (!self.units.is_empty()).then_some(0);
        let mut start = false;
        let (mut own, mut is_own) = (vec![first], true);
        for line in body {
            if line.trim().is_empty() {
                start = true;
                continue;
            }
            let bullet = line.strip_prefix("* ").or_else(|| line.strip_prefix("- "));
            let at_start = std::mem::take(&mut start);
            let part = match bullet {
                Some(text) => part(text.trim(), table),
                None if at_start => part(line.trim_end(), table),
                None => None,
            };
            if let Some(unit) = part {
                self.units.push(unit);
                current = Some(self.units.len() - 1);
                is_own = false;
                continue;
            }
            if is_heading(line) {
                current = self.units.first().filter(|unit| !unit.part).map(|_| 0);
            }
            match Breaking::read(bullet.map_or(*line, str::trim)) {
                Breaking::Yes => self.break_unit(current),
                Breaking::Meant(why) => self.warnings.push(format!("{why}: `{}`", excerpt(line))),
                Breaking::No => {}
            }
            // From the first part or quoted revert on, the text belongs to commits that were squashed away (V20).
            is_own &= !bullet.is_some_and(|text| text.starts_with("Revert \""));
            if is_own {
                own.push(line);
            }
        }
        self.reverts = revert::read(&own);
    }

    fn read_header(&mut self, first: &str, table: &BumpTable) {
        match Header::parse(first) {
            // `BREAKING-CHANGE: x` parses as a type; as the subject it is a breaking change.
            _ if Breaking::read(first) == Breaking::Yes => {
                self.warnings.push(format!(
                    "the subject itself is a breaking change; `feat!: …` says what kind: `{}`",
                    excerpt(first)
                ));
                self.break_unit(None);
            }
            Ok(header) => self.units.push(Unit::new(header, false)),
            Err(fault) if looks_meant(first, table) => {
                self.warnings.push(format!(
                    "looks like a conventional commit but does not parse (column {}: {}): `{}`",
                    fault.column,
                    fault.what,
                    excerpt(first)
                ));
            }
            Err(_) => {}
        }
    }

    /// Makes a unit breaking; a message without units gets one without a type.
    fn break_unit(&mut self, current: Option<usize>) {
        let place = current.unwrap_or(0);
        if let Some(unit) = self.units.get_mut(place) {
            unit.breaking = true;
            return;
        }
        let subject = self.subject.clone();
        self.units.push(Unit {
            kind: None,
            scope: None,
            breaking: true,
            subject,
            skipped: false,
            part: false,
        });
    }

    fn read_trailers(&mut self, lines: &[&str]) {
        for line in lines.iter().skip(1) {
            if let Some(value) = trailer(line, "release-as") {
                self.release_as.push(value.to_owned());
            }
        }
        let last = lines.iter().rposition(|line| line.trim().is_empty()).unwrap_or(0);
        let tail = lines.iter().skip(last.max(1));
        self.rel_release =
            tail.filter_map(|line| trailer(line, "rel-release")).next_back().map(str::to_owned);
    }

    /// Of a squashed merge only one paragraph counts (V25): what breaks elsewhere is told, never lost in silence.
    fn warn_outside(&mut self, lines: &[&str], inside: usize) {
        let body = lines.iter().skip(1).skip_while(|line| line.trim().is_empty()).skip(inside);
        for line in body.filter(|line| Breaking::read(line) == Breaking::Yes) {
            self.warnings.push(format!(
                "only the first paragraph of a squashed merge counts, so this does not: `{}`",
                excerpt(line)
            ));
        }
    }
}

/// A bullet or the first line of a paragraph as a part of a squash: only with a known type (V24).
fn part(text: &str, table: &BumpTable) -> Option<Unit> {
    Header::parse(text).ok().filter(|header| table.knows(&header.kind)).map(|header| Unit::new(header, true))
}

/// The lines that count: nothing after a scissors line, no blank ones at either end, CRLF as LF (V26).
fn lines(text: &str) -> Vec<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut lines: Vec<&str> =
        lines.take_while(|line| !is_scissors(line)).skip_while(|line| line.trim().is_empty()).collect();
    let end = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    lines.truncate(end);
    lines
}

/// The first paragraph behind the subject.
fn paragraph<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let Some(start) = lines.iter().skip(1).position(|line| !line.trim().is_empty()).map(|at| at + 1) else {
        return &[];
    };
    let rest = lines.get(start..).unwrap_or_default();
    let end = rest.iter().position(|line| line.trim().is_empty()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// git-commit(1), `--cleanup=scissors`, behind any comment character.
fn is_scissors(line: &str) -> bool {
    let mut rest = line.chars();
    rest.next();
    rest.as_str().trim_start() == "------------------------ >8 ------------------------"
}

/// What forges and git write over merges.
fn is_merge_subject(subject: &str) -> bool {
    let numbered = |rest: &str| {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        digits.len() < rest.len() && digits.starts_with(':')
    };
    ["Merge pull request ", "Merge branch ", "Merge remote-tracking branch ", "Merge tag "]
        .iter()
        .any(|start| subject.starts_with(start))
        || subject.strip_prefix("Merged PR ").is_some_and(numbered)
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && (rest.is_empty() || rest.starts_with(' '))
}

/// `[skip release]` or `[release skip]`, in any case (V16).
fn is_skipped(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("[skip release]") || text.contains("[release skip]")
}

/// The value of a trailer at the start of a line, its key without regard to case.
fn trailer<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (name, value) = line.split_once(':')?;
    (name.trim_end().eq_ignore_ascii_case(key) && !value.trim().is_empty()).then(|| value.trim())
}

/// A line, short enough for a sentence.
fn excerpt(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
