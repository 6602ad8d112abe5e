//! What notes are wanted of, and what is needed to render them. Leans on `history` and `changelog`.

use super::file::split;
use crate::changelog::{self, Forge, Form, Groups, NotedCommit, Place, Section};
use crate::command::explain;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{CommitRange, Package, ReleaseContext};
use crate::model::{TagName, Timestamp, Version};
use crate::resolve::{in_one_package, version_tag};
use crate::version::{Next, VersionTag};
use serde_json::{Value, json};

/// What notes are wanted of.
#[derive(Debug)]
pub(super) enum Wanted {
    /// What no release has yet.
    Unreleased,
    /// A release.
    Release(VersionTag),
    /// What lies between two releases, or behind one.
    Range(VersionTag, Option<VersionTag>),
}

/// Notes before they are rendered.
pub(in crate::command) struct Notes<'w> {
    context: &'w Context,
    pub package: String,
    pub title: String,
    pub version: Option<Version>,
    pub tag: Option<TagName>,
    commit_range: CommitRange,
    timestamp: Option<Timestamp>,
    pub form: Form,
    forge: Option<Forge>,
}

impl Wanted {
    /// Reads the words of a command line; a tag names its package.
    pub(super) fn read(
        release_context: &ReleaseContext<'_>,
        packages: Vec<Package>,
        what: Option<&str>,
    ) -> Result<Vec<(Package, Wanted)>> {
        let Some(what) = what else {
            return Ok(packages.into_iter().map(|package| (package, Wanted::Unreleased)).collect());
        };
        let one = |package: &Package| match what.split_once("..") {
            None => version_tag(release_context, package, what).map(Wanted::Release),
            Some((from, to)) => {
                let to = to.trim_start_matches('.');
                let to = (!matches!(to, "" | "HEAD"))
                    .then(|| version_tag(release_context, package, to))
                    .transpose()?;
                Ok(Wanted::Range(version_tag(release_context, package, from)?, to))
            }
        };
        in_one_package(&packages, what, one).map(|found| vec![found])
    }

    /// Notes to be read.
    pub(super) fn notes<'w>(
        &self,
        context: &'w Context,
        release_context: &ReleaseContext<'_>,
        package: &Package,
    ) -> Result<Notes<'w>> {
        let commit_range = match self {
            Wanted::Unreleased => release_context.unreleased(package, None)?,
            Wanted::Release(tag) => release_context.released(package, tag)?,
            Wanted::Range(from, to) => release_context.range(package, Some(from.clone()), to.clone())?,
        };
        let tag = commit_range.release.clone();
        let timestamp = tag.as_ref().map(|tag| released_at(context, tag)).transpose()?.flatten();
        Notes::new(context, package, tag.map(|tag| (tag.version, tag.name)), timestamp, commit_range)
    }

    /// Notes for the file: what is unreleased needs the next version. `None` where there is nothing to write; `check`
    /// then looks at the last release.
    pub(super) fn for_file<'w>(
        &self,
        context: &'w Context,
        release_context: &ReleaseContext<'_>,
        package: &Package,
        check: bool,
    ) -> Result<Option<Notes<'w>>> {
        if let Wanted::Range(_, None) = self {
            return Err(Error::usage("a range up to HEAD has no version that could head it")
                .hint("without a range, the section of the next version is written"));
        }
        if !matches!(self, Wanted::Unreleased) {
            return self.notes(context, release_context, package).map(Some);
        }
        let decision = release_context.decide(package, false)?;
        explain::warn(context.ui(), &decision);
        match (&decision.next, &decision.current) {
            (Some(next), _) if next.already => {
                let tag = version_tag(release_context, package, next.tag.as_str())?;
                Wanted::Release(tag).notes(context, release_context, package).map(Some)
            }
            (Some(next), _) => Notes::next(context, release_context, package, next).map(Some),
            (None, Some(tag)) if check => {
                Wanted::Release(tag.clone()).notes(context, release_context, package).map(Some)
            }
            (None, _) => super::nothing(context, &decision).map(|()| None),
        }
    }
}

/// When a tag was made; a lightweight one does not say, so that its commit answers.
fn released_at(context: &Context, tag: &VersionTag) -> Result<Option<Timestamp>> {
    let repo = context.repo()?;
    let seconds = match repo.tagged(&tag.name) {
        Some(seconds) => seconds,
        None => repo.people(tag.commit)?.1.seconds,
    };
    Ok(Timestamp::from_seconds(seconds))
}

