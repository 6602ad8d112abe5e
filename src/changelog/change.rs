//! From weighed commits to the entries of notes: what is left out, the parts of a squash, groups, references and
//! contributors. Leans on `version` and `model`.

use super::escape;
use super::forge::Forge;
use crate::model::message::Unit;
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
pub struct Change<'a> {
    /// The commit and its part in the version.
    pub weighed: &'a ClassifiedCommit,
    /// The whole message.
    pub text: String,
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
pub(super) fn entries(change: &Change<'_>, groups: Groups<'_>, forge: Option<&Forge>) -> Vec<Entry> {
    let (message, verdict) = (&change.weighed.commit.message, &change.weighed.verdict);
    if !verdict.alive {
        return Vec::new();
    }
    let reverts = !message.reverts.is_empty() && verdict.bump.is_some() && message.units.is_empty();
    if reverts {
        // `Revert "feat: x"` has no type of its own.
        let unit = Unit {
            kind: Some("revert".to_owned()),
            scope: None,
            breaking: false,
            subject: message.subject.clone(),
            skipped: false,
            part: false,
        };
        return entry(&unit, None, groups, forge).into_iter().collect();
    }
    let alone = message.units.len() == 1;
    let mut found: Vec<Entry> = Vec::new();
    for unit in message.units.iter().filter(|unit| !unit.skipped) {
        let body = (alone && !unit.part).then_some(change.text.as_str());
        let Some(mut entry) = entry(unit, body, groups, forge) else { continue };
        if unit.part && entry.number.is_none() {
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

fn entry(unit: &Unit, message: Option<&str>, groups: Groups<'_>, forge: Option<&Forge>) -> Option<Entry> {
    let kind = unit.kind.clone().unwrap_or_else(|| "change".to_owned());
    let group = groups.of(&kind, unit.breaking)?.to_owned();
    let number = |sign: char, digits: &str| forge.and_then(|forge| forge.number(sign, digits));
    let body = message.map(body).unwrap_or_default();
    let closes = closes(body).filter_map(|digits| Some((digits, number('#', digits)?)));
    Some(Entry {
        group,
        kind,
        scope: unit.scope.as_deref().map(|scope| escape::line(scope, &|_, _| None)),
        breaking: unit.breaking,
        breaks: breaks(body).map(|text| escape::line(&text, &number)).filter(|_| unit.breaking),
        text: escape::line(&unit.subject, &number),
        number: first_number(&unit.subject),
        closes: closes.map(|(digits, url)| format!("[#{digits}]({url})")).collect(),
        body: escape::lines(body),
    })
}

/// A text without the number that a forge puts behind it.
fn bare(text: &str) -> &str {
    let end = text.find(" (#").or_else(|| text.find(" ([#")).unwrap_or(text.len());
    &text[..end]
}

/// All below the first line that says something.
fn body(message: &str) -> &str {
    message.trim_start().split_once('\n').map_or("", |(_, body)| body.trim())
}

/// What a footer says that a change breaks: its line and those that go on with it.
fn breaks(body: &str) -> Option<String> {
    let mut lines = body.lines().map(str::trim_end);
    let first = lines.find_map(|line| {
        ["BREAKING CHANGE: ", "BREAKING-CHANGE: "].iter().find_map(|key| line.strip_prefix(key))
    })?;
    let footer = |line: &str| {
        line.split_once(": ").is_some_and(|(key, _)| {
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
    };
    let more = lines.take_while(|line| !line.is_empty() && !footer(line));
    Some(std::iter::once(first).chain(more).map(str::trim).collect::<Vec<_>>().join(" "))
}

/// The numbers behind `closes`, `fixes` and `resolves`, as forges read them.
fn closes(body: &str) -> impl Iterator<Item = &str> {
    let words: Vec<&str> = body
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found: Vec<&str> = Vec::new();
    for pair in words.windows(2) {
        let verb = pair[0].to_ascii_lowercase();
        let closing =
            ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];
        let digits = pair[1].strip_prefix('#').map(|rest| rest.trim_end_matches(['.', ')']));
        if let Some(digits) = digits.filter(|digits| closing.contains(&verb.as_str()) && is_number(digits))
            && !found.contains(&digits)
        {
            found.push(digits);
        }
    }
    found.into_iter()
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
pub(super) fn contributors<'a>(changes: impl DoubleEndedIterator<Item = &'a Change<'a>>) -> Vec<String> {
    let mut seen: Vec<(String, String)> = Vec::new();
    for change in changes.rev() {
        let also = change.text.lines().filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            let value = key.trim().eq_ignore_ascii_case("co-authored-by").then_some(value)?;
            let (name, rest) = value.split_once('<')?;
            Some((name.trim().to_owned(), rest.split('>').next()?.trim().to_owned()))
        });
        let author = (change.author.name.trim().to_owned(), change.author.email.trim().to_owned());
        for (name, email) in std::iter::once(author).chain(also) {
            let known = seen.iter().any(|(other, address)| {
                *other == name || !email.is_empty() && address.eq_ignore_ascii_case(&email)
            });
            if !name.is_empty() && !name.ends_with("[bot]") && !known {
                seen.push((name, email));
            }
        }
    }
    seen.into_iter().map(|(name, _)| escape::line(&name, &|_, _| None)).collect()
}

#[cfg(test)]
mod tests {
    use super::{breaks, closes};

    #[test]
    fn footers() {
        let body = "Why.\n\nBREAKING CHANGE: the key is gone;\nset `b` instead\nCloses #12\nReviewed-by: Ada";
        assert_eq!(breaks(body).as_deref(), Some("the key is gone; set `b` instead Closes #12"));
        assert_eq!(breaks("BREAKING-CHANGE: x\nRefs: #1").as_deref(), Some("x"));
        assert_eq!(breaks("breaking"), None);
        let found: Vec<_> =
            closes("Fixes #1, resolves: #2.\nRefs #3, closes #x closes #1 Closed #44)").collect();
        assert_eq!(found, ["1", "2", "44"]);
    }
}
