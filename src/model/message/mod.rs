//! Parses a commit message into its changes: the header, and in a squash the parts below it. It passes over the lines once
//! and uses no regular expressions, so that a message of any size and any bytes is parsed in linear time.

mod breaking;
mod footers;
mod header;
mod lines;
mod revert;

pub use header::{Header, HeaderFault, is_probably_header};
pub use lines::{Notice, SCISSORS, Trailer};
pub use revert::Reverted;

use super::bump::{Bump, BumpTable, Squash};
use breaking::Breaking;
use lines::{MessageLine, lines, paragraph};

/// A parsed message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The first line; of a squashed merge the first line of the paragraph that counts (V25).
    pub subject: String,
    /// The change of the header, if it is one, then the parts.
    pub changes: Vec<Change>,
    /// The commits that it reverts; parts of a squash revert nothing (V20).
    pub reverts: Vec<Reverted>,
    /// All below the first line, without blank lines at either end; of a message without a second line nothing.
    pub body: String,
    /// The `Release-As` trailers, in order.
    pub release_as: Vec<Trailer>,
    /// The subject has `[skip release]` (V16).
    pub skipped: bool,
    /// The value of the trailer `Rel-Release`, which identifies a release commit of `rel` (V30).
    pub rel_release: Option<String>,
    /// What was probably meant to count but does not, in the order of the lines.
    pub warnings: Vec<Notice>,
    /// The line of the header, counted from 1; 0 if there is none to parse.
    pub line: usize,
    /// The character of that line at which the header begins, counted from 1.
    pub column: usize,
    /// Why that line is not a header, its column counted in the whole line; `None` if it is one, or a `BREAKING CHANGE:` as
    /// the subject.
    pub fault: Option<HeaderFault>,
    /// The subject is that of a merge, so the first paragraph of the body is the message (V25).
    pub merged: bool,
}

/// One change of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The type in lower case; `None` for a breaking change without a header.
    pub kind: Option<String>,
    /// The scope.
    pub scope: Option<String>,
    /// It has `!` or a `BREAKING CHANGE:` footer.
    pub breaking: bool,
    /// What changed.
    pub subject: String,
    /// It has `[skip release]` (V16).
    pub skipped: bool,
    /// It is a bullet or a paragraph of a squash (V24).
    pub part: bool,
}

