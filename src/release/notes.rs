//! The notes of a range of commits: gathered once, and rendered with the configured template.

use crate::changelog::{
    self, Forge, Groups, NotedCommit, NotesTemplate, Section, WorkTreeFile, split_section,
};
use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git_history::{CommitRange, Package, ReleaseContext};
use crate::model::{CommitId, Person, TagName, Timestamp, Version};
use crate::version::Next;

/// The notes of a range of commits.
pub struct Notes<'c> {
    /// The package.
    pub package: String,
    /// What the heading says: the version, in a repository with several packages the tag, or `Unreleased`.
    pub title: String,
    /// The version; `None` for unreleased commits.
    pub version: Option<Version>,
    /// Its tag.
    pub tag: Option<TagName>,
    config: &'c Config,
    range: CommitRange,
    /// Author and committer of each commit of the range that counts, in its order.
    people: Vec<(Person, Person)>,
    released_at: Option<Timestamp>,
    template: NotesTemplate,
    forge: Option<Forge>,
}

impl<'c> Notes<'c> {
    /// Gathers the notes of the next version.
    pub fn of_next(
        context: &'c Context,
        release_context: &ReleaseContext<'_>,
        package: &Package,
        next: &Next,
    ) -> Result<Notes<'c>> {
        let release = Some((next.version.clone(), next.tag.clone()));
        let range = release_context.unreleased(package, Some(&next.version))?;
        let head = context.repo()?.people(range.to)?.1.seconds;
        Notes::new(context, package, release, Some(context.release_time(head)?), range)
    }

    /// Gathers the notes of a range of commits that is not a release.
    pub fn of_range(context: &'c Context, package: &Package, range: CommitRange) -> Result<Notes<'c>> {
        Notes::new(context, package, None, None, range)
    }

    pub(super) fn new(
        context: &'c Context,
        package: &Package,
        release: Option<(Version, TagName)>,
        released_at: Option<Timestamp>,
        range: CommitRange,
    ) -> Result<Notes<'c>> {
        let (version, tag) = release.unzip();
        // In a file that several packages share, the tag tells them apart.
        let title = match (&version, &tag) {
            (Some(_), Some(tag)) if package.rule.is_some() => tag.to_string(),
            (Some(version), _) => version.to_string(),
            _ => "Unreleased".to_owned(),
        };
        let repo = context.repo()?;
        let counted = range.commits.iter().filter(|classified| classified.effect.counts);
        let people = counted.map(|classified| repo.people(classified.commit.id)).collect::<Result<_>>()?;
        let url = repo.remote()?.and_then(|remote| remote.url);
        Ok(Notes {
            package: package.name.clone(),
            title,
            version,
            tag,
            config: context.config()?,
            range,
            people,
            released_at,
            template: template(context)?,
            forge: url.as_deref().and_then(Forge::of),
        })
    }

    /// Renders the section. `linked`: the heading itself is a link. `day` replaces the day of the release in the heading.
    pub fn render(&self, linked: bool, day: Option<&str>) -> Result<String> {
        changelog::render(&self.section(linked, day), &self.template)
    }

    /// Renders the section and returns what is below its heading.
    pub(super) fn body(&self) -> Result<String> {
        Ok(split_section(&self.render(true, None)?).1.to_owned())
    }

    /// Renders what a new changelog begins and ends with.
    pub(super) fn frame(&self) -> Result<(String, String)> {
        changelog::frame(&self.section(true, None), &self.template)
    }

    /// Returns the URL that shows the changes of the release.
    pub(super) fn page(&self) -> Option<String> {
        self.section(true, None).page()
    }

    /// Returns whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.section(true, None).is_empty()
    }

    /// Returns the tag of the release before the range; `None` from the first commit.
    pub fn from(&self) -> Option<&TagName> {
        self.range.from.as_ref().map(|tag| &tag.name)
    }

    /// Returns the last commit of the range.
    pub fn to(&self) -> CommitId {
        self.range.to
    }

    fn section(&self, linked: bool, day: Option<&str>) -> Section<'_> {
        let counted = self.range.commits.iter().filter(|classified| classified.effect.counts);
        let commits = counted.zip(&self.people).map(|(classified, (author, committer))| NotedCommit {
            classified,
            author,
            committer,
        });
        Section {
            title: self.title.clone(),
            tag: self.tag.clone(),
            previous: self.range.from.as_ref().map(|tag| (tag.name.clone(), tag.commit)),
            commit: self.range.to,
            timestamp: self.released_at,
            day: day.map(str::to_owned),
            commits: commits.collect(),
            groups: Groups { configured: &self.config.changelog.groups, bumps: &self.config.version.bump },
            forge: self.forge.as_ref(),
            linked,
        }
    }
}

/// Reads the configured template.
fn template(context: &Context) -> Result<NotesTemplate> {
    let Some(path) = &context.config()?.changelog.template else {
        return Ok(NotesTemplate::keep_a_changelog());
    };
    let text = match context.repo()?.work_tree() {
        Some(top) => WorkTreeFile::find(&top, path)?.read()?,
        None => context.repo()?.file_at(context.repo()?.head()?.commit, path)?,
    };
    match text {
        Some(text) => Ok(NotesTemplate::parse(path, &text)?.rendered_by(context.program()?)),
        None => Err(Error::usage(format!("the template {path} does not exist"))
            .hint("create it, or remove [changelog] template to use the format of Keep a Changelog")),
    }
}
