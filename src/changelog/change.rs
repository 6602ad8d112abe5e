//! From classified commits to the entries of notes: what is left out, the parts of a squash, groups, references and
//! contributors. Leans on `version` and `model`.

use super::escape;
use super::forge::Forge;
use crate::model::message::{Change, Message};
use crate::model::{BumpTable, Person};
use crate::version::ClassifiedCommit;
use std::collections::BTreeMap;

/// Where breaking changes stand, whatever their type.
pub(super) const BREAKING: &str = "Breaking";
/// The groups of Keep a Changelog 1.1 in its order; others follow by name.
const ORDER: [&str; 7] = [BREAKING, "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
/// The group of each type of commit. A revert of something released changes it back.
const GROUPS: [(&str, &str); 7] = [
    ("feat", "Added"),
    ("fix", "Fixed"),
    ("perf", "Changed"),
    ("revert", "Changed"),
    ("deprecate", "Deprecated"),
    ("remove", "Removed"),
    ("security", "Security"),
];

/// A commit with all that notes may say of it.
#[derive(Clone, Debug)]
pub struct NotedCommit<'a> {
    /// The commit and its part in the version.
    pub classified: &'a ClassifiedCommit,
    /// Who wrote it.
    pub author: Person,
    /// Who committed it.
    pub committer: Person,
}

/// What decides which changes are noted, and under which heading.
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a> {
    /// `[changelog] groups`.
    pub configured: &'a BTreeMap<String, String>,
    /// `[version] bump`: a type that releases something is noted.
    pub table: &'a BumpTable,
}

/// One line of notes; all its text is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The heading that it stands under.
    pub group: String,
    /// The type of the change.
    pub kind: String,
    pub scope: Option<String>,
    pub breaking: bool,
    /// What a `BREAKING CHANGE:` footer says.
    pub breaks: Option<String>,
    pub text: String,
    /// The first `#12` of the text.
    pub number: Option<i64>,
    /// Issues that the body closes, by number.
    pub closes: Vec<String>,
    /// The body below the subject; empty for a part of a squash.
    pub body: String,
}

impl Groups<'_> {
    /// The heading of a type of change; `None` where it is not noted.
    fn of(&self, kind: &str, breaking: bool) -> Option<&str> {
        let default = || GROUPS.iter().find(|(name, _)| *name == kind).map(|(_, group)| *group);
        match self.configured.get(kind) {
            Some(group) => Some(group),
            None if breaking || self.table.bump(kind).is_some() => Some(default().unwrap_or("Changed")),
            None => None,
        }
    }
}

impl Entry {
    /// A part of a squash came with the pull request that the squash's own subject names.
    fn name_request(&mut self, subject: &str, forge: Option<&Forge>) {
        let Some(digits) = subject.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once("(#"))
        else {
            return;
        };
        let url = forge.filter(|_| is_number(digits.1)).and_then(|forge| forge.number('#', digits.1));
        if let Some(url) = url {
            self.text.push_str(&format!(" ([#{}]({url}))", digits.1));
            self.number = digits.1.parse().ok();
        }
    }
}

/// The order of headings.
pub(super) fn rank(group: &str) -> usize {
    ORDER.iter().position(|name| *name == group).unwrap_or(ORDER.len())
}

/// The entries of one commit; none where it is left out.
pub(super) fn entries(change: &NotedCommit<'_>, groups: Groups<'_>, forge: Option<&Forge>) -> Vec<Entry> {
    let (message, verdict) = (&change.classified.commit.message, &change.classified.effect);
    if !verdict.counts {
        return Vec::new();
    }
    let reverts = !message.reverts.is_empty() && verdict.bump.is_some() && message.changes.is_empty();
    if reverts {
        // `Revert "feat: x"` has no type of its own.
        let change = Change {
            kind: Some("revert".to_owned()),
            scope: None,
            breaking: false,
            subject: message.subject.clone(),
            skipped: false,
            part: false,
        };
        return entry(&change, None, groups, forge).into_iter().collect();
    }
    let alone = message.changes.len() == 1;
    let mut found: Vec<Entry> = Vec::new();
    for change in message.changes.iter().filter(|change| !change.skipped) {
        let whole = (alone && !change.part).then_some(message.as_ref());
        let Some(mut entry) = entry(change, whole, groups, forge) else { continue };
        if change.part && entry.number.is_none() {
            entry.name_request(&message.subject, forge);
        }
        // A forge repeats the title of a squash as its only bullet.
        let same = |other: &Entry| other.kind == entry.kind && bare(&other.text) == bare(&entry.text);
        if !found.iter().any(same) {
            found.push(entry);
        }
    }
    found
}

/// The entry of one change; `message` is its commit's own, where the commit is this change and nothing else.
fn entry(
    change: &Change,
    message: Option<&Message>,
    groups: Groups<'_>,
    forge: Option<&Forge>,
) -> Option<Entry> {
    let kind = change.kind.clone().unwrap_or_else(|| "change".to_owned());
    let group = groups.of(&kind, change.breaking)?.to_owned();
    let number = |sign: char, digits: &str| forge.and_then(|forge| forge.number(sign, digits));
    let issues = message.map(Message::closed_issues).unwrap_or_default();
    let breaks = message.filter(|_| change.breaking).and_then(Message::breaking_change);
    let closes = issues.into_iter().filter_map(|digits| Some((digits, number('#', digits)?)));
    Some(Entry {
        group,
        kind,
        scope: change.scope.as_deref().map(|scope| escape::line(scope, &|_, _| None)),
        breaking: change.breaking,
        breaks: breaks.map(|text| escape::line(&text, &number)),
        text: escape::line(&change.subject, &number),
        number: first_number(&change.subject),
        closes: closes.map(|(digits, url)| format!("[#{digits}]({url})")).collect(),
        body: escape::lines(message.map_or("", |message| message.body.as_str())),
    })
}

/// A text without the number that a forge puts behind it.
fn bare(text: &str) -> &str {
    let end = text.find(" (#").or_else(|| text.find(" ([#")).unwrap_or(text.len());
    &text[..end]
}

fn is_number(text: &str) -> bool {
    (1..12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn first_number(subject: &str) -> Option<i64> {
    let (_, rest) = subject.rsplit_once('#')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Who made these changes, each once, in the order of their first commit: authors, and whom `Co-authored-by` names.
/// Robots are left out.
pub(super) fn contributors<'a>(changes: impl DoubleEndedIterator<Item = &'a NotedCommit<'a>>) -> Vec<String> {
    let mut seen: Vec<(String, String)> = Vec::new();
    for change in changes.rev() {
        let author = (change.author.name.trim(), change.author.email.trim());
        for (name, email) in std::iter::once(author).chain(change.classified.commit.message.co_authors()) {
            let known = seen.iter().any(|(other, address)| {
                *other == name || !email.is_empty() && address.eq_ignore_ascii_case(email)
            });
            if !name.is_empty() && !name.ends_with("[bot]") && !known {
                seen.push((name.to_owned(), email.to_owned()));
            }
        }
    }
    seen.into_iter().map(|(name, _)| escape::line(&name, &|_, _| None)).collect()
}