impl Change {
    /// Returns the bump that it requires from 1.0.0 on; `None` for none.
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
        Change {
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
    /// Parses a message. If the commit has a single parent, a subject like `Merge pull request …` is that of a squash, whose
    /// message is the first paragraph of its body (V25).
    pub fn parse(text: &str, table: &BumpTable, single_parent: bool) -> Message {
        let lines = lines(text);
        let subject = lines.first().map_or("", |line| line.text).to_owned();
        let body = text.trim_start().split_once('\n').map_or("", |(_, body)| body.trim()).to_owned();
        let mut message = Message { subject, body, ..Message::default() };
        message.read_trailers(&lines);
        message.merged = single_parent && is_merge_subject(&message.subject);
        if message.merged {
            let body = paragraph(&lines);
            message.skipped = is_skipped(&message.subject);
            message.read_changes(body, table);
            // Azure writes the title of the pull request after the number; it counts if the body has no change.
            let title = message.subject.strip_prefix("Merged PR ").and_then(|rest| rest.split_once(": "));
            if let Some(header) =
                title.filter(|_| message.changes.is_empty()).and_then(|(_, title)| Header::parse(title).ok())
            {
                message.changes.push(Change::new(header, false));
            }
            message.warn_outside(&lines, body.len());
            if let Some(first) = body.first() {
                message.subject = first.text.trim_start_matches(['*', '-', ' ']).to_owned();
            }
        } else {
            message.read_changes(&lines, table);
        }
        message.skipped |= is_skipped(&message.subject);
        message
    }

    fn read_changes(&mut self, lines: &[MessageLine<'_>], table: &BumpTable) {
        let Some((first, body)) = lines.split_first() else { return };
        let header = first.text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        // The first paragraph of a squashed merge may be a list.
        let listed = header.strip_prefix("* ").or_else(|| header.strip_prefix("- ")).filter(|_| self.merged);
        let header = listed.unwrap_or(header);
        (self.line, self.column) = (first.number, first.column(header));
        self.read_header(*first, header.trim_end(), table);
        let title = self
            .changes
            .first()
            .and_then(|change| change.kind.as_deref())
            .is_some_and(|kind| table.knows(kind));
        let title_only = title && table.squash == Squash::Title;
        let mut current = (!self.changes.is_empty()).then_some(0);
        let mut start = false;
        let (mut own, mut is_own) = (vec![header], true);
        for line in body {
            if line.is_blank() {
                start = true;
                continue;
            }
            let text = line.text;
            let bullet = text.strip_prefix("* ").or_else(|| text.strip_prefix("- ")).map(str::trim_start);
            let at_start = std::mem::take(&mut start);
            let begins_part = bullet.or(at_start.then_some(text));
            if let Some(part) = begins_part.and_then(|text| part(text.trim_end(), table)) {
                // With `squash = "title"` it is not a change, but the text below it still belongs to it.
                if !title_only {
                    self.changes.push(part);
                    current = Some(self.changes.len() - 1);
                }
                is_own = false;
                continue;
            }
            if is_heading(text) {
                current = self.changes.first().filter(|change| !change.part).map(|_| 0);
            }
            match Breaking::read(bullet.unwrap_or(text)) {
                Breaking::Yes => self.mark_breaking(current),
                Breaking::Meant(why, rest) => self.warnings.push(line.notice(rest, why)),
                Breaking::No => {}
            }
            // From the first part or quoted revert on, the text belongs to squashed commits (V20).
            if is_skipped(text) && bullet.is_none() {
                self.warnings
                    .push(line.notice(text, "[skip release] counts only in a subject or in a bullet"));
            }
            is_own &= !bullet.is_some_and(|text| text.starts_with("Revert \""));
            if is_own {
                own.push(text);
            }
        }
        self.reverts = revert::read(&own);
    }

    fn read_header(&mut self, line: MessageLine<'_>, header: &str, table: &BumpTable) {
        match Header::parse(header) {
            // `BREAKING-CHANGE` would parse as a type.
            _ if Breaking::read(header) == Breaking::Yes => {
                let what = "the subject is a breaking change without a type; write `feat!: …`";
                self.warnings.push(line.notice(line.text.trim_start(), what));
                self.mark_breaking(None);
            }
            Ok(header) => self.changes.push(Change::new(header, false)),
            Err(mut fault) => {
                if let Breaking::Meant(why, rest) = Breaking::read(header) {
                    self.warnings.push(line.notice(rest, why));
                }
                fault.column += self.column - 1;
                if is_probably_header(header, table) {
                    let (column, what) = (fault.column, fault.what);
                    let text = format!(
                        "looks like a conventional commit but does not parse (column {column}: {what})"
                    );
                    self.warnings.push(Notice { column, ..line.notice(header, text) });
                }
                self.fault = Some(fault);
            }
        }
    }

    /// Marks a change as breaking; a message without changes gets one without a type.
    fn mark_breaking(&mut self, current: Option<usize>) {
        let place = current.unwrap_or(0);
        if let Some(change) = self.changes.get_mut(place) {
            change.breaking = true;
            return;
        }
        let subject = self.subject.clone();
        self.changes.push(Change {
            kind: None,
            scope: None,
            breaking: true,
            subject,
            skipped: false,
            part: false,
        });
    }

    fn read_trailers(&mut self, lines: &[MessageLine<'_>]) {
        self.release_as = lines::release_as(lines);
        let last = lines.iter().rposition(|line| line.is_blank()).unwrap_or(0);
        let tail = lines.iter().skip(last.max(1));
        self.rel_release = tail.filter_map(|line| line.trailer("rel-release")).next_back().map(str::to_owned);
    }

    /// Warns about breaking changes outside the one paragraph of a squashed merge that counts (V25).
    fn warn_outside(&mut self, lines: &[MessageLine<'_>], inside: usize) {
        let body = lines.iter().skip(1).skip_while(|line| line.is_blank()).skip(inside);
        for line in body.filter(|line| Breaking::read(line.text) == Breaking::Yes) {
            let what = "only the first paragraph of a squashed merge counts, so this does not";
            self.warnings.push(line.notice(line.text, what));
        }
    }
}

/// Parses a bullet or the first line of a paragraph as a part of a squash: only a known type is one (V24).
fn part(text: &str, table: &BumpTable) -> Option<Change> {
    Header::parse_only(text)
        .ok()
        .filter(|header| table.knows(&header.kind))
        .map(|header| Change::new(header, true))
}

/// Whether a subject is one that forges and git write for merges (V25).
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

/// Whether a text has `[skip release]` or `[release skip]`, in any case (V16).
fn is_skipped(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("[skip release]") || text.contains("[release skip]")
}

#[cfg(test)]
mod tests;
