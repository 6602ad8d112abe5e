//! Turns classified commits into the entries of notes: what is omitted, the parts of a squash, groups, references and
//! contributors.

use super::escape;
use super::forge::Forge;
use crate::model::message::{Change, Message};
use crate::model::{BumpTable, Person};
use crate::version::ClassifiedCommit;
use std::collections::BTreeMap;

/// The group of breaking changes, whatever their type.
pub(super) const BREAKING: &str = "Breaking";
/// The groups of Keep a Changelog 1.1 in its order; others follow by name.
const ORDER: [&str; 7] = [BREAKING, "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
/// The group of each type of commit. A revert of a released commit is a change.
const GROUPS: [(&str, &str); 7] = [
    ("feat", "Added"),
    ("fix", "Fixed"),
    ("perf", "Changed"),
    ("revert", "Changed"),
    ("deprecate", "Deprecated"),
    ("remove", "Removed"),
    ("security", "Security"),
];

/// A commit with its people.
#[derive(Clone, Copy, Debug)]
pub struct NotedCommit<'a> {
    /// The commit and its effect on the version.
    pub classified: &'a ClassifiedCommit,
    /// The author.
    pub author: &'a Person,
    /// The committer.
    pub committer: &'a Person,
}

/// The rules for which changes are noted, and in which group.
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a> {
    /// `[changelog] groups`.
    pub configured: &'a BTreeMap<String, String>,
    /// `[version] bump`: a type that causes a release is noted.
    pub bumps: &'a BumpTable,
}

/// One entry of notes; its text is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The heading that it is listed under.
    pub group: String,
    /// The type of the change.
    pub kind: String,
    pub scope: Option<String>,
    pub breaking: bool,
    /// The text of a `BREAKING CHANGE:` footer.
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
    /// Returns the group of a type of change; `None` where it is not noted.
    fn of(&self, kind: &str, breaking: bool) -> Option<&str> {
        let default = || GROUPS.iter().find(|(name, _)| *name == kind).map(|(_, group)| *group);
        match self.configured.get(kind) {
            Some(group) => Some(group),
            None if breaking || self.bumps.bump(kind).is_some() => Some(default().unwrap_or("Changed")),
            None => None,
        }
    }
}

impl Entry {
    /// Adds the pull request that the subject of a squash names to one of its parts.
    fn add_pull_request(&mut self, subject: &str, forge: Option<&Forge>) {
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

/// Returns the rank of a group in the order of headings.
pub(super) fn rank(group: &str) -> usize {
    ORDER.iter().position(|name| *name == group).unwrap_or(ORDER.len())
}

/// Returns the entries of one commit; none where it is omitted.
pub(super) fn entries(commit: &NotedCommit<'_>, groups: Groups<'_>, forge: Option<&Forge>) -> Vec<Entry> {
    let (message, effect) = (&commit.classified.commit.message, &commit.classified.effect);
    if !effect.counts {
        return Vec::new();
    }
    let reverts = !message.reverts.is_empty() && effect.bump.is_some() && message.changes.is_empty();
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
    let single = message.changes.len() == 1;
    let mut found: Vec<Entry> = Vec::new();
    for change in message.changes.iter().filter(|change| !change.skipped) {
        let whole = (single && !change.part).then_some(message.as_ref());
        let Some(mut entry) = entry(change, whole, groups, forge) else { continue };
        if change.part && entry.number.is_none() {
            entry.add_pull_request(&message.subject, forge);
        }
        // A forge repeats the title of a squash as its only bullet.
        let same = |other: &Entry| {
            other.kind == entry.kind && without_number(&other.text) == without_number(&entry.text)
        };
        if !found.iter().any(same) {
            found.push(entry);
        }
    }
    found
}

/// Returns the entry of one change. `message` is that of its commit if the commit is only this change.
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

/// Returns a text without the number that a forge appends.
fn without_number(text: &str) -> &str {
    let end = [" (#", " ([#", " (`#"].iter().find_map(|start| text.find(start)).unwrap_or(text.len());
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

/// Returns the contributors, each once, in the order of their first commit: authors and `Co-authored-by`. Bots are omitted.
pub(super) fn contributors(commits: &[NotedCommit<'_>]) -> Vec<String> {
    let mut seen: Vec<(String, String)> = Vec::new();
    let counted = commits.iter().filter(|commit| commit.classified.effect.counts);
    for commit in counted.rev() {
        let author = (commit.author.name.trim(), commit.author.email.trim());
        for (name, email) in std::iter::once(author).chain(commit.classified.commit.message.co_authors()) {
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
