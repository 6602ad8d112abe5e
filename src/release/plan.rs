//! What a release will do, as data: shown before it is done, shown by `--dry-run`, and then executed.

use super::leftovers::LocalTag;
use super::push::Push;
use crate::git::Sign;
use crate::model::{CommitId, Image, TagName, Trailers, Version};

/// Everything that a cut will do, in the order in which it is done.
#[derive(Clone, Debug)]
pub struct ReleasePlan {
    /// HEAD: the commit that the release is based on.
    pub head: CommitId,
    /// The commit that was built: HEAD or, where HEAD is a release commit of `rel`, the commit before it.
    pub build: CommitId,
    /// Local tags that an interrupted run left: deleted first.
    pub stale_tags: Vec<LocalTag>,
    /// Commands that must succeed first, as argument lists.
    pub before: Vec<Vec<String>>,
    /// What the release commit changes; empty where only the tag is created.
    pub files: Vec<PlannedFile>,
    /// The message of the release commit; `None` where only the tag is created.
    pub commit: Option<String>,
    /// The releases, one tag each.
    pub releases: Vec<PlannedRelease>,
    /// Whether to sign commit and tags.
    pub sign: Sign,
    /// Whether the tags will be signed, with git's own configuration taken into account.
    pub signed: bool,
    /// The one push of everything; `None` keeps the release local.
    pub push: Option<Push>,
}

/// A file of the release commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Relative to the top of the repository.
    pub path: String,
    /// The text in HEAD; `None` for a new file.
    pub before: Option<String>,
    /// The new text.
    pub after: String,
    /// What changes, in a few words.
    pub summary: String,
}

/// The release of one package.
#[derive(Clone, Debug)]
pub struct PlannedRelease {
    /// The package.
    pub package: String,
    /// The release before this one.
    pub previous: Option<(TagName, Version)>,
    /// The version that bumps are computed from; `None` for the first release.
    pub base: Option<Version>,
    /// The new version.
    pub version: Version,
    /// Its tag.
    pub tag: TagName,
    /// The sanitized Markdown notes below their heading.
    pub notes: String,
    /// The part of the notes that can be edited here: everything but what people wrote into the changelog.
    pub editable_notes: String,
    /// Why this version, in one sentence.
    pub reason: String,
    /// How many commits since the base do not affect the version.
    pub ignored_commits: usize,
    /// The images that get this version; only those that are built before the tag.
    pub images: Vec<PlannedImage>,
}

/// An image that gets its version tags.
#[derive(Clone, Debug)]
pub struct PlannedImage {
    /// The image as it was built.
    pub image: Image,
    /// The tags that it gets.
    pub tags: Vec<String>,
}

impl ReleasePlan {
    /// Returns the steps in their order: a verb, and what it is done to.
    pub fn steps(&self) -> Vec<(&'static str, String)> {
        let drop = |tag: &LocalTag| ("drop", format!("local tag {}, left by an interrupted run", tag.name));
        let mut steps: Vec<(&'static str, String)> = self.stale_tags.iter().map(drop).collect();
        steps.extend(self.before.iter().map(|words| ("run", command_line(words))));
        steps.extend(self.files.iter().map(|file| ("write", format!("{}: {}", file.path, file.summary))));
        if let Some(message) = &self.commit {
            steps.push(("commit", message.lines().next().unwrap_or_default().to_owned()));
        }
        let target = match &self.commit {
            Some(_) => "the release commit".to_owned(),
            None => self.head.short(),
        };
        let signed = if self.signed { ", signed" } else { "" };
        let tag = |release: &PlannedRelease| ("tag", format!("{} on {target}{signed}", release.tag));
        steps.extend(self.releases.iter().map(tag));
        if let Some(push) = &self.push {
            let tags: Vec<&str> = self.releases.iter().map(|release| release.tag.as_str()).collect();
            steps.push(("push", push.describe(&tags)));
            let images = self.releases.iter().flat_map(|release| &release.images);
            steps.extend(images.map(|PlannedImage { image, tags }| {
                let digest = format!("{} {} in {}", image.name, image.digest.short(), image.repository);
                ("retag", format!("{digest} as {}", tags.join(", ")))
            }));
        }
        steps
    }

    /// Returns the message of a release's tag: its name, the notes, and the trailers that later commands read. `run` is
    /// the id of this run, which makes the tags of two runs within one second differ.
    pub fn tag_message(&self, release: &PlannedRelease, run: &str) -> String {
        let trailers = Trailers {
            package: release.package.clone(),
            previous: release.previous.as_ref().map(|(tag, _)| tag.to_string()),
            build: self.build,
            run: Some(run.to_owned()),
            images: release.images.iter().map(|planned| planned.image.clone()).collect(),
        };
        let notes = release.notes.trim();
        let notes = if notes.is_empty() { String::new() } else { format!("{notes}\n\n") };
        format!("{}\n\n{notes}{trailers}\n", release.tag)
    }
}

/// Formats a command as it would be typed in a shell.
pub(super) fn command_line(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    let quoted = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
