//! Renders the notes of one section through git-cliff-core's templates. The date comes in as a value. Leans on `change`,
//! `cliff` and `git-cliff-core`.

use super::change::{self, BREAKING, Entry, Groups, NotedCommit};
use super::cliff::Form;
use super::escape;
use super::forge::Forge;
use crate::error::{Error, Result};
use crate::model::{CommitId, Person, TagName, Timestamp};
use git_cliff_core::commit::{Commit, Range, Signature};
use git_cliff_core::contributor::RemoteContributor;
use git_cliff_core::release::Release;
use git_cliff_core::template::Template;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What a section is about.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// What its heading says: a version, in a repository with several packages the tag, or `Unreleased`.
    pub title: String,
    /// The tag of the release; `None` for what is unreleased.
    pub tag: Option<TagName>,
    /// The release before.
    pub previous: Option<(TagName, CommitId)>,
    /// The last commit.
    pub commit: CommitId,
    /// When it was released, or is.
    pub timestamp: Option<Timestamp>,
    /// The day that the heading says; the timestamp's own, where nothing else is known.
    pub day: Option<String>,
    /// The commits, the newest first.
    pub changes: Vec<NotedCommit<'a>>,
    /// Which of them are noted.
    pub groups: Groups<'a>,
    /// Where links lead.
    pub forge: Option<&'a Forge>,
    /// The heading itself is a link; else the file keeps its links at its foot.
    pub linked: bool,
}

impl Section<'_> {
    /// The page that shows what lies between the release before and this one.
    pub fn page(&self) -> Option<String> {
        let forge = self.forge?;
        let to = self.tag.as_ref().map_or("HEAD", TagName::as_str);
        match (&self.previous, &self.tag) {
            (Some((previous, _)), _) => Some(forge.compare(previous.as_str(), to)),
            (None, Some(tag)) => Some(forge.tag(tag.as_str())),
            (None, None) => None,
        }
    }

    /// Whether nothing stands below the heading.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn entries(&self) -> Vec<(&NotedCommit<'_>, Entry)> {
        let all = self.changes.iter().flat_map(|change| {
            change::entries(change, self.groups, self.forge).into_iter().map(move |entry| (change, entry))
        });
        all.collect()
    }
}

/// Renders a section: lines joined by LF, without a blank one at either end.
pub fn render(section: &Section<'_>, form: &Form) -> Result<String> {
    let release = release(section, form);
    let rendered = through(&form.body, &release, section, form)?;
    let tamed = escape::tame(&rendered);
    let notes = tamed.trim_matches('\n').to_owned();
    Ok(if form.own { squeezed(&notes) } else { notes })
}

/// What stands above and below the section in a file that is new.
pub fn frame(section: &Section<'_>, form: &Form) -> Result<(String, String)> {
    let releases = json!({ "releases": [release(section, form)] });
    let part = |text: &Option<String>| match text {
        Some(text) => through(text, &releases, section, form)
            .map(|text| escape::tame(&text).trim_matches('\n').to_owned()),
        None => Ok(String::new()),
    };
    let header = if form.own { "# Changelog".to_owned() } else { part(&form.header)? };
    Ok((header, part(&form.footer)?))
}

fn through(
    template: &str,
    context: &impl serde::Serialize,
    section: &Section<'_>,
    form: &Form,
) -> Result<String> {
    let fault = |error: git_cliff_core::error::Error| {
        Error::usage(format!("the template {} cannot be rendered", form.name)).cause(error)
    };
    let template = Template::new("notes", template.to_owned(), form.trim).map_err(fault)?;
    template.render(context, Some(&around(section)), &form.postprocessors).map_err(fault)
}