impl<'w> Notes<'w> {
    /// The notes of the next version.
    pub(in crate::command) fn next(
        context: &'w Context,
        release_context: &ReleaseContext<'_>,
        package: &Package,
        next: &Next,
    ) -> Result<Notes<'w>> {
        let head = Some((next.version.clone(), next.tag.clone()));
        Notes::new(
            context,
            package,
            head,
            Some(context.now()?),
            release_context.unreleased(package, Some(&next.version))?,
        )
    }

    /// The notes of any commit_range of commits.
    pub(in crate::command) fn between(
        context: &'w Context,
        package: &Package,
        commit_range: CommitRange,
    ) -> Result<Notes<'w>> {
        Notes::new(context, package, None, None, commit_range)
    }

    fn new(
        context: &'w Context,
        package: &Package,
        release: Option<(Version, TagName)>,
        timestamp: Option<Timestamp>,
        commit_range: CommitRange,
    ) -> Result<Notes<'w>> {
        let (version, tag) = release.unzip();
        // In a file that several packages share, the tag tells them apart.
        let title = match (&version, &tag) {
            (Some(_), Some(tag)) if package.rule.is_some() => tag.to_string(),
            (Some(version), _) => version.to_string(),
            _ => "Unreleased".to_owned(),
        };
        let url = context.repo()?.remote()?.and_then(|remote| remote.url);
        let (form, forge) = (form(context)?, url.as_deref().and_then(Forge::of));
        Ok(Notes {
            context,
            package: package.name.clone(),
            title,
            version,
            tag,
            commit_range,
            timestamp,
            form,
            forge,
        })
    }

    /// The section. `linked`: the heading itself is a link. `day`: what the heading says instead of the day of the release.
    pub(in crate::command) fn rendered(&self, linked: bool, day: Option<&str>) -> Result<String> {
        changelog::render(&self.section(linked, day)?, &self.form)
    }

    /// What stands below the heading.
    pub(in crate::command) fn body(&self) -> Result<String> {
        Ok(split(&self.rendered(true, None)?).1.to_owned())
    }

    /// What a new file begins and ends with.
    pub(super) fn frame(&self) -> Result<(String, String)> {
        changelog::frame(&self.section(true, None)?, &self.form)
    }

    /// The page of the release.
    pub(super) fn page(&self) -> Result<Option<String>> {
        Ok(self.section(true, None)?.page())
    }

    /// No commit is noted.
    pub(super) fn is_empty(&self) -> bool {
        self.section(true, None).is_ok_and(|section| section.is_empty())
    }

    /// What it stands on, in words.
    pub(super) fn since(&self) -> String {
        self.commit_range
            .from
            .as_ref()
            .map_or_else(|| "the first commit".to_owned(), |tag| tag.name.to_string())
    }

    /// `rel.changelog/1`, without its schema.
    pub(super) fn as_json(&self, notes: &str) -> Value {
        let from = self.commit_range.from.as_ref().map(|tag| &tag.name);
        json!({ "package": self.package, "version": self.version, "tag": self.tag, "from": from, "commit": self.commit_range.to, "notes": notes })
    }

    fn section(&self, linked: bool, day: Option<&str>) -> Result<Section<'_>> {
        let repo = self.context.repo()?;
        let config = self.context.config()?;
        let mut changes = Vec::new();
        for classified in self.commit_range.commits.iter().filter(|classified| classified.effect.counts) {
            let (author, committer) = repo.people(classified.commit.id)?;
            changes.push(NotedCommit { classified, author, committer });
        }
        Ok(Section {
            title: self.title.clone(),
            tag: self.tag.clone(),
            previous: self.commit_range.from.as_ref().map(|tag| (tag.name.clone(), tag.commit)),
            commit: self.commit_range.to,
            timestamp: self.timestamp,
            day: day.map(str::to_owned),
            changes,
            groups: Groups { configured: &config.changelog.groups, table: &config.version.bump },
            forge: self.forge.as_ref(),
            linked,
        })
    }
}

/// The form of notes that the configuration asks for.
fn form(context: &Context) -> Result<Form> {
    let Some(path) = &context.config()?.changelog.template else { return Ok(Form::keep_a_changelog()) };
    let text = match context.repo()?.work_tree() {
        Some(top) => Place::find(&top, path)?.read()?,
        None => context.repo()?.file_at_head(path)?,
    };
    match text {
        Some(text) => Form::read(path, &text),
        None => Err(Error::usage(format!("the template {path} is not there"))
            .hint("[changelog] template names it; without that line the form is that of Keep a Changelog")),
    }
}
