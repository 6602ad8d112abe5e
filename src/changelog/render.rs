//! Renders the notes of one section with git-cliff-core's template engine. The date is an argument; the clock is not read.

use super::entries::{self, BREAKING, Entry, Groups, NotedCommit};
use super::escape;
use super::forge::Forge;
use super::notes_template::NotesTemplate;
use super::render_job::RenderJob;
use crate::error::{Error, Result};
use crate::model::{CommitId, Person, TagName, Timestamp};
use git_cliff_core::commit::{Commit, Range, Signature};
use git_cliff_core::contributor::RemoteContributor;
use git_cliff_core::release::Release;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What a section is rendered from.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// The title of its heading: a version, in a repository with several packages the tag, or `Unreleased`.
    pub title: String,
    /// The tag of the release; `None` for unreleased commits.
    pub tag: Option<TagName>,
    /// The release before it.
    pub previous: Option<(TagName, CommitId)>,
    /// The last commit.
    pub commit: CommitId,
    /// When it was or is released.
    pub timestamp: Option<Timestamp>,
    /// The day in the heading, where it is not that of the timestamp.
    pub day: Option<String>,
    /// The commits, the newest first.
    pub commits: Vec<NotedCommit<'a>>,
    /// Which of them are noted, and where.
    pub groups: Groups<'a>,
    /// The forge that is linked to.
    pub forge: Option<&'a Forge>,
    /// Whether the heading itself is a link; else the file has link definitions at its end.
    pub linked: bool,
}

impl Section<'_> {
    /// Returns the URL that shows the changes since the release before.
    pub fn page(&self) -> Option<String> {
        let forge = self.forge?;
        let to = self.tag.as_ref().map_or("HEAD", TagName::as_str);
        match (&self.previous, &self.tag) {
            (Some((previous, _)), _) => Some(forge.compare(previous.as_str(), to)),
            (None, Some(tag)) => Some(forge.tag(tag.as_str())),
            (None, None) => None,
        }
    }

    /// Returns whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn entries(&self) -> Vec<(&NotedCommit<'_>, Entry)> {
        let all = self.commits.iter().flat_map(|commit| {
            entries::entries(commit, self.groups, self.forge).into_iter().map(move |entry| (commit, entry))
        });
        all.collect()
    }
}

/// Renders a section: lines joined by LF, without a blank one at either end.
///
/// # Errors
///
/// The template cannot be rendered (2).
pub fn render(section: &Section<'_>, template: &NotesTemplate) -> Result<String> {
    let release = release(section, template);
    let rendered = render_part(&template.body, &release, section, template)?;
    let sanitized = escape::sanitize(&rendered);
    let notes = sanitized.trim_matches('\n').to_owned();
    Ok(if template.built_in { without_repeated_blank_lines(&notes) } else { notes })
}

/// Renders the text above and below the section in a new file.
///
/// # Errors
///
/// The template cannot be rendered (2).
pub fn frame(section: &Section<'_>, template: &NotesTemplate) -> Result<(String, String)> {
    let releases = json!({ "releases": [release(section, template)] });
    let part = |text: &Option<String>| match text {
        Some(text) => render_part(text, &releases, section, template)
            .map(|text| escape::sanitize(&text).trim_matches('\n').to_owned()),
        None => Ok(String::new()),
    };
    let header = if template.built_in { "# Changelog".to_owned() } else { part(&template.header)? };
    Ok((header, part(&template.footer)?))
}

fn render_part(
    text: &str,
    context: &impl serde::Serialize,
    section: &Section<'_>,
    template: &NotesTemplate,
) -> Result<String> {
    let failed =
        |why: String| Error::usage(format!("the template {} cannot be rendered", template.name)).cause(why);
    let job = RenderJob {
        text: text.to_owned(),
        trim: template.trim,
        context: serde_json::to_value(context).map_err(|error| failed(error.to_string()))?,
        variables: template_context(section),
        postprocessors: template.postprocessors.clone(),
    };
    match &template.renderer {
        Some(program) => job.render_in_process_of(program).map_err(failed),
        None => job.render().map_err(failed),
    }
}

/// Returns the variables of templates in addition to the release; `remote` and `github` are as in git-cliff without a network.
fn template_context(section: &Section<'_>) -> HashMap<String, Value> {
    let mut groups: Vec<String> = section.entries().into_iter().map(|(_, entry)| entry.group).collect();
    groups.sort_by(|a, b| (entries::rank(a), a).cmp(&(entries::rank(b), b)));
    groups.dedup();
    groups.insert(0, BREAKING.to_owned());
    let contributors = entries::contributors(&section.commits);
    let day = section.day.clone().or_else(|| section.timestamp.map(Timestamp::day));
    let url = section.page().filter(|_| section.linked);
    let mut context = HashMap::from([
        ("heading", json!({ "title": section.title, "url": url, "date": day })),
        ("groups", json!(groups)),
        ("commit_parsers_groups", json!(groups)),
        ("contributors", json!(contributors)),
    ]);
    let remote = section.forge.map(|forge| {
        let (owner, repo) = forge.owner_and_repository();
        json!({ forge.name(): { "owner": owner, "repo": repo }, "url": forge.base() })
    });
    context.insert("remote", remote.unwrap_or_else(|| json!({})));
    for word in ["github", "gitlab", "gitea", "bitbucket"] {
        context.insert(word, json!({ "contributors": [] }));
    }
    context.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn release(section: &Section<'_>, template: &NotesTemplate) -> Release<'static> {
    let commits: Vec<Commit<'static>> =
        section.entries().iter().map(|(noted, entry)| commit(noted, entry, section, template)).collect();
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
    // Without a timestamp, git-cliff-core would count the days up to now.
    if section.timestamp.is_some() { release.with_statistics() } else { release }
}

fn commit(
    noted: &NotedCommit<'_>,
    entry: &Entry,
    section: &Section<'_>,
    template: &NotesTemplate,
) -> Commit<'static> {
    let id = noted.classified.commit.id;
    let bang = if entry.breaking { "!" } else { "" };
    let header = format!("{}{bang}: {}", entry.kind, entry.text);
    let url = section.forge.map(|forge| forge.commit(&id.to_string()));
    let own_group = template.built_in && entry.breaking;
    let group = if own_group { BREAKING } else { &entry.group };
    let plain = Commit {
        id: id.to_string(),
        message: entry.text.clone(),
        group: Some(group.to_owned()),
        scope: entry.scope.clone(),
        author: signature(noted.author),
        committer: signature(noted.committer),
        remote: Some(RemoteContributor { pr_number: entry.number, ..RemoteContributor::default() }),
        extra: Some(
            json!({ "url": url, "short": id.short(), "closes": entry.closes, "breaks": entry.breaks }),
        ),
        raw_message: Some(header.clone()),
        ..Commit::default()
    };
    // Templates get body and footers from git-cliff's own parser; a message that it cannot parse has none.
    let whole = Commit { raw_message: Some(format!("{header}\n\n{}", entry.body)), ..plain.clone() };
    let parsed = whole.into_conventional().or_else(|_| plain.clone().into_conventional());
    parsed.unwrap_or(plain)
}

fn signature(person: &Person) -> Signature {
    let text = |text: &str| Some(escape::line(text, &|_, _| None));
    Signature { name: text(&person.name), email: text(&person.email), timestamp: person.seconds }
}

/// Reduces repeated blank lines to one.
fn without_repeated_blank_lines(notes: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for line in notes.lines() {
        if !(line.is_empty() && out.last().is_some_and(|last| last.is_empty())) {
            out.push(line);
        }
    }
    out.join("\n")
}