/// What templates see beside the release itself; `remote` and `github` are as git-cliff has them without a network.
fn around(section: &Section<'_>) -> HashMap<&'static str, Value> {
    let mut groups: Vec<String> = section.entries().into_iter().map(|(_, entry)| entry.group).collect();
    groups.sort_by(|a, b| (change::rank(a), a).cmp(&(change::rank(b), b)));
    groups.dedup();
    groups.insert(0, BREAKING.to_owned());
    let contributors =
        change::contributors(section.changes.iter().filter(|change| change.classified.effect.counts));
    let day = section.day.clone().or_else(|| section.timestamp.map(Timestamp::day));
    let url = section.page().filter(|_| section.linked);
    let mut around = HashMap::from([
        ("heading", json!({ "title": section.title, "url": url, "date": day })),
        ("groups", json!(groups)),
        ("commit_parsers_groups", json!(groups)),
        ("contributors", json!(contributors)),
    ]);
    let remote = section.forge.map(|forge| {
        let (owner, repo) = forge.names();
        json!({ forge.word(): { "owner": owner, "repo": repo }, "url": forge.base() })
    });
    around.insert("remote", remote.unwrap_or_else(|| json!({})));
    for word in ["github", "gitlab", "gitea", "bitbucket"] {
        around.insert(word, json!({ "contributors": [] }));
    }
    around
}

fn release(section: &Section<'_>, form: &Form) -> Release<'static> {
    let commits: Vec<Commit<'static>> =
        section.entries().iter().map(|(change, entry)| commit(change, entry, section, form)).collect();
    let bare = |tag: &TagName, id: CommitId| Release {
        version: Some(tag.to_string()),
        commit_id: Some(id.to_string()),
        ..Release::default()
    };
    let range = commits.last().zip(commits.first()).map(|(from, to)| Range::new(from, to));
    let release = Release {
        version: section.tag.as_ref().map(ToString::to_string),
        commit_id: Some(section.commit.to_string()),
        timestamp: section.timestamp.map(Timestamp::seconds),
        previous: section.previous.as_ref().map(|(tag, id)| Box::new(bare(tag, *id))),
        commit_range: range,
        commits,
        ..Release::default()
    };
    // Without a time of its own, git-cliff-core would count the days up to now.
    if section.timestamp.is_some() { release.with_statistics() } else { release }
}

fn commit(change: &NotedCommit<'_>, entry: &Entry, section: &Section<'_>, form: &Form) -> Commit<'static> {
    let id = change.classified.commit.id;
    let bang = if entry.breaking { "!" } else { "" };
    let header = format!("{}{bang}: {}", entry.kind, entry.text);
    let url = section.forge.map(|forge| forge.commit(&id.to_string()));
    let own_group = form.own && entry.breaking;
    let group = if own_group { BREAKING } else { &entry.group };
    let plain = Commit {
        id: id.to_string(),
        message: entry.text.clone(),
        group: Some(group.to_owned()),
        scope: entry.scope.clone(),
        author: signature(&change.author),
        committer: signature(&change.committer),
        remote: Some(RemoteContributor { pr_number: entry.number, ..RemoteContributor::default() }),
        extra: Some(
            json!({ "url": url, "short": id.short(), "closes": entry.closes, "breaks": entry.breaks }),
        ),
        raw_message: Some(header.clone()),
        ..Commit::default()
    };
    // Templates read body and footers of what git-cliff parsed; a message that it does not parse has none.
    let whole = Commit { raw_message: Some(format!("{header}\n\n{}", entry.body)), ..plain.clone() };
    let parsed = whole.into_conventional().or_else(|_| plain.clone().into_conventional());
    parsed.unwrap_or(plain)
}

fn signature(person: &Person) -> Signature {
    let text = |text: &str| Some(escape::line(text, &|_, _| None));
    Signature { name: text(&person.name), email: text(&person.email), timestamp: person.seconds }
}

/// At most one blank line in a row.
fn squeezed(notes: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for line in notes.lines() {
        if !(line.is_empty() && out.last().is_some_and(|last| last.is_empty())) {
            out.push(line);
        }
    }
    out.join("\n")
}
